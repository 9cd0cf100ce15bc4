"""Timeline: what each node of one step cost, as a RunMetadata (tensorflow/core/framework/step_stats.proto).

TensorBoard colours the graph by it: by device, by time and by memory. The memory of a node is that of the arrays
which it makes; a node that runs many times, in a loop, has the sum of its times and the arrays of its last.
"""
from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from ..errors import GraphError
from ..graph.graph import Node
from ..graph.shapes import count
from ..graph.types import as_dtype
from .listeners import arrays_of
from .plan import Plan, Step

Described = tuple[int, tuple[int, ...], int]
"""Number of the dtype, shape, bytes of an output; None stands for one that is no array."""
LOCAL = "/job:localhost/replica:0/task:0"
"""What a device's name begins with where no job is named, as in TensorFlow's run metadata."""


@dataclass
class Cost:
    """One node in one step. first: seconds since 1970 when it began; seconds: in all its calls."""

    node: Node
    device: str
    first: float
    thread: int
    seconds: float = 0.0
    outputs: list[Described | None] = field(default_factory=list)


class Timeline:
    """A listener. clock: the time of day; ticks: a finer clock for how long a node takes."""

    per_node = True

    def __init__(self, clock: Callable[[], float] = time.time,
                 ticks: Callable[[], float] = time.perf_counter) -> None:
        self.clock = clock
        self.ticks = ticks
        self.costs: dict[str, Cost] = {}
        self.held: dict[Node, str] = {}
        """Nodes that a step takes values from without running a kernel: variables, constants, what was fed."""

    def clear(self) -> None:
        """Forgets the steps that were seen."""
        self.costs.clear()
        self.held.clear()

    def started(self, plan: Plan) -> None:
        """Finds the nodes that are there without a kernel of their own, and the device that wants each."""
        running = {step.node for step in plan.steps}
        running.update(n for step in plan.steps if step.region is not None for n in step.region.nodes)
        fed = {t.op for t in plan.feeds}
        ahead = [(t.op, step.device) for step in plan.steps for t in step.node.inputs]
        while ahead:
            node, device = ahead.pop()
            if node not in running and node not in self.held:
                self.held[node] = device
                ahead += [] if node in fed else [(t.op, device) for t in node.inputs]

    def wrap(self, step: Step, kernel: Callable[..., Any]) -> Callable[..., Any]:
        costs, node, device, clock, ticks = self.costs, step.node, step.device, self.clock, self.ticks

        def timed(*args: Any) -> Any:
            cost = costs.get(node.name)
            if cost is None:
                cost = costs[node.name] = Cost(node, device, clock(), threading.get_native_id())
            start = ticks()
            result = kernel(*args)
            cost.seconds += ticks() - start
            cost.outputs = [_described(a) for a in arrays_of(result)]
            return result

        return timed

    def run_metadata(self) -> Any:
        """A RunMetadata message of what was seen."""
        from ..wire.messages import message

        made = message("RunMetadata")()
        devices: dict[str, Any] = {}
        threads: dict[int, int] = {}
        # by device and time, not by which thread was first to say something
        for cost in sorted(self.costs.values(), key=lambda c: (c.device, c.first, c.node.number)):
            stats = _device(made, devices, cost.device)
            self._put(stats.node_stats.add(), cost, threads.setdefault(cost.thread, len(threads)))
        for node, device in sorted(self.held.items(), key=lambda h: h[0].number):
            _put_outputs(_device(made, devices, device).node_stats.add(node_name=node.name), device, _known(node))
        return made

    def _put(self, stats: Any, cost: Cost, thread: int) -> None:
        node = cost.node
        stats.node_name = node.name
        stats.all_start_micros, stats.all_start_nanos = int(cost.first * 1e6), int(cost.first * 1e9)
        # TensorBoard leaves out a node that took no time
        stats.op_end_rel_micros = stats.all_end_rel_micros = max(1, round(cost.seconds * 1e6))
        stats.op_end_rel_nanos = stats.all_end_rel_nanos = max(1000, round(cost.seconds * 1e9))
        stats.scheduled_micros, stats.scheduled_nanos = stats.all_start_micros, stats.all_start_nanos
        stats.timeline_label = f"{node.name} = {node.type}({', '.join(node.input_names())})"
        stats.thread_id = thread
        _put_outputs(stats, cost.device, cost.outputs)


def _device(made: Any, devices: dict[str, Any], device: str) -> Any:
    """The stats of a device, added when it is first named."""
    name = device if device.startswith("/job:") else LOCAL + device
    if name not in devices:
        devices[name] = made.step_stats.dev_stats.add(device=name)
    return devices[name]


def _put_outputs(stats: Any, device: str, outputs: Sequence[Described | None]) -> None:
    """The arrays of a node, and what they take together."""
    allocator = device.rpartition(":")[0].rpartition(":")[2].lower() or "cpu"
    total = sum(described[2] for described in outputs if described)
    if outputs:
        stats.memory.add(allocator_name=allocator, total_bytes=total, peak_bytes=total)
    for slot, described in enumerate(outputs):
        if described is None:
            continue
        dtype, shape, size = described
        output = stats.output.add(slot=slot)
        output.tensor_description.dtype = dtype
        # TensorBoard's page fails on an output without a shape, a scalar's too
        output.tensor_description.shape.SetInParent()
        for length in shape:
            output.tensor_description.shape.dim.add(size=length)
        allocation = output.tensor_description.allocation_description
        allocation.requested_bytes = allocation.allocated_bytes = size
        allocation.allocator_name = allocator


def _known(node: Node) -> list[Described | None]:
    """The outputs of a node as far as their static shapes say."""
    out: list[Described | None] = []
    for tensor in node.outputs:
        total = count(tensor.static)
        dtype = tensor.dtype.base_dtype
        shape = () if tensor.static is None else tuple(s or 0 for s in tensor.static)
        out.append(None if total is None else (dtype.enum, shape, total * dtype.size))
    return out


def _described(value: Any) -> Described | None:
    dtype, shape = getattr(value, "dtype", None), getattr(value, "shape", None)
    if dtype is None or shape is None:
        return None
    if getattr(dtype, "kind", "") == "O":
        return 7, tuple(shape), sum(len(s) for s in value.reshape(-1).tolist() if isinstance(s, (bytes, str)))
    try:
        return as_dtype(dtype).enum, tuple(shape), int(value.nbytes)
    except GraphError:
        return None
