"""Python's operators on tensors, with a name: what the overloads of TensorFlow do."""

from __future__ import annotations

import ast
from typing import Any

from .vocabulary import Vocabulary

BINARY: dict[type, tuple[str, str]] = {
    ast.Add: ("add", "add"),
    ast.Sub: ("sub", "subtract"),
    ast.Mult: ("mul", "multiply"),
    ast.Div: ("truediv", "truediv"),
    ast.FloorDiv: ("floordiv", "floordiv"),
    ast.Mod: ("mod", "floormod"),
    ast.Pow: ("pow", "pow"),
    ast.MatMult: ("matmul", "matmul"),
}
BITWISE: dict[type, tuple[str, str]] = {
    ast.BitAnd: ("logical_and", "bitwise_and"),
    ast.BitOr: ("logical_or", "bitwise_or"),
    ast.BitXor: ("logical_xor", "bitwise_xor"),
}
COMPARE: dict[type, str] = {
    ast.Lt: "less",
    ast.LtE: "less_equal",
    ast.Gt: "greater",
    ast.GtE: "greater_equal",
    ast.Eq: "equal",
    ast.NotEq: "not_equal",
}
MIRROR = {"less": "greater", "greater": "less", "less_equal": "greater_equal", "greater_equal": "less_equal"}


def named_binary(words: Vocabulary, kind: type, left: Any, right: Any, name: str) -> Any:
    """As the overload does it: the constant on the other side stands in the op's own name scope."""
    tf = words.tf
    reflected = not words.is_tensor(left)
    if reflected:
        right = right if isinstance(right, words.tensor) else right.value()
    elif not isinstance(left, words.tensor):
        left = left.value()
    if kind in BITWISE:
        logical, bitwise = BITWISE[kind]
        dtype = (right if reflected else left).dtype.base_dtype
        f = getattr(tf, logical) if dtype == tf.bool else getattr(tf.bitwise, bitwise)
        return f(left, right, name=name)
    scope, function = BINARY[kind]
    with tf.name_scope(name, scope, [left, right]) as inner:
        if reflected:
            left = tf.convert_to_tensor(left, right.dtype.base_dtype, name="x")
        return getattr(tf, function)(left, right, name=inner)
