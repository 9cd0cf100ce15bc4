"""Accumulators of gradients over several steps (tf.ConditionalAccumulator, tf.SparseConditionalAccumulator).

A step that takes from one waits until other steps have put enough gradients in. The ops with handles that are
resources and the older ones with handles that are references are the same.
"""
from __future__ import annotations

from functools import partial
from typing import Any

import numpy as np

from ..graph.inference import scalar_shape
from ..graph.opdef import op, undefined_gradient
from ._accumulators import Accumulator, SparseAccumulator
from ._datasets import kept
from ._listed import listed_op
from ._shared import shared

CPU_ONLY = True
_NUMBERS = "dtype: {numbertype}"
_NO_KERNEL = "dtype: int32, uint8, int16, int8, complex64, int64, bfloat16, uint16, complex128, uint32, uint64"


_op = partial(listed_op, __name__)


def _accumulator(name: str, doc: str, handle: str, made: type[Accumulator]) -> None:
    def kernel(n: Any) -> Any:
        mean = n.attrs["reduction_type"] == "MEAN"
        found = shared(n, made.__name__, lambda: made(n.node.name, n.attrs["shape"], mean))
        return lambda: found

    _op(name, doc, f" -> handle: {handle}", kernel, stateful=True, infer=lambda n: (2,), no_kernel=_NO_KERNEL,
        attrs=f"{_NUMBERS}; shape: shape; container: string = ''; shared_name: string = ''; "
              "reduction_type: {'MEAN', 'SUM'} = 'MEAN'")


def _apply(n: Any) -> Any:
    return lambda held, step, gradient: held.apply(int(step), kept(n, [gradient], 2)[0])


def _take(n: Any) -> Any:
    return lambda held, many: held.take(int(many))


def _count(n: Any) -> Any:
    return lambda held: np.asarray(held.count, np.int32)


def _set_step(n: Any) -> Any:
    return lambda held, step: held.set_step(int(step))


for _prefix, _handle in (("Resource", "resource"), ("", "Ref(string)")):
    _more: Any = {"stateful": bool(_prefix)}
    _accumulator(f"{_prefix}ConditionalAccumulator", "Gradients that are summed until enough of them came.", _handle,
                 Accumulator)
    _op(f"{_prefix}AccumulatorApplyGradient", "Adds a gradient, unless it is of an earlier step.",
        f"handle: {_handle}, local_step: int64, gradient: dtype -> ", _apply, attrs=_NUMBERS, takes="local_step: []",
        **_more)
    _op(f"{_prefix}AccumulatorTakeGradient", "The mean or sum of the gradients, as soon as there are enough.",
        f"handle: {_handle}, num_required: int32 -> average: dtype", _take, attrs=_NUMBERS, takes="num_required: []",
        **_more)
    _op(f"{_prefix}AccumulatorNumAccumulated", "How many gradients there are.",
        f"handle: {_handle} -> num_accumulated: int32", _count, infer=scalar_shape, **_more)
    _op(f"{_prefix}AccumulatorSetGlobalStep", "Says of which step gradients are no longer too early.",
        f"handle: {_handle}, new_global_step: int64 -> ", _set_step, takes="new_global_step: []", **_more)

_accumulator("SparseConditionalAccumulator", "Gradients of rows that are summed until enough of them came.",
             "Ref(string)", SparseAccumulator)


@op
class SparseAccumulatorApplyGradient:
    """Adds the gradient of some rows, unless it is of an earlier step."""

    signature = ("handle: Ref(string), local_step: int64, gradient_indices: int64, gradient_values: dtype, "
                 "gradient_shape: int64 -> ")
    attrs = f"{_NUMBERS}; has_known_shape: bool"
    takes = "local_step: []"
    gradient = undefined_gradient

    def infer(n: Any, *shapes: Any) -> Any:
        return None

    def kernel(n: Any) -> Any:
        known = n.attrs["has_known_shape"]

        def apply(held: Any, step: Any, indices: Any, rows: Any, shape: Any) -> None:
            held.apply(int(step), (*kept(n, [indices, rows], 2), shape if known else None))

        return apply


_op("SparseAccumulatorTakeGradient", "The mean or sum of the rows, as soon as there are enough gradients.",
    "handle: Ref(string), num_required: int32 -> indices: int64, values: dtype, shape: int64", _take, attrs=_NUMBERS,
    takes="num_required: []")
