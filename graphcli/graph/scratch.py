"""What an op may know when it tells how many bytes its kernel takes beside its results."""
from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import prod
from typing import TYPE_CHECKING, Any

from .shapes import Static

if TYPE_CHECKING:
    from .graph import Node

Sizes = tuple[int, ...]


def reshaped(array: Any, shape: Sequence[int]) -> Any:
    """A view of numpy's array in another shape, None where that is a copy."""
    import numpy

    try:
        return numpy.reshape(array, shape, copy=False)
    except ValueError:
        return None
    except TypeError:  # of numpy 2.0
        view = array.view()
        try:
            view.shape = shape
        except AttributeError:
            return None
        return view


class ScratchContext:
    """Given to ``scratch(n)``, where all sizes are known. attrs: the node's. shapes, outs: of its inputs and outputs.
    threads: how many may share the work. winograd, owned: see ``KernelContext``. apart: of the inputs that do not lie
    in one piece arrays that lie as they do and have no memory, None where that is not known. memory: of each input
    what is equal where it is of the same array; empty where that is not known."""

    __slots__ = ("node", "attrs", "shapes", "outs", "threads", "winograd", "owned", "apart", "memory")

    def __init__(self, node: Node, shapes: Sequence[Static], outs: Sequence[Static],
                 threads: int = 1, winograd: bool = False, owned: frozenset[int] = frozenset(),
                 apart: Mapping[int, Any] | None = None, memory: Sequence[Any] = ()) -> None:
        self.node = node
        self.attrs = node.attrs
        self.shapes = [tuple(int(d or 0) for d in s or ()) for s in shapes]
        self.outs = [tuple(int(d or 0) for d in s or ()) for s in outs]
        self.threads = threads
        self.winograd = winograd
        self.owned = owned
        self.apart = apart or {}
        self.memory = memory

    def part(self, many: int, cut: Mapping[int, Sizes], rank: int) -> ScratchContext:
        """The same of so many entries. cut: the sizes of an entry of the inputs that are cut. rank: how many axes are
        entries."""
        lead = (many, *(1,) * (rank - 1))
        shapes = [(*lead, *cut[i]) if i in cut else s for i, s in enumerate(self.shapes)]
        return ScratchContext(self.node, shapes, [(*lead, *s[rank:]) for s in self.outs], self.threads)

    def size(self, index: int = 0) -> int:
        """How many elements an input has."""
        return prod(self.shapes[index])

    def width(self, index: int = 0) -> int:
        """Bytes of one element of an input."""
        return self.node.inputs[index].dtype.base_dtype.size

    def wide(self, index: int = 0) -> int:
        """The same where half precision is computed in single precision."""
        return max(4, self.width(index)) if self.node.inputs[index].dtype.base_dtype.is_floating else self.width(index)

    def bytes(self, index: int = 0) -> int:
        """Bytes of an input."""
        return self.size(index) * self.width(index)

    def copied(self, *indices: int) -> int:
        """Bytes of copies of those of these inputs that do not lie in one piece."""
        return sum(self.bytes(i) for i in indices if i in self.apart)

    def copied_as(self, index: int, *shape: int) -> int:
        """Bytes of an input where it is copied to have another shape."""
        lies = self.apart.get(index)
        return 0 if index not in self.apart or lies is not None and reshaped(lies, shape) is not None else (
            self.bytes(index))

    def by_rows(self, *indices: int) -> bool:
        """Whether what is along the last axis of these inputs lies side by side."""
        known = [self.apart[i] for i in indices if i in self.apart]
        return all(a is not None and (a.shape[-1] == 1 or a.strides[-1] == 1) for a in known)

    def made(self, index: int = 0) -> int:
        """How many elements an output has."""
        return prod(self.outs[index])

    def out_bytes(self, index: int = 0) -> int:
        """Bytes of an output."""
        return self.made(index) * self.node.outputs[index].dtype.base_dtype.size

    def out_width(self, index: int = 0) -> int:
        """Bytes of one element of an output."""
        return self.node.outputs[index].dtype.base_dtype.size
