"""Normal distributions of vectors (tf.contrib.distributions.MultivariateNormalDiag and its like).

Samples, densities and moments are those of TensorFlow's, which makes them of a standard normal distribution and an
affine map; the nodes that compute them are fewer here.
"""
from __future__ import annotations

import math
from typing import Any

from ..errors import InvalidType, InvalidValue
from ..graph.shapes import TensorShape
from .conversion import convert_to_tensor
from .distributions import FULLY_REPARAMETERIZED, Distribution
from .distributions_kl import RegisterKL
from .framework import control_dependencies, name_scope
from .modules import modules
from .operators_linear import LinearOperator
from .operators_linear_identity import LinearOperatorIdentity, LinearOperatorScaledIdentity
from .operators_linear_matrices import LinearOperatorDiag, LinearOperatorLowerTriangular

EXPORTS = """
contrib.distributions: MultivariateNormalLinearOperator MultivariateNormalDiag MultivariateNormalDiagWithSoftplusScale
contrib.distributions: MultivariateNormalTriL MultivariateNormalFullCovariance
"""

_tf = modules["tf"]
_DIAGONAL = (LinearOperatorIdentity, LinearOperatorScaledIdentity, LinearOperatorDiag)


def _given(value: Any, name: str) -> Any:
    return None if value is None else convert_to_tensor(value, name=name)


class MultivariateNormalLinearOperator(Distribution):
    """``scale @ z + loc`` of standard normal numbers z (tf.contrib.distributions.MultivariateNormalLinearOperator).

    loc: [..., n], zeros if None. scale: a LinearOperator [..., n, n]. Raises InvalidValue without a scale and where the
    sizes do not meet, InvalidType for a scale that is not of real numbers.
    """

    def __init__(self, loc: Any = None, scale: Any = None, validate_args: bool = False, allow_nan_stats: bool = True,
                 name: str = "MultivariateNormalLinearOperator", parameters: dict[str, Any] | None = None) -> None:
        given = dict(locals()) if parameters is None else parameters
        given.pop("parameters", None)
        if scale is None:
            raise InvalidValue("a normal distribution of vectors needs a scale")
        if not isinstance(scale, LinearOperator) or not scale.dtype.is_floating:
            raise InvalidType("the scale of a normal distribution is a LinearOperator of real numbers")
        with name_scope(name) as scope:
            self.loc, self.scale = _given(loc, "loc"), scale
            if self.loc is not None and self.loc.dtype.base_dtype != scale.dtype:
                raise InvalidType(f"loc is of {self.loc.dtype.name}, the scale of {scale.dtype.name}")
            self._sizes()
        super().__init__(scale.dtype, FULLY_REPARAMETERIZED, validate_args, allow_nan_stats, given,
                         [*scale.graph_parents, *([] if self.loc is None else [self.loc])], scope)

    def _sizes(self) -> None:
        if self.loc is None or self.loc.shape.ndims is None:
            return
        if self.loc.shape.ndims < 1:
            raise InvalidValue("loc has at least one axis, not the shape ()")
        one, other = self.loc.shape[-1].value, self.scale.range_dimension.value
        if one not in (None, 1) and other is not None and one != other:
            raise InvalidValue(f"loc has {one} numbers, the scale {other}")

    def _batch_shape(self) -> TensorShape:
        batch = self.scale.batch_shape
        return batch if self.loc is None else _tf.broadcast_static_shape(batch, self.loc.shape[:-1])

    def _batch_shape_tensor(self) -> Any:
        batch = self.scale.batch_shape_tensor()
        return batch if self.loc is None else _tf.broadcast_dynamic_shape(batch, _tf.shape(self.loc)[:-1])

    def _event_shape(self) -> TensorShape:
        return TensorShape([self.scale.range_dimension])

    def _event_shape_tensor(self) -> Any:
        return self.scale.range_dimension_tensor()[_tf.newaxis]

    def _whole_shape(self, lead: Any = None) -> Any:
        parts = [self.batch_shape_tensor(), self.event_shape_tensor()]
        return _tf.concat(parts if lead is None else [[lead], *parts], 0)

    def _checked(self, x: Any) -> Any:
        """``x``, once the run has seen that the scale is not singular, where arguments are checked."""
        if not self.validate_args:
            return x
        with control_dependencies([self.scale.assert_non_singular()]):
            return _tf.identity(x)

    def _sample_n(self, n: Any, seed: Any = None) -> Any:
        shape = self._whole_shape(n)
        flat = _tf.random_normal([_tf.reduce_prod(shape)], dtype=self.dtype, seed=seed)
        drawn = self.scale.matvec(self._checked(_tf.reshape(flat, shape)))
        return drawn if self.loc is None else drawn + self.loc

    def _log_prob(self, x: Any) -> Any:
        x = x if self.loc is None else x - self.loc
        rank = self.scale.tensor_rank
        if rank is not None and x.shape.ndims is not None and x.shape.ndims < rank - 1:
            raise InvalidValue(f"a value has an axis for each of the batch of the scale, and not the shape {x.shape}")
        z = self.scale.solvevec(self._checked(x))
        density = -0.5 * _tf.square(z) - 0.5 * math.log(2.0 * math.pi)
        return _tf.reduce_sum(density, axis=-1) - self.scale.log_abs_determinant()

    def _entropy(self) -> Any:
        size = _tf.cast(self.scale.range_dimension_tensor(), self.dtype)
        one = 0.5 * math.log(2.0 * math.pi * math.e) * size + self.scale.log_abs_determinant()
        return one + _tf.zeros(self.batch_shape_tensor(), dtype=self.dtype)

    def _mean(self) -> Any:
        shape = self.batch_shape.concatenate(self.event_shape)
        known = shape.is_fully_defined()
        if self.loc is not None and known and shape == self.loc.shape:
            return _tf.identity(self.loc)
        zeros = _tf.zeros(shape if known else self._whole_shape(), self.dtype)
        return zeros if self.loc is None else _tf.identity(self.loc) + zeros

    def _mode(self) -> Any:
        return self._mean()

    def _covariance(self) -> Any:
        if isinstance(self.scale, _DIAGONAL):
            return _tf.matrix_diag(_tf.square(self.scale.diag_part()))
        return self.scale.matmul(self.scale.to_dense(), adjoint_arg=True)

    def _variance(self) -> Any:
        if isinstance(self.scale, _DIAGONAL):
            return _tf.square(self.scale.diag_part())
        return _tf.matrix_diag_part(self._covariance())

    def _stddev(self) -> Any:
        if isinstance(self.scale, _DIAGONAL):
            return _tf.abs(self.scale.diag_part())
        return _tf.sqrt(self._variance())


