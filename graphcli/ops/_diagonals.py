"""Where the diagonals of a matrix lie: in it, and in padded rows of their own."""
from __future__ import annotations

from typing import Any

from ..errors import RunError


def known_bounds(n: Any, k: Any) -> tuple[int, int]:
    """``bounds`` of a value that is known when the node is made."""
    try:
        return bounds(k)
    except RunError as error:
        n.fail(error.message)
        raise


def bounds(k: Any) -> tuple[int, int]:
    """Lowest and highest diagonal that ``k`` names."""
    values = k.reshape(-1).tolist()
    if len(values) not in (1, 2):
        raise RunError(f"diag_index must have only one or two elements, received {len(values)} elements.")
    low, high = values[0], values[-1]
    if low > high:
        raise RunError(f"lower_diag_index must not be larger than upper_diag_index: {low} > {high}")
    return low, high


def lengths(rows: int, columns: int, low: int, high: int) -> tuple[list[int], int]:
    """The length of each diagonal from the highest to the lowest, and the longest."""
    sizes = [min(rows + min(0, d), columns - max(0, d)) for d in range(high, low - 1, -1)]
    return sizes, min(rows + min(high, 0), columns - max(low, 0))


def offset(d: int, size: int, longest: int, align: str) -> int:
    """Where a diagonal starts in its padded row."""
    left = align.split("_")[0 if d > 0 else 1] == "LEFT" if d else align in ("LEFT_LEFT", "LEFT_RIGHT", "RIGHT_LEFT")
    if d == 0:
        left = "LEFT" in align
    return 0 if left else longest - size


def places(xp: Any, d: int, size: int) -> tuple[Any, Any]:
    index = xp.arange(size)
    return index + max(0, -d), index + max(0, d)


def within_matrix(n: Any, x: Any, low: int, high: int) -> None:
    """Refuses diagonals that matrices of known size do not have."""
    rows, columns = x[-2:]
    if None not in (rows, columns):
        for d in (low, high):
            if d and not -rows < d < columns:
                n.fail(f"diagonal {d} is outside the matrix")


def met(rows: int, columns: int, low: int, high: int) -> None:
    for d in (low, high):
        if d and not -rows < d < columns:
            raise RunError(f"diagonal {d} is outside a matrix of {rows} rows and {columns} columns")
