"""Structured: the nodes of a region in a row, as one would write them down: ``while`` for loops, ``if`` for branches.

In a turn the nodes of a loop run in the order of the region, an inner loop after all others that are ready, each turn
after the one before it; what reads and writes the same, and what can be seen from outside, keeps that order. So
far it is what ``engine/flow_run.py`` does. For the rest, nodes on the same conditions are put in a row. Same bits.
"""
from __future__ import annotations

import heapq
from collections.abc import Callable, Iterator, Mapping, Sequence, Set

from ..graph.flow import ENTER, EXIT, FLOW, MERGE, NEXT
from ..graph.graph import Node, Tensor
from ..record import Record
from .effects import ALIASES, VARIABLES
from .flow import Conditions, Region
from .structure import Frame, Irregular, Structure

SILENT = (FLOW - MERGE) | ALIASES | VARIABLES | {"Const", "NoOp", "ControlTrigger"}
"""Ops that compute nothing."""
SEEN = frozenset({"Print", "PrintV2", "PyFunc", "Assert", "CheckNumerics", "SaveV2", "MergeV2Checkpoints", "RestoreV2",
                  "PartitionedCall", "StatefulPartitionedCall", "If", "While"})
"""Ops whose order can be seen from outside."""
DEEPEST = 15
"""Loops within loops, which Python has 20 of at most."""
MOST = 60
"""Branches within branches."""

Condition = tuple[Tensor, int]
Before = Mapping[Node | Frame, Sequence[Node | Frame]]
Place = tuple[bool, int]


class Item(Record, eq=False):
    """A node or a loop, and the conditions on which it runs in a turn of the loop around it, each after those on which
    it is known."""

    what: Node | Loop
    conditions: tuple[Condition, ...]


class Carried(Record, eq=False):
    """A value that goes from turn to turn: where it comes in, what it is at first, and what it is next."""

    merge: Tensor
    first: Tensor
    following: Tensor


class Loop(Record, eq=False):
    """``while``: in each turn ``head``, and if ``test`` is true then ``body``, and once more with what is next."""

    frame: Frame
    carried: tuple[Carried, ...]
    test: Tensor
    head: tuple[Item, ...]
    body: tuple[Item, ...]


