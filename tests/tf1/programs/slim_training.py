"""A model that slim.learning.train trains, goes on with, and slim.evaluation evaluates."""
import glob
import os

import numpy as np

import graphcli.tf1 as tf

slim = tf.contrib.slim
TRAIN_DIR, MAX_STEPS = "train", 12


def model(images, is_training=True, scope="LeNet"):
    end_points = {}
    with tf.variable_scope(scope, "LeNet", [images]):
        net = end_points["conv1"] = slim.conv2d(images, 4, [5, 5], scope="conv1")
        net = slim.max_pool2d(net, [2, 2], 2, scope="pool1")
        net = slim.conv2d(net, 8, [3, 3], scope="conv2", normalizer_fn=slim.batch_norm,
                          normalizer_params={"is_training": is_training, "decay": 0.9})
        net = slim.max_pool2d(net, [2, 2], 2, scope="pool2")
        net = slim.flatten(net)
        net = slim.fully_connected(net, 16, scope="fc3")
        net = slim.dropout(net, 0.5, is_training=False, scope="dropout3")
        logits = slim.fully_connected(net, 3, activation_fn=None, scope="fc4")
    return logits, end_points

def arg_scope(weight_decay=0.0005):
    with slim.arg_scope([slim.conv2d, slim.fully_connected], weights_regularizer=slim.l2_regularizer(weight_decay),
                        weights_initializer=tf.constant_initializer(0.02), activation_fn=tf.nn.relu) as sc:
        return sc

def data(n=24):
    rng = np.random.RandomState(3)
    labels = np.arange(n) % 3
    images = rng.rand(n, 12, 12, 1) * 0.1 + labels[:, None, None, None] * 0.3
    return images.astype(np.float32), labels.astype(np.int64)

def inputs():
    images, labels = data()
    ds = tf.data.Dataset.from_tensor_slices((images, labels)).repeat().batch(8)
    return ds.make_one_shot_iterator().get_next()

def train():
    with tf.Graph().as_default() as g:
        images, labels = inputs()
        with slim.arg_scope(arg_scope()):
            logits, end_points = model(images)
        slim.losses.softmax_cross_entropy(logits, slim.one_hot_encoding(labels, 3))
        total = slim.losses.get_total_loss()
        tf.summary.scalar("losses/total", total)
        for v in slim.get_model_variables():
            tf.summary.histogram(v.op.name, v)
        lr = tf.train.exponential_decay(0.05, slim.get_or_create_global_step(), 5, 0.9, staircase=True)
        opt = tf.train.MomentumOptimizer(lr, 0.9)
        train_op = slim.learning.create_train_op(total, opt, summarize_gradients=True, clip_gradient_norm=4.0)
        calls = []
        def step_fn(sess, op, gs, kwargs):
            loss, stop = slim.learning.train_step(sess, op, gs, kwargs)
            calls.append(loss)
            return loss, stop
        final = slim.learning.train(train_op, TRAIN_DIR, number_of_steps=MAX_STEPS, log_every_n_steps=5,
                                    train_step_fn=step_fn, save_summaries_secs=0, save_interval_secs=0)
        print(f"final {final:.4f}")
        print("losses", [f"{l:.4f}" for l in calls])
        print([n.name for n in g.as_graph_def().node if n.name.startswith(("init_ops/init", "train_step/G"))])
        print(sorted(os.path.basename(f) for f in glob.glob(TRAIN_DIR + "/*") if "events" not in f))
    # carries on from the checkpoint
    with tf.Graph().as_default():
        images, labels = inputs()
        with slim.arg_scope(arg_scope()):
            logits, _ = model(images)
        tf.losses.sparse_softmax_cross_entropy(labels, logits)
        op = slim.learning.create_train_op(tf.losses.get_total_loss(), tf.train.MomentumOptimizer(0.01, 0.9))
        more = slim.learning.train(op, TRAIN_DIR, number_of_steps=MAX_STEPS + 3, save_summaries_secs=0,
                                   save_interval_secs=0)
        print(f"more {more:.4f}")
        print(tf.train.latest_checkpoint(TRAIN_DIR))

def evaluate():
    with tf.Graph().as_default() as g:
        tf.train.get_or_create_global_step()
        images, labels = inputs()
        with slim.arg_scope(arg_scope()):
            logits, _ = model(images, is_training=False)
        predictions = tf.argmax(logits, 1)
        names_to_values, names_to_updates = slim.metrics.aggregate_metric_map({
            "accuracy": slim.metrics.streaming_accuracy(predictions, labels),
            "mse": slim.metrics.streaming_mean_squared_error(tf.to_float(predictions), tf.to_float(labels))})
        for name in sorted(names_to_values):
            tf.summary.scalar(name, names_to_values[name])
        ckpt = tf.train.latest_checkpoint(TRAIN_DIR)
        values = slim.evaluation.evaluate_once(
            "", ckpt, "eval", num_evals=3, eval_op=list(names_to_updates.values()),
            final_op=[names_to_values[k] for k in sorted(names_to_values)],
            variables_to_restore=slim.get_variables_to_restore())
        print([f"{v:.4f}" for v in values])
        print([n.name for n in g.as_graph_def().node if "eval_step" in n.name])
    for f in glob.glob("eval/*"):
        for e in tf.train.summary_iterator(f):
            for v in e.summary.value:
                print(e.step, v.tag, f"{v.simple_value:.4f}")
    with tf.Graph().as_default():
        images, labels = inputs()
        with slim.arg_scope(arg_scope()):
            logits, _ = model(images, is_training=False)
        value, update = tf.metrics.accuracy(labels, tf.argmax(logits, 1))
        print(slim.evaluation.evaluation_loop("", TRAIN_DIR, "eval2", num_evals=2, eval_op=update, final_op=value,
                                              eval_interval_secs=0, max_number_of_evaluations=1, timeout=1))

def no_logdir():
    with tf.Graph().as_default():
        w = tf.Variable(5.0, name="w")
        op = slim.learning.create_train_op(tf.square(w), tf.train.GradientDescentOptimizer(0.1))
        print(slim.learning.train(op, None, number_of_steps=4) < 7.0)
        for bad in (dict(number_of_steps=0), dict(saver=1), dict(summary_op=None), dict(trace_every_n_steps=3)):
            try:
                slim.learning.train(op, None, **bad)
            except ValueError as e:
                print(e)


train()
evaluate()
no_logdir()
