import numpy as np

import graphcli.tf1 as tf


def show(graph_def):
    for node in graph_def.node:
        print(node.name, node.op, list(node.input), node.device)


x = tf.placeholder(tf.float32, [None, 3], name="x")
with tf.variable_scope("net"):
    w = tf.get_variable("w", [3, 2], initializer=tf.ones_initializer())
    r = tf.get_variable("r", [4, 2], initializer=tf.ones_initializer(), use_resource=True)
    out = tf.identity(tf.check_numerics(tf.matmul(x, w), "nan") + r[0], name="out")
rows = tf.gather(r, [1, 2], name="rows")
loss = tf.reduce_mean(out)
train = tf.train.GradientDescentOptimizer(0.1).minimize(loss)
with tf.control_dependencies([loss]):
    after = tf.identity(out, name="after")
chosen = tf.cond(loss > 0, lambda: r * 2., lambda: r + 0., name="cn")
with tf.Session() as sess:
    print(isinstance(sess, tf.Session), isinstance(3, tf.Session))
    sess.run(tf.global_variables_initializer())
    sess.run(train, {x: np.ones([1, 3])})
    whole = sess.graph.as_graph_def()
    want = sess.run([out, rows], {x: np.ones([1, 3])})
    for names in (["net/out"], ["rows", "after"], ["cn/Merge"]):
        frozen = tf.graph_util.convert_variables_to_constants(sess, whole, names)
        show(frozen)
    show(tf.graph_util.convert_variables_to_constants(sess, whole, ["net/out"], variable_names_blacklist=["net/w"]))
    frozen = tf.graph_util.convert_variables_to_constants(sess, whole, ["net/out", "rows"], ["net/w", "net/r"])
for name in ("nope", "rows"):
    try:
        print(len(tf.graph_util.extract_sub_graph(whole, [name]).node))
    except (AssertionError, KeyError):
        print("refused")
show(tf.graph_util.remove_training_nodes(tf.graph_util.extract_sub_graph(whole, ["after"]), ["after"]))
values = {n.name: tf.make_ndarray(n.attr["value"].tensor) for n in frozen.node if n.op == "Const"}
print(values["net/w"].tolist(), values["net/r"].shape, [tf.graph_util.must_run_on_cpu(n) for n in frozen.node])
proto = tf.make_tensor_proto([[1, 2], [3, 4]])
print(proto.dtype == tf.int32.as_datatype_enum, tf.make_ndarray(proto).tolist(), tf.make_ndarray(
    tf.make_tensor_proto("a")).tolist())
print(tf.make_ndarray(tf.make_tensor_proto(5., shape=[2], allow_broadcast=True)).tolist())
for wrong in (lambda: tf.make_tensor_proto([1., 2.], shape=[3]), lambda: tf.make_tensor_proto([1.5], dtype=tf.int32)):
    try:
        wrong()
    except TypeError:
        print("refused")
print(tf.Variable.from_proto(w.to_proto()).name, w.to_proto("net").snapshot_name, w.to_proto("other"))
with tf.Graph().as_default() as graph:
    got = tf.import_graph_def(frozen, return_elements=["x:0", "net/out:0", "rows:0"], name="")
    print(tf.graph_util.tensor_shape_from_node_def_name(graph, "net/out"))
    with tf.Session() as sess:
        print([np.array_equal(a, b) for a, b in zip(sess.run(got[1:], {got[0]: np.ones([1, 3])}), want)])
