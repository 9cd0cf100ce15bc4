"""Cuts: ops that only index their array, as the indices themselves.

Such a kernel is called once with a stand-in that notes what it is asked for; then ``x[:, 0:128]`` stands in the text of
a part, which takes a tenth of the call that works it out.
"""
from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from ..errors import GraphError
from ..graph.graph import Node
from ..graph.kernel import KernelContext
from ..graph.types import float16

CUTTING = {"Slice": 0, "StridedSlice": 0, "Split": 1, "SplitV": 0, "Unpack": 0}
"""Such ops, and which of their inputs is the array."""

KEPT = 256
"""Shapes whose indices a cutter keeps."""


class _Whole:
    """Stands for an array of a shape."""

    def __init__(self, shape: tuple[int, ...]) -> None:
        self.shape = shape
        self.ndim = len(shape)

    def __getitem__(self, index: Any) -> _Part:
        return _Part(index if isinstance(index, tuple) else (index,))


class _Part:
    def __init__(self, index: tuple[Any, ...]) -> None:
        self.index = index

    def copy(self) -> None:
        raise _Copied


class _Copied(Exception):
    """What is cut out is laid out anew."""


def cuts(node: Node, inputs: Sequence[Any]) -> list[str] | None:
    """The text of the index of each output; None where it cannot be told, or what is cut out is copied.

    inputs: for each the array where it is known, the shape of the one that is not.
    """
    found = _indices(node, inputs)
    return None if found is None else [", ".join(map(_text, index)) or "..." for index in found]


def cutter(node: Node, inputs: Sequence[Any], kernel: Callable[..., Any]) -> Callable[[Any], Any]:
    """The function of an op of one output that only indexes arrays of shapes that are not known, as often as not the
    same. inputs: as they are known, None for the array."""
    met: dict[Any, Any] = {}

    def cut(array: Any) -> Any:
        index = met.get(array.shape)
        if index is None:
            if len(met) >= KEPT:
                met.clear()
            found = _indices(node, [array.shape if x is None else x for x in inputs])
            index = met[array.shape] = False if found is None else found[0]
        return kernel(*[array if x is None else x for x in inputs]) if index is False else array[index]

    return cut


def _indices(node: Node, inputs: Sequence[Any]) -> list[tuple[Any, ...]] | None:
    assert node.opdef is not None and node.opdef.kernel is not None
    if node.outputs[0].dtype is float16 or node.outputs[0].dtype.base_dtype.kind == "S":
        return None
    arrays = [_Whole(x) if isinstance(x, tuple) else x for x in inputs]
    try:
        found = node.opdef.kernel(KernelContext(node))(*arrays)
    except (GraphError, _Copied):
        # it is told by the step that fails
        return None
    parts = found if isinstance(found, list) else [found]
    return [p.index for p in parts]


def _text(entry: Any) -> str:
    if isinstance(entry, slice):
        start, stop, step = (("" if v is None else str(int(v))) for v in (entry.start, entry.stop, entry.step))
        return f"{start}:{stop}" if step in ("", "1") else f"{start}:{stop}:{step}"
    return "None" if entry is None else str(int(entry))
