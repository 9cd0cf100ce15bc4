"""Simplify: ops that give their input back unchanged are left out.

Every rule keeps the bits: ``x * 1``, ``x / 1``, ``x - 0``, ``-(-x)``, a reshape, transpose, cast, broadcast or
tiling to what is there already, values under other names. ``x + 0`` is no such rule (it turns -0 into 0), nor is
``x * 0`` (NaN).
"""
from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from ..graph.graph import Node, Tensor
from ..graph.shapes import is_wanted
from .rewrite import Rewrite

Rule = Callable[[Rewrite, Node], Tensor | None]


def simplify(run: Rewrite) -> None:
    """Makes the input of an op that changes nothing stand for its output."""
    for node in list(run.free()):
        if node.type == "IdentityN" and not node.control_inputs and not any(
                run.of(t) in run.live or t.dtype is not o.dtype or o in run.values
                for t, o in zip(node.inputs, node.outputs)):
            run.replace("simplify", node, node.inputs)
            continue
        rule = RULES.get(node.type)
        if rule is None or node.control_inputs or len(node.outputs) != 1 or node.outputs[0] in run.values:
            continue
        found = rule(run, node)
        if found is None or run.of(found) in run.live:
            continue
        shape = run.shape(node.outputs[0])
        if shape is not None and shape == run.shape(found) and found.dtype is node.outputs[0].dtype:
            run.replace("simplify", node, [found])


def _all(run: Rewrite, tensor: Tensor, what: float) -> bool:
    value = run.value(run.of(tensor))
    if value is None or not getattr(value, "size", 0) or value.dtype.kind not in "fiu":
        return False
    return bool(np.all(value == what)) and not bool(np.any(np.signbit(value)))


def _times(run: Rewrite, node: Node) -> Tensor | None:
    x, y = node.inputs
    return x if _all(run, y, 1) else y if _all(run, x, 1) else None


def _over(run: Rewrite, node: Node) -> Tensor | None:
    return node.inputs[0] if _all(run, node.inputs[1], 1) else None


def _less(run: Rewrite, node: Node) -> Tensor | None:
    return node.inputs[0] if _all(run, node.inputs[1], 0) else None


def _plus(run: Rewrite, node: Node) -> Tensor | None:
    x, y = node.inputs
    if not x.dtype.is_integer:
        return None
    return x if _all(run, y, 0) else y if _all(run, x, 0) else None


def _twice(run: Rewrite, node: Node) -> Tensor | None:
    given = run.of(node.inputs[0])
    inner = given.op
    fits = inner.type == node.type and not inner.control_inputs and given not in run.fed
    return inner.inputs[0] if fits else None


def _first(run: Rewrite, node: Node) -> Tensor | None:
    return node.inputs[0]


def _formed(run: Rewrite, node: Node) -> Tensor | None:
    return node.inputs[0] if is_wanted(run.value(run.of(node.inputs[1])), run.shape(node.inputs[0])) else None


def _to_known(run: Rewrite, node: Node) -> Tensor | None:
    """A static shape may promise what the wanted shape, known or not, refuses when it runs."""
    wanted: Any = run.value(run.of(node.inputs[1]))
    return node.inputs[0] if wanted is not None and tuple(wanted) == run.shape(node.inputs[0]) else None


def _in_order(run: Rewrite, node: Node) -> Tensor | None:
    order = run.value(run.of(node.inputs[1]))
    return node.inputs[0] if order is not None and list(order) == list(range(len(order))) else None


def _once(run: Rewrite, node: Node) -> Tensor | None:
    return node.inputs[0] if _all(run, node.inputs[1], 1) else None


def _alone(run: Rewrite, node: Node) -> Tensor | None:
    return node.inputs[0] if len(node.inputs) == 1 else None


def _no_axes(run: Rewrite, node: Node) -> Tensor | None:
    axes: Any = run.value(run.of(node.inputs[1]))
    return node.inputs[0] if axes is not None and not axes.size else None


RULES: dict[str, Rule] = {
    "Mul": _times, "RealDiv": _over, "Sub": _less, "Add": _plus, "AddV2": _plus, "Neg": _twice,
    "Reshape": _formed, "Transpose": _in_order, "Cast": _first, "BroadcastTo": _to_known, "Tile": _once,
    "AddN": _alone, "Sum": _no_axes, "Max": _no_axes, "Min": _no_axes, "Squeeze": _first, "ExpandDims": _first,
}
