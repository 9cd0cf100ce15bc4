"""What stands for a tensor becomes one: convert_to_tensor, constant, IndexedSlices."""
from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from ..errors import InvalidType, InvalidValue
from ..graph.dimension import Dimension
from ..graph.graph import Graph, Node, Tensor
from ..graph.opdef import get_op
from ..graph.shapes import TensorShape, as_shape, count, show
from ..graph.types import DType, as_dtype, float32, how_to_convert, int32, int64, string
from .context import get_default_graph
from .own_conversions import conversions, converted
from .values import fill_shape, make_array

EXPORTS = """
tf: constant convert_to_tensor IndexedSlices is_tensor=is_tensor_like
contrib.framework: is_tensor=is_tensor_like
"""


def is_tensor(x: Any) -> bool:
    """Whether x is a tensor of a graph or stands for one (a variable)."""
    return isinstance(x, Tensor) or hasattr(x, "_as_tensor")


def is_resource(x: Any) -> bool:
    """Whether x is a resource variable, which is read where it stands for a tensor."""
    return hasattr(x, "_as_tensor") and hasattr(x, "handle")


def is_sparse_like(x: Any) -> bool:
    """Whether x is a sparse tensor."""
    return hasattr(x, "components") and hasattr(x, "dense_shape")


def is_tensor_like(x: Any) -> bool:
    """Whether x is a tensor, a variable or a sparse tensor (tf.is_tensor)."""
    return is_tensor(x) or is_sparse_like(x)


class IndexedSlices:
    """Rows of a larger tensor (tf.IndexedSlices): ``values[i]`` belongs at row ``indices[i]``."""

    def __init__(self, values: Tensor, indices: Tensor, dense_shape: Tensor | None = None) -> None:
        self.values = values
        self.indices = indices
        self.dense_shape = dense_shape

    @property
    def parts(self) -> list[Tensor]:
        """The tensors of which it is made, as a branch or a loop hands it on."""
        return [self.values, self.indices] + ([] if self.dense_shape is None else [self.dense_shape])

    def remade(self, parts: Sequence[Tensor]) -> IndexedSlices:
        """One of other tensors in their place."""
        return IndexedSlices(*parts)

    @property
    def dtype(self) -> DType:
        return self.values.dtype

    @property
    def op(self) -> Node:
        return self.values.op

    @property
    def name(self) -> str:
        return self.values.name

    @property
    def device(self) -> str:
        return self.values.device

    @property
    def graph(self) -> Graph:
        return self.values.graph

    @property
    def shape(self) -> TensorShape:
        from ..graph.constant import constant_shape

        return TensorShape(None if self.dense_shape is None else constant_shape(self.dense_shape))

    def __neg__(self) -> IndexedSlices:
        return IndexedSlices(-self.values, self.indices, self.dense_shape)

    def _as_tensor(self, dtype: DType | None = None, name: str | None = None, as_ref: bool = False) -> Tensor:
        """The dense tensor (an UnsortedSegmentSum), as TF1 converts it where a tensor is wanted."""
        if self.dense_shape is None:
            raise InvalidValue(f"{self.values.name} is sparse without a dense shape and cannot be made dense")
        from . import unsorted_segment_sum

        rows = self.dense_shape[0]
        return unsorted_segment_sum(self.values, self.indices, rows, name=name)  # type: ignore

    def __repr__(self) -> str:
        dense = "" if self.dense_shape is None else f", dense_shape={self.dense_shape}"
        return f"IndexedSlices(indices={self.indices}, values={self.values}{dense})"


def holds_tensor(value: Any) -> DType | None:
    """The dtype of the first tensor in a nested list, None if there is none."""
    for item in value:
        if is_tensor(item):
            return item.dtype.base_dtype  # type: ignore[no-any-return]
        if isinstance(item, (list, tuple)):
            found = holds_tensor(item)
            if found is not None:
                return found
    return None


def convert_to_tensor(value: Any, dtype: Any = None, name: str | None = None, preferred_dtype: Any = None,
                      dtype_hint: Any = None, as_ref: bool = False) -> Tensor:
    """A tensor from a tensor, variable, number, string, array or (nested) list (tf.convert_to_tensor).

    dtype: what it must have; preferred_dtype: what it is given if its values allow it.
    Raises InvalidType if a tensor has another dtype or a value does not fit, InvalidValue for
    ragged lists.
    """
    if dtype is not None:
        dtype = as_dtype(dtype)
        if dtype.is_ref and not (isinstance(value, Tensor) and value.dtype.is_ref):
            raise InvalidValue(f"a tensor of {dtype.name} is wanted, and only what is one can be given",
                               hint="a read of the variable, or dtype.base_dtype")
    if isinstance(value, Tensor):
        if dtype is not None and value.dtype.base_dtype is not dtype.base_dtype:
            raise InvalidType(f"{value.name} is {value.dtype.base_dtype.name}, where "
                              f"{dtype.base_dtype.name} is wanted", hint=how_to_convert(value.dtype, dtype))
        return value
    convert = getattr(value, "_as_tensor", None)
    if convert is not None:
        tensor: Tensor = convert(dtype=dtype, name=name, as_ref=as_ref)
        if dtype is not None and tensor.dtype.base_dtype is not dtype.base_dtype:
            raise InvalidType(f"{value.name} is {tensor.dtype.base_dtype.name}, where "
                              f"{dtype.base_dtype.name} is wanted", hint=how_to_convert(tensor.dtype, dtype))
        return tensor
    if hasattr(value, "components"):
        raise InvalidType(f"{value.components[0].name} is of a {value.kind} tensor, where a tensor is wanted",
                          hint=value.dense_hint)
    preferred = preferred_dtype or dtype_hint
    if conversions:
        own = converted(value, dtype, None if preferred is None else as_dtype(preferred), name, as_ref)
        if own is not None:
            return own
    if dtype is None and preferred is not None:
        try:
            return _convert_plain(value, as_dtype(preferred).base_dtype, name)
        except (TypeError, ValueError):
            pass
    return _convert_plain(value, dtype.base_dtype if dtype is not None else None, name)


