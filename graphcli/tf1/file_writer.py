"""tf.summary.FileWriter and the messages that it takes.

What writes files lies above ``tf1``; this file alone reaches up to it, when a writer is asked for and not before.
"""
from __future__ import annotations

import importlib
from collections.abc import Iterator
from typing import Any

EXPORTS = """
summary: FileWriter FileWriterCache Summary SummaryDescription Event SessionLog TaggedRunMetadata
tf: Summary Event SessionLog RunMetadata RunOptions HistogramProto SummaryMetadata
train: summary_iterator
python.training.summary_io: SummaryWriterCache=FileWriterCache SummaryWriter=FileWriter
"""

WRITERS = ("FileWriter", "FileWriterCache")


def __getattr__(name: str) -> Any:
    if name in WRITERS:
        return getattr(importlib.import_module("graphcli.formats.events.file_writer"), name)
    if name.startswith("_"):
        raise AttributeError(name)
    from ..wire.messages import message

    return message(name)


def summary_iterator(path: str) -> Iterator[Any]:
    """The Event messages of an event file, up to where its whole records end (tf.train.summary_iterator)."""
    reader = importlib.import_module("graphcli.formats.events.reader")
    return (entry.event for entry in reader.read(path) if isinstance(entry, reader.Entry))
