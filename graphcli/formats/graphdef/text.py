"""Which message a file in protobuf's text format holds; every spec is asked this first, so it costs little."""
from __future__ import annotations

import re

POINTER = b"version https://git-lfs"
"""How what stands in the place of a large file begins, where Git LFS has only its pointer."""
GRAPH, META, SAVED = "GraphDef", "MetaGraphDef", "SavedModel"

_TEXT = re.compile(rb"\A(?:\xef\xbb\xbf)?(?:\s|#[^\n]*\n)*([a-z_]+)\s*(?::\s*(?:\d|[{<])|[{<])")
_FIRST = {b"node": GRAPH, b"versions": GRAPH, b"library": GRAPH, b"version": GRAPH, b"meta_info_def": META,
          b"graph_def": META, b"saver_def": META, b"collection_def": META, b"signature_def": META,
          b"saved_model_schema_version": SAVED, b"meta_graphs": SAVED}


def text_kind(data: bytes) -> str | None:
    """The kind of a file in protobuf's text format, None if it is not one; the head of the file is enough."""
    found = _TEXT.match(data[:65536])
    return _FIRST.get(found.group(1)) if found else None
