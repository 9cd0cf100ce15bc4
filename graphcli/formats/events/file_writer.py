"""tf.summary.FileWriter: TF1's own interface to an EventWriter."""
from __future__ import annotations

import threading
import warnings
from typing import Any, ClassVar

from ...errors import InvalidType, InvalidValue
from ...graph.graph import Graph
from .clock import Clock
from .writer import EventWriter


class FileWriter:
    """Writes summaries, graphs and run metadata to an event file (tf.summary.FileWriter).

    logdir: made if it is absent. graph: a Graph, added at once with its MetaGraphDef. max_queue is TF1's and not
    used. flush_secs: the longest that an event waits in memory. clock: another one than the real one.
    Raises GraphError where the folder cannot be written.
    """

    def __init__(self, logdir: Any, graph: Any = None, max_queue: int = 10, flush_secs: float = 120,
                 graph_def: Any = None, filename_suffix: str | None = None, session: Any = None,
                 clock: Clock | None = None) -> None:
        self._logdir = str(logdir)
        self._arguments = (clock, flush_secs, filename_suffix or "")
        self._writer = EventWriter(self._logdir, *self._arguments)
        self._closed = False
        self._run_tags: set[str] = set()
        if graph is not None or graph_def is not None:
            from .graphs import meta_graph_bytes

            self.add_graph(graph, graph_def=graph_def)
            self._writer.meta_graph(meta_graph_bytes(graph if graph is not None else graph_def))

    def get_logdir(self) -> str:
        return self._logdir

    def add_summary(self, summary: Any, global_step: Any = None) -> None:
        """A Summary message, or the bytes that a summary op gives. Raises InvalidValue for bytes that are none."""
        data = summary if isinstance(summary, bytes) else getattr(summary, "SerializeToString", None)
        if data is None:
            raise InvalidType(f"a summary is bytes or a Summary message, not {type(summary).__name__}")
        if self._open():
            self._writer.summary(data if isinstance(data, bytes) else data(), _step(global_step))

    def add_scalar(self, tag: str, value: float, global_step: Any = None) -> None:
        """One number, without a message made for it: the fast way (not in TF1)."""
        if self._open():
            self._writer.scalar(tag, float(value), _step(global_step))

    def add_graph(self, graph: Any, global_step: Any = None, graph_def: Any = None) -> None:
        """A Graph with the shapes of its tensors, or a GraphDef message as it is."""
        from .graphs import graph_bytes

        if graph is not None and graph_def is not None:
            raise InvalidValue("Please pass only graph, or graph_def (deprecated), but not both.")
        given = graph if graph is not None else graph_def
        if not isinstance(given, Graph) and not hasattr(given, "SerializeToString"):
            raise InvalidType("The passed graph must be an instance of `Graph` or the deprecated `GraphDef`")
        if self._open():
            self._writer.graph(graph_bytes(given), _step(global_step))

    def add_meta_graph(self, meta_graph_def: Any, global_step: Any = None) -> None:
        """A MetaGraphDef message."""
        if not hasattr(meta_graph_def, "graph_def"):
            raise InvalidType(f"meta_graph_def must be type MetaGraphDef, saw type: {type(meta_graph_def)}")
        if self._open():
            self._writer.meta_graph(meta_graph_def.SerializeToString(), _step(global_step))

    def add_run_metadata(self, run_metadata: Any, tag: str, global_step: Any = None) -> None:
        """What a traced run cost, under a tag of its own. Raises InvalidValue for a tag that was used."""
        if tag in self._run_tags:
            raise InvalidValue("The provided tag was already used for this event type")
        self._run_tags.add(tag)
        if self._open():
            self._writer.run_metadata(tag, run_metadata.SerializeToString(), _step(global_step))

    def add_session_log(self, session_log: Any, global_step: Any = None) -> None:
        """A SessionLog message: TensorBoard forgets what came after a START's step."""
        from ...wire.messages import message

        event = message("Event")(wall_time=self._writer.clock.now(), step=_step(global_step))
        event.session_log.MergeFromString(session_log.SerializeToString())
        self.add_event(event)

    def add_event(self, event: Any) -> None:
        """An Event message as it is."""
        if self._open():
            self._writer.event(event.SerializeToString())

    def flush(self) -> None:
        if self._open():
            self._writer.flush()

    def close(self) -> None:
        """Flushes and closes; what is added afterwards is dropped with a warning, as in TF1."""
        if not self._closed:
            self._closed = True
            self._writer.close()

    def reopen(self) -> None:
        """After close: a new file in the same folder. Does nothing while it is open."""
        if self._closed:
            self._writer = EventWriter(self._logdir, *self._arguments)
            self._closed = False

    def __enter__(self) -> FileWriter:
        return self

    def __exit__(self, *exc: Any) -> None:
        self.close()

    def _open(self) -> bool:
        if self._closed:
            warnings.warn("Attempting to use a closed FileWriter. The operation will be a noop unless the FileWriter "
                          "is explicitly reopened.", stacklevel=3)
        return not self._closed


def _step(step: Any) -> int:
    return 0 if step is None else int(step)


class FileWriterCache:
    """One FileWriter for each folder, with the default graph in it (tf.summary.FileWriterCache)."""

    _cache: ClassVar[dict[str, FileWriter]] = {}
    _lock: ClassVar[Any] = threading.RLock()

    @staticmethod
    def get(logdir: Any) -> FileWriter:
        """The writer of a folder, made when it is first asked for."""
        from ...graph.default import get_default_graph

        with FileWriterCache._lock:
            name = str(logdir)
            if name not in FileWriterCache._cache:
                FileWriterCache._cache[name] = FileWriter(name, graph=get_default_graph())
            return FileWriterCache._cache[name]

    @staticmethod
    def clear() -> None:
        """Closes and forgets them all."""
        with FileWriterCache._lock:
            for writer in FileWriterCache._cache.values():
                writer.close()
            FileWriterCache._cache.clear()
