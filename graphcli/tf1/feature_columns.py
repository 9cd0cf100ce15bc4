"""What feature columns have in common, and those of numbers (tf.feature_column.numeric_column, bucketized_column).

A column says how a feature, or several, becomes a dense tensor or the ids of a sparse one. ``Transformed`` makes each
feature's tensors once, however many columns read it. Columns are tuples: those with equal fields are one.
"""
from __future__ import annotations

from collections import namedtuple
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from ..errors import InvalidType, InvalidValue, said
from ..graph.shapes import TensorShape
from ..graph.types import as_dtype, float32, int64, string
from . import nesting as nest
from .framework import apply_op, control_dependencies, name_scope
from .modules import modules
from .parsing import FixedLenFeature
from .sparse_forms import sparse_reshape
from .sparse_tensor import SparseTensor, convert_to_tensor_or_sparse_tensor, is_sparse

EXPORTS = """
feature_column: numeric_column bucketized_column
"""

tf = modules["tf"]


class IdsAndWeights(NamedTuple):
    """The ids of a row's features, and what each counts for; None: all count the same."""

    id_tensor: SparseTensor
    weight_tensor: SparseTensor | None


class FeatureColumn:
    """A column: ``name``, ``parse_example_spec`` and ``transform``, what is made of its features once."""

    name: str
    parse_example_spec: dict[str, Any]

    @property
    def scope_name(self) -> str:
        return self.name

    def transform(self, features: Transformed) -> Any:
        raise NotImplementedError

    def __lt__(self, other: Any) -> bool:
        return str(self) < str(other)

    def __gt__(self, other: Any) -> bool:
        return str(self) > str(other)


class DenseColumn(FeatureColumn):
    """A column of numbers, [batch, ...variable_shape]."""

    variable_shape: TensorShape

    def dense(self, features: Transformed, collections: Any, trainable: bool) -> Any:
        """The tensor; variables that it needs go into ``collections``."""
        raise NotImplementedError


class CategoricalColumn(FeatureColumn):
    """A column of ids below ``num_buckets``."""

    num_buckets: int

    def ids(self, features: Transformed) -> IdsAndWeights:
        """The ids of each row."""
        return IdsAndWeights(features[self], None)


class Transformed:
    """The features, and what columns have made of them so far; ``transformed[column]`` is made where it is missing."""

    def __init__(self, features: Mapping[str, Any]) -> None:
        self._features = dict(features)
        self._made: dict[Any, Any] = {}

    def __getitem__(self, key: Any) -> Any:
        if key not in self._made:
            self._made[key] = self._raw(key) if key in self._features else self._of_column(key)
        return self._made[key]

    def get(self, key: Any) -> Any:
        """The same, under the name that a program's own columns call."""
        return self[key]

    def _of_column(self, key: Any) -> Any:
        if isinstance(key, str):
            raise InvalidValue(f"Feature {key} is not in features dictionary.", hint=f"it has {sorted(self._features)}")
        if not isinstance(key, FeatureColumn):
            raise InvalidType(f"a feature's name or a column is wanted, not {said(key)}")
        return key.transform(self)

    def _raw(self, key: str) -> Any:
        """The feature with a second axis: of a vector each number is a row."""
        feature = convert_to_tensor_or_sparse_tensor(self._features[key])

        def expanded() -> Any:
            if is_sparse(feature):
                return sparse_reshape(feature, [tf.shape(feature)[0], 1])
            return tf.expand_dims(feature, -1)

        rank = feature.get_shape().ndims
        none = f"Feature (key: {key}) cannot have rank 0. Given: {feature}"
        if rank == 0:
            raise InvalidValue(none)
        if rank is not None:
            return expanded() if rank == 1 else feature
        with control_dependencies([tf.assert_positive(tf.rank(feature), message=none)]):
            return tf.cond(tf.equal(1, tf.rank(feature)), expanded, lambda: feature)


