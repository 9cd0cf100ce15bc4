"""What a distribution says of itself, in methods with a leading ``_``: nothing, until a subclass writes it."""
from __future__ import annotations

from typing import Any

from ..errors import NotSupported
from ..graph.shapes import TensorShape
from ..graph.types import int32
from .modules import modules

_tf = modules["tf"]


class Unwritten:
    """Each of them raises NotSupported, but for an event that is a scalar."""

    @staticmethod
    def _param_shapes(sample_shape: Any) -> dict[str, Any]:
        raise NotSupported("the shapes of its parameters are not known")

    def _missing(self, what: str) -> NotSupported:
        return NotSupported(f"{what} is not known of {type(self).__name__}")

    def _batch_shape(self) -> TensorShape:
        raise self._missing("batch_shape")

    def _batch_shape_tensor(self) -> Any:
        raise self._missing("batch_shape_tensor")

    def _event_shape(self) -> TensorShape:
        return TensorShape([])

    def _event_shape_tensor(self) -> Any:
        return _tf.constant([], dtype=int32)

    def _sample_n(self, n: Any, seed: Any = None) -> Any:
        raise self._missing("sample")

    def _log_prob(self, value: Any) -> Any:
        raise self._missing("log_prob")

    def _prob(self, value: Any) -> Any:
        raise self._missing("prob")

    def _log_cdf(self, value: Any) -> Any:
        raise self._missing("log_cdf")

    def _cdf(self, value: Any) -> Any:
        raise self._missing("cdf")

    def _log_survival_function(self, value: Any) -> Any:
        raise self._missing("log_survival_function")

    def _survival_function(self, value: Any) -> Any:
        raise self._missing("survival_function")

    def _entropy(self) -> Any:
        raise self._missing("entropy")

    def _mean(self) -> Any:
        raise self._missing("mean")

    def _mode(self) -> Any:
        raise self._missing("mode")

    def _variance(self) -> Any:
        raise self._missing("variance")

    def _stddev(self) -> Any:
        raise self._missing("stddev")

    def _covariance(self) -> Any:
        raise self._missing("covariance")
