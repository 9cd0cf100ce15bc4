"""One op's gradient by itself: its own inputs as they are in this step, moved a little to both sides."""
from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from ..errors import GraphError
from ..graph.graph import Graph, Node, Tensor
from ..passes.effects import ALIASES
from .session import Session


@dataclass
class Off:
    """An op whose gradient is not the derivative. node: of the graph that was checked; input: which of its inputs;
    said and measured: a projection of the gradient and the difference that it should be; missing: the formula gives
    no gradient for the input."""

    node: Node
    input: int
    said: float
    measured: float
    missing: bool = False


def differentiable(tensor: Tensor) -> bool:
    return tensor.dtype.base_dtype.is_floating


def fixed(node: Node) -> bool:
    """Whether a node's value is not a function of its inputs alone."""
    opdef = node.opdef
    return opdef is None or opdef.kernel is None or opdef.writes or opdef.stateful \
        or any(t.dtype.is_ref for t in (*node.inputs, *node.outputs)) or "seed" in node.attrs \
        or node.type in ("StopGradient", "Switch", "Merge", "Enter", "Exit", "NextIteration", "LoopCond", "Print")


def on_path(xs: Iterable[Tensor], loss: Tensor) -> list[Node]:
    """The nodes through which gradients flow from the loss to xs, in graph order."""
    above: set[Node] = set()
    todo = [loss.op]
    while todo:
        node = todo.pop()
        if node not in above:
            above.add(node)
            todo += [t.op for t in node.inputs]
    below: set[Node] = set()
    todo = [n for x in xs for n in x.uses]
    while todo:
        node = todo.pop()
        if node not in below:
            below.add(node)
            todo += [n for t in node.outputs if differentiable(t) for n in t.uses]
    return sorted(above & below, key=lambda n: n.number)


def random_direction(rng: Any, shape: tuple[int, ...]) -> Any:
    return rng.uniform(-1.0, 1.0, shape)


class _Inputs:
    """A listener that keeps what each op was last given, in loops and branches too."""

    per_node = True

    def __init__(self, nodes: Iterable[Node]) -> None:
        self.wanted = set(nodes)
        self.seen: dict[Node, list[Any]] = {}

    def wrap(self, step: Any, kernel: Callable[..., Any]) -> Callable[..., Any]:
        node = step.node
        if node not in self.wanted:
            return kernel

        def kept(*args: Any) -> Any:
            self.seen[node] = [np.array(x) for a in args for x in (a if isinstance(a, (list, tuple)) else (a,))]
            return kernel(*args)

        return kept


def find_off(session: Session, loss: Tensor, path: Iterable[Node], feeds: Mapping[Tensor, Any],
             rng: Any) -> tuple[list[Off], list[Node]]:
    """The ops of the path that are off, and those that could not be looked at by themselves.

    session: one without passes, so that every node is a step of its own.
    """
    alone = [n for n in path if any(differentiable(t) for t in n.outputs) and not fixed(n)]
    listener = _Inputs(alone)
    session.watched(listener, loss, feeds)
    off: list[Off] = []
    for node in alone:
        if node in listener.seen:
            off += _look(node, listener.seen[node], rng)
    return off, [n for n in alone if n not in listener.seen and n.type not in ALIASES]


def _look(node: Node, values: list[Any], rng: Any) -> list[Off]:
    """Compares one op, input by input."""
    from ..tf1.array import placeholder
    from ..tf1.conversion import convert_to_tensor
    from ..tf1.gradients import gradients

    graph = Graph("op")
    with graph.as_default():
        xs = [placeholder(t.dtype.base_dtype, np.shape(v)) for t, v in zip(node.inputs, values)]
        feeds = dict(zip(xs, values))
        alone = graph.create_node(node.type, xs, [t.dtype for t in node.outputs], dict(node.attrs), "op", node.opdef,
                                  infer=False)
        for tensor, given in zip(alone.outputs, node.outputs):
            tensor.static = given.static
        outs = [t for t, given in zip(alone.outputs, node.outputs) if differentiable(t) and (given.uses or len(
            node.outputs) == 1)] or [t for t in alone.outputs if differentiable(t)]
        moving = [n for n, x in enumerate(xs) if differentiable(x)]
        with Session(graph) as session:
            start = session.run(outs, feeds)
            weights = [np.asarray(rng.uniform(-1, 1, np.shape(v)), np.asarray(v).dtype) for v in start]
            try:
                found = gradients(outs, [xs[n] for n in moving], grad_ys=[convert_to_tensor(w) for w in weights])
            except GraphError:
                return []
            slopes = [None if g is None else session.run(convert_to_tensor(g), feeds) for g in found]

            def total(n: int, value: Any) -> float:
                got = session.run(outs, {**feeds, xs[n]: value})
                return float(sum(np.sum(w * g) for w, g in zip(weights, got)))

            out = []
            for n, slope in zip(moving, slopes):
                worst = _input(node, n, np.asarray(values[n]), slope, total, rng)
                if worst is not None:
                    out.append(worst)
            return out


def _input(node: Node, n: int, value: Any, slope: Any, total: Callable[[int, Any], float], rng: Any) -> Off | None:
    small = value.dtype.itemsize < 8
    step, bound, noise = (1e-2, 3e-2, 1e-5) if small else (1e-6, 1e-5, 1e-8)
    middle = total(n, value)
    for _ in range(3):
        along = random_direction(rng, value.shape)
        said = 0.0 if slope is None else float(np.sum(slope * along))
        ends = [(total(n, (value + s * step * along).astype(value.dtype)) - middle) / (s * step) for s in (1, -1)]
        measured = (ends[0] + ends[1]) / 2
        size = 0.0 if slope is None else float(np.sum(np.abs(slope * along)))
        near = bound * max(abs(measured), size) + noise * max(1.0, abs(middle))
        kink = min(ends) - near <= said <= max(ends) + near and abs(ends[0] - ends[1]) > near
        if abs(measured - said) > near and not kink:
            return Off(node, n, said, measured, slope is None)
    return None
