"""What ops of text take beyond it, the texts themselves and what is made of them: a tenth at most, or what docs say."""
from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import graphcli.tf1 as tf
from graphcli.engine import Session

from .held import taken

MANY = 400_000
ROWS: dict[str, tuple[Callable[..., Any], Callable[[], list[Any]], float]] = {}


def row(name: str, make: Callable[..., Any], *arrays: Callable[[], Any], beyond: float = 0.1) -> None:
    ROWS[name] = make, lambda: [a() for a in arrays], beyond


def words() -> Any:
    return np.array([b"word number %d" % v for v in np.random.default_rng(0).permutation(MANY)], object)


def few() -> Any:
    return words()[np.random.default_rng(1).integers(0, 1000, MANY)]


def numbers() -> Any:
    return np.random.default_rng(0).random(MANY).astype(np.float32)


def looked_up(keys: Any) -> Any:
    table = tf.lookup.StaticHashTable(tf.lookup.KeyValueTensorInitializer(
        [b"word number %d" % v for v in range(1000)], np.arange(1000)), -1)
    with tf.control_dependencies([table.initializer]):
        return table.lookup(keys)


def raw(kind: str, *more: Any, **attrs: Any) -> Callable[..., Any]:
    return lambda *args: tf.apply_op(kind, None, [*args, *more], attrs)


row("distinct", raw("Unique"), words, beyond=0.16)
row("distinct, counted", raw("UniqueWithCounts"), words)
row("few that are distinct", raw("Unique"), few, beyond=0.2)
row("in one alone", raw("ListDiff"), words, lambda: words()[:1000])
row("in one alone, of two long ones", raw("ListDiff"), words, lambda: words()[:MANY // 2], beyond=0.32)
row("joined", lambda x: tf.string_join([x, x], "-"), words)
row("lengths", raw("StringLength"), words)
row("of numbers", tf.as_string, numbers)
row("to numbers", tf.string_to_number, lambda: np.array([b"%d.5" % v for v in range(MANY)], object))
row("cut", lambda x: tf.substr(x, 2, 5), words)
row("stripped", tf.string_strip, words)
row("in buckets", lambda x: tf.string_to_hash_bucket_fast(x, 1000), lambda: words()[:100_000])
row("replaced", lambda x: tf.regex_replace(x, "o", "00"), words)
row("encoded", tf.encode_base64, words)
row("looked up", looked_up, words)
row("rows joined", lambda x: tf.reduce_join(x, 1), lambda: words().reshape(-1, 10))
row("a summary of many numbers", raw("ScalarSummary"), lambda: words()[:100_000], lambda: numbers()[:100_000])


def size(arrays: Any) -> int:
    """Bytes of arrays, with the texts that they hold, each once."""
    texts = {id(v): sys.getsizeof(v) for a in arrays if a.dtype == object for v in a.reshape(-1).tolist()}
    return sum(a.nbytes for a in arrays) + sum(texts.values())


@pytest.mark.parametrize("name", ROWS)
def test_an_op_of_text_takes_little_beyond_what_it_reads_and_makes(name: str) -> None:
    make, fed, beyond = ROWS[name]
    given = fed()
    with tf.Graph().as_default() as graph:
        holders = [tf.placeholder(tf.string if a.dtype == object else a.dtype, a.shape) for a in given]
        fetch = make(*holders)
    feeds = dict(zip(holders, given))
    fetch = list(fetch) if isinstance(fetch, (list, tuple)) else [fetch]
    with Session(graph, threads=2) as session:
        found, held = taken(session, fetch, feeds)
    both = size([*given, *map(np.asarray, found)])
    made = both - size(given)
    assert held - made <= beyond * both


def test_text_that_is_fed_as_bytes_is_taken_as_it_is_and_never_written_to() -> None:
    with tf.Graph().as_default() as graph:
        x = tf.placeholder(tf.string, [None])
        y, longer = tf.identity(x), tf.string_join([x, x])
    given = np.array([b"a", b"b"], object)
    with Session(graph) as session:
        found, joined = session.run([y, longer], {x: given})
        assert joined.tolist() == [b"aa", b"bb"]
        found[0] = b"other"
        assert given.tolist() == [b"a", b"b"]
        assert session.run(y, {x: np.array(["ä", b"b"], object)}).tolist() == ["ä".encode(), b"b"]
