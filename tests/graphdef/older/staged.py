"""Staging areas by keys, and locks."""
from __future__ import annotations

from typing import Any


def _area(tf: Any, kind: str) -> Any:
    r = tf.raw_ops
    key, at = tf.placeholder(tf.int64, []), tf.placeholder(tf.int32, [None])
    x, text = tf.placeholder(tf.float32), tf.placeholder(tf.string)
    dtypes = {"dtypes": [tf.float32, tf.string], "shared_name": kind + "area"}
    make = lambda name: getattr(r, kind + "Map" + name)  # noqa: E731
    whole = make("Stage")(key=key, indices=at, values=[x, text], **dtypes)
    first = make("Stage")(key=key, indices=at, values=[x], **dtypes)
    second = make("Stage")(key=key, indices=at, values=[text], **dtypes)
    taken = make("Unstage")(key=key, indices=at, **dtypes)
    one = make("Unstage")(key=key, indices=at, dtypes=[tf.string], shared_name=kind + "area")
    peeked = make("Peek")(key=key, indices=at, **dtypes)
    popped = make("UnstageNoKey")(indices=at, **dtypes)
    counts = [make(name)(**dtypes) for name in ("Size", "IncompleteSize")]
    clear = make("Clear")(**dtypes)

    def put(number: int, value: float, word: str) -> Any:
        return [whole], {key: number, at: [0, 1], x: value, text: word}

    both = {at: [0, 1]}
    return [counts, put(7, 1., "a"), put(3, 2., "b"), put(5, 3., "c"), put(3, 9., "again"), counts,
            (list(peeked), {key: 3, **both}), (list(taken), {key: 3, **both}), counts,
            ([first], {key: 9, at: [0], x: [1., 2.]}), counts, ([second], {key: 9, at: [1], text: ["x"]}), counts,
            (list(taken), {key: 9, **both}), ([first], {key: 1, at: [0], x: 1.}), ([first], {key: 1, at: [0], x: 1.}),
            ([first], {key: 1, at: [2], x: 1.}), (list(peeked), {key: 7, at: [0, 2]}),
            ([one], {key: 7, at: [1]}), (list(peeked), {key: 7, **both}), counts,
            ([whole], {key: 8, at: [1, 0], x: 1., text: "a"}),
            *([([popped[0], *popped[1]], {at: [0, 1]})] if kind else []), [clear], counts]


def by_key(tf: Any) -> Any:
    return _area(tf, "")


def in_order(tf: Any) -> Any:
    return _area(tf, "Ordered")


def popped(tf: Any) -> Any:
    r, x = tf.raw_ops, tf.placeholder(tf.float32)
    held = {"dtypes": [tf.float32], "memory_limit": 20, "shared_name": "few"}
    put = r.MapStage(key=4, indices=[0], values=[x], **held)
    got = r.MapUnstageNoKey(indices=[0], **held)
    return [([put], {x: [1., 2.]}), [got[0], *got[1]], ([put], {x: [1.] * 6}), ([put], {x: [1.] * 5})]


def locks(tf: Any) -> Any:
    r = tf.raw_ops
    mutex = r.MutexV2(shared_name="one")
    held = r.MutexLock(mutex=mutex)
    with tf.control_dependencies([held]):
        value = tf.constant(3.) * 2.
    with tf.control_dependencies([value]):
        freed = r.ConsumeMutexLock(mutex_lock=held)
    with tf.control_dependencies([freed]):
        value = tf.identity(value)
    return [[value], [value]]
