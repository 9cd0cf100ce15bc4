"""Accumulators as values: gradients of several steps, taken together when there are enough of them."""
from __future__ import annotations

import threading
from typing import Any

import numpy as np

from ..errors import Cancelled, InvalidArgument
from ..graph.deadline import held, wait
from ..graph.shapes import Static, compatible, show


class Accumulator:
    """The sum of dense gradients, or their mean (tf.ConditionalAccumulator).

    static: the shape of each, as far as it is known. mean: whether what is taken is divided by how many there are.
    """

    def __init__(self, name: str, static: Static, mean: bool) -> None:
        self.name, self.static, self.mean = name, static, mean
        self.step = 0
        """Gradients of earlier steps come too late and are left out."""
        self.count = 0
        self.total: Any = None
        self.cancelled = False
        self._changed = threading.Condition()
        self._taker = threading.Lock()

    def apply(self, step: int, gradient: Any) -> None:
        """Takes one in, which is the caller's no more. Raises InvalidArgument where it does not fit."""
        with self._changed:
            if step < self.step:
                return
            self._check(gradient)
            self.total = self._sum(self.total, gradient) if self.count else self._first(gradient)
            self.count += 1
            self._changed.notify_all()

    def take(self, many: int) -> Any:
        """Waits for so many, then gives the sum or mean of all that came, and begins a new step.

        Raises InvalidArgument for a number that is not positive, DeadlineExceeded where it waits too long.
        """
        if many <= 0:
            raise InvalidArgument(f"Argument num_required must be positive, but was {many}")
        with held(self._taker), self._changed:
            while self.count < many:
                if self.cancelled:
                    raise Cancelled(f"the session of the accumulator {self.name!r} was closed")
                wait(self._changed)
            given = self._result(self.total)
            self.total, self.count = None, 0
            self.step += 1
        return given

    def set_step(self, step: int) -> None:
        with self._changed:
            self.step = step

    def cancel(self) -> None:
        """Ends the waiting of all: the session is closed."""
        with self._changed:
            self.cancelled = True
            self._changed.notify_all()

    def _check(self, gradient: Any) -> None:
        expected = self.total.shape if self.count else self.static
        if not compatible(expected, np.shape(gradient)):
            raise InvalidArgument(f"Shape mismatch: expected {show(expected)}, got {show(np.shape(gradient))}")

    def _first(self, gradient: Any) -> Any:
        return gradient

    def _sum(self, total: Any, gradient: Any) -> Any:
        return np.add(total, gradient)

    def _result(self, total: Any) -> Any:
        return np.divide(total, total.dtype.type(self.count)) if self.mean else total


class SparseAccumulator(Accumulator):
    """The same of rows (tf.SparseConditionalAccumulator): a gradient is (indices, rows, shape or None), and each row is
    divided by how many came for it."""

    def _check(self, gradient: Any) -> None:
        indices, rows, shape = gradient
        known = self.static
        if np.ndim(indices) != 1:
            raise InvalidArgument(f"Input indices should be vector but received shape: {show(np.shape(indices))}")
        if not np.ndim(rows):
            raise InvalidArgument("Values cannot be 0-dimensional.")
        if len(rows) != len(indices):
            raise InvalidArgument(f"Expected {len(indices)} non-empty input values, got {len(rows)}")
        if shape is not None and known is not None:
            _check_sizes("shape", known, shape.reshape(-1).tolist(), 0)
        expected = self.total[1].shape if self.count else known
        if expected is not None:
            _check_sizes("values", expected, np.shape(rows), 1)
        for i, index in enumerate(indices.tolist() if known and known[0] is not None else ()):
            if index >= known[0]:  # type: ignore[index]
                raise InvalidArgument(f"Shape mismatch: index of slice {i} exceeded limits of shape; index is {index} "
                                      f"exceeded {known[0]}")  # type: ignore[index]

    def _first(self, gradient: Any) -> Any:
        indices, rows, _ = gradient
        return indices, rows, np.ones(len(indices), np.int64)

    def _sum(self, total: Any, gradient: Any) -> Any:
        """Merges by rising indices, as TensorFlow does whether they rise or not."""
        (mine, rows, counts), (theirs, more, _) = total, gradient
        indices: list[int] = []
        parts: list[Any] = []
        numbers: list[int] = []
        i = j = 0
        while i < len(mine) or j < len(theirs):
            left = j == len(theirs) or i < len(mine) and mine[i] <= theirs[j]
            right = i == len(mine) or j < len(theirs) and theirs[j] <= mine[i]
            indices.append(mine[i] if left else theirs[j])
            parts.append(np.add(rows[i], more[j]) if left and right else rows[i] if left else more[j])
            numbers.append((counts[i] if left else 0) + right)
            i, j = i + left, j + right
        shape = (len(parts), *rows.shape[1:])
        return (np.array(indices, np.int64), np.array(parts, rows.dtype).reshape(shape), np.array(numbers, np.int64))

    def _result(self, total: Any) -> Any:
        indices, rows, counts = total
        if self.mean:
            rows = np.divide(rows, counts.astype(rows.dtype).reshape(-1, *[1] * (rows.ndim - 1)))
        first = self.static[0] if self.static else None
        return [indices, rows, np.array([-1 if first is None else first, *rows.shape[1:]], np.int64)]


def _check_sizes(what: str, expected: Any, met: Any, begin: int) -> None:
    if len(met) < len(expected) or what == "values" and len(met) != len(expected):
        raise InvalidArgument(f"Shape mismatch: expected {what} rank {len(expected)}, got {len(met)}")
    for i in range(begin, len(expected)):
        if expected[i] is not None and expected[i] != met[i]:
            raise InvalidArgument(f"Shape mismatch: expected {what} dim {i} to be {expected[i]}, got {met[i]}")
