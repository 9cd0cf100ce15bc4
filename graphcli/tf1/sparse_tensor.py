"""Sparse tensors: the indices and values of the few elements that are there, and the shape of the whole."""
from __future__ import annotations

from collections import namedtuple
from typing import Any

from ..errors import InvalidType, InvalidValue, said
from ..graph.constant import constant_shape, static_value
from ..graph.graph import Graph, Node, Tensor
from ..graph.shapes import Static, TensorShape, compatible, merge, show
from ..graph.types import DType, int64
from .array import placeholder, placeholder_with_default
from .conversion import convert_to_tensor
from .framework import apply_op, name_scope

EXPORTS = """
tf sparse: SparseTensor
tf: SparseTensorValue
tf: sparse_placeholder convert_to_tensor_or_sparse_tensor
sparse: placeholder=sparse_placeholder
"""

SparseTensorValue = namedtuple("SparseTensorValue", ["indices", "values", "dense_shape"])
SparseTensorValue.__doc__ = "The value of a SparseTensor (tf.SparseTensorValue): three arrays."


class SparseTensor:
    """A tensor of which only some elements are there (tf.SparseTensor).

    indices: int64 [n, rank], where they stand; values: [n]; dense_shape: int64 [rank]. Fed and fetched as a
    SparseTensorValue. Raises InvalidValue where their shapes do not fit, InvalidType for other dtypes.
    """

    def __init__(self, indices: Any, values: Any, dense_shape: Any) -> None:
        with name_scope(None, "SparseTensor", [indices, values, dense_shape]):
            self.indices: Tensor = convert_to_tensor(indices, int64, name="indices")
            self.values: Tensor = convert_to_tensor(values, name="values")
            self.dense_shape: Tensor = convert_to_tensor(dense_shape, int64, name="dense_shape")
        places, sizes = self.indices.static, self.dense_shape.static
        for tensor, rank, what in ((self.indices, 2, "indices"), (self.values, 1, "values"),
                                   (self.dense_shape, 1, "dense_shape")):
            if tensor.static is not None and len(tensor.static) != rank:
                raise InvalidValue(f"the {what} of a SparseTensor have rank {rank}, not {len(tensor.static)}",
                                   hint="indices [n, rank], values [n], dense_shape [rank]")
        if not compatible(places, (None if self.values.static is None else self.values.static[0],
                                   None if sizes is None else sizes[0])):
            raise InvalidValue(f"indices of shape {show(places)} do not fit values of {show(self.values.static)} and "
                               f"a dense_shape of {show(sizes)}")
        self._static = known_shape(self.dense_shape)

    @classmethod
    def from_value(cls, sparse_tensor_value: Any) -> SparseTensor:
        """A sparse tensor of a SparseTensorValue. Raises InvalidType for what is none."""
        if isinstance(sparse_tensor_value, SparseTensor):
            return sparse_tensor_value
        if not isinstance(sparse_tensor_value, SparseTensorValue):
            raise InvalidType(f"a SparseTensorValue is wanted, not {said(sparse_tensor_value)}")
        return cls(*sparse_tensor_value)

    @property
    def components(self) -> tuple[Tensor, Tensor, Tensor]:
        """The tensors that it is made of, in the order in which they are fed and fetched."""
        return self.indices, self.values, self.dense_shape

    kind, dense_hint = "sparse", "tf.sparse_tensor_to_dense(sp) is dense; sp.values are its values"

    @staticmethod
    def value_of(arrays: Any) -> Any:
        """What a fetch gives, of the arrays of its components."""
        return SparseTensorValue(*arrays)

    def arrays_of(self, value: Any) -> Any:
        """The arrays of its components, of what it is fed with. Raises InvalidType for what is no value of one."""
        if not isinstance(value, (list, tuple)) or len(value) != len(self.components):
            raise InvalidType(f"a sparse tensor of {self.values.name} is fed with a SparseTensorValue, "
                              f"not {said(value)}", self.op.span, hint="(indices, values, dense_shape)")
        return value

    def remade(self, parts: Any) -> SparseTensor:
        """A sparse tensor of other components."""
        return SparseTensor(*parts)

    def with_values(self, new_values: Any) -> SparseTensor:
        """Other values at the same places (SparseTensor.with_values)."""
        return SparseTensor(self.indices, new_values, self.dense_shape)

    @property
    def shape(self) -> TensorShape:
        return TensorShape(self._static)

    def get_shape(self) -> TensorShape:
        return self.shape

    def set_shape(self, shape: Any) -> None:
        """Adds what is known of the shape. Raises InvalidValue where it differs."""
        static = TensorShape(shape).tuple
        if not compatible(self._static, static):
            raise InvalidValue(f"the shapes {show(self._static)} and {show(static)} differ")
        self._static = merge(self._static, static)

    @property
    def dtype(self) -> DType:
        return self.values.dtype

    @property
    def op(self) -> Node:
        return self.values.op

    @property
    def graph(self) -> Graph:
        return self.indices.graph

    def consumers(self) -> list[Node]:
        """The nodes that take any of its tensors."""
        return list(dict.fromkeys(node for tensor in self.components for node in tensor.consumers()))

    def eval(self, feed_dict: Any = None, session: Any = None) -> Any:
        """Its SparseTensorValue in a session, the default one if None."""
        from .session import default_session

        return (session or default_session("eval")).run(self, feed_dict)

    def scaled(self, operator: str, other: Any, name: str | None = None) -> SparseTensor:
        """The values times (``mul``) or by (``truediv``) those of a tensor that broadcasts to the shape."""
        with name_scope(name, operator, [*self.components, other]) as scope:
            other = convert_to_tensor(other, self.dtype.base_dtype, name="y")
            op_type = "SparseDenseCwiseMul" if operator == "mul" else "SparseDenseCwiseDiv"
            return self.with_values(apply_op(op_type, scope, [*self.components, other]))

    def __mul__(self, other: Any) -> SparseTensor:
        return self.scaled("mul", other)

    def __truediv__(self, other: Any) -> SparseTensor:
        return self.scaled("truediv", other)

    def __repr__(self) -> str:
        return f"SparseTensor(indices={self.indices}, values={self.values}, dense_shape={self.dense_shape})"


