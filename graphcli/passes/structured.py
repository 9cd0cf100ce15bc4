"""Structured: the nodes of a region in a row, as one would write them down: ``while`` for loops, ``if`` for branches.

In a turn the nodes of a loop run in the order of the region, an inner loop after all others that are ready, each turn
after the one before it; what reads and writes the same, and what can be seen from outside, keeps that order. So
far it is what ``engine/flow_run.py`` does. For the rest, nodes on the same conditions are put in a row. Same bits.
"""
from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence, Set
from typing import Any

from ..graph.flow import ENTER, EXIT, FLOW, MERGE, NEXT
from ..graph.graph import Node, Tensor
from ..graph.shapes import Static
from ..graph.types import resource
from .effects import ALIASES, VARIABLES
from .facts import silent
from .flow import Conditions, Region
from .rows import Before, Carried, Condition, Item, Laying, Loop, Place, Rest, in_order, one_by_one
from .structure import Frame, Irregular, Structure
from .taken import Taken

SILENT = (FLOW - MERGE) | ALIASES | VARIABLES | {"Const", "NoOp", "ControlTrigger"}
"""Ops that compute nothing."""
SEEN = frozenset({"Print", "PrintV2", "PyFunc", "Assert", "CheckNumerics", "SaveV2", "MergeV2Checkpoints", "RestoreV2",
                  "PartitionedCall", "StatefulPartitionedCall", "If", "While"})
"""Ops whose order can be seen from outside."""
LISTS = frozenset({"TensorArrayV3", "TensorArrayGradV3", "TensorArrayGradWithShape", "StackV2", "TensorArray",
                   "TensorArrayV2", "TensorArrayGrad", "TensorArrayGradV2", "Stack"})
"""Ops that make handles, though not of variables."""
FETCHING = frozenset({"StackPopV2", "TensorArrayReadV3", "TensorArrayGradV3", "StackPop", "TensorArrayRead",
                      "TensorArrayReadV2", "TensorArrayGrad", "TensorArrayGradV2"})
"""Ops that run as soon as they can, so that what takes their values can run as one: the values are there anyway."""
DEEPEST = 15
"""Loops within loops, which Python has 20 of at most."""
MOST = 80
"""Loops and branches within each other, which Python has 100 of at most."""


