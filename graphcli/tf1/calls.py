"""Functions that make one node of an op type, under TF1's names for their arguments."""
from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from functools import cache, wraps
from typing import Any

from ..errors import InvalidType
from ..graph.opdef import find_op, get_op
from .named import named

RENAMED = {"reduction_indices": "axis", "split_dim": "axis", "squeeze_dims": "axis", "ExpandDims.dim": "axis",
           "ReduceJoin.reduction_indices": "reduction_indices", "SparseSplit.split_dim": "split_dim",
           "Select.t": "x", "Select.e": "y", "Where.input": "condition"}
"""Inputs and attrs of GraphDef, in all ops or in one, that are arguments by another name (tf.raw_ops)."""


@cache
def raw(op_type: str, name: str = "") -> Callable[..., Any]:
    """A function ``f(input…, attr…, name=None)`` that makes one node, by TensorFlow's names: the inputs, then the attrs
    that do not follow from them. name: its own, that of the op type where it is left out."""
    opdef = get_op(op_type)

    def argument(key: str) -> str:
        return RENAMED.get(f"{op_type}.{key}", RENAMED.get(key, key))

    attrs = {argument(k): k for k in opdef.attrs if k not in opdef.inferred}
    return caller(name or op_type, op_type, [argument(a.name) for a in opdef.inputs], attrs, opdef.doc)


def caller(name: str, op_type: str, args: list[str], attrs: Mapping[str, str], doc: str) -> Callable[..., Any]:
    """A function of the given argument names that makes one node of ``op_type``. attrs: by their arguments."""
    opdef = find_op(op_type)
    defaults = opdef.defaults if opdef else {}
    parameters = [inspect.Parameter(a.rstrip("="), inspect.Parameter.POSITIONAL_OR_KEYWORD) for a in args]
    ordered = sorted(attrs, key=lambda a: attrs[a] in defaults)
    parameters += [inspect.Parameter(a, inspect.Parameter.POSITIONAL_OR_KEYWORD,
                                     default=defaults.get(attrs[a], inspect.Parameter.empty)) for a in ordered]
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
        inputs = [given.pop(a) for a in args]
        return apply_op(op_type, node_name, inputs, {attrs[a]: value for a, value in given.items()})

    return named(call, name, doc, signature)


def over_values(function: Callable[..., Any]) -> Callable[..., Any]:
    """A function of one tensor that takes a sparse tensor too, of whose values it is."""
    @wraps(function)
    def call(*args: Any, **keywords: Any) -> Any:
        try:
            return function(*args, **keywords)
        except InvalidType:
            # as in TensorFlow, after the names that the call took in vain
            x: Any = args[0] if args else keywords.get("x")
            if not hasattr(x, "with_values") or not hasattr(x, "dense_shape"):
                raise
            return x.with_values(function(x.values, *args[1:], **{k: v for k, v in keywords.items() if k != "x"}))

    return call


def elementwise(name: str, op_type: str, *args: str) -> Callable[..., Any]:
    """The TF1 call ``name`` of an op type that has inputs only; ``args`` are TF1's names for them."""
    opdef = find_op(op_type)
    names = list(args) or [a.name for a in opdef.inputs] if opdef else ["x"]
    return caller(name, op_type, names, {}, opdef.doc if opdef else "")
