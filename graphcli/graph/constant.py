"""What a tensor's value is known to be before the graph runs (tensor_util.constant_value and the
constant folding of TensorFlow's shape refiner)."""
from __future__ import annotations

from typing import TYPE_CHECKING, Any
from weakref import WeakSet

from .flow import variable_behind
from .quiet import quietly
from .shapes import Static, count
from .types import variant

if TYPE_CHECKING:
    from .graph import Node, Tensor

LIMIT = 65536
"""Elements beyond which a value is not computed while the graph is built."""

NO_LARGER = frozenset(
    "DynamicPartition Where Unique ListDiff GatherNd GatherV2 Concat ConcatV2 Reshape Transpose Squeeze ExpandDims "
    "Identity Cast Slice StridedSlice Select Pack ReverseV2 Prod Sum Max Min Mean All Any Neg Abs Square "
    "BroadcastGradientArgs InvertPermutation StringSplit StringSplitV2 UnicodeDecode UnicodeDecodeWithOffsets".split())
"""Ops whose result has a size that only running tells, but never many times that of the inputs."""

BY_SEGMENT = frozenset(
    "SegmentSum SegmentMean SegmentProd SegmentMax SegmentMin SparseSegmentSum SparseSegmentMean SparseSegmentSqrtN"
    .split())
"""Ops whose result has a row for each number up to the last of their last input."""

UNKNOWN = object()
_varying: WeakSet[Node] = WeakSet()
"""Nodes that take what only a run gives, so that shapes far behind them are not asked for it again and again."""
_entered: WeakSet[Node] = WeakSet()
"""Entries of loops whose value was asked for."""


def constant_value(tensor: Tensor, depth: int = 0) -> Any:
    """The value as a numpy array, or None. Computed by the ops' own kernels from constants only."""
    node = tensor.op
    if node.type == "Const":
        return node.attrs["value"]
    known = _shape_fact(tensor)
    if known is not UNKNOWN:
        return known
    if node.type == "Switch":
        taken = constant_value(node.inputs[1], depth + 1)
        alive = taken is not None and int(taken) == tensor.value_index
        return constant_value(node.inputs[0], depth + 1) if alive else None
    if node in _varying:
        return None
    if node.type == "Enter":
        return _brought_in(node, depth)
    opdef = node.opdef
    if (opdef is None or opdef.stateful or opdef.kernel is None or not node.inputs or depth > 200
            or opdef.module.endswith("control") or tensor.dtype is variant
            or node.type in ("Placeholder", "PlaceholderWithDefault", "VariableV2")):
        if depth <= 200:
            _varying.add(node)
        return None
    values = []
    for t in node.inputs:
        if t.dtype.is_ref:
            _varying.add(node)
            return None
        value = constant_value(t, depth + 1)
        if value is None and t.op in _varying:
            _varying.add(node)
        if value is None or getattr(value, "size", 1) > LIMIT:
            return None
        values.append(value)
    total = _size_of_result(node)
    import numpy as np

    if total is None and node.type in BY_SEGMENT and values[0].ndim and values[-1].size:
        total = (int(values[-1].max()) + 1) * int(np.prod(values[0].shape[1:], dtype=np.int64))
    if total is None and opdef.elementwise:
        try:
            total = int(np.prod(np.broadcast_shapes(*[np.shape(v) for v in values]), dtype=np.int64))
        except ValueError:
            return None
    if total is None and node.type not in NO_LARGER or total is not None and total > LIMIT:
        return None

    from .kernel import KernelContext

    try:
        with quietly():
            result = opdef.kernel(KernelContext(node))(*opdef.group(opdef.inputs, values, node.attrs))
    except Exception:
        return None
    if len(node.outputs) > 1:
        result = result[tensor.value_index]
    elif isinstance(result, (list, tuple)):
        result = result[0]
    return np.asarray(result)


def _brought_in(node: Node, depth: int) -> Any:
    """What comes into a loop. TensorFlow evaluates it where it is asked for by itself, not on the way to something
    else, and knows it from then on."""
    value = constant_value(node.inputs[0], depth + 1)
    if value is None:
        _varying.add(node)
    elif not depth:
        _entered.add(node)
    return value if node in _entered else None


PLAIN = frozenset(
    "Const Shape Size Rank Range Cast Concat ConcatV2 Pack Unpack Split Fill Equal NotEqual StopGradient "
    "Identity".split())
"""The ops that TensorFlow's Python side looks through for a constant; its shape inference knows all."""


def static_value(tensor: Tensor) -> Any:
    """The value as TensorFlow's Python code sees it while it builds (tensor_util.constant_value), or None."""
    todo, met = [tensor.op], {tensor.op}
    while todo:
        node = todo.pop()
        if node.type not in PLAIN:
            return None
        if node.type in ("Shape", "Size", "Rank"):
            continue
        for t in node.inputs:
            if t.op not in met:
                met.add(t.op)
                todo.append(t.op)
    return constant_value(tensor)


def _size_of_result(node: Node) -> int | None:
    total = 0
    for tensor in node.outputs:
        size = count(tensor.static)
        if size is None:
            return None
        total += size
    return total


