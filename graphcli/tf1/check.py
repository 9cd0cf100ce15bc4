"""Assertions: what can be decided while the graph is built is, the rest is an Assert op."""
from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from ..errors import GraphError, InvalidArgument, InvalidType, InvalidValue, said
from ..graph.constant import static_value
from ..graph.types import as_dtype, float32, int32, string
from .conversion import convert_to_tensor, is_tensor
from .framework import apply_op, name_scope
from .grouping import no_op, with_dependencies
from .sparse_tensor import is_sparse

EXPORTS = """
tf debugging: Assert assert_equal assert_less assert_less_equal assert_greater assert_greater_equal
tf debugging: assert_negative assert_positive assert_non_negative assert_non_positive assert_near
tf debugging: assert_integer assert_type assert_scalar
tf debugging: is_numeric_tensor assert_same_float_dtype
tf: assert_none_equal verify_tensor_all_finite Print add_check_numerics_ops
tf debugging: assert_proper_iterable
debugging: assert_none_equal assert_all_finite=verify_tensor_all_finite
"""


class AssertionRefused(InvalidArgument):
    """An assertion that is known to fail while the graph is built (InvalidArgumentError)."""


def Assert(condition: Any, data: Any, summarize: int | None = None, name: str | None = None) -> Any:
    """A run error that shows ``data`` unless the condition holds (tf.Assert); returns the op."""
    from . import cond

    with name_scope(name, "Assert", [condition, data]):
        if not isinstance(data, (list, tuple)):
            raise InvalidType(f"the data of Assert is a list of values to show, not {said(data)}")
        if not data:
            raise InvalidValue("Assert shows at least one value, and its data are an empty list")
        shown = [convert_to_tensor(x) for x in data]
        if all(x.dtype.base_dtype in (string, int32) for x in shown):
            return _assert(condition, data, summarize)
        condition = convert_to_tensor(condition, name="Condition")
        return cond(condition, no_op, lambda: _assert(condition, data, summarize), name="AssertGuard").op


def _assert(condition: Any, data: Any, summarize: int | None) -> Any:
    return apply_op("Assert", "Assert", [condition, data], {"summarize": summarize})


def Print(input_: Any, data: Any, message: str | None = None, first_n: int | None = None,
          summarize: int | None = None, name: str | None = None) -> Any:
    """The same value; ``data`` is written to stderr when it passes (tf.Print)."""
    return apply_op("Print", name, [input_, data], {"message": message, "first_n": first_n, "summarize": summarize})


def assert_proper_iterable(values: Any) -> None:
    """Raises InvalidType for what is no list or the like of values (tf.debugging.assert_proper_iterable): text, arrays
    and tensors are none."""
    if is_tensor(values) or is_sparse(values) or isinstance(values, (str, bytes, np.ndarray)):
        raise InvalidType(f"a list or the like of values is wanted, not a {type(values).__name__}")
    if not hasattr(values, "__iter__"):
        raise InvalidType(f"values to go through are wanted, not a {type(values).__name__}")


def prefix(message: str | None) -> str:
    return f"{message}.  " if message else ""


def _shown(x: Any) -> str:
    value = static_value(x) if is_tensor(x) else x
    return str(x.name if value is None else np.asarray(value).tolist() if is_tensor(x) else value)


def _binary(sign: str, word: str, op: str, holds: Callable[..., Any], x: Any, y: Any, data: Any,
            summarize: int | None, message: str | None, name: str | None) -> Any:
    from . import reduce_all

    with name_scope(name, word, [x, y, data]):
        x = convert_to_tensor(x, name="x")
        y = convert_to_tensor(y, name="y")
        if data is None:
            data = [f"Condition x {sign} y did not hold element-wise:", f"x ({x.name}) = ", x, f"y ({y.name}) = ", y]
        if message is not None:
            data = [message, *data]
        condition = reduce_all(apply_op(op, None, [x, y]))
        a, b = static_value(x), static_value(y)
        if a is not None and b is not None and not np.all(holds(a, b)):
            raise AssertionRefused(" ".join(_shown(d) for d in data))
        return Assert(condition, data, summarize=summarize)


