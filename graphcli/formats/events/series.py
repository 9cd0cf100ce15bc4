"""The values of a logdir by run, kind and tag: what TensorBoard's pages show, whichever way they were written.

A number is a scalar both as TF1 writes it (``simple_value``) and as TF2 does (a tensor whose metadata names the
plugin ``scalars``); likewise histograms, images, sound and text. Metadata stands only with the first value of a tag.
"""
from __future__ import annotations

import math
import struct
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from ...errors import GraphError
from ...graphdef.tensors import read_tensor
from ...wire.records import Fault
from .reader import Entry, Run, read, runs

PLUGINS = {"scalars": "scalar", "histograms": "histogram", "images": "image", "audio": "audio", "text": "text"}
MOST = 1 << 24
"""Elements of a tensor beyond which it is not read."""
KINDS = ("scalar", "histogram", "image", "audio", "text", "tensor", "graph", "meta graph", "run metadata", "session")
"""All kinds, in the order in which they are listed."""


@dataclass(frozen=True)
class Point:
    """One thing that was logged.

    value, by kind: scalar a float; histogram (limits, counts, HistogramProto or None); image and audio a list of
    dicts; text a list of strings; tensor an array; graph and meta graph the serialized bytes; run metadata a message.
    """

    kind: str
    tag: str
    step: int
    wall_time: float
    value: Any
    path: str
    offset: int


@dataclass
class Log:
    """One run, read. faults: (path, where and how its whole records end)."""

    name: str
    paths: list[str]
    events: int = 0
    points: dict[tuple[str, str], list[Point]] = field(default_factory=dict)
    faults: list[tuple[str, Fault]] = field(default_factory=list)

    def tags(self, kind: str) -> dict[str, list[Point]]:
        """The points of one kind by tag."""
        return {tag: points for (k, tag), points in self.points.items() if k == kind}


def load(logdir: str) -> list[Log]:
    """All runs of a logdir. Raises NotFound where there are none."""
    return [read_run(run) for run in runs(logdir)]


def read_run(run: Run) -> Log:
    """One run with all its points, in the order in which they were written."""
    log = Log(run.name, run.paths)
    plugins: dict[str, str] = {}
    for path in run.paths:
        for entry in read(path):
            if isinstance(entry, Fault):
                log.faults.append((path, entry))
                continue
            log.events += 1
            for point in points_of(entry, plugins):
                log.points.setdefault((point.kind, point.tag), []).append(point)
    return log


def points_of(entry: Entry, plugins: dict[str, str]) -> Iterator[Point]:
    """What one event says; ``plugins`` remembers what the metadata of each tag said."""
    event = entry.event
    what = event.WhichOneof("what")
    if what == "summary":
        for value in event.summary.value:
            kind, content = _summary(value, plugins)
            yield Point(kind, value.tag or value.node_name, event.step, event.wall_time, content, entry.path,
                        entry.offset)
        return
    simple = {"graph_def": ("graph", event.graph_def), "meta_graph_def": ("meta graph", event.meta_graph_def)}
    if what in simple:
        kind, content = simple[what]
        yield Point(kind, "", event.step, event.wall_time, content, entry.path, entry.offset)
    elif what == "tagged_run_metadata":
        from ...wire.messages import message

        tagged = event.tagged_run_metadata
        try:
            content = message("RunMetadata").FromString(tagged.run_metadata)
        except Exception:
            content = None
        yield Point("run metadata", tagged.tag, event.step, event.wall_time, content, entry.path, entry.offset)
    elif what == "session_log":
        status = event.session_log.DESCRIPTOR.enum_types_by_name["SessionStatus"].values_by_number.get(
            event.session_log.status)
        yield Point("session", status.name if status else "", event.step, event.wall_time, None, entry.path,
                    entry.offset)


def _summary(value: Any, plugins: dict[str, str]) -> tuple[str, Any]:
    """(kind, content) of one Summary.Value."""
    if value.HasField("metadata") and value.metadata.plugin_data.plugin_name:
        plugins.setdefault(value.tag, value.metadata.plugin_data.plugin_name)
    what = value.WhichOneof("value")
    if what == "simple_value":
        return "scalar", value.simple_value
    if what == "histo":
        return "histogram", (list(value.histo.bucket_limit), list(value.histo.bucket), value.histo)
    if what == "image":
        image = value.image
        return "image", [{"width": image.width, "height": image.height, "encoded": image.encoded_image_string}]
    if what == "audio":
        audio = value.audio
        return "audio", [{"rate": audio.sample_rate, "channels": audio.num_channels, "frames": audio.length_frames,
                          "encoded": audio.encoded_audio_string}]
    if what == "tensor":
        # one value can stand for any number of elements
        if math.prod(d.size for d in value.tensor.tensor_shape.dim) > MOST:
            return "tensor", None
        try:
            array = read_tensor(value.tensor)
        except (GraphError, ValueError, TypeError):
            return "tensor", None
        return _tensor(array, PLUGINS.get(plugins.get(value.tag, ""), "tensor"))
    return "tensor", None


def _sound(encoded: bytes) -> dict[str, Any]:
    """What the head of a WAV file says; zeros for another format."""
    rate = channels = frames = 0
    if encoded[:4] == b"RIFF" and encoded[12:16] == b"fmt " and len(encoded) >= 44:
        channels, rate, _, align = struct.unpack_from("<HIIH", encoded, 22)
        frames = (len(encoded) - 44) // align if align else 0
    return {"rate": float(rate), "channels": channels, "frames": frames, "encoded": encoded}


def _tensor(array: Any, kind: str) -> tuple[str, Any]:
    """A tensor of TF2's summaries as its kind means it; a plain tensor where it has not the form of that."""
    text = array.dtype == object
    if kind == "scalar" and not text and array.size == 1:
        return kind, float(array.reshape(-1)[0])
    if kind == "histogram" and not text and array.ndim == 2 and array.shape[1] == 3:
        return kind, (array[:, 1].tolist(), array[:, 2].tolist(), None)
    if kind == "image" and text and array.ndim == 1 and array.size >= 2:
        width, height = (int(s) if s.isdigit() else 0 for s in array[:2])
        return kind, [{"width": width, "height": height, "encoded": bytes(s)} for s in array[2:]]
    if kind == "audio" and text:
        clips = array.reshape(len(array), -1)[:, 0] if array.ndim else []
        return kind, [_sound(bytes(s)) for s in clips]
    if kind == "text" and text:
        return kind, [bytes(s).decode("utf-8", "replace") for s in array.reshape(-1)]
    return "tensor", array
