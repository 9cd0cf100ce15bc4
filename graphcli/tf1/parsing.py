"""Examples, lines and bytes as tensors (tf.parse_example, tf.decode_csv, tf.decode_raw)."""
from __future__ import annotations

import re
from collections import namedtuple
from typing import Any

from ..errors import InvalidType, InvalidValue
from ..graph.shapes import TensorShape
from ..graph.types import DType, as_dtype, int64, string
from .conversion import constant, convert_to_tensor
from .framework import apply_op, name_scope
from .grouping import with_dependencies
from .modules import modules
from .old_names import renamed
from .sparse_math import sparse_merge
from .sparse_tensor import SparseTensor

EXPORTS = """
tf io: parse_example parse_single_example decode_csv decode_raw
tf io: FixedLenFeature VarLenFeature FixedLenSequenceFeature SparseFeature
"""

tf = modules["tf"]

FixedLenFeature = namedtuple("FixedLenFeature", ["shape", "dtype", "default_value"], defaults=[None])
FixedLenFeature.__doc__ = "A feature of one shape; without a default it must be there (tf.FixedLenFeature)."
VarLenFeature = namedtuple("VarLenFeature", ["dtype"])
VarLenFeature.__doc__ = "A feature of any number of values: a sparse tensor (tf.VarLenFeature)."
FixedLenSequenceFeature = namedtuple("FixedLenSequenceFeature", ["shape", "dtype", "allow_missing", "default_value"],
                                     defaults=[False, None])
FixedLenSequenceFeature.__doc__ = """A feature of any number of values of one shape, filled up with the default value
(tf.FixedLenSequenceFeature)."""
SparseFeature = namedtuple("SparseFeature", ["index_key", "value_key", "dtype", "size", "already_sorted"],
                           defaults=[False])
SparseFeature.__doc__ = "A sparse tensor from a feature of its indices and one of its values (tf.SparseFeature)."


class _Wanted:
    """What is asked of examples: sparse features by name with their dtypes, dense ones with defaults and shapes."""

    def __init__(self, features: dict[str, Any]) -> None:
        self.sparse: dict[str, DType] = {}
        self.dense: dict[str, tuple[DType, Any, TensorShape]] = {}
        if not features:
            raise InvalidValue("features has at least one feature", hint="{'a': tf.VarLenFeature(tf.int64)}")
        for key in sorted(features):
            feature = features[key]
            if isinstance(feature, VarLenFeature):
                self._sparse(key, feature.dtype)
            elif isinstance(feature, SparseFeature):
                for index_key in _list(feature.index_key):
                    self._sparse(index_key, int64)
                self._sparse(feature.value_key, feature.dtype)
            elif isinstance(feature, FixedLenFeature):
                shape = TensorShape(feature.shape)
                if feature.shape is None or not shape.is_fully_defined():
                    raise InvalidValue(f"the shape of the feature {key!r} must be known, not {feature.shape}",
                                       hint="tf.FixedLenSequenceFeature and tf.VarLenFeature have any number of values")
                self._dense(key, feature, shape)
            elif isinstance(feature, FixedLenSequenceFeature):
                if not feature.allow_missing:
                    raise InvalidValue(f"the feature {key!r} may be missing: a FixedLenSequenceFeature says "
                                       "allow_missing=True")
                self._dense(key, feature, TensorShape([None]).concatenate(feature.shape))
            else:
                raise InvalidValue(f"the feature {key!r} is {feature!r}, no FixedLenFeature, VarLenFeature, "
                                   "FixedLenSequenceFeature or SparseFeature")

    def _sparse(self, key: str, dtype: Any) -> None:
        if dtype is None:
            raise InvalidValue(f"the feature {key!r} has no dtype")
        if self.sparse.setdefault(key, as_dtype(dtype)) is not as_dtype(dtype):
            raise InvalidValue(f"the feature {key!r} is {self.sparse[key].name}, and {as_dtype(dtype).name} elsewhere")

    def _dense(self, key: str, feature: Any, shape: TensorShape) -> None:
        if feature.dtype is None:
            raise InvalidValue(f"the feature {key!r} has no dtype")
        self.dense[key] = as_dtype(feature.dtype), feature.default_value, shape

    def parsed(self, serialized: Any, names: Any, name: str | None) -> dict[str, Any]:
        """The tensors by the features' names."""
        with name_scope(name, "ParseExample", [serialized, names]):
            serialized = convert_to_tensor(serialized, string, name="serialized")
            defaults = [self._default(key, *self.dense[key]) for key in sorted(self.dense)]
            names = [] if names is None else names
            keys = sorted(self.sparse)
            made = apply_op(
                "ParseExampleV2", name,
                [serialized, names, keys, sorted(self.dense), [], defaults],
                {"num_sparse": len(keys), "sparse_types": [self.sparse[k] for k in keys], "ragged_value_types": [],
                 "ragged_split_types": [], "dense_shapes": [self.dense[k][2].tuple for k in sorted(self.dense)]})
            out: dict[str, Any] = {k: SparseTensor(*parts) for k, *parts in zip(keys, *made[:3])}
            out.update(zip(sorted(self.dense), made[3]))
        return out

    @staticmethod
    def _default(key: str, dtype: DType, default: Any, shape: TensorShape) -> Any:
        """What stands for a feature that is missing: nothing, or what sequences are filled up with."""
        varies = shape.rank and shape[0].value is None
        if default is None:
            empty: Any = "" if dtype is string else 0
            return constant(empty, dtype) if varies else constant([], dtype)
        plain = re.sub("[^A-Za-z0-9_.\\-/]", "_", key)
        default = convert_to_tensor(default, dtype, name=f"{'padding' if varies else 'key'}_{plain}")
        return tf.reshape(default, [] if varies else shape)


