"""Accumulated: steps that add products of matrices to what is there (``passes/accumulate.py``), or take columns of one
(``passes/narrow.py``); some of them at a time, as one product (``passes/stack.py``)."""
from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from ..graph.graph import Node
from ..graph.kernel import Product, Slot
from .plan import Step
from .products import Added

Part = Callable[[Product, Any, Any, int, int], Any]
"""``part(product, a, b, start, end)``: these columns of ``product(a, b)``."""
Turn = Callable[[Any, Any], tuple[Any, Any]]
Adding = Callable[[Product, bool], Added]
"""``adding(product, exactly)``: the function of (out, a, b, times) that does ``out += times * product(a, b)``, in
place; exactly: with the bits of the product and the sum, times being 1."""


Turned = Callable[[Product, tuple[int, int] | None, bool], Product]
"""``turned(product, columns, laid)``: the product, or these columns of it, column by column in memory. laid: whether
the first matrix lies so too."""


def by_columns(step: Step, kernel_of: Callable[[Node], Callable[..., Any]], turned: Turned, laid: bool
               ) -> Callable[..., Any]:
    """The function of a step that makes a product, or columns of one, which are to lie column by column. laid: whether
    its first matrix does."""
    node = step.products[0] if step.products else step.node
    turn, kernel, columns = turning(node), kernel_of(node), step.columns
    if not node.attrs["transpose_a"] and not node.attrs["transpose_b"]:
        return turned(kernel, columns, laid)
    made = turned(lambda x, y: kernel(*turn(x, y)), columns, laid)
    return lambda a, b: made(*turn(a, b))


def concatenated(shape: Sequence[int], dtype: Any, order: Any) -> Callable[..., Any]:
    """The function that joins matrices, of which some lie column by column, to one that lies so (``F``) or row by row
    (``C``)."""
    return lambda values, axis: np.concatenate(values, int(axis), np.empty(shape, dtype, order))


def accumulated(step: Step, kernel_of: Callable[[Node], Callable[..., Any]], adding: Adding, part: Part
                ) -> Callable[..., Any]:
    """The function of a step's operands. kernel_of: the kernel of a product."""
    parts = [(turning(p), kernel_of(p)) for p in step.products]
    # what is turned twice is what it was: a kernel takes its operands before they are turned
    ways = [(turn, lambda a, b, turn=turn, kernel=kernel: kernel(*turn(a, b))) for turn, kernel in parts]
    if step.columns is not None:
        (start, end), (turn, product) = step.columns, ways[0]
        return lambda a, b: part(product, *turn(a, b), start, end)
    updates = step.node.type == "ApplyGradientDescent"
    if step.stack > 1 and not updates:
        return _of_stacks(step, adding(ways[0][1], True), *parts[0])
    adds = [(turn, adding(product, not updates)) for turn, product in ways[0 if updates else 1:]]

    def add(out: Any, operands: tuple[Any, ...], times: Any) -> None:
        for (turn, added), a, b in zip(adds, operands[::2], operands[1::2]):
            added(out, *turn(a, b), times)

    if updates:
        def update(variable: Slot, rate: Any, *operands: Any) -> Slot:
            add(variable.value, operands, -rate)
            return variable

        return update
    begin = parts[0][1]

    def total(a: Any, b: Any, *operands: Any) -> Any:
        out = begin(a, b)
        add(out, operands, 1)
        return out

    return total


def _of_stacks(step: Step, added: Added, turn: Turn, product: Product) -> Callable[..., Any]:
    """The sum of products of one form, so many at a time as one product of all their terms."""
    axes = axes_of_terms(step.products[0])

    def total(*operands: Any) -> Any:
        many = 2 * step.stack
        out = product(*joined(operands[:many]))
        for first in range(many, len(operands), many):
            added(out, *turn(*joined(operands[first:first + many])), 1)
        return out

    def joined(some: tuple[Any, ...]) -> tuple[Any, Any]:
        return np.concatenate(some[::2], axes[0]), np.concatenate(some[1::2], axes[1])

    return total


def axes_of_terms(product: Node) -> tuple[int, int]:
    """Of each operand of a product the axis along which terms are added up."""
    return 0 if product.attrs["transpose_a"] else 1, 1 if product.attrs["transpose_b"] else 0


def turning(product: Node) -> Turn:
    """The matrices that a product multiplies, of its operands."""
    turn_a, turn_b = product.attrs["transpose_a"], product.attrs["transpose_b"]
    return lambda a, b: (a.T if turn_a else a, b.T if turn_b else b)
