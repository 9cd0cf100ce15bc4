"""A CUDA GPU through the same array code: kernels get cupy for numpy.

A value lies where it was made. Kernels read some inputs as numbers (shapes, axes: ``host_memory`` of their ops), some
ops have no kernel for a GPU (``cpu_only``, strings, dtypes that cupy has not), and what only concerns small whole
numbers is quicker in this process: these values stay here, and move when another kernel wants them.
"""
from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy

from ...graph.devices import parse
from ...graph.graph import Node
from ...graph.kernel import Slot, as_it_is, in_turn
from ...graph.opdef import OpDef
from ...graph.shapes import count
from ...passes.place import Device, lacking
from ..handed import copied
from ..sizes import SIZED_BY_VALUE
from . import Backend, brought

KINDS = frozenset("?bhilqBHILQefdFD")
"""Characters of the dtypes that a GPU has."""
FEW = 64
"""Elements of whole numbers that stay in this process until a kernel of the GPU wants them."""
WHOLE = frozenset({numpy.int32, numpy.int64, numpy.bool_})
OF_SHAPES = frozenset({"Shape", "ShapeN", "Size", "Rank"})
"""What looks at no element of its input, which stays where it is."""


def missing() -> str | None:
    """Why no GPU can be used, None if one can."""
    try:
        import cupy
    except ImportError as error:
        return f"cupy cannot be imported: {error}"
    try:
        count = cupy.cuda.runtime.getDeviceCount()
    except cupy.cuda.runtime.CUDARuntimeError as error:
        return f"cupy finds no CUDA GPU: {error}"
    return None if count else "cupy finds no CUDA GPU"


class Cupy(Backend):
    name = "cupy"
    host = False

    def __init__(self, device: Device) -> None:
        import cupy

        self.device = device
        self.xp = cupy
        self.each, self.shared = in_turn, as_it_is
        self.index = int(parse(device.name).index or 0) % cupy.cuda.runtime.getDeviceCount()
        self._constants: dict[int, tuple[Any, Any]] = {}
        """Those that stay in this process, and what stands for them on the GPU, by id."""

    # -- where values lie

    def there(self, value: Any) -> Any:
        """A value as the GPU's kernels take it; what is no array of its dtypes as it is."""
        if isinstance(value, self.xp.ndarray):
            return value
        if type(value) is Slot:
            value.value = self.there(value.value)
            return value
        if not isinstance(value, (numpy.ndarray, numpy.generic)) or value.dtype.char not in KINDS:
            return value
        kept = self._constants.get(id(value))
        if kept is not None:
            return kept[1]
        with self.xp.cuda.Device(self.index):
            return self.xp.asarray(value)

    def put(self, array: Any) -> Any:
        return array if _slight(array) else self.there(array)

    def constant(self, array: Any) -> Any:
        there = self.there(array)
        if there is array or not _slight(array):
            return there
        self._constants[id(array)] = array, there
        return array

    def get(self, array: Any) -> Any:
        return self.xp.asnumpy(array) if isinstance(array, self.xp.ndarray) else array

    def fetched(self, array: Any) -> Any:
        here = self.get(array)
        return copied(here) if here is array or not here.ndim else here

    def snapshot(self, array: Any) -> Any:
        return array.copy() if isinstance(array, self.xp.ndarray) else copied(array)

    def wait(self, result: Any) -> None:
        with self.xp.cuda.Device(self.index):
            self.xp.cuda.get_current_stream().synchronize()

    # -- kernels

    def kernel(self, node: Node, state: Any, owned: frozenset[int] = frozenset(),
               unused: frozenset[int] = frozenset(), winograd: bool = False) -> Callable[..., Any]:
        opdef = node.opdef
        assert opdef is not None
        if node.type in OF_SHAPES:
            return Backend(self.device).kernel(node, state)
        if lacking(node):
            return self._here(node, state)
        run = self._there(super().kernel(node, state), opdef)
        if opdef.stateful or opdef.writes or not node.inputs or not all(map(_few, node.outputs)):
            return run
        here: list[Any] = []
        lies_there = self._lies_there

        def either(*args: Any) -> Any:
            for value in args:
                if any(map(lies_there, value)) if type(value) is list else lies_there(value):
                    return run(*args)
            if not here:
                here.append(Backend(self.device).kernel(node, state))
            return here[0](*args)

        return either

    def _lies_there(self, value: Any) -> bool:
        """Whether a value is the GPU's, or belongs there."""
        return isinstance(value, self.xp.ndarray) or not _slight(value)

    def _there(self, kernel: Callable[..., Any], opdef: OpDef) -> Callable[..., Any]:
        """A kernel of the GPU, to which what it wants there, and here, is brought."""
        run = brought(kernel, opdef, [self._number if i in opdef.host_memory else self.there
                                      for i in range(len(opdef.inputs))])
        if not self.index:
            return run
        context = self.xp.cuda.Device

        def on_device(*args: Any) -> Any:
            with context(self.index):
                return run(*args)

        return on_device

    def _number(self, value: Any) -> Any:
        """What a kernel of the GPU reads as numbers; one number as a scalar, with which cupy calculates."""
        here = self.get(value)
        return here[()] if getattr(here, "shape", None) == () else here

    def _here(self, node: Node, state: Any) -> Callable[..., Any]:
        """The kernel of this process, for which what is on the GPU comes here, variables too."""
        kernel = Backend(self.device).kernel(node, state)
        assert node.opdef is not None

        def run(*args: Any) -> Any:
            slots: dict[Slot, Slot] = {}
            result = kernel(*[self._slot(a, slots) if isinstance(a, Slot) else a for a in args])
            for mine, slot in slots.items():
                slot.value = self.there(mine.value)
            if type(result) in (list, tuple):
                return type(result)([slots.get(r, r) if isinstance(r, Slot) else r for r in result])
            return slots.get(result, result) if isinstance(result, Slot) else result

        return brought(run, node.opdef, [self.get] * len(node.opdef.inputs))

    def _slot(self, slot: Slot, slots: dict[Slot, Slot]) -> Slot:
        """A buffer like a variable's, in this process; the same one for the same variable."""
        for mine, known in slots.items():
            if known is slot:
                return mine
        mine = Slot(slot.name, self.get(slot.value))
        slots[mine] = slot
        return mine


def _slight(array: Any) -> bool:
    """Whether an array is one number or a few whole ones: shapes, axes, counts, conditions, rates."""
    dtype = getattr(array, "dtype", None)
    return dtype is not None and (not array.ndim or dtype.type in WHOLE and array.size <= FEW)


def _few(tensor: Any) -> bool:
    """Whether a tensor has few elements, for all that its shape tells. What makes many of few is told by its sizes."""
    elements = count(tensor.static)
    return tensor.op.type not in SIZED_BY_VALUE if elements is None else elements <= FEW


def make(device: Device) -> Backend:
    return Cupy(device)
