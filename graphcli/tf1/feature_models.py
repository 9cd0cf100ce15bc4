"""Layers and linear models of feature columns (tf.feature_column.input_layer, linear_model)."""
from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from ..errors import InvalidValue
from ..graph.collections import GraphKeys
from .embedding_sparse import safe_embedding_lookup_sparse
from .feature_columns import CategoricalColumn, DenseColumn, FeatureColumn, Transformed
from .feature_columns_dense import collections_of
from .framework import add_to_collections, get_collection, name_scope
from .get_variable import get_variable
from .initializers import Zeros
from .modules import modules
from .partitioned import PartitionedVariable
from .sparse_forms import sparse_reshape
from .template import make_template
from .variable_scope import get_variable_scope, variable_scope

EXPORTS = """
feature_column: input_layer linear_model make_parse_example_spec
python.feature_column.feature_column: InputLayer
"""

tf = modules["tf"]


def _ordered(feature_columns: Any) -> list[Any]:
    """The columns by name. Raises InvalidValue for what is none, for none at all and for two of one name."""
    if isinstance(feature_columns, FeatureColumn):
        feature_columns = [feature_columns]
    if isinstance(feature_columns, Iterator):
        feature_columns = list(feature_columns)
    if isinstance(feature_columns, dict):
        raise InvalidValue("Expected feature_columns to be iterable, found dict.")
    named: dict[str, Any] = {}
    for column in feature_columns:
        if not isinstance(column, FeatureColumn):
            raise InvalidValue(f"Items of feature_columns must be a FeatureColumn. Given (type {type(column)}): "
                               f"{column}.")
        if column.name in named:
            raise InvalidValue(f"Duplicate feature column name found for columns: {column} and {named[column.name]}. "
                               "This usually means that these columns refer to same base feature.")
        named[column.name] = column
    if not named:
        raise InvalidValue("feature_columns must not be empty.")
    return [named[name] for name in sorted(named)]


def _same_batch(tensors: list[Any], columns: list[Any]) -> None:
    """Raises InvalidValue where the features have batches of different sizes."""
    sizes = [(t.shape[0].value, c.name) for t, c in zip(tensors, columns)]
    known = [(size, name) for size, name in sizes if size is not None]
    for size, name in known[1:]:
        if size != known[0][0]:
            raise InvalidValue("Batch size (first dimension) of each feature must be same. Batch size of columns "
                               f"({known[0][1]}, {name}): ({known[0][0]}, {size})")


def _flat(column: Any, tensor: Any) -> Any:
    """[batch, numbers of the column]."""
    return tf.reshape(tensor, (tf.shape(tensor)[0], column.variable_shape.num_elements()))


def input_layer(features: Mapping[str, Any], feature_columns: Any, weight_collections: Any = None,
                trainable: bool = True, cols_to_vars: Any = None, cols_to_output_tensors: Any = None) -> Any:
    """The columns beside each other, by name (tf.feature_column.input_layer): float32 [batch, all numbers].

    features: tensors by key, dense or sparse. cols_to_vars, cols_to_output_tensors: dicts that are filled, by column.
    Raises InvalidValue for a column of ids.
    """
    columns = _dense(feature_columns)
    with variable_scope(None, default_name="input_layer", values=features.values()):
        return _side_by_side(features, columns, weight_collections, trainable, cols_to_vars, cols_to_output_tensors)


def _dense(feature_columns: Any) -> list[Any]:
    columns = _ordered(feature_columns)
    for column in columns:
        if not isinstance(column, DenseColumn):
            raise InvalidValue("Items of feature_columns must be a _DenseColumn. You can wrap a categorical column "
                               f"with an embedding_column or indicator_column. Given: {column}")
    return columns


def _side_by_side(features: Mapping[str, Any], columns: list[Any], weight_collections: Any, trainable: bool,
                  cols_to_vars: Any = None, cols_to_output_tensors: Any = None) -> Any:
    collections = collections_of(weight_collections)
    transformed = Transformed(features)
    outputs = []
    for column in columns:
        with variable_scope(None, default_name=column.scope_name):
            outputs.append(_flat(column, column.dense(transformed, collections, trainable)))
            if cols_to_vars is not None:
                cols_to_vars[column] = get_collection(GraphKeys.GLOBAL_VARIABLES, get_variable_scope().name)
            if cols_to_output_tensors is not None:
                cols_to_output_tensors[column] = outputs[-1]
    _same_batch(outputs, columns)
    return tf.concat(outputs, 1)


