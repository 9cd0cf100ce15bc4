"""Fuse: kernels that are lists of ufunc calls are put together into programs.

Steps are laid out in the order of the plan. A node joins the program of one of its inputs, or of a node that
reads what it reads, if nothing that must run between them stands in the way and its arrays fit the loop;
else a new program begins. Small nodes share one straight line of calls. Bits: those of the kernels one by one, with
one exception that is part of the kernels too, the sum of all elements of a large array (``ops/_totals.py``).
"""
from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping, Sequence
from math import prod
from typing import Any

from ..graph.graph import Node, Tensor
from ..graph.shapes import Static
from ..passes.effects import ALIASES, VARIABLES
from ..record import Record
from .instr import Template
from .memory import spreads
from .program import Program, is_small, loop_shape, splits
from .tape import spread
from .trace import candidate, trace

LARGEST_CONSTANT = 1024
"""Elements of a constant that a program holds itself."""
BY_NUMBER = frozenset({"Select", "SelectV2", "Greater", "GreaterEqual", "Less", "LessEqual", "Equal", "NotEqual", "Add",
                       "AddV2", "Sub", "Mul", "RealDiv", "Maximum", "Minimum"})
"""Ops that are one call, for which one number is less work than an array of it (zeros and ones mostly)."""
MOST_CALLS = 20_000
"""Calls of one program: a text of so many lines compiles at once."""

NO_STEP = VARIABLES | ALIASES | {"Const", "NoOp", "ControlTrigger"}

Key = Tensor | Node


def _reduces(template: Template) -> bool:
    return any(i.kind == "reduce" for i in template.instrs)


class Known(Record):
    """What fusing asks of a plan that is being made.

    shape, value: of a tensor, None where it is not known. key: what a tensor is to a program: itself, or the
    variable whose buffer it is; None for a view of a variable that this run writes. held: nodes that stay as they
    are. device: of a node; a program is of one.
    """

    shape: Callable[[Tensor], Static]
    value: Callable[[Tensor], Any]
    key: Callable[[Node, Tensor], Key | None]
    before: Mapping[Any, Sequence[Any]]
    reads: Mapping[Any, Sequence[Node]]
    writes: Mapping[Any, Sequence[Node]]
    held: frozenset[Node]
    device: Callable[[Node], Hashable]
    idle: Callable[[Any], bool] = lambda item: isinstance(item, Node) and item.type in NO_STEP


