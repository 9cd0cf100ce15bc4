"""tf.contrib.summary: summaries that a step writes itself, into the file of a writer, where they are to be recorded."""
from __future__ import annotations

import os
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from ..errors import FailedPrecondition, InvalidType, InvalidValue, said
from ..graph.types import int64, string, uint8
from .conversion import convert_to_tensor, is_tensor
from .framework import add_to_collection, apply_op, control_dependencies, get_collection, name_scope
from .layers import known
from .modules import modules
from .summary import summary_scope

EXPORTS = """
contrib.summary python.ops.summary_ops_v2: SummaryWriter create_file_writer create_summary_file_writer
contrib.summary python.ops.summary_ops_v2: always_record_summaries never_record_summaries should_record_summaries
contrib.summary python.ops.summary_ops_v2: record_summaries_every_n_global_steps summary_writer_initializer_op
contrib.summary python.ops.summary_ops_v2: initialize flush generic scalar histogram image audio graph import_event
contrib.summary python.ops.summary_ops_v2: eval_dir
contrib.summary: all_summary_ops
summary python.ops.summary_ops_v2: all_v2_summary_ops
summary: initialize
"""

tf = modules["tf"]
_WRITERS, _SUMMARIES = "_SUMMARY_WRITER_V2", "_SUMMARY_V2"
_CPU = "cpu:0"


class _Here(threading.local):
    """What holds in a thread. recording: a bool, a tensor of one, or what gives one; None where nobody said."""

    writer: Any = None
    recording: Any = None


_HERE = _Here()


class SummaryWriter:
    """A writer of summaries (tf.contrib.summary.SummaryWriter): one that has no file writes nothing."""

    def __init__(self, resource: Any = None, create: Callable[[Any], Any] | None = None) -> None:
        self._resource, self._create = resource, create
        if create is not None:
            add_to_collection(_WRITERS, create(resource))

    def set_as_default(self) -> None:
        """Summaries go to it from here on."""
        if self._create is not None:
            _HERE.writer = self

    @contextmanager
    def as_default(self) -> Iterator[Any]:
        """Within it summaries go to it."""
        if self._create is None:
            yield None
            return
        before, _HERE.writer = _HERE.writer, self
        try:
            yield self
            self.flush()
        finally:
            _HERE.writer = before

    def init(self) -> Any:
        """An op that makes its file."""
        return None if self._create is None else self._create(self._resource)

    def flush(self) -> Any:
        """An op that writes what waits."""
        return None if self._create is None else flush(self)

    def close(self) -> Any:
        """An op that writes what waits and closes the file."""
        if self._create is None:
            return None
        with control_dependencies([self.flush()]), tf.device(_CPU):
            return apply_op("CloseSummaryWriter", None, [self._resource])


def create_file_writer(logdir: Any, max_queue: Any = None, flush_millis: Any = None, filename_suffix: Any = None,
                       name: str | None = None) -> SummaryWriter:
    """A writer of the event files of a folder (tf.contrib.summary.create_file_writer); without a folder it writes none.

    max_queue, flush_millis: how many events may wait, and how long: 10 and two minutes.
    """
    if logdir is None:
        return SummaryWriter()
    folder = str(logdir)
    with tf.device(_CPU):
        given = [tf.constant(default) if x is None else x for x, default in (
            (max_queue, 10), (flush_millis, 2 * 60 * 1000), (filename_suffix, ".v2"))]
        resource = apply_op("SummaryWriter", None, [], {"shared_name": f"logdir:{folder}" if name is None else name})
        return SummaryWriter(resource, lambda writer: apply_op("CreateSummaryFileWriter", None, [
            writer, folder, *given]))


create_summary_file_writer = create_file_writer


@contextmanager
def _record_if(condition: Any) -> Iterator[None]:
    before, _HERE.recording = _HERE.recording, condition
    try:
        yield
    finally:
        _HERE.recording = before


def always_record_summaries() -> Any:
    """Within it summaries are recorded."""
    return _record_if(True)


def never_record_summaries() -> Any:
    """Within it summaries are not recorded."""
    return _record_if(False)


def record_summaries_every_n_global_steps(n: int, global_step: Any = None) -> Any:
    """Within it summaries are recorded in every n-th step."""
    step = tf.train.get_or_create_global_step() if global_step is None else global_step
    with tf.device(_CPU):
        return _record_if(tf.equal(step % n, 0))


def should_record_summaries() -> Any:
    """Whether summaries are recorded, a tensor: bool []."""
    condition = _HERE.recording() if callable(_HERE.recording) else _HERE.recording
    return tf.logical_and(True, False if condition is None else condition)


def summary_writer_initializer_op() -> list[Any]:
    """The ops that make the files of all writers."""
    return get_collection(_WRITERS)


def all_v2_summary_ops() -> list[Any]:
    """The ops of all summaries, which a step is to run."""
    return get_collection(_SUMMARIES)


all_summary_ops = all_v2_summary_ops


