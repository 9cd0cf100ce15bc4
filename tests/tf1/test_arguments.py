"""Functions and classes take the arguments that TensorFlow's take, by the same names and in the same order."""
from __future__ import annotations

from pathlib import Path

import pytest

import graphcli.tf1 as tf

from .record_arguments import arguments

RECORDED = dict(line.split(": ") for line in
                (Path(__file__).parent / "arguments.txt").read_text(encoding="utf-8").splitlines())
OTHERWISE = {
    "DType": "programs do not make any", "dtypes.DType": "programs do not make any",
    "app.flags.mark_flag_as_required": "of absl", "flags.mark_flag_as_required": "of absl",
    "layers.InputSpec": "of Keras, later",
    **dict.fromkeys([f"{at}flags.{name}" for at in ("", "app.") for name in ("FlagHolder", "UnrecognizedFlagError")],
                    "of absl, and programs make none"),
    "data.experimental.CsvDataset": "exclude_cols is of TensorFlow 2",
    "data.experimental.RandomDataset": "rerandomize_each_iteration is of TensorFlow 2",
    **dict.fromkeys(("feature_column.embedding_column", "feature_column.shared_embedding_columns"),
                    "use_safe_embedding_lookup is of TensorFlow 2"),
    "image.non_max_suppression_padded": "coordinates in order and tiles are of TensorFlow 2",
    **dict.fromkeys(("dequantize", "quantize", "quantize_v2", "quantization.dequantize", "quantization.quantize",
                     "quantization.quantize_and_dequantize"), "axis and narrow_range are of TensorFlow 2"),
    "RaggedTensor": "no program makes one by its class", "RaggedTensorSpec": "flat_values_spec is of TensorFlow 2",
    "errors.OpError": "no program gives it a number", "OpError": "no program gives it a number",
}


@pytest.mark.parametrize("path", sorted(set(RECORDED) - set(OTHERWISE)))
def test_arguments_are_tensorflows(path: str) -> None:
    found = arguments(tf, path)
    if found is None:
        return
    ours, more = found
    theirs = RECORDED[path].split()
    missing = [name for name in theirs if name not in ours]
    assert more or not missing
    if path.startswith("raw_ops."):
        # which are called by keywords alone
        assert sorted(ours) == sorted(theirs)
    elif not missing and not path.startswith("errors."):
        assert [name for name in ours if name in theirs] == theirs
