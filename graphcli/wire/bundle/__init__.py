"""TensorFlow's V2 checkpoints: tensors by name in ``PREFIX.data-?????-of-?????`` files and ``PREFIX.index``.

Source of the layout: tensorflow/core/util/tensor_bundle/tensor_bundle.cc and lib/io/table_format.txt.
"""
from __future__ import annotations

from .read import Bundle, Entry, bundle_exists
from .write import BundleWriter, merge_bundles, shard_path

__all__ = ["Bundle", "BundleWriter", "Entry", "bundle_exists", "merge_bundles", "shard_path"]
