"""How an update rule of an optimizer is made an op for whole variables (Apply*), and one for rows of them
(SparseApply*), in place: a rule is written once, for arrays; the sparse op takes it to the rows that indices name.
"""
from __future__ import annotations

import inspect
from collections.abc import Callable, Sequence
from math import prod
from typing import Any

import numpy

from ..errors import RunError
from ..graph.opdef import OpDef, op, undefined_gradient
from ..graph.shapes import compatible, show
from ._ranked import all_different, marks
from .state import initialized
from .state_scatter import check_rows

_T = "T: {numbertype}"
AS_NUMBERS = ("global_step", "l1", "lr_power")
"""What decides how a rule goes on."""
BLOCK = 1 << 15
"""Elements that are updated at a time."""
BY_ROWS = "by rows"
"""Beside the attrs of a rule that is applied to some rows."""
COMPLEX = ("complex64", "complex128")
WHOLE = ("int32 int64 int8 int16 uint8 uint16 uint32 uint64 qint8 quint8 qint16 quint16 qint32").split()
"""Numbers of which TensorFlow updates no variable, though the ops take them."""
MADE = 5
"""Arrays of so many elements that a rule makes on the way."""


def registered(made: OpDef) -> None:
    """Makes an op one of the vocabulary."""
    op(made.cls)


def rule(refs: str, more: str = "", sparse: bool = True, register: Callable[[OpDef], None] = registered,
         lacks: Sequence[str] = (), rows_lack: Sequence[str] = ()
         ) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Makes ``Apply…`` and ``SparseApply…`` of a rule.

    refs: its arguments that are variables; more: attrs beside T and use_locking. The first
    argument of the rule is the array module, the last (by keyword) the attrs. register: what takes the ops.
    lacks: dtypes beside whole numbers for which TensorFlow has no kernel; rows_lack: those of rows besides.
    """
    variables = refs.split()

    def make(function: Callable[..., None]) -> Callable[..., None]:
        name = function.__name__
        args = [a for a in inspect.signature(function).parameters if a not in ("xp", "attrs")]
        doc = inspect.getdoc(function) or name
        _op(f"Apply{name}", doc, function, args, variables, more, None, register, lacks)
        if sparse:
            spelled = ["grad" if a == "delta" else a for a in args]
            _op(f"SparseApply{name}", f"{doc} Only of the rows that indices name.", function, spelled, variables,
                more, spelled.index("grad") + 1, register, (*lacks, *rows_lack))
        return function

    return make


def _op(name: str, doc: str, function: Callable[..., None], args: list[str], variables: list[str], more: str,
        rows: int | None, register: Callable[[OpDef], None], lacks: Sequence[str]) -> None:
    def spec(arg: str) -> str:
        if arg == "global_step":
            return f"{arg}: int64"
        return f"{arg}: Ref(T)" if arg in variables else f"{arg}: T"

    parts = [spec(a) for a in args]
    attrs = f"{_T}; use_locking: bool = False" + (f"; {more}" if more else "")
    if rows is not None:
        parts.insert(rows, "indices: Tindices")
        attrs = attrs.replace(_T, f"{_T}; Tindices: {{int32, int64}}")
    gradient_at = next(i for i, a in enumerate(args) if a in ("grad", "delta"))
    count = len(variables)

    def infer(n: Any, *shapes: Any) -> Any:
        shape = shapes[0]
        for other in shapes[1:count]:
            shape = n.merge(shape, other, "shapes of the variables")
        for i, scalar in enumerate(shapes):
            if i >= count and i != gradient_at and i != rows:
                n.with_rank(scalar, 0, f"input {n.node.opdef.inputs[i].name!r}")
        if rows is None:
            return n.merge(shape, shapes[gradient_at], "shapes of the variable and the gradient")
        grad = shapes[gradient_at]
        if shape is not None and grad is not None and (not grad or not compatible(grad[1:], shape[1:])):
            n.fail(f"the rows of the gradient {show(grad)} are not those of the variable {show(shape)}")
        return shape

    def kernel(n: Any) -> Any:
        xp, chosen = n.xp, n.attrs
        return _sparse(xp, chosen, function, count, gradient_at, rows) if rows is not None \
            else _dense(xp, n.each, chosen, function, count, gradient_at)

    def scratch(n: Any) -> int:
        if rows is None:
            return int(MADE * n.width(gradient_at) * min(n.size(gradient_at), BLOCK * n.threads))
        # rows are taken out of the variables; the numbers of rows that are there are marked
        block = (MADE + count) * n.width(gradient_at) * min(n.size(gradient_at), BLOCK)
        return int(block + marks(n.size(rows), n.shapes[0][0] if n.shapes[0] else n.size(rows)))

    register(OpDef(type(name, (), {
        "__doc__": doc, "__module__": function.__module__, "attrs": attrs,
        "signature": f"{', '.join(parts)} -> out: Ref(T)",
        "infer": infer, "kernel": kernel, "no_kernel": f"T: {', '.join([*WHOLE, *lacks])}",
        "gradient": undefined_gradient, "scratch": scratch,
        "host_memory": ", ".join(a for a in args if a in AS_NUMBERS)})))


def _dense(xp: Any, each: Any, attrs: Any, function: Callable[..., None], count: int, gradient_at: int) -> Any:
    def update(*args: Any) -> Any:
        buffers = [initialized(s) for s in args[:count]]
        shape = xp.shape(args[gradient_at])
        if any(b.shape != shape for b in buffers):
            raise RunError(f"the variable has shape {show(buffers[0].shape)}, the gradient {show(shape)}")
        flat = [*buffers, args[gradient_at]]
        if buffers[0].size <= BLOCK or any(type(a) is not numpy.ndarray or not a.flags.c_contiguous for a in flat):
            function(xp, *buffers, *args[count:], attrs=attrs)
            return args[0]
        flat = [a.reshape(-1) for a in flat]

        def block(i: int) -> None:
            *found, grad = (a[i * BLOCK:(i + 1) * BLOCK] for a in flat)
            rest = list(args[count:])
            rest[gradient_at - count] = grad
            function(xp, *found, *rest, attrs=attrs)

        each(-(-flat[0].size // BLOCK), block)
        return args[0]

    return update


def _sparse(xp: Any, attrs: Any, function: Callable[..., None], count: int, gradient_at: int, rows: int) -> Any:
    attrs = {**attrs, BY_ROWS: True}

    def update(*args: Any) -> Any:
        buffers = [initialized(s) for s in args[:count]]
        indices, grad = args[rows], args[gradient_at]
        rest = list(args[count:rows] + args[rows + 1:])
        at = gradient_at - count
        if grad.shape[:1] != indices.shape or any(b.shape[1:] != grad.shape[1:] for b in buffers):
            raise RunError(f"{indices.shape} indices and a gradient {show(grad.shape)} do not name rows of "
                           f"{show(buffers[0].shape)}")
        check_rows(xp, indices, buffers[0].shape[0])
        if all_different(xp, indices, buffers[0].shape[0]):
            many = max(1, BLOCK // max(1, prod(grad.shape[1:])))
            parts = [slice(i, i + many) for i in range(0, len(indices), many)]
        else:
            # a row that is named twice is updated twice, one after the other
            parts = [slice(i, i + 1) for i in range(len(indices))]
        for part in parts:
            where = indices[part]
            found = [b[where] for b in buffers]
            rest[at] = grad[part]
            function(xp, *found, *rest, attrs=attrs)
            for buffer, row in zip(buffers, found):
                buffer[where] = row
        return args[0]

    return update