def _convert_plain(value: Any, dtype: DType | None, name: str | None) -> Tensor:
    if isinstance(value, (list, tuple)):
        inner = holds_tensor(value)
        if inner is not None:
            if dtype is not None and inner is not dtype:
                value = _cast_nested(value, dtype)
            packed: Tensor = _pack(value, dtype or inner, name or "packed")
            return packed
    elif isinstance(value, range):
        from .array_fill import range_

        made: Tensor = range_(value.start, value.stop, value.step, dtype=dtype, name=name or "Range")
        return made
    elif isinstance(value, Dimension):
        if dtype is not None and dtype not in (int32, int64):
            raise InvalidType(f"a size makes an int32 or int64 tensor, not {dtype.name}")
        if value.value is None:
            raise InvalidValue("a size that is not known cannot be made a tensor",
                               hint="tf.shape(x) is known when the graph runs")
        return constant(value, dtype or int32, name=name or "shape_as_tensor")
    elif isinstance(value, TensorShape):
        if not value.is_fully_defined():
            raise InvalidValue(f"the shape {value} is not fully known and cannot be made a tensor",
                               hint="tf.shape(x) is known when the graph runs")
        if dtype is not None and dtype not in (int32, int64):
            raise InvalidType(f"a shape makes an int32 or int64 tensor, not {dtype.name}")
        sizes = value.as_list()
        large = any(size is not None and size >= 2**31 for size in sizes)
        if large and dtype is int32:
            raise InvalidValue(f"the shape {value} is too large for an int32 tensor")
        if large and (wide := next((s for s in sizes if s is not None and s >= 2**63), None)) is not None:
            raise InvalidValue(f"no int64 holds the size {wide}")
        return constant(np.asarray(sizes, (dtype or (int64 if large else int32)).as_numpy_dtype),
                        name=name or "shape_as_tensor")
    return constant(value, dtype, name=name or "Const")


def _cast_nested(value: Any, dtype: DType) -> Any:
    if is_tensor(value) and value.dtype.base_dtype is not dtype:
        from . import cast

        return cast(value, dtype)  # type: ignore[misc]
    if isinstance(value, (list, tuple)):
        return [_cast_nested(v, dtype) for v in value]
    return value


def _pack(items: Sequence[Any], dtype: DType, name: str) -> Any:
    """A list with tensors in it as Pack nodes; lists without one are left as they are."""
    from .framework import apply_op

    graph = get_default_graph()
    with graph.name_scope(name) as scope:
        parts: list[Any] = []
        must = False
        for i, item in enumerate(items):
            if is_tensor(item):
                if item.dtype.base_dtype is not dtype:
                    raise InvalidType(f"a list of {dtype.name} holds {item.name}, which is "
                                      f"{item.dtype.base_dtype.name}", hint=how_to_convert(item.dtype, dtype))
                must = True
            elif isinstance(item, (list, tuple)):
                item = _pack(item, dtype, str(i))
                must = must or isinstance(item, Tensor)
            parts.append(item)
        if not must:
            return list(items)
        tensors = [p if is_tensor(p) else constant(p, dtype, name=str(i)) for i, p in enumerate(parts)]
        return apply_op("Pack", scope, [tensors], {"axis": 0})


def whole_sizes(shape: Any) -> Any:
    """A shape with whole sizes in place of other numbers, whose fractions are lost as TensorFlow loses them."""
    if not isinstance(shape, (list, tuple)):
        return shape
    return [int(s) if isinstance(s, (bool, float, np.floating, np.bool_)) and np.isfinite(s) else s for s in shape]


def constant(value: Any, dtype: Any = None, shape: Any = None, name: str = "Const",
             verify_shape: bool = False) -> Tensor:
    """A Const node (tf.constant). ``shape`` with fewer values than elements repeats the last value.

    Raises InvalidType or InvalidValue as ``make_array`` does.
    """
    if isinstance(shape, int):
        raise InvalidType(f"the shape of a constant is a list, not {shape}", hint=f"[{shape}]")
    static = as_shape(whole_sizes(shape)) if shape is not None else None
    total = count(static)
    if total == 0 and not isinstance(value, (np.ndarray, np.generic)):
        # TensorFlow does not look at a value of which nothing is kept
        array = np.zeros([d or 0 for d in static or ()], as_dtype(dtype or float32).as_numpy_dtype)
    else:
        array = make_array(value, dtype)
    if shape is not None and array.shape != static:
        if static is None or total is None:
            raise InvalidValue(f"the shape of a constant must be known, not {show(static)}")
        if verify_shape and array.shape != static:
            raise InvalidType(f"a value of shape {show(array.shape)} was to have shape {show(static)}")
        array = fill_shape(array, static, total)
    graph = get_default_graph()
    opdef = get_op("Const")
    kind = string if array.dtype == object else as_dtype(array.dtype)
    node = graph.create_node("Const", (), [kind], {"value": array, "dtype": kind}, name, opdef, infer=False)
    node.outputs[0].static = array.shape
    return node.outputs[0]
