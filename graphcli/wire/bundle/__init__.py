"""TensorFlow's V2 checkpoints: tensors by name in ``PREFIX.data-?????-of-?????`` files and ``PREFIX.index``.
Those of the V1 format are read and written by saved_slices.py.

Source of the layout: tensorflow/core/util/tensor_bundle/tensor_bundle.cc and lib/io/table_format.txt.
"""
from __future__ import annotations

from .read import Bundle, Entry, bundle_exists
from .saved_slices import SavedSlices, open_checkpoint, write_slices
from .write import BundleWriter, merge_bundles, shard_path

__all__ = ["Bundle", "BundleWriter", "Entry", "SavedSlices", "bundle_exists", "merge_bundles", "open_checkpoint",
           "shard_path", "write_slices"]
