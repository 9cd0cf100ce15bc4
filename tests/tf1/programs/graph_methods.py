import numpy as np

import graphcli.tf1 as tf

KINDS = (AssertionError, NotImplementedError, OSError, RuntimeError, TypeError, ValueError, KeyError)


def told(call):
    """What a call gives, or the kind of error that it raises."""
    try:
        print(call())
    except KINDS as error:
        print(next(k.__name__ for k in KINDS if isinstance(error, k)))


graph = tf.get_default_graph()
x = tf.placeholder(tf.float32, [None, 3], name="x")
c = tf.constant([[1.0, 2.0, 3.0]], name="c")
told(lambda: x.op.get_attr("shape"))
told(lambda: tf.make_ndarray(c.op.get_attr("value")))
told(lambda: [d.size for d in x.shape.as_proto().dim])
told(lambda: tf.TensorShape(None).as_proto().unknown_rank)
told(lambda: np.array(x))
made = graph.create_op("Add", [x, c], [tf.float32], name="made", attrs={"T": tf.AttrValue(type=1)})
print(made.name, made.type, made.outputs[0].shape)
many = {"N": tf.AttrValue(i=2), "T": tf.AttrValue(type=1), "axis": tf.AttrValue(i=0)}
pack = graph.create_op("Pack", [c, c], [tf.float32], name="pack", attrs=many)
print(pack.outputs[0].shape)
told(lambda: graph.create_op("NoSuchOp", [x], [tf.float32]))
with graph._attr_scope({"_mark": tf.AttrValue(s=b"here")}):
    print(tf.nn.relu(x).op.get_attr("_mark"))
told(lambda: graph.gradient_override_map([1]).__enter__())
with tf.Graph().as_default():
    told(tf.reset_default_graph)
    told(lambda: tf.name_scope("s", values=[x, tf.constant(1.0)]).__enter__())
told(lambda: tf.Session(graph=3))
told(lambda: tf.Session(config=3))
told(lambda: tf.Session(graph=tf.Graph()).run(c))
print(tf.VariableSynchronization.ON_READ, tf.VariableAggregation.SUM.name)

sess = tf.Session()
told(lambda: sess.run(b"c:0"))
print([d.device_type for d in sess.list_devices()][0], len(sess.list_devices()) > 0)
step = sess.make_callable(made.outputs[0], [x], accept_options=True)
print(step(np.ones((1, 3), np.float32)), step([[0, 0, 0]], options=tf.RunOptions(), run_metadata=tf.RunMetadata()))
rows, places, shape = sess.run(tf.gradients(tf.gather(c, [0, 0]), c)[0])
print(rows, places, shape)
graph.prevent_feeding(c)
graph.prevent_fetching(pack)
print(graph.is_feedable(c), graph.is_feedable(x), graph.is_fetchable(pack.outputs[0]), graph.is_fetchable(c))
told(lambda: sess.run(x, {x: [[1, 2, 3]], c: [[0, 0, 0]]}))
told(lambda: sess.run(pack.outputs[0]))

v = tf.Variable(1.0, name="v")
r = tf.while_loop(lambda i, a: i < 3, lambda i, a: (i + 1, a * v), [0, tf.reduce_sum(x)], name="loop")
tf.add_to_collection("notes", "text")
saver = tf.train.Saver()
sess.run(v.initializer)
print(saver.save(sess, "folder/model"))
told(lambda: saver.save(sess, "no/such/folder/model"))
meta = tf.train.export_meta_graph(collection_list=["notes"])
with tf.Graph().as_default() as other:
    one = tf.constant([[2.0, 2.0, 2.0]])
    print(tf.train.import_meta_graph(meta, import_scope="in", input_map={"x:0": one}), tf.get_collection("notes"))
    print([n.name for n in other.get_operations() if "loop" in n.name])
    print(tf.get_default_graph().get_tensor_by_name("in/made:0").op.inputs[0].name)
    told(lambda: tf.train.import_meta_graph("nothing.meta"))
    told(lambda: tf.import_graph_def(meta.graph_def, return_elements=[1]))
graph.finalize()
told(lambda: tf.add_to_collection("late", 1))
