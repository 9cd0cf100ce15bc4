"""Values passed on when they hold what they should, and ops that say what they see."""
from __future__ import annotations

import sys
from typing import Any

from ..errors import RunError
from ..graph.inference import same_shape
from ..graph.opdef import no_gradient, op, undefined_gradient
from ..graph.shapes import compatible, merge, show
from ._axes import elements

BLOCK = 1 << 16
"""Numbers that are looked at at a time."""


def text_of(value: Any) -> str:
    """One element as TensorFlow's Tensor::SummarizeValue writes it."""
    if isinstance(value, bytes):
        return value.decode("utf-8", "backslashreplace")
    if isinstance(value, bool):
        return "1" if value else "0"
    if isinstance(value, float):
        return f"{value:.6g}"
    if isinstance(value, complex):
        return f"({value.real:.6g},{value.imag:.6g})"
    return str(value)


def summary(x: Any, most: int) -> str:
    """The first ``most`` elements of an array in brackets, all where ``most`` is negative."""
    flat = x.reshape(-1).tolist()
    if x.ndim == 0:
        return text_of(flat[0])
    limit = len(flat) if most < 0 else most
    if x.ndim == 1 or not flat:
        shown = " ".join(text_of(v) for v in flat[:limit])
        return f"[{shown}{'...' if len(flat) > limit else ''}]"
    left = [limit]
    return _rows(x, left)


def _rows(x: Any, left: list[int]) -> str:
    """Nested brackets; ``left`` counts down the elements that may still be shown."""
    if x.ndim == 1:
        values = x.tolist()
        some = values[:left[0]]
        cut = len(values) > len(some) and left[0] >= 0
        left[0] -= len(some)
        return f"[{' '.join(text_of(v) for v in some)}{'...' if cut else ''}]"
    parts = []
    for row in x:
        if left[0] <= 0:
            break
        parts.append(_rows(row, left))
    return f"[{''.join(parts)}{'...' if len(parts) < len(x) else ''}]"


@op
class EnsureShape:
    """The same value, checked to have a shape when it runs (tf.ensure_shape)."""

    signature = "input: T -> output: T"
    attrs = "shape: shape; T: type"

    def infer(n: Any, x: Any) -> Any:
        shape = n.attrs["shape"]
        if shape is None and x is not None and n.built:
            n.fail("a shape of unknown rank can be asked for where the rank is unknown alone")
        if not compatible(x, shape):
            n.fail(f"the shape must be {show(shape)}")
        return merge(x, shape)

    def kernel(n: Any) -> Any:
        shape = n.attrs["shape"]

        def ensure(x: Any) -> Any:
            if not compatible(tuple(x.shape), shape):
                raise RunError(f"Shape of tensor {n.node.inputs[0].op.name} {list(x.shape)} is not compatible with "
                               f"expected shape {show(shape)}")
            return x

        return ensure

    def gradient(tf: Any, op: Any, grad: Any) -> Any:
        return [grad]


def _all_finite(xp: Any, x: Any) -> bool:
    """Whether no number is NaN or infinite; some are looked at at a time."""
    flat = elements(xp, x)
    return all(bool(xp.isfinite(flat[i:i + BLOCK]).all()) for i in range(0, x.size, BLOCK))


@op
class CheckNumerics:
    """The same value; NaN or infinity in it is an error (tf.check_numerics)."""

    signature = "tensor: T -> output: T"
    attrs = "T: {bfloat16, float16, float32, float64}; message: string"
    stateful = True
    infer = same_shape

    def kernel(n: Any) -> Any:
        xp, message = n.xp, n.attrs["message"]

        def check(x: Any) -> Any:
            if not _all_finite(xp, x):
                found = [word for word, test in (("NaN", xp.isnan), ("Inf", xp.isinf)) if test(x).any()]
                raise RunError(f"{message} : Tensor had {' and '.join(found)} values")
            return x

        return check

    def gradient(tf: Any, op: Any, grad: Any) -> Any:
        # as Python writes what get_attr() gives
        message = f"Not a number (NaN) or infinity (Inf) values detected in gradient. {op.get_attr('message')}"
        return [tf.check_numerics(grad, message)]