class Structured:
    """block: the items outside of all loops. root: see ``Structure``. carried: the values of all loops. written: the
    variables that it writes. needed: the tensors whose values are of use. variables: the tensors that are a variable.
    loose: those that are one which the region writes, or may be one. These three are of roots.

    reads, writes: variables by node. shape, value: of a tensor, as far as they are known. skip: whether what nothing
    needs is left out. Raises Irregular.
    """

    def __init__(self, region: Region, exports: Sequence[Tensor], reads: Mapping[Node, Sequence[Node]],
                 writes: Mapping[Node, Sequence[Node]], fed: Set[Tensor], shape: Callable[[Tensor], Static],
                 value: Callable[[Tensor], Any], skip: bool) -> None:
        self.structure = Structure(region, exports, fed)
        self.root = self.structure.root
        self.shape = shape
        self._value = value
        self.skip = skip
        self.reads = reads
        self.writes = writes
        self.place = self.structure.place
        self.written = frozenset(v for n in region.nodes for v in writes.get(n, ()))
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
            around = sum(len(self.structure.entered[frame[:i + 1]]) for i in range(len(frame)))
            if len(frame) > DEEPEST or len(frame) + around + len(self.structure.live[node]) > MOST:
                raise Irregular
        self.needed = self._needed(region, exports, skip)
        self.variables: dict[Tensor, Node] = {}
        self.loose: set[Tensor] = set()
        self.carried: list[Carried] = []
        self.block: Sequence[Item] = ()
        self.sums: Mapping[Tensor, Taken] = {}
        """What adds products to a value that comes back, by that."""

    def lay(self, laying: Laying = one_by_one) -> None:
        """Puts the items in a row. Raises Irregular."""
        before = self._before(())
        places = {i: self._place(i) for i in before}
        rest = Rest(before, places)
        row = rest.take(self._conditions, self.idle)
        if rest.left:
            raise Irregular
        self.block = self._laid(laying, row, {i: self._conditions(i) for i in row}, before)

    # -- what is a variable, and what is of use

    def find_variables(self, live: Mapping[Tensor, Node]) -> None:
        """Takes in which tensors from outside are a variable."""
        self.variables.update((self.root(t), v) for t, v in live.items())
        self.variables.update((n.outputs[0], n) for n in self.place if n.type in VARIABLES)
        self.loose.update(t for t, v in self.variables.items() if v in self.written)
        self.loose.update(t for n in self.place for t in n.outputs if (t.dtype.is_ref or t.dtype is resource)
                          and t not in self.variables and n.type not in LISTS)
        merges = [n for n in self.place if n.type in MERGE]
        changed = True
        while changed:
            changed = False
            for node in merges:
                taken = [t.op.inputs[0] if t.op.type in NEXT else t for t in node.inputs]
                if node.outputs[0] not in self.loose and any(self.root(t) in self.loose for t in taken):
                    self.loose.add(node.outputs[0])
                    changed = True

    def value(self, tensor: Tensor) -> Any:
        """What a tensor is known to be before the run; None for what only the run tells."""
        root = self.root(tensor)
        constant = root.op.type == "Const" and root not in self.structure.outside
        return root.op.attrs["value"] if constant else self._value(root)

    def _needed(self, region: Region, exports: Sequence[Tensor], skip: bool) -> Set[Tensor]:
        structure = self.structure
        todo = [*exports, *structure.tests.values()]
        for conditions in structure.entered.values():
            todo += [key for key, _ in conditions]
        for node in region.nodes:
            if not skip and (node.type in MERGE or self.computes(node)):
                todo += node.outputs
            elif self.computes(node) and not silent(node):
                todo += [*node.inputs, *(key for key, _ in structure.live[node])]
        out: set[Tensor] = set()
        while todo:
            tensor = self.root(todo.pop())
            if tensor in out:
                continue
            out.add(tensor)
            node = tensor.op
            if tensor in structure.outside or self.value(tensor) is not None:
                continue
            todo += [key for key, _ in structure.live[node]]
            choice = structure.chosen.get(node)
            if choice is None:
                todo += node.inputs
            else:
                todo += [key for key, _ in choice.conditions]
                todo += node.inputs if choice.conditions else [node.inputs[choice.index]]
        return out

    def computes(self, node: Node) -> bool:
        """Whether a node has a kernel to be called."""
        return node.type not in SILENT and node.type not in MERGE

    def idle(self, item: Any) -> bool:
        """Whether a node is not to be run: it computes nothing, or what is known, or of no use."""
        if not isinstance(item, Node):
            return False
        if item.type in SILENT or self.structure.turns(item):
            return True
        if any(t in self.needed and self.value(t) is None for t in item.outputs):
            return False
        return item.type in MERGE or silent(item)

    def following(self, merge: Node) -> Tensor:
        """What a value that comes back is next."""
        return self.root(merge.inputs[1].op.inputs[0])

    # -- nodes and loops in a row

    def _before(self, frame: Frame) -> dict[Node | Frame, list[Node | Frame]]:
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
        self._hazards(out)
        return out

    def _place(self, item: Node | Frame) -> Place:
        """When it is its turn among those that are ready: loops last."""
        if isinstance(item, Node):
            return item.type not in FETCHING, self.place[item]
        return 2, self.place[self.enters[item][0]]

    def _conditions(self, item: Node | Frame) -> tuple[Condition, ...]:
        structure = self.structure
        return self.sorted(structure.live[item] if isinstance(item, Node) else structure.entered[item])

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
        for item in in_order(before, {i: self._place(i) for i in before}):
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

    def _laid(self, laying: Laying, row: Sequence[Node | Frame],
              conditions: Mapping[Node | Frame, tuple[Condition, ...]], before: Before) -> tuple[Item, ...]:
        made: dict[Node | Frame, Node | Loop] = {i: i if isinstance(i, Node) else self._loop(laying, i) for i in row}
        return tuple(laying([made[i] for i in row], {made[i]: conditions[i] for i in row},
                            {made[i]: [made[b] for b in before[i] if b in made] for i in row}, self.idle))

    def _loop(self, laying: Laying, frame: Frame) -> Loop:
        structure = self.structure
        before = self._before(frame)
        test = structure.tests[frame]
        true, false = (test, 1), (test, 0)
        conditions = {i: self._conditions(i) for i in before}
        if any(false in c and not self.idle(i) for i, c in conditions.items()):
            raise Irregular
        later = {i for i, c in conditions.items() if true in c and not self.idle(i)}
        within = {i: tuple(x for x in c if x != true) for i, c in conditions.items()}
        rest = Rest(before, {i: self._place(i) for i in before})
        head = rest.take(within.__getitem__, self.idle, later)
        if any(i not in later and not self.idle(i) for i in rest.left):
            raise Irregular
        body = rest.take(within.__getitem__, self.idle)
        if rest.left:
            raise Irregular
        carried = tuple(Carried(n.outputs[0], n.inputs[0].op.inputs[0], n.inputs[1].op.inputs[0])
                        for n in self.members[frame] if structure.turns(n) and n.outputs[0] in self.needed)
        self.carried += carried
        return Loop(carried, test.op.inputs[0], self._laid(laying, head, within, before),
                    self._laid(laying, body, within, before))

    def outside(self, tensor: Tensor) -> tuple[Condition, ...] | None:
        """The conditions on which a tensor has a value when all is done; None for one within a loop."""
        structure, node = self.structure, tensor.op
        frame = structure.frames[node]
        if (frame[:-1] if node.type in EXIT else frame) != ():
            return None
        return self.sorted(structure.live[tensor])
