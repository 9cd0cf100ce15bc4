import numpy as np

import graphcli.tf1 as tf

LETTERS = "abcde"
CLASSES, HEIGHT, BATCH, UNITS = len(LETTERS) + 1, 6, 8, 16
rng = np.random.RandomState(0)
glyphs = rng.rand(len(LETTERS), HEIGHT, 3)


def picture(word):
    columns = [np.zeros((HEIGHT, 1))]
    for letter in word:
        columns += [glyphs[LETTERS.index(letter)], np.zeros((HEIGHT, 1))]
    return np.concatenate(columns, axis=1).T


def sparse_tuple_from(sequences, dtype=np.int32):
    indices, values = [], []
    for n, seq in enumerate(sequences):
        indices.extend(zip([n] * len(seq), range(len(seq))))
        values.extend(seq)
    indices = np.asarray(indices, dtype=np.int64)
    shape = np.asarray([len(sequences), indices.max(0)[1] + 1], dtype=np.int64)
    return indices, np.asarray(values, dtype=dtype), shape


def batch(words):
    pictures = [picture(word) for word in words]
    lengths = np.array([len(p) for p in pictures], np.int32)
    rows = np.zeros((len(words), lengths.max(), HEIGHT), np.float32)
    for row, p in zip(rows, pictures):
        row[:len(p)] = p
    return rows, sparse_tuple_from([[LETTERS.index(x) for x in word] for word in words]), lengths


def decode(sparse):
    words = [""] * sparse.dense_shape[0]
    for (row, _), value in zip(sparse.indices, sparse.values):
        words[row] += LETTERS[value]
    return words


inputs = tf.placeholder(tf.float32, [None, None, HEIGHT])
targets = tf.sparse_placeholder(tf.int32)
seq_len = tf.placeholder(tf.int32, [None])


def weights(name, *shape):
    begin = np.random.RandomState(sum(shape)).randn(*shape) * 0.3
    return tf.get_variable(name, initializer=tf.constant(begin, tf.float32))


hidden = tf.nn.relu(tf.nn.conv1d(inputs, weights("filters", 5, HEIGHT, UNITS), 1, "SAME"))
shape = tf.shape(inputs)
b = tf.get_variable("b", [CLASSES], initializer=tf.zeros_initializer())
flat = tf.matmul(tf.reshape(hidden, [-1, UNITS]), weights("W", UNITS, CLASSES)) + b
logits = tf.reshape(flat, [shape[0], -1, CLASSES])
logits = tf.transpose(logits, (1, 0, 2))

global_step = tf.Variable(0, trainable=False)
cost = tf.reduce_mean(tf.nn.ctc_loss(labels=targets, inputs=logits, sequence_length=seq_len))
optimizer = tf.train.AdamOptimizer(0.02).minimize(cost, global_step=global_step)
greedy, _ = tf.nn.ctc_greedy_decoder(logits, seq_len)
beam, chances = tf.nn.ctc_beam_search_decoder(logits, seq_len, beam_width=10, merge_repeated=False)
dense = tf.sparse_tensor_to_dense(beam[0], default_value=-1)
error = tf.reduce_mean(tf.edit_distance(tf.cast(beam[0], tf.int32), targets))
print(logits.shape, beam[0].dtype, chances.shape, dense.shape)

with tf.Session() as session:
    session.run(tf.global_variables_initializer())
    lost = []
    for step in range(80):
        words = ["".join(rng.choice(list(LETTERS), rng.randint(1, 5))) for _ in range(BATCH)]
        rows, labels, lengths = batch(words)
        feed = {inputs: rows, targets: labels, seq_len: lengths}
        value, _ = session.run([cost, optimizer], feed)
        if step < 10:
            lost.append(round(float(value), 3))
    print(lost)
    rows, labels, lengths = batch(["abba", "cede", "d", "bead"])
    feed = {inputs: rows, targets: tf.SparseTensorValue(*labels), seq_len: lengths}
    value, far, a, c, table = session.run([cost, error, greedy[0], beam[0], dense], feed)
    print(round(float(value), 2), round(float(far), 2), decode(a), decode(c), session.run(global_step))
    print(table)
