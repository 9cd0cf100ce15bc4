"""Values that are written as text while a graph runs (tf.print, tf.strings.format)."""
from __future__ import annotations

import logging as _logging
import sys
from pprint import pformat
from typing import Any

from ..errors import InvalidType, InvalidValue, said
from .conversion import convert_to_tensor, is_tensor
from .framework import apply_op
from .nesting import map_structure
from .sparse_tensor import is_sparse

EXPORTS = """
tf: print=print_values
strings: format=format_values
"""

_DIGITS = "94580"
"""What TensorFlow makes a mark longer by where the text has it already."""
_LEVELS = {_logging.INFO: "log(info)", _logging.WARNING: "log(warning)", _logging.ERROR: "log(error)",
           "info": "log(info)", "warning": "log(warning)", "warn": "log(warning)", "error": "log(error)"}


class _Mark:
    """What stands for a tensor in a nested structure while it is written."""

    def __init__(self, text: str) -> None:
        self.text = text

    def __repr__(self) -> str:
        return self.text


def format_values(template: str, inputs: Any, placeholder: str = "{}", summarize: int = 3,
                  name: str | None = None) -> Any:
    """The template with a tensor in each ``placeholder``, a scalar string (tf.strings.format).

    Raises InvalidType for what is no tensor or list, InvalidValue where there are not as many places as tensors.
    """
    if is_tensor(inputs):
        inputs = [inputs]
    if not isinstance(inputs, (list, tuple)):
        raise InvalidType(f"a tensor or a list of them is formatted, not {said(inputs)}")
    if not isinstance(template, str):
        raise InvalidType(f"the template is a text, not {said(template)}")
    if template.count(placeholder) != len(inputs):
        raise InvalidValue(f"the template has {template.count(placeholder)} places {placeholder!r}, and there are "
                           f"{len(inputs)} tensors")
    return apply_op("StringFormat", name, [list(inputs)], {"template": template, "placeholder": placeholder,
                                                     "summarize": summarize})


def _stream(stream: Any) -> str:
    """What PrintV2 calls an output. Raises InvalidValue for what is none."""
    if stream is None or stream is sys.stderr:
        return "stderr"
    if stream is sys.stdout:
        return "stdout"
    level = _LEVELS.get(getattr(stream, "__name__", None) if callable(stream) else stream)
    if level is not None:
        return level
    if isinstance(stream, str) and (stream.startswith("file://") or stream in ("stdout", "stderr")):
        return stream
    raise InvalidValue(f"there is no output stream {stream!r}",
                       hint="sys.stdout, sys.stderr, tf.logging.info, tf.logging.error or 'file://PATH'")


def print_values(*inputs: Any, **kwargs: Any) -> Any:
    """An op that writes texts, tensors and structures of them (tf.print).

    output_stream: sys.stderr, sys.stdout, a function of tf.logging or "file://PATH"; summarize: so many elements at
    both ends of each axis; sep: between, end: behind. Raises InvalidValue for other keywords and streams.
    """
    stream = _stream(kwargs.pop("output_stream", None))
    name, summarize = kwargs.pop("name", None), kwargs.pop("summarize", 3)
    sep, end = kwargs.pop("sep", " "), kwargs.pop("end", "\n")
    if kwargs:
        raise InvalidValue(f"print takes no {', '.join(kwargs)}",
                           hint="it takes output_stream, summarize, sep, end and name")
    if len(inputs) == 1 and is_tensor(inputs[0]) and not is_sparse(inputs[0]):
        text = convert_to_tensor(inputs[0])
        if text.dtype.base_dtype == "string" and text.static == ():
            return apply_op("PrintV2", name, [text], {"output_stream": stream, "end": end})
    tensors: list[Any] = []

    def leaf(x: Any, mark: str) -> Any:
        if is_sparse(x):
            tensors.extend(x.components)
            return f"SparseTensor(indices={mark}, values={mark}, shape={mark})"
        if is_tensor(x):
            tensors.append(x)
            return _Mark(mark)
        return x

    def template(mark: str) -> str:
        tensors.clear()
        def marked(x: Any) -> str:
            return x if isinstance(x, str) else pformat(map_structure(lambda v: leaf(v, mark), x))

        return str(sep.join(map(marked, inputs)))

    mark, digits, plain = "{}", iter(_DIGITS * 9), template("")
    while mark in plain:
        mark += next(digits)
    text = format_values(template(mark), tensors, mark, summarize, f"{name}_format" if name else None)
    return apply_op("PrintV2", name, [text], {"output_stream": stream, "end": end})
