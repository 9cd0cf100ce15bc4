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
tf io: parse_example parse_single_example parse_single_sequence_example decode_csv decode_raw
io: parse_sequence_example
tf io: decode_json_example
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


class Wanted:
    """What is asked of examples: sparse features by name with their dtypes, dense ones with defaults and shapes."""

    def __init__(self, features: dict[str, Any], kinds: tuple[Any, ...] = ()) -> None:
        self.sparse: dict[str, DType] = {}
        self.dense: dict[str, tuple[DType, Any, TensorShape]] = {}
        for key in sorted(features or {}):
            feature = features[key]
            if kinds and not isinstance(feature, kinds):
                raise InvalidValue(f"Unsupported {type(feature).__name__} {feature} for key {key!r}",
                                   hint=f"here are {' and '.join(kind.__name__ for kind in kinds)}")
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
            elif isinstance(feature, FixedLenSequenceFeature) and kinds:
                if feature.default_value is not None:
                    raise InvalidValue(f"the feature {key!r} of a sequence has no default value: it is filled up with "
                                       "zeros")
                self._dense(key, feature, TensorShape(feature.shape))
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
        if not self.sparse and not self.dense:
            raise InvalidValue("features has at least one feature", hint="{'a': tf.VarLenFeature(tf.int64)}")
        with name_scope(name, "ParseExample", [serialized, names]):
            serialized = convert_to_tensor(serialized, string, name="serialized")
            defaults = self.defaults()
            names = [] if names is None else names
            keys = sorted(self.sparse)
            made = apply_op(
                "ParseExampleV2", name,
                [serialized, names, keys, sorted(self.dense), [], defaults],
                {"num_sparse": len(keys), "sparse_types": [self.sparse[k] for k in keys], "ragged_value_types": [],
                 "ragged_split_types": [], "dense_shapes": [self.dense[k][2].tuple for k in sorted(self.dense)]})
            return self.named(made[:3], made[3])

    def defaults(self) -> list[Any]:
        return [self._default(key, *self.dense[key]) for key in sorted(self.dense)]

    def named(self, sparse: Any, dense: Any) -> dict[str, Any]:
        """By name, of what an op gave: (indices, values, shapes) of the sparse features, and the dense ones."""
        return {**{k: SparseTensor(*parts) for k, *parts in zip(sorted(self.sparse), *sparse)},
                **dict(zip(sorted(self.dense), dense))}

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


def with_sparse(features: dict[str, Any], found: dict[str, Any]) -> dict[str, Any]:
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
    wanted = Wanted(features)
    return with_sparse(features, wanted.parsed(serialized, example_names, name))


def parse_single_example(serialized: Any, features: Any, name: str | None = None, example_names: Any = None) -> Any:
    """The features of one serialized tf.train.Example as tensors by name (tf.parse_single_example).

    features: as of ``parse_example``; example_names: a name for messages. Raises InvalidValue.
    """
    wanted = Wanted(features)
    with name_scope(name, "ParseSingleExample", [serialized, example_names]):
        serialized = _scalar(convert_to_tensor(serialized, string, name="serialized"), "serialized")
        if example_names is not None:
            example_names = _scalar(convert_to_tensor(example_names, string, name="name"), "name")
        return with_sparse(features, wanted.parsed(serialized, example_names, name))


def _sequences(context_features: Any, sequence_features: Any) -> tuple[Wanted, Wanted, set[str]]:
    """What is asked of the context and of the lists, and which lists may be missing."""
    if not context_features and not sequence_features:
        raise InvalidValue("neither context_features nor sequence_features has a feature",
                           hint="sequence_features={'a': tf.FixedLenSequenceFeature([], tf.int64)}")
    return (Wanted(context_features, (VarLenFeature, FixedLenFeature)),
            Wanted(sequence_features, (VarLenFeature, FixedLenSequenceFeature)),
            {key for key, feature in (sequence_features or {}).items() if getattr(feature, "allow_missing", False)})


def _parsed_sequences(serialized: Any, wanted: tuple[Wanted, Wanted, set[str]], names: Any, name: str | None) -> Any:
    """The context's tensors, those of the lists and the lengths of the lists, each by name."""
    context, lists, may_miss = wanted
    with name_scope(name, "ParseSequenceExample", [serialized, names]):
        serialized = convert_to_tensor(serialized, string, name="serialized")
        defaults = context.defaults()
        dense = sorted(lists.dense)
        made = apply_op(
            "ParseSequenceExampleV2", name,
            [serialized, [] if names is None else names, sorted(context.sparse), sorted(context.dense), [],
             sorted(lists.sparse), dense, [], [key in may_miss for key in dense], defaults],
            {"Ncontext_sparse": len(context.sparse), "Nfeature_list_sparse": len(lists.sparse),
             "Nfeature_list_dense": len(dense),
             "context_sparse_types": [context.sparse[k] for k in sorted(context.sparse)],
             "feature_list_sparse_types": [lists.sparse[k] for k in sorted(lists.sparse)],
             "feature_list_dense_types": [lists.dense[k][0] for k in dense],
             "context_dense_shapes": [context.dense[k][2].tuple for k in sorted(context.dense)],
             "feature_list_dense_shapes": [lists.dense[k][2].tuple for k in dense]})
        return context.named(made[:3], made[3]), lists.named(made[6:9], made[9]), dict(zip(dense, made[10]))


def parse_sequence_example(serialized: Any, context_features: Any = None, sequence_features: Any = None,
                           example_names: Any = None, name: str | None = None) -> Any:
    """What serialized tf.train.SequenceExample messages, [n], hold (tf.io.parse_sequence_example).

    Gives three dictionaries: the tensors of the context, those of the lists, [n, longest, ...], filled up with zeros,
    and the lengths of the lists that are dense. context_features: by name, each a FixedLenFeature or VarLenFeature;
    sequence_features: each a FixedLenSequenceFeature or VarLenFeature. example_names: for messages.
    Raises InvalidValue.
    """
    wanted = _sequences(context_features, sequence_features)
    with name_scope(name, "ParseSequenceExample", [serialized, example_names]):
        return _parsed_sequences(serialized, wanted, example_names, name)


def parse_single_sequence_example(serialized: Any, context_features: Any = None, sequence_features: Any = None,
                                  example_name: Any = None, name: str | None = None) -> Any:
    """What one serialized tf.train.SequenceExample holds (tf.parse_single_sequence_example).

    Gives two dictionaries: the tensors of the context and those of the lists. The features are as of
    ``parse_sequence_example``; example_name: for messages. Raises InvalidValue.
    """
    wanted = _sequences(context_features, sequence_features)
    with name_scope(name, "ParseSingleSequenceExample", [serialized, example_name]):
        with name_scope(name, "ParseSingleExample", [serialized, example_name]):
            serialized = _scalar(convert_to_tensor(serialized, string, name="serialized"), "serialized")
        return _parsed_sequences(serialized, wanted, example_name, name)[:2]


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


def decode_json_example(json_examples: Any, name: str | None = None) -> Any:
    """Examples written as JSON as the bytes that parse_example reads (tf.io.decode_json_example)."""
    return apply_op("DecodeJSONExample", name, [json_examples])
