"""How calls become nodes: convert_to_tensor, constant and apply_op.

``apply_op`` is the one way in which a node of the vocabulary is made; it follows TensorFlow's
op_def_library, on whose order of conversions the names of constants depend.
"""
from __future__ import annotations

from collections import namedtuple
from collections.abc import Sequence
from typing import Any

import numpy as np

from ..errors import InvalidType, InvalidValue, did_you_mean
from ..graph.graph import Graph, Node, Tensor
from ..graph.opdef import Arg, Attr, OpDef, get_op
from ..graph.shapes import Dimension, TensorShape, as_shape, count, show
from ..graph.types import DType, as_dtype, float32, int32, int64, string
from .calls import caller, elementwise, raw
from .context import (
    add_to_collection,
    add_to_collections,
    colocate_with,
    control_dependencies,
    device,
    get_collection,
    get_default_graph,
    name_scope,
)
from .values import brief, fill_shape, make_array

Operation = Node

EXPORTS = """
tf: Graph Tensor Operation constant convert_to_tensor apply_op IndexedSlices is_tensor
"""

__all__ = [
    "Graph", "IndexedSlices", "Node", "Operation", "Tensor", "add_to_collection", "add_to_collections",
    "apply_op", "caller", "colocate_with", "constant", "control_dependencies", "convert_to_tensor", "device",
    "elementwise", "get_collection", "get_default_graph", "is_tensor", "make_array", "name_scope", "raw",
    "results",
]


def is_tensor(x: Any) -> bool:
    """Whether x is a tensor of a graph or stands for one (a variable)."""
    return isinstance(x, Tensor) or hasattr(x, "_as_tensor")


class IndexedSlices:
    """Rows of a larger tensor (tf.IndexedSlices): ``values[i]`` belongs at row ``indices[i]``."""

    def __init__(self, values: Tensor, indices: Tensor, dense_shape: Tensor | None = None) -> None:
        self.values = values
        self.indices = indices
        self.dense_shape = dense_shape

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
        return f"<IndexedSlices {self.values.name} at {self.indices.name}>"


def _holds_tensor(value: Any) -> DType | None:
    """The dtype of the first tensor in a nested list, None if there is none."""
    for item in value:
        if is_tensor(item):
            return item.dtype.base_dtype  # type: ignore[no-any-return]
        if isinstance(item, (list, tuple)):
            found = _holds_tensor(item)
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
    if isinstance(value, Tensor):
        if dtype is not None and value.dtype.base_dtype is not dtype.base_dtype:
            raise InvalidType(f"{value.name} is {value.dtype.base_dtype.name}, where "
                              f"{dtype.base_dtype.name} is wanted", hint="tf.cast converts a tensor")
        return value
    convert = getattr(value, "_as_tensor", None)
    if convert is not None:
        tensor: Tensor = convert(dtype=dtype, name=name, as_ref=as_ref)
        if dtype is not None and tensor.dtype.base_dtype is not dtype.base_dtype:
            raise InvalidType(f"{value.name} is {tensor.dtype.base_dtype.name}, where "
                              f"{dtype.base_dtype.name} is wanted", hint="tf.cast converts a tensor")
        return tensor
    preferred = preferred_dtype or dtype_hint
    if dtype is None and preferred is not None:
        try:
            return _convert_plain(value, as_dtype(preferred).base_dtype, name)
        except (TypeError, ValueError):
            pass
    return _convert_plain(value, dtype.base_dtype if dtype is not None else None, name)