@RegisterKL(MultivariateNormalLinearOperator, MultivariateNormalLinearOperator)
def _divergence(a: Any, b: Any, name: str | None = None) -> Any:
    def squares(x: Any) -> Any:
        return _tf.reduce_sum(_tf.square(x), axis=[-2, -1])

    with name_scope(name, "kl_mvn"):
        if isinstance(a.scale, _DIAGONAL) and isinstance(b.scale, _DIAGONAL):
            between = (a.stddev() / b.stddev())[..., _tf.newaxis]
        else:
            between = b.scale.solve(a.scale.to_dense())
        size = _tf.cast(a.scale.domain_dimension_tensor(), a.dtype)
        apart = squares(b.scale.solve((b.mean() - a.mean())[..., _tf.newaxis]))
        found = (b.scale.log_abs_determinant() - a.scale.log_abs_determinant()
                 + 0.5 * (-size + squares(between) + apart))
        found.set_shape(_tf.broadcast_static_shape(a.batch_shape, b.batch_shape))
        return found


class MultivariateNormalDiag(MultivariateNormalLinearOperator):
    """Normal numbers that do not depend on one another (tf.contrib.distributions.MultivariateNormalDiag).

    scale_diag: their deviations [..., n]; scale_identity_multiplier: one for all [...], added to these. Raises
    InvalidValue where the size of the vectors is not known by loc or scale_diag.
    """

    def __init__(self, loc: Any = None, scale_diag: Any = None, scale_identity_multiplier: Any = None,
                 validate_args: bool = False, allow_nan_stats: bool = True,
                 name: str = "MultivariateNormalDiag", parameters: dict[str, Any] | None = None) -> None:
        given = dict(locals()) if parameters is None else parameters
        for own in ("parameters", "__class__", "self"):
            given.pop(own, None)
        with name_scope(name) as scope, name_scope("init"), name_scope("make_diag_scale"):
            known, diag = _given(loc, "loc"), _given(scale_diag, "scale_diag")
            times = _given(scale_identity_multiplier, "scale_identity_multiplier")
            scale: Any
            if diag is not None:
                scale = LinearOperatorDiag(diag if times is None else diag + times[..., _tf.newaxis],
                                           is_non_singular=True, is_self_adjoint=True, is_positive_definite=False)
            elif known is None:
                raise InvalidValue("the size of the vectors is not known", hint="loc or scale_diag says it")
            elif times is None:
                scale = LinearOperatorIdentity(known.shape[-1].value, dtype=known.dtype.base_dtype)
            else:
                scale = LinearOperatorScaledIdentity(known.shape[-1].value, times, is_non_singular=True,
                                                     is_self_adjoint=True, is_positive_definite=False)
        super().__init__(loc, scale, validate_args, allow_nan_stats, scope, given)


