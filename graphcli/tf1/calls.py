"""Functions that make one node of an op type, under TF1's names for their arguments."""
from __future__ import annotations

import inspect
from collections.abc import Callable
from functools import cache, wraps
from typing import Any

from ..errors import InvalidType
from ..graph.opdef import find_op, get_op


@cache
def raw(op_type: str) -> Callable[..., Any]:
    """A function ``f(input…, attr…, name=None)`` that makes one node (tf.raw_ops)."""
    opdef = get_op(op_type)
    args = [a.name for a in opdef.inputs]
    attrs = [k for k in opdef.attrs if k not in opdef.inferred]
    return caller(op_type, op_type, args, attrs, opdef.doc)


def caller(name: str, op_type: str, args: list[str], attrs: list[str], doc: str) -> Callable[..., Any]:
    """A function of the given argument names that makes one node of ``op_type``."""
    opdef = find_op(op_type)
    defaults = opdef.defaults if opdef else {}
    parameters = [inspect.Parameter(a.rstrip("="), inspect.Parameter.POSITIONAL_OR_KEYWORD) for a in args]
    ordered = sorted(attrs, key=lambda k: k in defaults)
    parameters += [inspect.Parameter(k, inspect.Parameter.POSITIONAL_OR_KEYWORD,
                                     default=defaults.get(k, inspect.Parameter.empty)) for k in ordered]
    parameters.append(inspect.Parameter("name", inspect.Parameter.POSITIONAL_OR_KEYWORD, default=None))
    signature = inspect.Signature(parameters)
    total = len(args)

    from .framework import apply_op

    def call(*values: Any, **keywords: Any) -> Any:
        if len(values) == total and not (keywords.keys() - {"name"}):
            return apply_op(op_type, keywords.get("name"), values)
        try:
            bound = signature.bind(*values, **keywords)
        except TypeError as error:
            raise InvalidType(f"{name}(): {error}", hint=f"{name}{signature}") from None
        given = bound.arguments
        node_name = given.pop("name", None)
        return apply_op(op_type, node_name, [given.pop(a) for a in args], given)

    call.__name__ = call.__qualname__ = name
    call.__doc__ = doc
    call.__signature__ = signature  # type: ignore[attr-defined]
    return call


def over_values(function: Callable[..., Any]) -> Callable[..., Any]:
    """A function of one tensor that takes a sparse tensor too, of whose values it is."""
    @wraps(function)
    def call(*args: Any, **keywords: Any) -> Any:
        try:
            return function(*args, **keywords)
        except InvalidType:
            # as in TensorFlow, after the names that the call took in vain
            x: Any = args[0] if args else keywords.get("x")
            if not hasattr(x, "with_values"):
                raise
            return x.with_values(function(x.values, *args[1:], **{k: v for k, v in keywords.items() if k != "x"}))

    return call


def elementwise(name: str, op_type: str, *args: str) -> Callable[..., Any]:
    """The TF1 call ``name`` of an op type that has inputs only; ``args`` are TF1's names for them."""
    opdef = find_op(op_type)
    names = list(args) or [a.name for a in opdef.inputs] if opdef else ["x"]
    return caller(name, op_type, names, [], opdef.doc if opdef else "")
