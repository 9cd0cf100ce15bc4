import collections

import numpy as np

import graphcli.tf1 as tf

Pair = collections.namedtuple("Pair", "a b")
KINDS = (ValueError, TypeError, RuntimeError)

a = tf.placeholder(tf.float32, [2])
b = tf.placeholder(tf.float32, [])
fetched = [a + 1.0, b * 2.0]
session = tf.Session()
row = np.array([1.0, 2.0])
for feeds in ({(a, b): (row, 3)}, {Pair(a, b): Pair(row, 3)}, {Pair(a, b): [row, 3]}, {(a, (b,)): (row, (3,))},
              {Pair(a, Pair(b, b)): Pair(row, Pair(3, 3))}, {Pair(a, None): Pair(row, None)}, {(a, b): ([1, 2], 3)},
              {(a, b): (row, 3, 4)}, {(a, b): (row, 3), b: 4}, {Pair(a, b): {"x": row, "y": 3}},
              {(a, b): np.zeros(2)}, {(a, "Placeholder_1:0"): (row, 3)}, {(a, b.op): (row, 3)}, {(): (), a: row, b: 1}):
    try:
        print([v.tolist() for v in session.run(fetched, feeds)])
    except Exception as error:
        print("error", [k.__name__ for k in KINDS if isinstance(error, k)])

cell = tf.nn.rnn_cell.MultiRNNCell([tf.nn.rnn_cell.BasicLSTMCell(2), tf.nn.rnn_cell.GRUCell(3)])
start = cell.zero_state(1, tf.float32)
x = tf.placeholder(tf.float32, [1, None, 2])
outputs, end = tf.nn.dynamic_rnn(cell, x, initial_state=start)
session.run([v.assign(tf.fill(v.shape, 0.1)) for v in tf.trainable_variables()])
state = session.run(start)
for step in range(2):
    value, state = session.run([outputs, end], {x: np.full([1, 3, 2], step + 1.0), start: state})
    print(np.round(value[0, -1], 5).tolist(), type(state).__name__, type(state[0]).__name__,
          np.round(state[0].c, 4).tolist())