def initialize(graph: Any = None, session: Any = None) -> None:
    """Makes the files of all writers, and writes a graph where one is given. Raises FailedPrecondition without a
    writer, InvalidValue without a session."""
    if _HERE.writer is None:
        raise FailedPrecondition("No default tf.contrib.summary.SummaryWriter found")
    session = tf.get_default_session() if session is None else session
    if session is None:
        raise InvalidValue("session must be passed if no default session exists")
    session.run(summary_writer_initializer_op())
    if graph is not None:
        proto = graph.as_graph_def(add_shapes=True) if hasattr(graph, "as_graph_def") else graph
        data = tf.placeholder(string)
        session.run(_graph(data, 0), feed_dict={data: proto.SerializeToString()})


def flush(writer: Any = None, name: str | None = None) -> Any:
    """An op that writes what waits; one that does nothing where there is no writer."""
    writer = _HERE.writer if writer is None else writer
    if writer is None:
        return tf.no_op()
    with tf.device(_CPU):
        return apply_op("FlushSummaryWriter", name, [writer._resource if isinstance(writer, SummaryWriter) else writer])


def _step(step: Any) -> Any:
    if step is None:
        return tf.train.get_or_create_global_step()
    return step if is_tensor(step) else convert_to_tensor(step, int64)


def _written(name: Any, tensor: Any, family: Any, write: Callable[[str, str], Any]) -> Any:
    """What writes a summary, where that is to be: a bool, whether it did."""
    around = tf.get_default_graph().get_name_scope()
    around = f"{around}/" if around else around

    def record() -> Any:
        with name_scope(around), summary_scope(name, family, values=[tensor]) as (tag, scope):
            with control_dependencies([write(tag, scope)]):
                return tf.constant(True)

    if _HERE.writer is None:
        return tf.no_op()
    with tf.device(_CPU):
        asked = should_record_summaries()
        value = known(asked.op.inputs[1])
        if value is None:
            found = tf.cond(asked, record, lambda: tf.constant(False), name="")
        else:
            found = record() if value else tf.constant(False)
        add_to_collection(_SUMMARIES, found)
    return found


def _write(kind: str, scope: str, step: Any, *inputs: Any, **attrs: Any) -> Any:
    return apply_op(kind, scope, [_HERE.writer._resource, step, *inputs], attrs)


def generic(name: Any, tensor: Any, metadata: Any = None, family: Any = None, step: Any = None) -> Any:
    """Writes a summary of a tensor. metadata: a SummaryMetadata, or its bytes as a tensor."""
    def write(tag: str, scope: str) -> Any:
        told = metadata
        if metadata is None or hasattr(metadata, "SerializeToString"):
            told = tf.constant("" if metadata is None else metadata.SerializeToString())
        return _write("WriteSummary", scope, _step(step), tf.identity(tensor), tag, told)

    return _written(name, tensor, family, write)


def scalar(name: Any, tensor: Any, family: Any = None, step: Any = None) -> Any:
    """Writes a summary of a number (tf.contrib.summary.scalar). step: int64, by default the global step."""
    return _written(name, tensor, family, lambda tag, scope: _write(
        "WriteScalarSummary", scope, _step(step), tag, tf.identity(tensor)))


def histogram(name: Any, tensor: Any, family: Any = None, step: Any = None) -> Any:
    """Writes a summary of a distribution (tf.contrib.summary.histogram)."""
    return _written(name, tensor, family, lambda tag, scope: _write(
        "WriteHistogramSummary", scope, _step(step), tag, tf.identity(tensor)))


def image(name: Any, tensor: Any, bad_color: Any = None, max_images: int = 3, family: Any = None,
          step: Any = None) -> Any:
    """Writes a summary of images (tf.contrib.summary.image)."""
    def write(tag: str, scope: str) -> Any:
        bad = tf.constant([255, 0, 0, 255], dtype=uint8) if bad_color is None else bad_color
        return _write("WriteImageSummary", scope, _step(step), tag, tf.identity(tensor), bad, max_images=max_images)

    return _written(name, tensor, family, write)


def audio(name: Any, tensor: Any, sample_rate: Any, max_outputs: int, family: Any = None, step: Any = None) -> Any:
    """Writes a summary of sound (tf.contrib.summary.audio)."""
    return _written(name, tensor, family, lambda tag, scope: _write(
        "WriteAudioSummary", scope, _step(step), tag, tf.identity(tensor), sample_rate, max_outputs=max_outputs))


def graph(param: Any, step: Any = None, name: str | None = None) -> Any:
    """Writes a graph, a tensor of a serialized GraphDef. Raises InvalidType for what is no tensor."""
    if not is_tensor(param):
        raise InvalidType(f"graph() needs a tf.Tensor (e.g. tf.placeholder) in graph mode, but was: {said(param)}")
    if _HERE.writer is None:
        return tf.no_op()
    with tf.device(_CPU):
        data = tf.identity(param)
        return apply_op("WriteGraphSummary", name, [_HERE.writer._resource, _step(step), data])


_graph = graph


def import_event(tensor: Any, name: str | None = None) -> Any:
    """Writes an event that is serialized already."""
    if _HERE.writer is None:
        raise FailedPrecondition("No default tf.contrib.summary.SummaryWriter found")
    return apply_op("ImportEvent", name, [_HERE.writer._resource, tensor])


def eval_dir(model_dir: str, name: str | None = None) -> str:
    """The folder of the summaries of an evaluation."""
    return os.path.join(model_dir, "eval" if not name else f"eval_{name}")