def _list(value: Any) -> list[Any]:
    return list(value) if isinstance(value, (list, tuple)) else [value]


def _with_sparse(features: dict[str, Any], found: dict[str, Any]) -> dict[str, Any]:
    """With the sparse tensors that are made of two features, and without those that are not asked for themselves."""
    made = {}
    for key in sorted(features):
        feature = features[key]
        if isinstance(feature, SparseFeature):
            ids = [found[k] for k in feature.index_key] if isinstance(feature.index_key, (list, tuple)) else \
                found[feature.index_key]
            made[key] = sparse_merge(ids, found[feature.value_key], feature.size,
                                     already_sorted=feature.already_sorted)
    return {**{k: v for k, v in found.items() if k in features and k not in made}, **made}


def parse_example(serialized: Any, features: Any, name: str | None = None, example_names: Any = None) -> Any:
    """The features of serialized tf.train.Example messages, [n], as tensors by name (tf.parse_example).

    features: by name, each a FixedLenFeature (a tensor [n, ...]), VarLenFeature (a sparse tensor),
    FixedLenSequenceFeature or SparseFeature. example_names: for messages. Raises InvalidValue.
    """
    wanted = _Wanted(features)
    return _with_sparse(features, wanted.parsed(serialized, example_names, name))


def parse_single_example(serialized: Any, features: Any, name: str | None = None, example_names: Any = None) -> Any:
    """The features of one serialized tf.train.Example as tensors by name (tf.parse_single_example).

    features: as of ``parse_example``; example_names: a name for messages. Raises InvalidValue.
    """
    wanted = _Wanted(features)
    with name_scope(name, "ParseSingleExample", [serialized, example_names]):
        serialized = _scalar(convert_to_tensor(serialized, string, name="serialized"), "serialized")
        if example_names is not None:
            example_names = _scalar(convert_to_tensor(example_names, string, name="name"), "name")
        return _with_sparse(features, wanted.parsed(serialized, example_names, name))


def _scalar(value: Any, name: str) -> Any:
    """A tensor that is to be of rank 0."""
    if value.static is None:
        check = tf.Assert(tf.equal(tf.rank(value), 0), [f"Input {name} must be a scalar"])
        value = with_dependencies([check], value, name=f"{name}_dependencies")
        value.set_shape([])
    if value.static != ():
        raise InvalidValue(f"{name} must be a scalar, not of shape {value.shape}",
                           hint="tf.parse_example takes several")
    return value


def decode_csv(records: Any, record_defaults: Any, field_delim: str = ",", use_quote_delim: bool = True,
               name: str | None = None, na_value: str = "", select_cols: Any = None) -> list[Any]:
    """The columns of comma-separated lines (tf.decode_csv).

    record_defaults: for each column what an empty field is, of the column's dtype; an empty tensor where there must be
    none. select_cols: which columns, in rising order. Raises InvalidValue.
    """
    if not isinstance(record_defaults, (list, tuple)) or not record_defaults:
        raise InvalidValue("record_defaults is a list with an element for each column")
    if select_cols is not None:
        chosen = list(select_cols)
        if any(a >= b for a, b in zip(chosen, chosen[1:])):
            raise InvalidValue(f"select_cols must rise, not {chosen}")
        if chosen and chosen[0] < 0:
            raise InvalidValue(f"select_cols are from 0 on, not {chosen[0]}")
        if len(chosen) != len(record_defaults):
            raise InvalidValue(f"there are {len(record_defaults)} record_defaults for {len(chosen)} columns")
    return list(apply_op("DecodeCSV", name, [records, list(record_defaults)],
                         {"field_delim": field_delim, "use_quote_delim": use_quote_delim, "na_value": na_value,
                          "select_cols": list(select_cols or ())}))


def decode_raw(input_bytes: Any = None, out_type: Any = None, little_endian: bool = True, name: str | None = None,
               bytes: Any = None) -> Any:
    """The numbers whose bytes strings are, all of one length: [..., numbers] (tf.decode_raw). Raises InvalidType."""
    given = renamed("input_bytes", input_bytes, "bytes", bytes)
    if out_type is None:
        raise InvalidType("decode_raw needs an out_type")
    return apply_op("DecodeRaw", name, [given], {"out_type": out_type, "little_endian": little_endian})
