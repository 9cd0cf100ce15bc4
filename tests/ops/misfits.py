"""Inputs of the table that do not fit: one input of a row with another rank or another size, known from the start."""
from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from . import cases


@dataclass(frozen=True)
class Misfit:
    """A row of which one input (and of a list one item) has another shape."""

    row: cases.Row
    kind: str
    place: tuple[int, ...]
    how: str
    shapes: tuple[Any, ...]
    """Of each input: (shape, dtype), or a list of such."""

    @property
    def key(self) -> str:
        return f"{'.'.join(map(str, self.place))} {self.how}"


def misfits(row: cases.Row) -> Iterator[Misfit]:
    """What a row does not take, perhaps: in the first of its dtypes."""
    kind = row.kinds[0]
    inputs = [[_form(x) for x in v] if isinstance(v, list) else _form(v) for v in row.values(kind)]
    for at, given in enumerate(inputs):
        for place in [(at, i) for i in range(len(given))] if isinstance(given, list) else [(at,)]:
            shape, dtype = given[place[1]] if isinstance(given, list) else given
            for how, other in _others(shape):
                changed = [list(g) if isinstance(g, list) else g for g in inputs]
                if len(place) == 2:
                    changed[at][place[1]] = other, dtype
                else:
                    changed[at] = other, dtype
                yield Misfit(row, kind, place, how, tuple(changed))


def _form(value: Any) -> tuple[tuple[int, ...], str]:
    array, dtype = value if isinstance(value, tuple) else (value, None)
    array = np.asarray(array)
    return array.shape, dtype or ("string" if array.dtype == object else array.dtype.name)


def _others(shape: tuple[int, ...]) -> Iterator[tuple[str, tuple[int, ...]]]:
    yield "more axes", (1, *shape)
    if not shape:
        yield "several", (2,)
        return
    yield "fewer axes", shape[1:]
    yield "an axis behind", (*shape, 1)
    yield "longer", (*shape[:-1], shape[-1] + 1)
    yield "more rows", (shape[0] + 1, *shape[1:])
    yield "no rows", (0, *shape[1:])
    yield "nothing", (*shape[:-1], 0)
    yield "a scalar", ()


def refused(tf: Any, raw: Any, misfit: Misfit) -> bool:
    """Whether a library refuses to build it."""
    with tf.Graph().as_default():
        inputs = [[tf.placeholder(d, s) for s, d in x] if isinstance(x, list) else tf.placeholder(x[1], x[0])
                  for x in misfit.shapes]
        try:
            raw(misfit.row.op, *inputs, **misfit.row.attrs)
        except NotImplementedError:
            return False
        except (TypeError, ValueError):
            return True
        return False


def rows() -> list[cases.Row]:
    return [r for r in cases.rows() if r.inputs and not r.program]
