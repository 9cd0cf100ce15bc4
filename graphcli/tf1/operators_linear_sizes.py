"""The sizes of matrices that are known by what they do, and what is said of them (tf.linalg.LinearOperator)."""
from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from ..errors import InvalidValue, NotSupported
from ..graph.shapes import TensorShape
from ..graph.types import as_dtype, int32
from .conversion import convert_to_tensor, is_tensor
from .framework import name_scope
from .modules import modules
from .variables import Variable

tf = modules["tf"]


def as_shape_tensor(shape: Any, name: str | None = None) -> Any:
    """A list of sizes, or one, as a tensor."""
    empty = isinstance(shape, (list, tuple)) and not shape
    return convert_to_tensor(shape, int32 if empty else None, name=name)


class Sized:
    """A batch of matrices [..., m, n]: what is said and known of it.

    graph_parents: the tensors that it is made of. is_non_singular, is_self_adjoint, is_positive_definite, is_square:
    what the caller knows, None where he does not. Raises InvalidValue for hints that contradict one another.
    """

    def __init__(self, dtype: Any, graph_parents: Any = None, is_non_singular: bool | None = None,
                 is_self_adjoint: bool | None = None, is_positive_definite: bool | None = None,
                 is_square: bool | None = None, name: str | None = None) -> None:
        if is_positive_definite:
            if is_non_singular is False:
                raise InvalidValue("a positive definite matrix is non-singular")
            is_non_singular = True
        if is_non_singular or is_self_adjoint:
            if is_square is False:
                raise InvalidValue("a matrix that is non-singular or self-adjoint is square")
            is_square = True
        self.graph_parents = list(graph_parents or [])
        if not all(is_tensor(t) or isinstance(t, Variable) for t in self.graph_parents):
            raise InvalidValue(f"the graph_parents of an operator are tensors, not {self.graph_parents}")
        self.dtype = as_dtype(dtype).base_dtype if dtype else dtype
        self._square = is_square
        self.is_non_singular, self.is_self_adjoint = is_non_singular, is_self_adjoint
        self.is_positive_definite = is_positive_definite
        self.name = name or type(self).__name__

    @contextmanager
    def _name_scope(self, name: str | None = None) -> Iterator[str]:
        with name_scope(self.name if name is None else f"{self.name}/{name}") as scope:
            yield scope

    def _shape(self) -> TensorShape:
        raise NotSupported("_shape is not implemented.")

    def _shape_tensor(self) -> Any:
        raise NotSupported("_shape_tensor is not implemented.")

    @property
    def shape(self) -> TensorShape:
        """What is known of [..., m, n]."""
        return self._shape()

    @property
    def batch_shape(self) -> TensorShape:
        return self.shape[:-2]  # type: ignore[no-any-return]

    @property
    def tensor_rank(self) -> int | None:
        with self._name_scope("tensor_rank"):
            return self.shape.ndims

    def _dimension(self, at: int) -> Any:
        return tf.Dimension(None) if self.shape.ndims is None else self.shape[at]

    @property
    def domain_dimension(self) -> Any:
        """n, a Dimension."""
        return self._dimension(-1)

    @property
    def range_dimension(self) -> Any:
        """m, a Dimension."""
        return self._dimension(-2)

    @property
    def is_square(self) -> bool | None:
        """What was said, or is known by the shape. Raises InvalidValue where the two differ."""
        seen: bool | None = self.domain_dimension == self.range_dimension
        if self._square is False and seen:
            raise InvalidValue("the operator is square, and was said not to be")
        return seen if self._square is None else self._square

    def shape_tensor(self, name: str = "shape_tensor") -> Any:
        """[..., m, n] as a tensor."""
        with self._name_scope(name):
            if self.shape.is_fully_defined():
                return as_shape_tensor(self.shape.as_list())
            return self._shape_tensor()

    def batch_shape_tensor(self, name: str = "batch_shape_tensor") -> Any:
        with self._name_scope(name):
            if self.batch_shape.is_fully_defined():
                return as_shape_tensor(self.batch_shape.as_list(), name="batch_shape")
            return self.shape_tensor()[:-2]

    def tensor_rank_tensor(self, name: str = "tensor_rank_tensor") -> Any:
        with self._name_scope(name):
            rank = self.tensor_rank
            return tf.size(self.shape_tensor()) if rank is None else convert_to_tensor(rank)

    def _dimension_tensor(self, name: str, at: int) -> Any:
        with self._name_scope(name):
            size = self._dimension(at).value
            return self.shape_tensor()[at] if size is None else convert_to_tensor(size)

    def domain_dimension_tensor(self, name: str = "domain_dimension_tensor") -> Any:
        return self._dimension_tensor(name, -1)

    def range_dimension_tensor(self, name: str = "range_dimension_tensor") -> Any:
        return self._dimension_tensor(name, -2)
