import numpy as np

import graphcli.tf1 as tf

KINDS = (ValueError, TypeError, RuntimeError)
INDICES = np.array([[0, 1], [1, 0], [1, 3]], np.int64)

p = tf.sparse_placeholder(tf.float32, name="p")
q = tf.sparse_placeholder(tf.float32, shape=[2, 4], name="q")
dense = tf.sparse_tensor_to_dense(p)
whole = tf.sparse_tensor_to_dense(q)
sums = tf.sparse_reduce_sum(p, 1)
sess = tf.Session()
value = tf.SparseTensorValue(INDICES, np.array([1, 2, 3], np.float32), [2, 4])
print(sess.run(dense, {p: value}).tolist())
for feeds in ({p: (INDICES, [1, 2, 3], [2, 4])},
              {p: tf.SparseTensorValue(INDICES.tolist(), (4, 5, 6), np.array([2, 5]))},
              {p: [INDICES, [1.5, 2, 3], [3, 4]]}, {p: 3},
              {p: (INDICES, [1, 2, 3], [1, 4])}, {p: (INDICES, [1, 2], [2, 4])},
              {p: (INDICES[::-1], [1, 2, 3], [2, 4])},
              {p.indices: INDICES, p.values: [1, 2, 3], p.dense_shape: [2, 4]},
              {"p/indices:0": INDICES, "p/values:0": [1, 2, 3], "p/shape:0": [2, 4]}, {}):
    try:
        print(sess.run([dense, sums], feeds)[0].tolist())
    except Exception as error:
        print("error", [k.__name__ for k in KINDS if isinstance(error, k)])
print(sess.run(whole, {q.indices: INDICES, q.values: [1, 2, 3]}).tolist())
print(sess.run(whole, {q: (INDICES, [1, 2, 3], [2, 4])}).tolist())
got = sess.run(p, {p: value})
print(type(got).__name__, got.indices.tolist(), got.values, got.dense_shape, got.indices.dtype, got.dense_shape.dtype)
got = sess.run({"a": [q, tf.sparse_reduce_sum(q)], "b": tf.sparse_transpose(q)}, {q: value})
print(type(got["a"][0]).__name__, got["a"][1], got["b"].indices.tolist(), got["b"].dense_shape.tolist())
print(sess.run(dense, {p: got["b"]}).tolist())
indices, values, shape = sess.run(q * [2.0], {q: value})
print(indices.tolist(), values.tolist(), shape.tolist())
run = tf.sparse_tensor_to_dense(tf.SparseTensor(INDICES, tf.constant([1.0, 2.0, 3.0]), [2, 4]))
print(sess.run(run).tolist())
with tf.Session() as other:
    print(q.eval({q: value}).values.tolist(), tf.sparse_add(q, q).eval({q: value}).values.tolist())

x = tf.sparse_placeholder(tf.float32, [None, 6])
y = tf.placeholder(tf.float32, [None, 1])
w = tf.get_variable("w", [6, 1], initializer=tf.zeros_initializer())
loss = tf.reduce_mean(tf.squared_difference(tf.sparse_tensor_dense_matmul(x, w), y))
step = tf.train.AdamOptimizer(0.1).minimize(loss)
rng = np.random.RandomState(0)
truth = rng.randn(6, 1)
sess.run(tf.global_variables_initializer())
for _ in range(200):
    rows = rng.rand(8, 6) * (rng.rand(8, 6) < 0.4)
    at = np.argwhere(rows)
    sess.run(step, {x: (at, rows[tuple(at.T)], rows.shape), y: rows @ truth})
print(np.abs(sess.run(w) - truth).max() < 0.5)