_PARTLY = frozenset(("Shape", "Pack", "ConcatV2", "StridedSlice", "Cast"))


def known_shape(tensor: Tensor) -> Static:
    """A vector of sizes as a static shape, as far as TensorFlow's Python code sees it while it builds."""
    value = static_value(tensor)
    if value is not None or tensor.op.type in _PARTLY:
        return constant_shape(tensor)
    size = None if tensor.static is None else tensor.static[0]
    return None if size is None else (None,) * size


def is_sparse(x: Any) -> bool:
    """Whether x is a sparse tensor or the value of one."""
    return isinstance(x, (SparseTensor, SparseTensorValue))


def sparse(x: Any) -> SparseTensor:
    """What is to be a sparse tensor. Raises InvalidType for what is none."""
    if not is_sparse(x):
        raise InvalidType(f"a SparseTensor is wanted, not {said(x)}", hint="tf.sparse.from_dense makes one of a tensor")
    return SparseTensor.from_value(x)


def convert_to_tensor_or_sparse_tensor(value: Any, dtype: Any = None, name: str | None = None) -> Any:
    """A sparse tensor as it is, anything else as a tensor (tf.convert_to_tensor_or_sparse_tensor)."""
    if not is_sparse(value):
        return convert_to_tensor(value, dtype, name)
    made = sparse(value)
    if dtype is not None and made.dtype.base_dtype != dtype:
        raise InvalidType(f"a sparse tensor of {made.dtype.base_dtype.name} is none of {dtype}")
    return made


def sparse_placeholder(dtype: Any, shape: Any = None, name: str | None = None) -> SparseTensor:
    """A sparse tensor that is fed (tf.sparse_placeholder): NAME/shape, NAME/values and NAME/indices.

    shape: sizes, None in it where one is not known; with it the dense shape need not be fed.
    """
    names: dict[str, Any] = {k: None if name is None else f"{name}/{k}"
                             for k in ("shape_default", "shape", "values", "indices")}
    known: Any = None
    if shape is None:
        rank = None
        dense = placeholder(int64, [None], names["shape"])
    else:
        if isinstance(shape, Tensor):
            rank, known = TensorShape(shape.static)[0].value, known_shape(shape)
        else:
            known = TensorShape(shape).tuple
            if known is None:
                raise InvalidValue("the shape of a sparse placeholder has a rank", hint="leave the shape out")
            rank = len(known)
            shape = tuple(-1 if size is None else size for size in known)
        default = convert_to_tensor(shape, int64, name=names["shape_default"])
        dense = placeholder_with_default(default, default.shape, names["shape"])
    values = placeholder(dtype, [None], names["values"])
    made = SparseTensor(placeholder(int64, [None, rank], names["indices"]), values, dense)
    if known is not None:
        made.set_shape(known)
    return made
