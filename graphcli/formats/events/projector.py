"""The projector: a folder with vectors, their labels and projector_config.pbtxt, as TensorBoard reads it.

Vectors are written as tab-separated text (``tensor_path``), which TensorBoard reads without TensorFlow; paths in
the config are relative to its folder and lie in it, which TensorBoard insists on. A config that is there already
keeps its other embeddings.
"""
from __future__ import annotations

import os
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from ...errors import GraphError, InvalidValue, reason_of
from ...wire.files import write_whole

CONFIG = "projector_config.pbtxt"


@dataclass(frozen=True)
class Embedding:
    """Vectors to look at.

    name: of the variable. vectors: [rows, columns], real numbers. labels: a line per row, or None; with more than
    one column a line more, the columns' names; columns are separated by tabs.
    """

    name: str
    vectors: Any
    labels: Sequence[str] | None = None


def check(embedding: Embedding) -> None:
    """Raises InvalidValue for vectors or labels that the projector would refuse or show against the wrong rows."""
    import numpy as np

    if not embedding.name.isprintable():
        raise InvalidValue(f"{embedding.name!r} is no name for the projector")
    array = np.asarray(embedding.vectors)
    if array.ndim != 2 or not array.size:
        raise InvalidValue(f"the projector shows the rows of a matrix; {embedding.name} has shape {list(array.shape)}")
    if array.dtype.kind not in "fiub":
        kind = "text" if array.dtype.kind in "SUO" else array.dtype.name
        raise InvalidValue(f"the projector shows real numbers; {embedding.name} is {kind}")
    with np.errstate(over="ignore"):
        told = np.isfinite(array.astype(np.float32)).all()
    if not told:
        beyond = np.isfinite(array.astype(np.float64)).all()
        raise InvalidValue(f"{embedding.name} holds " + ("numbers beyond float32" if beyond else "NaN or infinity")
                           + ", of which the projector makes nothing")
    if embedding.labels is not None:
        check_labels(embedding.name, len(array), embedding.labels)


def check_labels(name: str, rows: int, labels: Sequence[str]) -> None:
    """Raises InvalidValue unless there is a label for each row, and with columns one line more for their names."""
    columns = any("\t" in line for line in labels)
    if len(labels) != rows + columns:
        more = " and one with the names of its columns" if columns else ""
        raise InvalidValue(f"{name} has {rows} rows, which need {rows} labels{more}, not {len(labels)} lines")


def table(vectors: Any) -> bytes:
    """Rows as tab-separated text, with digits enough for every float32 to come back the same."""
    import numpy as np

    rows = np.asarray(vectors).astype(np.float32).tolist()
    return "".join("\t".join(f"{x:.9g}" for x in row) + "\n" for row in rows).encode()


def _put(path: str, data: bytes) -> None:
    write_whole(path, lambda file: file.write(data))


def write(folder: str, embeddings: Sequence[Embedding]) -> list[str]:
    """Writes the files of the embeddings and the config; the paths written. Raises what ``check`` raises."""
    from google.protobuf import text_format

    from ...wire.messages import message

    for embedding in embeddings:
        check(embedding)
    config = message("ProjectorConfig")()
    path = os.path.join(folder, CONFIG)
    if os.path.exists(path):
        try:
            with open(path, encoding="utf-8") as file:
                text_format.Parse(file.read(), config)
        except OSError as error:
            raise GraphError(f"cannot read {path}: {reason_of(error)}") from None
        except (ValueError, text_format.ParseError) as error:
            raise GraphError(f"{path} is no projector config: {str(error).splitlines()[0]}") from None
    written = []
    for embedding in embeddings:
        info = next((e for e in config.embeddings if e.tensor_name == embedding.name), None)
        if info is None:
            info = config.embeddings.add(tensor_name=embedding.name)
        stem = _stem(info, config)
        if list(info.tensor_shape[:1]) != [len(embedding.vectors)]:
            info.ClearField("metadata_path")  # labels of other rows
        del info.tensor_shape[:]
        info.tensor_shape.extend(map(int, embedding.vectors.shape))
        info.tensor_path = f"{stem}.tsv"
        written.append(os.path.join(folder, info.tensor_path))
        _put(written[-1], table(embedding.vectors))
        if embedding.labels is not None:
            info.metadata_path = f"{stem}.labels.tsv"
            written.append(os.path.join(folder, info.metadata_path))
            _put(written[-1], "".join(f"{line}\n" for line in embedding.labels).encode("utf-8", "surrogateescape"))
    written.append(path)
    _put(path, text_format.MessageToString(config, as_utf8=True).encode())
    return written


def _stem(info: Any, config: Any) -> str:
    """How the files of an embedding are called, which are no other's: ``a/b`` and ``a_b`` would be the same."""
    first = stem = re.sub(r"[^-\w.]", "_", info.tensor_name)
    others = [e for e in config.embeddings if e.tensor_name != info.tensor_name]
    taken = {path.lower() for e in others for path in (e.tensor_path, e.metadata_path)}
    count = 0
    while not taken.isdisjoint((f"{stem}.tsv".lower(), f"{stem}.labels.tsv".lower())):
        count += 1
        stem = f"{first}_{count}"
    return stem


def with_events(folder: str) -> list[str]:
    """Writes an event file that says nothing into a folder that has none: TensorBoard sees a run by it."""
    from ...wire import events as wire
    from ...wire.records import frame
    from .clock import for_exports
    from .reader import MARK
    from .writer import file_name

    if any(MARK in name for name in os.listdir(folder)):
        return []
    clock = for_exports()
    path = os.path.join(folder, file_name(clock.now(), clock.host))
    _put(path, frame(wire.event(clock.now(), 0, wire.FILE_VERSION, wire.VERSION)))
    return [path]
