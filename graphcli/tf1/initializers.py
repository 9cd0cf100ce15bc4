"""Initializers: objects called with a shape that make the initial value of a variable (tf.initializers)."""
from __future__ import annotations

import math
from typing import Any

import numpy as np

from ..errors import InvalidType, InvalidValue, said
from ..graph.shapes import TensorShape
from ..graph.types import DType, as_dtype, float32
from .conversion import constant
from .framework import apply_op

EXPORTS = """
python.ops.init_ops: Initializer Zeros Ones Constant RandomUniform RandomNormal TruncatedNormal Orthogonal Identity
initializers: zeros=Zeros ones=Ones constant=Constant random_uniform=RandomUniform random_normal=RandomNormal
initializers: truncated_normal=TruncatedNormal
initializers: orthogonal=Orthogonal identity=Identity
tf: zeros_initializer=Zeros ones_initializer=Ones constant_initializer=Constant
tf: random_uniform_initializer=RandomUniform random_normal_initializer=RandomNormal
tf: truncated_normal_initializer=TruncatedNormal
tf: orthogonal_initializer=Orthogonal
"""


class Initializer:
    """Called as ``initializer(shape, dtype=None)``; gives a tensor."""

    dtype: DType

    def __call__(self, shape: Any, dtype: Any = None, partition_info: Any = None) -> Any:
        kind = self.dtype if dtype is None else as_dtype(dtype)
        if partition_info is not None:
            return self.make_part(_sizes(shape), kind, partition_info)
        return self.make(_sizes(shape), kind)

    def make_part(self, shape: list[int], dtype: DType, info: Any) -> Any:
        """The part of a larger value that ``info``, a PartitionInfo, says."""
        return self.make(shape, dtype)

    def make(self, shape: list[int], dtype: DType) -> Any:
        raise NotImplementedError

    def get_config(self) -> dict[str, Any]:
        """The arguments that make it again."""
        return {k: v.name if isinstance(v, DType) else v for k, v in vars(self).items() if not k.startswith("_")}

    def __repr__(self) -> str:
        name = "".join(f"_{c.lower()}" if c.isupper() else c for c in type(self).__name__).lstrip("_")
        return f"{name}_initializer()"

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> Initializer:
        return cls(**config)


def _sizes(shape: Any) -> list[int]:
    if isinstance(shape, TensorShape):
        return shape.as_list()  # type: ignore[return-value]
    return shape if hasattr(shape, "op") else list(shape)


def floating(dtype: Any) -> DType:
    found = as_dtype(dtype)
    if not found.is_floating:
        raise InvalidValue(f"this initializer makes floats; its dtype cannot be {found.name}")
    return found


class Zeros(Initializer):
    """Zeros of any dtype."""

    def __init__(self, dtype: Any = float32) -> None:
        self.dtype = as_dtype(dtype)

    def make(self, shape: list[int], dtype: DType) -> Any:
        from . import zeros

        return zeros(shape, dtype)


class Ones(Initializer):
    """Ones of any dtype."""

    def __init__(self, dtype: Any = float32) -> None:
        self.dtype = as_dtype(dtype)

    def make(self, shape: list[int], dtype: DType) -> Any:
        from . import ones

        return ones(shape, dtype)


class Constant(Initializer):
    """A number, list or array; one with fewer values than the shape repeats its last."""

    def __init__(self, value: Any = 0, dtype: Any = float32, verify_shape: bool = False) -> None:
        if not (np.isscalar(value) or isinstance(value, (list, tuple, np.ndarray))):
            raise InvalidType(f"the value of a constant initializer is a number, list or array, not {said(value)}")
        self.value = value
        self.dtype = as_dtype(dtype)
        self._verify = verify_shape

    def __call__(self, shape: Any, dtype: Any = None, partition_info: Any = None,
                 verify_shape: bool | None = None) -> Any:
        verify = self._verify if verify_shape is None else verify_shape
        return constant(self.value, self.dtype if dtype is None else as_dtype(dtype), _sizes(shape),
                        verify_shape=verify)


class RandomUniform(Initializer):
    """Numbers from ``minval`` up to, without, ``maxval`` (1 for floats)."""

    def __init__(self, minval: Any = 0.0, maxval: Any = None, seed: int | None = None, dtype: Any = float32) -> None:
        self.minval, self.maxval, self.seed = minval, maxval, seed
        self.dtype = as_dtype(dtype)

    def make(self, shape: list[int], dtype: DType) -> Any:
        from .random_values import random_uniform

        return random_uniform(shape, self.minval, self.maxval, dtype, seed=self.seed)


class RandomNormal(Initializer):
    """Normal numbers of a mean and a standard deviation."""

    def __init__(self, mean: Any = 0.0, stddev: Any = 1.0, seed: int | None = None, dtype: Any = float32) -> None:
        self.mean, self.stddev, self.seed = mean, stddev, seed
        self.dtype = floating(dtype)

    def make(self, shape: list[int], dtype: DType) -> Any:
        from .random_values import random_normal

        return random_normal(shape, self.mean, self.stddev, dtype, seed=self.seed)


class TruncatedNormal(Initializer):
    """Normal numbers, those beyond two standard deviations drawn again."""

    def __init__(self, mean: Any = 0.0, stddev: Any = 1.0, seed: int | None = None, dtype: Any = float32) -> None:
        self.mean, self.stddev, self.seed = mean, stddev, seed
        self.dtype = floating(dtype)

    def make(self, shape: list[int], dtype: DType) -> Any:
        from .random_values import truncated_normal

        return truncated_normal(shape, self.mean, self.stddev, dtype, seed=self.seed)


class Orthogonal(Initializer):
    """A matrix of orthogonal rows or columns, from the QR decomposition of normal numbers."""

    def __init__(self, gain: float = 1.0, seed: int | None = None, dtype: Any = float32) -> None:
        self.gain, self.seed = gain, seed
        self.dtype = floating(dtype)

    def make(self, shape: list[int], dtype: DType) -> Any:
        from . import matrix_transpose, reshape, sign
        from .random_values import random_normal

        if len(shape) < 2:
            raise InvalidValue(f"an orthogonal matrix has at least rank 2, not the shape {shape}")
        rows, columns = math.prod(shape[:-1]), shape[-1]
        flat = (columns, rows) if rows < columns else (rows, columns)
        a = random_normal(flat, dtype=dtype, seed=self.seed)
        q, r = apply_op("Qr", None, [a], {"full_matrices": False})
        q *= sign(apply_op("DiagPart", None, [r]))
        if rows < columns:
            q = matrix_transpose(q)
        return self.gain * reshape(q, shape)


class Identity(Initializer):
    """``gain`` on the diagonal of a matrix."""

    def __init__(self, gain: float = 1.0, dtype: Any = float32) -> None:
        self.gain = gain
        self.dtype = floating(dtype)

    def make(self, shape: list[int], dtype: DType) -> Any:
        return self.gain * self._eye(shape, dtype)

    @staticmethod
    def _eye(shape: list[int], dtype: DType) -> Any:
        from . import eye

        if len(shape) != 2:
            raise InvalidValue(f"an identity matrix has rank 2, not the shape {shape}")
        return eye(*shape, dtype=dtype)

    def make_part(self, shape: list[int], dtype: DType, info: Any) -> Any:
        from . import slice

        return self.gain * slice(self._eye(info.full_shape, dtype), info.var_offset, shape)
