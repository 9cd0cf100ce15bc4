"""Numbers rounded to those that a quantized net could hold (tf.quantization.fake_quant_with_min_max_args and its kin).

The range is first moved so that zero is one of the numbers; gradients pass where the input lies in the moved range.
"""
from __future__ import annotations

from typing import Any

import numpy as np

from ..errors import InvalidArgument
from ..graph.opdef import no_gradient, op

HALF = np.float32(0.5)
BLOCK = 1 << 16
"""Numbers whose gradients are added up at a time."""
_BITS = "num_bits: int = 8; narrow_range: bool = False"
_RANGE = f"min: float = -6.0; max: float = 6.0; {_BITS}"
_GRADIENTS = ("gradients: float32, inputs: float32, min: float32, max: float32 -> "
              "backprops_wrt_input: float32, backprop_wrt_min: float32, backprop_wrt_max: float32")


class Grid:
    """The numbers between ``least`` and ``greatest``, each float32 or one for each channel."""

    def __init__(self, n: Any, low: Any, high: Any) -> None:
        xp = self.xp = n.xp
        first = np.float32(1 if n.attrs["narrow_range"] else 0)
        last = np.float32(2**n.attrs["num_bits"] - 1)
        low, high = xp.asarray(low, "float32"), xp.asarray(high, "float32")
        self.none = (low == 0) & (high == 0)
        """Where there is no range: everything is 0, and gradients pass."""
        self.scale = (high - low) / (last - first)
        self.inverse = (last - first) / (high - low)
        zero = xp.floor(xp.clip(first - low / self.scale, first, last) + HALF)
        self.least, self.greatest = (first - zero) * self.scale, (last - zero) * self.scale

    def nearest(self, x: Any) -> Any:
        xp = self.xp
        inside = xp.maximum(xp.minimum(x, self.greatest), self.least)
        zero = xp.floor(-self.least * self.inverse + HALF)
        found = xp.floor((inside - self.least) * self.inverse - zero + HALF) * self.scale
        return xp.where(self.none, np.float32(0), found)

    def passed(self, grad: Any, x: Any) -> Any:
        """The gradient of the input."""
        return grad * ((x >= self.least) & (x <= self.greatest) | self.none)

    def gradients(self, grad: Any, x: Any, each: bool) -> list[Any]:
        """Those of the input, of the low end and of the high end. each: whether each place of the last axis has ends of
        its own. Of many numbers those of some at a time are added up."""
        xp, rows = self.xp, (-1, x.shape[-1] if each else 1)
        g, x, axes = grad.reshape(rows), x.reshape(rows), 0 if each else None
        out = xp.empty(x.shape, np.float32)
        many = max(1, BLOCK * len(x) // max(1, x.size)) if xp is np else max(1, len(x))
        sums: list[list[Any]] = [[], []]
        for i in range(0, len(x), many):
            part, given = x[i:i + many], g[i:i + many]
            out[i:i + many] = self.passed(given, part)
            for ends, beyond in zip(sums, (part < self.least, part > self.greatest)):
                ends.append((given * (beyond & ~self.none)).sum(axes, np.float32))
        none = xp.zeros(x.shape[1:] if each else (), np.float32)
        return [out.reshape(grad.shape), *(xp.stack(s).sum(0, np.float32) if s else none for s in sums)]


def _check_bits(n: Any) -> None:
    if not 2 <= n.attrs["num_bits"] <= 16:
        raise InvalidArgument("num_bits must be between 2 and 16, inclusive")


def _of_attrs(n: Any) -> Grid:
    _check_bits(n)
    low, high = n.attrs["min"], n.attrs["max"]
    if not low < high:
        raise InvalidArgument(f"min has to be smaller than max, was: {low:g} >= {high:g}")
    return Grid(n, low, high)


def _check_alike(grad: Any, x: Any) -> None:
    if np.shape(grad) != np.shape(x):
        raise InvalidArgument("gradient and input must be the same size")


def _between(n: Any, x: Any, low: Any, high: Any) -> Grid:
    """The numbers between two ends, or between those of each channel."""
    for name, end in (("min", low), ("max", high)):
        if np.ndim(end) and len(end) != x.shape[-1]:
            raise InvalidArgument(f"{name} has incorrect size, expected {x.shape[-1]} was {len(end)}")
    return Grid(n, low, high)


def _nearest_room(n: Any) -> int:
    return 2 * int(n.bytes())


def _gradients_room(n: Any) -> int:
    return 9 * min(BLOCK, int(n.size())) + int(n.copied(0, 1))


def _nearest(n: Any) -> Any:
    _check_bits(n)
    return lambda x, low, high: _between(n, x, low, high).nearest(x)


def _gradients(n: Any) -> Any:
    _check_bits(n)

    def run(grad: Any, x: Any, low: Any, high: Any) -> Any:
        _check_alike(grad, x)
        return _between(n, x, low, high).gradients(grad, x, np.ndim(low) > 0)

    return run


@op
class FakeQuantWithMinMaxArgs:
    """The nearest of the numbers between min and max (tf.quantization.fake_quant_with_min_max_args)."""

    signature = "inputs: float32 -> outputs: float32"
    attrs = _RANGE
    parts = {"inputs": 0}
    scratch = _nearest_room

    def infer(n: Any, inputs: Any) -> Any:
        return inputs

    def kernel(n: Any) -> Any:
        return _of_attrs(n).nearest

    def gradient(tf: Any, op: Any, grad: Any) -> Any:
        return [tf.apply_op("FakeQuantWithMinMaxArgsGradient", None, [grad, op.inputs[0]], op.attrs)]


@op
class FakeQuantWithMinMaxArgsGradient:
    """The gradient of FakeQuantWithMinMaxArgs."""

    signature = "gradients: float32, inputs: float32 -> backprops: float32"
    attrs = _RANGE
    parts = {"gradients": 0, "inputs": 0}
    gradient = no_gradient

    def scratch(n: Any) -> Any:
        return 3 * n.size()

    def infer(n: Any, gradients: Any, inputs: Any) -> Any:
        return gradients

    def kernel(n: Any) -> Any:
        grid = _of_attrs(n)

        def run(grad: Any, x: Any) -> Any:
            _check_alike(grad, x)
            return grid.passed(grad, x)

        return run


@op
class FakeQuantWithMinMaxVars:
    """The nearest of the numbers between min and max (tf.quantization.fake_quant_with_min_max_vars)."""

    signature = "inputs: float32, min: float32, max: float32 -> outputs: float32"
    attrs = _BITS
    takes = "min: []; max: []"
    parts = {"inputs": 0}
    scratch = _nearest_room
    kernel = _nearest

    def infer(n: Any, inputs: Any, low: Any, high: Any) -> Any:
        return inputs

    def gradient(tf: Any, op: Any, grad: Any) -> Any:
        return list(tf.apply_op("FakeQuantWithMinMaxVarsGradient", None, [grad, *op.inputs], op.attrs))


@op
class FakeQuantWithMinMaxVarsGradient:
    """The gradients of FakeQuantWithMinMaxVars: of the input and of both ends."""

    signature = _GRADIENTS
    attrs = _BITS
    takes = "min: []; max: []"
    kernel = _gradients
    scratch = _gradients_room
    gradient = no_gradient

    def infer(n: Any, gradients: Any, inputs: Any, low: Any, high: Any) -> Any:
        return [n.merge(gradients, inputs), (), ()]


@op
class FakeQuantWithMinMaxVarsPerChannel:
    """The same with a range for each place of the last axis (tf.quantization.fake_quant_with_min_max_vars_per_channel).
    """

    signature = "inputs: float32, min: float32, max: float32 -> outputs: float32"
    attrs = _BITS
    takes = "inputs: >=1; min: [?]; max: [?]"
    parts = {"inputs": 1}
    scratch = _nearest_room
    kernel = _nearest

    def infer(n: Any, inputs: Any, low: Any, high: Any) -> Any:
        _ends(n, inputs, low, high)
        return inputs

    def gradient(tf: Any, op: Any, grad: Any) -> Any:
        return list(tf.apply_op("FakeQuantWithMinMaxVarsPerChannelGradient", None, [grad, *op.inputs], op.attrs))


def _ends(n: Any, inputs: Any, low: Any, high: Any) -> Any:
    """The shape of both ends: as long as the last axis of the inputs."""
    return n.merge(n.merge(low, high), (None,) if inputs is None else inputs[-1:])


@op
class FakeQuantWithMinMaxVarsPerChannelGradient:
    """The gradients of FakeQuantWithMinMaxVarsPerChannel: of the input and of both ends."""

    signature = _GRADIENTS
    attrs = _BITS
    takes = "inputs: >=1; min: [?]; max: [?]"
    kernel = _gradients
    scratch = _gradients_room
    gradient = no_gradient

    def infer(n: Any, gradients: Any, inputs: Any, low: Any, high: Any) -> Any:
        shape = n.merge(gradients, inputs)
        ends = _ends(n, shape, low, high)
        return [shape, ends, ends]
