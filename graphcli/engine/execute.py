"""Execute: a Plan as straight-line Python functions, one per device.

The text of a function is made of numbers only (``v7 = k3(v1, c2); v1 = None``); nothing that a user
wrote stands in it. Each step is one line, so the line of a failure is its step.
"""
from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from types import CodeType
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np

from ..errors import RunError
from ..graph.blas import one_thread
from ..graph.graph import Node
from ..graph.kernel import Slot
from ..graph.types import count
from . import backends
from .block_text import Made, Unfit
from .blocks import BLOCK, build
from .failures import failed, uninitialized
from .flow import FlowKernel
from .plan import Live, Operand, Plan, Ref, Step
from .quiet import quiet
from .sizes import checked
from .state import State
from .workers import Workers

if TYPE_CHECKING:
    from concurrent.futures import ThreadPoolExecutor
    from queue import SimpleQueue


class Wrapper(Protocol):
    """What a listener gives an executable: another kernel for a step's own."""

    def wrap(self, step: Step, kernel: Callable[..., Any]) -> Callable[..., Any]: ...


RESHAPES = frozenset({"Reshape", "Squeeze", "ExpandDims"})


class Stopped(Exception):
    """Another device failed; this one has nothing to do any more."""


class Executable:
    """A plan bound to the state of a session: called with the fed arrays, gives the fetched ones."""

    def __init__(self, plan: Plan, state: State, devices: Callable[[str], backends.Backend],
                 listeners: Sequence[Wrapper] = (), workers: Workers | None = None, block: int = BLOCK) -> None:
        self.plan = plan
        self.state = state
        self.required = [(state.slot(v), v, user) for v, user in plan.requires.items()]
        names = plan.devices
        workers = workers or Workers(1)
        self._given = (plan, state, devices, listeners, workers, block)
        self._claimed = False
        self.listeners = listeners
        blas = any(n.opdef is not None and n.opdef.blas for n in plan.nodes)
        self.enter = _alone(quiet()) if blas else quiet()
        """Calls a function while numpy reports nothing and BLAS has one thread: ``enter(function, *args)``."""
        self.parts = [_Part(plan, name, state, devices, listeners, len(names) > 1, workers, block) for name in names]
        self.queues = sum(len(p.sends) for p in self.parts)
        _connect(self.parts)
        self.after = [(i, state.slot(r), r) for i, r in enumerate(plan.results) if isinstance(r, Node)]

    def threads(self) -> dict[int, int]:
        """How many threads share each step that is a loop over blocks."""
        out: dict[int, int] = {}
        for part in self.parts:
            part.function()
            out.update((n, made.threads) for n, made in part.programs.items())
        return out

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

    def __call__(self, feeds: Sequence[Any], pool: Callable[[int], ThreadPoolExecutor] | None = None) -> list[Any]:
        for slot, variable, user in self.required:
            if slot.value is None:
                raise uninitialized(variable, user)
        parts = self.parts
        if len(parts) == 1:
            results = list(parts[0].run((), feeds))
        else:
            assert pool is not None
            results = self._together(feeds, pool(len(parts) - 1))
        for index, slot, variable in self.after:
            if slot.value is None:
                raise uninitialized(variable)
            results[index] = on_host(slot.value)
        return results

    def _together(self, feeds: Sequence[Any], pool: ThreadPoolExecutor) -> list[Any]:
        """All parts at the same time, each on a thread of its own."""
        from queue import SimpleQueue

        queues: list[SimpleQueue[Any]] = [SimpleQueue() for _ in range(self.queues)]
        first: list[BaseException] = []
        lock = threading.Lock()

        def run(part: _Part) -> Any:
            try:
                with np.errstate(all="ignore"):
                    return part.run(queues, feeds)
            except BaseException as error:
                with lock:
                    if not isinstance(error, Stopped):
                        first.append(error)
                for queue in queues:
                    queue.put(_STOP)
                return None

        futures = [pool.submit(run, part) for part in self.parts[1:]]
        answers = [run(self.parts[0]), *[f.result() for f in futures]]
        if first:
            raise first[0]
        merged: list[Any] = [None] * len(self.plan.results)
        for part, answer in zip(self.parts, answers):
            for index in part.gives:
                merged[index] = answer[index]
        return merged



def _alone(enter: Callable[..., Any]) -> Callable[..., Any]:
    """``enter`` within ``one_thread``."""
    def entered(function: Callable[..., Any], *args: Any) -> Any:
        with one_thread():
            return enter(function, *args)

    return entered


_STOP = object()


def _take(queue: SimpleQueue[Any]) -> Any:
    value = queue.get()
    if value is _STOP:
        raise Stopped
    return value


