"""Training by the command line, and checkpoints."""
from __future__ import annotations

from pathlib import Path
from typing import Any

from training import checkpoints, digits

from .startup import Row, interleaved, row


def rows(times: int, folder: Path, tensorflow: str | None) -> list[Row]:
    made: list[Any] = digits(times, row, tensorflow)
    return [*made, *checkpoints(min(times, 5), folder, row, interleaved)]
