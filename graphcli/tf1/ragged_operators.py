"""The operators of ragged tensors: the functions of ``tf``, in no scopes of their own (``rt + 1`` is ``tf.add``)."""
from __future__ import annotations

from collections.abc import Callable
from typing import Any

from .modules import modules

tf = modules["tf"]

BINARY = {"add": "add", "sub": "subtract", "mul": "multiply", "truediv": "truediv", "floordiv": "floordiv",
          "mod": "floormod", "pow": "pow", "and": "logical_and", "or": "logical_or", "xor": "logical_xor"}
COMPARE = {"lt": "less", "le": "less_equal", "gt": "greater", "ge": "greater_equal"}
UNARY = {"neg": "negative", "abs": "abs", "invert": "logical_not"}


def _forward(name: str) -> Callable[[Any, Any], Any]:
    return lambda x, y: getattr(tf, name)(x, y)


def _reflected(name: str) -> Callable[[Any, Any], Any]:
    return lambda y, x: getattr(tf, name)(x, y)


def _unary(name: str) -> Callable[[Any], Any]:
    return lambda x: getattr(tf, name)(x)


def _getitem(rt: Any, key: Any) -> Any:
    from .ragged_slicing import getitem

    return getitem(rt, key)


def install(cls: Any) -> None:
    """Puts the operators on the class."""
    for operator, name in BINARY.items():
        setattr(cls, f"__{operator}__", _forward(name))
        setattr(cls, f"__r{operator}__", _reflected(name))
    for operator, name in COMPARE.items():
        setattr(cls, f"__{operator}__", _forward(name))
    for operator, name in UNARY.items():
        setattr(cls, f"__{operator}__", _unary(name))
    cls.__getitem__ = _getitem
