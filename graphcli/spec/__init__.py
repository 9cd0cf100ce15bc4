"""Specs: YAML text -> located tree -> checked document -> calls of ``tf`` that make the Graph."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .editors import json_schema
    from .result import BuiltGraph, Call, Declaration, Device, OpenedScope, Spec
    from .spec import load_spec

__all__ = [
    "BuiltGraph",
    "Call",
    "Declaration",
    "Device",
    "OpenedScope",
    "Spec",
    "json_schema",
    "load_spec",
]

_FILES = {"load_spec": "spec", "json_schema": "editors"}


def __getattr__(name: str) -> Any:
    if name not in __all__:
        raise AttributeError(name)
    from importlib import import_module

    return getattr(import_module(f"{__name__}.{_FILES.get(name, 'result')}"), name)
