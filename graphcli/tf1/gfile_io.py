"""Files and folders under the names that came with TensorFlow 1.13 (tf.io.gfile)."""
from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from typing import Any

from . import gfile as _files

EXPORTS = """
io.gfile: GFile=GFile_ copy exists glob isdir join listdir makedirs mkdir remove rename rmtree stat walk
"""

GFile_ = _files.GFile


def copy(src: Any, dst: Any, overwrite: bool = False) -> None:
    _files.Copy(src, dst, overwrite)


def exists(path: Any) -> bool:
    return os.path.exists(path)


def glob(pattern: Any) -> list[str]:
    """The files of a pattern, or of each pattern of a list."""
    return _files.Glob(pattern)


def isdir(path: Any) -> bool:
    return os.path.isdir(path)


def join(path: Any, *paths: Any) -> Any:
    return os.path.join(path, *paths)


def listdir(path: Any) -> list[str]:
    """The names in a folder. Raises NotFoundError if there is none."""
    return _files.ListDirectory(path)


def makedirs(path: Any) -> None:
    """A folder and those above it."""
    _files.MakeDirs(path)


def mkdir(path: Any) -> None:
    _files.MkDir(path)


def remove(path: Any) -> None:
    """Raises NotFoundError if there is no such file."""
    _files.Remove(path)


def rename(src: Any, dst: Any, overwrite: bool = False) -> None:
    _files.Rename(src, dst, overwrite)


def rmtree(path: Any) -> None:
    """Removes a folder and all in it. Raises NotFoundError if there is none."""
    _files.DeleteRecursively(path)


def stat(path: Any) -> Any:
    """What is known of a file (``length``, ``mtime_nsec``, ``is_directory``)."""
    return _files.Stat(path)


def walk(top: Any, topdown: bool = True,
         onerror: Callable[[OSError], Any] | None = None) -> Iterator[tuple[str, list[str], list[str]]]:
    """Each folder, the folders in it and its files."""
    return os.walk(top, topdown=topdown, onerror=onerror)
