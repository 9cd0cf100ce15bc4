"""Writes recorded/by_1_15/: graphs that TensorFlow 1.15 wrote, with what it answers for them.

    python tests/graphdef/record_1_15.py [NAME...]        # in an environment with TensorFlow 1.15 (1.15.5, Python 3.7)

Each is NAME.meta.gz. answers.json has by NAME the ops that are run first, what is fed and fetched, the op that is run
twice before the same is fetched again, and TensorFlow's values. Variables start from seeds.
"""
from __future__ import annotations

import gzip
import json
import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"

import numpy as np  # noqa: E402
import tensorflow as tf  # noqa: E402
from tensorflow.contrib import crf, layers, quantize, rnn, seq2seq  # noqa: E402

HERE = Path(__file__).parent / "recorded" / "by_1_15"
PROGRAMS: dict = {}
LENGTHS = np.array([3, 7, 5])


def program(make: Callable[[], Any]) -> Callable[[], Any]:
    """make: gives (feeds, fetches, the training op or None)."""
    PROGRAMS[make.__name__] = make
    return make


def draw(*shape: int) -> Any:
    return np.round(np.random.RandomState(len(shape)).randn(*shape), 3).astype(np.float32)


def whole(most: int, *shape: int) -> Any:
    return np.random.RandomState(most).randint(0, most, shape)


def recurrent(cell: Any) -> Any:
    x, lengths = tf.placeholder(tf.float32, [None, 7, 5]), tf.placeholder(tf.int32, [None])
    y, state = tf.nn.dynamic_rnn(cell, x, dtype=tf.float32, sequence_length=lengths)
    loss = tf.reduce_sum(y * y)
    train = tf.train.AdamOptimizer(0.01).minimize(loss)
    return {x: draw(3, 7, 5), lengths: LENGTHS}, [y, loss, *tf.contrib.framework.nest.flatten(state)], train


@program
def stacked_cells() -> Any:
    return recurrent(tf.nn.rnn_cell.MultiRNNCell(
        [tf.nn.rnn_cell.LSTMCell(6, use_peepholes=True, num_proj=4), tf.nn.rnn_cell.GRUCell(3)]))


@program
def block_cell() -> Any:
    return recurrent(rnn.LSTMBlockCell(6))


@program
def fused_cell() -> Any:
    x, lengths = tf.placeholder(tf.float32, [7, 3, 5]), tf.placeholder(tf.int32, [None])
    y, (cell, state) = rnn.LSTMBlockFusedCell(6, use_peephole=True)(x, dtype=tf.float32, sequence_length=lengths)
    loss = tf.reduce_sum(y * y)
    train = tf.train.GradientDescentOptimizer(0.1).minimize(loss)
    return {x: draw(7, 3, 5), lengths: LENGTHS}, [y, loss, cell, state], train


@program
def layer_normalized_cell() -> Any:
    return recurrent(rnn.LayerNormBasicLSTMCell(6))


def translation(beams: int) -> Any:
    source, lengths = tf.placeholder(tf.int32, [3, 7]), tf.placeholder(tf.int32, [3])
    words = tf.get_variable("words", [11, 5])
    seen, state = tf.nn.dynamic_rnn(tf.nn.rnn_cell.LSTMCell(8), tf.nn.embedding_lookup(words, source), lengths,
                                    dtype=tf.float32)
    feeds, out = {source: whole(11, 3, 7), lengths: LENGTHS}, tf.layers.Dense(11, use_bias=False)
    times = max(1, beams)
    if beams:
        seen, lengths, state = (seq2seq.tile_batch(t, beams) for t in (seen, lengths, state))
    attention = (seq2seq.BahdanauAttention(8, seen, lengths, normalize=True) if beams
                 else seq2seq.LuongAttention(8, seen, lengths, scale=True))
    cell = seq2seq.AttentionWrapper(tf.nn.rnn_cell.LSTMCell(8), attention, attention_layer_size=8)
    start = cell.zero_state(3 * times, tf.float32).clone(cell_state=state)
    if beams:
        decoder = seq2seq.BeamSearchDecoder(cell, words, tf.fill([3], 1), 2, start, beams, output_layer=out,
                                            length_penalty_weight=0.6)
        found, last, sizes = seq2seq.dynamic_decode(decoder, maximum_iterations=9)
        return feeds, [found.predicted_ids, sizes, last.log_probs], None
    target, sizes = tf.placeholder(tf.int32, [3, 5]), tf.placeholder(tf.int32, [3])
    helper = seq2seq.TrainingHelper(tf.nn.embedding_lookup(words, target), sizes)
    found = seq2seq.dynamic_decode(seq2seq.BasicDecoder(cell, helper, start, out), impute_finished=True)[0]
    loss = seq2seq.sequence_loss(found.rnn_output, target, tf.sequence_mask(sizes, 5, dtype=tf.float32))
    optimizer = tf.train.AdamOptimizer(0.01)
    slopes, variables = zip(*optimizer.compute_gradients(loss))
    train = optimizer.apply_gradients(zip(tf.clip_by_global_norm(slopes, 5.0)[0], variables))
    return {**feeds, target: whole(10, 3, 5), sizes: np.array([5, 2, 5])}, [found.sample_id, loss], train


