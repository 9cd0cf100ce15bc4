"""Whole files as strings (tf.read_file, tf.write_file)."""
from __future__ import annotations

import glob
import os
import re
from typing import Any

import numpy as np

from ..errors import InvalidArgument, NotFound, Unimplemented
from ..graph.inference import scalar_shape
from ..graph.opdef import op, undefined_gradient
from .checkpoint import path_of

CPU_ONLY = True


def matches(pattern: str) -> list[str]:
    """The paths that a pattern matches, in order; those of ``*.txt`` are ``./a.txt``, as in TensorFlow."""
    magic = re.search(r"[*?[]", pattern)
    if magic is not None and not os.path.dirname(pattern[:magic.start()]):
        pattern = os.path.join(".", pattern)
    return sorted(glob.glob(pattern))


@op
class ReadFile:
    """The bytes of a file (tf.read_file)."""

    signature = "filename: string -> contents: string"
    stateful = True
    infer, gradient = scalar_shape, undefined_gradient

    def kernel(n: Any) -> Any:
        def read(filename: Any) -> Any:
            path = path_of(n, filename, reading=True)
            try:
                with open(path, "rb") as file:
                    return np.asarray(file.read(), object)
            except FileNotFoundError:
                raise NotFound(f"{path}; No such file or directory") from None

        return read


@op
class MatchingFiles:
    """The names of the files that match any of some patterns, in order (tf.matching_files)."""

    signature = "pattern: string -> filenames: string"
    takes = "pattern: <=1"
    stateful = True
    gradient = undefined_gradient

    def infer(n: Any, pattern: Any) -> Any:
        return (None,)

    def kernel(n: Any) -> Any:
        def match(pattern: Any) -> Any:
            found: set[str] = set()
            for one in np.asarray(pattern, object).reshape(-1):
                found.update(matches(path_of(n, one, reading=True)))
            out = np.empty(len(found), object)
            out[:] = [os.fsencode(name) for name in sorted(found)]
            return out

        return match


@op
class WriteFile:
    """Writes bytes to a file, and makes the folders above it (tf.write_file)."""

    signature = "filename: string, contents: string -> "
    stateful = True
    gradient = undefined_gradient

    def kernel(n: Any) -> Any:
        def write(filename: Any, contents: Any) -> None:
            from ..wire.files import write_whole

            path, data = path_of(n, filename), np.asarray(contents, object).item()
            os.makedirs(os.path.dirname(path) or ".", exist_ok=True)
            write_whole(path, lambda file: file.write(data))

        return write


@op
class ImmutableConst:
    """A tensor whose bytes are those of a file."""

    signature = " -> tensor: dtype"
    attrs = "dtype: type; shape: shape; memory_region_name: string"
    gradient = undefined_gradient

    def infer(n: Any) -> Any:
        return n.attrs["shape"]

    def kernel(n: Any) -> Any:
        kind, shape = n.attrs["dtype"], n.attrs["shape"]

        def read() -> Any:
            path = path_of(n, n.attrs["memory_region_name"], reading=True)
            if not os.path.exists(path):
                raise NotFound(f"{path}; No such file or directory")
            if kind.name == "string":
                raise Unimplemented("Sorry, DT_STRING is not currently supported for ImmutableConstOp.")
            dtype = np.dtype(n.dtype())
            count = int(np.prod(shape, dtype=np.int64))
            try:
                found = np.fromfile(path, dtype, count)
            except OSError as error:
                raise NotFound(f"{path}; {error.strerror}") from None
            if len(found) < count:
                raise InvalidArgument(f"{path} has less than {count} elements of {kind.name}")
            return found.reshape(shape)

        return read
