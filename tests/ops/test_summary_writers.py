"""What a step writes by summary writers is what TensorFlow 1.15 writes, and only into folders that may be written."""
from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

import graphcli.tf1 as tf
from graphcli.errors import GraphError, RunError

WRITTEN = [
    'file_version: "brain.Event:2"',
    'step: 5 summary { value { tag: "a/b" simple_value: 1.25 } }',
    'step: 5 summary { value { tag: "i" simple_value: 7 } }',
    'step: 5 summary { value { tag: "t" tensor { dtype: DT_FLOAT tensor_shape { dim { size: 2 } } '
    'tensor_content: "\\000\\000\\300?\\000\\000\\000@" } metadata { plugin_data { plugin_name: "p" } } } }',
    'step: 5 summary { value { tag: "ts" tensor { dtype: DT_STRING tensor_shape { dim { size: 2 } } string_val: '
    '"x" string_val: "yy" } } }',
    'step: 5 summary { value { tag: "h" histo { min: 1 max: 1 num: 1 sum: 1 sum_squares: 1 bucket_limit: '
    '0.917246389039776 bucket_limit: 1.0089710279437536 bucket_limit: 1.7976931348623157e+308 bucket: 0 bucket: '
    '1 bucket: 0 } } }',
    'step: 5 graph_def: "\\n\\007\\n\\001x\\022\\002No"',
    'step: 5 summary { value { tag: "q" simple_value: 1 } }',
    'step: 3 summary { value { tag: "q" simple_value: 1 } }',
]
"""TensorFlow 1.15's events, without their times."""


def raw(op: str, *inputs: Any, **attrs: Any) -> Any:
    return tf.apply_op(op, None, list(inputs), attrs)


def writer(folder: Path) -> tuple[Any, Any]:
    made = raw("SummaryWriter", shared_name="writer")
    return made, raw("CreateSummaryFileWriter", made, str(folder), 0, 1000, ".v2")


def test_events_are_tensorflows(tmp_path: Path) -> None:
    made, create = writer(tmp_path)
    step = tf.constant(5, tf.int64)
    writes = [raw("WriteScalarSummary", made, step, "a/b", np.float32(1.25)),
              raw("WriteScalarSummary", made, step, "i", 7),
              raw("WriteSummary", made, step, np.float32([1.5, 2.0]), "t", b"\n\x03\n\x01p"),
              raw("WriteSummary", made, step, np.array([b"x", b"yy"], object), "ts", b""),
              raw("WriteHistogramSummary", made, step, "h", np.float32([1.0])),
              raw("WriteGraphSummary", made, step, b"\n\x07\n\x01x\x12\x02No"),
              raw("WriteRawProtoSummary", made, step, b"\n\x08\n\x01q\x15\x00\x00\x80?"),
              raw("ImportEvent", made, b"\x10\x03*\n\n\x08\n\x01q\x15\x00\x00\x80?")]
    with tf.Session() as session:
        for _ in range(2):
            session.run(create)
        for write in writes:
            session.run(write)
        session.run(raw("CloseSummaryWriter", made))
        with pytest.raises(RunError, match="not created yet, or closed"):
            session.run(writes[0])
    file, = tmp_path.iterdir()
    assert file.name.startswith("events.out.tfevents.") and file.name.endswith(".v2")
    found = []
    for event in tf.train.summary_iterator(str(file)):
        event.ClearField("wall_time")
        found.append(" ".join(str(event).split()))
    assert found == WRITTEN


@pytest.mark.parametrize(("op", "inputs"), [
    ("WriteScalarSummary", [["a", "b"], np.float32([1, 2])]), ("WriteScalarSummary", ["a", np.float32([1])]),
    ("WriteHistogramSummary", ["a", np.float32([np.nan])]),
    ("WriteAudioSummary", ["a", np.float32([1]), np.float32(1)]),
    ("WriteRawProtoSummary", [b"\xff"]), ("WriteGraphSummary", [b"\xff"])])
def test_what_is_no_summary_is_refused(op: str, inputs: list[Any], tmp_path: Path) -> None:
    made, create = writer(tmp_path)
    with tf.Session() as session:
        session.run(create)
        with pytest.raises(GraphError):
            session.run(raw(op, made, tf.constant(5, tf.int64), *inputs))


def test_a_folder_that_may_not_be_written_is_refused_and_not_made(tmp_path: Path) -> None:
    _, create = writer(tmp_path / "log")
    with tf.Session() as session:
        session.state.files = frozenset({str(tmp_path / "other")})
        with pytest.raises(RunError, match="which the command line does not name"):
            session.run(create)
    assert not list(tmp_path.iterdir())
