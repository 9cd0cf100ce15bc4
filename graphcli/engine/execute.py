"""Execute: a Plan bound to the state of a session, its parts one after the other or side by side."""
from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any

from ..graph.blas import one_thread
from ..graph.deadline import current, until
from ..graph.graph import Node
from ..graph.quiet import quietly
from . import backends
from .blocks import BLOCK
from .calls import Wrapper
from .failures import uninitialized
from .handed import on_host
from .links import STOP, Stopped, connect
from .pace import Pace
from .part import Part
from .plan import Plan
from .products import Products
from .quiet import quiet
from .state import State
from .workers import Task, Workers

if TYPE_CHECKING:
    from queue import SimpleQueue

    from .device_threads import DeviceThreads


class Executable:
    """A plan bound to the state of a session: called with the fed arrays, gives the fetched ones."""

    def __init__(self, plan: Plan, state: State, devices: Mapping[str, backends.Backend],
                 listeners: Sequence[Wrapper] = (), workers: Workers | None = None, block: int = BLOCK,
                 products: Products | None = None) -> None:
        self.plan = plan
        self.state = state
        self.required = [(state.slot(v), v, user) for v, user in plan.requires.items()]
        names = plan.devices
        workers = workers or Workers(1)
        self._given = (plan, state, devices, listeners, workers, block, products)
        self._claimed = False
        self.listeners = listeners
        blas = any(n.opdef is not None and n.opdef.blas for n in plan.nodes) or any(s.products for s in plan.steps)
        self.enter = _alone(quiet(), products) if blas else quiet()
        """Calls a function while numpy reports nothing and BLAS has one thread: ``enter(function, *args)``."""
        self.parts = [Part(plan, name, state, devices, listeners, len(names) > 1, workers, block) for name in names]
        self.queues = sum(len(p.sends) for p in self.parts)
        connect(self.parts)
        self.after = [(i, state.slot(r), r) for i, r in enumerate(plan.results) if isinstance(r, Node)]

    def threads(self) -> dict[int, int]:
        """How many threads share each step that is a loop over blocks."""
        out: dict[int, int] = {}
        for part in self.parts:
            part.function()
            out.update((n, made.threads) for n, made in part.calls.programs.items())
        return out

    def keeps(self) -> int:
        """Bytes of what its programs keep from step to step."""
        total = 0
        for part in self.parts:
            part.function()
            total += sum(room.nbytes for room in part.calls.rooms.values())
        return total

    def claimed(self) -> Executable:
        """This one for the first who asks, for others one of the same plan with buffers of its own."""
        if not self._claimed:
            self._claimed = True
            return self
        return Executable(*self._given)

    def straight(self) -> Callable[..., Any] | None:
        """The function of the fed arrays where one device does everything and every result is a step's; it
        expects that the variables have values and tells failures in Python's terms (``told`` turns them)."""
        if len(self.parts) > 1 or self.after or self.listeners:
            return None
        return self.parts[0].function()

    def told(self, error: Exception) -> Exception:
        """A failure of ``straight()`` in the user's terms."""
        return self.parts[0].told(error) or error

    def __call__(self, feeds: Sequence[Any], threads: DeviceThreads | None = None) -> list[Any]:
        for slot, variable, user in self.required:
            if slot.value is None:
                raise uninitialized(variable, user)
        parts = self.parts
        if len(parts) == 1:
            results = list(parts[0].run((), feeds))
        else:
            assert threads is not None
            results = self._together(feeds, threads)
        for index, slot, variable in self.after:
            if slot.value is None:
                raise uninitialized(variable)
            results[index] = on_host(slot.value)
        return results

    def _together(self, feeds: Sequence[Any], threads: DeviceThreads) -> list[Any]:
        """All parts at the same time, each on a thread of its own."""
        from queue import SimpleQueue

        queues: list[SimpleQueue[Any]] = [SimpleQueue() for _ in range(self.queues)]
        first: list[BaseException] = []
        answers: list[Any] = [None] * len(self.parts)
        end = current()

        def stop(error: BaseException) -> None:
            if not isinstance(error, Stopped):
                first.append(error)
            for queue in queues:
                queue.put(STOP)

        def run(i: int) -> None:
            try:
                with quietly(), until(end):
                    answers[i] = self.parts[i].run(queues, feeds)
            except BaseException as error:
                stop(error)

        others: list[Task] = []
        try:
            for i in range(1, len(self.parts)):
                others.append(threads.start(partial(run, i)))
        except BaseException as error:
            stop(error)
        else:
            run(0)
        while True:
            try:
                for other in others:
                    other.waited()
                break
            except BaseException as error:  # Ctrl-C: the others end first, they hold what the next step uses
                stop(error)
        if first:
            try:
                raise first[0]
            finally:
                # the error holds this frame
                first.clear()
        merged: list[Any] = [None] * len(self.plan.results)
        for part, answer in zip(self.parts, answers):
            for index in part.gives:
                merged[index] = answer[index]
        return merged


def _alone(enter: Callable[..., Any], products: Products | None) -> Callable[..., Any]:
    """``enter`` within ``one_thread``, by the way of multiplying that is quicker for these steps."""
    pace = None if products is None else Pace(products)

    def entered(function: Callable[..., Any], *args: Any) -> Any:
        with one_thread():
            if pace is None:
                return enter(function, *args)
            pace.begin()
            try:
                return enter(function, *args)
            finally:
                pace.end()

    return entered
