"""Bands of diagonals of matrices: taken out, and made matrices of."""
from __future__ import annotations

from typing import Any

from ..errors import RunError
from ..graph.opdef import op
from ._diagonals import bounds, known_bounds, lengths, met, offset, places, within_matrix

ALIGN = "; align: {'LEFT_RIGHT', 'RIGHT_LEFT', 'LEFT_LEFT', 'RIGHT_RIGHT'} = 'RIGHT_LEFT'"


def _part_shape(n: Any, x: Any, k: Any = None, padding: Any = None) -> Any:
    n.at_least_rank(x, 2, "input")
    if x is None:
        return None
    value = n.value(1) if len(n.node.inputs) > 1 else 0
    if value is None:
        return None
    low, high = (0, 0) if isinstance(value, int) else known_bounds(n, value)
    rows, columns = x[-2:]
    longest = None
    within_matrix(n, x, low, high)
    if None not in (rows, columns):
        longest = lengths(rows, columns, low, high)[1]
    return (*x[:-2], longest) if low == high else (*x[:-2], high - low + 1, longest)


def _part_kernel(n: Any) -> Any:
    xp, align = n.xp, n.attrs.get("align", "LEFT_LEFT")

    def part(x: Any, k: Any = None, padding: Any = 0) -> Any:
        low, high = (0, 0) if k is None else bounds(xp.asarray(k))
        rows, columns = x.shape[-2:]
        met(rows, columns, low, high)
        sizes, longest = lengths(rows, columns, low, high)
        if low == high:
            return xp.array(xp.diagonal(x, low, -2, -1))
        out = xp.empty((*x.shape[:-2], high - low + 1, longest), x.dtype)
        out[...] = padding
        for i, size in enumerate(sizes):
            d = high - i
            start = offset(d, size, longest, align)
            out[..., i, start:start + size] = xp.diagonal(x, d, -2, -1)
        return out

    return part


def _part_gradient(tf: Any, op: Any, grad: Any) -> Any:
    x = op.inputs[0]
    align = op.attrs.get("align", "LEFT_LEFT")
    k = op.inputs[1] if len(op.inputs) > 1 else 0
    none = [None] * (len(op.inputs) - 1)
    if len(op.inputs) == 1:
        size = None if x.static is None else x.static[-2:]
        square = size is not None and size[0] is not None and size[0] == size[1]
        return [tf.matrix_diag(grad) if square else tf.matrix_set_diag(tf.zeros_like(x), grad)]
    if x.static is not None and None not in x.static[-2:]:
        rows, columns = x.static[-2:]
        return [tf.matrix_diag(grad, k=k, num_rows=rows, num_cols=columns, align=align), *none]
    return [tf.matrix_set_diag(tf.zeros_like(x), grad, k=k, align=align), *none]


@op
class MatrixDiagPart:
    """The main diagonal of matrices (of older graphs)."""

    signature = "input: T -> diagonal: T"
    attrs = "T: type"
    no_kernel = "T: string"
    infer = _part_shape
    kernel = _part_kernel
    gradient = _part_gradient


@op
class MatrixDiagPartV2:
    """Diagonals of matrices, short ones padded at the right (of older graphs)."""

    signature = "input: T, k: int32, padding_value: T -> diagonal: T"
    takes = "k: <=1; padding_value: []"
    host_memory = "k"
    attrs = "T: type"
    no_kernel = "T: string"
    infer = _part_shape
    kernel = _part_kernel
    gradient = _part_gradient


@op
class MatrixDiagPartV3:
    """Diagonals of matrices (tf.matrix_diag_part)."""

    signature = "input: T, k: int32, padding_value: T -> diagonal: T"
    takes = "k: <=1; padding_value: []"
    host_memory = "k"
    attrs = "T: type" + ALIGN
    no_kernel = "T: string"
    infer = _part_shape
    kernel = _part_kernel
    gradient = _part_gradient