def _copy(value: Any) -> Any:
    """A value that no later step changes; rank 0 as a scalar, as TensorFlow gives it."""
    if isinstance(value, np.ndarray):
        return value[()] if not value.ndim else value.copy()
    return value


def on_host(value: Any) -> Any:
    """A copy of a variable's value in this process's memory."""
    return _copy(value.get() if hasattr(value, "__cuda_array_interface__") else value)


def _own(value: Any) -> Any:
    """The same for a value that a ufunc has just made."""
    if isinstance(value, np.ndarray) and not value.ndim:
        return value[()]
    return value


def _detached(kernel: Callable[..., Any], slots: Sequence[Slot]) -> Callable[..., Any]:
    """A kernel whose results share no memory with variables that this plan writes."""
    def one(value: Any) -> Any:
        if isinstance(value, np.ndarray):
            for slot in slots:
                if value is slot.value or value.base is not None and np.may_share_memory(value, slot.value):
                    return value.copy()
        return value

    def run(*args: Any) -> Any:
        result = kernel(*args)
        return type(result)([one(r) for r in result]) if type(result) in (list, tuple) else one(result)

    return run


def _fitted(kernel: Callable[..., Any], slots: Sequence[Slot]) -> Callable[..., Any]:
    """A program that writes variables by blocks: their arrays must lie in one piece."""
    def run(*args: Any) -> Any:
        try:
            return kernel(*args)
        except Unfit:
            fresh = {id(s.value): np.array(s.value, order="C") for s in slots}
            for slot in slots:
                slot.value = fresh[id(slot.value)]
            return kernel(*[fresh.get(id(a), a) for a in args])

    return run


def _single(kernel: Callable[..., Any]) -> Callable[..., Any]:
    """The only output of an op that may give a list of one."""
    def run(*args: Any) -> Any:
        result = kernel(*args)
        return result[0] if type(result) in (list, tuple) else result

    return run


