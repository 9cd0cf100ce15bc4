"""What loops and conditions hold at most, from shapes alone: one iteration is like the other, and of a condition one
side runs."""
from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, cast

import numpy as np

from ..graph.flow import EXIT, MERGE, NEXT, SWITCH
from ..graph.graph import Node, Tensor
from ..graph.shapes import Static
from ..graph.types import float16
from ..passes.flow import Contexts, Region, root_of
from .memory import size_of, spreads
from .structured_order import Fused, in_rows

if TYPE_CHECKING:
    from ..passes.structured import Structured

WHOLE = frozenset({"Reshape", "Squeeze", "ExpandDims", "Identity", "StopGradient", "PreventGradient", "CheckNumerics",
                   "EnsureShape", "Snapshot", "PlaceholderWithDefault", "Print", "PrintV2", "Switch", "Merge", "Enter",
                   "Exit", "NextIteration", "RefSwitch", "RefMerge", "RefEnter", "RefExit", "RefNextIteration",
                   "LoopCond"})
"""Ops that hand on all of their first input."""
VIEWS = frozenset({"Reshape", "Squeeze", "ExpandDims"})
"""Those of them whose results are arrays of their own that see the input's memory."""
PARTLY = frozenset({"Transpose", "StridedSlice", "Slice", "Split", "SplitV", "Unpack"})
"""Ops whose results are views of their first input, or nearly always."""
ORDERED = frozenset({"Sum", "Mean", "Prod"})
"""Ops that lay their first input out in one piece."""
ELSEWHERE = frozenset({"Const", "StackPopV2", "TensorArrayReadV3", "BroadcastGradientArgs"})
"""Ops of loops whose results are counted with stacks and lists, or are a few numbers."""
Shape = Callable[[Tensor], Static]


def hands_on(node: Node) -> bool:
    """Whether results are views of the first input, or nearly always."""
    return node.type in WHOLE or node.type in PARTLY or spreads(node)


def _sees(node: Node) -> bool:
    """The same, but of half precision parts are laid out in one piece (graph/in_rows.py)."""
    return hands_on(node) and (node.type in WHOLE or node.outputs[0].dtype.base_dtype is not float16)


def of_region(region: Region, structured: Structured | None, exports: Sequence[Tensor], known: Shape,
              scratch: Callable[[Any, Shape], int | None], settled: Mapping[Tensor, Any]) -> int | None:
    """Bytes that a region holds at most beside what it gives and what it keeps of all iterations (``stacks``). exports:
    what it gives. known: shapes that are fed. scratch: what a kernel or a program takes within itself. settled: values
    of conditions that are constant."""
    def shape(tensor: Tensor) -> Static:
        found = known(tensor)
        return tensor.static if found is None or None in found else found

    contexts = Contexts(region.nodes, frozenset())
    nodes: Sequence[Any] = region.nodes
    if structured is not None:
        nodes = in_rows(structured)
        for node in nodes:
            if isinstance(node, Fused):
                last, known_as = node.program.nodes[-1], cast(Node, node)
                contexts.conditions[known_as] = contexts.conditions[last]
                contexts.frames[known_as] = contexts.frames[last]
    never = frozenset((root_of(t), 0 if value else 1) for t, value in settled.items() if np.shape(value) == ())
    if never:
        nodes = [n for n in nodes if never.isdisjoint(contexts.conditions[n])]
    most = _most(nodes, exports, shape, scratch, contexts, _Roots(nodes))
    popped = sum(size_of(n.outputs[0], shape(n.outputs[0])) or 0 for n in nodes if n.type == "StackPopV2")
    if most is not None and popped:
        # the first iteration has all that was pushed, and states from elsewhere; the others have states of their own
        first = _most(nodes, exports, shape, scratch, contexts, _Roots(nodes, first=True))
        most = max(first or 0, most - popped)
    return None if most is None else max(0, most - sum(size_of(t, shape(t)) or 0 for t in exports))


