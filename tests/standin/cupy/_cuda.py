"""The device of the stand-in, which is this machine."""
from __future__ import annotations

from typing import Any


class cuda:
    """``cupy.cuda``."""

    class runtime:
        class CUDARuntimeError(RuntimeError):
            pass

        @staticmethod
        def getDeviceCount() -> int:
            return 1

    class Device:
        def __init__(self, index: int = 0) -> None:
            self.id = index

        def __enter__(self) -> Any:
            return self

        def __exit__(self, *args: Any) -> None:
            return None

    @staticmethod
    def get_current_stream() -> Any:
        return cuda.Stream()

    class Stream:
        def synchronize(self) -> None:
            pass