@program
def attention_trained() -> Any:
    return translation(0)


@program
def attention_by_beams() -> Any:
    return translation(3)


@program
def tagger() -> Any:
    x, tags, lengths = tf.placeholder(tf.float32, [3, 7, 4]), tf.placeholder(tf.int32, [3, 7]), tf.constant(LENGTHS)
    scores = tf.layers.dense(x, 5)
    likely, moves = crf.crf_log_likelihood(scores, tags, lengths)
    best, score = crf.crf_decode(scores, moves, lengths)
    train = tf.train.AdamOptimizer(0.01).minimize(-tf.reduce_mean(likely))
    return {x: draw(3, 7, 4), tags: whole(5, 3, 7)}, [likely, best, score], train


@program
def quantized_training() -> Any:
    x, labels = tf.placeholder(tf.float32, [None, 8, 8, 3]), tf.placeholder(tf.int64, [None])
    h = layers.conv2d(x, 8, 3, normalizer_fn=layers.batch_norm,
                      normalizer_params={"is_training": True, "fused": True})
    scores = layers.fully_connected(layers.flatten(h), 10, activation_fn=None)
    loss = tf.losses.sparse_softmax_cross_entropy(labels, scores)
    quantize.create_training_graph(quant_delay=0)
    return {x: draw(4, 8, 8, 3), labels: np.arange(4)}, [loss], tf.train.GradientDescentOptimizer(0.01).minimize(loss)


@program
def batch_norm_of_given_averages() -> Any:
    x = tf.placeholder(tf.float32, [None, 6, 6, 3])
    h = layers.conv2d(x, 4, 3, normalizer_fn=layers.batch_norm, normalizer_params={"is_training": False})
    loss = tf.reduce_sum(tf.square(h))
    return {x: draw(2, 6, 6, 3)}, [loss, tf.gradients(loss, x)[0]], tf.train.AdagradOptimizer(0.01).minimize(loss)


@program
def wide_and_deep() -> Any:
    of = tf.feature_column
    age, job = tf.placeholder(tf.float32, [None]), tf.placeholder(tf.string, [None])
    jobs = of.categorical_column_with_vocabulary_list("job", ["x", "y", "z"], num_oov_buckets=1)
    ages = of.numeric_column("age")
    steps = of.bucketized_column(ages, [20.0, 30.0, 40.0])
    given = {"age": age, "job": job}
    wide = of.linear_model(given, [steps, jobs, of.crossed_column([steps, jobs], 17)])
    deep = of.input_layer(given, [ages, of.embedding_column(jobs, 3), of.indicator_column(steps)])
    scores = wide + tf.layers.dense(tf.layers.dense(deep, 4, tf.nn.relu), 1)
    labels = tf.placeholder(tf.float32, [None, 1])
    loss = tf.losses.sigmoid_cross_entropy(labels, scores)
    feeds = {age: np.array([18, 25, 33, 50], np.float32), job: np.array([b"x", b"q", b"z", b"y"], object),
             labels: np.array([[0], [1], [1], [0]], np.float32)}
    return feeds, [scores, loss], tf.train.FtrlOptimizer(0.1, l1_regularization_strength=0.01).minimize(loss)