def _matrix_size(low: int, high: int, longest: int, rows: int, columns: int) -> tuple[int, int] | str:
    """Rows and columns of the matrix whose diagonals are given, or why there is none; -1 where they follow from the
    diagonals."""
    least_rows, least_columns = longest - min(high, 0), longest + max(low, 0)
    if rows == -1 and columns == -1:
        rows = columns = max(least_rows, least_columns)
    elif rows == -1:
        rows = least_rows
    elif columns == -1:
        columns = least_columns
    if rows < least_rows or columns < least_columns or (rows != least_rows and columns != least_columns):
        return f"{rows} rows and {columns} columns do not fit diagonals of {longest}"
    return rows, columns


def _diag_shape(n: Any, x: Any, *rest: Any) -> Any:
    n.at_least_rank(x, 1, "diagonal")
    if x is None:
        return None
    if not rest:
        return (*x, x[-1])
    values = [n.value(i) for i in (1, 2, 3)]
    if any(v is None for v in values):
        return None
    low, high = known_bounds(n, values[0])
    lead = x[:-1] if low == high else x[:-2]
    if low != high and len(x) < 2:
        n.fail("several diagonals need rank 2")
    if low != high and x[-2] is not None and x[-2] != high - low + 1:
        n.fail(f"{high - low + 1} diagonals are named, {x[-2]} given")
    rows, columns = int(values[1]), int(values[2])
    if x[-1] is None:
        return (*lead, None if rows == -1 else rows, None if columns == -1 else columns)
    size = _matrix_size(low, high, x[-1], rows, columns)
    if isinstance(size, str):
        n.fail(size)
    return (*lead, *size)


def write_diagonals(xp: Any, out: Any, x: Any, low: int, high: int, align: str) -> None:
    """Puts diagonals into matrices."""
    rows, columns = out.shape[-2:]
    sizes, longest = lengths(rows, columns, low, high)
    for i, size in enumerate(sizes):
        d = high - i
        r, c = places(xp, d, size)
        start = offset(d, size, longest, align)
        out[..., r, c] = x if low == high else x[..., i, start:start + size]


def _diag_kernel(n: Any) -> Any:
    xp, align = n.xp, n.attrs.get("align", "LEFT_LEFT")

    def matrices(x: Any, k: Any = None, num_rows: Any = -1, num_cols: Any = -1, padding: Any = 0) -> Any:
        low, high = (0, 0) if k is None else bounds(xp.asarray(k))
        size = _matrix_size(low, high, x.shape[-1], int(num_rows), int(num_cols))
        if isinstance(size, str):
            raise RunError(size)
        rows, columns = size
        lead = x.shape[:-1] if low == high else x.shape[:-2]
        out = xp.empty((*lead, rows, columns), x.dtype)
        out[...] = padding
        write_diagonals(xp, out, x, low, high, align)
        return out

    return matrices


def _diag_gradient(tf: Any, op: Any, grad: Any) -> Any:
    k = op.inputs[1] if len(op.inputs) > 1 else 0
    return [tf.matrix_diag_part(grad, k=k, align=op.attrs.get("align", "LEFT_LEFT")), *[None] * (len(op.inputs) - 1)]


@op
class MatrixDiag:
    """Matrices with a main diagonal (of older graphs)."""

    signature = "diagonal: T -> output: T"
    attrs = "T: type"
    no_kernel = "T: string"
    infer = _diag_shape
    kernel = _diag_kernel
    gradient = _diag_gradient


@op
class MatrixDiagV2:
    """Matrices with some diagonals (of older graphs)."""

    signature = "diagonal: T, k: int32, num_rows: int32, num_cols: int32, padding_value: T -> output: T"
    takes = "k: <=1; num_rows: []; num_cols: []; padding_value: []"
    host_memory = "k, num_rows, num_cols"
    attrs = "T: type"
    no_kernel = "T: string"
    infer = _diag_shape
    kernel = _diag_kernel
    gradient = _diag_gradient


@op
class MatrixDiagV3:
    """Matrices with some diagonals (tf.matrix_diag)."""

    signature = "diagonal: T, k: int32, num_rows: int32, num_cols: int32, padding_value: T -> output: T"
    takes = "k: <=1; num_rows: []; num_cols: []; padding_value: []"
    host_memory = "k, num_rows, num_cols"
    attrs = "T: type" + ALIGN
    no_kernel = "T: string"
    infer = _diag_shape
    kernel = _diag_kernel
    gradient = _diag_gradient