def key_of(key: Any) -> str:
    """The name of a feature. Raises InvalidValue where it is no string."""
    if not isinstance(key, str):
        raise InvalidValue(f"key must be a string. Got: type {type(key)}. Given key: {key}.")
    return key


def words_or_numbers(dtype: Any, what: str) -> Any:
    """The dtype of what can be an id. Raises InvalidValue for another than strings and whole numbers."""
    kind = as_dtype(dtype)
    if kind.base_dtype != string and not kind.is_integer:
        raise InvalidValue(f"{what} dtype must be string or integer. dtype: {kind!r}.")
    return kind


def sparse_without(tensor: Any, ignored: Any = None) -> SparseTensor:
    """A dense tensor as a sparse one without '', -1 or what else is ignored; a sparse one as it is."""
    tensor = convert_to_tensor_or_sparse_tensor(tensor)
    if is_sparse(tensor):
        return tensor  # type: ignore[no-any-return]
    with name_scope(None, "to_sparse_input", [tensor]):
        if ignored is None:
            kind = tensor.dtype.base_dtype
            ignored = "" if kind == string else -1 if kind.is_integer else kind.as_numpy_dtype()
        ignored = tf.cast(ignored, tensor.dtype, name="ignore_value")
        indices = tf.where_v2(tf.not_equal(tensor, ignored), name="indices")
        return SparseTensor(indices, tf.gather_nd(tensor, indices, name="values"),
                            tf.shape(tensor, out_type=int64, name="dense_shape"))


class NumericColumn(DenseColumn, namedtuple("NumericColumn", "key shape default_value dtype normalizer_fn")):
    """Numbers as they are, or as a function makes them."""

    @property
    def name(self) -> str:  # type: ignore[override]
        return self.key  # type: ignore[no-any-return]

    @property
    def parse_example_spec(self) -> dict[str, Any]:  # type: ignore[override]
        return {self.key: FixedLenFeature(self.shape, self.dtype, self.default_value)}

    @property
    def variable_shape(self) -> TensorShape:  # type: ignore[override]
        return TensorShape(self.shape)

    def transform(self, features: Transformed) -> Any:
        tensor = features[self.key]
        if is_sparse(tensor):
            raise InvalidValue("The corresponding Tensor of numerical column must be a Tensor. SparseTensor is not "
                               f"supported. key: {self.key}")
        return tf.cast(tensor if self.normalizer_fn is None else self.normalizer_fn(tensor), float32)

    def dense(self, features: Transformed, collections: Any, trainable: bool) -> Any:
        return features[self]


def numeric_column(key: str, shape: Any = (1,), default_value: Any = None, dtype: Any = float32,
                   normalizer_fn: Callable[[Any], Any] | None = None) -> NumericColumn:
    """Numbers of a feature [batch, ...shape] as float32 (tf.feature_column.numeric_column).

    default_value: of an Example that lacks it. normalizer_fn: of the tensor. Raises InvalidValue, InvalidType.
    """
    sizes = tuple(shape) if nest.is_nested(shape) or isinstance(shape, TensorShape) else (shape,)
    for size in sizes:
        if not isinstance(size, int):
            raise InvalidType(f"shape dimensions must be integer. shape: {sizes}, key: {key}")
        if size < 1:
            raise InvalidValue(f"shape dimensions must be greater than 0. shape: {sizes}, key: {key}")
    kind = as_dtype(dtype)
    if not kind.is_integer and not kind.is_floating:
        raise InvalidValue(f"dtype must be convertible to float. dtype: {kind!r}, key: {key}")
    default = _default(sizes, default_value, kind, key)
    if normalizer_fn is not None and not callable(normalizer_fn):
        raise InvalidType(f"normalizer_fn must be a callable. Given: {normalizer_fn}")
    return NumericColumn(key_of(key), sizes, default, kind, normalizer_fn)


