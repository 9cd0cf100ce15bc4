"""Summaries that a step writes itself (tf.contrib.summary): events in a file of a folder that the command line names.

What writes event files lies above ``ops``; this file alone reaches up to it, when a writer is asked for and not before.
"""
from __future__ import annotations

import importlib
from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np

from ..errors import DataLoss, InvalidArgument, NotFound
from ..graph.inference import scalar_shape
from ..graph.shapes import show
from ..wire import events
from ..wire.messages import message
from ._listed import listed_op
from ._shared import shared
from .checkpoint import path_of
from .summary import tag_bytes
from .summary_histogram import distribution
from .summary_media import pictures, sounds

CPU_ONLY = True
_NUMBERS = "T: {realnumbertype}"


class Writer:
    """What the handle of a writer stands for in a session; file: None before it is made and after it is closed."""

    def __init__(self) -> None:
        self.file: Any = None
        self.most = self.waiting = 0

    def open(self, folder: str, most: int, seconds: float, suffix: str) -> None:
        """Makes the file, if there is none."""
        if self.file is None:
            self.file = importlib.import_module("graphcli.formats.events.writer").EventWriter(
                folder, flush_secs=seconds, suffix=suffix)
            self.most = most

    def there(self) -> Any:
        """The file. Raises NotFound where there is none."""
        if self.file is None:
            raise NotFound("Resource of a summary writer does not exist: it is not created yet, or closed")
        return self.file

    def write(self, step: int, what: int, data: bytes) -> None:
        self.add(events.event(self.there().clock.now(), step, what, data))

    def add(self, event: bytes) -> None:
        """Writes one event; those that wait are written with it where they are more than may wait."""
        file = self.there()
        file.event(event)
        self.waiting += 1
        if self.waiting > self.most:
            self.flush()

    def flush(self) -> None:
        self.there().flush()
        self.waiting = 0

    def close(self) -> None:
        """Writes what waits. Raises NotFound where there is no file."""
        self.there()
        self.cancel()

    def cancel(self) -> None:
        """Closes the file, as the end of a session does."""
        if self.file is not None:
            self.file.close()
            self.file = None


def _one(value: Any, what: str) -> Any:
    if np.ndim(value):
        raise InvalidArgument(f"{what} must be scalar, not {show(np.shape(value))}")
    return np.asarray(value).item()


_op = partial(listed_op, __name__, stateful=True, infer=None)


def _handle(n: Any) -> Any:
    held = shared(n, "SummaryWriter", Writer)
    return lambda: held


def _create(n: Any) -> Any:
    def create(writer: Writer, folder: Any, most: Any, millis: Any, suffix: Any) -> None:
        path = path_of(n, folder)
        writer.open(path, int(_one(most, "max_queue")), int(_one(millis, "flush_millis")) / 1000,
                    tag_bytes(_one(suffix, "filename_suffix")).decode())

    return create


def _summaries(make: Callable[[Any], Callable[..., Any]]) -> Any:
    """A kernel that writes the summary that ``make(n)`` makes of what follows the writer and the step."""
    def kernel(n: Any) -> Any:
        of = make(n)

        def write(writer: Writer, step: Any, *inputs: Any) -> None:
            writer.there()
            writer.write(int(_one(step, "step")), events.SUMMARY, np.asarray(of(*inputs), object).item())

        return write

    return kernel


def _scalar(n: Any) -> Any:
    from ..wire.summaries import scalar

    return lambda tag, value: scalar(tag_bytes(_one(tag, "tag")), float(np.float32(_one(value, "value"))))


def _histogram(n: Any) -> Any:
    return distribution


def _image(n: Any) -> Any:
    most = n.attrs["max_images"]
    return lambda tag, tensor, bad: pictures(most, np.asarray(bad, np.uint8).reshape(-1), tag, tensor)


def _audio(n: Any) -> Any:
    most = n.attrs["max_outputs"]
    return lambda tag, tensor, rate: sounds(most, tag, tensor, float(_one(rate, "sample_rate")))


def _tensor(n: Any) -> Any:
    from ..wire.encode import joined
    from ..wire.summaries import tensor, tensor_proto

    number = n.attrs["T"].enum

    def of(x: Any, tag: Any, metadata: Any) -> Any:
        data = tag_bytes(_one(metadata, "summary_metadata"))
        return joined(tensor(tag_bytes(_one(tag, "tag")), tensor_proto(np.asarray(x), number), metadata=data or None))

    return of


def _parsed(kind: str, data: bytes) -> bytes:
    """The bytes of a message. Raises DataLoss where they are none."""
    try:
        message(kind).FromString(data)
    except Exception as error:
        raise DataLoss(f"Bad tf.{kind} binary proto tensor string") from error
    return data


def _raw(n: Any) -> Any:
    return lambda tensor: b"".join(_parsed("Summary", tag_bytes(x)) for x in np.asarray(tensor, object).reshape(-1))


def _graph(n: Any) -> Any:
    def write(writer: Writer, step: Any, graph: Any) -> None:
        writer.there()
        writer.write(int(_one(step, "step")), events.GRAPH_DEF, _parsed("GraphDef", tag_bytes(_one(graph, "tensor"))))

    return write


def _import(n: Any) -> Any:
    return lambda writer, event: writer.add(_parsed("Event", tag_bytes(_one(event, "event"))))


_op("SummaryWriter", "A writer of summaries.", " -> writer: resource", _handle,
    "shared_name: string = ''; container: string = ''", infer=scalar_shape)
_op("CreateSummaryFileWriter", "Makes the event file of a writer, if it has none.",
    "writer: resource, logdir: string, max_queue: int32, flush_millis: int32, filename_suffix: string -> ", _create)
_op("FlushSummaryWriter", "Writes what waits.", "writer: resource -> ", lambda n: lambda writer: writer.flush())
_op("CloseSummaryWriter", "Writes what waits, and closes the file.", "writer: resource -> ",
    lambda n: lambda writer: writer.close())
_op("WriteSummary", "Writes a summary of a tensor (tf.contrib.summary.generic).",
    "writer: resource, step: int64, tensor: T, tag: string, summary_metadata: string -> ", _summaries(_tensor),
    "T: type")
_op("WriteScalarSummary", "Writes a summary of a number (tf.contrib.summary.scalar).",
    "writer: resource, step: int64, tag: string, value: T -> ", _summaries(_scalar), _NUMBERS)
_op("WriteHistogramSummary", "Writes a summary of a distribution (tf.contrib.summary.histogram).",
    "writer: resource, step: int64, tag: string, values: T -> ", _summaries(_histogram),
    "T: {realnumbertype, bool} = float32")
_op("WriteImageSummary", "Writes a summary of images (tf.contrib.summary.image).",
    "writer: resource, step: int64, tag: string, tensor: T, bad_color: uint8 -> ", _summaries(_image),
    "max_images: int >= 1 = 3; T: {uint8, float32, float16, float64} = float32")
_op("WriteAudioSummary", "Writes a summary of sound (tf.contrib.summary.audio).",
    "writer: resource, step: int64, tag: string, tensor: float32, sample_rate: float32 -> ", _summaries(_audio),
    "max_outputs: int >= 1 = 3")
_op("WriteRawProtoSummary", "Writes summaries that are serialized already.",
    "writer: resource, step: int64, tensor: string -> ", _summaries(_raw))
_op("WriteGraphSummary", "Writes a graph (tf.contrib.summary.graph).",
    "writer: resource, step: int64, tensor: string -> ", _graph)
_op("ImportEvent", "Writes an event that is serialized already (tf.contrib.summary.import_event).",
    "writer: resource, event: string -> ", _import)
