"""Accumulated: steps that add products of matrices to what is there (``passes/accumulate.py``), or take columns of one
(``passes/narrow.py``)."""
from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ..graph.graph import Node
from ..graph.kernel import Product, Slot
from .plan import Step

Part = Callable[[Product, Any, Any, int, int], Any]
"""``part(product, a, b, start, end)``: these columns of ``product(a, b)``."""
Added = Callable[[Any, Any, Any, Any, Product], None]
"""``added(out, a, b, times, product)``: ``out += times * product(a, b)``, in place."""


def accumulated(step: Step, kernel_of: Callable[[Node], Callable[..., Any]], added: Added, part: Part
                ) -> Callable[..., Any]:
    """The function of a step's operands. kernel_of: the kernel of a product."""
    parts = [(_turning(p), kernel_of(p)) for p in step.products]
    # what is turned twice is what it was: a kernel takes its operands before they are turned
    ways = [(turn, lambda a, b, turn=turn, kernel=kernel: kernel(*turn(a, b))) for turn, kernel in parts]

    def add(out: Any, operands: tuple[Any, ...], first: int, times: Any) -> None:
        for (turn, product), a, b in zip(ways[first:], operands[::2], operands[1::2]):
            added(out, *turn(a, b), times, product)

    if step.columns is not None:
        (start, end), (turn, product) = step.columns, ways[0]
        return lambda a, b: part(product, *turn(a, b), start, end)
    if step.node.type == "ApplyGradientDescent":
        def update(variable: Slot, rate: Any, *operands: Any) -> Slot:
            add(variable.value, operands, 0, -rate)
            return variable

        return update
    begin = parts[0][1]

    def total(a: Any, b: Any, *operands: Any) -> Any:
        out = begin(a, b)
        add(out, operands, 1, 1)
        return out

    return total


def _turning(product: Node) -> Callable[[Any, Any], tuple[Any, Any]]:
    """The matrices that a product multiplies, of its operands."""
    turn_a, turn_b = product.attrs["transpose_a"], product.attrs["transpose_b"]
    return lambda a, b: (a.T if turn_a else a, b.T if turn_b else b)
