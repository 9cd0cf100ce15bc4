"""A function per op type: ``tf.raw_ops.MatMul`` by its name, ``gen_math_ops.mat_mul`` by that in small letters."""
from __future__ import annotations

import inspect
import re
from collections.abc import Callable
from functools import cache
from typing import Any

from ..errors import InvalidType, did_you_mean
from ..graph.opdef import find_op, op_types
from ..ops import names
from .calls import raw
from .modules import Module
from .named import named

EXPORTS = """
tf: raw_ops
"""

HIDDEN = frozenset(("Abs All Any Assert ClipByValue Complex Exit FusedBatchNorm HistogramFixedWidth If Max Min Pow "
                    "Print Range Slice Sum While").split())
"""Ops whose functions TensorFlow begins with ``_``, for another is public by that name."""


@cache
def _types() -> dict[str, str]:
    return {op_type.lower(): op_type for op_type in names()}


def function_of(name: str) -> Callable[..., Any] | None:
    """The function that makes an op, as ``relu_grad`` a ReluGrad; None where there is no such op.

    ``_relu_grad``, as names were before TensorFlow 1.8, is the same.
    """
    op_type = _types().get(name.replace("_", ""))
    return None if op_type is None else raw(op_type, name)


class RawOps(Module):
    """``tf.raw_ops``: every op of the table, each called by keywords alone."""

    def __getattr__(self, name: str) -> Any:
        if find_op(name) is None:
            near = did_you_mean(name, op_types()) or "docs/ops.md has the ops that there are"
            raise AttributeError(f"graphcli has no tf.raw_ops.{name} ({near})", name=name, obj=self)
        words = re.sub(r"(?<=[a-z])(?=[A-Z])|(?<=[A-Z0-9])(?=[A-Z][a-z])", "_", name).lower()
        made = _by_keyword(raw(name, f"_{words}" if name in HIDDEN else words))
        self.__dict__[name] = made
        return made

    def __contains__(self, name: str) -> bool:
        return find_op(name) is not None

    def __dir__(self) -> list[str]:
        return op_types()


def _by_keyword(function: Callable[..., Any]) -> Callable[..., Any]:
    """The function, called by keywords. Raises InvalidType for arguments that are given by their places."""
    name, signature = function.__name__, inspect.signature(function)

    def call(*args: Any, **by_name: Any) -> Any:
        if args:
            raise InvalidType(f"{name} only takes keyword args (possible keys: {list(signature.parameters)}). Please "
                              "pass these args as kwargs instead.")
        return function(**by_name)

    return named(call, name, function.__doc__ or "", signature)


raw_ops = RawOps("raw_ops", {})
