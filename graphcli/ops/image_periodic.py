"""Channels laid out beside each other as pixels, by any factors (tf.contrib.periodic_resample)."""
from __future__ import annotations

from math import prod
from typing import Any

import numpy as np

from ..errors import InvalidArgument
from ..graph.opdef import op, undefined_gradient
from ..graph.shapes import show

CPU_ONLY = True
_TYPES = "T: {numbertype, qint8, quint8, qint32}; "


def _places(have: Any, wanted: Any) -> tuple[tuple[int, ...], Any]:
    """The sizes of the result, and for each of its elements which of the input it is."""
    if len(have) != len(wanted):
        raise InvalidArgument("periodic_resample expects the rank of the desired shape to be that of the values, "
                              f"{len(have)}, not {len(wanted)}")
    free = [i for i, s in enumerate(wanted) if s is None or s < 0]
    if len(free) != 1:
        raise InvalidArgument("periodic_resample expects only 1 dimension to be marked for adjustment, not "
                              f"{len(free)}")
    axis = free[0]
    for i, (size, want) in enumerate(zip(have, wanted)):
        if i != axis and want < size:
            raise InvalidArgument("periodic_resample expects the size of non-adjustable dimensions be at least as "
                                  f"large as size of input tensor. Dimension {i} input tensor has size {size}, desired "
                                  f"shape has size {want}.")
    others = prod(w for i, w in enumerate(wanted) if i != axis)
    sizes = [w if i != axis else prod(have) // max(1, others) for i, w in enumerate(wanted)]
    times = [-(-w // max(1, h)) for w, h in zip(sizes, have)]
    at = np.indices(sizes)
    index, step = np.zeros(sizes, np.int64), 1
    for i, t in enumerate(times):
        if i != axis:
            index += step * (at[i] % t)
            step *= t
    place = np.zeros(sizes, np.int64)
    for i, size in enumerate(have):
        place = place * size + (index * sizes[axis] + at[axis] if i == axis else at[i] // times[i])
    if place.size and place.max() >= prod(have):
        raise InvalidArgument(f"the values {show(have)} do not fill the shape {show(tuple(sizes))}")
    return tuple(sizes), place


@op
class PeriodicResample:
    """Values in another shape, of which one size is left to them (tf.contrib.periodic_resample.periodic_resample)."""

    signature = "values: T -> output: T"
    attrs = _TYPES + "shape: shape"

    def infer(n: Any, values: Any) -> Any:
        wanted = n.attrs["shape"]
        if values is None or wanted is None or None in values:
            return wanted
        try:
            return _places(values, wanted)[0]
        except InvalidArgument:
            # which TensorFlow tells when it is run
            return wanted

    def kernel(n: Any) -> Any:
        return lambda values: values.reshape(-1)[_places(values.shape, n.attrs["shape"])[1]]

    def scratch(n: Any) -> int:
        return int(8 * n.made() * (3 + len(n.outs[0])))

    def gradient(tf: Any, op: Any, grad: Any) -> Any:
        return [tf.apply_op("PeriodicResampleOpGrad", None, [grad], {
            "original_shape": op.inputs[0].static, "desired_shape": op.attrs["shape"]})]


@op
class PeriodicResampleOpGrad:
    """The gradient of PeriodicResample."""

    signature = "grad: T -> grad_values: T"
    attrs = _TYPES + "original_shape: shape; desired_shape: shape"
    gradient = undefined_gradient

    def infer(n: Any, grad: Any) -> Any:
        return n.attrs["original_shape"]

    def kernel(n: Any) -> Any:
        have, wanted = n.attrs["original_shape"], n.attrs["desired_shape"]

        def back(grad: Any) -> Any:
            if have is None or None in have:
                raise InvalidArgument("the shape of the values must be known")
            sizes, places = _places(have, wanted)
            if grad.shape != sizes:
                raise InvalidArgument(f"grad has the shape {show(grad.shape)}, not {show(sizes)}")
            out = np.zeros(have, grad.dtype)
            out.reshape(-1)[places] = grad
            return out

        return back
