"""A graph as text, one line to a node, the same for the same graph: for goldens, comparisons and notes.

    x = Placeholder() {dtype: float32, shape: [?, 2]} -> float32 [?, 2]
    y = MatMul(x, w/read, ^c) {T: float32, transpose_a: false} @/device:CPU:0 -> float32 [?, 3]

Then the collections, and the functions by name. What is said of a node follows from the graph alone: no place in a
file, no number in memory.
"""
from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from .graph import Graph, Node
from .shapes import show
from .types import DType

MOST = 8
"""Elements up to which a constant is written out; of a larger one its digest stands."""


def dump(graph: Graph) -> str:
    """The whole graph."""
    return "\n".join(lines(graph)) + "\n"


def lines(graph: Graph) -> Iterator[str]:
    """The lines of ``dump``."""
    for node in graph:
        yield node_line(node)
    for key in sorted(graph.get_all_collection_keys()):
        if members := graph.get_collection(key):
            yield f"collection {key}: {', '.join(map(member, members))}"
    for name in sorted(graph.functions):
        gradient = graph.function_gradients.get(name)
        yield f"function {name}" + (f", gradient {gradient}" if gradient else "")


def node_line(node: Node) -> str:
    """One node: name, type, inputs, attrs, device, and what it yields. What it waits for stands by name, as in
    TensorFlow's files, for its order says nothing."""
    inputs = node.input_names()
    inputs[len(node.inputs):] = sorted(inputs[len(node.inputs):])
    attrs = ", ".join(f"{k}: {attr_text(node.attrs[k])}" for k in sorted(node.attrs))
    outputs = ", ".join(f"{t.dtype.name} {show(t.static)}" for t in node.outputs)
    return (f"{node.name} = {node.type}({', '.join(inputs)})" + (f" {{{attrs}}}" if attrs else "")
            + (f" @{node.device}" if node.device else "") + (f" -> {outputs}" if outputs else ""))


def attr_text(value: Any) -> str:
    """The value of an attr; a float has the digits of its 32 bits, which are all that a file keeps."""
    if isinstance(value, DType):
        return value.name
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, float):
        import numpy as np

        return str(np.float32(value))
    if isinstance(value, list):
        return f"[{', '.join(map(attr_text, value))}]"
    if value is None or isinstance(value, tuple):
        return show(value)
    if isinstance(value, str):
        return ascii(value)
    if hasattr(value, "dtype") and hasattr(value, "shape"):
        return tensor_text(value)
    if hasattr(value, "attrs"):
        inner = ", ".join(f"{k}: {attr_text(v)}" for k, v in sorted(value.attrs.items()))
        return f"{value.name}({inner})"
    return repr(value)


def tensor_text(value: Any) -> str:
    """``float32 [2] [1.0, 2.0]``, or the digest of many elements."""
    import hashlib

    import numpy as np

    if not isinstance(value, (np.ndarray, np.generic)):
        return f"{value!r} {hashlib.sha256(value.proto.SerializeToString(deterministic=True)).hexdigest()[:16]}"
    array = np.asarray(value)
    kind = "string" if array.dtype.kind in "SUO" else array.dtype.name
    head = f"{kind} {show(array.shape)} "
    if array.dtype.kind in "SUO":
        items = [v.encode() if isinstance(v, str) else bytes(v) for v in array.reshape(-1).tolist()]
        if len(items) <= MOST and sum(map(len, items)) < 200:
            return head + repr(items)
        data = b"".join(len(i).to_bytes(8, "little") + i for i in items)
    else:
        if array.size <= MOST:
            return head + repr([str(v) for v in array.reshape(-1)]).replace("'", "")
        data = np.ascontiguousarray(array).tobytes()
    return head + hashlib.sha256(data).hexdigest()[:16]


def member(value: Any) -> str:
    """A member of a collection: by name what has one, else as it is."""
    name = getattr(value, "name", None)
    if isinstance(name, str):
        return name
    return ascii(value) if isinstance(value, (str, bytes, int, float, bool)) else type(value).__name__