def _most(nodes: Sequence[Any], exports: Sequence[Tensor], shape: Shape, scratch: Callable[[Any, Shape], int | None],
          contexts: Contexts, roots: _Roots) -> int | None:
    alive = _Alive(nodes, contexts)
    pushed = roots.pushed()
    most = 0
    last = _last_uses(nodes, exports, contexts, roots)
    ends: dict[int, list[Tensor]] = {}
    for tensor, at in last.items():
        ends.setdefault(at, []).append(tensor)
    for i, node in enumerate(nodes):
        if node.type in MERGE and node not in roots.back:
            # it is what was made on one of the sides
            alive.drop(ends.get(i, ()))
        for tensor in node.outputs:
            if not roots.own(tensor) or tensor in pushed or node.type in ELSEWHERE or tensor.dtype.is_ref:
                continue
            size = size_of(tensor, shape(tensor))
            if size is None and node in roots.back:
                size = size_of(tensor, shape(roots.back[node]))
            if size is None and node.type in ORDERED:
                # no more than is added up
                size = size_of(node.inputs[0], shape(node.inputs[0]))
            if size is None:
                return None
            alive.add(tensor, size)
        within = scratch(node, shape) or 0
        if alive.total + within > most:
            most = max(most, within + alive.beside(node))
        gone = [*ends.get(i, ()), *(t for t in node.outputs if t not in last)]
        alive.drop(gone)
        if roots.first:
            # what was popped is the stack's no more
            for tensor in gone:
                if tensor.op.type == "StackPopV2" and not alive.under_any(tensor.op):
                    alive.add(tensor, -(size_of(tensor, shape(tensor)) or 0))
    # views are copied when all that a region gives is there
    return max(most, alive.total + sum(roots.copied(t, shape) for t in exports))


class _Alive:
    """What is held, of which no more than one side of a condition is at the same time. total: with both."""

    def __init__(self, nodes: Sequence[Any], contexts: Contexts) -> None:
        self.contexts = contexts
        self.sizes: dict[Tensor, int] = {}
        self.total = 0
        self.nested = 0
        """How many are under several conditions, those of loops apart."""
        self.sides: dict[Tensor, list[int]] = {}
        """Of each condition the bytes of those that are under it alone, by side."""
        self.number: dict[Tensor, int] = {}
        for node in nodes:
            if node.type in SWITCH:
                for tensor, _ in contexts.conditions[node.outputs[0]] - contexts.conditions[node]:
                    self.number.setdefault(tensor, len(self.number))
        self.under: dict[Tensor, Sequence[tuple[Tensor, int]]] = {}

    def _under(self, what: Any) -> Sequence[tuple[Tensor, int]]:
        """The conditions of a tensor or a node, the outer first."""
        return sorted((c for c in self.contexts.conditions[what] if c[0].op.type != "LoopCond"),
                      key=lambda c: (self.number.get(c[0], -1), c[1]))

    def under_any(self, node: Any) -> bool:
        """Whether a node is under a condition that is no loop's."""
        return len(self._under(node)) > 0

    def add(self, tensor: Tensor, size: int) -> None:
        self.sizes[tensor] = size
        self.under[tensor] = self._under(tensor)
        self._count(tensor, size, 1)

    def drop(self, tensors: Iterable[Tensor]) -> None:
        for tensor in tensors:
            if tensor in self.sizes:
                self._count(tensor, -self.sizes.pop(tensor), -1)

    def _count(self, tensor: Tensor, size: int, one: int) -> None:
        conditions = self.under[tensor]
        self.total += size
        self.nested += one * (len(conditions) > 1)
        if len(conditions) == 1:
            (condition, side), = conditions
            self.sides.setdefault(condition, [0, 0])[side] += size

    def beside(self, node: Any) -> int:
        """Bytes that may be held while a node runs."""
        mine = dict(self._under(node))
        if not self.nested:
            return self.total - sum(min(both) if p not in mine else both[1 - mine[p]] for p, both in self.sides.items())
        return _together([(self.under[t], size) for t, size in self.sizes.items() if all(
            mine.get(p, side) == side for p, side in self.under[t])])


def _last_uses(nodes: Sequence[Any], exports: Sequence[Tensor], contexts: Contexts, roots: _Roots
               ) -> dict[Tensor, int]:
    """Which node is the last to use each memory."""
    last: dict[Tensor, int] = {}
    turned: dict[str, int] = {}
    for i, node in enumerate(nodes):
        if node.type not in EXIT:
            for tensor in node.inputs:
                memory = roots.of(tensor)
                if memory.op in roots.back and len(contexts.frames[memory.op]) > len(contexts.frames[node]):
                    # what a program takes of a loop that has ended is what the last iteration made
                    memory = roots.of(roots.back[memory.op])
                last[memory] = i
        if node.type in NEXT:
            turned[contexts.frames[node][-1]] = i
    for node in nodes:
        if node.type in NEXT:
            # the next state is held until its iteration ends
            made = roots.of(node.inputs[0])
            last[made] = max(last[made], turned[contexts.frames[node][-1]])
    last.update((roots.of(t), len(nodes)) for t in exports)
    return last


