"""Trace: what a kernel does to arrays, as a list of ufunc calls that can run in blocks.

A kernel is called once with symbols for arrays. It computes as it always does, and each numpy call that it
makes is written down: the same calls in the same order, so the same bits. A kernel that looks at values
(``if not xp.all(y)``), or does what cannot be cut into blocks, is not traced and runs as it is.
"""
from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from typing import Any

import numpy as np

from ..graph.graph import Node
from ..graph.kernel import KernelContext, Slot
from ..passes.merge import frozen
from .instr import Shape, Template
from .tape import KINDS, MODULE, Symbol, Tape, is_spread, number_of

TRACED = frozenset({
    "Softmax", "LogSoftmax", "BiasAdd", "BiasAddV1", "Sum", "Mean", "Max", "Min", "AddN", "ClipByValue", "L2Loss",
    "AssignAdd", "AssignSub", "ZerosLike", "OnesLike", "Select", "SelectV2", "SoftmaxCrossEntropyWithLogits",
    "BiasAddGrad", "FusedBatchNorm", "FusedBatchNormV2", "FusedBatchNormV3"})
"""Ops that are tried besides the elementwise ones and the updates of optimizers."""


def _key(constant: Any) -> Hashable:
    if constant is not None and is_spread(constant):
        return "spread", constant.shape, frozen(number_of(constant))
    return None if constant is None else frozen(constant)


_templates: dict[Hashable, Template | None] = {}
KEPT = 4096
"""Templates that a process keeps."""


def candidate(node: Node) -> bool:
    """Whether a node's kernel is worth a try."""
    opdef = node.opdef
    return opdef is not None and opdef.kernel is not None and not opdef.stateful and (
        opdef.elementwise or node.type in TRACED or node.type.startswith("Apply"))


def trace(node: Node, shapes: Sequence[Shape], constants: Sequence[Any]) -> Template | None:
    """What the kernel of a node does to arrays of these shapes; constants: the values that are known, or None.

    None where it cannot be told.
    """
    dtypes = [t.dtype.base_dtype.as_numpy_dtype for t in node.inputs]
    key = (node.type, tuple(shapes), tuple(dtypes), tuple(map(_key, constants)),
           tuple((k, frozen(v)) for k, v in node.attrs.items() if k[:1] != "_"))
    if key in _templates:
        return _templates[key]
    try:
        found = _trace(node, shapes, dtypes, constants)
    except Exception:
        # a kernel that refuses symbols, or that fails: it runs as it is, and tells what is wrong
        found = None
    if len(_templates) >= KEPT:
        _templates.clear()
    _templates[key] = found
    return found


def _trace(node: Node, shapes: Sequence[Shape], dtypes: Sequence[Any], constants: Sequence[Any]) -> Template | None:
    opdef = node.opdef
    assert opdef is not None and opdef.kernel is not None
    if any(np.dtype(d).kind not in KINDS for d in dtypes):
        return None
    tape = Tape()
    symbols = [tape.new(tuple(s), np.dtype(d)) for s, d in zip(shapes, dtypes)]
    tape.given = len(symbols)
    values: list[Any] = [s if c is None else c for s, c in zip(symbols, constants)]
    if opdef.elementwise:
        # what runs in blocks has another rank than what the kernel sees: one number is one of no rank
        whole = np.broadcast_shapes(*shapes)
        if any(s == whole and c is None for s, c in zip(shapes, constants)):
            values = [v if c is None else number_of(c) for v, c in zip(values, constants)]
    by_reference = [a.is_ref for a in opdef.inputs] if len(opdef.inputs) == len(values) else [False] * len(values)
    args = [Slot("", v) if ref else v for v, ref in zip(values, by_reference)]
    kernel: Callable[..., Any] = opdef.kernel(KernelContext(node, MODULE))
    result = kernel(*opdef.group(opdef.inputs, args, node.attrs))
    results = list(result) if type(result) in (list, tuple) else [result]
    outputs: list[int] = []
    for tensor, value in zip(node.outputs, results, strict=True):
        if isinstance(value, Slot):
            value = value.value
        elif not isinstance(value, Symbol) or value.number < tape.given:
            if not outputs:
                return None
            value = tape.copied(value, tensor.dtype.base_dtype.as_numpy_dtype)
        if not isinstance(value, Symbol) or value.dtype != np.dtype(tensor.dtype.base_dtype.as_numpy_dtype):
            return None
        outputs.append(value.number)
    return Template(tape.given, tuple(tape.instrs), tuple(outputs), tuple(tape.shapes), tuple(tape.dtypes),
                    frozenset(tape.written))
