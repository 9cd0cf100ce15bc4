"""Queues, readers, barriers and staging areas as older graphs have them."""
from __future__ import annotations

from typing import Any


def files(tf: Any) -> dict[str, bytes]:
    return {"a.txt": b"head\none\ntwo\n", "b.txt": b"head\nthree\n"}


def _queue(tf: Any, handle: Any, kinds: Any, many: bool = True) -> Any:
    r = tf.raw_ops
    feeds = [tf.placeholder(k) for k in kinds]
    put = r.QueueEnqueue(handle=handle, components=feeds)
    all_ = r.QueueEnqueueMany(handle=handle, components=feeds)
    take = r.QueueDequeue(handle=handle, component_types=kinds)
    n = tf.placeholder(tf.int32, [])
    out = {"put": lambda *v: ([put], dict(zip(feeds, v))), "all": lambda *v: ([all_], dict(zip(feeds, v))),
           "take": [*take], "size": [r.QueueSize(handle=handle)], "closed": [r.QueueIsClosed(handle=handle)],
           "close": [r.QueueClose(handle=handle)]}
    if many:
        several = r.QueueDequeueMany(handle=handle, n=n, component_types=kinds)
        some = r.QueueDequeueUpTo(handle=handle, n=n, component_types=kinds)
        out["several"] = lambda m: ([*several], {n: m})
        out["some"] = lambda m: ([*some], {n: m})
    return out


def first_in_first_out(tf: Any) -> Any:
    kinds = [tf.int32, tf.string]
    q = _queue(tf, tf.raw_ops.FIFOQueue(component_types=kinds, shapes=[[], []], capacity=9), kinds)
    return [q["put"](1, "a"), q["all"]([2, 3, 4], ["b", "c", "d"]), q["size"], q["take"], q["several"](2), q["closed"],
            q["close"], q["closed"], q["some"](5), q["take"], q["put"](1, "a"), q["close"]]


def filled_up(tf: Any) -> Any:
    kinds = [tf.float32]
    q = _queue(tf, tf.raw_ops.PaddingFIFOQueue(component_types=kinds, shapes=[[None]]), kinds)
    return [q["put"]([1.]), q["put"]([2., 3., 4.]), q["put"]([5., 6.]), q["several"](3), q["put"]([[1.]])]


def by_chance(tf: Any) -> Any:
    kinds = [tf.int64]
    q = _queue(tf, tf.raw_ops.RandomShuffleQueue(component_types=kinds, shapes=[[]], seed=3, seed2=4), kinds)
    return [q["all"](list(range(8))), q["take"], q["several"](6), q["size"]]


def least_first(tf: Any) -> Any:
    kinds = [tf.int64, tf.string]
    q = _queue(tf, tf.raw_ops.PriorityQueue(component_types=kinds[1:], shapes=[[]]), kinds)
    return [q["put"](5, "five"), q["all"]([3, 5, 1, 3, 2, 3], ["a", "b", "c", "d", "e", "f"]), q["take"], q["size"],
            q["several"](4), q["put"](4, "g"), q["several"](3), q["put"](1, ["x", "y"])]


def least_first_by_handle(tf: Any) -> Any:
    queue = tf.PriorityQueue(20, [tf.float32, tf.int32], [[], [2]])
    feeds = [tf.placeholder(k) for k in (tf.int64, tf.float32, tf.int32)]
    put = queue.enqueue_many(feeds)
    return [([put], dict(zip(feeds, ([4, 2, 7, 2], [4., 2., 7., 2.5], [[0, 1]] * 4)))), [*queue.dequeue()],
            [*queue.dequeue_many(3)], [queue.size()]]


def _by_reference(tf: Any, graph: Any) -> None:
    """Puts a graph into the one that is open, as it was before handles were resources."""
    proto = graph.as_graph_def()
    proto.versions.producer = 21  # later ones may not have these
    for node in proto.node:
        if node.op.startswith(("FIFO", "Queue", "Reader")) or "ReaderV2" in node.op:
            node.op = node.op[:-2]
            node.attr.pop("encoding", None)
    tf.import_graph_def(proto, name="")