def _convert_plain(value: Any, dtype: DType | None, name: str | None) -> Tensor:
    if isinstance(value, (list, tuple)):
        inner = _holds_tensor(value)
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
        return constant(value, dtype or int32, name=name or "shape_as_tensor")
    elif isinstance(value, TensorShape):
        if not value.is_fully_defined():
            raise InvalidValue(f"the shape {value} is not fully known and cannot be made a tensor",
                               hint="tf.shape(x) is known when the graph runs")
        if dtype is not None and dtype not in (int32, int64):
            raise InvalidType(f"a shape makes an int32 or int64 tensor, not {dtype.name}")
        return constant(np.asarray(value.tuple, (dtype or int32).as_numpy_dtype),
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
    graph = get_default_graph()
    with graph.name_scope(name) as scope:
        parts: list[Any] = []
        must = False
        for i, item in enumerate(items):
            if is_tensor(item):
                if item.dtype.base_dtype is not dtype:
                    raise InvalidType(f"a list of {dtype.name} holds {item.name}, which is "
                                      f"{item.dtype.base_dtype.name}", hint="tf.cast converts a tensor")
                must = True
            elif isinstance(item, (list, tuple)):
                item = _pack(item, dtype, str(i))
                must = must or isinstance(item, Tensor)
            parts.append(item)
        if not must:
            return list(items)
        tensors = [p if is_tensor(p) else constant(p, dtype, name=str(i)) for i, p in enumerate(parts)]
        return apply_op("Pack", scope, [tensors], {"axis": 0})


def constant(value: Any, dtype: Any = None, shape: Any = None, name: str = "Const",
             verify_shape: bool = False) -> Tensor:
    """A Const node (tf.constant). ``shape`` with fewer values than elements repeats the last value.

    Raises InvalidType or InvalidValue as ``make_array`` does.
    """
    if isinstance(shape, int):
        raise InvalidType(f"the shape of a constant is a list, not {shape}", hint=f"[{shape}]")
    static = as_shape(shape) if shape is not None else None
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


_tuples: dict[str, Any] = {}


def apply_op(op_type: str, name: str | None = None, inputs: Sequence[Any] = (),
             attrs: dict[str, Any] | None = None) -> Any:
    """Adds one node of an op type and returns what it yields.

    inputs: in the op's order, a list for a list input. attrs: by their GraphDef names; those with a
    default may be left out, those that follow from the inputs too. Returns the tensor, a list or
    named tuple of tensors, or the Node where there is no output.

    Raises InvalidType and InvalidValue for what the op's signature or inference refuses.
    """
    opdef = get_op(op_type)
    graph = get_default_graph()
    scopes = graph.scopes
    given = attrs or {}
    for key in given:
        check_attr_name(opdef, key)
    if len(inputs) != len(opdef.inputs):
        names = ", ".join(a.name for a in opdef.inputs) or "none"
        plural = "" if len(opdef.inputs) == 1 else "s"
        raise InvalidType(f"{op_type} takes {len(opdef.inputs)} input{plural} ({names}), not {len(inputs)}")
    old = scopes.enter_name(name or op_type)
    try:
        node_attrs: dict[str, Any] = {}
        flat: list[Tensor] = []
        for arg, value in zip(opdef.inputs, inputs):
            if arg.is_list:
                _convert_list(opdef, arg, value, node_attrs, flat, given)
            else:
                flat.append(_convert_one(opdef, arg, value, node_attrs, given))
        _fill_attrs(opdef, given, node_attrs, name)
        full = scopes.name + "/"
        # a control flow context may add nodes beside this one, which are named below it
        if opdef.writes:
            with scopes.beside([t for t, a in zip(flat, opdef.inputs) if a.is_ref]):
                node = graph.create_node(op_type, flat, opdef.output_dtypes(node_attrs), node_attrs, full, opdef)
        else:
            node = graph.create_node(op_type, flat, opdef.output_dtypes(node_attrs), node_attrs, full, opdef)
    finally:
        scopes.name = old
    return results(node)


def check_attr_name(opdef: OpDef, key: str) -> None:
    if key not in opdef.attrs:
        names = ", ".join(sorted(opdef.attrs)) or "none"
        raise InvalidType(f"{opdef.name} has no attr {key!r}; it has {names}", hint=did_you_mean(key, opdef.attrs))


def results(node: Node) -> Any:
    """What a call that made this node returns."""
    opdef = node.opdef
    assert opdef is not None
    outputs = node.outputs
    args = opdef.outputs
    if len(args) == 1:
        return list(outputs) if args[0].is_list else outputs[0]
    if not args:
        return node
    kind = _tuples.get(node.type)
    if kind is None:
        kind = _tuples[node.type] = namedtuple(node.type, [a.name for a in args])
    return kind(*opdef.group(args, outputs, node.attrs))


def _convert_one(opdef: OpDef, arg: Arg, value: Any, attrs: dict[str, Any], given: dict[str, Any]) -> Tensor:
    dtype = arg.dtype
    preferred = None
    if dtype is None:
        dtype = attrs.get(arg.type_attr) or given.get(arg.type_attr)
        if dtype is None:
            default = opdef.attrs[arg.type_attr].default
            preferred = default if default is not Attr.NONE else None
        else:
            dtype = as_dtype(dtype)
    if type(value) is Tensor:
        tensor = value
        if dtype is not None and tensor.dtype.base_dtype is not dtype.base_dtype:
            raise _mismatch(opdef, arg, tensor.dtype, dtype, attrs)
    else:
        try:
            tensor = _convert_preferring(opdef, arg, value, dtype, preferred)
        except (TypeError, ValueError) as error:
            if dtype is not None and is_tensor(value):
                raise _mismatch(opdef, arg, value.dtype, dtype, attrs) from None
            if isinstance(error, (InvalidType, InvalidValue)):
                error.message = f"{opdef.name}: input {arg.name!r}: {error.message}"
                error.args = (error.message,)
            raise
    if arg.is_ref and not tensor.dtype.is_ref:
        raise InvalidType(f"{opdef.name} writes its input {arg.name!r}, which must be a variable; "
                          f"{tensor.name} is not one")
    if arg.type_attr and arg.type_attr not in attrs:
        base = tensor.dtype.base_dtype
        _check_allowed(opdef, arg, base)
        attrs[arg.type_attr] = base
    return tensor


def _convert_preferring(opdef: OpDef, arg: Arg, value: Any, dtype: DType | None, preferred: Any) -> Tensor:
    """A value whose dtype may be an attr's default: taken only where its own dtype is not allowed.

    The constant of the first try stays in the graph, as it does in TensorFlow's.
    """
    allowed = opdef.attrs[arg.type_attr].allowed if preferred is not None else None
    if allowed is not None:
        try:
            own = convert_to_tensor(value, name=arg.name, as_ref=arg.is_ref)
        except TypeError:
            own = None
        if own is not None and own.dtype.base_dtype in allowed:
            return own
    return convert_to_tensor(value, dtype, arg.name, preferred, as_ref=arg.is_ref)


def _mismatch(opdef: OpDef, arg: Arg, got: DType, wanted: DType, attrs: dict[str, Any]) -> InvalidType:
    first = next((a.name for a in opdef.inputs if a.type_attr == arg.type_attr and a is not arg), None)
    if first and arg.type_attr in attrs:
        return InvalidType(f"{opdef.name}: input {arg.name!r} is {got.base_dtype.name}, but input "
                           f"{first!r} is {wanted.base_dtype.name}; both must have one dtype",
                           hint="tf.cast converts a tensor")
    return InvalidType(f"{opdef.name}: input {arg.name!r} must be {wanted.base_dtype.name}, not "
                       f"{got.base_dtype.name}", hint="tf.cast converts a tensor")


def _check_allowed(opdef: OpDef, arg: Arg, dtype: DType) -> None:
    allowed = opdef.attrs[arg.type_attr or arg.type_list_attr].allowed
    if allowed is not None and dtype not in allowed:
        raise InvalidType(f"{opdef.name}: input {arg.name!r} has dtype {dtype.name}, which is not one of "
                          f"{', '.join(a.name for a in allowed)}")


def _convert_list(opdef: OpDef, arg: Arg, value: Any, attrs: dict[str, Any], flat: list[Tensor],
                  given: dict[str, Any]) -> None:
    if not isinstance(value, (list, tuple)):
        raise InvalidType(f"{opdef.name}: input {arg.name!r} is a list of tensors, not {brief(value)}")
    dtype = arg.dtype
    tensors: list[Tensor] = []
    wanted: Any = None
    preferred: Any = None
    if arg.type_list_attr:
        wanted = attrs.get(arg.type_list_attr) or given.get(arg.type_list_attr)
    elif dtype is None:
        dtype = attrs.get(arg.type_attr)
        if dtype is None:
            dtype = next((v.dtype.base_dtype for v in value if is_tensor(v)), None)
        default = opdef.attrs[arg.type_attr].default
        preferred = default if default is not Attr.NONE else None
    for i, item in enumerate(value):
        try:
            kind = as_dtype(wanted[i]) if wanted is not None and i < len(wanted) else dtype
            tensors.append(convert_to_tensor(item, kind, f"{arg.name}_{i}", preferred, as_ref=arg.is_ref))
        except (InvalidType, InvalidValue) as error:
            error.message = f"{opdef.name}: item {i} of input {arg.name!r}: {error.message}"
            error.args = (error.message,)
            raise
    if arg.type_list_attr:
        attrs[arg.type_list_attr] = [t.dtype.base_dtype for t in tensors]
    else:
        number = attrs.get(arg.number_attr)
        if number is not None and number != len(tensors):
            raise InvalidValue(f"{opdef.name}: input {arg.name!r} has {len(tensors)} tensors, "
                               f"the input before it {number}")
        attrs[arg.number_attr] = len(tensors)
        minimum = opdef.attrs[arg.number_attr].minimum
        if minimum is not None and len(tensors) < minimum:
            raise InvalidValue(f"{opdef.name}: input {arg.name!r} needs at least {minimum} "
                               f"tensor{'s' if minimum > 1 else ''}, not {len(tensors)}")
        kinds = {t.dtype.base_dtype.name for t in tensors}
        if len(kinds) > 1:
            raise InvalidType(f"{opdef.name}: the tensors of input {arg.name!r} must have one dtype, "
                              f"not {' and '.join(sorted(kinds))}", hint="tf.cast converts a tensor")
        if arg.type_attr and arg.type_attr not in attrs:
            base = tensors[0].dtype.base_dtype if tensors else preferred
            if base is None:
                raise InvalidType(f"{opdef.name}: the dtype of the empty list {arg.name!r} is not known")
            _check_allowed(opdef, arg, base)
            attrs[arg.type_attr] = base
    flat += tensors


def _fill_attrs(opdef: OpDef, given: dict[str, Any], attrs: dict[str, Any], name: str | None) -> None:
    """Defaults and checks, in the op's own order of attrs."""
    inferred = opdef.inferred
    for key, attr in opdef.attrs.items():
        if key in given and given[key] is not None:
            value = attr.check(given[key], opdef.name)
            if key in attrs and attrs[key] != value:
                got = attrs[key].name if isinstance(attrs[key], DType) else attrs[key]
                raise InvalidType(f"the inputs of {opdef.name} make {key} = {got}, not "
                                  f"{value.name if isinstance(value, DType) else value}")
            attrs[key] = value
        elif key not in attrs:
            if key in opdef.defaults:
                attrs[key] = opdef.defaults[key]
            elif key in given and attr.kind == "shape":
                attrs[key] = None
            elif key not in inferred:
                raise InvalidType(f"{opdef.name} needs the attr {key!r}")


