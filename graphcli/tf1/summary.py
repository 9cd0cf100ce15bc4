"""tf.summary: ops whose value is a serialized Summary, under the tag that their scope gives them."""
from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from ..errors import InvalidType, InvalidValue, said
from ..graph.collections import GraphKeys
from .conversion import convert_to_tensor, is_tensor
from .framework import add_to_collection, apply_op, get_collection, name_scope

EXPORTS = """
summary: scalar histogram image audio text tensor_summary merge merge_all get_summary_description
"""

_NOT_IN_TAGS = re.compile(r"[^-/\w\.]")


def clean_tag(name: Any) -> Any:
    """A name in which what no tag may hold is ``_``, without slashes at its head."""
    if name is not None and not isinstance(name, str):
        raise InvalidType(f"the name of a summary is text, not {said(name)}")
    return name if name is None else _NOT_IN_TAGS.sub("_", name).lstrip("/")


@contextmanager
def summary_scope(name: Any, family: Any = None, default_name: str | None = None,
                  values: Any = None) -> Iterator[tuple[str, str]]:
    """Opens the scope of one summary; yields its tag and its name.

    The tag is the name with the scopes around it; a family stands before both: ``fam/scope/fam/name``.
    """
    name, family = clean_tag(name), clean_tag(family)
    with name_scope(name if family is None else f"{family}/{name}", default_name, values) as scope:
        tag = scope.rstrip("/")
        yield tag if family is None else f"{family}/{tag}", scope


def _collected(value: Any, collections: Any, default: list[str]) -> Any:
    for key in default if collections is None else collections:
        add_to_collection(key, value)
    return value


def scalar(name: str, tensor: Any, collections: Any = None, family: str | None = None) -> Any:
    """A summary of one number (tf.summary.scalar): string []. tensor: a real number, rank 0."""
    with summary_scope(name, family, values=[tensor]) as (tag, scope):
        value = apply_op("ScalarSummary", scope, [tag, tensor])
        return _collected(value, collections, [GraphKeys.SUMMARIES])


def histogram(name: str, values: Any, collections: Any = None, family: str | None = None) -> Any:
    """A summary of a distribution (tf.summary.histogram): string []. values: real numbers of any shape."""
    with summary_scope(name, family, "HistogramSummary", [values]) as (tag, scope):
        value = apply_op("HistogramSummary", scope, [tag, values])
        return _collected(value, collections, [GraphKeys.SUMMARIES])


def image(name: str, tensor: Any, max_outputs: int = 3, collections: Any = None, family: str | None = None) -> Any:
    """A summary of images (tf.summary.image): string [].

    tensor: [batch, height, width, 1, 3 or 4], uint8 as it is, floats scaled image by image. The tags are
    ``name/image/0`` and so on, ``name/image`` where max_outputs is 1.
    """
    with summary_scope(name, family, values=[tensor]) as (tag, scope):
        value = apply_op("ImageSummary", scope, [tag, tensor], {"max_images": max_outputs})
        return _collected(value, collections, [GraphKeys.SUMMARIES])


def audio(name: str, tensor: Any, sample_rate: Any, max_outputs: int = 3, collections: Any = None,
          family: str | None = None) -> Any:
    """A summary of sound (tf.summary.audio): string []. tensor: float32 [batch, frames (, channels)]."""
    with summary_scope(name, family, values=[tensor]) as (tag, scope):
        rate = convert_to_tensor(sample_rate, "float32", "sample_rate")
        value = apply_op("AudioSummaryV2", scope, [tag, tensor, rate], {"max_outputs": max_outputs})
        return _collected(value, collections, [GraphKeys.SUMMARIES])


def tensor_summary(name: str, tensor: Any, summary_description: str | None = None, collections: Any = None,
                   summary_metadata: Any = None, family: str | None = None, display_name: str | None = None) -> Any:
    """A summary of a whole tensor (tf.summary.tensor_summary): string []. summary_metadata: a SummaryMetadata."""
    from ..wire.messages import message

    metadata = message("SummaryMetadata")() if summary_metadata is None else summary_metadata
    if summary_description is not None:
        metadata.summary_description = summary_description
    if display_name is not None:
        metadata.display_name = display_name
    with summary_scope(name, family, values=[tensor]) as (tag, scope):
        value = apply_op("TensorSummaryV2", scope, [tag, tensor, metadata.SerializeToString()])
        return _collected(value, collections, [GraphKeys.SUMMARIES])


def text(name: str, tensor: Any, collections: Any = None) -> Any:
    """A summary of text, Markdown in it (tf.summary.text): string []. Raises InvalidValue if tensor is not string."""
    from ..wire.messages import message

    if not is_tensor(tensor):
        raise InvalidType(f"summary.text takes a tensor, not {said(tensor)}", hint="constant('…') makes one")
    if tensor.dtype.base_dtype.name != "string":
        raise InvalidValue(f"Expected tensor {tensor.name} to have dtype string, got {tensor.dtype.base_dtype.name}",
                           hint="as_string converts numbers")
    metadata = message("SummaryMetadata")()
    metadata.plugin_data.plugin_name = "text"
    return tensor_summary(name, tensor, collections=collections, summary_metadata=metadata)


def merge(inputs: Any, collections: Any = None, name: str | None = None) -> Any:
    """All values of several summaries (tf.summary.merge): string []. A tag that comes twice is an error of the run."""
    name = clean_tag(name)
    with name_scope(name, "Merge", inputs):
        return _collected(apply_op("MergeSummary", name, [inputs]), collections, [])


def merge_all(key: str = GraphKeys.SUMMARIES, scope: str | None = None, name: str | None = None) -> Any:
    """The merged summaries of a collection (tf.summary.merge_all); None where there are none."""
    summaries = get_collection(key, scope)
    return merge(summaries, name=name) if summaries else None


def get_summary_description(node_def: Any) -> Any:
    """The SummaryDescription of a TensorSummary node_def (tf.summary.get_summary_description)."""
    from google.protobuf import json_format

    from ..wire.messages import message

    if node_def.op != "TensorSummary":
        raise InvalidValue(f"Can't get_summary_description on {node_def.op}")
    return json_format.Parse(node_def.attr["description"].s.decode(), message("SummaryDescription")())