class MultivariateNormalDiagWithSoftplusScale(MultivariateNormalDiag):
    """MultivariateNormalDiag with deviations ``softplus(scale_diag)``."""

    def __init__(self, loc: Any, scale_diag: Any, validate_args: bool = False, allow_nan_stats: bool = True,
                 name: str = "MultivariateNormalDiagWithSoftplusScale") -> None:
        given = {"loc": loc, "scale_diag": scale_diag, "validate_args": validate_args,
                 "allow_nan_stats": allow_nan_stats, "name": name}
        with name_scope(name) as scope:
            scale_diag = _tf.nn.softplus(scale_diag)
        super().__init__(loc, scale_diag, None, validate_args, allow_nan_stats, scope, given)


class MultivariateNormalTriL(MultivariateNormalLinearOperator):
    """Normal vectors ``scale_tril @ z + loc`` (tf.contrib.distributions.MultivariateNormalTriL).

    scale_tril: [..., n, n], of which what is above the diagonal does not count; the identity if None. Raises
    InvalidValue without loc and scale_tril.
    """

    def __init__(self, loc: Any = None, scale_tril: Any = None, validate_args: bool = False,
                 allow_nan_stats: bool = True, name: str = "MultivariateNormalTriL",
                 parameters: dict[str, Any] | None = None) -> None:
        given = dict(locals()) if parameters is None else parameters
        for own in ("parameters", "__class__", "self"):
            given.pop(own, None)
        if loc is None and scale_tril is None:
            raise InvalidValue("a normal distribution of vectors needs loc or scale_tril")
        with name_scope(name) as scope, name_scope("init"):
            loc, lower = _given(loc, "loc"), _given(scale_tril, "scale_tril")
            scale: Any
            if lower is None:
                size = loc.shape[-1].value
                scale = LinearOperatorIdentity(_tf.shape(loc)[-1] if size is None else size, dtype=loc.dtype,
                                               assert_proper_shapes=validate_args)
            else:
                scale = LinearOperatorLowerTriangular(lower, is_non_singular=True, is_self_adjoint=False,
                                                      is_positive_definite=False)
        super().__init__(loc, scale, validate_args, allow_nan_stats, scope, given)


class MultivariateNormalFullCovariance(MultivariateNormalTriL):
    """Normal vectors of a covariance matrix [..., n, n] (tf.contrib.distributions.MultivariateNormalFullCovariance).

    validate_args: the run sees that the matrix is symmetric.
    """

    def __init__(self, loc: Any = None, covariance_matrix: Any = None, validate_args: bool = False,
                 allow_nan_stats: bool = True, name: str = "MultivariateNormalFullCovariance") -> None:
        given = {"loc": loc, "covariance_matrix": covariance_matrix, "validate_args": validate_args,
                 "allow_nan_stats": allow_nan_stats, "name": name}
        with name_scope(name) as scope, name_scope("init"):
            loc, matrix = _given(loc, "loc"), _given(covariance_matrix, "covariance_matrix")
            lower = None
            if matrix is not None:
                if validate_args:
                    with control_dependencies([_tf.assert_near(matrix, _tf.matrix_transpose(matrix), message=(
                            "Matrix was not symmetric"))]):
                        matrix = _tf.identity(matrix)
                lower = _tf.cholesky(matrix)
        super().__init__(loc, lower, validate_args, allow_nan_stats, scope, given)
