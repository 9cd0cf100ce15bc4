"""What a graph does in silence that was probably not meant: it runs, and learns or measures something else.

TensorFlow says nothing of these either; each rule names what met what, and what would do as it was meant.
"""
from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence

from ..graph.collections import GraphKeys
from ..graph.graph import Graph, Node, Tensor
from ..graph.shapes import show
from ..graph.variables import Unconnected, store_of
from .blocked import why
from .counts import bytes_of
from .lint import Finding, in_order
from .sharing import Built, VariableFacts, variables
from .upstream import downstream

PAIRED = ("Sub", "SquaredDifference", "Equal", "NotEqual")
ELEMENTWISE = ("Square", "Abs", "Cast", "Identity", "Neg", "Pow", "Sqrt", "Mul")
LOGITS = ("SoftmaxCrossEntropyWithLogits", "SparseSoftmaxCrossEntropyWithLogits")
LARGE = 8 << 30
"""Bytes of one value from which on it is told."""


def traps(built: Built) -> list[Finding]:
    """What is suspicious about what the graph computes and trains, in file order."""
    graph: Graph = built.graph
    every = variables(built)
    return in_order([*without_gradients(graph, every), *new_in_call(every), *crossed(graph), *softmax_twice(graph),
                     *left_out_updates(graph), *left_out_penalties(graph), *large(graph)])


def without_gradients(graph: Graph, every: Sequence[VariableFacts]) -> Iterator[Finding]:
    """Gradients that came out as None: an optimizer passes over such a variable without a word."""
    moved = {v.node for v in every if v.written_by}
    calls: dict[tuple[object, ...], list[Unconnected]] = {}
    for one in store_of(graph).unconnected:
        if not one.trains or one.x.op not in moved:
            calls.setdefault((one.ys, one.span, one.trains), []).append(one)
    for (_, span, trains), ones in calls.items():
        names = _listed([one.x.op.name for one in ones])
        told = f"training leaves {names} as {'it is' if len(ones) == 1 else 'they are'}" if trains \
            else f"the gradient with respect to {names} is None"
        yield Finding("no-gradient", ones[0].x.op.name, f"{told}: {why(ones[0].ys, ones[0].x)}",
                      span)  # type: ignore[arg-type]


def new_in_call(every: Sequence[VariableFacts]) -> Iterator[Finding]:
    """A ``Variable`` in a function that is called again, where the call shares what ``get_variable`` makes."""
    first: dict[object, VariableFacts] = {}
    for v in every:
        use = v.uses[0] if v.uses else None
        if use is None or use.statement != "Variable" or not use.calls:
            continue
        before = first.setdefault((use.span, v.shape, v.dtype), v)
        if before is v:
            continue
        mine, theirs = use.calls, before.uses[0].calls
        shared = next((o for o in every if all(c in [u.calls for u in o.uses] for c in (mine, theirs))), None)
        if shared is not None:
            here, there = (f" at line {c[0].span.line}" if c[0].span else "" for c in (mine, theirs))
            called = f"a further call{here} shares {shared.name}" if here == there else \
                f"the call{here} shares {shared.name} with that{there}"
            yield Finding("new-in-call", v.name, f"{called}, and makes {v.name} beside "
                          f"{before.name}: Variable always makes a new one; get_variable would share", use.span)


def crossed(graph: Graph) -> Iterator[Finding]:
    """``[n, 1]`` met ``[n]``, and the mean or sum of it all is taken: each row met every row."""
    for node in graph:
        if node.type not in PAIRED or node.origin is not None:
            continue
        a, b = node.inputs
        column, row = (a, b) if len(a.static or ()) == 2 else (b, a)
        if column.static is None or row.static is None or len(column.static) != 2 or len(row.static) != 1:
            continue
        size, one = column.static
        if one == 1 and size == row.static[0] and size != 1 and _ends_as_number(node):
            yield Finding("crossed", node.name,
                          f"{node.name} ({node.type}) makes {show(node.outputs[0].static)} of {_told(column)} and "
                          f"{_told(row)}, and all of it goes into one number: each row meets every row; "
                          "squeeze of the column or expand_dims of the row pairs them", node.span)


