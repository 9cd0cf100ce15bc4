"""Program: the calls of several kernels put together, over the elements of one shape.

A large program runs in blocks. In the *flat* geometry every array has the one shape or one element, and a
block is a run of elements. In the *rows* geometry the first ``split`` axes are rows: every array has all of
them or none, and a block is some rows, so that sums along the other axes stay within a block. A small
program runs at once, whatever its shapes are.
"""
from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from math import prod
from typing import Any

import numpy as np

from ..graph.graph import Node, Tensor
from ..record import Record, field
from .instr import Instr, Shape, Template

SMALL = 16384
"""Elements up to which no array of a program is cut into blocks."""
FLAT = 0
"""The flat geometry among the possible splits."""
LONGER = 4
"""Blocks of rows are so many times as long as flat ones: their calls go row by row and lose less where a block
leaves the second cache than more calls cost (softmax, layer norm: 6 to 10 % of the time of one thread)."""


class Program(Record, frozen=False, eq=False):
    """nodes: whose kernels it does, in order. shape: that of its loop, None for a small one.

    inputs: for each number a Tensor or the node of a variable. outputs: number of each tensor that it makes.
    sources: the node of each call. splits: the geometries that are possible.
    """

    nodes: list[Node] = field(factory=list)
    shape: Shape | None = None
    splits: frozenset[int] = frozenset()
    instrs: list[Instr] = field(factory=list)
    sources: list[Node] = field(factory=list)
    shapes: list[Shape] = field(factory=list)
    dtypes: list[Any] = field(factory=list)
    inputs: dict[Tensor | Node, int] = field(factory=dict)
    outputs: dict[Tensor, int] = field(factory=dict)
    written: set[int] = field(factory=set)
    closed: set[int] = field(factory=set)
    """Numbers of arrays that are whole only when the loop is done."""
    templates: dict[Node, Template] = field(factory=dict)
    keys: dict[Node, Sequence[Tensor | Node | None]] = field(factory=dict)

    def number(self, key: Tensor | Node, shape: Shape, dtype: Any) -> int:
        """The array of a tensor or variable, which is an input where no call makes it."""
        found = self.outputs.get(key) if isinstance(key, Tensor) else None
        if found is None:
            found = self.inputs.get(key)
        if found is None:
            found = self.inputs[key] = len(self.shapes)
            self.shapes.append(shape)
            self.dtypes.append(dtype)
        return found

    def add(self, node: Node, template: Template, keys: Sequence[Tensor | Node | None]) -> None:
        """Appends a node's calls. keys: what its inputs are, None for constants that the calls hold."""
        numbers: list[int] = []
        for i in range(len(template.shapes)):
            if i < template.inputs:
                key = keys[i]
                numbers.append(-1 if key is None else self.number(key, template.shapes[i], template.dtypes[i]))
            else:
                numbers.append(len(self.shapes))
                self.shapes.append(template.shapes[i])
                self.dtypes.append(template.dtypes[i])
        for instr in template.instrs:
            args = tuple(numbers[a] if isinstance(a, int) else a for a in instr.args)
            self.instrs.append(Instr(instr.kind, instr.fn, args, numbers[instr.out], instr.options))
            self.sources.append(node)
            if self.shape is not None and instr.kind == "reduce" and closes(instr):
                self.closed.add(numbers[instr.out])
        self.written.update(numbers[i] for i in template.written)
        self.nodes.append(node)
        self.templates[node] = template
        self.keys[node] = keys
        for tensor, out in zip(node.outputs, template.outputs):
            if not tensor.dtype.is_ref:
                self.outputs[tensor] = numbers[out]

    def met(self, node: Node) -> list[Any]:
        """Stand-ins for the inputs of a node: arrays of their shapes and dtypes, without memory."""
        template = self.templates[node]
        return [np.broadcast_to(np.zeros((), d), s) for s, d in
                zip(template.shapes[:template.inputs], template.dtypes)]

    def parts(self) -> list[Program]:
        """The programs that it falls into where only inputs join its nodes, in order. Each large array that such a
        part makes could be used and freed before the next part runs; what makes small arrays only stays with the
        part before it, to read the inputs once."""
        parent = list(range(len(self.shapes)))

        def find(n: int) -> int:
            while parent[n] != n:
                parent[n] = parent[parent[n]]
                n = parent[n]
            return n

        given = set(self.inputs.values()) - self.written
        first: dict[Node, int] = {}
        for instr, node in zip(self.instrs, self.sources):
            at = find(instr.out)
            for other in (*instr.args, first.setdefault(node, instr.out)):
                if isinstance(other, int) and other not in given:
                    parent[find(other)] = at
        groups: dict[int, list[Node]] = {}
        members: dict[int, int] = {}
        for node in self.nodes:
            members[find(first[node])] = members.get(find(first[node]), 0) + 1
        largest = prod(self.shape or ())
        for node in self.nodes:
            root = find(first[node])
            small = all(prod(self.shapes[self.outputs[t]]) < largest for t in node.outputs if t in self.outputs)
            alone = members[root] == 1
            if small and alone and groups:
                root = next(reversed(groups))
            groups.setdefault(root, []).append(node)
        if len(groups) == 1:
            return [self]
        out = []
        for nodes in groups.values():
            part = Program(shape=self.shape, splits=self.splits)
            for node in nodes:
                template = self.templates[node]
                part.add(node, template, self.keys[node])
            out.append(part)
        return out

    def prune(self, wanted: set[Tensor]) -> None:
        """Leaves out calls whose results nothing uses, and outputs that nobody outside wants."""
        self.outputs = {t: n for t, n in self.outputs.items() if t in wanted}
        self._once()
        used = set(self.outputs.values()) | self.written
        kept = []
        for i in range(len(self.instrs) - 1, -1, -1):
            instr = self.instrs[i]
            if instr.out in used:
                used.update(a for a in instr.args if isinstance(a, int))
                kept.append(i)
        kept.reverse()
        self.instrs = [self.instrs[i] for i in kept]
        self.sources = [self.sources[i] for i in kept]
        self.inputs = {k: n for k, n in self.inputs.items() if n in used}

    def _once(self) -> None:
        """Leaves out a call that repeats an earlier one, if no array has changed between and neither result will."""
        writes = Counter(instr.out for instr in self.instrs)
        before = Counter[int]()
        held = set(self.outputs.values()) | self.written | self.closed | set(self.inputs.values())
        made: dict[Any, int] = {}
        same: dict[int, int] = {}
        kept = []
        for at, instr in enumerate(self.instrs):
            args = tuple(same.get(a, a) if isinstance(a, int) else a for a in instr.args)
            if instr.kind == "call" and writes[instr.out] == 1 and instr.out not in self.written:
                key = (instr.fn, instr.options, self.shapes[instr.out], tuple(
                    (a, before[a]) if isinstance(a, int) else (a.tobytes(), a.dtype, a.shape) for a in args))
                found = made.setdefault(key, instr.out)
                if found != instr.out and instr.out not in held:
                    same[instr.out] = found
                    continue
            before[instr.out] += 1
            if args != instr.args:
                self.instrs[at] = Instr(instr.kind, instr.fn, args, instr.out, instr.options)
            kept.append(at)
        self.instrs = [self.instrs[i] for i in kept]
        self.sources = [self.sources[i] for i in kept]

    @property
    def split(self) -> int:
        """The geometry that is used: flat where it is possible, else the rows of which a block holds most."""
        return FLAT if FLAT in self.splits else max(self.splits)

    @property
    def longer(self) -> int:
        """How many blocks' elements a block of it has."""
        rows = self.shape is not None and self.split != FLAT
        return LONGER if rows and any(i.kind == "reduce" for i in self.instrs) else 1

    @property
    def elements(self) -> int:
        return prod(self.shape) if self.shape is not None else max((prod(s) for s in self.shapes), default=0)

    @property
    def work(self) -> int:
        """Elements times calls, a dear one counted twice."""
        return self.elements * sum(2 if i.dear else 1 for i in self.instrs)


