"""What a kernel may know when it is chosen: its node, the array module, and the session's state."""
from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Protocol

from .types import DType

if TYPE_CHECKING:
    from .graph import Node


class StateLike(Protocol):
    """What a session gives stateful kernels: variables' slots and private objects by node."""

    def slot(self, node: Node) -> Slot: ...

    def private(self, node: Node, make: Any) -> Any:
        """The object that ``make()`` made for this node in this session (a random stream, a buffer)."""


class Slot:
    """The buffer of one variable: ``value`` is an array, or None before it is initialized.

    An update in place writes into ``value``; whoever keeps a value over a step copies it.
    """

    __slots__ = ("name", "value")

    def __init__(self, name: str, value: Any = None) -> None:
        self.name = name
        self.value = value


def in_turn(count: int, body: Callable[[int], None]) -> None:
    """Calls ``body(0)`` to ``body(count - 1)``, one after the other."""
    for i in range(count):
        body(i)


Product = Callable[[Any, Any], Any]


def as_it_is(product: Product, whole: Product) -> Product:
    """The first of two ways to the same product."""
    return product


class KernelContext:
    """Given to ``kernel(n)`` once per plan.

    attrs: the node's attrs. xp: the array module (numpy, or cupy on a GPU). state: the session's
    state, None while constants are folded. A kernel is a function of arrays; an input declared
    ``Ref(T)`` comes as a Slot, and an output declared so is returned as one. Arrays given to a kernel
    are not to be written to; kernels may get and return numpy scalars for rank 0.

    owned: the flat inputs whose arrays nobody else holds, so that a kernel may keep them, or, of an op that says so
    (``spends``), write over them: over arrays that it gets whole.

    unused: the outputs that nobody wants.

    winograd: whether a convolution is to be made of fewer multiplications (passes/winograd.py).

    each: ``each(count, body)`` calls ``body(i)`` for each i below count, on several threads where the device
    has them. A body's numbers depend on i alone, so that they are the same for any number of threads.

    shared: ``shared(product, whole)`` gives the product of two matrices: the bits of ``product``, which may be cut
    for ``each``, and perhaps by ``whole``, which leaves it to the threads of BLAS.
    """

    __slots__ = ("node", "attrs", "xp", "state", "each", "owned", "shared", "unused", "winograd")

    def __init__(self, node: Node, xp: Any = None, state: StateLike | None = None,
                 each: Callable[[int, Callable[[int], None]], None] = in_turn,
                 owned: frozenset[int] = frozenset(),
                 shared: Callable[[Product, Product], Product] = as_it_is,
                 unused: frozenset[int] = frozenset(), winograd: bool = False) -> None:
        if xp is None:
            import numpy as xp
        self.node = node
        self.attrs = node.attrs
        self.xp = xp
        self.state = state
        self.each = each
        self.owned = owned
        self.shared = shared
        self.unused = unused
        self.winograd = winograd

    def dtype(self, output: int = 0) -> Any:
        """The numpy dtype of an output."""
        return self.node.outputs[output].dtype.as_numpy_dtype

    def out(self, output: int = 0) -> DType:
        return self.node.outputs[output].dtype.base_dtype
