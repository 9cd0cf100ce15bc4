"""Freezes a graph of files in each way that freeze_graph knows, and makes it ready for inference."""
import os, sys
import numpy as np
import tensorflow as tf
from tensorflow.python.tools import freeze_graph
from tensorflow.python.tools import optimize_for_inference_lib, strip_unused_lib
from tensorflow.python.framework import graph_util
from tensorflow.python.framework.smart_cond import smart_cond

def build(training):
    x = tf.placeholder(tf.float32, [None, 8, 8, 3], name="input")
    w = tf.get_variable("w", [3, 3, 3, 4], initializer=tf.constant_initializer(np.linspace(-1, 1, 108)))
    net = tf.nn.conv2d(x, w, [1, 1, 1, 1], "SAME", name="conv")
    mean = tf.get_variable("mean", [4], initializer=tf.constant_initializer([0.1, 0.2, 0.3, 0.4]), trainable=False)
    var = tf.get_variable("var", [4], initializer=tf.constant_initializer([1.1, 0.9, 2.0, 0.5]), trainable=False)
    gamma = tf.get_variable("gamma", [4], initializer=tf.constant_initializer([1.0, 2.0, 3.0, 0.5]))
    beta = tf.get_variable("beta", [4], initializer=tf.constant_initializer([0.0, -1.0, 0.5, 0.25]))
    net = tf.raw_ops.FusedBatchNorm(x=net, scale=gamma, offset=beta, mean=mean, variance=var, epsilon=0.001, is_training=False)[0]
    net = tf.nn.relu(net)
    net = tf.identity(net)
    flat = tf.reduce_mean(net, [1, 2])
    out = smart_cond(training, lambda: tf.nn.softmax(flat * 2.0), lambda: tf.nn.softmax(flat))
    return tf.identity(out, name="output")

with tf.Graph().as_default() as g, tf.Session() as sess:
    build(False)
    sess.run(tf.global_variables_initializer())
    saver = tf.train.Saver()
    saver.save(sess, "./m.ckpt")
    tf.train.write_graph(g.as_graph_def(), ".", "g.pbtxt", as_text=True)
    tf.train.write_graph(g.as_graph_def(), ".", "g.pb", as_text=False)
    x = np.linspace(0, 1, 2 * 8 * 8 * 3).reshape(2, 8, 8, 3)
    want = sess.run("output:0", {"input:0": x})
    tf.saved_model.simple_save(sess, "sm", {"x": g.get_tensor_by_name("input:0")}, {"y": g.get_tensor_by_name("output:0")})

def check(gd, inp="input:0"):
    with tf.Graph().as_default(), tf.Session() as s:
        y, = tf.import_graph_def(gd, return_elements=["output:0"], name="")
        got = s.run(y, {inp: x})
        print([(n.op, n.name, list(n.input)) for n in gd.node])
        print(np.abs(got - want).max() < 1e-5)

for kw in (dict(input_graph="g.pbtxt", input_binary=False), dict(input_graph="g.pb", input_binary=True), dict(input_graph=None, input_meta_graph="m.ckpt.meta", input_binary=True), dict(input_graph=None, input_binary=True, input_saved_model_dir="sm", input_checkpoint=None)):
    with tf.Graph().as_default():
        base = dict(input_saver="", input_checkpoint="./m.ckpt", output_node_names="output", restore_op_name="save/restore_all", filename_tensor_name="save/Const:0", output_graph="f.pb", clear_devices=True, initializer_nodes="")
        base.update(kw)
        freeze_graph.freeze_graph(**base)
    gd = tf.GraphDef()
    with tf.gfile.GFile("f.pb", "rb") as f: gd.ParseFromString(f.read())
    check(gd)
opt = optimize_for_inference_lib.optimize_for_inference(gd, ["input"], ["output"], tf.float32.as_datatype_enum)
check(opt)
check(strip_unused_lib.strip_unused(gd, ["input"], ["output"], tf.float32.as_datatype_enum))
check(optimize_for_inference_lib.fold_batch_norms(gd))
for f in (lambda: strip_unused_lib.strip_unused(gd, ["input:0"], ["output"], 1), lambda: strip_unused_lib.strip_unused(gd, ["no"], ["output"], 1),
          lambda: freeze_graph.freeze_graph("g.pb", "", True, "none.ckpt", "output", "", "", "o", True, ""),
          lambda: freeze_graph.freeze_graph("no.pb", "", True, "./m.ckpt", "output", "", "", "o", True, ""),
          lambda: freeze_graph.freeze_graph("g.pb", "", True, "./m.ckpt", "", "", "", "o", True, ""),
          lambda: freeze_graph.freeze_graph("f.pb", "", True, "./m.ckpt", "output", "", "", "o", True, "")):
    try:
        with tf.Graph().as_default(): f(); print("none")
    except (ValueError, KeyError, IOError) as e:
        print(str(e).strip('"')[:59])