@op
class Print:
    """The same value; ``data`` is written to stderr as it passes (tf.Print)."""

    signature = "input: T, data: list(U) -> output: T"
    attrs = ("T: type; U: list(type) >= 0; message: string = ''; first_n: int = -1; summarize: int = 3")
    stateful = True

    def infer(n: Any, x: Any, data: Any) -> Any:
        return x

    def kernel(n: Any) -> Any:
        attrs, node = n.attrs, n.node
        counter = [0] if n.state is None else n.state.private(node, lambda: [0])

        def show_values(x: Any, data: Any) -> Any:
            if attrs["first_n"] < 0 or counter[0] < attrs["first_n"]:
                counter[0] += 1
                shown = "".join(f"[{summary(d, attrs['summarize'])}]" if d.ndim == 0 else summary(d, attrs["summarize"])
                                for d in data)
                print(attrs["message"] + shown, file=sys.stderr, flush=True)
            return x

        return show_values

    def gradient(tf: Any, op: Any, grad: Any) -> Any:
        return [grad] + [None] * (len(op.inputs) - 1)


@op
class Assert:
    """An error that shows ``data`` unless the condition holds (tf.Assert)."""

    signature = "condition: bool, data: list(T) -> "
    attrs = "T: list(type) >= 1; summarize: int = 3"
    stateful = True
    gradient = no_gradient

    def infer(n: Any, condition: Any, data: Any) -> Any:
        """The condition is looked at when it runs."""

    def kernel(n: Any) -> Any:
        most = n.attrs["summarize"]

        def check(condition: Any, data: Any) -> None:
            if condition.ndim:
                raise RunError(f"the condition is one value, and has the shape {list(condition.shape)}")
            if not condition:
                shown = " ".join(f"[{summary(d, most)}]" if d.ndim == 0 else summary(d, most) for d in data)
                raise RunError(f"assertion failed: {shown}")

        return check


@op
class Snapshot:
    """The same value, of its own (array_ops.snapshot)."""

    signature = "input: T -> output: T"
    attrs = "T: type"
    no_kernel = "T: string"
    infer = same_shape
    gradient = undefined_gradient

    def kernel(n: Any) -> Any:
        return lambda x: x


@op
class GuaranteeConst:
    """The same value, promised not to change (tf.guarantee_const)."""

    signature = "input: T -> output: T"
    attrs = "T: type"
    stateful = True
    infer = same_shape
    gradient = undefined_gradient

    def kernel(n: Any) -> Any:
        return lambda x: x


@op
class Bitcast:
    """The same bytes as another dtype (tf.bitcast)."""

    signature = "input: T -> output: type"
    attrs = "T: {numbertype, quantizedtype}; type: {numbertype, quantizedtype}"
    gradient = undefined_gradient

    def infer(n: Any, x: Any) -> Any:
        before, after = n.attrs["T"].size, n.attrs["type"].size
        if x is None or before == after:
            return x
        if before > after:
            return (*x, before // after)
        if not x or x[-1] not in (None, after // before):
            n.fail(f"the last axis must have size {after // before} to make {n.attrs['type'].name}")
        return x[:-1]

    def kernel(n: Any) -> Any:
        xp, dtype = n.xp, n.dtype()
        before, after = n.attrs["T"].size, n.attrs["type"].size

        def cast(x: Any) -> Any:
            x = xp.ascontiguousarray(x).reshape(x.shape)
            if before > after:
                return x.reshape((*x.shape, 1)).view(dtype)
            if before < after:
                whole = x.view(dtype).reshape(x.shape[:-1])
                # numpy sums otherwise what lies between two words of memory
                return whole if getattr(getattr(whole, "flags", None), "aligned", True) else whole.copy()
            return x.view(dtype)

        return cast
