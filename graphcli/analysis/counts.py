"""What is in a graph: counts of ops, parameters and bytes, probable inputs and outputs."""
from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from ..graph.collections import GraphKeys
from ..graph.graph import Graph, Node, Tensor
from ..graph.shapes import count
from ..graph.variables import held
from ..record import Record, field
from .feeds import PLACEHOLDERS

VARIABLES = ("VariableV2", "Variable", "VarHandleOp", "TemporaryVariable")


PIVOTS = ("/switch_t", "/switch_f")
"""What tells the ops of a branch that it was taken, by the ends of their names."""


class Guess(Record):
    """A tensor or op that is probably an input or output, and why one thinks so."""

    node: Node
    reason: str


class Facts(Record, frozen=False):
    """parameters: elements of variables, None sizes left out; bytes: what they take in memory."""

    nodes: int
    ops: dict[str, int]
    variables: int
    parameters: int
    trainable: int
    bytes: int
    constant_bytes: int
    inputs: list[Guess] = field(factory=list)
    outputs: list[Guess] = field(factory=list)
    devices: dict[str, int] = field(factory=dict)
    collections: dict[str, int] = field(factory=dict)


def facts(graph: Graph, declared_outputs: Iterable[Tensor | Node] = ()) -> Facts:
    """Counts of one graph."""
    ops = Counter(n.type for n in graph)
    variables = [n for n in graph if n.type in VARIABLES]
    trainable = {v.name.partition(":")[0] for v in graph.get_collection(GraphKeys.TRAINABLE_VARIABLES)
                 if hasattr(v, "name")}
    sizes = {n: count(held(n)[1]) or 0 for n in variables}
    return Facts(
        nodes=len(graph),
        ops=dict(sorted(ops.items(), key=lambda pair: (-pair[1], pair[0]))),
        variables=len(variables),
        parameters=sum(sizes.values()),
        trainable=sum(s for n, s in sizes.items() if n.name in trainable),
        bytes=sum(s * held(n)[0].size for n, s in sizes.items()),
        constant_bytes=sum(int(n.attrs["value"].nbytes) for n in graph
                           if n.type == "Const" and hasattr(n.attrs.get("value"), "nbytes")),
        inputs=probable_inputs(graph),
        outputs=probable_outputs(graph, declared_outputs),
        devices=dict(Counter(n.device for n in graph)),
        collections={k: len(graph.get_collection(k)) for k in graph.get_all_collection_keys()},
    )


def probable_inputs(graph: Graph) -> list[Guess]:
    """Placeholders, but those of a saver."""
    aside = _aside(graph)
    out = []
    for node in graph:
        if node.type in PLACEHOLDERS and node not in aside:
            readers = len(node.outputs[0].consumers())
            reason = "a placeholder" + (" with a default" if node.type == "PlaceholderWithDefault" else "")
            out.append(Guess(node, f"{reason}, read by {readers} op{'' if readers == 1 else 's'}"))
    return out


def probable_outputs(graph: Graph, declared: Iterable[Tensor | Node] = ()) -> list[Guess]:
    """What the spec declares; else what nothing reads and is no bookkeeping of a variable."""
    named = [Guess(t.op if isinstance(t, Tensor) else t, "named in outputs:") for t in declared]
    if named:
        return named
    aside = _aside(graph)
    out = []
    for node in graph:
        if any(t.uses for t in node.outputs) or node.control_uses or node.origin is not None:
            continue
        if node in aside and (node.outputs or aside[node] != "training"):
            continue
        if is_bookkeeping(node) or node.type in PLACEHOLDERS or node.type == "Const":
            continue
        if node.type == "Identity" and node.name.endswith(PIVOTS):
            continue
        out.append(Guess(node, "nothing reads it" if node.outputs else "an op without outputs that nothing waits for"))
    return out


def _aside(graph: Graph) -> dict[Node, str]:
    """What is there for another's sake; auxiliary.py has need of this file."""
    from .auxiliary import auxiliary

    return auxiliary(graph)


def bytes_of(tensor: Tensor) -> int | None:
    """What a tensor takes, None where its shape is not known, and of texts."""
    elements, width = count(tensor.static), tensor.dtype.base_dtype.size
    return elements * width if elements is not None and width else None


def is_bookkeeping(node: Node) -> bool:
    """Whether a node is a variable, its initial value's assignment, or its read."""
    if node.type in VARIABLES:
        return True
    source = node.inputs[0].op if node.inputs else None
    if source is None or source.type not in VARIABLES:
        return False
    if node.type == "ReadVariableOp" and not any(t.uses for t in node.outputs):
        # each assignment to a resource variable comes with a read of its result, whether or not it is wanted
        return True
    own = node.name[len(source.name):] if node.name.startswith(source.name) else ""
    return own in ("/read", "/Assign", "/IsInitialized", "/Read/ReadVariableOp", "/IsInitialized/VarIsInitializedOp")
