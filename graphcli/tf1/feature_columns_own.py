"""Columns that a program defines itself, by the methods that TensorFlow's own had (feature_column._DenseColumn)."""
from __future__ import annotations

from typing import Any

from .feature_columns import DenseColumn, Transformed

EXPORTS = """
python.feature_column.feature_column: _DenseColumn=OwnDenseColumn
"""


class OwnDenseColumn(DenseColumn):
    """A base of columns that have ``name``, ``_variable_shape``, ``_parse_example_spec``, ``_transform_feature`` and
    ``_get_dense_tensor(inputs, weight_collections, trainable)``."""

    @property
    def _var_scope_name(self) -> str:
        return self.name

    @property
    def scope_name(self) -> str:
        return self._var_scope_name

    @property
    def variable_shape(self) -> Any:  # type: ignore[override]
        own: Any = self
        return own._variable_shape

    @property
    def parse_example_spec(self) -> Any:  # type: ignore[override]
        own: Any = self
        return own._parse_example_spec

    def transform(self, features: Transformed) -> Any:
        own: Any = self
        return own._transform_feature(features)

    def dense(self, features: Transformed, collections: Any, trainable: bool) -> Any:
        own: Any = self
        return own._get_dense_tensor(features, weight_collections=collections, trainable=trainable)