def _default(shape: tuple[int, ...], value: Any, dtype: Any, key: str) -> Any:
    """A default value in the column's shape, as tuples."""
    def repeated(sizes: tuple[int, ...]) -> Any:
        return tuple(repeated(sizes[1:]) for _ in range(sizes[0])) if sizes else value

    def fits(part: Any, sizes: tuple[int, ...]) -> bool:
        if not sizes or not nest.is_nested(part):
            return not sizes and not nest.is_nested(part)
        return len(part) == sizes[0] and all(fits(p, sizes[1:]) for p in part)

    def tuples(part: Any) -> Any:
        return tuple(map(tuples, part)) if nest.is_nested(part) else part

    if value is None:
        return None
    if isinstance(value, int) or isinstance(value, float) and dtype.is_floating:
        return repeated(shape)
    value = value.tolist() if hasattr(value, "tolist") else value
    if nest.is_nested(value):
        if not fits(value, shape):
            raise InvalidValue("The shape of default_value must be equal to given shape. "
                               f"default_value: {value}, shape: {shape}, key: {key}")
        leaves = nest.flatten(value)
        if all(isinstance(v, int) for v in leaves) or dtype.is_floating and any(isinstance(v, float) for v in leaves):
            return tuples(value)
    raise InvalidType(f"default_value must be compatible with dtype. default_value: {value}, dtype: {dtype!r}, "
                      f"key: {key}")


class BucketizedColumn(DenseColumn, CategoricalColumn, namedtuple("BucketizedColumn", "source_column boundaries")):
    """Between which boundaries a number lies, as one of several or as an id."""

    @property
    def name(self) -> str:  # type: ignore[override]
        return f"{self.source_column.name}_bucketized"

    @property
    def parse_example_spec(self) -> dict[str, Any]:  # type: ignore[override]
        return self.source_column.parse_example_spec  # type: ignore[no-any-return]

    @property
    def variable_shape(self) -> TensorShape:  # type: ignore[override]
        return TensorShape([*self.source_column.shape, len(self.boundaries) + 1])

    @property
    def num_buckets(self) -> int:  # type: ignore[override]
        return (len(self.boundaries) + 1) * self.source_column.shape[0]  # type: ignore[no-any-return]

    def transform(self, features: Transformed) -> Any:
        return apply_op("Bucketize", None, [features[self.source_column]], {"boundaries": list(self.boundaries)})

    def dense(self, features: Transformed, collections: Any, trainable: bool) -> Any:
        return tf.one_hot(tf.cast(features[self], int64), len(self.boundaries) + 1, on_value=1.0, off_value=0.0)

    def ids(self, features: Transformed) -> IdsAndWeights:
        """A row's numbers one after another, the buckets of each beyond those of the one before."""
        buckets, width = features[self], self.source_column.shape[0]
        batch = tf.shape(buckets)[0]
        rows = tf.reshape(tf.tile(tf.expand_dims(tf.range(0, batch), 1), [1, width]), (-1,))
        places = tf.tile(tf.range(0, width), [batch])
        numbers = tf.reshape(buckets, (-1,)) + (len(self.boundaries) + 1) * places
        indices = tf.cast(tf.transpose(tf.stack((rows, places))), int64)
        shape = tf.cast(tf.stack([batch, width]), int64)
        return IdsAndWeights(SparseTensor(indices, numbers, shape), None)


def bucketized_column(source_column: Any, boundaries: Any) -> BucketizedColumn:
    """Between which boundaries the numbers of a column lie (tf.feature_column.bucketized_column).

    boundaries: numbers that grow; each belongs to the bucket above it. Raises InvalidValue for others, and unless the
    column is numeric and has one axis.
    """
    if not isinstance(source_column, NumericColumn):
        raise InvalidValue(f"source_column must be a column generated with numeric_column(). Given: {source_column}")
    if len(source_column.shape) > 1:
        raise InvalidValue(f"source_column must be one-dimensional column. Given: {source_column}")
    if not boundaries or not isinstance(boundaries, (list, tuple)) \
            or any(a >= b for a, b in zip(boundaries, boundaries[1:])):
        raise InvalidValue("boundaries must be a sorted list.")
    return BucketizedColumn(source_column, tuple(boundaries))
