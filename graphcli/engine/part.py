"""Part: the steps of one device as one straight-line Python function."""
from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from types import CodeType
from typing import Any

from ..errors import ResourceExhausted, RunError
from . import backends
from .calls import Calls, Wrapper
from .failures import failed, raise_as, uninitialized
from .handed import copied, let_go, owned
from .links import Stopped, find_sends, take
from .part_text import Text
from .plan import Live, Plan
from .state import State
from .text import function_of
from .workers import Workers


class Part:
    """The steps of one device as one function."""

    def __init__(self, plan: Plan, device: str, state: State, devices: Mapping[str, backends.Backend],
                 listeners: Sequence[Wrapper], many: bool, workers: Workers, block: int) -> None:
        self.plan = plan
        self.device = device
        self.state = state
        self.devices = devices
        self.backend = devices[device]
        self.heard = bool(listeners)
        self.calls = Calls(plan, state, self.backend, listeners, workers, block)
        self.many = many
        self.space: dict[str, Any] = {"take": take, "copy": copied, "let_go": let_go, "own": owned,
                                      "to_host": self.backend.get, "to_device": self.backend.put,
                                      "fetched": self.backend.fetched, "snapshot": self.backend.snapshot}
        self.forks = () if many or listeners or workers.count < 2 else plan.forks
        """Whoever listens sees one step after the other."""
        if self.forks:
            from .fork import forked

            self.space["fork"] = forked(workers.each)
        self.steps = [s for s in plan.steps if s.device == device]
        self.sends: list[tuple[Any, str]] = find_sends(plan, device) if many else []
        """(value number or ('step', n), receiving device); their place is the number of the queue."""
        self.first_queue = 0
        self.receives: dict[Any, int] = {}
        self.gives = [i for i, r in enumerate(plan.results) if isinstance(r, int) and self._gives(r)]
        self._codes: frozenset[CodeType] = frozenset()
        self._function: Callable[..., Any] | None = None

    def _gives(self, value: int) -> bool:
        owner = self.plan.owners.get(value, "")
        return owner == self.device or not owner and self.device == self.plan.devices[0]

    def run(self, queues: Sequence[Any], feeds: Sequence[Any]) -> Any:
        function = self.function()
        try:
            return function(queues, *feeds) if self.many else function(*feeds)
        except Stopped:
            raise
        except Exception as error:
            raise_as(self.told(error), error)

    def function(self) -> Callable[..., Any]:
        """The steps as a function of the feeds, after the queues where there are several devices."""
        if self._function is None:
            self._compile()
        assert self._function is not None
        return self._function

    def _compile(self) -> None:
        text = Text(self)
        self.lines = text.where
        self._function, self._codes = function_of(text.lines, f"<plan for {self.device}>", self.space, "part",
                                                  text.names)

    # -- failures

    def told(self, error: Exception) -> Exception | None:
        """A failure of ``function()`` in the user's terms; None for one that is not of a step."""
        at_step = error.__traceback__
        trace = None
        while at_step is not None:
            if at_step.tb_frame.f_code in self._codes:
                trace = at_step
            at_step = at_step.tb_next
        if trace is None:
            return None
        at = self.lines[trace.tb_lineno - 1]
        if at is None:
            # what is handed out may be a copy of much that is only repeated
            return ResourceExhausted(f"not enough memory: {error}") if isinstance(error, MemoryError) else None
        step, operands = at
        if step.region is not None and isinstance(error, RunError):
            return None
        values = [self._value(trace.tb_frame.f_locals, o) for o in operands]
        for operand, value in zip(step.inputs, values):
            if isinstance(operand, Live) and value is None:
                return uninitialized(operand.variable, step.node)
        if step.program is not None:
            node = self.calls.failing(step, trace)
            return failed(node, error, step.program.met(node))
        return failed(step.node, error, values)

    def _value(self, local: dict[str, Any], text: str) -> Any:
        name = text.removeprefix("to_device(").rstrip(")")
        if name.endswith(".value"):
            return self.space[name.removesuffix(".value")].value
        return local[name] if name in local else self.space.get(name)
