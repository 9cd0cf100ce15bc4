import numpy as np

import graphcli.tf1 as tf


class Rows:
    """A type of a program, as tensor2tensor and sonnet have them."""

    def __init__(self, values):
        self.values = values


class Late(Rows):
    pass


def to_tensor(value, dtype=None, name=None, as_ref=False):
    return tf.constant(value.values, dtype, name=name)


def not_mine(value, dtype=None, name=None, as_ref=False):
    return NotImplemented


def refused(call):
    try:
        print(call())
    except Exception as error:
        print(next(k for k in ("TypeError", "ValueError", "RuntimeError")
                   if k in [c.__name__ for c in type(error).__mro__]))


tf.register_tensor_conversion_function(Rows, to_tensor)
tf.register_tensor_conversion_function(Late, not_mine, priority=1)
x = tf.placeholder(tf.float32, [2])
y = tf.add(x, Rows([1., 2.]))
z = tf.multiply(Rows([1., 2.]), x, name="z")
t = tf.convert_to_tensor(Rows([1, 2]), tf.int64, name="t")
hinted = tf.convert_to_tensor(Rows([1, 2]), preferred_dtype=tf.float64)
late = tf.convert_to_tensor(Late([3]))
refused(lambda: tf.convert_to_tensor(Rows([1, 2]), tf.string))
tf.register_tensor_conversion_function(Late, lambda value, dtype=None, name=None, as_ref=False: 3, priority=2)
refused(lambda: tf.convert_to_tensor(Late([3])))
tf.register_tensor_conversion_function(Late, lambda value, dtype=None, name=None, as_ref=False: x, priority=0)
refused(lambda: tf.convert_to_tensor(Late([3]), tf.int32))
refused(lambda: tf.register_tensor_conversion_function(3, to_tensor))
refused(lambda: tf.register_tensor_conversion_function(int, to_tensor))
refused(lambda: tf.register_tensor_conversion_function(np.ndarray, to_tensor))
refused(lambda: tf.register_tensor_conversion_function(Rows, 3))
for node in tf.get_default_graph().get_operations():
    print(node.name, node.type, [i.name for i in node.inputs], [o.dtype.name for o in node.outputs])
with tf.Session() as session:
    print([v.tolist() for v in session.run([y, z, t, hinted, late], {x: [10., 20.]})])
