"""Datasets of what a query of a database gives, and files of records (tf.data.experimental.SqlDataset,
TFRecordWriter)."""
from __future__ import annotations

from typing import Any

from ..errors import InvalidType
from ..graph.shapes import TensorShape
from ..graph.types import as_dtype, string
from .conversion import convert_to_tensor
from .data import Dataset
from .data_nest import flatten, mapped
from .framework import apply_op

EXPORTS = """
data.experimental: SqlDataset TFRecordWriter
"""


class SqlDataset(Dataset):
    """The rows of what a query gives, a scalar for each column (tf.data.experimental.SqlDataset).

    driver_name: ``sqlite``. data_source_name: the file of the database, which is only read. output_types: the dtypes of
    the columns: string, bool, float64 and whole numbers.
    """

    def __init__(self, driver_name: Any, data_source_name: Any, query: Any, output_types: Any) -> None:
        inputs = [convert_to_tensor(driver_name, string, "driver_name"),
                  convert_to_tensor(data_source_name, string, "data_source_name"),
                  convert_to_tensor(query, string, "query")]
        kinds = mapped(as_dtype, output_types)
        flat = flatten(kinds)
        handle = apply_op("SqlDataset", None, inputs, {"output_types": flat, "output_shapes": [()] * len(flat)})
        super().__init__(handle, kinds, mapped(lambda kind: TensorShape([]), kinds))


class TFRecordWriter:
    """Writes the strings of a dataset to a file of records (tf.data.experimental.TFRecordWriter)."""

    def __init__(self, filename: Any, compression_type: Any = None) -> None:
        self._filename = convert_to_tensor(filename, string, "filename")
        self._compression_type = convert_to_tensor("" if compression_type is None else compression_type, string,
                                                   "compression_type")

    def write(self, dataset: Any) -> Any:
        """An op that writes the elements. Raises InvalidType for those that are no strings."""
        if not isinstance(dataset, Dataset):
            raise InvalidType("`dataset` must be a `tf.data.Dataset` object.")
        kinds, shapes = dataset.output_types, dataset.output_shapes
        if kinds != string or not TensorShape([]).is_compatible_with(shapes):
            raise InvalidType("`dataset` must produce scalar `DT_STRING` tensors whereas it produces shape "
                              f"{shapes} and types {kinds}")
        return apply_op("DatasetToTFRecord", None, [dataset._variant_tensor, self._filename, self._compression_type])
