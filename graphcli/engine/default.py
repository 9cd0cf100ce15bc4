"""The default session of this thread (tf.get_default_session)."""
from __future__ import annotations

import threading
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .session import Session


class _Stack(threading.local):
    def __init__(self) -> None:
        self.sessions: list[Session] = []


_stack = _Stack()


def get_default_session() -> Session | None:
    """The innermost session of a ``with``, None outside."""
    return _stack.sessions[-1] if _stack.sessions else None


def push(session: Session) -> None:
    _stack.sessions.append(session)


def pop(session: Session) -> None:
    if session in _stack.sessions:
        _stack.sessions.remove(session)
