"""Session: runs a graph, keeps the values of its variables (tf.Session)."""
from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from ..errors import InvalidType, InvalidValue, NotFound, did_you_mean
from ..graph.default import get_default_graph
from ..graph.graph import Graph, Node, Tensor
from ..graph.types import show
from ..passes.effects import VARIABLES
from ..passes.place import Placement, place, read_devices
from ..passes.prune import INPUTS
from . import backends
from .blocks import BLOCK
from .execute import Executable
from .failures import uninitialized
from .feeds import convert
from .fetches import Fetches, element, is_slices, is_variable, key
from .handed import on_host
from .plan import PASSES, Options, Plan
from .planner import make_plan
from .prepared import Prepared, stepper
from .state import State
from .workers import Workers

if TYPE_CHECKING:
    from concurrent.futures import ThreadPoolExecutor

    from .checkpoint import Rename, Restored

CACHE = 256
"""Plans that a session keeps."""


def physical_memory() -> int | None:
    """Bytes of memory of this machine, None where that is not known."""
    import os

    try:
        return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    except (ValueError, OSError, AttributeError):
        return None


@contextlib.contextmanager
def uncollected() -> Iterator[None]:
    """No garbage collection within: what a plan is made of lives on, and to look through it again and again only
    costs."""
    import gc

    was = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was:
            gc.enable()


def chosen(passes: Sequence[str]) -> frozenset[str]:
    """The names of passes as a set. Raises InvalidValue for one that is none."""
    for name in passes:
        if name not in PASSES:
            raise InvalidValue(f"there is no pass {name!r}; there are {', '.join(PASSES)}",
                               hint=did_you_mean(name, PASSES))
    return frozenset(passes)