def records(tf: Any) -> Any:
    outer, graph = tf.get_default_graph(), tf.Graph()
    out: Any = []
    with graph.as_default():
        for make, more in ((tf.TextLineReader, {"skip_header_lines": 1}), (tf.WholeFileReader, {}),
                           (tf.IdentityReader, {}), (tf.TFRecordReader, {})):
            names = tf.FIFOQueue(-1, tf.string, [[]])
            path = tf.placeholder(tf.string, [None])
            put = names.enqueue_many([path])
            reader = make(**more)
            read, some = reader.read(names), reader.read_up_to(names, 2)
            texts = [tf.strings.regex_replace(text, ".*/", "") for text in (*read, some[1])]
            told = [reader.num_records_produced(), reader.num_work_units_completed()]
            out += [([put], {path: ["@/a.txt", "@/b.txt"]}), texts[:2], texts[2:], told, [reader.reset()], told]
    _by_reference(tf, graph)

    def here(of: Any) -> Any:
        return outer.as_graph_element(of.name)

    return [([*map(here, s[0])], {here(k): v for k, v in s[1].items()}) if isinstance(s, tuple) else [*map(here, s)]
            for s in out]


def waits_for_all_components(tf: Any) -> Any:
    r = tf.raw_ops
    barrier = r.Barrier(component_types=[tf.float32, tf.int32], shapes=[[], [2]])
    keys, floats, ints = tf.placeholder(tf.string), tf.placeholder(tf.float32), tf.placeholder(tf.int32)
    first = r.BarrierInsertMany(handle=barrier, keys=keys, values=floats, component_index=0)
    other = r.BarrierInsertMany(handle=barrier, keys=keys, values=ints, component_index=1)
    sizes = [r.BarrierReadySize(handle=barrier), r.BarrierIncompleteSize(handle=barrier)]
    take = [*r.BarrierTakeMany(handle=barrier, num_elements=2, component_types=[tf.float32, tf.int32])]
    rest = [*r.BarrierTakeMany(handle=barrier, num_elements=5, component_types=[tf.float32, tf.int32],
                               allow_small_batch=True)]
    return [([first], {keys: ["a", "b", "c"], floats: [1, 2, 3]}), sizes,
            ([other], {keys: ["c", "a"], ints: [[3, 4], [1, 2]]}), sizes, take, sizes,
            ([first], {keys: ["b"], floats: [9]}), ([first], {keys: ["d"], floats: [4]}),
            [r.BarrierClose(handle=barrier)],
            ([first], {keys: ["e"], floats: [9]}), ([other], {keys: ["d", "b"], ints: [[0, 0], [5, 5]]}), sizes, rest,
            take]


def barrier_that_is_cancelled(tf: Any) -> Any:
    r = tf.raw_ops
    barrier = r.Barrier(component_types=[tf.float32, tf.float32], shapes=[[], []])
    keys, floats = tf.placeholder(tf.string), tf.placeholder(tf.float32)
    parts = [r.BarrierInsertMany(handle=barrier, keys=keys, values=floats, component_index=i) for i in (0, 1)]
    sizes = [r.BarrierReadySize(handle=barrier), r.BarrierIncompleteSize(handle=barrier)]
    take = [*r.BarrierTakeMany(handle=barrier, num_elements=1, component_types=[tf.float32, tf.float32])]
    fed = {keys: ["a"], floats: [1]}
    return [([parts[0]], fed), [r.BarrierClose(handle=barrier, cancel_pending_enqueues=True)], sizes, ([parts[1]], fed),
            sizes, take]


def staged(tf: Any) -> Any:
    area = tf.contrib.staging.StagingArea([tf.float32, tf.int32], shapes=[[2], []], capacity=5)
    feeds = [tf.placeholder(tf.float32, [2]), tf.placeholder(tf.int32, [])]
    put, taken, size = area.put(feeds), area.get(), area.size()
    return [([put], dict(zip(feeds, ([1, 2], 3)))), ([put], dict(zip(feeds, ([4, 5], 6)))), [size], [*area.peek(1)],
            [*taken], [size], ([*taken, put], dict(zip(feeds, ([7, 8], 9)))), [area.clear()], [size]]