def closes(instr: Instr) -> bool:
    """Whether the result of a reduction is of no use within its loop: it lacks axes, or all elements go into it."""
    return not instr.option("keepdims") or 0 in instr.option("axes")


def is_small(template: Template) -> bool:
    return all(prod(s) <= SMALL for s in template.shapes)


def loop_shape(template: Template) -> Shape | None:
    """The shape over which a node's calls loop: the largest, to which the others broadcast."""
    largest = max(template.shapes, key=prod)
    for instr in template.instrs:
        if instr.kind == "reduce" and template.shapes[instr.args[0]] != largest:
            return None
    return largest


def splits(template: Template, shape: Shape) -> frozenset[int]:
    """The geometries in which a node's calls can run in blocks."""
    rank = len(shape)
    used = {a for i in template.instrs for a in (*i.args, i.out) if isinstance(a, int)}
    reduced: dict[int, Instr] = {}
    for instr in template.instrs:
        if instr.kind == "reduce":
            reduced[instr.out] = instr
    free = {n for n, i in reduced.items() if closes(i)}
    if not _divided(template, free) or not all(
            _broadcasts(s, shape) for n, s in enumerate(template.shapes) if n not in free):
        return frozenset()
    held = [np.shape(a) for i in template.instrs for a in i.args if not isinstance(a, int) and np.size(a) > 1]
    out = set()
    if not held and all(template.shapes[n] == shape or prod(template.shapes[n]) == 1 for n in used) and all(
            i.fn is np.add and len(i.option("axes")) == rank and template.shapes[i.args[0]] == shape
            for i in reduced.values()):
        out.add(FLAT)
    for split in range(1, rank):
        if any(min(i.option("axes")) < split or template.shapes[i.args[0]] != shape for i in reduced.values()):
            continue
        if all(_fits(template.shapes[n], shape, split) for n in used if n not in free) and all(
                len(bare(c)) <= rank - split for c in held):
            out.add(split)
    return frozenset(out)


def _broadcasts(array: Shape, shape: Shape) -> bool:
    return len(array) <= len(shape) and all(d in (1, e) for d, e in zip(reversed(array), reversed(shape)))


def _divided(template: Template, free: set[int]) -> bool:
    """Whether a result that closes a loop is only changed in place by a number (a mean)."""
    for instr in template.instrs:
        met = [a for a in instr.args if isinstance(a, int) and a in free]
        if met and not (instr.out == met[0] and len(met) == 1 and all(
                prod(a.shape) == 1 for a in instr.args if not isinstance(a, int))):
            return False
    return True


def _fits(array: Shape, shape: Shape, split: int) -> bool:
    full = (1,) * (len(shape) - len(array)) + array
    lead = full[:split]
    return len(full) == len(shape) and (lead == shape[:split] or all(d == 1 for d in lead))


def bare(shape: Shape) -> Shape:
    """A shape without the sizes of 1 that lead it."""
    return shape[next((i for i, size in enumerate(shape) if size != 1), len(shape)):]


def is_whole(array: Shape, shape: Shape, split: int) -> bool:
    """Whether every block sees all of an array."""
    if split == FLAT:
        return array != shape
    full = (1,) * (len(shape) - len(array)) + array
    return full[:split] != shape[:split]
