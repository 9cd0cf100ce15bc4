"""Initializers whose scale follows from the sizes of what they make."""
from __future__ import annotations

import math
from typing import Any

from ..errors import InvalidValue, said
from ..graph.types import DType, float32
from .initializers import Initializer, floating

EXPORTS = """
python.ops.init_ops: UniformUnitScaling VarianceScaling GlorotUniform GlorotNormal
initializers: uniform_unit_scaling=UniformUnitScaling
initializers: variance_scaling=VarianceScaling
initializers: glorot_uniform=GlorotUniform glorot_normal=GlorotNormal he_normal he_uniform lecun_normal lecun_uniform
tf: uniform_unit_scaling_initializer=UniformUnitScaling
tf: variance_scaling_initializer=VarianceScaling
tf: glorot_uniform_initializer=GlorotUniform glorot_normal_initializer=GlorotNormal
"""


class UniformUnitScaling(Initializer):
    """Uniform numbers whose scale keeps that of the input (``sqrt(3 / inputs) * factor``)."""

    def __init__(self, factor: float = 1.0, seed: int | None = None, dtype: Any = float32) -> None:
        self.factor, self.seed = factor, seed
        self.dtype = floating(dtype)

    def make(self, shape: list[int], dtype: DType, whole: list[int] | None = None) -> Any:
        from .random_values import random_uniform

        inputs = 1.0
        for size in (whole or shape)[:-1]:
            inputs *= float(size)
        limit = math.sqrt(3 / max(inputs, 1.0)) * self.factor
        return random_uniform(shape, -limit, limit, dtype, seed=self.seed)

    def make_part(self, shape: list[int], dtype: DType, info: Any) -> Any:
        return self.make(shape, dtype, info.full_shape)


class VarianceScaling(Initializer):
    """Numbers whose variance is ``scale`` over the inputs, the outputs or their mean.

    mode: fan_in, fan_out or fan_avg. distribution: truncated_normal (also called normal),
    untruncated_normal or uniform.
    """

    def __init__(self, scale: float = 1.0, mode: str = "fan_in", distribution: str = "truncated_normal",
                 seed: int | None = None, dtype: Any = float32) -> None:
        if scale <= 0.0:
            raise InvalidValue(f"the scale of an initializer must be above 0, not {scale}")
        if mode not in ("fan_in", "fan_out", "fan_avg"):
            raise InvalidValue(f"mode is fan_in, fan_out or fan_avg, not {said(mode)}")
        distribution = distribution.lower()
        if distribution not in ("normal", "uniform", "truncated_normal", "untruncated_normal"):
            raise InvalidValue("distribution is truncated_normal, untruncated_normal, normal or uniform, "
                               f"not {said(distribution)}")
        self.scale, self.mode, self.distribution, self.seed = scale, mode, distribution, seed
        self.dtype = floating(dtype)

    def make(self, shape: list[int], dtype: DType, whole: list[int] | None = None) -> Any:
        from .random_values import random_normal, random_uniform, truncated_normal

        fan_in, fan_out = _fans(whole or shape)
        fan = {"fan_in": fan_in, "fan_out": fan_out, "fan_avg": (fan_in + fan_out) / 2.0}[self.mode]
        scale = self.scale / max(1.0, fan)
        if self.distribution in ("normal", "truncated_normal"):
            # the deviation of a normal that is cut at two deviations
            stddev = math.sqrt(scale) / 0.87962566103423978
            return truncated_normal(shape, 0.0, stddev, dtype, seed=self.seed)
        if self.distribution == "untruncated_normal":
            return random_normal(shape, 0.0, math.sqrt(scale), dtype, seed=self.seed)
        limit = math.sqrt(3.0 * scale)
        return random_uniform(shape, -limit, limit, dtype, seed=self.seed)

    def make_part(self, shape: list[int], dtype: DType, info: Any) -> Any:
        return self.make(shape, dtype, info.full_shape)


def _fans(shape: list[int]) -> tuple[int, int]:
    """How many inputs and outputs a weight of this shape has."""
    if len(shape) < 1:
        return 1, 1
    if len(shape) == 1:
        return shape[0], shape[0]
    field = math.prod(shape[:-2])
    return shape[-2] * field, shape[-1] * field


class GlorotUniform(VarianceScaling):
    """Uniform numbers of variance 2 / (inputs + outputs)."""

    def __init__(self, seed: int | None = None, dtype: Any = float32) -> None:
        super().__init__(1.0, "fan_avg", "uniform", seed)

    def get_config(self) -> dict[str, Any]:
        return {"seed": self.seed, "dtype": self.dtype.name}


class GlorotNormal(VarianceScaling):
    """Truncated normal numbers of variance 2 / (inputs + outputs)."""

    def __init__(self, seed: int | None = None, dtype: Any = float32) -> None:
        super().__init__(1.0, "fan_avg", "truncated_normal", seed)

    def get_config(self) -> dict[str, Any]:
        return {"seed": self.seed, "dtype": self.dtype.name}


def lecun_normal(seed: int | None = None) -> VarianceScaling:
    """Truncated normal numbers of variance 1 / inputs."""
    return VarianceScaling(1.0, "fan_in", "truncated_normal", seed)


def lecun_uniform(seed: int | None = None) -> VarianceScaling:
    """Uniform numbers of variance 1 / inputs."""
    return VarianceScaling(1.0, "fan_in", "uniform", seed)


def he_normal(seed: int | None = None) -> VarianceScaling:
    """Truncated normal numbers of variance 2 / inputs."""
    return VarianceScaling(2.0, "fan_in", "truncated_normal", seed)


def he_uniform(seed: int | None = None) -> VarianceScaling:
    """Uniform numbers of variance 2 / inputs."""
    return VarianceScaling(2.0, "fan_in", "uniform", seed)
