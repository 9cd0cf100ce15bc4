"""Writing 100,000 scalar events, against tensorboardX (extra ``bench``), in one run.

    python benchmarks/events.py [--times 5] [--events 100000]

Both write the same numbers under the same tag into a folder of their own and close the file; what they wrote is read
back by graphcli's reader and compared. ``benchmarks/run.py`` has the row too.
"""
from __future__ import annotations

import argparse
import shutil
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))


def graphcli_writes(folder: str, count: int) -> None:
    from graphcli.formats.events.writer import EventWriter

    with EventWriter(folder) as writer:
        for step in range(count):
            writer.scalar("loss", step * 0.5, step)


def tensorboardx_writes(folder: str, count: int) -> None:
    from tensorboardX import SummaryWriter

    with SummaryWriter(folder) as writer:
        for step in range(count):
            writer.add_scalar("loss", step * 0.5, step)


def seconds(write: Callable[[str, int], None], count: int) -> float:
    """How long one of them takes; raises AssertionError unless all events are there afterwards."""
    from graphcli.formats.events.series import load

    folder = tempfile.mkdtemp()
    try:
        start = time.perf_counter()
        write(folder, count)
        took = time.perf_counter() - start
        (log,) = load(folder)
        points = log.tags("scalar")["loss"]
        assert [(p.step, p.value) for p in points] == [(i, i * 0.5) for i in range(count)]
    finally:
        shutil.rmtree(folder)
    return took


def measured(times: int, count: int) -> tuple[float, float]:
    """Median seconds of graphcli and of tensorboardX, taken in turn."""
    pairs = [(seconds(graphcli_writes, count), seconds(tensorboardx_writes, count)) for _ in range(times)]
    return statistics.median(a for a, _ in pairs), statistics.median(b for _, b in pairs)


def row(times: int, count: int = 100_000) -> dict[str, Any] | None:
    """The row of ``run.py``; None where tensorboardX is not installed."""
    try:
        import tensorboardX  # noqa: F401
    except ImportError:
        return None
    ours, theirs = measured(times, count)
    return {"what": f"writing {count:,} scalar events", "value": round(ours / theirs, 4), "unit": "times tensorboardX",
            "against": f"{theirs:.2f} s; graphcli {ours:.2f} s", "bound": 0.2, "ok": ours / theirs <= 0.2}


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--times", type=int, default=5)
    parser.add_argument("--events", type=int, default=100_000)
    arguments = parser.parse_args()
    ours, theirs = measured(arguments.times, arguments.events)
    print(f"graphcli {ours:.3f} s, tensorboardX {theirs:.3f} s: {theirs / ours:.1f} times as fast")
    return int(theirs < 5 * ours)


if __name__ == "__main__":
    sys.exit(main())
