"""Bundle: ops of a loop's turn, or of a branch, that nothing else comes between run in a row, as one.

In a region each node otherwise waits for its own inputs to come. The ops of a bundle stand in the same loops, on the
same conditions, and as many steps from the beginning, where each edge counts that is not within such a bundle. So no
path leads from one of them to another through anything else, and all can wait for what any of them needs. Same bits:
each op is called with what it would be called with.
"""
from __future__ import annotations

from ..graph.flow import ENTER, FLOW, MERGE, NEXT
from ..graph.graph import Node, Tensor
from ..graph.types import resource
from .effects import ALIASES, FIRST, PASSES, READERS, VARIABLES, by_references
from .facts import silent
from .flow import Contexts, Region

APART = FLOW | VARIABLES | READERS | FIRST | {"LoopCond", "ControlTrigger", "NoOp"}
LEAST = 3
"""Ops for which a bundle is worth its while."""
Bundles = tuple[tuple[Node, ...], ...]


def bundles(region: Region) -> Bundles:
    """The ops that run in a row, each after what it needs; none where a loop is not as TensorFlow makes it."""
    if not all(_regular(n, o) for n in region.nodes for o in (*(t.op for t in n.inputs), *n.control_inputs)):
        return ()
    contexts = Contexts(region.nodes, frozenset(region.outside))
    held, given = _held(region), set(region.outside)
    # a region is one step, so only what it writes itself can change between two of its ops
    still = not any(n.opdef is not None and n.opdef.writes or n.type in FIRST for n in region.nodes)
    # what lies around a loop may need what its turns hand back, which no order of the nodes tells
    around = {f[:-1] for f in contexts.frames.values() if f}
    steps: dict[Node, int] = {}
    kinds: dict[Node, object] = {}
    made: dict[object, list[Node]] = {}
    for node in region.nodes:
        sources = [o for o in (*(t.op for t in node.inputs), *node.control_inputs) if o in steps]
        kind: object = None
        if (_plain(node) and given.isdisjoint((*node.inputs, *node.outputs))
                and (still and node.type not in ALIASES or held.isdisjoint((*node.inputs, *node.outputs)))
                and sources and contexts.frames[node] not in around):
            kind = kinds[node] = contexts.frames[node], contexts.conditions[node]
        step = max((steps[s] + (kind is None or kinds.get(s) != kind) for s in sources), default=0)
        steps[node] = step
        if kind is not None:
            made.setdefault((kind, step), []).append(node)
    return tuple(tuple(nodes) for nodes in made.values() if len(nodes) >= LEAST)


def _regular(node: Node, source: Node) -> bool:
    """Whether what comes in one turn of a loop alone goes to a Merge, which makes one for each turn of it."""
    once = source.type in NEXT or source.type in ENTER and not source.attrs.get("is_constant", False)
    return not once or node.type in MERGE


def _held(region: Region) -> set[Tensor]:
    """The tensors that may be a variable itself."""
    held = {t for t in region.outside if t.dtype.is_ref or t.dtype is resource}
    for node in region.nodes:
        passes = node.type in ALIASES or node.type in PASSES or node.type == "Merge"
        if node.type in VARIABLES or passes and any(t in held for t in node.inputs):
            held.update(node.outputs)
        held.update(t for t in node.outputs if t.dtype.is_ref or t.dtype is resource)
    return held


def _plain(node: Node) -> bool:
    """Whether a node does nothing but make its outputs from values."""
    if not silent(node) or node.type in APART or not node.outputs:
        return False
    return not any(by_references(node)) and not any(t.dtype.is_ref or t.dtype is resource for t in node.outputs)
