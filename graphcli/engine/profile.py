"""Profile: when each step ran, as a table by node and by scope, and as a trace in Chrome's format.

The time of a fused step is shared among its nodes by how many calls each has in it. A region of loops and branches has
what its nodes do not take: the time in which it finds which of them is next.
"""
from __future__ import annotations

import json
import time
from collections.abc import Callable, Sequence
from threading import get_ident
from typing import Any

from .plan import Plan, Step

Row = tuple[str, str, int, float, float]
MOST = 100_000
"""Calls that a trace holds: more than that no page shows, and a long training run has no end of them."""


class Recorded:
    """A listener that writes down what ran when: of the first ``most`` calls each, of all how often and how long.

    whole: the runs of the session in which the calls lie, (begin, end, thread). runs, wall: how many there were, and
    the seconds that they took.
    """

    def __init__(self, most: int = MOST) -> None:
        self.most = most
        self.events: list[tuple[Step, float, float, int]] = []
        self.totals: list[tuple[Step, list[float]]] = []
        self.whole: list[tuple[float, float, int]] = []
        self.runs = 0
        self.wall = 0.0
        self.start = time.perf_counter()
        self._begun: dict[int, float] = {}
        self._inner: dict[int, float] = {}
        """By thread: the seconds of the nodes of the region that it is in."""

    @property
    def calls(self) -> int:
        """How many there were."""
        return int(sum(count for _, (count, _) in self.totals))

    def started(self, plan: Plan) -> None:
        self._begun[get_ident()] = time.perf_counter()

    def finished(self, plan: Plan) -> None:
        ended, thread = time.perf_counter(), get_ident()
        begun = self._begun.pop(thread, ended)
        self.runs += 1
        self.wall += ended - begun
        if len(self.events) < self.most:
            self.whole.append((begun, ended, thread))

    def wrap(self, step: Step, kernel: Callable[..., Any]) -> Callable[..., Any]:
        return self._timed(step, kernel, False)

    def around(self, step: Step, kernel: Callable[..., Any]) -> Callable[..., Any]:
        """The same for a region, whose nodes have their own times, and for what has no kernel."""
        return self._timed(step, kernel, True)

    def _timed(self, step: Step, kernel: Callable[..., Any], around: bool) -> Callable[..., Any]:
        events, most, clock, thread, inner = self.events, self.most, time.perf_counter, get_ident, self._inner
        total, within = [0, 0.0], step.within
        self.totals.append((step, total))

        def timed(*args: Any) -> Any:
            here = thread()
            if around:
                inner[here] = 0.0
            begun = clock()
            try:
                return kernel(*args)
            finally:
                ended = clock()
                total[0] += 1
                total[1] += ended - begun
                if around:
                    total[1] -= inner[here]
                elif within:
                    inner[here] += ended - begun
                if len(events) < most:
                    events.append((step, begun, ended, here))

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
        numbers: dict[int, int] = {}
        told: list[dict[str, Any]] = []
        for i, (begun, ended, thread) in enumerate(self.whole, 1):
            told.append({"name": f"run {i}", "cat": "run", **self._span(begun, ended),
                         "tid": numbers.setdefault(thread, len(numbers))})
        devices: dict[int, str] = {}
        for step, begun, ended, thread in self.events:
            number = numbers.setdefault(thread, len(numbers))
            devices.setdefault(number, step.device)
            nodes = _nodes(step)
            told.append({"name": nodes[0] if len(nodes) == 1 else f"{nodes[0]} and {len(nodes) - 1} more",
                         "cat": _kind(step),
                         **self._span(begun, ended), "tid": number, "args": {"nodes": nodes, "device": step.device}})
        # who begins at the same time and ends later is around the other
        told.sort(key=lambda e: (e["tid"], e["ts"], -e["dur"], e["cat"] != "run"))
        return json.dumps({"traceEvents": [*_named(devices), *told], "displayTimeUnit": "ms"})

    def _span(self, begun: float, ended: float) -> dict[str, Any]:
        # in whole nanoseconds, so that what lies within another does so in the trace
        first, last = (round((t - self.start) * 1e9) for t in (begun, ended))
        return {"ph": "X", "pid": 0, "ts": first / 1000, "dur": (last - first) / 1000}


def _named(devices: dict[int, str]) -> list[dict[str, Any]]:
    """What a viewer calls the process and each thread: by its device, the first one of it without a number."""
    out: list[dict[str, Any]] = [{"name": "process_name", "ph": "M", "pid": 0, "args": {"name": "graphcli"}}]
    seen: dict[str, int] = {}
    for number, device in sorted(devices.items()):
        many = seen[device] = seen.get(device, 0) + 1
        out.append({"name": "thread_name", "ph": "M", "pid": 0, "tid": number,
                    "args": {"name": device if many == 1 else f"{device}, thread {many}"}})
    return out


def _kind(step: Step) -> str:
    """What a plan calls a step."""
    if step.snapshot:
        return "copy"
    if step.region is not None:
        return "Flow"
    return "Fused" if step.program is not None and len(step.program.nodes) > 1 else step.node.type


def _nodes(step: Step) -> Sequence[str]:
    """The names of the nodes of a step."""
    return [n.name for n in step.nodes or (step.node,)]


def _shares(step: Step) -> list[tuple[str, str, float]]:
    """The nodes of a step, with the part of its time that each is given."""
    if step.region is not None or step.snapshot:
        return [(step.node.name, _kind(step), 1.0)]
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
