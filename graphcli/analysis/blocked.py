"""Why there is no gradient: where the way from an x to a y ends for it."""
from __future__ import annotations

from collections.abc import Iterable, Sequence

from ..graph.graph import Node, Tensor
from ..graph.opdef import flows, no_gradient
from .upstream import reach, way

SHOWN = 6
"""Nodes of a way that a message names."""


def why(ys: Sequence[Tensor], x: Tensor) -> str:
    """Why ``tf.gradients(ys, x)`` is None, in words."""
    y = ys[0].name
    goals = {t.op for t in ys}
    depends = reach([x.op], _next)
    reached = next((g for g in goals if g in depends), None)
    if reached is None:
        return f"{y} does not depend on {x.name}"
    steps = way(reached, depends)[::-1]
    ends = next((n for n in steps[1:] if not lets_through(n)), None)
    if ends is None:
        return f"no op on the way {elided(steps)} has a gradient for what it takes of {x.name}"
    dtypes = ", ".join(dict.fromkeys(t.dtype.base_dtype.name for t in ends.outputs if not flows(t)))
    return (f"{y} depends on {x.name} through {ends.name} ({ends.type}), which lets no gradient through"
            + (f": it gives {dtypes}" if dtypes else "") + f"; the way is {elided(steps, steps.index(ends))}")


def lets_through(node: Node) -> bool:
    """Whether a gradient may go from an output of the node to an input."""
    declared = node.opdef.gradient if node.opdef is not None else None
    return declared is not no_gradient and any(map(flows, node.outputs))


def elided(steps: Sequence[Node], at: int = 0) -> str:
    """``x -> h -> ... -> loss``, where it is long: its ends, and what stands around ``at``."""
    last = len(steps) - 1
    kept = range(last + 1) if last < SHOWN else sorted({0, 1, at - 1, at, at + 1, last} & set(range(last + 1)))
    names: list[str] = []
    for before, i in zip([-1, *kept], kept):
        names += ["..."] * (i > before + 1) + [steps[i].name]
    return " -> ".join(names)


def _next(node: Node) -> Iterable[Node]:
    return [user for t in node.outputs for user in t.consumers()]
