"""Strings put together and matched, as a Saver's file names need them."""
from __future__ import annotations

import re
from typing import Any

import numpy as np

from ..errors import InvalidValue
from ..graph.opdef import no_gradient, op, same_shape, undefined_gradient
from ..graph.types import count, show


@op
class StringJoin:
    """The strings of several tensors joined element by element, a scalar with every one (tf.string_join)."""

    signature = "inputs: N*string -> output: string"
    attrs = "N: int >= 0; separator: string = ''"
    gradient = no_gradient

    def infer(n: Any, inputs: Any) -> Any:
        if any(s is None for s in inputs):
            return None
        out: Any = ()
        for shape in inputs:
            if shape != ():
                out = shape if out == () else n.merge(out, shape, "shapes of the strings")
        return out

    def kernel(n: Any) -> Any:
        separator = n.attrs["separator"].encode()

        def join(inputs: Any) -> Any:
            arrays = [np.asarray(x, object) for x in inputs]
            shapes = {a.shape for a in arrays if a.ndim}
            if len(shapes) > 1:
                raise InvalidValue(f"the strings have the shapes {' and '.join(show(s) for s in sorted(shapes))}")
            shape = next(iter(shapes), ())
            total = count(shape) or 0
            columns = [a.reshape(-1).tolist() if a.ndim else [a[()]] * total for a in arrays]
            out = np.empty(total, object)
            out[:] = [separator.join(row) for row in zip(*columns)] if columns else b""
            return out.reshape(shape)

        return join


@op
class StaticRegexFullMatch:
    """Whether each string matches a pattern as a whole (tf.strings.regex_full_match)."""

    signature = "input: string -> output: bool"
    attrs = "pattern: string"
    infer = same_shape
    gradient = undefined_gradient

    def kernel(n: Any) -> Any:
        try:
            pattern = re.compile(n.attrs["pattern"].encode())
        except re.error as error:
            raise InvalidValue(f"{n.attrs['pattern']!r} is no regular expression: {error}") from None

        def match(x: Any) -> Any:
            flat = np.asarray(x, object)
            found = [pattern.fullmatch(v) is not None for v in flat.reshape(-1).tolist()]
            return np.array(found, bool).reshape(flat.shape)

        return match
