"""Memory: which arrays of a plan may share their memory, what is alive when, and how much that is at most.

A result may lie over an input that dies with it, if the plan owns that input: it was made in this step by
an op that makes new memory, and no view of it lives on. What one program hands to another, and nobody
else sees, keeps its array from step to step.
"""
from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from ..graph.graph import Node, Tensor
from ..graph.shapes import Static, count, only_spread
from ..record import Record
from .over import Dying, Over

if TYPE_CHECKING:
    from .plan import Fork, Step

NEW = frozenset({
    "MatMul", "BatchMatMul", "BatchMatMulV2", "BatchMatMulV3", "SparseMatMul", "Conv2D", "Conv2DBackpropInput",
    "Conv2DBackpropFilter", "Conv3D", "DepthwiseConv2dNative", "DepthwiseConv2dNativeBackpropInput",
    "DepthwiseConv2dNativeBackpropFilter", "MaxPool", "AvgPool", "MaxPoolGrad", "AvgPoolGrad", "BiasAdd", "BiasAddV1",
    "BiasAddGrad", "Sum", "Mean", "Max", "Min", "Prod", "ArgMax", "ArgMin", "L2Loss", "ConcatV2", "Pack", "OneHot",
    "Fill", "SoftmaxCrossEntropyWithLogits", "SparseSoftmaxCrossEntropyWithLogits", "UnsortedSegmentSum", "Select",
    "SelectV2", "ClipByValue", "RandomStandardNormal", "TruncatedNormal", "RandomUniform", "Tile", "Range",
    "FusedBatchNormGradV3", "Cumsum", "LRN"})
"""Ops whose results are new memory, and which keep no hold of what they were given."""
VIEWING = frozenset({"Reshape", "Squeeze", "ExpandDims", "Transpose", "StridedSlice", "Slice", "Split", "SplitV",
                     "Unpack", "BroadcastTo", "Identity", "StopGradient", "Gather", "GatherV2", "ReverseV2", "Pad",
                     "Tile"})
"""Ops whose results may be views of their inputs, and no more than that."""


def spreads(node: Node) -> bool:
    """Whether a node repeats its first input along axes of size 1, which takes no memory."""
    return node.type == "BroadcastTo" or node.type == "Tile" and only_spread(
        node.inputs[0].static, node.outputs[0].static)


def makes_new(node: Node) -> bool:
    """Whether the results of a node are memory of their own."""
    if node.type in NEW:
        return not spreads(node)
    if node.type == "AddN":
        return len(node.inputs) > 1
    opdef = node.opdef
    if opdef is not None and opdef.spends:
        return True
    return opdef is not None and opdef.elementwise and not opdef.stateful and all(
        t.dtype.base_dtype.kind in "fiub" for t in (*node.inputs, *node.outputs))


def is_fresh(step: Step) -> bool:
    """Whether what a step gives is nobody else's, so that it can be handed out as it is."""
    return (step.snapshot or step.program is not None or bool(step.products)
            or step.region is None and makes_new(step.node))


class Layout(Record):
    """into: for each output of a program's step the input whose memory it takes, -1 for none. kept: outputs
    whose array lives on for the next step. owner: value -> value of whose memory it is a part. spent: for steps the
    inputs over which their kernels may write."""

    into: Mapping[int, tuple[int, ...]]
    kept: frozenset[int]
    owner: Mapping[int, int]
    spent: Mapping[int, frozenset[int]]


class Sharing:
    """Which values are one memory, and which memory is not the plan's to write to."""

    def __init__(self, steps: Sequence[Step], foreign: Sequence[int], results: Sequence[object]) -> None:
        self.parent: dict[int, int] = {}
        self.pinned: set[int] = set()
        self.fresh: set[int] = set()
        for step in steps:
            values = [o for o in step.inputs if isinstance(o, int)]
            made = [o for o in step.outputs if o >= 0]
            if is_fresh(step):
                self.fresh.update(made)
                continue
            for value in (*values, *made):
                self._join(value, (made or values)[0])
            if step.region is not None or step.node.type not in VIEWING or len(values) < len(step.inputs):
                self.pinned.update(values)
                self.pinned.update(made)
        self.pinned.update(foreign)
        self.pinned.update(r for r in results if isinstance(r, int))
        self.locked = {self.find(v) for v in self.pinned}

    def find(self, value: int) -> int:
        while self.parent.get(value, value) != value:
            value = self.parent[value]
        return value

    def _join(self, a: int, b: int) -> None:
        a, b = self.find(a), self.find(b)
        if a != b:
            self.parent[max(a, b)] = min(a, b)


