"""Files that are written whole or not at all: a temporary file beside, fsync, rename."""
from __future__ import annotations

import contextlib
import os
from collections.abc import Callable
from typing import BinaryIO

from ..errors import UsageError, reason_of


def write_whole(path: str, write: Callable[[BinaryIO], object]) -> None:
    """Replaces ``path`` by what ``write`` writes. Raises UsageError if it cannot be written."""
    import tempfile

    if os.path.exists(path) and not os.path.isfile(path):
        if os.path.isdir(path):
            raise UsageError(f"cannot write {path}: it is a folder")
        # a device or a pipe is written to, not replaced; /dev/stdout may lead to one that has no other name
        try:
            with open(path, "wb") as file:
                write(_Stream(file))  # type: ignore[arg-type]
        except OSError as error:
            raise UsageError(f"cannot write {path}: {_reason(error)}") from None
        return
    target = os.path.realpath(path)
    folder, name = os.path.split(target)
    try:
        mode = os.stat(target).st_mode & 0o777 if os.path.exists(target) else 0o666 & ~_umask()
        handle, temporary = tempfile.mkstemp(prefix=f".{name[:40]}.", suffix=".part", dir=folder)
    except (OSError, ValueError) as error:
        reason = reason_of(error) if os.path.isdir(folder) else f"there is no folder {os.path.dirname(path)}"
        raise UsageError(f"cannot write {path}: {reason}") from None
    try:
        with os.fdopen(handle, "wb") as file:
            write(file)
            file.flush()
            os.fsync(file.fileno())
        os.chmod(temporary, mode)
        os.replace(temporary, target)
    except BaseException as error:
        with contextlib.suppress(OSError):
            os.unlink(temporary)
        if isinstance(error, OSError):
            raise UsageError(f"cannot write {path}: {_reason(error)}") from None
        raise


class _Stream:
    """A device as what takes bytes and no more: /dev/null says that it can be sought in, and stays at 0."""

    def __init__(self, file: BinaryIO) -> None:
        self.write, self.flush = file.write, file.flush


def _reason(error: OSError) -> str:
    # numpy says how many of its numbers went in, and not why
    return reason_of(error) if error.strerror else "there is room for a part of it only"


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask
