"""Input pipelines (tf.data) of TensorFlow 1.15."""
from __future__ import annotations

from typing import Any


def files(tf: Any) -> dict[str, bytes]:
    import os
    import tempfile

    def example(i: int) -> bytes:
        kinds = {"x": {"float_list": {"value": [i, i * 0.5]}}, "n": {"int64_list": {"value": [i] * (i % 3)}},
                 "s": {"bytes_list": {"value": [b"w%d" % i]}}}
        features = {k: tf.train.Feature(**{which: getattr(tf.train, "".join(w.title() for w in which.split("_")))(**v)
                                           for which, v in f.items()}) for k, f in kinds.items()}
        return tf.train.Example(features=tf.train.Features(feature=features)).SerializeToString(deterministic=True)

    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "r")
        with tf.io.TFRecordWriter(path) as writer:
            for i in range(7):
                writer.write(example(i))
        with open(path, "rb") as file:
            records = file.read()
    rows = "".join(f"{i},{i / 2},w{i},{i % 2}\n" for i in range(9))
    return {"a.rec": records, "a.csv": ("a,b,c,d\n" + rows).encode(), "a.bin": bytes(range(24)),
            "a.txt": b"".join(b"line %d\n" % i for i in range(6)),
            "b.txt": b"".join(b"text %d\n" % i for i in range(4))}


def _features(tf: Any) -> Any:
    return {"x": tf.FixedLenFeature([2], tf.float32), "n": tf.VarLenFeature(tf.int64),
            "s": tf.FixedLenFeature([], tf.string)}


def _flat(tf: Any, element: Any) -> Any:
    out = []
    for part in tf.nest.flatten(element):
        out += [part.indices, part.values, part.dense_shape] if isinstance(part, tf.SparseTensor) else [part]
    return out


def _once(tf: Any, dataset: Any, turns: int = 3) -> Any:
    return [_flat(tf, tf.data.make_one_shot_iterator(dataset).get_next())] * turns


def _begun(tf: Any, dataset: Any, turns: int, feeds: Any) -> Any:
    iterator = tf.data.make_initializable_iterator(dataset)
    return [([iterator.initializer], feeds), *[_flat(tf, iterator.get_next())] * turns]


def _unchanged(tf: Any, dataset: Any, turns: int, feeds: Any = None) -> Any:
    """Of a dataset that 1.15 is not to rewrite: it cannot write these ops anew."""
    iterator = tf.data.Iterator.from_structure(tf.compat.v1.data.get_output_types(dataset),
                                               tf.compat.v1.data.get_output_shapes(dataset))
    return [([iterator.make_initializer(dataset)], feeds or {}), *[_flat(tf, iterator.get_next())] * turns]


def _of_files(tf: Any, names: Any, dataset: Any, turns: int) -> Any:
    path = tf.placeholder(tf.string, [len(names)], name="files")
    return _begun(tf, dataset(path), turns, {path: ["@/" + n for n in names]})


def one_shot(tf: Any) -> Any:
    return _once(tf, tf.data.Dataset.range(10).map(lambda i: tf.cast(i, tf.float32) * 2).filter(lambda v: v > 3)
                 .batch(3).repeat(2).prefetch(1), 5)


def records(tf: Any) -> Any:
    return _of_files(tf, ["a.rec"], lambda p: tf.data.TFRecordDataset(p).map(
        lambda s: tf.parse_single_example(s, _features(tf)), num_parallel_calls=2).batch(3).prefetch(1), 4)


def records_parsed_in_batches(tf: Any) -> Any:
    parse = tf.data.experimental.parse_example_dataset(_features(tf), num_parallel_calls=2)
    return _of_files(tf, ["a.rec"], lambda p: tf.data.TFRecordDataset(p).batch(3).apply(parse), 3)


def fields(tf: Any) -> Any:
    return _of_files(tf, ["a.csv"], lambda p: tf.data.experimental.CsvDataset(
        p, [tf.int32, tf.float32, tf.string, tf.int64], header=True).batch(4), 2)


def chosen_fields(tf: Any) -> Any:
    return _of_files(tf, ["a.csv"], lambda p: tf.data.experimental.CsvDataset(
        p, [tf.float32, [b"q"]], header=True, select_cols=[1, 2]).batch(4), 2)


def lines_by_turns(tf: Any) -> Any:
    return _of_files(tf, ["a.txt", "b.txt"], lambda p: tf.data.Dataset.from_tensor_slices(p).interleave(
        tf.data.TextLineDataset, cycle_length=2, block_length=2, num_parallel_calls=2).filter(
            lambda line: tf.not_equal(tf.strings.substr(line, 5, 1), "2")).batch(3), 3)


def lines_by_turns_and_padded(tf: Any) -> Any:
    return _of_files(tf, ["a.txt", "b.txt"], lambda p: tf.data.Dataset.from_tensor_slices(p).apply(
        tf.data.experimental.parallel_interleave(tf.data.TextLineDataset, cycle_length=2)).padded_batch(3, []), 4)


def records_of_one_length(tf: Any) -> Any:
    path = tf.placeholder(tf.string, [1], name="files")
    new = tf.data.FixedLengthRecordDataset(path, 4, 4, 4)
    four, none = tf.constant(4, tf.int64), tf.constant(0, tf.int64)
    old = _made(tf, tf.raw_ops.FixedLengthRecordDataset(filenames=path, header_bytes=four, record_bytes=four,
                                                        footer_bytes=four, buffer_size=none), new)
    both = tf.data.Dataset.zip((new, old)).map(lambda a, b: (tf.decode_raw(a, tf.uint8), b)).batch(3)
    return _unchanged(tf, both, 2, {path: ["@/a.bin"]})


def _made(tf: Any, variant: Any, like: Any) -> Any:
    """A dataset of a handle."""
    from tensorflow.python.data.ops import dataset_ops  # type: ignore[import-not-found,unused-ignore]

    return dataset_ops._VariantDataset(variant, tf.data.experimental.get_structure(like)
                                       if hasattr(tf.data.experimental, "get_structure") else like.element_spec)


def batches_as_they_were(tf: Any) -> Any:
    rows = tf.data.Dataset.range(1, 8)
    kind = {"output_types": [tf.int64], "output_shapes": [[None]]}
    plain = tf.raw_ops.BatchDataset(input_dataset=rows._variant_tensor, batch_size=3, **kind)
    long = rows.map(lambda i: tf.fill([i], i))
    padded = tf.raw_ops.PaddedBatchDataset(input_dataset=long._variant_tensor, batch_size=2, padded_shapes=[[-1]],
                                           padding_values=[tf.constant(-1, tf.int64)], output_shapes=[[None, None]])
    return [*_unchanged(tf, _made(tf, plain, rows.batch(3)), 4),
            *_unchanged(tf, _made(tf, padded, long.padded_batch(2, [None])), 2)]


def sampled(tf: Any) -> Any:
    rows = tf.data.Dataset.range(30)
    kind = {"output_types": [tf.int64], "output_shapes": [[]]}
    made = tf.raw_ops.SamplingDataset(input_dataset=rows._variant_tensor, rate=0.4, seed=3, seed2=5, **kind)
    return _once(tf, _made(tf, made, rows).batch(30), 1)


def older_names(tf: Any) -> Any:
    rows = tf.data.Dataset.from_tensor_slices([[3, 4], [1, 2], [3, 4], [5, 6]])
    flat = rows.flat_map(tf.data.Dataset.from_tensor_slices)
    kind = {"output_types": [tf.int32], "output_shapes": [[]]}
    r = tf.raw_ops
    variant = r.ExperimentalUnbatchDataset(input_dataset=rows._variant_tensor, **kind)
    for make, more in ((r.ExperimentalUniqueDataset, {}), (r.ExperimentalIgnoreErrorsDataset, {}),
                       (r.NonSerializableDataset, {}), (r.ExperimentalNonSerializableDataset, {}),
                       (r.ExperimentalMaxIntraOpParallelismDataset, {"max_intra_op_parallelism": 1}),
                       (r.ExperimentalPrivateThreadPoolDataset, {"num_threads": 1}),
                       (r.ExperimentalSleepDataset, {"sleep_microseconds": 1}),
                       (r.ExperimentalLatencyStatsDataset, {"tag": "t"}),
                       (r.ExperimentalBytesProducedStatsDataset, {"tag": "t"})):
        variant = make(input_dataset=variant, **more, **kind)
    windows = r.ExperimentalSlidingWindowDataset(input_dataset=variant, window_size=2, window_shift=1, window_stride=2,
                                                 output_types=[tf.int32], output_shapes=[[2]])
    return [*_once(tf, _made(tf, variant, flat), 7), *_once(tf, _made(tf, windows, flat.batch(2)), 5),
            [r.ExperimentalDatasetCardinality(input_dataset=rows._variant_tensor)]]


def names_of_files(tf: Any) -> Any:
    pattern = tf.placeholder(tf.string, [2], name="files")
    made = [r(patterns=pattern) for r in (tf.raw_ops.MatchingFilesDataset, tf.raw_ops.ExperimentalMatchingFilesDataset)]
    like = tf.data.Dataset.from_tensors("")
    names = [_made(tf, m, like).map(lambda f: tf.strings.regex_replace(f, ".*/", "")).batch(9) for m in made]
    return _begun(tf, tf.data.Dataset.zip(tuple(names)), 1, {pattern: ["@/*.txt", "@/a.*"]})


def windows_side_by_side(tf: Any) -> Any:
    return _once(tf, tf.data.Dataset.range(9).apply(tf.contrib.data.sliding_window_batch(3, window_shift=2)), 5)


def sums_by_key(tf: Any) -> Any:
    reducer = tf.data.experimental.Reducer(lambda k: k * 100, lambda s, x: s + x, lambda s: s * 10)
    grouped = tf.data.experimental.group_by_reducer(lambda i: -i % 3, reducer)
    return _once(tf, tf.data.Dataset.range(10).apply(grouped), 4)


def options(tf: Any) -> Any:
    said = tf.data.Options()
    said.experimental_threading.max_intra_op_parallelism = 1
    said.experimental_threading.private_threadpool_size = 2
    said.experimental_optimization.map_and_batch_fusion = True
    return _once(tf, tf.data.Dataset.range(8).map(lambda i: i + 1, num_parallel_calls=3).batch(4).with_options(said))


def groups_of_lengths(tf: Any) -> Any:
    return _once(tf, tf.data.Dataset.range(1, 9).map(lambda i: tf.fill([i], i)).apply(
        tf.data.experimental.bucket_by_sequence_length(tf.size, [3, 5], [2, 2, 2])), 5)


def from_several(tf: Any) -> Any:
    return _once(tf, tf.data.experimental.sample_from_datasets(
        [tf.data.Dataset.range(20), tf.data.Dataset.range(100, 120)], [0.3, 0.7], seed=4).batch(8), 2)


def shuffled(tf: Any) -> Any:
    return _once(tf, tf.data.Dataset.range(11).shuffle(5, seed=2).batch(11), 1)


def begun_with_either(tf: Any) -> Any:
    first = tf.data.Dataset.range(5).batch(2)
    other = tf.data.Dataset.range(100, 105).map(lambda x: x + 1).batch(2)
    iterator = tf.data.Iterator.from_structure(first.output_types, first.output_shapes)
    taken = iterator.get_next()
    sync = tf.raw_ops.IteratorGetNextSync(iterator=iterator._iterator_resource, output_types=[tf.int64],
                                          output_shapes=[[None]])
    begin = [iterator.make_initializer(d) for d in (first, other)]
    return [[begin[0]], [taken], [begin[1]], [taken], *sync, [taken], [taken]]


def by_handle(tf: Any) -> Any:
    # a string that is fed says where from: the names of handles differ from session to session
    first = tf.data.Dataset.range(5).batch(2)
    begun, once = first.make_initializable_iterator(), first.map(lambda x: x + 9).make_one_shot_iterator()
    flag = tf.placeholder(tf.bool, [], name="which")
    handle = tf.cond(flag, begun.string_handle, once.string_handle)
    old = tf.raw_ops.IteratorFromStringHandle(string_handle=handle, output_types=[tf.int64], output_shapes=[[None]])
    taken = tf.raw_ops.IteratorGetNext(iterator=old, output_types=[tf.int64], output_shapes=[[None]])
    return [[begun.initializer], *((taken, {flag: which}) for which in (True, False, True, True, False, True))]


def of_one_step(tf: Any) -> Any:
    r = tf.raw_ops
    kind = {"output_types": [tf.int64], "output_shapes": [[]]}
    rows = tf.data.Dataset.range(7)._variant_tensor
    seeds, gone = r.AnonymousRandomSeedGenerator(seed=3, seed2=4)
    cache, lost = r.AnonymousMemoryCache()
    rows = r.ShuffleDatasetV2(input_dataset=rows, buffer_size=5, seed_generator=seeds, **kind)
    kept = r.CacheDatasetV2(input_dataset=rows, filename="", cache=cache, **kind)
    out = []
    for handles in ([r.AnonymousIterator(**kind)], r.AnonymousIteratorV2(**kind)):
        taken = []
        before = [r.MakeIterator(dataset=r.RepeatDataset(input_dataset=kept, count=2, **kind), iterator=handles[0])]
        for _ in range(14):
            with tf.control_dependencies(before):
                taken.append(r.IteratorGetNext(iterator=handles[0], **kind)[0])
            before = [taken[-1]]
        with tf.control_dependencies(before):
            for handle in handles[1:]:
                before.append(r.DeleteIterator(handle=handles[0], deleter=handle))
        with tf.control_dependencies(before):
            ends = [r.DeleteRandomSeedGenerator(handle=seeds, deleter=gone),
                    r.DeleteMemoryCache(handle=cache, deleter=lost)]
        out.append([tf.stack(taken), *ends])
    return out


def trained(tf: Any) -> Any:
    rows = tf.data.Dataset.from_tensor_slices(([[float(i), 1.] for i in range(6)], [float(i) for i in range(6)]))
    x, y = rows.repeat().batch(4).make_one_shot_iterator().get_next()
    w = tf.get_variable("w", initializer=[[0.5], [0.25]])
    loss = tf.reduce_mean((tf.matmul(x, w)[:, 0] - y) ** 2)
    with tf.control_dependencies([tf.train.GradientDescentOptimizer(0.01).minimize(loss)]):
        after = tf.identity(loss)
    return [[tf.global_variables_initializer()], [after], [after], [after], [w]]
