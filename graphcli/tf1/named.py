"""Functions that are made by other functions, and are called by names of their own in tracebacks, help and scopes."""
from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any, TypeVar

Function = TypeVar("Function", bound=Callable[..., Any])


def named(function: Function, name: str, doc: str, signature: inspect.Signature | None = None) -> Function:
    """The function, which from now on has this name and docstring, and this signature where one is given."""
    function.__name__ = function.__qualname__ = name
    function.__doc__ = doc
    if signature is not None:
        function.__signature__ = signature  # type: ignore[attr-defined]
    return function
