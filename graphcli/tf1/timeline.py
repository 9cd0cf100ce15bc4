"""The times of a step's ops as a trace that Chrome shows (tensorflow.python.client.timeline)."""
from __future__ import annotations

import json
import re
from typing import Any, NamedTuple

EXPORTS = """
python.client.timeline: Timeline
"""

LABEL = re.compile(r"(.*) = (.*)\((.*)\)")
"""How a step says what ran: ``name = Op(input, input)``."""


class Made(NamedTuple):
    """Where and when a tensor came to be."""

    end: int
    process: int
    lane: int


class Timeline:
    """What the ``step_stats`` of a RunMetadata tell, to be written for chrome://tracing (timeline.Timeline)."""

    def __init__(self, step_stats: Any, graph: Any = None) -> None:
        self._devices = step_stats.dev_stats
        self._events: list[dict[str, Any]] = []
        self._named: list[dict[str, Any]] = []
        self._made: dict[str, Made] = {}

    def generate_chrome_trace_format(self, show_dataflow: bool = True, show_memory: bool = False) -> str:
        """The trace as JSON: an event per op, arrows from what makes a tensor to what takes it, and with show_memory
        how many bytes each allocator holds."""
        self._events, self._named, self._made = [], [], {}
        self._process("Allocators")
        lanes = []
        for device in self._devices:
            lanes.append((device, self._process(f"{device.device} Compute"), _lanes(device.node_stats)))
            self._process(f"{device.device} Tensors")
        for device, process, of_node in lanes:
            for stats, lane in zip(device.node_stats, of_node):
                end = stats.all_start_micros + stats.all_end_rel_micros
                for slot, _ in enumerate(stats.output):
                    self._made[f"{stats.node_name}:{slot}" if slot else stats.node_name] = Made(end, process, lane)
        flows = 0
        for device, process, of_node in lanes:
            for stats, lane in zip(device.node_stats, of_node):
                inputs = self._op(stats, process, lane)
                for name in inputs if show_dataflow else ():
                    made = self._made.get(name)
                    if made is not None and made[1:] != (process, lane):
                        self._event("s", "DataFlow", name, made.process, made.lane, made.end, id=flows)
                        self._event("t", "DataFlow", name, process, lane, stats.all_start_micros, id=flows)
                        flows += 1
        if show_memory:
            self._memory()
        return json.dumps({"traceEvents": self._named + self._events}, indent=4, separators=(",", ": "))

    def _process(self, name: str) -> int:
        """The number of a process, which has its name in the trace."""
        number = len(self._named)
        self._named.append({"name": "process_name", "ph": "M", "pid": number, "args": {"name": name}})
        return number

    def _event(self, ph: str, cat: str, name: str, pid: int, tid: int, ts: int, **more: Any) -> None:
        self._events.append({"ph": ph, "cat": cat, "name": name, "pid": pid, "tid": tid, "ts": ts, **more})

    def _op(self, stats: Any, process: int, lane: int) -> list[str]:
        """Adds the event of an op; returns the names of its inputs."""
        label = LABEL.match(stats.timeline_label)
        op, inputs = (label[2], label[3].split(", ") if label[3] else []) if label else ("unknown", [])
        told = {"name": stats.node_name, "op": op, **{f"input{i}": name for i, name in enumerate(inputs)}}
        self._event("X", "Op", op, process, lane, stats.all_start_micros, dur=stats.all_end_rel_micros, args=told)
        return inputs

    def _memory(self) -> None:
        """A counter per allocator: a tensor is held from the start of its op to the end of what takes it last."""
        last: dict[str, int] = {}
        changes: dict[str, list[tuple[int, int]]] = {}
        for device in self._devices:
            for stats in device.node_stats:
                label = LABEL.match(stats.timeline_label)
                for name in label[3].split(", ") if label else ():
                    last[name] = max(last.get(name, 0), stats.all_start_micros + stats.all_end_rel_micros - 1)
        for device in self._devices:
            for stats in device.node_stats:
                for slot, output in enumerate(stats.output):
                    name = f"{stats.node_name}:{slot}" if slot else stats.node_name
                    held = output.tensor_description.allocation_description
                    of_allocator = changes.setdefault(held.allocator_name, [])
                    end = max(last.get(name, 0), stats.all_start_micros + stats.all_end_rel_micros)
                    of_allocator += [(stats.all_start_micros, held.requested_bytes), (end, -held.requested_bytes)]
        for allocator, of_allocator in changes.items():
            total = 0
            for time, change in sorted(of_allocator):
                total += change
                self._events.append({"ph": "C", "cat": "Memory", "name": allocator, "pid": 0, "tid": 0, "ts": time,
                                     "args": {allocator: total}})


def _lanes(nodes: Any) -> list[int]:
    """A lane for each op, of those that are free when it starts the first."""
    free: list[int] = [0]
    lanes = []
    for stats in nodes:
        lane = next((i for i, end in enumerate(free) if stats.all_start_micros > end), len(free))
        free[lane:lane + 1] = [stats.all_start_micros + stats.all_end_rel_micros]
        lanes.append(lane)
    return lanes
