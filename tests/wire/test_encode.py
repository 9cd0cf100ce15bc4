"""Bytes written by hand are those of protobuf's own serializer, for any values."""
from __future__ import annotations

import io
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from graphcli.wire import encode, events, summaries
from graphcli.wire.encode import blob, double, integer, single, without
from graphcli.wire.messages import message
from graphcli.wire.records import Record, frame, records

INTS = st.integers(-(2**63), 2**63 - 1)
COUNTS = st.integers(0, 2**31 - 1)
DOUBLES = st.floats(allow_nan=False)
SINGLES = st.floats(width=32, allow_nan=False)
TEXT = st.text(max_size=40)


@given(number=INTS)
def test_varints(number: int) -> None:
    by_protobuf = message("Event")(step=number).SerializeToString()
    assert encode.integer(2, number) == by_protobuf


@given(time=DOUBLES, step=INTS, tag=TEXT, data=st.binary(max_size=300))
def test_events(time: float, step: int, tag: str, data: bytes) -> None:
    event = message("Event")(wall_time=time, step=step, graph_def=data)
    ours = events.event(time, step, events.GRAPH_DEF, data)
    assert message("Event").FromString(ours) == event
    if time:
        # a wall time of 0 is written too: every event has one
        assert ours == event.SerializeToString()
    tagged = message("TaggedRunMetadata")(tag=tag, run_metadata=data)
    assert message("TaggedRunMetadata").FromString(events.run_metadata(tag, data)) == tagged


@given(tag=TEXT, value=SINGLES, step=INTS, time=DOUBLES)
def test_scalar_records(tag: str, value: float, step: int, time: float) -> None:
    (record,) = records(io.BytesIO(events.Scalars().record(tag, value, step, time)))
    assert isinstance(record, Record)
    event = message("Event")(wall_time=time, step=step)
    event.summary.value.add(tag=tag, simple_value=value)
    assert message("Event").FromString(record.data) == event
    assert events.Scalars().record(tag, value, step, time) == frame(record.data)


def summary(**fields: Any) -> bytes:
    """A Summary of one value, by protobuf."""
    made: bytes = message("Summary")(value=[message("Summary.Value")(**fields)]).SerializeToString()
    return made


@given(tag=TEXT, value=SINGLES)
def test_scalars(tag: str, value: float) -> None:
    assert summaries.scalar(tag.encode(), value) == summary(tag=tag, simple_value=value)


@given(tag=TEXT, facts=st.lists(DOUBLES, min_size=5, max_size=5),
       buckets=st.lists(st.tuples(DOUBLES, DOUBLES), max_size=9))
def test_histograms(tag: str, facts: list[float], buckets: list[tuple[float, float]]) -> None:
    limits, counts = [b[0] for b in buckets], [b[1] for b in buckets]
    least, greatest, number, total, squares = facts
    histo = message("HistogramProto")(min=least, max=greatest, num=number, sum=total, sum_squares=squares,
                                      bucket_limit=limits, bucket=counts)
    ours = summaries.histogram(tag.encode(), least, greatest, number, total, squares, limits, counts)
    assert ours == summary(tag=tag, histo=histo)


@given(tag=TEXT, sizes=st.tuples(COUNTS, COUNTS, COUNTS), data=st.binary(max_size=50),
       rate=st.floats(min_value=0, exclude_min=True, width=32))
def test_images_and_sound(tag: str, sizes: tuple[int, int, int], data: bytes, rate: float) -> None:
    height, width, channels = sizes
    image = message("Summary.Image")(height=height, width=width, colorspace=channels, encoded_image_string=data)
    ours = summaries.image(tag.encode(), height, width, channels, [data, b""])
    assert encode.joined(ours) == summary(tag=tag, image=image)
    audio = message("Summary.Audio")(sample_rate=rate, num_channels=channels, length_frames=height,
                                     encoded_audio_string=data, content_type="audio/wav")
    assert encode.joined(summaries.audio(tag.encode(), rate, channels, height, [data])) == summary(tag=tag, audio=audio)


@given(tag=TEXT, node=TEXT, metadata=st.none() | TEXT, shape=st.lists(st.integers(0, 3), max_size=3),
       strings=st.booleans())
def test_tensors(tag: str, node: str, metadata: str | None, shape: list[int], strings: bool) -> None:
    array = np.arange(int(np.prod(shape, dtype=int)), dtype=np.float32).reshape(shape)
    proto = message("TensorProto")(dtype=7 if strings else 1)
    proto.tensor_shape.SetInParent()
    for size in shape:
        proto.tensor_shape.dim.add(size=size)
    if strings:
        array = np.array([b"x%d" % i for i in range(array.size)] + [None], object)[:-1].reshape(shape)
        proto.string_val.extend(array.reshape(-1).tolist())
    else:
        proto.tensor_content = array.tobytes()
    fields: dict[str, Any] = {"tag": tag, "node_name": node, "tensor": proto}
    described = None
    if metadata is not None:
        described = message("SummaryMetadata")(display_name=metadata)
        fields["metadata"] = described
    ours = summaries.tensor(tag.encode(), summaries.tensor_proto(array, 7 if strings else 1), node.encode(),
                            None if described is None else described.SerializeToString())
    assert encode.joined(ours) == summary(**fields)


@pytest.mark.parametrize("data", [
    integer(1, 1) + blob(2, b"") + blob(4, b"abcd"), integer(1, 3),
    integer(1, 1) + blob(4, b"abcd") + blob(4, b"efghij") + blob(2, b""),
    b"", blob(4, b""), single(5, 1.5) + double(6, 2.5) + blob(4, bytes(300)) + blob(8, b"x")])
def test_a_field_of_bytes_is_taken_out_where_it_lies(data: bytes) -> None:
    from graphcli.wire.messages import message

    whole, part = message("TensorProto")(), message("TensorProto")()
    rest, content = without(data, 4)
    whole.ParseFromString(data)
    part.ParseFromString(rest)
    assert whole.tensor_content == (part.tensor_content if content is None else bytes(content))
    part.ClearField("tensor_content")
    whole.ClearField("tensor_content")
    assert part == whole


@pytest.mark.parametrize("data", [blob(4, b"abcd")[:-1], b"\x0f", b"\x80", blob(8, b"x") * 100 + blob(4, b"ab")])
def test_what_is_no_message_or_has_many_fields_stays_as_it_is(data: bytes) -> None:
    assert without(data, 4) == (data, None)
