import os
import tempfile

import numpy as np

import graphcli.tf1 as tf

tf.app.flags.DEFINE_integer("max_steps", 4, "Number of steps to run trainer.")
tf.app.flags.DEFINE_float("learning_rate", 0.1, "Initial learning rate")
tf.app.flags.DEFINE_float("dropout", 1.0, "Keep probability for training dropout.")
tf.app.flags.DEFINE_boolean("fake_data", False, "If true, uses fake data for unit testing.")
tf.app.flags.DEFINE_string("summaries_dir", os.path.join(tempfile.mkdtemp(), "logs"), "Summaries log directory")
FLAGS = tf.app.flags.FLAGS


def variable_summaries(var):
    with tf.name_scope("summaries"):
        mean = tf.reduce_mean(var)
        tf.summary.scalar("mean", mean)
        with tf.name_scope("stddev"):
            stddev = tf.sqrt(tf.reduce_mean(tf.square(var - mean)))
        tf.summary.scalar("stddev", stddev)
        tf.summary.scalar("max", tf.reduce_max(var))
        tf.summary.histogram("histogram", var)


def nn_layer(input_tensor, input_dim, output_dim, layer_name, act=tf.nn.relu):
    with tf.name_scope(layer_name):
        with tf.name_scope("weights"):
            weights = tf.Variable(tf.truncated_normal([input_dim, output_dim], stddev=0.1, seed=1))
            variable_summaries(weights)
        with tf.name_scope("biases"):
            biases = tf.Variable(tf.constant(0.1, shape=[output_dim]))
            variable_summaries(biases)
        with tf.name_scope("Wx_plus_b"):
            preactivate = tf.matmul(input_tensor, weights) + biases
            tf.summary.histogram("pre_activations", preactivate)
        activations = act(preactivate, name="activation")
        tf.summary.histogram("activations", activations)
        return activations


def train():
    data = np.random.RandomState(0)
    xs, ys = data.rand(32, 12), data.randint(0, 3, 32)
    sess = tf.InteractiveSession()
    with tf.name_scope("input"):
        x = tf.placeholder(tf.float32, [None, 12], name="x-input")
        y_ = tf.placeholder(tf.int64, [None], name="y-input")
    with tf.name_scope("input_reshape"):
        tf.summary.image("input", tf.reshape(x, [-1, 3, 4, 1]), 2)
    hidden1 = nn_layer(x, 12, 8, "layer1")
    with tf.name_scope("dropout"):
        keep_prob = tf.placeholder(tf.float32)
        tf.summary.scalar("dropout_keep_probability", keep_prob)
        dropped = tf.nn.dropout(hidden1, keep_prob, seed=3)
    y = nn_layer(dropped, 8, 3, "layer2", act=tf.identity)
    with tf.name_scope("cross_entropy"), tf.name_scope("total"):
        cross_entropy = tf.losses.sparse_softmax_cross_entropy(labels=y_, logits=y)
    tf.summary.scalar("cross_entropy", cross_entropy)
    with tf.name_scope("train"):
        train_step = tf.train.AdamOptimizer(FLAGS.learning_rate).minimize(cross_entropy)
    with tf.name_scope("accuracy"):
        with tf.name_scope("correct_prediction"):
            correct_prediction = tf.equal(tf.argmax(y, 1), y_)
        with tf.name_scope("accuracy"):
            accuracy = tf.reduce_mean(tf.cast(correct_prediction, tf.float32))
    tf.summary.scalar("accuracy", accuracy)
    merged = tf.summary.merge_all()
    train_writer = tf.summary.FileWriter(FLAGS.summaries_dir + "/train", sess.graph)
    tf.global_variables_initializer().run()

    def feed_dict(train):
        return {x: xs, y_: ys, keep_prob: FLAGS.dropout if train else 1.0}

    for i in range(FLAGS.max_steps):
        if i % 2 == 0:
            summary, acc = sess.run([merged, accuracy], feed_dict=feed_dict(False))
            train_writer.add_summary(summary, i)
            print(f"Accuracy at step {i}: {acc:.4f}")
        sess.run(train_step, feed_dict=feed_dict(True))
    train_writer.close()
    print(f"loss {cross_entropy.eval(feed_dict(False)):.4f}")
    print([n.name for n in tf.get_default_graph().as_graph_def().node if "layer1" in n.name and "summaries" in n.name])
    print(len(tf.gfile.ListDirectory(FLAGS.summaries_dir + "/train")), tf.gfile.Exists(FLAGS.summaries_dir + "/test"))


def main(_):
    if tf.gfile.Exists(FLAGS.summaries_dir):
        tf.gfile.DeleteRecursively(FLAGS.summaries_dir)
    tf.gfile.MakeDirs(FLAGS.summaries_dir)
    with tf.gfile.GFile(os.path.join(FLAGS.summaries_dir, "notes.txt"), "w") as notes:
        notes.write("kept\n")
    text = tf.gfile.GFile(os.path.join(FLAGS.summaries_dir, "notes.txt")).read().strip()
    print(text, FLAGS.fake_data, FLAGS.max_steps)
    tf.logging.set_verbosity(tf.logging.ERROR)
    tf.logging.info("not shown")
    train()


if __name__ == "__main__":
    tf.app.run(main=main)
