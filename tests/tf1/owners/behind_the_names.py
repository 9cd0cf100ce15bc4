"""What programs of 2017 to 2019 take for granted: Python's and numpy's names of then, and TensorFlow's own files."""
from __future__ import division, print_function

import base64
import collections
import inspect
import json
import time

import numpy as np
import tensorflow as tf
import tensorflow.contrib.slim as slim
from tensorflow.contrib.util import constant_value
from tensorflow.python import pywrap_tensorflow
from tensorflow.python.client import timeline
from tensorflow.python.framework import ops
from tensorflow.python.ops import array_ops, resources, rnn, rnn_cell_impl, state_ops, variable_scope
from tensorflow.python.training import training_ops
from tensorflow.python.util import tf_contextlib, tf_decorator, tf_inspect

# Python and numpy
print(isinstance({}, collections.Mapping), isinstance([], collections.Iterable), time.clock() >= 0)
print(base64.decodestring(base64.encodestring(b"bytes")), inspect.getargspec(lambda a, b=1, *c: a).args)
held = np.arange(3.0)
print(np.array(held, copy=False) is held, np.array([1, 2], copy=False), [np.float32(0.5), np.int64(3)], (np.bool_(1),))

# sizes that were halved
image = tf.placeholder(tf.float32, [None, 32 / 2, 16.0])
print(image.shape, image._shape, tf.get_variable("halved", [8 / 4, 3]).shape, tf.TensorShape([4.0]) == [4])
print(int(tf.nn.rnn_cell.GRUCell(8 / 2).state_size), tf.layers.dense(image, 6 / 2).shape)
for wrong in (lambda: tf.placeholder(tf.float32, [2.5]), lambda: tf.Dimension(0.5)):
    try:
        wrong()
    except ValueError:
        print("no whole number")

# classes
print(all(getattr(tf.train, name).__base__ is tf.train.Optimizer for name in dir(tf.train)
          if name.endswith("Optimizer") and name not in ("Optimizer", "SyncReplicasOptimizer")))
print(tf.GraphKeys.VARIABLES, tf.contrib.framework.is_tensor(image), tf.contrib.distributions.Normal.__name__)


class Doubling(tf.train.Optimizer):
    """Made of the files that tf.train is made of."""

    def __init__(self):
        super(Doubling, self).__init__(False, "Doubling")

    def _create_slots(self, var_list):
        with ops.colocate_with(var_list[0]):
            self._power = variable_scope.variable(2.0, name="power", trainable=False)

    def _apply_dense(self, grad, var):
        return training_ops.apply_gradient_descent(var, self._power, grad)

    def _finish(self, update_ops, name_scope):
        with ops.control_dependencies(update_ops):
            return tf.group(*update_ops + [state_ops.assign(self._power, self._power * 2.0)], name=name_scope)


weights = tf.Variable([1.0, 2.0], name="weights")
step = Doubling().minimize(tf.reduce_sum(weights))
print([v.op.name for v in tf.global_variables()])

# files
print(constant_value(tf.constant([1, 2])), array_ops.shape_internal(image, optimize=False).op.type)
print(ops.strip_name_scope("^a/b/c", "a"), ops.prepend_name_scope("loc:@b/c", "a/"), ops.uid() < ops.uid())
print(rnn._transpose_batch_time(tf.zeros([2, 3, 4])).shape,
      [t.shape.as_list() for t in rnn_cell_impl._zero_state_tensors((3, 4), 2, tf.float32)])
print(resources.shared_resources(), resources.initialize_resources([]).type)
print(slim.initializers.xavier_initializer().__name__ != "", slim.regularizers.l2_regularizer(0.5)(weights).op.type)


@tf_contextlib.contextmanager
def opened(a, b=2):
    """Opens."""
    yield a + b


with opened(1) as value:
    print(value, opened.__name__, opened.__doc__, len(tf_decorator.unwrap(opened)[0]), tf_inspect.getargspec(opened))
print(tf_inspect.getcallargs(lambda a, b=3: a, 1), tf_inspect.isclass(Doubling))
batches = tf.data.Dataset.range(5).apply(tf.contrib.data.batch_and_drop_remainder(2)).make_one_shot_iterator().get_next()

with tf.Session() as session:
    session.run(tf.global_variables_initializer())
    for _ in range(2):
        session.run(step)
    print(session.run(collections.OrderedDict([("w", weights), ("n", tf.size(weights))])).items())
    print([session.run(batches) for _ in range(2)])
    print(tf.train.Saver([weights]).save(session, "./kept"))
    told = tf.RunMetadata()
    session.run(tf.matmul(tf.ones([8, 8]), weights[0] * tf.ones([8, 8])), options=tf.RunOptions(
        trace_level=tf.RunOptions.FULL_TRACE), run_metadata=told)
reader = pywrap_tensorflow.NewCheckpointReader("./kept")
print(reader.get_variable_to_shape_map(), reader.get_tensor("weights"))
trace = json.loads(timeline.Timeline(told.step_stats).generate_chrome_trace_format(show_memory=True))
print({"M", "X"} <= {event["ph"] for event in trace["traceEvents"]},
      "MatMul" in {event["name"] for event in trace["traceEvents"]})
