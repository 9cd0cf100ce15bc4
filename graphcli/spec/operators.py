"""Operators of expressions: Python's own on its values, on tensors what the overloads of TensorFlow do, with a name."""

from __future__ import annotations

import ast
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from ..errors import InvalidType, InvalidValue
from . import python_ops
from .env import Env
from .vocabulary import Vocabulary

if TYPE_CHECKING:
    from .expr import Interpreter

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
SPARSE: dict[type, str] = {ast.Mult: "mul", ast.Div: "truediv"}
"""Of a sparse tensor and a dense one."""
COMPARE: dict[type, str] = {
    ast.Lt: "less",
    ast.LtE: "less_equal",
    ast.Gt: "greater",
    ast.GtE: "greater_equal",
    ast.Eq: "equal",
    ast.NotEq: "not_equal",
}
UNARY: dict[type, Callable[[Any], Any]] = {
    ast.USub: lambda v: -v,
    ast.UAdd: lambda v: +v,
    ast.Invert: lambda v: ~v,
    ast.Not: lambda v: not v,
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


def binary(i: Interpreter, n: ast.BinOp, env: Env, name: str | None) -> Any:
    kind = type(n.op)
    python = python_ops.BINARY.get(kind)
    if python is None:
        raise InvalidValue(f"the operator {kind.__name__} is not part of the language", i.place.span(n))
    left, right = i.visit(n.left, env), i.visit(n.right, env)
    words = i.words
    if kind in SPARSE and hasattr(left, "scaled"):
        return i.run(n, left.scaled, SPARSE[kind], right, name)
    tensor = words.is_tensor(left) or words.is_tensor(right)
    if not tensor:
        try:
            return i.run(n, lambda: python_ops.check_size(python_ops.told(kind, python, left, right)))
        except InvalidType as e:
            if i.initializer:
                e.hint = e.hint or "in initializer: names are initializers first; tf.constant, tf.ones make tensors"
            raise
    if name is None:
        return i.run(n, python, left, right)
    return i.run(n, named_binary, i.words, kind, left, right, name)


def unary(i: Interpreter, n: ast.UnaryOp, env: Env, name: str | None) -> Any:
    value = i.visit(n.operand, env)
    kind = type(n.op)
    tf = i.words.tf
    if not i.words.is_tensor(value):
        return i.run(n, python_ops.told, kind, UNARY[kind], value)
    if kind in (ast.Not, ast.UAdd):
        raise InvalidType(
            "'not' and unary '+' are for Python values",
            i.place.span(n),
            hint="logical_not(x) or ~x" if kind is ast.Not else None,
        )
    if name is None:
        return i.run(n, UNARY[kind], value)
    if kind is ast.USub:
        return i.run(n, tf.negative, value, name=name)
    named = tf.logical_not if value.dtype.base_dtype == tf.bool else tf.bitwise.invert
    return i.run(n, named, value, name=name)


def compare(i: Interpreter, n: ast.Compare, env: Env, name: str | None) -> Any:
    for o in n.ops:
        if type(o) not in python_ops.COMPARE:
            raise InvalidValue("only < <= > >= == != are comparisons of the language", i.place.span(n))
    values = [i.visit(v, env) for v in (n.left, *n.comparators)]
    words = i.words
    if not any(words.is_tensor(v) for v in values):
        return i.run(
            n,
            lambda: all(python_ops.told(type(o), python_ops.COMPARE[type(o)], a, b)
                        for o, a, b in zip(n.ops, values, values[1:])),
        )
    if len(n.ops) > 1:
        raise InvalidType(
            "a chained comparison of tensors is refused", i.place.span(n), hint="(a < b) & (b < c)"
        )
    kind = type(n.ops[0])
    left, right = values
    if name is None and kind not in (ast.Eq, ast.NotEq):
        return i.run(n, python_ops.COMPARE[kind], left, right)
    function = COMPARE[kind]
    if not words.is_tensor(left):  # Python reflects a < b to b > a
        function, left, right = MIRROR.get(function, function), right, left
    return i.run(n, getattr(words.tf, function), left, right, name=name)


def boolean(i: Interpreter, n: ast.BoolOp, env: Env, name: str | None) -> Any:
    value = None
    for v in n.values:
        value = i.visit(v, env)
        if i.words.is_tensor(value):
            raise InvalidType(
                "'and' and 'or' are for Python values",
                i.place.span(n),
                hint="write logical_and, logical_or, & or |",
            )
        if i.run(n, bool, value) == isinstance(n.op, ast.Or):
            break
    return value
