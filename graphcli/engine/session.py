"""Session: runs a graph, keeps the values of its variables (tf.Session)."""
from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from typing import TYPE_CHECKING, Any

from ..errors import InvalidType, RunError, said
from ..graph.deadline import within
from ..graph.default import get_default_graph
from ..graph.graph import Graph, Node, Tensor
from . import heap
from .blocks import BLOCK
from .execute import Executable
from .names import Names
from .plan import PASSES, Plan, chosen
from .plans import Plans
from .prepared import as_it_is, stepper
from .session_variables import Variables
from .sizes import check_numbers, physical_memory, refuse_beyond, with_copies
from .state import State
from .workers import Workers

if TYPE_CHECKING:
    from .in_parts import InParts


class Session(Variables):
    """Runs a graph.

    graph: a Graph, or a built spec (with ``graph``, ``resolve`` and ``devices``); the default graph
    if None. seed: for random ops that have no seed. threads: how many threads share a
    fused loop, or the blocks of a large product or convolution; it changes no number.
    devices: over those of the spec. soft_placement: what has no device goes to the default one.
    listeners: objects with ``wrap(step, kernel)``. max_bytes: what one op may make. passes: the optimizations
    that are applied, of ``plan.PASSES``; all by default, none where a listener asks to see every node
    (``per_node``). block: elements of a block of a fused loop. Neither changes a number. memory: bytes that a step
    may hold with its feeds and variables, as far as shapes tell; what needs more is refused before it runs.
    names: how the names of a Graph are read, by default so that a node's name is its first output.
    timeout: milliseconds that a step may take, 0 for any number.

    Raises InvalidType and InvalidValue for numbers, and names of passes, that are none.
    """

    def __init__(self, graph: Any = None, seed: int | None = None, threads: int | None = None,
                 devices: Mapping[str, Any] | None = None, soft_placement: bool = False,
                 listeners: Sequence[Any] = (), max_bytes: int | None = None,
                 passes: Sequence[str] | None = None, block: int = BLOCK, memory: int | None = None,
                 names: Callable[[Graph], Names] | None = None, timeout: int = 0) -> None:
        check_numbers(1, threads=threads, block=block)
        check_numbers(0, memory=memory, max_bytes=max_bytes)
        source = get_default_graph() if graph is None else graph
        if isinstance(source, Graph):
            self.graph = source
            named: Callable[[str], Any] | None = None
            self._start: Callable[[Session], None] | None = None
            table: Mapping[str, Any] = {}
        else:
            self.graph = source.graph
            named = source.resolve
            self._start = getattr(source, "start", None)
            table = getattr(source, "devices", None) or {}
        self.threads = threads
        self.timeout = timeout
        self.max_bytes = physical_memory() if max_bytes is None else max_bytes
        self.state = State(seed, self.max_bytes, physical_memory() if memory is None else memory)
        self.names = names(self.graph) if names is not None and named is None else Names(self.graph, named)
        self.plans = Plans(self.graph, self.state, self.names.resolve, Workers(threads), {**table, **(devices or {})},
                           soft_placement, self.max_bytes, memory, block, named is not None)
        self.listeners = self.plans.listeners
        self.listeners += listeners
        if passes is None:
            passes = () if any(getattr(x, "per_node", False) for x in listeners) else PASSES
        self.plans.passes = chosen(passes)
        heap.keep()
        self._contexts: list[Any] = []
        self._seen: tuple[Any, Plans] | None = None
        self._traces: list[tuple[Any, Plans]] = []

    @property
    def graph_def(self) -> Any:
        """The graph as a GraphDef (tf.Session.graph_def)."""
        return self.graph.as_graph_def()  # type: ignore[attr-defined]

    # -- running

    def run(self, fetches: Any, feed_dict: Mapping[Any, Any] | None = None, options: Any = None,
            run_metadata: Any = None) -> Any:
        """One step: the values of ``fetches``, in their nesting.

        fetches: names, handles, tensors, variables, IndexedSlices and nodes (whose value is None), in
        lists, tuples and mappings. A variable's value is that after the step. feed_dict: values for
        any tensors. options: a RunOptions; with ``trace_level`` FULL_TRACE, run_metadata (a RunMetadata
        of graphcli or TensorFlow) is filled with what each node cost; ``timeout_in_ms`` counts where it is not 0,
        else the timeout of the session.

        Raises RunError for what fails while running, DeadlineExceeded for what takes too long, InvalidType and
        InvalidValue for feeds that do not fit, NotFound for names.
        """
        limit = getattr(options, "timeout_in_ms", 0)
        with self._limited(limit if limit > 0 else self.timeout):
            if run_metadata is not None:
                run_metadata.Clear()
                if getattr(options, "trace_level", 0):
                    return self._traced(fetches, feed_dict, run_metadata)
            return self._run(self.plans, fetches, feed_dict)

    def _limited(self, milliseconds: int) -> AbstractContextManager[None]:
        return within(milliseconds) if milliseconds > 0 else nullcontext()

    def _traced(self, fetches: Any, feed_dict: Mapping[Any, Any] | None, run_metadata: Any) -> Any:
        """A step by a timeline that no other step has now, with the plans that were made for it."""
        try:
            timeline, plans = self._traces.pop()
        except IndexError:
            from .timeline import Timeline

            timeline = Timeline()
            plans = self.plans.watched_by(timeline)
        timeline.clear()
        try:
            values = self._run(plans, fetches, feed_dict)
            run_metadata.MergeFromString(timeline.run_metadata().SerializeToString())
            return values
        finally:
            self._traces.append((timeline, plans))

    def part(self, fetches: Any, feeds: Mapping[Tensor, Any], done: frozenset[Node]) -> Any:
        """One part of a step, of which the nodes ``done`` ran in others. As in TensorFlow, no step runs after one of
        which a part failed."""
        self.plans.check()
        values = list(self.names.feeds(feeds).values())
        found = self.plans.prepared(fetches, list(feeds), done=done)
        self.plans.made(found, found.key(values))
        try:
            with self._limited(self.timeout):
                return found.structure.rebuild(self.plans.call(found, values))
        except RunError:
            self.plans.cancel()
            raise

    def _run(self, plans: Plans, fetches: Any, feed_dict: Mapping[Any, Any] | None) -> Any:
        self.plans.check()
        feeds = self.names.feeds(feed_dict)
        tensors = list(feeds)
        found = plans.prepared(fetches, tensors)
        arrays = [feeds[t] for t in tensors]
        if plans.memory is not None and (copied := self.names.copied(feed_dict, feeds)):
            refuse_beyond(with_copies(plans.made(found, found.key(arrays)).plan, copied), plans.memory)
        values = plans.call(found, arrays)
        if found.feeds_fetched and self.names.hands_back:
            back = self.names.handed_back(found.structure.leaves, feed_dict)
            values = [back.get(i, value) for i, value in enumerate(values)]
        return found.structure.rebuild(values)

    def watched(self, listener: Any, fetches: Any, feed_dict: Mapping[Any, Any] | None = None) -> Any:
        """One step as ``run`` takes it, seen by one more listener; its plan is made for it alone and kept until
        another listener watches.

        No node is folded or fused away where the listener asks to see every one (``per_node``).
        """
        seen = self._seen
        if seen is None or seen[0] is not listener:
            seen = self._seen = listener, self.plans.watched_by(listener)
        return self._run(seen[1], fetches, feed_dict)

    def make_callable(self, fetches: Any, feed_list: Sequence[Any] | None = (), accept_options: bool = False
                      ) -> Callable[..., Any]:
        """A function of the values of ``feed_list`` that takes one step and returns ``fetches``.

        accept_options: the function also takes ``options`` and ``run_metadata``, as ``run`` does. As in TensorFlow,
        the function may be called with fewer values, those of the first, and leaves out what are too many, unless
        feed_list is None.
        """
        if feed_list is not None and not isinstance(feed_list, (list, tuple)):
            raise InvalidType(f"feed_list is a list of what is fed, not {said(feed_list)}")
        tensors = [self.names.feedable(f) for f in feed_list or ()]

        def otherwise(values: Sequence[Any]) -> Any:
            if feed_list is None:
                raise InvalidType(f"this callable takes no values, not {len(values)}")
            return self.run(fetches, dict(zip(tensors, values)))

        prepared = self.plans.prepared(fetches, tensors)
        fast = stepper(self.plans, prepared, otherwise)
        if self.plans.memory is not None:
            fast = as_it_is(fast, prepared, otherwise)
        if prepared.feeds_fetched and self.names.hands_back:
            fast = lambda *values: otherwise(values)  # noqa: E731

        def limited(*values: Any) -> Any:
            with self._limited(self.timeout):
                return fast(*values)

        step = limited if self.timeout > 0 else fast
        if not accept_options:
            return step

        def traced(*values: Any, options: Any = None, run_metadata: Any = None) -> Any:
            if options is None and run_metadata is None:
                return step(*values)
            return self.run(fetches, dict(zip(tensors, values)), options, run_metadata)

        return traced

    def list_devices(self) -> list[Any]:
        """What ops can run on here (tf.Session.list_devices): each with ``name``, ``device_type`` and
        ``memory_limit_bytes``."""
        from .devices_listed import listed

        return listed(self.plans.devices, self.max_bytes)

    def partial_run_setup(self, fetches: Any, feeds: Any = None) -> InParts:
        """The handle of a step that is taken in parts: what will be fetched, and what will be fed."""
        from .in_parts import InParts

        return InParts(self, fetches, feeds)

    def partial_run(self, handle: InParts, fetches: Any, feed_dict: Mapping[Any, Any] | None = None) -> Any:
        """The next part of a step: some of its fetches, given more of its feeds."""
        return handle.run(fetches, feed_dict)

    def plan(self, fetches: Any, feeds: Sequence[Any] | Mapping[Any, Any] = ()) -> Plan:
        """What ``run`` would do, given the tensors that would be fed, or a mapping with their values."""
        found = self.executable(fetches, feeds).plan
        if not isinstance(feeds, Mapping):
            return found
        return with_copies(found, self.names.copied(feeds, self.names.feeds(feeds)))

    def executable(self, fetches: Any, feeds: Sequence[Any] | Mapping[Any, Any] = (), listeners: Sequence[Any] = ()
                   ) -> Executable:
        """The plan of ``fetches`` as it would be run; with listeners, one made for them."""
        if isinstance(feeds, Mapping):
            values = self.names.feeds(feeds)
            prepared = self.plans.prepared(fetches, list(values))
            found = self.plans.made(prepared, prepared.key(list(values.values())))
        else:
            prepared = self.plans.prepared(fetches, [self.names.feedable(f) for f in feeds])
            found = self.plans.made(prepared, prepared.shapes if prepared.fixed else None)
        if not listeners:
            return found
        return Executable(found.plan, self.state, self.plans.devices_of(found.plan), listeners, self.plans.workers,
                          self.plans.block)

    def take(self, executable: Executable, feeds: Mapping[Any, Any]) -> list[Any]:
        """A step of an executable."""
        given = list(self.names.feeds(feeds).values())
        values: list[Any] = executable.enter(executable, given, self.plans.device_threads)
        return values

    def close(self) -> None:
        """Frees the variables and threads; the session cannot run any more, and is the default one no more."""
        from .default import pop

        pop(self)
        self.plans.close()
        self._seen = None
        self._traces.clear()
        self.state.clear()

    @contextmanager
    def as_default(self) -> Iterator[Session]:
        """The default session inside, which stays open after it (Session.as_default)."""
        from .default import pop, push

        push(self)
        try:
            yield self
        finally:
            pop(self)

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
