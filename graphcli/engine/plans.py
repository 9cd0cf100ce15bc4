"""Plans: what a session keeps so that a step that was taken before goes straight to its code."""
from __future__ import annotations

import copy
import threading
from collections.abc import Callable, Mapping, Sequence
from itertools import takewhile
from typing import Any
from weakref import WeakSet

from ..errors import Cancelled, Finished
from ..graph.graph import Graph, Node, Tensor
from ..passes.place import Placement, Placer, read_devices
from ..uncollected import uncollected
from . import backends
from .device_threads import DeviceThreads
from .execute import Executable
from .fetches import Fetches, key
from .plan import Options, Plan
from .planner import make_plan
from .prepared import Prepared
from .products import Products
from .state import State
from .workers import Workers

CACHE = 256
"""Fetches whose plans a session keeps at least."""
STEPS = 8192
"""It keeps those of more as long as they have fewer steps together, each plan counted as one step more: variables that
are read one by one are many."""


class Plans:
    """The plans of a session, by fetches, feeds and shapes, and what they run on: devices and threads."""

    def __init__(self, graph: Graph, state: State, resolve: Callable[[Any], Any], workers: Workers,
                 devices: Mapping[str, Any], soft: bool, max_bytes: int | None, memory: int | None, block: int,
                 gaps: bool) -> None:
        self.graph = graph
        self.state = state
        self.resolve = resolve
        self.gaps = gaps
        self.workers = workers
        self.products = Products(workers)
        self.devices = read_devices(devices)
        self.soft = soft
        self.max_bytes = max_bytes
        self.memory = memory
        self.block = block
        self.passes: frozenset[str] = frozenset()
        self.listeners: list[Any] = []
        self.runs: dict[Any, Prepared] = {}
        self.dropped: WeakSet[Prepared] = WeakSet()
        """Those that callables still hold."""
        self.closed = self.cancelled = False
        self.device_threads = DeviceThreads()
        self._lock = threading.Lock()
        self._steps = 0
        self._backends: dict[str, backends.Backend] = {}
        self._placer: Placer | None = None
        self._changing: set[Node] = set()
        """The variables to which an Assign may give another shape."""

    def prepared(self, fetches: Any, tensors: Sequence[Tensor], writers_first: bool = False,
                 done: frozenset[Node] = frozenset()) -> Prepared:
        """What is kept for these fetches and fed tensors. writers_first, done: see ``make_plan``."""
        name = (key(fetches), tuple(tensors), writers_first, done)
        found = self.runs.get(name)
        if found is None:
            structure = Fetches(fetches, self.resolve, self.gaps, tensors)
            made = Prepared(structure, tuple(tensors), writers_first, done)
            with self._lock:
                while len(self.runs) >= CACHE and self._steps > STEPS:
                    gone = self.runs.pop(next(iter(self.runs)))
                    self._steps -= gone.steps
                    self.dropped.add(gone)
                found = self.runs.setdefault(name, made)
        return found

    def made(self, prepared: Prepared, shapes: Any) -> Executable:
        """The plan for feeds of these shapes, ready to run."""
        found = prepared.by_shape.get(shapes)
        if found is None:
            found = prepared.by_shape[shapes] = self._make(prepared, shapes)
            steps = len(found.plan.steps) + 1
            with self._lock:
                if prepared not in self.dropped:
                    prepared.steps += steps
                    self._steps += steps
        return found

    @uncollected()
    def _make(self, prepared: Prepared, shapes: Any) -> Executable:
        place = self.placement()
        # a plan for initializers runs once: what optimizing costs would never come back
        passes = frozenset() if prepared.writers_first else self.passes
        options = Options(passes, shapes, lambda d: place.backend(d).backend == "numpy",
                          frozenset(self._changing), self.memory, self.block, self.workers.count)
        plan = make_plan(prepared.structure.leaves, prepared.tensors, place, prepared.writers_first,
                         self.max_bytes, len(self.graph), options, prepared.done)
        made = Executable(plan, self.state, self.devices_of(plan), self.listeners, self.workers, self.block,
                          self.products)
        for part in made.parts:
            part.function()
        return made

    def claim(self, prepared: Prepared, shapes: Any) -> Executable:
        """An executable that nobody else uses now: it keeps buffers between steps."""
        self.check()
        return self.made(prepared, shapes).claimed()

    def check(self) -> None:
        """Raises Finished where the session is closed, Cancelled where no step of it can run any more."""
        if self.closed:
            raise Finished("the session is closed")
        if self.cancelled:
            raise Cancelled("Run call was cancelled")

    def cancel(self) -> None:
        """Lets no further step run."""
        self.cancelled = True
        self._drop()

    def call(self, prepared: Prepared, arrays: Sequence[Any]) -> list[Any]:
        """One step, told to the listeners: the values of the fetches."""
        shapes = prepared.key(arrays)
        idle = prepared.idle.setdefault(shapes, [])
        executable = idle.pop() if idle else self.claim(prepared, shapes)
        try:
            self._tell("started", executable.plan)
            values: list[Any] = executable.enter(executable, arrays, self.device_threads)
            return values
        finally:
            self._tell("finished", executable.plan)
            idle.append(executable)

    def _tell(self, what: str, plan: Plan) -> None:
        for listener in self.listeners:
            method = getattr(listener, what, None)
            if method is not None:
                method(plan)

    def watched_by(self, listener: Any) -> Plans:
        """What runs the same, seen by one listener more, by plans made for it alone."""
        seen = copy.copy(self)
        seen.listeners, seen.runs, seen.dropped, seen._steps = [*self.listeners, listener], {}, WeakSet(), 0
        if getattr(listener, "per_node", False):
            seen.passes = frozenset()
        return seen

    def placement(self) -> Placement:
        """Where each node runs, and why."""
        with self._lock:
            if self._placer is None:
                used = {d.backend for d in self.devices.values()}
                missing = backends.missing(used) if used - {"numpy"} else {}
                self._placer = Placer(self.devices, self.soft, missing)
            placement = self._placer.placement
            new = list(takewhile(lambda n: n not in placement.placed, reversed(self.graph.nodes.values())))
            if new:
                self._placer.add(new[::-1])
                self._changing.update(n.inputs[0].op for n in new
                                      if n.type == "Assign" and not n.attrs.get("validate_shape", True))
        return placement

    def devices_of(self, plan: Plan) -> dict[str, backends.Backend]:
        """What runs a plan, by device."""
        return {name: self.backend(name) for name in plan.devices}

    def backend(self, name: str) -> backends.Backend:
        """What runs the nodes of a device."""
        found = self._backends.get(name)
        if found is None:
            found = self._backends[name] = backends.make(self.placement().backend(name), self.workers.each,
                                                            self.products.shared, self.products.adding,
                                                            self.products.part, self.products.turned)
        return found

    def close(self) -> None:
        """Drops the plans and ends the threads."""
        self.closed = True
        self._drop()
        self.workers.close()
        self.device_threads.close()
        for backend in self._backends.values():
            backend.close()

    def _drop(self) -> None:
        with self._lock:
            held = [*self.runs.values(), *self.dropped]
            self.runs.clear()
        for prepared in held:
            prepared.close()
