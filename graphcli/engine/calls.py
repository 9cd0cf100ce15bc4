"""Calls: the function that a step calls: the kernel of its node, of its program, or of its region."""
from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np

from ..errors import Law, Refused
from ..graph.graph import Node, Tensor
from ..graph.kernel import Slot
from ..graph.shapes import Static
from ..passes.join import side_of
from ..passes.taken import Taken
from . import backends
from .accumulated import accumulated, by_columns, concatenated
from .block_text import Made, Unfit
from .blocks import Laid, build
from .contracted import contracted
from .handed import shares_memory
from .joined import side_by_side
from .plan import Live, Plan, Step
from .room import Room
from .sizes import checked
from .state import State
from .summed import Sum, Way
from .workers import Workers

if TYPE_CHECKING:
    from .program import Program


class Wrapper(Protocol):
    """What a listener gives an executable: another kernel for a step's own, or for one node of a region; for a
    region as a whole, and for the copy of a variable, if it has a method ``around``, that gives."""

    def wrap(self, step: Step, kernel: Callable[..., Any]) -> Callable[..., Any]: ...


class Calls:
    """What the steps of a plan call on one device.

    made, programs: the loops over blocks, by their code and by the number of the step."""

    def __init__(self, plan: Plan, state: State, backend: backends.Backend, listeners: Sequence[Wrapper],
                 workers: Workers, block: int) -> None:
        self.plan = plan
        self.state = state
        self.backend = backend
        self.listeners = listeners
        self.workers = workers
        self.block = block
        self.made: dict[Any, Made] = {}
        self.programs: dict[int, Made] = {}
        self.rooms: dict[int, Room] = {}
        """By branch, one for all that is in none."""
        self.branches = plan.branches

    def of(self, step: Step) -> Callable[..., Any]:
        """The function of the step's operands, seen by the listeners."""
        if step.region is not None:
            return self._around(step, self._flow(step))
        if step.snapshot:
            return self._around(step, self.backend.snapshot)
        return self._node(step) if step.program is None else self._program(step)

    def _node(self, step: Step) -> Callable[..., Any]:
        node = step.node
        if node in self.plan.refused:
            return self._heard(step, failing_with(self.plan.refused[node]))
        backend, turned = self.backend, self.plan.turned
        if turned and not turned.isdisjoint(step.outputs) and (step.products or node.type == "MatMul"):
            return self._heard(step, by_columns(step, lambda n: backend.kernel(n, self.state), backend.turned,
                                                step.inputs[0] in turned))
        if node.type == "ConcatV2" and not turned.isdisjoint(o for o in step.inputs if isinstance(o, int)):
            shape, dtype = self.plan.forms[step.outputs[0]]
            assert shape is not None
            return self._heard(step, concatenated(tuple(d or 0 for d in shape), dtype.as_numpy_dtype,
                                                  "F" if step.outputs[0] in turned else "C"))
        if step.products and step.products[0].type == "Pad":
            return self._heard(step, self._side_by_side(step))
        if step.contracted is not None:
            return self._heard(step, contracted(step.contracted, self.backend))
        if step.products:
            return self._heard(step, accumulated(step, lambda n: backend.kernel(n, self.state), backend.adding,
                                                 backend.part))
        # a listener may hold what passes it, and what is not of this process is copied anyway
        plain = self.backend.host and not self.listeners
        owned = step.owned | self.plan.layout.spent.get(step.number, frozenset()) if plain else frozenset()
        unused = frozenset(i for i, o in enumerate(step.outputs) if o < 0 and plain)
        formed = {t: self.plan.forms[o][0] for t, o in zip(node.outputs, step.outputs) if o >= 0}
        kernel = checked(node, self.backend.kernel(node, self.state, owned, unused, step.winograd), self.state,
                         lambda tensor: formed.get(tensor, tensor.static))
        if len(step.outputs) == 1 and node.opdef is not None and node.opdef.outputs[0].is_list:
            kernel = single(kernel)
        if step.detach and not isinstance(kernel, np.ufunc):
            kernel = detached(kernel, [self.state.slot(v) for v in step.detach])
        return self._heard(step, kernel)

    def _side_by_side(self, step: Step) -> Callable[..., Any]:
        """The function of a step that puts padded arrays side by side."""
        plan = self.plan
        (shape, dtype), operands = plan.forms[step.outputs[0]], step.inputs
        sides = [side_of(plan.forms[a][0], plan.values[p]) for a, p in zip(operands[::2], operands[1::2])
                 if isinstance(a, int) and isinstance(p, int)]
        assert shape is not None
        return side_by_side(tuple(d or 0 for d in shape), dtype.as_numpy_dtype, [s for s in sides if s is not None])

    def _program(self, step: Step) -> Callable[..., Any]:
        """A program's function; for a program of one call that gives a new array, the ufunc itself."""
        program, plan = step.program, self.plan
        assert program is not None
        laid = Laid.of(step, plan)
        if laid.alone(program):
            return self._heard(step, program.instrs[0].fn)
        room = self.rooms.setdefault(self.branches.get(step.number, -1), Room())
        made = build(program, laid, self.workers, self.block, room)
        for code in made.codes:
            self.made[code] = made
        self.programs[step.number] = made
        kernel: Callable[..., Any] = made.function
        if program.written and program.shape is not None:
            slots = [self.state.slot(o.variable) for o in step.inputs if isinstance(o, Live)]
            kernel = fitted(kernel, slots)
        return self._heard(step, kernel)

    def _heard(self, step: Step, kernel: Callable[..., Any]) -> Callable[..., Any]:
        if self.listeners and not self.backend.host:
            kernel = awaited(kernel, self.backend)
        for listener in self.listeners:
            kernel = listener.wrap(step, kernel)
        return kernel

    def _flow(self, step: Step) -> Callable[..., Any]:
        from .flow import FlowKernel

        structured = step.structured

        def shape(tensor: Tensor) -> Static:
            return tensor.static if structured is None else structured.shape(tensor)

        def kernel(node: Node) -> Callable[..., Any]:
            refused = self.plan.refused.get(node)
            made = failing_with(refused) if refused else checked(node, self.backend.kernel(node, self.state),
                                                                 self.state, shape)
            for listener in self.listeners:
                made = listener.wrap(step.inner(node), made)
            return made

        region = step.region
        assert region is not None
        if structured is not None:
            from .structured_kernel import StructuredKernel

            def product(node: Node) -> Callable[..., Any]:
                return self.backend.kernel(node, self.state)

            def program(what: Program | Taken) -> Callable[..., Any]:
                return self._taking(step, what, product) if isinstance(what, Taken) else self._program(step.of(what))

            def summing(what: Taken) -> Callable[..., Any]:
                return Way(what, product(what.product), self.backend.adding)

            return StructuredKernel(structured, region, step.exports, kernel, program, summing, self.failing_node,
                                    self.state.slot, self.backend.host and not self.listeners)
        return FlowKernel(region, step.exports, kernel, self.state.slot)

    def _taking(self, step: Step, what: Taken, product: Callable[[Node], Callable[..., Any]]) -> Callable[..., Any]:
        """The function of what takes a product in a region."""
        step = step.inner(what.node, products=(what.product,), columns=what.columns)
        if what.columns is None:
            return self._heard(step, Sum.add)
        if what.turned:
            made = by_columns(step, product, self.backend.turned, False)
            return self._heard(step, lambda a, b: np.ascontiguousarray(made(a, b)))
        return self._heard(step, accumulated(step, product, self.backend.adding, self.backend.part))

    def _around(self, step: Step, kernel: Callable[..., Any]) -> Callable[..., Any]:
        for listener in self.listeners:
            around = getattr(listener, "around", None)
            kernel = kernel if around is None else around(step, kernel)
        return kernel

    def failing(self, step: Step, trace: Any) -> Node:
        """The node of a program at which it failed: that of the innermost line that has one."""
        assert step.program is not None
        return self.failing_node(step.program, trace)

    def failing_node(self, program: Program, trace: Any) -> Node:
        """The same of a program."""
        node: Node = program.nodes[0]
        while trace is not None:
            made = self.made.get(trace.tb_frame.f_code)
            if made is not None:
                node = made.lines.get(trace.tb_lineno, node)
            trace = trace.tb_next
        return node


