"""Numbers of 32 bits as those of 8: the ends that they reach, and the numbers between these."""
from __future__ import annotations

from typing import Any

import numpy as np

from ..errors import InvalidArgument
from ..graph.opdef import op, undefined_gradient
from ._quanta import Quanta, in_pieces, one, piece_bytes, requantized, with_ends

CPU_ONLY = True
_F = np.float32


def _range(kind: Quanta, x: Any) -> list[Any]:
    """The ends that an array reaches, with zero between them."""
    some = (x.min(), x.max()) if x.size else (kind.highest, kind.lowest)
    return [min(_F(0), kind.values(some[0])), kind.values(some[1])]


@op
class RequantizationRange:
    """The ends that numbers reach."""

    signature = "input: Tinput, input_min: float32, input_max: float32 -> output_min: float32, output_max: float32"
    takes = "input_min: []; input_max: []"
    attrs = "Tinput: {quantizedtype}"
    no_kernel = "Tinput: qint8, quint8, qint16, quint16"
    gradient = undefined_gradient

    def infer(n: Any, *inputs: Any) -> Any:
        return [(), ()]

    def kernel(n: Any) -> Any:
        dtype = n.attrs["Tinput"]
        return lambda x, low, high: _range(Quanta(dtype, one(low), one(high)), x)


_NARROWER = "Tinput: {quantizedtype}; out_type: {quantizedtype}"
_NO_KERNEL = "Tinput: qint8, quint8, qint16, quint16; out_type: qint8, qint16, quint16, qint32"


def _scratch(n: Any) -> int:
    return piece_bytes(n, 24)


@op
class QuantizeDownAndShrinkRange:
    """Numbers of 32 bits as those of 8, between the ends that they reach."""

    signature = ("input: Tinput, input_min: float32, input_max: float32 -> output: out_type, output_min: float32, "
                 "output_max: float32")
    takes = "input_min: []; input_max: []"
    attrs, no_kernel, scratch = _NARROWER, _NO_KERNEL, _scratch
    infer, gradient = with_ends, undefined_gradient

    def kernel(n: Any) -> Any:
        have, want = n.attrs["Tinput"], n.attrs["out_type"]

        def run(x: Any, low: Any, high: Any) -> Any:
            kind = Quanta(have, one(low), one(high))
            ends = _range(kind, x)
            goal = Quanta(want, *ends)
            return [in_pieces(lambda x: requantized(x, kind, goal), goal.type, x), *ends]

        return run


@op
class Requantize:
    """Numbers of 32 bits as those of 8, between ends that are given."""

    signature = ("input: Tinput, input_min: float32, input_max: float32, requested_output_min: float32, "
                 "requested_output_max: float32 -> output: out_type, output_min: float32, output_max: float32")
    takes = "input_min: []; input_max: []; requested_output_min: []; requested_output_max: []"
    attrs, no_kernel, scratch = _NARROWER, _NO_KERNEL, _scratch
    infer, gradient = with_ends, undefined_gradient

    def kernel(n: Any) -> Any:
        have, want = n.attrs["Tinput"], n.attrs["out_type"]

        def run(x: Any, low: Any, high: Any, least: Any, most: Any) -> Any:
            least, most = one(least), one(most)
            if least > 0:
                raise InvalidArgument(f"requested_output_min must be <= 0, but got {least:g}")
            if most < least:
                raise InvalidArgument("requested_output_max must be >= requested_output_min, but got "
                                      f"{most:g} and {least:g}")
            kind, goal = Quanta(have, one(low), one(high)), Quanta(want, least, most)
            return [in_pieces(lambda x: requantized(x, kind, goal), goal.type, x), least, most]

        return run
