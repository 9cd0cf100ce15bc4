"""Queues and readers whose handles are references, as graphs before TensorFlow 1.0 have them."""
from __future__ import annotations

from typing import Any

from ..graph.opdef import no_gradient
from ._older import by_reference

CPU_ONLY = True


def _handles(*names: str, **space: Any) -> None:
    by_reference(__name__, {k: f"{k}V2" for k in names}, infer=lambda n: (2,), **space)


_handles("FIFOQueue", "PaddingFIFOQueue", "RandomShuffleQueue", "PriorityQueue")
_handles("WholeFileReader", "TextLineReader", "TFRecordReader", "IdentityReader", gradient=no_gradient)
_handles("FixedLengthRecordReader", without="encoding", gradient=no_gradient)
by_reference(__name__, {k: f"{k}V2" for k in (
    "QueueEnqueue", "QueueEnqueueMany", "QueueDequeue", "QueueDequeueMany", "QueueDequeueUpTo", "QueueClose",
    "QueueSize", "ReaderRead", "ReaderReadUpTo", "ReaderNumRecordsProduced", "ReaderNumWorkUnitsCompleted",
    "ReaderReset", "ReaderSerializeState", "ReaderRestoreState")}, stateful=False, gradient=no_gradient)
by_reference(__name__, {"QueueIsClosed": "QueueIsClosedV2"}, stateful=False)
