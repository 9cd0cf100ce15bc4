"""Sends a large file on its way to the disk while it is still being written, so that the end does not wait for all."""
from __future__ import annotations

import contextlib
import os
from typing import BinaryIO

STRETCH = 1 << 23
"""Bytes that are sent at once."""


class Flusher:
    """Call ``grown`` as a file grows, ``finish`` when it is whole: it is on the disk then."""

    def __init__(self, file: BinaryIO) -> None:
        self.file = file
        self._sent = 0

    def grown(self, size: int) -> None:
        """``size``: the bytes that are in the file by now."""
        if size - self._sent < STRETCH or not hasattr(os, "posix_fadvise"):
            return
        # on Linux the advice begins to write what is not written yet, and does not wait for it
        with contextlib.suppress(OSError):
            os.posix_fadvise(self.file.fileno(), self._sent, size - self._sent, os.POSIX_FADV_DONTNEED)
        self._sent = size

    def finish(self) -> None:
        """Raises OSError where the file cannot be brought to the disk."""
        self.file.flush()
        os.fsync(self.file.fileno())