def failing_with(law: Law) -> Callable[..., Any]:
    """What stands for the kernel of a node whose inputs do not fit."""
    def run(*args: Any) -> Any:
        raise Refused(law.text, law=law)

    return run


def awaited(kernel: Callable[..., Any], backend: backends.Backend) -> Callable[..., Any]:
    """A kernel that returns when its device is done, so that who listens sees times of its own."""
    def run(*args: Any) -> Any:
        result = kernel(*args)
        backend.wait(result)
        return result

    return run


def detached(kernel: Callable[..., Any], slots: Sequence[Slot]) -> Callable[..., Any]:
    """A kernel whose results share no memory with variables that this plan writes."""
    def one(value: Any) -> Any:
        for slot in slots:
            if value is slot.value or shares_memory(value, slot.value):
                return value.copy()
        return value

    def run(*args: Any) -> Any:
        result = kernel(*args)
        return type(result)([one(r) for r in result]) if type(result) in (list, tuple) else one(result)

    return run


def fitted(kernel: Callable[..., Any], slots: Sequence[Slot]) -> Callable[..., Any]:
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


def single(kernel: Callable[..., Any]) -> Callable[..., Any]:
    """The only output of an op that may give a list of one."""
    def run(*args: Any) -> Any:
        result = kernel(*args)
        return result[0] if type(result) in (list, tuple) else result

    return run