def _ends_as_number(node: Node) -> bool:
    todo, seen = [node], {node}
    for at in todo:
        for user in (u for t in at.outputs for u in t.consumers()):
            if user.type in ("Mean", "Sum"):
                if user.outputs[0].static == () and user.inputs[0].op is at:
                    return True
            elif user.type in ELEMENTWISE and user not in seen and user.origin is None:
                seen.add(user)
                todo.append(user)
    return False


def softmax_twice(graph: Graph) -> Iterator[Finding]:
    """A cross entropy of logits that is given probabilities."""
    for node in graph:
        if node.type not in LOGITS or node.origin is not None:
            continue
        source = node.inputs[0]
        while source.op.type in ("Reshape", "Identity") and source.op.inputs:
            source = source.op.inputs[0]
        if source.op.type in ("Softmax", "Sigmoid"):
            yield Finding("softmax-twice", node.name,
                          f"{node.name} takes logits and makes their softmax itself, and {source.op.name} is a "
                          f"{source.op.type} already; give it {source.op.inputs[0].op.name}", node.span)


def left_out_updates(graph: Graph) -> Iterator[Finding]:
    """Updates that were collected, as those of moving averages are, and that no training step waits for."""
    left = _apart_from_training(graph, graph.get_collection(GraphKeys.UPDATE_OPS))
    if left:
        yield Finding("updates-not-run", left[0].name,
                      f"no training op runs {_listed([n.name for n in left])} of the collection update_ops; "
                      "control_dependencies of get_collection('update_ops') around the training op would", left[0].span)


def left_out_penalties(graph: Graph) -> Iterator[Finding]:
    """Penalties of regularizers that no loss takes in; each use of one makes it anew, with a number."""
    losses = graph.get_collection(GraphKeys.REGULARIZATION_LOSSES)
    used = {re.sub(r"_\d+$", "", n.name) for n in graph for t in n.outputs if t.consumers()} if losses else set()
    left = [n for n in _nodes(losses) if re.sub(r"_\d+$", "", n.name) not in used]
    if left and graph.get_collection(GraphKeys.TRAIN_OP):
        yield Finding("penalty-not-added", left[0].name,
                      f"nothing reads {_listed([n.name for n in left])} of the collection regularization_losses: "
                      "training does without; loss + add_n(get_collection('regularization_losses')) has them",
                      left[0].span)


def large(graph: Graph) -> Iterator[Finding]:
    """A value of very many bytes, as far as shapes tell: the largest, told once."""
    sizes = [((bytes_of(t) or 0), t) for n in graph for t in n.outputs]
    many = sum(size >= LARGE for size, _ in sizes)
    if not many:
        return
    size, tensor = max(sizes, key=lambda s: s[0])
    node = tensor.op
    of = " and ".join(_told(t) for t in node.inputs if t.static) or "nothing"
    more = f"; {many - 1} more {'is' if many == 2 else 'are'} as large as 8 GiB" if many > 1 else ""
    yield Finding("large", node.name, f"{node.name} ({node.type}) makes {_told(tensor)}, {size / (1 << 30):.1f} GiB, "
                                      f"of {of}{more}", node.span)


def _apart_from_training(graph: Graph, values: Iterable[object]) -> list[Node]:
    """Those of the ops that neither a training op nor anything after one waits for."""
    after = downstream(_nodes(graph.get_collection(GraphKeys.TRAIN_OP)))
    return [n for n in _nodes(values) if after and after.keys().isdisjoint(downstream([n]))]


def _nodes(values: Iterable[object]) -> list[Node]:
    """The nodes of what a collection holds, each once."""
    nodes = (v if isinstance(v, Node) else getattr(v, "op", None) for v in values)
    return [n for n in dict.fromkeys(nodes) if isinstance(n, Node)]


def _told(tensor: Tensor) -> str:
    return f"{tensor.op.name} {show(tensor.static)}"


def _listed(names: Sequence[str], most: int = 3) -> str:
    """``a, b, c and 4 more``."""
    if len(names) > most + 1:
        return f"{', '.join(names[:most])} and {len(names) - most} more"
    return " and ".join(filter(None, [", ".join(names[:-1]), names[-1]]))
