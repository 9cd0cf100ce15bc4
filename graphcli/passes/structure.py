"""Structure: in which loop each node of a region runs, and on which conditions, if they are as TensorFlow makes them.

Then a loop is a ``while`` and a condition an ``if`` (``structured.py``); else nodes run by the rules of dataflow alone.
"""
from __future__ import annotations

from collections.abc import Sequence, Set

from ..graph.flow import ENTER, EXIT, MERGE, NEXT, SWITCH
from ..graph.graph import Node, Tensor
from ..record import Record
from .effects import ALIASES
from .flow import NONE, Conditions, Region

HANDED = ALIASES | SWITCH | ENTER | EXIT
"""Ops that hand on their first input."""
Frame = tuple[str, ...]
"""The loops around a node, the innermost last."""


class Choice(Record, eq=False):
    """What a Merge takes: on these conditions its input of this index, else the other."""

    conditions: Conditions
    index: int


class Irregular(Exception):
    """A region that is not made of loops and branches as TensorFlow makes them."""


class Structure:
    """frames: of each node, that of the loop for its Enters and Exits. live: on what a node, or a tensor, is not dead
    in a turn of its loop. entered: on what a loop runs, in a turn of the one around it. tests: the conditions of loops.
    chosen: which value a Merge takes.

    Raises Irregular.
    """

    def __init__(self, region: Region, exports: Sequence[Tensor], fed: Set[Tensor]) -> None:
        self.outside = frozenset(region.outside)
        self.exports = frozenset(exports)
        self.place = {n: i for i, n in enumerate(region.nodes)}
        self.here = self.place.keys()
        self.frames: dict[Node, Frame] = {}
        self.live: dict[Node | Tensor, Conditions] = {}
        self.entered: dict[Frame, Conditions] = {}
        self.tests: dict[Frame, Tensor] = {}
        self.chosen: dict[Node, Choice] = {}
        self._around: dict[Node, tuple[Conditions, ...]] = {}
        """On what a node in a loop is not dead in a turn of each loop around its own, as far as its inputs tell."""
        self._roots = _alike(region.outside, fed)
        for node in region.nodes:
            self._take(node)
        for node in region.nodes:
            if node.type in MERGE and (back := node.inputs[-1].op).type in NEXT and (
                    self.frames[back] != self.frames[node]):
                raise Irregular
        for node, around in self._around.items():
            # what comes into a loop whose condition is dead comes to nothing
            frame = self.frames[node]
            if frame and (frame not in self.tests or not around[-1] <= self.entered[frame]):
                raise Irregular

    def root(self, tensor: Tensor) -> Tensor:
        """The tensor whose value it is, where it is not dead: past all that only hands on what it takes."""
        found = self._roots.get(tensor)
        if found is not None:
            return found
        met = []
        while found is None:
            met.append(tensor)
            kind = tensor.op.type
            if kind in HANDED or kind == "LoopCond":
                tensor = tensor.op.inputs[0]
                found = self._roots.get(tensor)
            else:
                found = tensor
        self._roots.update(dict.fromkeys(met, found))
        return found

    def turns(self, node: Node) -> bool:
        """Whether a Merge is where a loop's value comes back."""
        return node.type in MERGE and any(t.op.type in NEXT and t not in self.outside for t in node.inputs)

    def _source(self, node: Node, tensor: Tensor | None) -> tuple[Frame, Conditions]:
        """The loop in which something is given, and on what."""
        frame = self.frames[node]
        return frame[:-1] if node.type in EXIT else frame, self.live[node if tensor is None else tensor]

    def _take(self, node: Node) -> None:
        kind, live = node.type, self.live
        turning = self.turns(node)
        given = [((), NONE) if t in self.outside else self._source(t.op, t)
                 for t in node.inputs if not (turning and t.op.type in NEXT)]
        waited = [self._source(c, None) for c in node.control_inputs if c in self.here]
        frame, condition = _together(given, waited)
        condition = condition.difference(*(self.entered.get(frame[:i + 1], NONE) for i in range(len(frame))))
        sources = [t.op for t in node.inputs if t not in self.outside and not (turning and t.op.type in NEXT)]
        sources += [c for c in node.control_inputs if c in self.here]
        around = tuple(NONE.union(*(self._around[s][i] for s in sources)) for i in range(len(frame)))
        if kind in ENTER:
            frame = (*frame, node.attrs["frame_name"])
            self._around[node] = (*around, condition)
            condition = NONE
        elif kind in EXIT:
            condition = self._exit(frame, condition)
        elif kind in NEXT:
            if not frame or condition != {(self.tests.get(frame), 1)}:
                raise Irregular
        elif kind == "LoopCond":
            if not frame or condition or self.tests.setdefault(frame, node.outputs[0]) is not node.outputs[0]:
                raise Irregular
            self.entered[frame] = around[-1]
        elif kind in MERGE:
            condition = self._merge(node, frame, turning, [c for _, c in given], waited)
        elif kind == "ControlTrigger":
            condition = NONE
        self.frames[node] = frame
        self._around.setdefault(node, around)
        live[node] = condition
        for i, output in enumerate(node.outputs):
            live[output] = condition | {(self._key(node), i)} if kind in SWITCH else condition

    def _key(self, switch: Node) -> Tensor:
        """What decides where a Switch sends its value."""
        tensor = switch.inputs[1]
        while tensor.op.type in ALIASES and tensor not in self.outside:
            tensor = tensor.op.inputs[0]
        return tensor if tensor.op.type == "LoopCond" else self.root(tensor)

    def _exit(self, frame: Frame, condition: Conditions) -> Conditions:
        if not frame or condition != {(self.tests.get(frame), 0)}:
            raise Irregular
        return self.entered[frame]

    def _merge(self, node: Node, frame: Frame, turning: bool, given: Sequence[Conditions],
               waited: Sequence[tuple[Frame, Conditions]]) -> Conditions:
        if len(node.inputs) != 2 or waited:
            raise Irregular
        if turning:
            first, back = node.inputs
            if (not frame or first in self.outside or first.op.type not in ENTER or first.op.attrs.get("is_constant")
                    or back.op.type not in NEXT or self._used(node.outputs[1])):
                raise Irregular
            return NONE
        common = given[0] & given[1]
        apart = [given[0] - common, given[1] - common]
        if apart[1] == _otherwise(apart[0]):
            self.chosen[node] = Choice(apart[0], 0)
        elif apart[0] and apart[1]:
            raise Irregular
        else:
            # one is there whenever the other is; the first that comes is taken
            sometimes = 1 if apart[1] else 0
            one, other = ([-1 if t in self.outside else self.place[t.op] for t in (
                node.inputs[sometimes], node.inputs[1 - sometimes])])
            self.chosen[node] = Choice(apart[sometimes], sometimes) if one < other else Choice(NONE, 1 - sometimes)
        return common

    def _used(self, tensor: Tensor) -> bool:
        return tensor in self.exports or any(n in self.here for n in tensor.uses)


def _otherwise(conditions: Conditions) -> Conditions | None:
    """When a condition does not hold; None for several, and for that of a loop."""
    if len(conditions) != 1:
        return None
    ((key, branch),) = conditions
    return None if key.op.type == "LoopCond" else frozenset({(key, 1 - branch)})


def _alike(outside: Sequence[Tensor], fed: Set[Tensor]) -> dict[Tensor, Tensor]:
    """For each tensor from outside the first that is the same."""
    first: dict[Tensor, Tensor] = {}
    out = {}
    for tensor in outside:
        source = tensor
        while source.op.type in ALIASES and source not in fed and not source.op.inputs[0].dtype.is_ref:
            source = source.op.inputs[0]
        out[tensor] = first.setdefault(source, tensor)
    return out


def _together(given: Sequence[tuple[Frame, Conditions]], waited: Sequence[tuple[Frame, Conditions]]
              ) -> tuple[Frame, Conditions]:
    """The one loop of all sources, and the conditions of all."""
    sources = [*given, *waited]
    if not sources:
        return (), NONE
    frame = sources[0][0]
    if any(f != frame for f, _ in sources):
        raise Irregular
    return frame, NONE.union(*(c for _, c in sources))