class Structured:
    """block: the items outside of all loops. root: see ``Structure``. carried: the values of all loops. written: the
    variables that it writes. Raises Irregular."""

    def __init__(self, region: Region, exports: Sequence[Tensor], reads: Mapping[Node, Sequence[Node]],
                 writes: Mapping[Node, Sequence[Node]], fed: Set[Tensor]) -> None:
        self.structure = Structure(region, exports, fed)
        self.root = self.structure.root
        self.reads = reads
        self.writes = writes
        self.place = self.structure.place
        self.members: dict[Frame, list[Node]] = {(): []}
        self.inner: dict[Frame, list[Frame]] = {}
        self.enters: dict[Frame, list[Node]] = {}
        for node in region.nodes:
            frame = self.structure.frames[node]
            if node.type in ENTER:
                if frame not in self.enters:
                    self.inner.setdefault(frame[:-1], []).append(frame)
                self.enters.setdefault(frame, []).append(node)
            self.members.setdefault(frame, []).append(node)
            if len(frame) > DEEPEST:
                raise Irregular
        self.carried: list[Carried] = []
        self.written = frozenset(v for n in region.nodes for v in writes.get(n, ()))
        self.block = self._block(self._items(()))

    def _items(self, frame: Frame) -> dict[Node | Frame, list[Node | Frame]]:
        """The nodes of a loop and the loops in it, and what each comes after."""
        structure = self.structure
        frames, outside, here = structure.frames, structure.outside, structure.here
        out: dict[Node | Frame, list[Node | Frame]] = {}

        def sources(node: Node) -> Iterator[Node | Frame]:
            for tensor in node.inputs:
                if tensor not in outside:
                    yield from source(tensor.op)
            for other in node.control_inputs:
                if other in here:
                    yield from source(other)

        def source(node: Node) -> Iterator[Node | Frame]:
            if node.type in EXIT:
                yield frames[node]
            elif node.type not in ENTER and node.type not in NEXT:
                yield node

        for node in self.members[frame]:
            if node.type not in ENTER and node.type not in EXIT:
                out[node] = [] if structure.turns(node) else list(sources(node))
        for inner in self.inner.get(frame, ()):
            out[inner] = [s for e in self.enters[inner] for s in sources(e)]
        return out

    def _place(self, item: Node | Frame) -> tuple[bool, int]:
        """When it is its turn among those that are ready: loops last."""
        if isinstance(item, Node):
            return False, self.place[item]
        return True, self.place[self.enters[item][0]]

    def _conditions(self, item: Node | Frame) -> tuple[Condition, ...]:
        structure = self.structure
        found = structure.live[item] if isinstance(item, Node) else structure.entered[item]
        if len(found) > MOST:
            raise Irregular
        return self.sorted(found)

    def sorted(self, conditions: Conditions) -> tuple[Condition, ...]:
        """Conditions, each after those on which it is known."""
        return tuple(sorted(conditions, key=lambda c: (self.place.get(c[0].op, -1), c[1])))

    def _hazards(self, before: dict[Node | Frame, list[Node | Frame]]) -> None:
        """Has what reads and writes the same, or can be seen, come in the order in which it is ready."""
        touched = {i: self._touched(i) for i in before}
        if not any(w for _, w in touched.values()):
            return
        written: dict[Node | None, Node | Frame] = {}
        read: dict[Node | None, list[Node | Frame]] = {}
        for item in _in_order(before, {i: self._place(i) for i in before}):
            reads, writes = touched[item]
            for variable in reads:
                if variable in written:
                    before[item].append(written[variable])
                read.setdefault(variable, []).append(item)
            for variable in writes:
                earlier = read.pop(variable, [])
                if variable in written:
                    earlier.append(written[variable])
                before[item] += [e for e in earlier if e is not item]
                written[variable] = item

    def _touched(self, item: Node | Frame) -> tuple[list[Node | None], list[Node | None]]:
        """The variables that it reads, and that it writes, with None for what can be seen from outside."""
        if isinstance(item, Node):
            return list(self.reads.get(item, ())), [*self.writes.get(item, ()), *([None] if item.type in SEEN else [])]
        reads: dict[Node | None, None] = {}
        writes: dict[Node | None, None] = {}
        for part in (*self.members[item], *self.inner.get(item, ())):
            more = self._touched(part)
            reads.update(dict.fromkeys(more[0]))
            writes.update(dict.fromkeys(more[1]))
        return list(reads), list(writes)

    def computes(self, node: Node) -> bool:
        """Whether a node has a kernel to be called."""
        return node.type not in SILENT and node.type not in MERGE

    def outside(self, tensor: Tensor) -> tuple[Condition, ...] | None:
        """The conditions on which a tensor has a value when all is done; None for one within a loop."""
        structure, node = self.structure, tensor.op
        frame = structure.frames[node]
        if (frame[:-1] if node.type in EXIT else frame) != ():
            return None
        return self.sorted(structure.live[tensor])

    def _block(self, before: dict[Node | Frame, list[Node | Frame]]) -> tuple[Item, ...]:
        self._hazards(before)
        conditions = {i: self._conditions(i) for i in before}
        rest = _Rest(before, {i: self._place(i) for i in before})
        found = rest.take(lambda i: conditions[i], self._silent)
        if rest.left:
            raise Irregular
        return tuple(Item(self._made(i), conditions[i]) for i in found)

    def _loop(self, frame: Frame) -> Loop:
        structure = self.structure
        before = self._items(frame)
        self._hazards(before)
        test = structure.tests[frame]
        true, false = (test, 1), (test, 0)
        conditions = {i: self._conditions(i) for i in before}
        if any(false in c and not self._silent(i) for i, c in conditions.items()):
            raise Irregular
        later = {i for i, c in conditions.items() if true in c and not self._silent(i)}
        within = {i: tuple(x for x in c if x != true) for i, c in conditions.items()}
        rest = _Rest(before, {i: self._place(i) for i in before})
        head = rest.take(lambda i: within[i], self._silent, later)
        if any(i not in later and not self._silent(i) for i in rest.left):
            raise Irregular
        body = rest.take(lambda i: within[i], self._silent)
        if rest.left:
            raise Irregular
        carried = tuple(Carried(n.outputs[0], n.inputs[0].op.inputs[0], n.inputs[1].op.inputs[0])
                        for n in self.members[frame] if structure.turns(n))
        self.carried += carried
        return Loop(frame, carried, test.op.inputs[0], tuple(Item(self._made(i), within[i]) for i in head),
                    tuple(Item(self._made(i), within[i]) for i in body))

    def _made(self, item: Node | Frame) -> Node | Loop:
        return item if isinstance(item, Node) else self._loop(item)

    def _silent(self, item: Node | Frame) -> bool:
        return isinstance(item, Node) and (item.type in SILENT or self.structure.turns(item))


