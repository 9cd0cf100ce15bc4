"""A library of modules: its own scopes of variables, its own records in a collection that is saved, nested states."""
import collections

import tensorflow as tf
from tensorflow.contrib.eager.python import tfe
from tensorflow.core.framework import summary_pb2
from tensorflow.python.eager import context
from tensorflow.python.framework import ops
from tensorflow.python.ops import variable_scope as variable_scope_ops

nest = tf.contrib.framework.nest
State = collections.namedtuple("State", "cell hidden")


class Info(object):
    """What a module made."""

    def __init__(self, name, outputs):
        self.name, self.outputs = name, outputs


def to_proto(info, export_scope=None):
    return summary_pb2.Summary.Value(tag=info.name, node_name=info.outputs.op.name)


def from_proto(proto, import_scope=None):
    return Info(proto.tag, tf.get_default_graph().get_operation_by_name(
        ops.prepend_name_scope(proto.node_name, import_scope)).outputs[0])


ops.register_proto_function("modules", proto_type=summary_pb2.Summary.Value, to_proto=to_proto, from_proto=from_proto)
print(ops.get_collection_proto_type("modules").__name__, ops.get_to_proto_function("none"))
try:
    ops.register_proto_function("others", to_proto=3)
except TypeError as error:
    print(error)


def linear(inputs, scope, reuse=None):
    with variable_scope_ops._pure_variable_scope(scope, reuse=reuse) as pure:
        with tf.name_scope("calls/linear"):
            weights = tf.get_variable("w", [3, 2], initializer=tf.ones_initializer())
            outputs = tf.matmul(inputs, weights, name="out")
    tf.add_to_collection("modules", Info(pure.name, outputs))
    return outputs


inputs = tf.placeholder(tf.float32, [None, 3], name="inputs")
with tf.variable_scope("net") as net:
    first = linear(inputs, "linear")
    second = linear(inputs, "linear", reuse=True)
print(first.name, second.name, [v.name for v in tf.global_variables()])
tf.add_to_collection("broken", object())
tf.train.export_meta_graph("kept.meta")
with tf.Graph().as_default():
    tf.train.import_meta_graph("kept.meta", import_scope="again")
    print([(i.name, i.outputs.name) for i in tf.get_collection("modules")], tf.get_collection("broken"))
print(tfe.executing_eagerly(), context.in_eager_mode() if hasattr(context, "in_eager_mode") else False)

state = {"a": State([1, 2], (3,)), "b": [4, 5]}
print(nest.flatten_up_to({"a": State(0, 0), "b": 0}, state))
print(nest.map_structure_up_to([0, 0], lambda x, y: (x, y), [[1, 2], 3], [4, [5]]))
print(nest.map_structure_up_to(0, len, [1, 2]), sorted(nest.flatten_dict_items({("x", "y"): (1, 2), "z": [3]}).items()))
nest.assert_shallow_structure([0, 0], [[1], 2])
for wrong in (lambda: nest.assert_shallow_structure([0, 0], [1]), lambda: nest.assert_shallow_structure([0], 1),
              lambda: nest.assert_shallow_structure([0, 0], (1, 2)), lambda: nest.map_structure_up_to(0, len),
              lambda: nest.flatten_up_to({"a": 0}, {"b": 0}), lambda: nest.flatten_dict_items({("x", "y"): (1,)}),
              lambda: nest.flatten_dict_items([1]), lambda: nest.flatten_dict_items({"x": 1, ("x",): (2,)})):
    try:
        print("no error", wrong())
    except (TypeError, ValueError) as error:
        print("TypeError" if isinstance(error, TypeError) else "ValueError")
nest.assert_shallow_structure([0, 0], (1, 2), check_types=False)
