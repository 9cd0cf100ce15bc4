"""Datasets of files of fields between commas (tf.data.experimental.CsvDataset)."""
from __future__ import annotations

from typing import Any

from ..errors import InvalidType, InvalidValue, said
from ..graph.shapes import TensorShape, show
from ..graph.types import DType, bool_, int64, string
from .conversion import constant, convert_to_tensor
from .data import Dataset
from .framework import apply_op

EXPORTS = """
data.experimental: CsvDataset
"""

BUFFER = 4 * 1024 * 1024
"""Bytes that TensorFlow reads at once."""


class CsvDataset(Dataset):
    """The rows of files, a scalar for each column (tf.data.experimental.CsvDataset).

    record_defaults: for each column its dtype, where a field is required, or what an empty field is. header: whether
    each file begins with a row of names. select_cols: the columns that are read, in their order; None for all.
    Raises InvalidType for defaults that are none, InvalidValue for one of several values.
    """

    def __init__(self, filenames: Any, record_defaults: Any, compression_type: Any = None, buffer_size: Any = None,
                 header: Any = False, field_delim: Any = ",", use_quote_delim: Any = True, na_value: Any = "",
                 select_cols: Any = None) -> None:
        if not isinstance(record_defaults, (list, tuple)):
            raise InvalidType(f"record_defaults is a list of dtypes and defaults, not {said(record_defaults)}")
        files = convert_to_tensor(filenames, string, "filenames")
        kind = convert_to_tensor("" if compression_type is None else compression_type, string, "compression_type")
        defaults = [constant([], dtype=d) if isinstance(d, DType) else convert_to_tensor(d) for d in record_defaults]
        for i, d in enumerate(defaults):
            if d.static is not None and (len(d.static) > 1 or d.static not in ((), (0,), (1,), (None,))):
                raise InvalidValue(f"default {i} is one value or none, not of the shape {show(d.static)}")
        handle = apply_op("CSVDatasetV2", None, [
            files, kind, convert_to_tensor(BUFFER if buffer_size is None else buffer_size, int64, "buffer_size"),
            convert_to_tensor(header, bool_, "header"), convert_to_tensor(field_delim, string, "field_delim"),
            convert_to_tensor(use_quote_delim, bool_, "use_quote_delim"),
            convert_to_tensor(na_value, string, "na_value"),
            convert_to_tensor([] if select_cols is None else select_cols, int64, "select_cols"), defaults,
            convert_to_tensor([], int64, "exclude_cols")], {"output_shapes": [()] * len(defaults)})
        kinds = tuple(d.dtype.base_dtype for d in defaults)
        super().__init__(handle, kinds, tuple(TensorShape([]) for _ in kinds))