class _Part:
    """The steps of one device as one function."""

    def __init__(self, plan: Plan, device: str, state: State, devices: Callable[[str], backends.Backend],
                 listeners: Sequence[Wrapper], many: bool, workers: Workers, block: int) -> None:
        self.workers = workers
        self.block = block
        self.made: dict[Any, Made] = {}
        """By the code of programs."""
        self.programs: dict[int, Made] = {}
        """By the number of the step."""
        self.plan = plan
        self.device = device
        self.state = state
        self.devices = devices
        self.backend = devices(device)
        self.listeners = listeners
        self.many = many
        self.space: dict[str, Any] = {"take": _take, "copy": _copy, "own": _own, "to_host": self.backend.get,
                                      "to_device": self.backend.put}
        self.steps = [s for s in plan.steps if s.device == device]
        self.sends: list[tuple[Any, str]] = []
        """(value number or ('step', n), receiving device); their place is the number of the queue."""
        self.first_queue = 0
        self.receives: dict[Any, int] = {}
        self.gives = [i for i, r in enumerate(plan.results) if isinstance(r, int) and self._gives(r)]
        self._code: CodeType | None = None
        self._function: Callable[..., Any] | None = None
        if many:
            self.sends = self._find_sends()

    def _gives(self, value: int) -> bool:
        owner = self.plan.owners.get(value, "")
        return owner == self.device or not owner and self.device == self.plan.devices[0]

    def _find_sends(self) -> list[tuple[Any, str]]:
        mine = {s.number for s in self.steps}
        out: dict[tuple[Any, str], None] = {}
        for step in self.plan.steps:
            if step.device == self.device:
                continue
            for operand in step.inputs:
                if isinstance(operand, int) and self.plan.owners.get(operand) == self.device:
                    out[operand, step.device] = None
            for number in step.after:
                if number in mine:
                    out[("step", number), step.device] = None
        return list(out)

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
        if step.region is not None:
            kernel = f"k{step.number}"
            self.space[kernel] = self._flow(step)
            call = f"{kernel}({', '.join(operands)})"
        elif step.program is not None:
            kernel = f"k{step.number}"
            self.space[kernel] = self._program(step)
            call = f"{kernel}({', '.join(operands)})"
        elif self._reshapes(step):
            call = f"{operands[0]}.reshape({self.plan.forms[step.outputs[0]][0]})"
        elif step.snapshot:
            call = f"copy({operands[0]})" if self.backend.host else f"copy(to_host({operands[0]}))"
        else:
            opdef = step.node.opdef
            assert opdef is not None
            grouped = opdef.group(opdef.inputs, operands, step.node.attrs)
            args = ", ".join(f"[{', '.join(a)}]" if isinstance(a, list) else a for a in grouped)
            kernel = f"k{step.number}"
            self.space[kernel] = self._kernel(step)
            call = f"{kernel}({args})"
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

    def _kernel(self, step: Step) -> Callable[..., Any]:
        node = step.node
        kernel = checked(node, self.backend.kernel(node, self.state), self.state.max_bytes)
        if len(step.outputs) == 1 and node.opdef is not None and node.opdef.outputs[0].is_list:
            kernel = _single(kernel)
        if step.detach and not isinstance(kernel, np.ufunc):
            kernel = _detached(kernel, [self.state.slot(v) for v in step.detach])
        return self._heard(step, kernel)

    def _reshapes(self, step: Step) -> bool:
        """Whether a step only gives an array another shape, both known and of one size."""
        if not step.inputs or not isinstance(step.inputs[0], int):
            return False
        forms = self.plan.forms
        return (step.node.type in RESHAPES and len(step.outputs) == 1 and step.outputs[0] >= 0 and not step.snapshot
                and not step.detach and not self.listeners and self.plan.optimized and self.backend.host
                and count(forms[step.outputs[0]][0]) == count(forms[step.inputs[0]][0]) is not None)

    def _program(self, step: Step) -> Callable[..., Any]:
        """A program's function; for a program of one call that gives a new array, the ufunc itself."""
        program, plan = step.program, self.plan
        assert program is not None
        into = plan.layout.into.get(step.number, (-1,) * len(step.outputs))
        order = list(program.inputs.values())
        sources = [order[i] if i >= 0 else -1 for i in into]
        kept = [o in plan.layout.kept for o in step.outputs]
        outputs = list(program.outputs.values())
        kernel: Callable[..., Any]
        if len(program.instrs) == 1 and program.shape is None and not any(kept) and max(sources, default=0) < 0:
            instr = program.instrs[0]
            plain = instr.kind == "call" and not instr.options and instr.out not in order
            if plain and all(isinstance(a, int) for a in instr.args) and instr.args == tuple(order):
                return self._heard(step, instr.fn)
        made = build(program, order, outputs, sources, kept, self.workers, self.block)
        for code in made.codes:
            self.made[code] = made
        self.programs[step.number] = made
        kernel = made.function
        if program.written and program.shape is not None:
            slots = [self.state.slot(o.variable) for o in step.inputs if isinstance(o, Live)]
            kernel = _fitted(kernel, slots)
        return self._heard(step, kernel)

    def _heard(self, step: Step, kernel: Callable[..., Any]) -> Callable[..., Any]:
        for listener in self.listeners:
            kernel = listener.wrap(step, kernel)
        return kernel

    def _flow(self, step: Step) -> FlowKernel:
        def kernel(node: Node) -> Callable[..., Any]:
            made = checked(node, self.backend.kernel(node, self.state), self.state.max_bytes)
            for listener in self.listeners:
                made = listener.wrap(Step(step.number, node, step.device, (), ()), made)
            return made

        assert step.region is not None
        return FlowKernel(step.region, step.exports, kernel, self.state.slot)

    def _result(self, index: int) -> str:
        if index not in self.gives:
            return "None"
        value = self.plan.results[index]
        assert isinstance(value, int)
        name = self._operand(value)
        if not self.backend.host:
            return f"copy(to_host({name}))"
        maker = next((s for s in self.steps if value in s.outputs), None)
        fresh = maker is not None and (maker.snapshot or maker.program is not None or isinstance(
            self.space.get(f"k{maker.number}"), np.ufunc))
        if fresh and self.left.get(value) == 1 and self.plan.results.count(value) == 1:
            return name if self.plan.forms[value][0] else f"own({name})"
        return f"copy({name})"

    # -- failures

    def told(self, error: Exception) -> Exception | None:
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
            node = self._failing(step, trace)
            return failed(node, error, step.program.met(node))
        return failed(step.node, error, values)

    def _failing(self, step: Step, trace: Any) -> Node:
        """The node of a program at which it failed: that of the innermost line that has one."""
        node = step.node
        while trace is not None:
            made = self.made.get(trace.tb_frame.f_code)
            if made is not None:
                node = made.lines.get(trace.tb_lineno, node)
            trace = trace.tb_next
        return node

    def _value(self, local: dict[str, Any], text: str) -> Any:
        name = text.removeprefix("to_device(").rstrip(")")
        if name.endswith(".value"):
            return self.space[name.removesuffix(".value")].value
        return local[name] if name in local else self.space.get(name)


def _connect(parts: Sequence[_Part]) -> None:
    """Numbers the queues: one for each value and each device that receives it."""
    number = 0
    by_device = {p.device: p for p in parts}
    for part in parts:
        part.first_queue = number
        for what, target in part.sends:
            by_device[target].receives[what] = number
            number += 1
