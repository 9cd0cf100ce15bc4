"""Buckets of numbers, by boundaries that a session keeps (tf.estimator.BoostedTreesClassifier)."""
from __future__ import annotations

from functools import partial
from typing import Any

import numpy as np

from ..errors import InvalidArgument, NotFound
from ..graph.inference import scalar_shape
from ..graph.opdef import op, undefined_gradient
from ._listed import listed_op
from ._shared import shared

CPU_ONLY = True
_HANDLE = "quantile_stream_resource_handle: resource"


class Boundaries:
    """What the handle stands for in a session; of: a vector for each feature, None before it is created."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.of: list[Any] | None = None

    def there(self) -> list[Any]:
        """The boundaries. Raises NotFound before they are created."""
        if self.of is None:
            raise NotFound(f"Resource localhost/{self.name}/BoostedTreesQuantileStreamResource does not exist.")
        return self.of


_op = partial(listed_op, __name__, stateful=True)


def _handle(n: Any) -> Any:
    held = shared(n, "BoostedTreesQuantileStreamResource", lambda: Boundaries(n.attrs["shared_name"] or n.node.name))
    return lambda: held


def _create(n: Any) -> Any:
    def create(held: Boundaries, epsilon: Any, many: Any) -> None:
        if not 0 < epsilon < 1:
            raise InvalidArgument(f"epsilon must be between 0 and 1, not {epsilon}")
        if held.of is None:
            held.of = [np.zeros(0, np.float32)] * int(many)

    return create


def _read(n: Any) -> Any:
    def read(held: Boundaries, given: Any) -> None:
        if len(held.there()) != len(given):
            raise InvalidArgument(f"there are {len(held.there())} features, and boundaries of {len(given)}")
        held.of = [np.array(b, np.float32).reshape(-1) for b in given]

    return read


def _given(n: Any) -> Any:
    def given(held: Boundaries) -> Any:
        if len(held.there()) != n.attrs["num_features"]:
            raise InvalidArgument(f"there are {len(held.there())} features, not {n.attrs['num_features']}")
        return list(held.there())

    return given


_op("BoostedTreesQuantileStreamResourceHandleOp", "Boundaries of buckets.", " -> resource: resource", _handle,
    "container: string = ''; shared_name: string = ''", infer=scalar_shape)
_op("BoostedTreesCreateQuantileStreamResource", "Makes boundaries of no buckets, if there are none yet.",
    f"{_HANDLE}, epsilon: float32, num_streams: int64 -> ", _create, "max_elements: int = 1099511627776",
    takes=f"{_HANDLE.split(':')[0]}: []; epsilon: []; num_streams: []")
_op("IsBoostedTreesQuantileStreamResourceInitialized", "Whether boundaries are created.",
    f"{_HANDLE} -> is_initialized: bool", lambda n: lambda held: np.asarray(held.of is not None),
    takes=f"{_HANDLE.split(':')[0]}: []", infer=scalar_shape)
_op("BoostedTreesQuantileStreamResourceDeserialize", "Takes boundaries that were saved.",
    f"{_HANDLE}, bucket_boundaries: num_streams*float32 -> ", _read, "num_streams: int >= 1",
    takes=f"{_HANDLE.split(':')[0]}: []; bucket_boundaries: [] built")
_op("BoostedTreesQuantileStreamResourceGetBucketBoundaries", "The boundaries of each feature.",
    f"{_HANDLE} -> bucket_boundaries: num_features*float32", _given, "num_features: int >= 0",
    takes=f"{_HANDLE.split(':')[0]}: []", infer=lambda n, handle: [(None,)] * n.attrs["num_features"])


@op
class BoostedTreesBucketize:
    """The bucket of each number: how many boundaries are below it, the last bucket at most."""

    signature = ("float_values: num_features*float32, bucket_boundaries: num_features*float32 -> "
                 "buckets: num_features*int32")
    takes = "bucket_boundaries: >=1; bucket_boundaries: [?] run"
    attrs = "num_features: int >= 0"
    gradient = undefined_gradient

    def infer(n: Any, values: Any, boundaries: Any) -> Any:
        size: Any = (None,)
        for shape in values:
            size = n.merge(size, n.with_rank(shape, 1, "a feature"), "numbers of rows")
        return [n.with_rank(shape, 1, "a feature") for shape in values]

    def kernel(n: Any) -> Any:
        def buckets(values: Any, boundaries: Any) -> Any:
            return [_bucket(v, b.reshape(-1)) for v, b in zip(values, boundaries)]

        return buckets


def _bucket(values: Any, boundaries: Any) -> Any:
    if not len(boundaries):
        raise InvalidArgument("there are no boundaries of buckets")
    return np.minimum(np.searchsorted(boundaries, values, "left"), len(boundaries) - 1).astype(np.int32)
