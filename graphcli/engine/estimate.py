"""Estimates: how long a step takes, about, from shapes: on one thread, and with all threads for itself."""
from __future__ import annotations

from math import prod
from typing import Any

from ..analysis.flops import flops_of
from ..graph.blas import SHARED
from ..graph.graph import Node
from ..graph.shapes import count
from ..ops._products import PART
from .picture import Picture

CALL, LONG = 1e-6, 20e-6
"""Seconds of a call of numpy's at least, and of one that is long."""
PRODUCT, CHEAP, DEAR = 1 / 45e9, 0.15e-9, 0.5e-9
"""Seconds of a multiplication in a product, and for an element of a cheap and of a dear elementwise call (float32)."""
PRODUCTS = frozenset({"MatMul", "BatchMatMul", "BatchMatMulV2", "BatchMatMulV3", "Conv2D", "Conv3D"})
GRADIENTS = frozenset({"Conv2DBackpropInput", "Conv2DBackpropFilter", "Conv3DBackpropInputV2",
                       "Conv3DBackpropFilterV2"})
SLOW = {"TopKV2": 60e-9, "MatrixInverse": 300e-9, "Cholesky": 300e-9, "Qr": 300e-9, "Svd": 300e-9}
"""Seconds for an element of ops that take long within one call, on the thread that calls."""


def seconds(picture: Picture, item: Any, threads: int) -> tuple[float, float, float]:
    """(on one thread, with all threads, in long calls) of a node or a program; 0 where shapes do not tell."""
    if not isinstance(item, Node):
        return _of_program(item, threads)
    products = picture.products.get(item, ())
    if products and products != (item,):
        found = [seconds(picture, p, threads) for p in products]
        return sum(f[0] for f in found), sum(f[1] for f in found), sum(f[2] for f in found)
    shapes = [picture.rewrite.shape(t) for t in (*item.inputs, *item.outputs)]
    if not item.outputs or any(count(s) is None for s in shapes):
        return 0.0, 0.0, 0.0
    inputs, outputs = shapes[:len(item.inputs)], shapes[len(item.inputs):]
    width = max(t.dtype.base_dtype.size for t in item.outputs)
    if item.type in GRADIENTS or item.type in PRODUCTS:
        if item.type in GRADIENTS:
            # as the convolution itself: the outputs times the window and its channels
            filters = inputs[1] if "Input" in item.type else outputs[0]
            many = (count(inputs[2]) or 0) * prod(d or 1 for d in (filters or ())[:-1])
        else:
            many = flops_of(item, inputs, outputs[0]) // 2
        alone = CALL + many * PRODUCT * max(1, width // 4) * (1 if "MatMul" in item.type else 1.5)
        divided = many >= (2 * PART if item.type.startswith("Batch") else SHARED)
        # a convolution is many short calls
        long = alone if alone > LONG and "MatMul" in item.type else 0.0
        return alone, alone / threads if divided else alone, long
    moved = sum(count(s) or 0 for s in shapes)
    alone = 2 * CALL + moved * CHEAP * max(1, width // 4) + SLOW.get(item.type, 0.0) * (count(shapes[0]) or 0)
    return alone, alone, alone if alone > LONG and item.type in SLOW else 0.0


def _of_program(program: Any, threads: int) -> tuple[float, float, float]:
    from .loop import PARALLEL

    total = long = 0.0
    for instr in program.instrs:
        size = max([prod(program.shapes[a]) for a in (*instr.args, instr.out) if isinstance(a, int)])
        took = CALL / 2 + size * (DEAR if instr.dear else CHEAP)
        total += took
        long += took if took > LONG else 0.0
    if program.shape is None:
        return total, total, long
    # in a loop over blocks no call is long
    many = min(threads, max(1, program.work // PARALLEL))
    return total, total / many, 0.0
