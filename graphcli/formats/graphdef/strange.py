"""Files that are taken for graphs and are none: what they are, by their first bytes or their names."""
from __future__ import annotations

import os
import re

from .scan import BYTES, VARINT, Field, fields
from .text import POINTER

MAGIC = (
    (b"\x89HDF\r\n", "an HDF5 file, as Keras writes it", "TensorFlow writes a graph of it: tf.train.export_meta_graph"),
    (b"PK\x03\x04", "a zip archive, as .npz and .keras are", None),
    (b"\x1f\x8b", "packed by gzip", "gunzip it first"),
    (b"\x93NUMPY", "an array of numpy's", "--feed NAME=@FILE feeds it"),
    (POINTER, "a pointer of Git LFS to the file", "git lfs pull fetches it"),
    (b"\x89PNG\r\n", "a picture", None),
)
"""How files of a kind begin, what they are, and what to do with them."""
INDEX = b"\x57\xfb\x80\x8b\x24\x75\x47\xdb"
"""How the index of a checkpoint ends."""
PART = re.compile(r"\.(index|data-\d{5}-of-\d{5})\Z")


def no_graph(data: bytes, name: str) -> tuple[str, str | None]:
    """What is wrong with bytes that hold no graph, and what to do."""
    if not data:
        return "the file is empty", None
    part = PART.search(name)
    if data.endswith(INDEX) or part:
        prefix = name[:part.start()] if part else name
        return "no graph, but of a checkpoint", f"graphcli ckpt ls {prefix}; the graph is in {prefix}.meta" + (
            "" if os.path.exists(f"{prefix}.meta") else " where there is one")
    for begin, what, hint in MAGIC:
        if data.startswith(begin):
            return f"no graph, but {what}", hint
    if data[4:8] == b"TFL3":
        return "no graph, but a model of TensorFlow Lite", "the graph is what it was made of"
    head = [f for _, f in zip(range(8), fields(data))]
    if not isinstance(head[0], Field):
        return "no graph, and no text of a spec", None
    if head[0].wire == VARINT and head[0].number == 1 and any(f.number == 7 and f.wire == BYTES for f in head
                                                             if isinstance(f, Field)):
        return "no graph of TensorFlow's, but an ONNX model", None
    return "no graph: neither a GraphDef, a MetaGraphDef nor a SavedModel", None
