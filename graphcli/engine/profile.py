"""Profile: when each step ran, as a table by node and by scope, and as a trace in Chrome's format.

The time of a fused step is shared among its nodes by how many calls each has in it.
"""
from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable
from typing import Any

from .plan import Step

Row = tuple[str, str, int, float, float]
MOST = 100_000
"""Calls that a trace holds: more than that no page shows, and a long training run has no end of them."""


class Recorded:
    """A listener that writes down what ran when: of the first ``most`` calls each, of all how often and how long."""

    def __init__(self, most: int = MOST) -> None:
        self.most = most
        self.events: list[tuple[Step, float, float, int]] = []
        self.totals: list[tuple[Step, list[float]]] = []
        self.start = time.perf_counter()

    @property
    def calls(self) -> int:
        """How many there were."""
        return int(sum(count for _, (count, _) in self.totals))

    def wrap(self, step: Step, kernel: Callable[..., Any]) -> Callable[..., Any]:
        events, most, clock, thread = self.events, self.most, time.perf_counter, threading.get_ident
        total = [0, 0.0]
        self.totals.append((step, total))

        def timed(*args: Any) -> Any:
            begun = clock()
            try:
                return kernel(*args)
            finally:
                ended = clock()
                total[0] += 1
                total[1] += ended - begun
                if len(events) < most:
                    events.append((step, begun, ended, thread()))

        return timed

    def by_node(self) -> list[Row]:
        """(node, op, calls, seconds, share of all), most seconds first."""
        times: dict[tuple[str, str], list[float]] = {}
        for step, (calls, seconds) in self.totals:
            for name, what, part in _shares(step):
                entry = times.setdefault((name, what), [0, 0.0])
                entry[0] += calls
                entry[1] += seconds * part
        return _sorted({k: (int(c), s) for k, (c, s) in times.items() if c})

    def by_scope(self) -> list[Row]:
        """The same by the first part of the nodes' names."""
        times: dict[tuple[str, str], tuple[int, float]] = {}
        for name, _, calls, seconds, _ in self.by_node():
            key = name.split("/")[0] if "/" in name else "", ""
            known = times.get(key, (0, 0.0))
            times[key] = known[0] + calls, known[1] + seconds
        return _sorted(times)

    def trace(self) -> str:
        """What happened first, as the JSON that chrome://tracing and ui.perfetto.dev read; times in microseconds."""
        threads = {t: i for i, t in enumerate(dict.fromkeys(e[3] for e in self.events))}
        told = []
        for step, begun, ended, thread in self.events:
            nodes = [n.name for n in (step.program.nodes if step.program is not None else (*step.products, step.node))]
            told.append({"name": step.node.name if len(nodes) == 1 else f"{nodes[0]} and {len(nodes) - 1} more",
                         "cat": step.node.type if len(nodes) == 1 else "Fused", "ph": "X", "pid": 0,
                         "tid": threads[thread], "ts": round((begun - self.start) * 1e6, 3),
                         "dur": round((ended - begun) * 1e6, 3), "args": {"nodes": nodes, "device": step.device}})
        return json.dumps({"traceEvents": told, "displayTimeUnit": "ms"})


def _shares(step: Step) -> list[tuple[str, str, float]]:
    """The nodes of a step, with the part of its time that each is given."""
    if step.products:
        return [(p.name, p.type, 1 / len(step.products)) for p in step.products]
    if step.program is None:
        return [(step.node.name, step.node.type, 1.0)]
    counts: dict[Any, int] = {}
    for node in step.program.sources:
        counts[node] = counts.get(node, 0) + 1
    total = sum(counts.values())
    return [(n.name, n.type, c / total) for n, c in counts.items()]


def _sorted(times: dict[tuple[str, str], tuple[int, float]]) -> list[Row]:
    total = sum(s for _, s in times.values()) or 1.0
    rows = [(name, what, calls, seconds, seconds / total) for (name, what), (calls, seconds) in times.items()]
    return sorted(rows, key=lambda r: (-r[3], r[0]))
