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
    turns = [(p.attrs["transpose_a"], p.attrs["transpose_b"]) for p in step.products]
    products = [_turned(kernel_of(p), *turn) for p, turn in zip(step.products, turns)]

    def add(out: Any, operands: tuple[Any, ...], first: int, times: Any) -> None:
        for (turn_a, turn_b), product, a, b in zip(turns[first:], products[first:], operands[::2], operands[1::2]):
            added(out, a.T if turn_a else a, b.T if turn_b else b, times, product)

    if step.columns is not None:
        (start, end), (turn_a, turn_b), product = step.columns, turns[0], products[0]
        return lambda a, b: part(product, a.T if turn_a else a, b.T if turn_b else b, start, end)
    if step.node.type == "ApplyGradientDescent":
        def update(variable: Slot, rate: Any, *operands: Any) -> Slot:
            add(variable.value, operands, 0, -rate)
            return variable

        return update
    begin = kernel_of(step.products[0])

    def total(a: Any, b: Any, *operands: Any) -> Any:
        out = begin(a, b)
        add(out, operands, 1, 1)
        return out

    return total


def _turned(kernel: Callable[..., Any], turn_a: bool, turn_b: bool) -> Product:
    """A product's kernel as a function of the matrices that it multiplies."""
    return lambda a, b: kernel(a.T if turn_a else a, b.T if turn_b else b)
