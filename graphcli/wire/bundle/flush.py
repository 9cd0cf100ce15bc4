"""Sends a large file on its way to the disk while it is still being written, so that the end does not wait for all."""
from __future__ import annotations

import os
import threading
from typing import BinaryIO

LARGE = 1 << 26
"""Bytes from which a file is worth a thread."""
PAUSE = 0.02


class Flusher:
    """Call ``grown`` as a file grows, ``finish`` when it is whole: it is on the disk then."""

    def __init__(self, file: BinaryIO) -> None:
        self.file = file
        self._done = threading.Event()
        self._thread: threading.Thread | None = None

    def grown(self, size: int) -> None:
        if size >= LARGE and self._thread is None and hasattr(os, "fdatasync"):
            self._thread = threading.Thread(target=self._work, name="graphcli-flush", daemon=True)
            self._thread.start()

    def _work(self) -> None:
        descriptor = self.file.fileno()
        try:
            while not self._done.wait(PAUSE):
                os.fdatasync(descriptor)
        except OSError:
            return  # finish meets the same error, and raises it

    def stop(self) -> None:
        """Ends the thread; the file may be closed after this."""
        self._done.set()
        if self._thread is not None:
            self._thread.join()
            self._thread = None

    def finish(self) -> None:
        """Raises OSError where the file cannot be brought to the disk."""
        self.stop()
        self.file.flush()
        os.fsync(self.file.fileno())
