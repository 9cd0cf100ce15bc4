"""Part: the steps of one device as one straight-line Python function.

The text of a function is made of numbers only (``v7 = k3(v1, c2); v1 = None``); nothing that a user
wrote stands in it. Each step is one line, so the line of a failure is its step.
"""
from __future__ import annotations

from collections.abc import Callable, Sequence
from types import CodeType
from typing import Any

from ..errors import RunError
from ..graph.types import count
from . import backends
from .calls import Calls, Wrapper
from .failures import failed, uninitialized
from .footprint import is_fresh
from .handed import copied, owned
from .links import Stopped, find_sends, take
from .plan import Live, Operand, Plan, Ref, Step
from .state import State
from .workers import Workers

RESHAPES = frozenset({"Reshape", "Squeeze", "ExpandDims"})


class Part:
    """The steps of one device as one function."""

    def __init__(self, plan: Plan, device: str, state: State, devices: Callable[[str], backends.Backend],
                 listeners: Sequence[Wrapper], many: bool, workers: Workers, block: int) -> None:
        self.plan = plan
        self.device = device
        self.state = state
        self.devices = devices
        self.backend = devices(device)
        self.heard = bool(listeners)
        self.calls = Calls(plan, state, self.backend, listeners, workers, block)
        self.many = many
        self.space: dict[str, Any] = {"take": take, "copy": copied, "own": owned, "to_host": self.backend.get,
                                      "to_device": self.backend.put}
        self.steps = [s for s in plan.steps if s.device == device]
        self.sends: list[tuple[Any, str]] = find_sends(plan, device) if many else []
        """(value number or ('step', n), receiving device); their place is the number of the queue."""
        self.first_queue = 0
        self.receives: dict[Any, int] = {}
        self.gives = [i for i, r in enumerate(plan.results) if isinstance(r, int) and self._gives(r)]
        self._code: CodeType | None = None
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
            told = self.told(error)
            if told is None:
                raise
            raise told from error

    def function(self) -> Callable[..., Any]:
        """The steps as a function of the feeds, after the queues where there are several devices."""
        if self._function is None:
            self._compile()
        assert self._function is not None
        return self._function

    # -- the text

    def _compile(self) -> None:
        lines, self.lines = self._text()
        source = "\n".join(lines)
        code = compile(source, f"<plan for {self.device}>", "exec")
        exec(code, self.space)
        self._function = self.space["part"]
        self._code = self.space["part"].__code__

    def _text(self) -> tuple[list[str], list[tuple[Step, list[str]] | None]]:
        plan = self.plan
        left: dict[int, int] = {}
        for step in self.steps:
            for operand in step.inputs:
                if isinstance(operand, int):
                    left[operand] = left.get(operand, 0) + 1
        for index in self.gives:
            value = plan.results[index]
            assert isinstance(value, int)
            left[value] = left.get(value, 0) + 1
        for what, _ in self.sends:
            if isinstance(what, int):
                left[what] = left.get(what, 0) + 1
        self.left = left
        self.register: dict[int, str] = {i: f"f{i}" for i in range(len(plan.feeds))}
        self.free: list[str] = []
        self.total = 0
        arguments = [f"f{i}" for i in range(len(plan.feeds))]
        if self.many:
            arguments.insert(0, "queues")
        lines = [f"def part({', '.join(arguments)}):"]
        where: list[tuple[Step, list[str]] | None] = [None]
        if not self.backend.host:
            for i in range(len(plan.feeds)):
                lines.append(f"    f{i} = to_device(f{i})")
                where.append(None)
        for step in self.steps:
            for line in self._receive(step):
                lines.append("    " + line)
                where.append(None)
            text, operands = self._step(step)
            lines.append("    " + text)
            where.append((step, operands))
            for line in self._send(step):
                lines.append("    " + line)
                where.append(None)
        results = ", ".join(self._result(i) for i in range(len(plan.results)))
        lines.append(f"    return ({results},)" if results else "    return ()")
        where.append(None)
        return lines, where

    def _name(self) -> str:
        if self.free:
            return self.free.pop()
        self.total += 1
        return f"v{self.total}"

    def _done(self, values: Sequence[int]) -> list[str]:
        """Counts down uses; the registers that hold nothing of use any more."""
        out = []
        for value in values:
            self.left[value] -= 1
            if not self.left[value] and value in self.register and value not in self.plan.constants:
                name = self.register.pop(value)
                if name[0] == "v":
                    self.free.append(name)
                out.append(name)
        return out

    def _receive(self, step: Step) -> list[str]:
        lines = []
        wanted: list[Any] = [("step", n) for n in step.after]
        wanted += [o for o in step.inputs if isinstance(o, int)]
        for what in dict.fromkeys(wanted):
            queue = self.receives.pop(what, None)
            if queue is None:
                continue
            if isinstance(what, int):
                name = self.register[what] = self._name()
                other = self.devices(self.plan.owners[what])
                text = f"take(queues[{queue}])"
                if not (self.backend.host and other.host):
                    text = f"to_device({text})"
                lines.append(f"{name} = {text}")
            else:
                lines.append(f"take(queues[{queue}])")
        return lines

    def _send(self, step: Step) -> list[str]:
        lines = []
        for i, (what, _) in enumerate(self.sends):
            queue = self.first_queue + i
            if isinstance(what, int) and what in step.outputs:
                name = self.register[what]
                text = name if self.backend.host else f"to_host({name})"
                gone = "".join(f"; {n} = None" for n in self._done([what]))
                lines.append(f"queues[{queue}].put({text}){gone}")
            elif what == ("step", step.number):
                lines.append(f"queues[{queue}].put(None)")
        return lines

    def _operand(self, operand: Operand) -> str:
        if isinstance(operand, int):
            tensor = self.plan.constants.get(operand)
            if tensor is None:
                return self.register[operand]
            name = f"c{operand}"
            if name not in self.space:
                self.space[name] = self.backend.put(self.plan.values[operand])
            return name
        name = f"s{operand.variable.number}"
        self.space[name] = self.state.slot(operand.variable)
        if isinstance(operand, Ref):
            return name
        if not self.backend.host:
            return f"to_device({name}.value)"
        return f"{name}.value"

    def _step(self, step: Step) -> tuple[str, list[str]]:
        operands = [self._operand(o) for o in step.inputs]
        if self._reshapes(step):
            call = f"{operands[0]}.reshape({self.plan.forms[step.outputs[0]][0]})"
        elif step.snapshot:
            call = f"copy({operands[0]})" if self.backend.host else f"copy(to_host({operands[0]}))"
        else:
            args = operands
            if step.region is None and step.program is None:
                opdef = step.node.opdef
                assert opdef is not None
                grouped = opdef.group(opdef.inputs, operands, step.node.attrs)
                args = [f"[{', '.join(a)}]" if isinstance(a, list) else a for a in grouped]
            kernel = f"k{step.number}"
            self.space[kernel] = self.calls.of(step)
            call = f"{kernel}({', '.join(args)})"
        dying = self._done([o for o in step.inputs if isinstance(o, int)])
        made = []
        for output in step.outputs:
            if output < 0 or not self.left.get(output):
                made.append("_")
            else:
                name = self.register[output] = self._name()
                made.append(name)
        comma = "," if step.region is not None else ""
        text = f"{', '.join(made)}{comma} = {call}" if set(made) - {"_"} else call
        gone = [n for n in dying if n not in made]
        if "_" in made and text is not call:
            gone.append("_")
        return text + "".join(f"; {n} = None" for n in gone), operands

    def _reshapes(self, step: Step) -> bool:
        """Whether a step only gives an array another shape, both known and of one size."""
        if step.program is not None or not step.inputs or not isinstance(step.inputs[0], int):
            return False
        forms = self.plan.forms
        return (step.node.type in RESHAPES and len(step.outputs) == 1 and step.outputs[0] >= 0 and not step.snapshot
                and not step.detach and not self.heard and self.plan.optimized and self.backend.host
                and count(forms[step.outputs[0]][0]) == count(forms[step.inputs[0]][0]) is not None)

    def _result(self, index: int) -> str:
        if index not in self.gives:
            return "None"
        value = self.plan.results[index]
        assert isinstance(value, int)
        name = self._operand(value)
        if not self.backend.host:
            return f"copy(to_host({name}))"
        maker = next((s for s in self.steps if value in s.outputs), None)
        fresh = maker is not None and is_fresh(maker)
        if fresh and self.left.get(value) == 1 and self.plan.results.count(value) == 1:
            return name if self.plan.forms[value][0] else f"own({name})"
        return f"copy({name})"

    # -- failures

    def told(self, error: Exception) -> Exception | None:
        """A failure of ``function()`` in the user's terms; None for one that is not of a step."""
        trace = error.__traceback__
        while trace is not None and trace.tb_frame.f_code is not self._code:
            trace = trace.tb_next
        if trace is None:
            return None
        at = self.lines[trace.tb_lineno - 1]
        if at is None:
            return None
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
