"""Files and folders under TF1's names (tf.gfile)."""
from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, NamedTuple

from ..ops.files import matches
from .compat import as_bytes, as_text
from .error_names import AlreadyExistsError, NotFoundError, PermissionDeniedError

EXPORTS = """
gfile: GFile FastGFile=GFile Open=GFile Exists IsDirectory ListDirectory MakeDirs MkDir Remove Rename Copy Glob Walk
gfile: DeleteRecursively Stat
"""


@contextmanager
def _there(path: Any) -> Iterator[None]:
    """Raises NotFoundError where what is done inside finds nothing."""
    try:
        yield
    except FileNotFoundError:
        raise NotFoundError(f"{path}: no such file") from None


class GFile:
    """An open file (tf.gfile.GFile); it is opened when it is first read or written."""

    def __init__(self, name: Any, mode: str = "r") -> None:
        self.name, self.mode = os.fspath(name), mode
        self._file: Any = None

    def _open(self) -> Any:
        if self._file is None:
            with _there(self.name):
                self._file = open(self.name, self.mode, encoding=None if "b" in self.mode else "utf-8")  # noqa: SIM115
        return self._file

    def _for(self, doing: str, modes: str) -> Any:
        """The file, opened for what is done. Raises PermissionDeniedError if it was opened for something else."""
        if not set(modes) & set(self.mode):
            raise PermissionDeniedError(f"{self.name} was opened in mode {self.mode!r}, which does not allow {doing}")
        return self._open()

    def read(self, n: int = -1) -> Any:
        return self._for("reading", "r+").read(n)

    def readline(self) -> Any:
        return self._for("reading", "r+").readline()

    def readlines(self) -> Any:
        return self._for("reading", "r+").readlines()

    def write(self, file_content: Any) -> None:
        """Text or bytes, in whatever mode the file is."""
        self._for("writing", "wax+").write(as_bytes(file_content) if "b" in self.mode else as_text(file_content))

    def seek(self, offset: int, whence: int = 0) -> None:
        self._open().seek(offset, whence)

    def tell(self) -> int:
        return int(self._open().tell())

    def size(self) -> int:
        return os.path.getsize(self.name)

    def flush(self) -> None:
        if self._file is not None:
            self._file.flush()

    def close(self) -> None:
        if self._file is not None:
            self._file.close()
            self._file = None

    def __iter__(self) -> Iterator[Any]:
        return iter(self._open())

    def __enter__(self) -> GFile:
        if "w" in self.mode or "a" in self.mode:
            self._open()
        return self

    def __exit__(self, *error: object) -> None:
        self.close()


def Exists(filename: Any) -> bool:  # noqa: N802
    return os.path.exists(filename)


def IsDirectory(dirname: Any) -> bool:  # noqa: N802
    return os.path.isdir(dirname)


def ListDirectory(dirname: Any) -> list[str]:  # noqa: N802
    """The names in a folder. Raises NotFoundError if there is none."""
    if not os.path.isdir(dirname):
        raise NotFoundError(f"{dirname}: no such folder")
    return os.listdir(dirname)


def MakeDirs(dirname: Any) -> None:  # noqa: N802
    """A folder and those above it."""
    os.makedirs(dirname, exist_ok=True)


def MkDir(dirname: Any) -> None:  # noqa: N802
    """A folder in one that is there, or that folder itself. Raises NotFoundError if that is not there."""
    if not os.path.isdir(dirname):
        with _there(dirname):
            os.mkdir(dirname)


def Remove(filename: Any) -> None:  # noqa: N802
    """Raises NotFoundError if there is no such file."""
    with _there(filename):
        os.remove(filename)


def Rename(oldname: Any, newname: Any, overwrite: bool = False) -> None:  # noqa: N802
    """Raises NotFoundError if there is no such file, AlreadyExistsError where the new name is one."""
    if not overwrite and os.path.exists(newname):
        raise AlreadyExistsError(f"{newname} exists")
    with _there(oldname):
        os.replace(oldname, newname)


def Copy(oldpath: Any, newpath: Any, overwrite: bool = False) -> None:  # noqa: N802
    """Raises NotFoundError if there is no such file, AlreadyExistsError where the new name is one."""
    if not overwrite and os.path.exists(newpath):
        raise AlreadyExistsError(f"{newpath} exists")
    with _there(oldpath):
        shutil.copyfile(oldpath, newpath)


def Glob(filename: Any) -> list[str]:  # noqa: N802
    """The files of a pattern, or of each pattern of a list."""
    patterns = [filename] if isinstance(filename, (str, bytes, os.PathLike)) else filename
    return [path for pattern in patterns for path in matches(os.fsdecode(pattern))]


def Walk(top: Any, in_order: bool = True) -> Iterator[tuple[str, list[str], list[str]]]:  # noqa: N802
    return os.walk(top, topdown=in_order)


def DeleteRecursively(dirname: Any) -> None:  # noqa: N802
    """Removes a folder and all in it. Raises NotFoundError if there is none."""
    if not os.path.isdir(dirname):
        raise NotFoundError(f"{dirname}: no such folder")
    shutil.rmtree(dirname)


class FileStatistics(NamedTuple):
    """What is known of a file: its bytes, when it was written in nanoseconds, and whether it is a folder."""

    length: int
    mtime_nsec: int
    is_directory: bool


def Stat(filename: Any) -> FileStatistics:  # noqa: N802
    """What is known of a file (tf.gfile.Stat). Raises NotFoundError if there is none."""
    with _there(filename):
        found = os.stat(filename)
    folder = os.path.isdir(filename)
    return FileStatistics(0 if folder else found.st_size, found.st_mtime_ns, folder)
