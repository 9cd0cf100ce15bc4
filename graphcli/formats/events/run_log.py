"""RunLog: what ``run`` and ``train`` write into a logdir while they go on.

    with RunLog("runs/a", graph) as log:
        for step in range(1, 101):
            loss, summary = session.run([loss_tensor, merged], feeds)
            log.write(step, [summary], {"loss": loss})

The graph is in the file before the first step; every value that was written is there after a kill, at the latest
``flush_secs`` later.
"""
from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from ...graph.collections import GraphKeys
from ...graph.graph import Graph, Tensor
from .clock import Clock, for_logs
from .graphs import graph_bytes, meta_graph_bytes
from .writer import EventWriter

SUMMARIES = frozenset({"ScalarSummary", "HistogramSummary", "ImageSummary", "AudioSummaryV2", "TensorSummary",
                       "TensorSummaryV2", "MergeSummary"})
"""Op types whose output is a serialized Summary."""
FLUSH_SECS = 10.0


def is_summary(value: Any) -> bool:
    """Whether this is the tensor of a summary op."""
    return isinstance(value, Tensor) and value.op.type in SUMMARIES


def summaries_of(graph: Graph) -> list[Tensor]:
    """The summaries that a graph has collected, each once."""
    found = [t for t in graph.get_collection(GraphKeys.SUMMARIES) if isinstance(t, Tensor)]
    return list(dict.fromkeys(found))


class RunLog:
    """An event file of one run: its graph first, then what each step says.

    folder: of the run. graph: a Graph, None for none. clock: the real one, or that of SOURCE_DATE_EPOCH.
    Raises UsageError where the folder cannot be written.
    """

    def __init__(self, folder: str, graph: Graph | None = None, clock: Clock | None = None,
                 flush_secs: float = FLUSH_SECS) -> None:
        self.folder = folder
        self.clock = clock or for_logs()
        self.writer = EventWriter(folder, self.clock, flush_secs)
        if graph is not None:
            self.writer.graph(graph_bytes(graph))
            self.writer.meta_graph(meta_graph_bytes(graph))
            self.writer.flush()

    @property
    def path(self) -> str:
        return self.writer.path

    def write(self, step: int, summaries: Iterable[bytes] = (), scalars: Mapping[str, Any] | None = None) -> None:
        """What one step says: serialized summaries, and numbers by tag where no summary has the tag."""
        whole = b"".join(summaries)
        said: set[str] = set()
        if whole:
            whole, said = distinct(whole)
            self.writer.summary(whole, step)
        for tag, value in (scalars or {}).items():
            if tag not in said:
                self.writer.scalar(tag, float(value), step)

    def restarted(self, step: int) -> None:
        """What was logged from this step on, in earlier files of the run, is forgotten: it is taken again."""
        from ...wire import events as wire
        from ...wire.encode import integer

        start = 1
        self.writer.event(wire.event(self.clock.now(), step, wire.SESSION_LOG, integer(1, start)))

    def costs(self, step: int, run_metadata: Any) -> None:
        """A RunMetadata: what each node of this step cost."""
        self.writer.run_metadata(f"step {step}", run_metadata.SerializeToString(deterministic=True), step)

    def embeddings(self, embeddings: Sequence[Any]) -> list[str]:
        """Vectors for the projector beside the events; the paths written (see projector.write)."""
        from .projector import write

        return write(self.folder, embeddings)

    def timeline(self) -> Any:
        """Clocks for a Timeline: (time of day, ticks), which stand where this log's clock does."""
        if self.clock.real:
            import time

            return self.clock.now, time.perf_counter
        return self.clock.now, self.clock.now

    def flush(self) -> None:
        self.writer.flush()

    def close(self) -> None:
        self.writer.close()

    def __enter__(self) -> RunLog:
        return self

    def __exit__(self, *exc: Any) -> None:
        self.close()


def distinct(data: bytes) -> tuple[bytes, set[str]]:
    """A Summary of which each tag has its first value only, and the tags: fetched summaries overlap merged ones."""
    from ...wire.messages import message

    summary = message("Summary").FromString(data)
    seen: set[str] = set()
    kept = []
    for value in summary.value:
        name = value.tag or value.node_name
        if name not in seen:
            seen.add(name)
            kept.append(value)
    if len(kept) == len(summary.value):
        return data, seen
    cut = message("Summary")(value=kept).SerializeToString()
    return cut, seen


def export(folder: str, graph: Graph) -> str:
    """Writes an event file with a graph in it, whole; the path. The same graph gives the same bytes."""
    import os

    from ...errors import UsageError, reason_of
    from ...wire import events as wire
    from ...wire.files import write_whole
    from ...wire.records import frame
    from .clock import for_exports
    from .writer import file_name

    clock = for_exports()
    now = clock.now()
    parts = [(wire.FILE_VERSION, wire.VERSION), (wire.GRAPH_DEF, graph_bytes(graph)),
             (wire.META_GRAPH_DEF, meta_graph_bytes(graph))]
    data = b"".join(frame(wire.event(now, 0, what, content)) for what, content in parts)
    path = os.path.join(folder, file_name(now, clock.host))
    try:
        os.makedirs(folder, exist_ok=True)
    except OSError as error:
        raise UsageError(f"cannot make the folder {folder}: {reason_of(error)}") from None
    write_whole(path, lambda file: file.write(data))
    return path
