"""The engine: graph + fetches -> Plan -> values."""
from __future__ import annotations

from .default import get_default_session
from .fetches import IndexedSlicesValue
from .plan import Plan, Step
from .planner import make_plan
from .session import Session
from .state import State

__all__ = ["IndexedSlicesValue", "Plan", "Session", "State", "Step", "get_default_session", "make_plan"]