def _together(held: Sequence[tuple[Sequence[tuple[Tensor, int]], int]], depth: int = 0) -> int:
    """Bytes of what is held, of which what is on the two sides of a condition is not at the same time. held: the
    conditions of each, the outer first, and its bytes."""
    total = 0
    sides: dict[Tensor, list[list[tuple[Sequence[tuple[Tensor, int]], int]]]] = {}
    for entry in held:
        conditions, size = entry
        if len(conditions) == depth:
            total += size
        else:
            first, side = conditions[depth]
            sides.setdefault(first, [[], []])[side].append(entry)
    return total + sum(max(_together(one, depth + 1), _together(other, depth + 1)) for one, other in sides.values())


class _Roots:
    """In whose memory tensors of a region are. back: the next state of each state of a loop. first: as in the first
    iteration, whose states come from elsewhere."""

    def __init__(self, nodes: Iterable[Any], first: bool = False) -> None:
        self.first = first
        self.inside = frozenset(m for n in nodes for m in (n.program.nodes if isinstance(n, Fused) else (n,)))
        self.known: dict[Tensor, Tensor] = {}
        self.back = {n: t.op.inputs[0] for n in self.inside if n.type in MERGE for t in n.inputs if t.op.type in NEXT}

    def of(self, tensor: Tensor) -> Tensor:
        """The tensor whose memory it is; of what a loop gives the last state that was made."""
        if tensor not in self.known:
            self.known[tensor] = tensor
            self.known[tensor] = self._of(tensor)
        return self.known[tensor]

    def _of(self, tensor: Tensor) -> Tensor:
        while tensor.op in self.inside:
            node = tensor.op
            if node in self.back:
                if not self.first and not self._stays(node):
                    break
                tensor = node.inputs[0]
            elif node.type in MERGE:
                if any(self.of(t).op in self.inside for t in node.inputs):
                    break
                tensor = node.inputs[0]
            elif node.type in EXIT and node.inputs[0].op.type in SWITCH and node.inputs[0].op.inputs[0].op in self.back:
                state = node.inputs[0].op.inputs[0].op
                tensor = state.inputs[0] if self._stays(state) else self.back[state]
            elif node.inputs and (_sees(node) or node.type == "StackPushV2"):
                tensor = node.inputs[node.type in ("StackPushV2", "Split")]
            else:
                break
        return tensor

    def copied(self, tensor: Tensor, shape: Shape) -> int:
        """By how many bytes what is given takes more while it is copied, for it may be a view, than it has itself."""
        own = self.of(tensor)
        return max(0, self._held(tensor, shape, set()) - (
            (size_of(own, shape(own)) or 0) if own.op in self.inside else 0))

    def _held(self, tensor: Tensor, shape: Shape, seen: set[Tensor]) -> int:
        """Bytes of what is given and, if it is a view, of what it is a view of."""
        whole = tensor
        while whole.op in self.inside and whole.op.type in WHOLE and whole.op.type not in (*VIEWS, *MERGE):
            whole = whole.op.inputs[0]
        node, own = whole.op, self.of(whole)
        if node not in self.inside or whole in seen:
            return 0
        seen.add(whole)
        if node.type in MERGE and node not in self.back:
            return max(self._held(t, shape, seen) for t in node.inputs)
        size = (size_of(own, shape(own)) or 0) if own.op in self.inside else 0
        following = self.back.get(node, whole)
        if following.op in self.inside and (following.op.type in VIEWS or _sees(following.op)
                                            and following.op.type not in WHOLE):
            size += size_of(tensor, shape(tensor)) or 0
        return size

    def own(self, tensor: Tensor) -> bool:
        """Whether it is memory of its own."""
        return self.of(tensor) is tensor

    def pushed(self) -> set[Tensor]:
        """What is counted with stacks."""
        found = {self.of(n.inputs[1]) for n in self.inside if n.type == "StackPushV2"}
        for state, following in self.back.items():
            # a state is what the iteration before has made
            both = {state.outputs[0], self.of(following)}
            found |= both if both & found else set()
        return found

    def _stays(self, state: Node) -> bool:
        """Whether a loop hands a state on as it is."""
        tensor = self.back[state]
        while tensor.op in self.inside and tensor.op is not state and tensor.op not in self.back:
            node = tensor.op
            if not node.inputs or node.type not in WHOLE or node.type in EXIT:
                return False
            tensor = node.inputs[0]
        return tensor.op is state
