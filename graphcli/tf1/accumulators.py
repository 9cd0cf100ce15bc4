"""Accumulators: gradients that several steps put in and another takes together (tf.ConditionalAccumulator)."""
from __future__ import annotations

from typing import Any

from ..errors import InvalidValue
from ..graph.graph import Node, Tensor
from ..graph.shapes import TensorShape, compatible
from ..graph.types import DType, as_dtype
from .casting import cast
from .conversion import IndexedSlices, convert_to_tensor
from .framework import apply_op

EXPORTS = """
tf: ConditionalAccumulatorBase ConditionalAccumulator SparseConditionalAccumulator
sparse: SparseConditionalAccumulator
"""


class ConditionalAccumulatorBase:
    """What both kinds have (tf.ConditionalAccumulatorBase)."""

    _kind = ""
    """Before the names of ops: of a handle that is a resource."""

    def __init__(self, dtype: Any, shape: Any, accumulator_ref: Tensor) -> None:
        self._dtype = as_dtype(dtype)
        self._shape = TensorShape(shape)
        self._accumulator_ref = accumulator_ref
        self._name = accumulator_ref.op.name.split("/")[-1]

    @property
    def accumulator_ref(self) -> Tensor:
        return self._accumulator_ref

    @property
    def name(self) -> str:
        return self._name

    @property
    def dtype(self) -> DType:
        return self._dtype

    def num_accumulated(self, name: str | None = None) -> Tensor:
        """How many gradients there are, int32."""
        made: Tensor = apply_op(f"{self._kind}AccumulatorNumAccumulated", name or f"{self._name}_NumAccumulated",
                                [self._accumulator_ref])
        return made

    def set_global_step(self, new_global_step: Any, name: str | None = None) -> Node:
        """From now on gradients of earlier steps are left out."""
        made: Node = apply_op(f"{self._kind}AccumulatorSetGlobalStep", name,
                              [self._accumulator_ref, _int64(convert_to_tensor(new_global_step))])
        return made


def _int64(value: Any) -> Tensor:
    made: Tensor = cast(value, "int64")
    return made


def _made(op_type: str, dtype: Any, shape: Any, shared_name: str | None, name: str, reduction_type: str) -> Tensor:
    made: Tensor = apply_op(op_type, name, [], {
        "dtype": as_dtype(dtype), "shape": TensorShape(shape).tuple, "container": "", "shared_name": shared_name or "",
        "reduction_type": reduction_type})
    return made


class ConditionalAccumulator(ConditionalAccumulatorBase):
    """Sums dense gradients, or takes their mean, when enough are there (tf.ConditionalAccumulator).

    dtype: float16, float32 or float64. shape: of each gradient. reduction_type: "MEAN" or "SUM".
    """

    _kind = "Resource"

    def __init__(self, dtype: Any, shape: Any = None, shared_name: str | None = None,
                 name: str = "conditional_accumulator", reduction_type: str = "MEAN") -> None:
        super().__init__(dtype, shape, _made("ResourceConditionalAccumulator", dtype, shape, shared_name, name,
                                             reduction_type))

    def apply_grad(self, grad: Any, local_step: Any = 0, name: str | None = None) -> Node:
        """Adds a gradient, unless local_step is before the accumulator's. Raises InvalidValue for another shape."""
        grad = convert_to_tensor(grad, self._dtype)
        if not compatible(grad.static, self._shape.tuple):
            raise InvalidValue(f"Shapes {TensorShape(grad.static)} and {self._shape} are incompatible: what is added "
                               f"to the accumulator {self._name!r}")
        made: Node = apply_op("ResourceAccumulatorApplyGradient", name,
                              [self._accumulator_ref, _int64(convert_to_tensor(local_step)), grad])
        return made

    def take_grad(self, num_required: Any, name: str | None = None) -> Tensor:
        """The mean or sum of all gradients when there are num_required; a run waits for them."""
        made: Tensor = apply_op("ResourceAccumulatorTakeGradient", name, [self._accumulator_ref, num_required],
                                {"dtype": self._dtype})
        made.set_shape(self._shape)
        return made


class SparseConditionalAccumulator(ConditionalAccumulatorBase):
    """The same of gradients of rows, each row by itself (tf.SparseConditionalAccumulator)."""

    def __init__(self, dtype: Any, shape: Any = None, shared_name: str | None = None,
                 name: str = "sparse_conditional_accumulator", reduction_type: str = "MEAN") -> None:
        super().__init__(dtype, shape, _made("SparseConditionalAccumulator", dtype, shape, shared_name, name,
                                             reduction_type))

    def apply_indexed_slices_grad(self, grad: IndexedSlices, local_step: Any = 0, name: str | None = None) -> Node:
        """Adds the rows of an IndexedSlices, unless local_step is before the accumulator's step."""
        return self.apply_grad(grad.indices, grad.values, grad.dense_shape, local_step, name)

    def apply_grad(self, grad_indices: Any, grad_values: Any, grad_shape: Any = None, local_step: Any = 0,
                   name: str | None = None) -> Node:
        """Adds rows: grad_values[i] is that of grad_indices[i]. grad_shape: of the whole, where it is known."""
        step = _int64(convert_to_tensor(local_step))
        indices = _int64(grad_indices)
        made: Node = apply_op(
            "SparseAccumulatorApplyGradient", name,
            [self._accumulator_ref, step, indices, grad_values, _int64([] if grad_shape is None else grad_shape)],
            {"has_known_shape": grad_shape is not None})
        return made

    def take_grad(self, num_required: Any, name: str | None = None) -> Any:
        """(indices, values, shape) of all rows when there are num_required gradients; a run waits for them."""
        return apply_op("SparseAccumulatorTakeGradient", name, [self._accumulator_ref, num_required],
                        {"dtype": self._dtype})

    def take_indexed_slices_grad(self, num_required: Any, name: str | None = None) -> IndexedSlices:
        """The same as an IndexedSlices."""
        taken = self.take_grad(num_required, name)
        return IndexedSlices(taken.values, taken.indices, taken.shape)
