"""Rows of the table whose inputs are told in part: constants, and placeholders whose rank or sizes are not known or
that do not fit. The same are drawn everywhere."""
from __future__ import annotations

import random
from collections.abc import Iterator
from typing import Any

import numpy as np

from . import cases, check, misfits

MANY = 6
"""Cases of a row."""


def drawn(row: cases.Row) -> Iterator[list[Any]]:
    """Of each case its inputs: (dtype, shape, value), where a constant has a value, and no shape is no known rank."""
    for number in range(MANY):
        rng = random.Random(f"{row.key} {number}")
        yield [[_told(rng, *x) for x in given] if isinstance(given, list) else _told(rng, *given)
               for given in misfits.fit(row).inputs]


def _one_of(rng: random.Random, items: Any) -> Any:
    # of random numbers alone, which every Python draws the same
    return items[int(rng.random() * len(items))]


def _told(rng: random.Random, value: Any, dtype: str) -> tuple[str, Any, Any]:
    if value.size <= 64 and value.dtype.kind in "iuO" and rng.random() < 0.55:
        return dtype, None, _other(rng, value)
    shape = list(value.shape)
    if rng.random() < 0.3:
        shape = _misfit(rng, shape)
    if rng.random() < 0.15:
        return dtype, None, None
    known = rng.random() < 0.35
    return dtype, [d if known or rng.random() < 0.6 else None for d in shape], None


def _other(rng: random.Random, value: Any) -> Any:
    """A constant: the value, with another number in it, or in another shape."""
    chance = rng.random()
    if chance < 0.25 and value.dtype.kind in "iu" and value.size:
        flat = value.astype(np.int64).reshape(-1)
        at = int(rng.random() * flat.size)
        flat[at] = _one_of(rng, [-1, 0, 1, 2, 3, 7, -2, int(flat[at]) + 1])
        return flat.reshape(value.shape).astype(value.dtype)
    if chance < 0.35:
        shape = _misfit(rng, list(value.shape))
        none = np.full(1, b"" if value.dtype == object else 0, value.dtype)
        return np.resize(value.reshape(-1) if value.size else none, shape)
    return value


def _misfit(rng: random.Random, shape: list[int]) -> list[int]:
    how, at = _one_of(rng, ["more", "1", "0", "2", "before", "behind", "less"]), int(rng.random() * max(1, len(shape)))
    if how in ("before", "behind"):
        return [2, *shape] if how == "before" else [*shape, 3]
    if not shape:
        return shape
    return shape[:at] + ([] if how == "less" else [shape[at] + 1 if how == "more" else int(how)]) + shape[at + 1:]


def shapes(side: check.Side, row: cases.Row, inputs: list[Any]) -> str:
    """The shapes of the outputs side by side; ``!`` where they are refused, ``-`` where
    there is no such op any more."""
    tf = side.tf

    def made(dtype: str, shape: Any, value: Any) -> Any:
        if value is None:
            return tf.placeholder(dtype, shape)
        return tf.constant(value.tolist() if dtype == "string" else value, dtype, shape=value.shape)

    with tf.Graph().as_default():
        given = [[made(*x) for x in g] if isinstance(g, list) else made(*g) for g in inputs]
        try:
            outputs = side.raw(row.op, *given, **row.attrs)
        except NotImplementedError:
            return "-"
        except (TypeError, ValueError):
            return "!"
    return " ".join(check.static(y) for y in check.flat(outputs) if hasattr(y, "dtype")) or "none"


def rows() -> list[cases.Row]:
    return [r for r in misfits.rows() if r.op not in cases.CONTRIB]
