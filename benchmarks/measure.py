"""Measuring: a row is one piece of work, written once for graphcli and TensorFlow, once by hand in numpy.

What is compared is measured in turn (A B C A B C ...), so that a machine that slows down slows all; a figure is
the median of its repetitions, its spread the distance between the quartiles over the median.
"""
from __future__ import annotations

import json
import statistics
import subprocess
import sys
import time
import timeit
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
THREADS = 2

Step = Callable[[], Any]


@dataclass(frozen=True)
class Work:
    """One row.

    data: arrays by name, the same for all. build: ``(tf, data)`` -> (fetches, [(placeholder, array)]) with the
    calls of tf.compat.v1, which are graphcli's too. hand: ``(data)`` -> a step in numpy. others: the same by
    the peer's name. bars: peer -> the least ratio of its time to ours. calls: steps in one measurement.
    check: how the values must agree, None where they are not compared. pytensor: ``(data)`` -> what
    pytensor.function takes, inputs, outputs and updates, and the values of the inputs.
    """

    name: str
    data: Callable[[], dict[str, Any]]
    build: Callable[[Any, dict[str, Any]], tuple[Any, list[tuple[Any, Any]]]]
    hand: Callable[[dict[str, Any]], Step] | None = None
    others: dict[str, Callable[[dict[str, Any]], Step]] = field(default_factory=dict)
    bars: dict[str, float] = field(default_factory=dict)
    calls: int = 1
    check: float | None = 1e-4
    pytensor: Callable[[dict[str, Any]], tuple[list[Any], list[Any], list[Any], list[Any]]] | None = None


@dataclass
class Found:
    """What one side of a row took: seconds for a step, each repetition."""

    seconds: list[float] = field(default_factory=list)

    @property
    def median(self) -> float:
        return statistics.median(self.seconds)

    @property
    def spread(self) -> float:
        if len(self.seconds) < 3:
            return 0.0
        low, _, high = statistics.quantiles(self.seconds, n=4)
        return (high - low) / self.median


SETTLE = 0.06
"""Seconds before each measurement: BLAS threads of the one before go on spinning for some 25 ms."""


LEAD = 0.15
"""Seconds for which a step runs before it counts: what is told is the pace of a loop, and after the pause a processor
has to come to its speed and its caches to their content."""


def timed(step: Step, calls: int) -> float:
    """Seconds for one step, over several, after some that do not count."""
    time.sleep(SETTLE)
    end = time.perf_counter() + LEAD
    step()
    while time.perf_counter() < end:
        step()
    start = time.perf_counter()
    for _ in range(calls):
        step()
    return (time.perf_counter() - start) / calls


WARM = 1.2
"""Seconds for which each side of a row runs before it is measured: who chooses by measuring has chosen by then."""


def warm(step: Step) -> None:
    """Runs a step for some time."""
    time.sleep(SETTLE)
    end = time.perf_counter() + WARM
    while time.perf_counter() < end:
        step()


class Calm:
    """Waits for a machine that others use too: on a virtual one both cores together may give half for seconds.

    One piece of work on both cores is timed before each measurement; while it takes longer than at best, nothing is
    measured. least: its least time. waited: seconds lost so far.
    """

    WORSE = 1.15
    PATIENCE, PAUSE = 15.0, 0.1
    """Seconds to wait for one row at most, and from one look to the next."""

    def __init__(self) -> None:
        import numpy as np

        self.operands = np.ones((512, 512), np.float32), np.ones((512, 512), np.float32)
        self.least = min(self.look() for _ in range(60))
        self.waited = 0.0

    def look(self) -> float:
        a, b = self.operands
        return min(timeit.repeat(lambda: a @ b, number=1, repeat=5))

    def wait(self, patience: float) -> float:
        """Returns when it is calm; what is left of the patience."""
        begun = time.perf_counter()
        while True:
            took = self.look()
            self.least = min(self.least, took)
            lost = time.perf_counter() - begun
            if took < self.WORSE * self.least or lost > patience:
                self.waited += lost
                return patience - lost
            time.sleep(self.PAUSE)


class Peer:
    """A process with a library of its own that takes the same steps when it is asked to."""

    def __init__(self, name: str, python: str) -> None:
        self.name = name
        command = [python, str(ROOT / "benchmarks" / f"peer_{name}.py"), str(THREADS)]
        try:
            self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=ROOT)
            self.version = str(self._ask({"do": "version"})["version"])
        except (OSError, ValueError) as error:
            raise SystemExit(f"{python} does not run {name}: {error}") from None

    def _ask(self, what: dict[str, Any]) -> dict[str, Any]:
        assert self.process.stdin is not None and self.process.stdout is not None
        self.process.stdin.write(json.dumps(what) + "\n")
        self.process.stdin.flush()
        line = self.process.stdout.readline()
        if not line:
            raise SystemExit(f"the process with {self.name} ended")
        answer: dict[str, Any] = json.loads(line)
        if "error" in answer:
            raise SystemExit(f"{self.name}: {answer['error']}")
        return answer

    def prepare(self, family: str, name: str) -> bool:
        """Whether it has the row."""
        return bool(self._ask({"do": "prepare", "family": family, "name": name})["ready"])

    def seconds(self, calls: int) -> float:
        return float(self._ask({"do": "time", "calls": calls})["seconds"])

    def close(self) -> None:
        assert self.process.stdin is not None
        self.process.stdin.close()
        self.process.wait()


def ours(work: Work, data: dict[str, Any]) -> Step:
    """The row's step in graphcli."""
    import graphcli.tf1 as tf
    from graphcli.engine import Session

    with tf.Graph().as_default() as graph:
        fetches, feeds = work.build(tf, data)
    session = Session(graph, seed=1, threads=THREADS)
    session.initialize()
    step = session.make_callable(fetches, [f[0] for f in feeds])
    values = [f[1] for f in feeds]
    return lambda: step(*values)


def measure(family: str, work: Work, times: int, processes: Sequence[Peer], peers: Sequence[str], calm: Calm
            ) -> dict[str, Found]:
    """The times of each side of a row, taken in turn when the machine is calm; the first rounds do not count."""
    data = work.data()
    steps: dict[str, Step] = {"graphcli": ours(work, data)}
    if work.hand is not None:
        steps["numpy"] = work.hand(data)
    steps.update((name, make(data)) for name, make in work.others.items() if name in peers)
    values = {name: step() for name, step in steps.items()}
    for step in steps.values():
        warm(step)
    if work.check is not None and "numpy" in values:
        _compare(work, values["graphcli"], values["numpy"])
    found = {name: Found() for name in steps}
    ready = {p.name: p for p in processes if p.prepare(family, work.name)}
    found.update((name, Found()) for name in ready)
    patience = Calm.PATIENCE
    for turn in range(times + 2):
        for name, side in found.items():
            patience = calm.wait(patience)
            seconds = ready[name].seconds(work.calls) if name in ready else timed(steps[name], work.calls)
            if turn >= 2:
                side.seconds.append(seconds)
    return found


def _compare(work: Work, a: Any, b: Any) -> None:
    import numpy as np

    a = a[-1] if isinstance(a, (list, tuple)) else a
    b = b[-1] if isinstance(b, (list, tuple)) else b
    np.testing.assert_allclose(a, b, rtol=work.check or 0, atol=work.check or 0, err_msg=work.name)


def load(family: str) -> Any:
    """The module of a family of rows."""
    sys.path[:0] = [str(ROOT), str(ROOT / "benchmarks")] if str(ROOT) not in sys.path else []
    import importlib

    return importlib.import_module(f"families.{family}")
