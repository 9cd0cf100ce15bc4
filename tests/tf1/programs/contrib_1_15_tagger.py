"""A BiLSTM tagger with a conditional random field above, trained and decoded in the graph and by viterbi_decode."""
import numpy as np

import graphcli.tf1 as tf

crf = tf.contrib.crf
WORDS, TAGS, UNITS = 20, 4, 8


def bilstm(inputs, lengths, name):
    """The fused kind, over time-major inputs, forwards and backwards."""
    with tf.variable_scope(name):
        steps = tf.transpose(inputs, [1, 0, 2])
        forward = tf.contrib.rnn.FusedRNNCellAdaptor(tf.contrib.rnn.LSTMCell(UNITS), use_dynamic_rnn=True)
        backward = tf.contrib.rnn.TimeReversedFusedRNN(
            tf.contrib.rnn.FusedRNNCellAdaptor(tf.contrib.rnn.LayerNormBasicLSTMCell(UNITS), use_dynamic_rnn=True))
        outputs = [cell(steps, dtype=tf.float32, sequence_length=lengths, scope=scope)[0]
                   for cell, scope in ((forward, "fw"), (backward, "bw"))]
        return tf.transpose(tf.concat(outputs, axis=-1), [1, 0, 2])


words = tf.placeholder(tf.int32, [None, None], name="words")
tags = tf.placeholder(tf.int32, [None, None], name="tags")
lengths = tf.placeholder(tf.int32, [None], name="lengths")
with tf.variable_scope("tagger", initializer=tf.random_uniform_initializer(-0.5, 0.5, seed=3)):
    table = tf.get_variable("table", [WORDS, UNITS])
    hidden = bilstm(tf.nn.embedding_lookup(table, words), lengths, "words")
    scores = tf.layers.dense(hidden, TAGS, name="scores")
    likelihood, transitions = crf.crf_log_likelihood(scores, tags, lengths)
    decoded, best = crf.crf_decode(scores, transitions, lengths)
loss = tf.reduce_mean(-likelihood)
mask = tf.sequence_mask(lengths)
right = tf.reduce_mean(tf.cast(tf.boolean_mask(tf.equal(tags, decoded), mask), tf.float32))
train = tf.train.GradientDescentOptimizer(0.5).minimize(loss)
for v in tf.trainable_variables():
    print(v.op.name, v.shape)


def batch(random, count, most):
    """A tag follows from the word and from whether the word before was even."""
    said = random.randint(3, most + 1, count)
    said[0] = most
    x = random.randint(0, WORDS, [count, most])
    before = np.concatenate([np.ones([count, 1], int), x[:, :-1]], 1)
    return x, (x // 5 + before % 2) % TAGS, said


random = np.random.RandomState(0)
with tf.Session() as session:
    session.run(tf.global_variables_initializer())
    for i in range(21):
        feeds = dict(zip((words, tags, lengths), batch(random, 16, 7)))
        _, now, share = session.run([train, loss, right], feeds)
        if i % 10 == 0:
            print(i, f"{now:.3f} {share:.3f}")
    feeds = dict(zip((words, tags, lengths), batch(random, 3, 5)))
    found, score, rows, matrix, chance = session.run([decoded, best, scores, transitions, likelihood], feeds)
    print(found.tolist(), np.round(score, 2).tolist(), np.round(chance, 2).tolist())
    for row, n in zip(rows, feeds[lengths]):
        path, value = crf.viterbi_decode(row[:n], matrix)
        print([int(tag) for tag in path], f"{value:.2f}")
    feeds = dict(zip((words, tags, lengths), batch(random, 2, 3)))
    feeds = {words: feeds[words][:, :1], tags: feeds[tags][:, :1], lengths: [1, 0]}
    print(session.run(decoded, feeds).tolist(), np.round(session.run(likelihood, feeds), 2).tolist())
