"""TensorArrays and stacks of graphs whose handles are strings."""
from __future__ import annotations

from typing import Any


def _older(tf: Any, graph: Any, suffix: str) -> None:
    """Puts a graph into the one that is open, with TensorArrays of before; their flows are constants."""
    proto = graph.as_graph_def()
    proto.versions.producer = 15  # later ones may not have these
    made = {n.name for n in proto.node if n.op in ("TensorArrayV3", "TensorArrayGradV3")}
    for node in proto.node:
        for i, name in enumerate(node.input):
            if name.partition(":")[0] in made and name.endswith(":1"):
                node.input[i] = "flow"
        if node.op.startswith("TensorArray"):
            node.op = node.op[:-2] + suffix
            node.attr.pop("identical_element_shapes", None)
    tf.import_graph_def(proto, name="")


def _lists(tf: Any, suffix: str) -> Any:
    graph = tf.Graph()
    with graph.as_default():
        flow = tf.constant(0., name="flow")
        assert flow.name == "flow:0"
        array = tf.TensorArray(tf.float32, 3, clear_after_read=False)
        array = array.write(1, [1., 2.]).write(0, [3., 4.]).write(2, [5., 6.])
        out = [array.stack(), array.read(1), array.gather([2, 0]), array.concat(), array.size()]
        other = tf.TensorArray(tf.int32, 2).split([1, 2, 3], [1, 2])
        third = tf.TensorArray(tf.int32, 2).unstack([7, 8])
        sums = array.grad("of").write(0, [1., 1.]).write(0, [2., 3.]).write(1, [0., 0.]).write(2, [0., 0.])
        out += [other.read(1), third.stack(), sums.stack()]
        with tf.control_dependencies(out):
            out.append(tf.identity(out[0]))
            closed = array.close()
    _older(tf, graph, suffix)
    return [[tf.get_default_graph().as_graph_element(o.name) for o in (*out, closed)]]


def arrays_by_reference(tf: Any) -> Any:
    return _lists(tf, "")


def arrays_by_string(tf: Any) -> Any:
    return _lists(tf, "V2")


def packed(tf: Any) -> Any:
    graph = tf.Graph()
    with graph.as_default():
        tf.constant(0., name="flow")
        array = tf.TensorArray(tf.float32, 2)
        array = array.unstack([[1., 2.], [3., 4.]])
        out = array.stack()
    proto = graph.as_graph_def()
    for node in proto.node:
        if node.op in ("TensorArrayGatherV3", "TensorArrayScatterV3"):
            node.op = {"G": "TensorArrayPackV3", "S": "TensorArrayUnpackV3"}[node.op[11]]
            del node.input[1]
    again = tf.Graph()
    again.as_graph_def = lambda: proto
    _older(tf, again, "")
    return [[tf.get_default_graph().as_graph_element(out.name)]]


def stacked(tf: Any) -> Any:
    r = tf.raw_ops
    stack = r.Stack(elem_type=tf.float32)
    with tf.control_dependencies([r.StackPush(handle=stack, elem=[1., 2.])]):
        with tf.control_dependencies([r.StackPush(handle=stack, elem=[3.])]):
            last = r.StackPop(handle=stack, elem_type=tf.float32)
    with tf.control_dependencies([last]):
        first = r.StackPop(handle=stack, elem_type=tf.float32)
    with tf.control_dependencies([first]):
        return [[last, first, r.StackClose(handle=stack)]]
