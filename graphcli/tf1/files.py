"""Whole files as strings (tf.read_file, tf.write_file)."""
from __future__ import annotations

from typing import Any

from .framework import apply_op

EXPORTS = """
tf: read_file write_file matching_files
io: read_file write_file matching_files
"""


def read_file(filename: Any, name: str | None = None) -> Any:
    """The bytes of a file (tf.read_file)."""
    return apply_op("ReadFile", name, [filename])


def matching_files(pattern: Any, name: str | None = None) -> Any:
    """The names of the files that match any of some patterns, in order (tf.matching_files)."""
    return apply_op("MatchingFiles", name, [pattern])


def write_file(filename: Any, contents: Any, name: str | None = None) -> Any:
    """Writes bytes to a file, and makes the folders above it (tf.write_file)."""
    return apply_op("WriteFile", name, [filename, contents])