class Session:
    """Runs a graph.

    graph: a Graph, or a built spec (with ``graph``, ``resolve`` and ``devices``); the default graph
    if None. seed: for random ops that have no seed. threads: how many threads share a
    fused loop, or the blocks of a large product or convolution; it changes no number.
    devices: over those of the spec. soft_placement: what has no device goes to the default one.
    listeners: objects with ``wrap(step, kernel)``. max_bytes: what one step may make. passes: the optimizations
    that are applied, of ``plan.PASSES``; all by default, none where a listener asks to see every node
    (``per_node``). block: elements of a block of a fused loop. Neither changes a number. memory: bytes that a step
    may hold with its feeds and variables, as far as shapes tell; what needs more is refused before it runs.
    """

    def __init__(self, graph: Any = None, seed: int | None = None, threads: int | None = None,
                 devices: Mapping[str, Any] | None = None, soft_placement: bool = False,
                 listeners: Sequence[Any] = (), max_bytes: int | None = None,
                 passes: Sequence[str] | None = None, block: int = BLOCK, memory: int | None = None) -> None:
        source = get_default_graph() if graph is None else graph
        if isinstance(source, Graph):
            self.graph = source
            self._named: Callable[[str], Any] | None = None
            self._start: Callable[[Session], None] | None = None
            table: Mapping[str, Any] = {}
        else:
            self.graph = source.graph
            self._named = source.resolve
            self._start = getattr(source, "start", None)
            table = getattr(source, "devices", None) or {}
        self.threads = threads
        self.listeners = list(listeners)
        self.max_bytes = physical_memory() if max_bytes is None else max_bytes
        self.state = State(seed, self.max_bytes)
        if passes is None:
            passes = () if any(getattr(x, "per_node", False) for x in self.listeners) else PASSES
        self.passes = chosen(passes)
        self.block = block
        self.memory = memory
        self._workers = Workers(threads)
        self._devices = read_devices({**table, **(devices or {})})
        self._soft = soft_placement
        self._backends: dict[str, backends.Backend] = {}
        self._placement: tuple[int, Placement] | None = None
        self._runs: dict[Any, Prepared] = {}
        self._pool: ThreadPoolExecutor | None = None
        self._closed = False
        self._contexts: list[Any] = []

    # -- running

    def run(self, fetches: Any, feed_dict: Mapping[Any, Any] | None = None, options: Any = None,
            run_metadata: Any = None) -> Any:
        """One step: the values of ``fetches``, in their nesting.

        fetches: names, handles, tensors, variables, IndexedSlices and nodes (whose value is None), in
        lists, tuples and mappings. A variable's value is that after the step. feed_dict: values for
        any tensors. options: a RunOptions; with ``trace_level`` FULL_TRACE, run_metadata (a RunMetadata
        of graphcli or TensorFlow) is filled with what each node cost.

        Raises RunError for what fails while running, InvalidType and InvalidValue for feeds that do
        not fit, NotFound for names.
        """
        if run_metadata is not None:
            run_metadata.Clear()
            if getattr(options, "trace_level", 0):
                from .timeline import Timeline

                timeline = Timeline()
                values = self.watched(timeline, fetches, feed_dict)
                run_metadata.MergeFromString(timeline.run_metadata().SerializeToString())
                return values
        if self._closed:
            raise InvalidValue("the session is closed")
        feeds = self._feeds(feed_dict)
        tensors = list(feeds)
        found = self._prepared(fetches, tensors)
        return found.structure.rebuild(self._call(found, [feeds[t] for t in tensors]))

    def watched(self, listener: Any, fetches: Any, feed_dict: Mapping[Any, Any] | None = None) -> Any:
        """One step as ``run`` takes it, seen by one more listener; its plan is made for it alone.

        No node is folded or fused away where the listener asks to see every one (``per_node``).
        """
        kept = self.listeners, self._runs, self.passes
        self.listeners, self._runs = [*self.listeners, listener], {}
        if getattr(listener, "per_node", False):
            self.passes = frozenset()
        try:
            return self.run(fetches, feed_dict)
        finally:
            self.listeners, self._runs, self.passes = kept

    def make_callable(self, fetches: Any, feed_list: Sequence[Any] = ()) -> Callable[..., Any]:
        """A function of the values of ``feed_list`` that takes one step and returns ``fetches``."""
        tensors = [self._feedable(f) for f in feed_list]
        return stepper(self, self._prepared(fetches, tensors))

    def plan(self, fetches: Any, feeds: Sequence[Any] | Mapping[Any, Any] = ()) -> Plan:
        """What ``run`` would do, given the tensors that would be fed, or a mapping with their values."""
        return self.executable(fetches, feeds).plan

    def executable(self, fetches: Any, feeds: Sequence[Any] | Mapping[Any, Any] = (), listeners: Sequence[Any] = ()
                   ) -> Executable:
        """The plan of ``fetches`` as it would be run; with listeners, one made for them."""
        if isinstance(feeds, Mapping):
            values = self._feeds(feeds)
            prepared = self._prepared(fetches, list(values))
            found = self._made(prepared, prepared.key(list(values.values())))
        else:
            prepared = self._prepared(fetches, [self._feedable(f) for f in feeds])
            found = self._made(prepared, prepared.shapes if prepared.fixed else None)
        if not listeners:
            return found
        return Executable(found.plan, self.state, self._backend, listeners, self._workers, self.block)

    def take(self, executable: Executable, feeds: Mapping[Any, Any]) -> list[Any]:
        """A step of an executable."""
        values: list[Any] = executable.enter(executable, list(self._feeds(feeds).values()), self.device_threads)
        return values

    def initialize(self, feed_dict: Mapping[Any, Any] | None = None, missing_only: bool = False) -> None:
        """Gives every global and local variable its initial value.

        The same as running ``tf.global_variables_initializer()`` and the local one, without adding to
        the graph; an initializer that reads another variable comes after that one's. Of feed_dict
        only placeholders count. missing_only: those that have a value keep it. A model that was saved with the
        values of its variables gets them.
        """
        variables = [v for v in self.variables() if not missing_only or not self.is_initialized(v)]
        if variables:
            initializers = [getattr(v.initializer, "op", v.initializer) for v in variables]
            feeds = {t: v for t, v in self._feeds(feed_dict).items() if t.op.type in INPUTS}
            found = self._prepared(initializers, list(feeds), writers_first=True)
            self._call(found, list(feeds.values()))
        if self._start is not None:
            self._start(self)

    def variables(self) -> list[Any]:
        """The global and local variables of the graph, each once."""
        found = [v for k in ("variables", "local_variables") for v in self.graph.get_collection(k)]
        return list({id(v): v for v in found if is_variable(v)}.values())

    def value(self, variable: Any) -> Any:
        """A copy of a variable's value. Raises RunError if it has none."""
        node = self._variable(variable)
        slot = self.state.slot(node)
        if slot.value is None:
            raise uninitialized(node)
        return on_host(slot.value)

    def load(self, variable: Any, value: Any) -> None:
        """Gives a variable a value. Raises what ``feeds.convert`` raises if it does not fit."""
        node = self._variable(variable)
        array = convert(node.outputs[0], value)
        static = node.attrs.get("shape")
        if static is not None and len(static) == array.ndim and tuple(array.shape) != tuple(
                a if s is None else s for s, a in zip(static, array.shape)):
            raise InvalidValue(f"{node.name} has shape {show(static)}, not {show(array.shape)}", node.span)
        backend = self._backend(self._place().device(node))
        self.state.slot(node).value = backend.put(np.array(array, order="C"))

    def is_initialized(self, variable: Any) -> bool:
        return self.state.slot(self._variable(variable)).value is not None

    def save(self, prefix: str, global_step: Any = None, variables: Sequence[Any] | None = None,
             extra: Mapping[str, Any] | None = None, keep: int | None = None) -> str:
        """Writes the global variables to a checkpoint that TensorFlow reads; returns its prefix.

        prefix: a path; ``-STEP`` is added if global_step, a number or what gives one, is there. The folder is
        made, and its ``checkpoint`` file names the newest. variables: these instead. extra: further arrays by
        name. keep: how many of the folder's checkpoints stay, all by default.

        Raises RunError for a variable without a value, UsageError for a file that cannot be written.
        """
        from .checkpoint import save

        return save(self, prefix, global_step, variables, extra, keep)

    def restore(self, prefix: str, rename: Rename | None = None, partial: bool = False) -> Restored:
        """Gives the variables their values in a checkpoint; returns what matched and what did not.

        prefix: of a checkpoint, or a folder, whose newest is taken. rename: {name in the checkpoint: variable}, or
        a function from the one to the name of the other. partial: variables that are missing or of another shape
        or dtype are left as they are; without it they are an error (NotFound, InvalidValue) and nothing changes.

        Raises DataLoss for a damaged checkpoint; nothing changes then.
        """
        from .checkpoint import restore

        return restore(self, prefix, rename, partial)

    def close(self) -> None:
        """Frees the variables and threads; the session cannot run any more."""
        self._closed = True
        for prepared in self._runs.values():
            prepared.close()
        self._runs.clear()
        self.state.clear()
        self._workers.close()
        if self._pool is not None:
            self._pool.shutdown()
            self._pool = None

    def __enter__(self) -> Session:
        from .default import push

        context = self.graph.as_default()
        context.__enter__()
        self._contexts.append(context)
        push(self)
        return self

    def __exit__(self, *exc: Any) -> None:
        from .default import pop

        pop(self)
        self._contexts.pop().__exit__(None, None, None)
        self.close()

    # -- names

    def resolve(self, thing: Any) -> Any:
        """What a name means here: a handle of the spec first, else a name of the graph."""
        if self._named is not None and isinstance(thing, str):
            return self._named(thing)
        return element(self.graph, thing)

    def _variable(self, thing: Any) -> Node:
        if isinstance(thing, str):
            thing = self.resolve(thing)
        node = getattr(thing, "op", thing)
        if not isinstance(node, Node) or node.type not in VARIABLES:
            raise InvalidType(f"{getattr(thing, 'name', thing)} is not a variable")
        return node

    def _feeds(self, feed_dict: Mapping[Any, Any] | None) -> dict[Tensor, Any]:
        out: dict[Tensor, Any] = {}
        for thing, value in (feed_dict or {}).items():
            if is_slices(thing):
                parts = (thing.values, thing.indices, thing.dense_shape)
                out.update((t, convert(t, v)) for t, v in zip(parts, value) if t is not None)
                continue
            tensor = self._feedable(thing)
            if tensor in out:
                raise InvalidValue(f"{tensor.name} is fed twice", tensor.op.span)
            out[tensor] = convert(tensor, value)
        return out

    def _feedable(self, thing: Any) -> Tensor:
        found = self.resolve(thing) if isinstance(thing, str) else thing
        if isinstance(found, (list, tuple, Mapping)):
            raise InvalidType(f"{thing!r} is a structure; feed the tensors in it one by one")
        found = element(self.graph, found)
        if isinstance(found, Node):
            raise InvalidType(f"{found.name} ({found.type}) is an operation and cannot be fed", found.span,
                              hint=f"a tensor is {found.name}:0" if found.outputs else None)
        if found.op.graph is not self.graph:
            raise NotFound(f"{found.name} is not of this graph")
        return found

    # -- plans

    def _prepared(self, fetches: Any, tensors: Sequence[Tensor], writers_first: bool = False) -> Prepared:
        name = (key(fetches), tuple(tensors), writers_first)
        found = self._runs.get(name)
        if found is None:
            structure = Fetches(fetches, self.resolve)
            while len(self._runs) >= CACHE:
                del self._runs[next(iter(self._runs))]
            found = self._runs[name] = Prepared(structure, tuple(tensors), writers_first)
        return found

    def _made(self, prepared: Prepared, shapes: Any) -> Executable:
        found = prepared.by_shape.get(shapes)
        if found is None:
            place = self._place()
            # a plan for initializers runs once: what optimizing costs would never come back
            passes = frozenset() if prepared.writers_first else self.passes
            options = Options(passes, shapes, lambda d: place.backend(d).backend == "numpy", self._changing(),
                              self.memory, self.block, self._workers.count)
            with uncollected():
                plan = make_plan(prepared.structure.leaves, prepared.tensors, place, prepared.writers_first,
                                 self.max_bytes, len(self.graph), options)
                found = prepared.by_shape[shapes] = Executable(plan, self.state, self._backend, self.listeners,
                                                               self._workers, self.block)
                if len(plan.devices) == 1:
                    found.parts[0].function()
        return found

    def _changing(self) -> frozenset[Node]:
        """The variables to which an Assign may give another shape."""
        return frozenset(n.inputs[0].op for n in self.graph
                         if n.type == "Assign" and not n.attrs.get("validate_shape", True))

    def _call(self, prepared: Prepared, arrays: Sequence[Any]) -> list[Any]:
        shapes = prepared.key(arrays)
        idle = prepared.idle.setdefault(shapes, [])
        executable = idle.pop() if idle else self.claim(prepared, shapes)
        try:
            self._tell("started", executable.plan)
            values: list[Any] = executable.enter(executable, arrays, self.device_threads)
            self._tell("finished", executable.plan)
            return values
        finally:
            idle.append(executable)

    def claim(self, prepared: Prepared, shapes: Any) -> Executable:
        """An executable that nobody else uses now: it keeps buffers between steps."""
        if self._closed:
            raise InvalidValue("the session is closed")
        return self._made(prepared, shapes).claimed()

    def _tell(self, what: str, plan: Plan) -> None:
        for listener in self.listeners:
            method = getattr(listener, what, None)
            if method is not None:
                method(plan)

    def placement(self) -> Placement:
        """Where each node runs, and why."""
        return self._place()

    def _place(self) -> Placement:
        size = len(self.graph)
        if self._placement is None or self._placement[0] != size:
            used = {d.backend for d in self._devices.values()}
            missing = backends.missing(used) if used - {"numpy"} else {}
            self._placement = size, place(self.graph, self._devices, self._soft, missing)
        return self._placement[1]

    def _backend(self, name: str) -> backends.Backend:
        found = self._backends.get(name)
        if found is None:
            found = self._backends[name] = backends.make(self._place().backend(name), self._workers.each)
        return found

    def device_threads(self, count: int) -> ThreadPoolExecutor:
        if self._pool is None or self._pool._max_workers < count:
            if self._pool is not None:
                self._pool.shutdown()
            # brings logging along, which a step on one device does without
            from concurrent.futures import ThreadPoolExecutor

            self._pool = ThreadPoolExecutor(count, thread_name_prefix="graphcli-device")
        return self._pool
