"""Inputs of the table that do not fit: one input of a row with another rank or size or, of integers, other values.

Shapes are known from the start, and the node is refused when it is made; or they come with what is fed, and the run is.
"""
from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, Tuple  # noqa: UP035

import numpy as np

from . import cases, check

Value = Tuple[Any, str]  # noqa: UP006
"""An array and its dtype."""


@dataclass(frozen=True)
class Misfit:
    """A row of which one input (and of a list one item) is another."""

    row: cases.Row
    kind: str
    place: tuple[int, ...]
    how: str
    inputs: tuple[Any, ...]
    """Of each input its value, or a list of such."""

    @property
    def key(self) -> str:
        return f"{'.'.join(map(str, self.place))} {self.how}"

    @property
    def of_shape(self) -> bool:
        return self.how not in OTHER_VALUES


def fit(row: cases.Row) -> Misfit:
    """The row as it is."""
    kind = row.kinds[0]
    return Misfit(row, kind, (), "", tuple([_form(x) for x in v] if isinstance(v, list) else _form(v)
                                           for v in row.values(kind)))


def misfits(row: cases.Row) -> Iterator[Misfit]:
    """What a row does not take, perhaps: in the first of its dtypes."""
    inputs = fit(row).inputs
    for at, given in enumerate(inputs):
        for place in [(at, i) for i in range(len(given))] if isinstance(given, list) else [(at,)]:
            value, dtype = given[place[1]] if isinstance(given, list) else given
            for how, other in _others(value):
                changed = [list(g) if isinstance(g, list) else g for g in inputs]
                if len(place) == 2:
                    changed[at][place[1]] = other, dtype
                else:
                    changed[at] = other, dtype
                yield Misfit(row, row.kinds[0], place, how, tuple(changed))


def _form(value: Any) -> Value:
    array, dtype = value if isinstance(value, tuple) else (value, None)
    array = np.asarray(array)
    return array, dtype or ("string" if array.dtype == object else array.dtype.name)


def _others(x: Any) -> Iterator[tuple[str, Any]]:
    yield "more axes", x[None]
    if not x.ndim:
        yield "several", np.stack([x, x])
    else:
        yield "fewer axes", _first(x, x.shape[1:])
        yield "an axis behind", x[..., None]
        yield "longer", _grown(x, x.ndim - 1)
        yield "more rows", _grown(x, 0)
        yield "no rows", x[:0]
        yield "nothing", x[..., :0]
        yield "a scalar", _first(x, ())
    if x.dtype.kind in "iu" and x.size:
        yield from ((how, change(x)) for how, change in OTHER_VALUES.items())


OTHER_VALUES: dict[str, Callable[[Any], Any]] = {
    "negative": lambda x: (0 - x.astype(np.int64)).astype(x.dtype), "zeros": np.zeros_like,
    "hundreds": lambda x: np.full_like(x, 100)}


def _first(x: Any, shape: tuple[int, ...]) -> Any:
    """The first part of an array in this shape; zeros where it is empty."""
    size = int(np.prod(shape, dtype=int))
    return x.reshape(-1)[:size].reshape(shape) if x.size >= size else _zeros(shape, x)


def _grown(x: Any, axis: int) -> Any:
    """An array with its last part once more along an axis."""
    last = x.take([-1], axis) if x.shape[axis] else _zeros((*x.shape[:axis], 1, *x.shape[axis + 1:]), x)
    return np.concatenate([x, last], axis)


def _zeros(shape: tuple[int, ...], x: Any) -> Any:
    return np.full(shape, b"" if x.dtype == object else 0, x.dtype)


def refused(tf: Any, raw: Any, misfit: Misfit, run: bool = False) -> bool:
    """Whether a library refuses to build it; or to ``run`` it with shapes that nobody told before."""
    return bool(refusal(tf, raw, misfit, run))


def refusal(tf: Any, raw: Any, misfit: Misfit, run: bool = False) -> str:
    """Why it is refused; empty where it is not."""
    feeds: dict[Any, Any] = {}

    def fed(value: Any, dtype: str) -> Any:
        tensor = tf.placeholder(dtype, None if run else value.shape)
        feeds[tensor] = value.astype(tensor.dtype.as_numpy_dtype)
        return tensor

    with tf.Graph().as_default() as graph:
        inputs = [[fed(*one) for one in x] if isinstance(x, list) else fed(*x) for x in misfit.inputs]
        try:
            outputs = raw(misfit.row.op, *inputs, **misfit.row.attrs)
        except NotImplementedError:
            return ""
        except (TypeError, ValueError) as error:
            return str(error) or "refused"
    if run:
        ys = [y for y in check.flat(outputs) if hasattr(y, "dtype")]
        try:
            with tf.Session(graph=graph) as session:
                session.run(ys or outputs, feeds)
        except (tf.errors.OpError, ArithmeticError, LookupError, TypeError, ValueError) as error:
            return str(error) or "refused"
    return ""


def rows() -> list[cases.Row]:
    return [r for r in cases.rows() if r.inputs and not r.program]