@program
def loops_and_branches() -> Any:
    x = tf.placeholder(tf.float32, [None, 4])
    y = tf.map_fn(lambda row: tf.cond(tf.reduce_sum(row) > 0, lambda: tf.tanh(row), lambda: row * 2), x)
    z = tf.scan(lambda a, row: a * 0.5 + row, y)
    w = tf.get_variable("w", [4])
    last = tf.while_loop(lambda i, a: i < 5, lambda i, a: (i + 1, a * w + 1.0), (0, z))[1]
    train = tf.train.RMSPropOptimizer(0.01, centered=True, momentum=0.5).minimize(tf.reduce_sum(last))
    return {x: draw(3, 4)}, [y, z, last], train


@program
def loops_of_functions() -> Any:
    tf.enable_control_flow_v2()
    try:
        x = tf.placeholder(tf.float32, [3, 4])
        w = tf.get_variable("w", [4], use_resource=True)
        last = tf.while_loop(lambda i, a: i < 5, lambda i, a: (
            i + 1, tf.cond(i > 2, lambda: a * w, lambda: tf.tanh(a))), (0, x))[1]
        return {x: draw(3, 4)}, [last, *tf.gradients(last, [x, w])], None
    finally:
        tf.disable_control_flow_v2()


@program
def pipeline() -> Any:
    made = tf.data.Dataset.range(10).map(lambda i: tf.cast(i, tf.float32) * 2).filter(lambda v: v > 3)
    return {}, [made.batch(3).repeat(2).prefetch(1).make_one_shot_iterator().get_next()], None


@program
def words() -> Any:
    said = tf.placeholder(tf.string, [None])
    places = tf.contrib.lookup.index_table_from_tensor(["a", "b", "c"], num_oov_buckets=2).lookup(said)
    back = tf.contrib.lookup.index_to_string_table_from_tensor(["a", "b", "c"]).lookup(places)
    feeds = {said: np.array([b"a", b"c", b"zz", b"xby"], object)}
    return feeds, [places, back, tf.string_split(said, "b").values, tf.string_to_hash_bucket_fast(said, 7)], None


@program
def speech() -> Any:
    x, w = tf.placeholder(tf.float32, [6, 2, 5]), tf.get_variable("w", [5, 5])
    said = tf.SparseTensor(tf.constant([[0, 0], [0, 1], [1, 0]], tf.int64), tf.constant([1, 2, 3]),
                           tf.constant([2, 2], tf.int64))
    scores, lengths = tf.tensordot(x, w, 1), tf.constant([6, 5])
    loss = tf.reduce_mean(tf.nn.ctc_loss(said, scores, lengths))
    heard, likely = tf.nn.ctc_beam_search_decoder(scores, lengths)
    train = tf.train.MomentumOptimizer(0.1, 0.9, use_nesterov=True).minimize(loss)
    return {x: draw(6, 2, 5)}, [loss, heard[0].values, likely], train


def value(v: Any) -> Any:
    array = np.asarray(v)
    if array.dtype == object:
        array = np.array([x if isinstance(x, str) else x.decode() for x in array.ravel()]).reshape(array.shape)
    return array.tolist()


def record(name: str) -> dict:
    tf.reset_default_graph()
    tf.set_random_seed(5)
    feeds, fetches, train = PROGRAMS[name]()
    first = [tf.global_variables_initializer().name, tf.tables_initializer().name]
    tf.get_default_graph().clear_collection("queue_runners")
    meta = tf.train.export_meta_graph().SerializeToString(deterministic=True)
    with open(str(HERE / (name + ".meta.gz")), "wb") as file, gzip.GzipFile("", "wb", 9, file, mtime=0) as packed:
        packed.write(meta)
    with tf.Session() as session:
        session.run(first)
        values = [[value(v) for v in session.run(fetches, feeds)]]
        if train is not None:
            for _ in range(2):
                session.run(train, feeds)
            values.append([value(v) for v in session.run(fetches, feeds)])
    return {"first": first, "feeds": {k.name: value(v) for k, v in feeds.items()}, "train": train and train.name,
            "fetches": [f.name for f in fetches], "values": values}


def main() -> None:
    at = HERE / "answers.json"
    answers = json.loads(at.read_text()) if at.exists() else {}
    for name in sys.argv[1:] or PROGRAMS:
        answers[name] = record(name)
    at.write_text(json.dumps({k: answers[k] for k in sorted(answers)}, indent=None, separators=(", ", ": ")) + "\n")


if __name__ == "__main__":
    main()