class InputLayer:
    """input_layer whose variables are those of its first call (feature_column.InputLayer)."""

    def __init__(self, feature_columns: Any, weight_collections: Any = None, trainable: bool = True,
                 cols_to_vars: Any = None, name: str = "feature_column_input_layer",
                 create_scope_now: bool = True) -> None:
        self.name = name
        self._template = make_template(name, lambda features: _side_by_side(
            features, _dense(feature_columns), weight_collections, trainable), create_scope_now_=create_scope_now)

    def __call__(self, features: Mapping[str, Any]) -> Any:
        return self._template(features)

    @property
    def variables(self) -> list[Any]:
        return self._template.global_variables

    weights = variables

    @property
    def trainable_variables(self) -> list[Any]:
        return self._template.trainable_variables

    trainable_weights = trainable_variables


def linear_model(features: Mapping[str, Any], feature_columns: Any, units: int = 1, sparse_combiner: str = "sum",
                 weight_collections: Any = None, trainable: bool = True, cols_to_vars: Any = None) -> Any:
    """The columns times ``weights``, added up, and ``bias_weights`` (tf.feature_column.linear_model): [batch, units].

    sparse_combiner: how the ids of a row count, 'sum', 'mean' or 'sqrtn'. cols_to_vars: a dict that is filled, by
    column, and 'bias'. Raises InvalidValue.
    """
    with variable_scope(None, "linear_model") as made:
        name = made.name.rpartition("/")[2]
    columns = _ordered(feature_columns)
    collections = collections_of(weight_collections)
    named = {}
    for column in columns:
        with variable_scope(None, default_name=column.scope_name) as scope:
            named[scope.name.rpartition("/")[2]] = column
    kept: dict[Any, list[Any]] = {}

    def variable(name: str, shape: list[int]) -> tuple[Any, list[Any]]:
        found = get_variable(name, shape, initializer=Zeros(), trainable=trainable, use_resource=True)
        pieces = list(found) if isinstance(found, PartitionedVariable) else [found]
        for piece in pieces:
            add_to_collections([key for key in collections if key != GraphKeys.GLOBAL_VARIABLES], piece)
        return found, pieces

    with name_scope(name), variable_scope(name):
        transformed = Transformed(features)
        sums = []
        for inner in sorted(named):
            column = named[inner]
            with variable_scope(None, default_name=inner) as scope:
                sums.append(_weighted_sum(column, transformed, units, sparse_combiner, collections, trainable,
                                          variable))
                kept[column] = get_collection(GraphKeys.GLOBAL_VARIABLES, scope.name)
        _same_batch(sums, [named[inner] for inner in sorted(named)])
        total = tf.add_n(sums, name="weighted_sum_no_bias")
        bias, kept_bias = variable("bias_weights", [units])
        prediction = tf.nn.bias_add(total, bias, name="weighted_sum")
    if cols_to_vars is not None:
        cols_to_vars.update({**kept, "bias": kept_bias})
    return prediction


def _weighted_sum(column: Any, features: Transformed, units: int, combiner: str, collections: list[str],
                  trainable: bool, variable: Callable[[str, list[int]], tuple[Any, list[Any]]]) -> Any:
    if not isinstance(column, CategoricalColumn):
        weights, _ = variable("weights", [column.variable_shape.num_elements(), units])
        tensor = _flat(column, column.dense(features, collections, trainable))
        return tf.matmul(tensor, weights, name="weighted_sum")
    weights, _ = variable("weights", [column.num_buckets, units])
    ids, counts = (x if x is None else sparse_reshape(x, [tf.shape(x)[0], -1]) for x in column.ids(features))
    return safe_embedding_lookup_sparse(weights, ids, counts, combiner, name="weighted_sum")


def make_parse_example_spec(feature_columns: Any) -> dict[str, Any]:
    """What tf.parse_example is to find for these columns (tf.feature_column.make_parse_example_spec).

    Raises InvalidValue for what is no column, and where two want one feature otherwise.
    """
    spec: dict[str, Any] = {}
    for column in feature_columns:
        if not isinstance(column, FeatureColumn):
            raise InvalidValue(f"All feature_columns must be _FeatureColumn instances. Given: {column}")
        for key, value in column.parse_example_spec.items():
            if spec.setdefault(key, value) != value:
                raise InvalidValue(f"feature_columns contain different parse_spec for key {key}. Given {value} and "
                                   f"{spec[key]}")
    return spec