class Fuser:
    """``laid(sequence)``: the items of a plan in an order that keeps theirs, nodes gathered into programs."""

    def __init__(self, known: Known, join: bool = True, programs: bool = True) -> None:
        self.known = known
        self.join = join
        self.programs = programs
        self.items: list[Any] = []
        self.place: dict[Any, int] = {}
        self.wrote: dict[Node, int] = {}
        self.read: dict[Node, int] = {}
        self.maker: dict[Tensor, int] = {}
        self.users: dict[Key, int] = {}
        self.small: dict[Hashable, int] = {}
        """By device."""

    def laid(self, sequence: Sequence[Any]) -> list[Any]:
        self.order = sequence
        for item in sequence:
            if self.known.idle(item):
                self._settle(item, self._earliest(item))
                continue
            at = self._node(item) if self.programs and isinstance(item, Node) else None
            if at is None:
                self.items.append(item)
                at = len(self.items) - 1
            self._settle(item, at)
        items: list[Any] = []
        for item in self.items:
            parts = item.parts() if isinstance(item, Program) and item.shape is not None else [item]
            for part in parts:
                nodes = part.nodes if isinstance(part, Program) else [part]
                self.place.update((n, len(items)) for n in nodes)
                items.append(part)
        self.items = items
        return items

    def earlier(self) -> list[set[int]]:
        """For each item those that must run before it."""
        known = self.known
        out: list[set[int]] = [set() for _ in self.items]
        through: dict[Any, set[int]] = {}
        wrote: dict[Node, int] = {}
        read: dict[Node, set[int]] = {}
        for item in self.order:
            places: set[int] = set()
            for other in known.before.get(item, ()):
                places |= through.get(other, set())
            if known.idle(item):
                through[item] = places
                continue
            at = self.place[item]
            for variable in known.reads.get(item, ()):
                places.update(p for p in (wrote.get(variable),) if p is not None)
                read.setdefault(variable, set()).add(at)
            for variable in known.writes.get(item, ()):
                places.update(p for p in (wrote.get(variable),) if p is not None)
                places |= read.pop(variable, set())
                wrote[variable] = at
            # the parts of one program stand in an order that no value asks to be another
            out[at].update(p for p in places if p < at)
            through[item] = {at}
        return out

    def _settle(self, item: Any, at: int) -> None:
        self.place[item] = at
        for variable in self.known.reads.get(item, ()):
            self.read[variable] = max(at, self.read.get(variable, -1))
        for variable in self.known.writes.get(item, ()):
            self.wrote[variable] = at

    def _earliest(self, item: Any) -> int:
        """The place before which an item cannot run."""
        places = [self.place[b] for b in self.known.before.get(item, ()) if b in self.place]
        places += [self.wrote.get(v, -1) for v in self.known.reads.get(item, ())]
        for variable in self.known.writes.get(item, ()):
            places += [self.wrote.get(variable, -1), self.read.get(variable, -1)]
        return max(places, default=-1)

    def _node(self, node: Node) -> int | None:
        """Puts a node into a program; None where it is none for one."""
        if node in self.known.held or not candidate(node):
            return None
        found = self._template(node)
        if found is None or not found[0].instrs:
            return None
        template, keys = found
        earliest = self._earliest(node)
        small = is_small(template)
        shape = None if small else loop_shape(template)
        possible: frozenset[int] = frozenset()
        if not small:
            if shape is None:
                return None
            possible = splits(template, shape)
            if not possible or any(prod(template.shapes[n]) < prod(shape) for n in template.written):
                return None
        for at in self._near(node, keys, earliest, small):
            program = self.items[at]
            ways = possible
            if small and program.shape is not None:
                # a row's own numbers stay in the loop over the rows
                ways = splits(template, program.shape) if any(k in program.outputs for k in keys) else frozenset()
                if not ways:
                    continue
            if self._fits(program, template, keys, program.shape if small and ways else shape, ways):
                program.add(node, template, keys)
                if program.shape is not None:
                    program.splits &= ways
                self._joined(node, keys, at)
                return at
        program = Program(shape=shape, splits=possible)
        program.add(node, template, keys)
        self.items.append(program)
        at = len(self.items) - 1
        if small:
            self.small[self.known.device(node)] = at
        self._joined(node, keys, at)
        return at

    def _template(self, node: Node) -> tuple[Template, list[Key | None]] | None:
        """What a node does, and what its inputs are: of an input that is only spread to the shape of the others, what
        is spread, unless what repeats counts."""
        narrow = [self._narrow(t) for t in node.inputs]
        whole = self._template_of(node, node.inputs)
        # a sum of one element each is none: whether something counts shows where all is spread
        if all(a is b for a, b in zip(narrow, node.inputs)) or whole is not None and _reduces(whole[0]):
            return whole
        found = self._template_of(node, narrow)
        if found is not None and not _reduces(found[0]) and all(
                self.known.shape(t) == found[0].shapes[n] for t, n in zip(node.outputs, found[0].outputs)):
            return found
        return whole

    def _narrow(self, tensor: Tensor) -> Tensor:
        node = tensor.op
        if not spreads(node) or node in self.known.held or node not in self.place:
            return tensor
        source = node.inputs[0]
        plain = source.op.type not in NO_STEP or source.op.type == "Const"
        return source if plain and not source.dtype.is_ref and self.known.key(node, source) is source else tensor

    def _template_of(self, node: Node, inputs: Sequence[Tensor]) -> tuple[Template, list[Key | None]] | None:
        known = self.known
        shapes, constants = [], []
        keys: list[Key | None] = []
        for tensor in inputs:
            shape = known.shape(tensor)
            if shape is None or None in shape:
                return None
            value = known.value(tensor)
            if value is not None and value.size > LARGEST_CONSTANT:
                value = spread(value) if node.type in BY_NUMBER else None
            key = None if value is not None else known.key(node, tensor)
            if key is None and value is None:
                return None
            shapes.append(tuple(int(d or 0) for d in shape))
            constants.append(value)
            keys.append(key)
        if any(not prod(s) for s in shapes) or all(c is not None for c in constants):
            return None
        template = trace(node, shapes, constants)
        if template is None:
            return None
        for tensor, out in zip(node.outputs, template.outputs):
            shape = known.shape(tensor)
            if shape is not None and shape != template.shapes[out]:
                return None
        return template, keys

    def _near(self, node: Node, keys: Sequence[Key | None], earliest: int, small: bool) -> list[int]:
        """The places of programs that have something in common with a node, latest first."""
        if not self.join:
            return []
        device = self.known.device
        here = device(node)
        found = {self.small.get(here, -1)} if small else set()
        for key in keys:
            if key is not None:
                found.add(self.users.get(key, -1))
                if isinstance(key, Tensor):
                    found.add(self.maker.get(key, -1))
        programs = [at for at in found if at >= max(earliest, 0) and isinstance(self.items[at], Program)
                    and device(self.items[at].nodes[0]) == here]
        return sorted(programs, key=lambda at: (self.items[at].shape is not None, at), reverse=True)

    @staticmethod
    def _fits(program: Program, template: Template, keys: Sequence[Key | None], shape: Any,
              possible: frozenset[int]) -> bool:
        if program.shape != shape or len(program.instrs) >= MOST_CALLS:
            return False
        if shape is not None and not program.splits & possible:
            return False
        for key, form in zip(keys, template.shapes):
            at = program.outputs.get(key) if isinstance(key, Tensor) else None
            if at is None and key is not None:
                at = program.inputs.get(key)
            if at is not None and (at in program.closed or program.shapes[at] != form):
                return False
        return True

    def _joined(self, node: Node, keys: Sequence[Key | None], at: int) -> None:
        for tensor in node.outputs:
            self.maker[tensor] = at
        for key in keys:
            if key is not None:
                self.users[key] = max(at, self.users.get(key, -1))