def _shape_fact(tensor: Tensor) -> Any:
    """Values of Shape, Size and Rank that follow from static shapes, and single sizes taken from a Shape."""
    node = tensor.op
    kind = node.type
    if kind in ("StridedSlice", "Unpack"):
        return _single_size(tensor)
    if kind not in ("Shape", "Size", "Rank", "VariableShape"):
        return UNKNOWN
    static = node.inputs[0].static
    if kind == "VariableShape":
        variable = variable_behind(node.inputs[0])
        static = None if variable is None else variable.attrs["shape"]
    if static is None or kind != "Rank" and None in static:
        return None if kind == "VariableShape" else UNKNOWN
    import numpy as np

    dtype = tensor.dtype.as_numpy_dtype
    if kind == "Rank":
        return np.asarray(len(static), dtype)
    if kind == "Size":
        return np.asarray(count(static), dtype)
    return np.asarray(static, dtype)


def _single_size(tensor: Tensor) -> Any:
    """``shape(x)[i]`` where that size is known, though others are not; UNKNOWN is no such thing."""
    node = tensor.op
    source = node.inputs[0].op
    static = source.inputs[0].static if source.type == "Shape" else None
    if static is None or None not in static:
        return UNKNOWN
    if node.type == "Unpack":
        index = tensor.value_index
    else:
        begin = constant_value(node.inputs[1])
        attrs = node.attrs
        masks = attrs["begin_mask"] | attrs["end_mask"] | attrs["ellipsis_mask"] | attrs["new_axis_mask"]
        literal = node.inputs[1].op.type == "Const"
        if masks or attrs["shrink_axis_mask"] != 1 or not literal or begin is None or begin.size != 1:
            return UNKNOWN
        index = int(begin[0])
    if not -len(static) <= index < len(static) or static[index] is None:
        return UNKNOWN
    import numpy as np

    return np.asarray(static[index], tensor.dtype.as_numpy_dtype)


def constant_shape(tensor: Tensor) -> Static:
    """A 1-D integer tensor read as a static shape; -1 and what is unknown are None.

    Follows Shape, ShapeN, Pack, ConcatV2, Cast and StridedSlice as
    InferenceContext::MakeShapeFromShapeTensor of TensorFlow does.
    """
    sizes = partial_values(tensor)
    if sizes is None:
        return None
    return tuple(None if s is None or s < 0 else s for s in sizes)


def partial_values(tensor: Tensor) -> tuple[int | None, ...] | None:
    """The elements of a 1-D integer tensor as far as they are known; None if not even their number."""
    known = _partial(tensor)
    if known is not None:
        return known
    value = constant_value(tensor)
    if value is not None:
        return None if value.ndim == 0 else tuple(int(v) for v in value)
    return _unknown_sizes(tensor)


def _unknown_sizes(tensor: Tensor) -> tuple[None, ...] | None:
    static = tensor.static
    if static is not None and len(static) == 1 and static[0] is not None and static[0] < LIMIT:
        return (None,) * static[0]
    return None


def _partial(tensor: Tensor) -> tuple[int | None, ...] | None:
    """What ConstantPartialShape of TensorFlow's shape refiner finds; None for an unknown shape."""
    node = tensor.op
    if node.type == "Shape":
        return node.inputs[0].static
    if node.type == "ShapeN":
        return node.inputs[tensor.value_index].static
    if node.type == "Pack":
        return tuple(_scalar(t) for t in node.inputs)
    if node.type == "StridedSlice":
        return _sliced(node)
    if node.type in ("ConcatV2", "Concat"):
        out: tuple[int | None, ...] = ()
        for part in node.inputs[:-1] if node.type == "ConcatV2" else node.inputs[1:]:
            values = _partial(part)
            if values is None:
                return None
            out += values
        return out
    value = constant_value(tensor)
    if value is not None:
        return None if value.ndim == 0 else tuple(int(v) for v in value)
    if node.type == "Cast":
        return _partial(node.inputs[0])
    if node.type == "ExpandDims":
        return (_scalar(node.inputs[0]),) if node.inputs[0].static == () else None
    return _unknown_sizes(tensor)


def _sliced(node: Node) -> tuple[int | None, ...] | None:
    """A slice of a shape by one known begin, end and stride."""
    attrs = node.attrs
    if (attrs["ellipsis_mask"] or attrs["new_axis_mask"] or attrs["shrink_axis_mask"]
            or attrs["begin_mask"] > 1 or attrs["end_mask"] > 1):
        return None
    bounds = [constant_value(t) for t in node.inputs[1:4]]
    if any(b is not None and b.size != 1 for b in bounds):
        return None
    begin, end = (None if attrs[f"{word}_mask"] else bounds[i] for i, word in enumerate(("begin", "end")))
    if begin is None and not attrs["begin_mask"] or end is None and not attrs["end_mask"] or bounds[2] is None:
        return None
    values = _partial(node.inputs[0])
    return None if values is None else values[slice(*(None if b is None else int(b[0])
                                                      for b in (begin, end, bounds[2])))]


def _scalar(tensor: Tensor) -> int | None:
    """A scalar integer as far as it is known."""
    value = constant_value(tensor)
    if value is not None:
        return int(value)
    return _scalar(tensor.op.inputs[0]) if tensor.op.type == "Cast" else None
