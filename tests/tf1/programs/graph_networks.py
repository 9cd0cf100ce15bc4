import numpy as np

import graphcli.tf1 as tf

rng = np.random.RandomState(0)
N, WIDE, CLASSES = 12, 7, 3
edges = (rng.rand(N, N) < 0.3) | np.eye(N, dtype=bool)
edges |= edges.T
dense = rng.rand(N, WIDE) * (rng.rand(N, WIDE) < 0.4)
labels = np.eye(CLASSES)[rng.randint(0, CLASSES, N)]


def to_tuple(matrix):
    at = np.argwhere(matrix)
    return at, matrix[tuple(at.T)], matrix.shape


def normalized(adjacency):
    scale = np.diag(adjacency.sum(1) ** -0.5)
    return scale @ adjacency @ scale


def weights(name, *shape):
    start = np.random.RandomState(len(name)).randn(*shape) * 0.3
    return tf.get_variable(name, initializer=tf.constant(start, tf.float32))


def train(loss, feeds, steps, optimizer):
    step = optimizer.minimize(loss)
    with tf.Session() as sess:
        sess.run(tf.global_variables_initializer())
        losses = [sess.run([loss, step], feeds)[0] for _ in range(steps)]
    return [round(float(x), 4) for x in losses]


# a graph convolution network
support, features = to_tuple(normalized(edges.astype(float))), to_tuple(dense)
with tf.Graph().as_default():
    tf.set_random_seed(3)
    x = tf.sparse_placeholder(tf.float32, shape=tf.constant(features[2], dtype=tf.int64))
    adjacency = tf.sparse_placeholder(tf.float32)
    y, keep, noise = tf.placeholder(tf.float32, [None, CLASSES]), tf.placeholder_with_default(1.0, []), tf.placeholder(
        tf.int32)
    mask = tf.cast(tf.floor(keep + tf.random_uniform(tf.expand_dims(noise, 0))), tf.bool)
    dropped = tf.sparse_retain(x, mask) * (1.0 / keep)
    hidden = tf.sparse_tensor_dense_matmul(dropped, weights("w", WIDE, 5))
    hidden = tf.nn.relu(tf.sparse_tensor_dense_matmul(adjacency, hidden))
    out = tf.sparse_tensor_dense_matmul(adjacency, tf.matmul(hidden, weights("out", 5, CLASSES)))
    loss = tf.reduce_mean(tf.nn.softmax_cross_entropy_with_logits(labels=y, logits=out))
    print(x.shape, dropped, out.shape)
    print(train(loss, {x: features, adjacency: support, y: labels, noise: len(features[1])}, 6,
                tf.train.AdamOptimizer(0.05)))

# attention over the edges of a graph
with tf.Graph().as_default():
    inputs = tf.placeholder(tf.float32, [1, N, WIDE])
    bias = tf.sparse_placeholder(tf.float32, [N, N])
    seq = tf.nn.conv1d(inputs, weights("kernel", 1, WIDE, 4), 1, "VALID")
    first = tf.reshape(tf.nn.conv1d(seq, weights("first", 1, 4, 1), 1, "VALID"), (N, 1))
    second = tf.reshape(tf.nn.conv1d(seq, weights("second", 1, 4, 1), 1, "VALID"), (N, 1))
    logits = tf.sparse_add(bias * first, bias * tf.transpose(second, [1, 0]))
    kept = tf.SparseTensor(indices=logits.indices, values=tf.nn.leaky_relu(logits.values),
                           dense_shape=logits.dense_shape)
    coefs = tf.sparse_reshape(tf.sparse_softmax(kept), [N, N])
    values = tf.sparse_tensor_dense_matmul(coefs, tf.squeeze(seq))
    out = tf.nn.elu(values) @ weights("out", 4, CLASSES)
    loss = tf.reduce_mean(tf.nn.softmax_cross_entropy_with_logits(labels=tf.constant(labels, tf.float32), logits=out))
    print(coefs.shape, out.shape)
    feeds = {inputs: dense[None], bias: to_tuple(edges.astype(float))}
    print(train(loss, feeds, 6, tf.train.GradientDescentOptimizer(0.3)))

# words of fields of any number, with weights
with tf.Graph().as_default():
    ids, scores = tf.sparse_placeholder(tf.int64), tf.sparse_placeholder(tf.float32)
    table = weights("table", 30, 4)
    wide = tf.nn.embedding_lookup_sparse(weights("wide", 30, 1), ids, scores, combiner="sum")
    deep = tf.nn.embedding_lookup_sparse(table, ids, scores, combiner="mean")
    crossed = 0.5 * tf.reduce_sum(tf.square(tf.nn.embedding_lookup_sparse(table, ids, scores, combiner="sum"))
                                  - tf.nn.embedding_lookup_sparse(tf.square(table), ids, scores, combiner="sum"),
                                  1, keepdims=True)
    logits = wide + crossed + deep @ weights("head", 4, 1)
    loss = tf.reduce_mean(tf.nn.sigmoid_cross_entropy_with_logits(labels=tf.constant(labels[:, :1], tf.float32),
                                                                  logits=logits))
    rows = np.repeat(np.arange(N), rng.randint(1, 5, N))
    at = np.stack([rows, np.concatenate([np.arange(n) for n in np.bincount(rows)])], 1)
    shape = [N, int(at[:, 1].max()) + 1]
    feeds = {ids: tf.SparseTensorValue(at, rng.randint(0, 30, len(rows)), shape),
             scores: tf.SparseTensorValue(at, rng.rand(len(rows)), shape)}
    for optimizer in (tf.train.AdagradOptimizer(0.2), tf.train.FtrlOptimizer(0.1, l1_regularization_strength=0.01)):
        with tf.variable_scope(optimizer.get_name()):
            print(train(loss, feeds, 5, optimizer))