def assert_equal(x: Any, y: Any, data: Any = None, summarize: int | None = None, message: str | None = None,
                 name: str | None = None) -> Any:
    """x == y everywhere (tf.assert_equal). Raises InvalidValue where it is known to fail."""
    with name_scope(name, "assert_equal", [x, y, data]):
        if x is y:
            return no_op()
    return _binary("==", "assert_equal", "Equal", np.equal, x, y, data, summarize, message, name)


def assert_none_equal(x: Any, y: Any, data: Any = None, summarize: int | None = None, message: str | None = None,
                      name: str | None = None) -> Any:
    """x != y everywhere (tf.assert_none_equal)."""
    return _binary("!=", "assert_none_equal", "NotEqual", np.not_equal, x, y, data, summarize, message, name)


def assert_less(x: Any, y: Any, data: Any = None, summarize: int | None = None, message: str | None = None,
                name: str | None = None) -> Any:
    """x < y everywhere (tf.assert_less)."""
    return _binary("<", "assert_less", "Less", np.less, x, y, data, summarize, message, name)


def assert_less_equal(x: Any, y: Any, data: Any = None, summarize: int | None = None, message: str | None = None,
                      name: str | None = None) -> Any:
    """x <= y everywhere (tf.assert_less_equal)."""
    return _binary("<=", "assert_less_equal", "LessEqual", np.less_equal, x, y, data, summarize, message, name)


def assert_greater(x: Any, y: Any, data: Any = None, summarize: int | None = None, message: str | None = None,
                   name: str | None = None) -> Any:
    """x > y everywhere (tf.assert_greater)."""
    return _binary(">", "assert_greater", "Greater", np.greater, x, y, data, summarize, message, name)


def assert_greater_equal(x: Any, y: Any, data: Any = None, summarize: int | None = None,
                         message: str | None = None, name: str | None = None) -> Any:
    """x >= y everywhere (tf.assert_greater_equal)."""
    return _binary(">=", "assert_greater_equal", "GreaterEqual", np.greater_equal, x, y, data, summarize, message,
                   name)


def _sign(word: str, law: str, x: Any, data: Any, summarize: int | None, message: str | None, name: str | None,
          check: Callable[..., Any], flip: bool) -> Any:
    with name_scope(name, word, [x, data]):
        x = convert_to_tensor(x, name="x")
        if data is None:
            data = [prefix(message), f"Condition {law} did not hold element-wise:", f"x ({x.name}) = ", x]
            if word == "assert_non_positive":
                data[1:3] = [data[1] + data[2]]
        zero = convert_to_tensor(0, dtype=x.dtype.base_dtype)
        return check(zero, x, data=data, summarize=summarize) if flip else \
            check(x, zero, data=data, summarize=summarize)


def assert_negative(x: Any, data: Any = None, summarize: int | None = None, message: str | None = None,
                    name: str | None = None) -> Any:
    """x < 0 everywhere (tf.assert_negative)."""
    return _sign("assert_negative", "x < 0", x, data, summarize, message, name, assert_less, False)


def assert_positive(x: Any, data: Any = None, summarize: int | None = None, message: str | None = None,
                    name: str | None = None) -> Any:
    """x > 0 everywhere (tf.assert_positive)."""
    return _sign("assert_positive", "x > 0", x, data, summarize, message, name, assert_less, True)


def assert_non_negative(x: Any, data: Any = None, summarize: int | None = None, message: str | None = None,
                        name: str | None = None) -> Any:
    """x >= 0 everywhere (tf.assert_non_negative)."""
    return _sign("assert_non_negative", "x >= 0", x, data, summarize, message, name, assert_less_equal, True)


def assert_non_positive(x: Any, data: Any = None, summarize: int | None = None, message: str | None = None,
                        name: str | None = None) -> Any:
    """x <= 0 everywhere (tf.assert_non_positive)."""
    return _sign("assert_non_positive", "x <= 0", x, data, summarize, message, name, assert_less_equal, False)