class _Rest:
    """What is not in a row yet. left: how many each waits for. Only what computes something gets into a row."""

    def __init__(self, before: Before, places: Mapping[Node | Frame, Place]) -> None:
        self.places = places
        self.left = {i: len(b) for i, b in before.items()}
        self.after = _after(before)
        self.ready = [i for i, n in self.left.items() if not n]

    def take(self, context: Callable[[Node | Frame], tuple[Condition, ...]],
             silent: Callable[[Node | Frame], bool], held: Set[Node | Frame] = frozenset()) -> list[Node | Frame]:
        """What can run without those that are held, so that few branches are entered, and few more than once."""
        waiting: dict[tuple[Condition, ...], list[tuple[Place, Node | Frame]]] = {}
        out: list[Node | Frame] = []
        here: tuple[Condition, ...] = ()
        kept = []
        while True:
            while self.ready:
                item = self.ready.pop()
                if silent(item):
                    self._done(item)
                elif item in held:
                    kept.append(item)
                else:
                    heapq.heappush(waiting.setdefault(context(item), []), (self.places[item], item))
            if not waiting:
                self.ready = kept
                return out
            if here not in waiting:
                here = min(waiting, key=lambda c: (-_common(c, here), len(c), waiting[c][0][0]))
            _, item = heapq.heappop(waiting[here])
            if not waiting[here]:
                del waiting[here]
            out.append(item)
            self._done(item)

    def _done(self, item: Node | Frame) -> None:
        del self.left[item]
        for other in self.after.get(item, ()):
            self.left[other] -= 1
            if not self.left[other]:
                self.ready.append(other)


def _common(one: tuple[Condition, ...], other: tuple[Condition, ...]) -> int:
    """How many conditions two begin with."""
    n = 0
    for a, b in zip(one, other):
        if a != b:
            break
        n += 1
    return n


def _after(before: Before) -> dict[Node | Frame, list[Node | Frame]]:
    out: dict[Node | Frame, list[Node | Frame]] = {}
    for item, earlier in before.items():
        for other in earlier:
            out.setdefault(other, []).append(item)
    return out


def _in_order(before: Before, places: Mapping[Node | Frame, Place]) -> Iterator[Node | Frame]:
    """The items as they become ready, by their places."""
    left, after = {i: len(b) for i, b in before.items()}, _after(before)
    ready = [(places[i], i) for i, n in left.items() if not n]
    heapq.heapify(ready)
    while ready:
        _, item = heapq.heappop(ready)
        yield item
        for other in after.get(item, ()):
            left[other] -= 1
            if not left[other]:
                heapq.heappush(ready, (places[other], other))
