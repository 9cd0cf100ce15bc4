"""Examples that are read side by side have the values that protobuf finds in them."""
from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import graphcli.tf1 as tf
from graphcli.engine import Session
from graphcli.errors import GraphError
from graphcli.ops import _examples
from graphcli.wire.encode import blob
from graphcli.wire.messages import message

FEATURES = {"a": tf.VarLenFeature(tf.float32), "bb": tf.VarLenFeature(tf.int64), "c": tf.VarLenFeature(tf.string),
            "seq": tf.FixedLenSequenceFeature([], tf.int64, allow_missing=True, default_value=-7),
            "one": tf.FixedLenFeature([2], tf.float32, default_value=[5.0, 6.0])}
WHOLE = st.integers(-2**63, 2**63 - 1) | st.integers(0, 300)
FLOATS = st.floats(width=32, allow_nan=False)
VALUES = {"a": ("float_list", st.lists(FLOATS, max_size=4)), "bb": ("int64_list", st.lists(WHOLE, max_size=4)),
          "c": ("bytes_list", st.lists(st.binary(max_size=200), max_size=4)),
          "seq": ("int64_list", st.lists(WHOLE, max_size=4)),
          "one": ("float_list", st.lists(FLOATS, min_size=2, max_size=2)),
          "other": ("bytes_list", st.lists(st.binary(max_size=9), max_size=2))}
EXAMPLES = st.lists(st.fixed_dictionaries({}, optional={k: v[1] for k, v in VALUES.items()}), max_size=6)


def bytes_of(values: dict[str, list[Any]]) -> bytes:
    example = message("Example")()
    for key, some in values.items():
        getattr(example.features.feature[key], VALUES[key][0]).value.extend(some)
    return bytes(example.SerializeToString())


def read(texts: list[bytes], few: int, monkeypatch: pytest.MonkeyPatch, features: Any = FEATURES) -> Any:
    monkeypatch.setattr(_examples, "FEW", few)
    with tf.Graph().as_default() as graph:
        found = tf.parse_example(tf.placeholder(tf.string, [None], name="texts"), features)
    with Session(graph) as session:
        return session.run(found, {"texts:0": np.array(texts, object)})


def same(x: Any, y: Any) -> None:
    for key in x:
        for a, b in zip(x[key] if isinstance(x[key], tuple) else [x[key]],
                        y[key] if isinstance(y[key], tuple) else [y[key]]):
            assert a.dtype == b.dtype
            assert np.array_equal(a, b), key


@settings(max_examples=100, deadline=None)
@given(EXAMPLES)
def test_examples_read_at_once_are_those_that_protobuf_reads(examples: list[dict[str, list[Any]]]) -> None:
    texts = [bytes_of(e) for e in examples]
    with pytest.MonkeyPatch.context() as patch:
        same(read(texts, 0, patch), read(texts, 1 << 30, patch))


def entry(key: bytes, feature: bytes) -> bytes:
    return blob(1, blob(1, key) + blob(2, feature))


def example(*entries: bytes) -> bytes:
    return blob(1, b"".join(entries))


FLOAT = blob(2, blob(1, np.float32(1).tobytes()))
GOOD = example(entry(b"a", FLOAT), entry(b"bb", blob(3, blob(1, b"\x01"))))
ODD = {"a feature twice": example(entry(b"a", FLOAT), entry(b"a", blob(2, blob(1, bytes(8))))),
       "a feature twice, without values": example(entry(b"a", FLOAT), entry(b"a", b"")),
       "values not packed": example(entry(b"a", blob(2, b"\x0d" + bytes(4) + b"\x0d" + bytes(4)))),
       "features in two parts": GOOD + example(entry(b"a", blob(2, blob(1, bytes(8))))),
       "an unknown field": blob(7, b"xx") + GOOD,
       "a value before its key": blob(1, blob(1, blob(2, FLOAT) + blob(1, b"a"))),
       "a size of more bytes than need be": b"\x0a" + bytes([len(GOOD) - 2 | 128, 128, 0]) + GOOD[2:],
       "no features": example(), "nothing": b"", "no values": example(entry(b"a", blob(2, b""))),
       "many texts": example(entry(b"c", blob(1, 100 * blob(1, b"x")))),
       "ten bytes a number": example(entry(b"bb", blob(3, blob(1, b"\xff" * 9 + b"\x01")))),
       "numbers over parts": example(entry(b"bb", blob(3, blob(1, b"\x81\x01" * 40_000 + b"\x05"))))}
BAD = {"bytes of no number": example(entry(b"bb", blob(3, blob(1, b"\xff")))),
       "three bytes for a float": example(entry(b"a", blob(2, blob(1, b"abc")))),
       "an end too early": GOOD[:-2], "more behind": GOOD + b"\x0a",
       "another kind": example(entry(b"a", blob(3, blob(1, b"\x01"))))}


@pytest.mark.parametrize("name", ODD)
def test_examples_of_odd_form_are_what_protobuf_reads(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    for texts in ([ODD[name]], [GOOD, ODD[name], GOOD]):
        same(read(texts, 0, monkeypatch), read(texts, 1 << 30, monkeypatch))


@pytest.mark.parametrize("name", BAD)
def test_what_is_no_example_is_refused_with_the_same_message(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    said = set()
    for few in (0, 1 << 30):
        with pytest.raises(GraphError) as caught:
            read([GOOD, BAD[name], GOOD], few, monkeypatch)
        said.add(str(caught.value))
    assert len(said) == 1


@pytest.mark.parametrize("few", [0, 1 << 30])
@pytest.mark.parametrize("feature", [b"\xff\xff", b"\x12\x05\x0a"])
def test_features_that_nobody_asks_for_may_be_no_messages(feature: bytes, few: int, monkeypatch: pytest.MonkeyPatch
                                                          ) -> None:
    odd = example(entry(b"\xff", feature), entry(b"a", FLOAT))
    not_packed = ODD["values not packed"]
    for texts in ([odd], [GOOD, odd, not_packed]):
        found = read(texts, few, monkeypatch)["a"].values
        assert found.tolist() == [1.0] * min(len(texts), 2) + [0.0, 0.0] * (len(texts) > 1)