def layout(steps: Sequence[Step], foreign: Sequence[int], results: Sequence[object], last: Mapping[int, int],
           form: Mapping[int, tuple[Static, object]], in_place: bool, forks: Sequence[Fork] = ()) -> Layout:
    """Which outputs take the memory of which inputs, and which inputs are their steps' to write over.

    foreign: values that are not the plan's (feeds, constants). last: value -> the step of its last use.
    form: value -> shape and dtype. forks: no branch writes over what another may read.
    """
    sharing = Sharing(steps, foreign, results)
    members: dict[int, list[int]] = {}
    for value in form:
        members.setdefault(sharing.find(value), []).append(value)
    into: dict[int, tuple[int, ...]] = {}
    kept: set[int] = set()
    owner: dict[int, int] = {v: sharing.find(v) for v in form}
    branch = {n: (f, b) for f, fork in enumerate(forks) for b, numbers in enumerate(fork) for n in numbers}
    met: dict[int, set[tuple[int, int]]] = {}
    for step in steps if forks else ():
        if step.number in branch:
            for operand in (*step.inputs, *step.outputs):
                if isinstance(operand, int) and operand >= 0:
                    met.setdefault(sharing.find(operand), set()).add(branch[step.number])

    def dies(step: Step, operand: object) -> bool:
        """Whether an input is the plan's own memory, and of no use after a step."""
        if not isinstance(operand, int) or operand not in sharing.fresh or uses[operand] != 1:
            return False
        here, memory = branch.get(step.number), sharing.find(operand)
        return (memory not in sharing.locked
                and not (here and any(b != here and b[0] == here[0] for b in met[memory]))
                and all(last.get(m, step.number) <= step.number for m in members[memory]))

    spent: dict[int, frozenset[int]] = {}
    for step in steps:
        uses = Counter(step.inputs)
        if step.program is None:
            found_here = [i for i in _spends(step) if in_place and dies(step, step.inputs[i])]
            if found_here:
                spent[step.number] = frozenset(found_here)
            continue
        place = {number: i for i, number in enumerate(step.program.inputs.values())}
        dying = Dying(Over(step.program), [n for n, i in place.items() if in_place and dies(step, step.inputs[i])])
        chosen = []
        for output, number in zip(step.outputs, step.program.outputs.values()):
            source = dying.taken_by(number)
            found = -1 if source is None else place[source]
            if found >= 0:
                taken_from = step.inputs[found]
                assert isinstance(taken_from, int)
                owner[output] = owner[taken_from]
                if sharing.find(output) in sharing.locked:
                    # others will hold what began as the plan's own: it cannot serve the next step
                    kept.discard(owner[output])
            elif sharing.find(output) not in sharing.locked and step.program.shape is None:
                kept.add(output)
            chosen.append(found)
        into[step.number] = tuple(chosen)
    return Layout(into, frozenset(kept), owner, spent)


def _spends(step: Step) -> Sequence[int]:
    """The inputs over which the op of a step writes if it may."""
    opdef = step.node.opdef
    plain = step.region is None and not step.products and not step.snapshot
    return opdef.spends if plain and opdef is not None else ()


KEEPERS = {"Assign": 1, "AssignVariableOp": 1}
"""Ops that may keep an input as it is, and which."""


def given_away(steps: Sequence[Step], results: Sequence[object]) -> list[Step]:
    """The steps with what they own: an array that its op has just made, which one step uses, once, and nothing else.

    What is fed, constant, fetched, a view, a variable's or kept for the next step is never owned.
    """
    uses: dict[object, int] = {}
    for operand in (*results, *(o for s in steps for o in s.inputs)):
        uses[operand] = uses.get(operand, 0) + 1
    fresh = {v for s in steps if s.program is None and s.region is None and not s.snapshot
             and s.node.opdef is not None and s.node.opdef.fresh for v in s.outputs if v >= 0}
    out = []
    for step in steps:
        plain = step.region is None and step.program is None and not step.snapshot
        at = KEEPERS.get(step.node.type) if plain else None
        if at is not None and step.inputs[at] in fresh and uses[step.inputs[at]] == 1:
            step = step.replace(owned=frozenset({at}))
        out.append(step)
    return out


class Peak(Record):
    """bytes: what a step holds at most besides feeds, constants and variables. step: where that is. alive: the values
    that are held there, and the bytes of each; of those that are one memory the first. unknown: whether some sizes are
    not known before the run. kept: bytes that programs keep from step to step. fed: of copies of what is fed, which
    does not lie in one piece or has another dtype."""

    bytes: int
    step: int
    alive: Mapping[int, int]
    unknown: bool
    kept: int = 0
    fed: int = 0

    @property
    def within(self) -> int:
        """Bytes that the step there takes to work in, or hands out as copies."""
        return self.bytes - self.kept - self.fed - sum(self.alive.values())


def size_of(tensor: Tensor, shape: Static) -> int | None:
    """Bytes of a tensor; None where its shape does not tell."""
    elements = count(shape)
    if elements is None:
        return 0 if tensor.op.opdef is not None and tensor.op.opdef.slight == tensor.value_index else None
    return elements * tensor.dtype.base_dtype.size