def assert_near(x: Any, y: Any, rtol: Any = None, atol: Any = None, data: Any = None, summarize: int | None = None,
                message: str | None = None, name: str | None = None) -> Any:
    """|x - y| < atol + rtol * |y| everywhere (tf.assert_near); both tolerances are 10 epsilons by default."""
    from . import abs, less, reduce_all

    with name_scope(name, "assert_near", [x, y, rtol, atol, data]):
        x = convert_to_tensor(x, name="x")
        y = convert_to_tensor(y, name="y", dtype=x.dtype)
        kind = x.dtype.base_dtype.real_dtype
        tiny = 10 * np.finfo(kind.as_numpy_dtype).eps
        rtol = convert_to_tensor(tiny if rtol is None else rtol, name="rtol", dtype=kind)
        atol = convert_to_tensor(tiny if atol is None else atol, name="atol", dtype=kind)
        if data is None:
            data = [prefix(message), f"x and y not equal to tolerance rtol = {rtol}, atol = {atol}",
                    f"x ({x.name}) = ", x, f"y ({y.name}) = ", y]
        allowed = atol + rtol * abs(y)
        return Assert(reduce_all(less(abs(x - y), allowed)), data, summarize=summarize)


def assert_integer(x: Any, message: str | None = None, name: str | None = None) -> Any:
    """x holds whole numbers (tf.assert_integer), decided now. Raises InvalidType."""
    with name_scope(name, "assert_integer", [x]):
        x = convert_to_tensor(x, name="x")
        if not x.dtype.is_integer:
            raise InvalidType(f"{prefix(message)}{x.name} must hold whole numbers, not {x.dtype.base_dtype.name}")
        return no_op("statically_determined_was_integer")


def assert_type(tensor: Any, tf_type: Any, message: str | None = None, name: str | None = None) -> Any:
    """tensor has the dtype (tf.assert_type), decided now. Raises InvalidType."""
    kind = as_dtype(tf_type)
    with name_scope(name, "assert_type", [tensor]):
        tensor = convert_to_tensor(tensor, name="tensor")
        if tensor.dtype is not kind:
            raise InvalidType(f"{prefix(message)}{tensor.name} must be {kind.name}, not {tensor.dtype.name}")
        return no_op("statically_determined_correct_type")


def assert_scalar(tensor: Any, name: str | None = None, message: str | None = None) -> Any:
    """tensor is known to have rank 0 (tf.assert_scalar); returns it. Raises InvalidValue."""
    with name_scope(name, "assert_scalar", [tensor]) as scope:
        tensor = convert_to_tensor(tensor, name=scope)
        if tensor.static != ():
            raise InvalidValue(f"{prefix(message)}{tensor.name} must be a scalar, its shape is {tensor.shape}")
        return tensor


def is_numeric_tensor(tensor: Any) -> bool:
    """Whether it is a tensor of numbers (tf.is_numeric_tensor)."""
    return is_tensor(tensor) and tensor.dtype.base_dtype.kind in "fiuc"


def assert_same_float_dtype(tensors: Any = None, dtype: Any = None) -> Any:
    """The float dtype that all tensors have (tf.assert_same_float_dtype). Raises InvalidValue."""
    kind = None if dtype is None else as_dtype(dtype).base_dtype
    for tensor in tensors or ():
        if tensor is None:
            continue
        own = tensor.dtype.base_dtype
        if kind is not None and own is not kind:
            raise InvalidValue(f"{tensor.name} is {own.name}, where {kind.name} is wanted")
        kind = own
    kind = kind or float32
    if not kind.is_floating:
        raise InvalidValue(f"a float dtype is wanted, not {kind.name}")
    return kind


def verify_tensor_all_finite(t: Any = None, msg: str | None = None, name: str | None = None, x: Any = None,
                             message: str | None = None) -> Any:
    """The same value; a run error if it holds NaN or infinity (tf.verify_tensor_all_finite)."""
    from . import check_numerics, colocate_with
    from .old_names import renamed

    x = renamed("x", x, "t", t)
    message = renamed("message", message, "msg", msg)
    with name_scope(name, "VerifyFinite", [x]):
        x = convert_to_tensor(x, name="x")
        with colocate_with(x):
            return with_dependencies([check_numerics(x, message=message)], x)


def add_check_numerics_ops() -> Any:
    """One op that checks every float tensor of the graph for NaN and infinity (tf.add_check_numerics_ops)."""
    from . import check_numerics, control_dependencies, get_default_graph, group

    checks: list[Any] = []
    for node in get_default_graph().get_operations():
        for output in node.outputs:
            if output.dtype.name in ("float16", "float32", "float64"):
                if getattr(node, "flow", None) is not None:
                    raise GraphError("add_check_numerics_ops does not work with cond and while_loop")
                with control_dependencies(checks):
                    checks = [check_numerics(output, message=f"{node.name}:{output.value_index}")]
    return group(*checks)
