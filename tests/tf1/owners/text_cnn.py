#! /usr/bin/env python
"""dennybritz's CNN for sentences, with checkpoints, dev evaluation and summaries."""
import os, re, time, datetime
import numpy as np
import tensorflow as tf
from tensorflow.contrib import learn

tf.flags.DEFINE_float("dev_sample_percentage", .1, "Percentage of the training data to use for validation")
tf.flags.DEFINE_integer("embedding_dim", 8, "Dimensionality of character embedding (default: 128)")
tf.flags.DEFINE_string("filter_sizes", "2,3", "Comma-separated filter sizes")
tf.flags.DEFINE_integer("num_filters", 4, "Number of filters per filter size")
tf.flags.DEFINE_float("l2_reg_lambda", 0.1, "L2 regularization lambda")
tf.flags.DEFINE_integer("batch_size", 4, "Batch Size")
FLAGS = tf.flags.FLAGS

class TextCNN(object):
    def __init__(self, sequence_length, num_classes, vocab_size, embedding_size, filter_sizes, num_filters, l2_reg_lambda=0.0):
        self.input_x = tf.placeholder(tf.int32, [None, sequence_length], name="input_x")
        self.input_y = tf.placeholder(tf.float32, [None, num_classes], name="input_y")
        self.dropout_keep_prob = tf.placeholder(tf.float32, name="dropout_keep_prob")
        l2_loss = tf.constant(0.0)
        wave = lambda shape, s: (np.cos(np.arange(np.prod(shape)) * 0.9) * s).reshape(shape).astype(np.float32)
        with tf.device('/cpu:0'), tf.name_scope("embedding"):
            self.W = tf.Variable(wave([vocab_size, embedding_size], 1.0), name="W")
            self.embedded_chars = tf.nn.embedding_lookup(self.W, self.input_x)
            self.embedded_chars_expanded = tf.expand_dims(self.embedded_chars, -1)
        pooled_outputs = []
        for i, filter_size in enumerate(filter_sizes):
            with tf.name_scope("conv-maxpool-%s" % filter_size):
                filter_shape = [filter_size, embedding_size, 1, num_filters]
                W = tf.Variable(wave(filter_shape, 0.1), name="W")
                b = tf.Variable(tf.constant(0.1, shape=[num_filters]), name="b")
                conv = tf.nn.conv2d(self.embedded_chars_expanded, W, strides=[1, 1, 1, 1], padding="VALID", name="conv")
                h = tf.nn.relu(tf.nn.bias_add(conv, b), name="relu")
                pooled = tf.nn.max_pool(h, ksize=[1, sequence_length - filter_size + 1, 1, 1], strides=[1, 1, 1, 1], padding='VALID', name="pool")
                pooled_outputs.append(pooled)
        num_filters_total = num_filters * len(filter_sizes)
        self.h_pool = tf.concat(pooled_outputs, 3)
        self.h_pool_flat = tf.reshape(self.h_pool, [-1, num_filters_total])
        with tf.name_scope("dropout"):
            self.h_drop = tf.nn.dropout(self.h_pool_flat, self.dropout_keep_prob)
        with tf.name_scope("output"):
            W = tf.get_variable("W", shape=[num_filters_total, num_classes], initializer=tf.constant_initializer(wave([num_filters_total, num_classes], 0.3)))
            b = tf.Variable(tf.constant(0.1, shape=[num_classes]), name="b")
            l2_loss += tf.nn.l2_loss(W)
            l2_loss += tf.nn.l2_loss(b)
            self.scores = tf.nn.xw_plus_b(self.h_drop, W, b, name="scores")
            self.predictions = tf.argmax(self.scores, 1, name="predictions")
        with tf.name_scope("loss"):
            losses = tf.nn.softmax_cross_entropy_with_logits(logits=self.scores, labels=self.input_y)
            self.loss = tf.reduce_mean(losses) + l2_reg_lambda * l2_loss
        with tf.name_scope("accuracy"):
            correct_predictions = tf.equal(self.predictions, tf.argmax(self.input_y, 1))
            self.accuracy = tf.reduce_mean(tf.cast(correct_predictions, "float"), name="accuracy")

def clean_str(string):
    string = re.sub(r"[^A-Za-z0-9(),!?\'\`]", " ", string)
    return re.sub(r"\s{2,}", " ", string).strip().lower()

GOOD = ["a gripping movie", "charming and funny", "a delightful , warm film", "funny movie", "warm and charming film"]
BAD = ["dull and slow", "a tedious movie", "slow , tedious film", "dull film", "a bad movie , very slow"]

def batch_iter(data, batch_size, num_epochs):
    data = np.array(data, dtype=object)
    for _ in range(num_epochs):
        for i in range(0, len(data), batch_size):
            yield data[i:i + batch_size]

def main(argv=None):
    texts = [clean_str(t) for t in GOOD + BAD]
    y = np.array([[0, 1]] * len(GOOD) + [[1, 0]] * len(BAD), np.float32)
    max_len = max(len(t.split(" ")) for t in texts)
    vocab_processor = learn.preprocessing.VocabularyProcessor(max_len)
    x = np.array(list(vocab_processor.fit_transform(texts)))
    print(x.shape, x[:3].tolist(), len(vocab_processor.vocabulary_))
    np.random.seed(10)
    order = np.random.permutation(np.arange(len(y)))
    x, y = x[order], y[order]
    with tf.Graph().as_default():
        session_conf = tf.ConfigProto(allow_soft_placement=True, log_device_placement=False)
        sess = tf.Session(config=session_conf)
        with sess.as_default():
            cnn = TextCNN(x.shape[1], y.shape[1], len(vocab_processor.vocabulary_), FLAGS.embedding_dim, list(map(int, FLAGS.filter_sizes.split(","))), FLAGS.num_filters, FLAGS.l2_reg_lambda)
            global_step = tf.Variable(0, name="global_step", trainable=False)
            optimizer = tf.train.AdamOptimizer(1e-2)
            grads_and_vars = optimizer.compute_gradients(cnn.loss)
            train_op = optimizer.apply_gradients(grads_and_vars, global_step=global_step)
            grad_summaries = []
            for g, v in grads_and_vars:
                if g is not None:
                    grad_summaries.append(tf.summary.histogram("{}/grad/hist".format(v.name), g))
                    grad_summaries.append(tf.summary.scalar("{}/grad/sparsity".format(v.name), tf.nn.zero_fraction(g)))
            merged = tf.summary.merge(grad_summaries)
            out_dir = os.path.abspath(os.path.join(os.path.curdir, "runs", "1"))
            loss_summary = tf.summary.scalar("loss", cnn.loss)
            acc_summary = tf.summary.scalar("accuracy", cnn.accuracy)
            summary_op = tf.summary.merge([loss_summary, acc_summary, merged])
            writer = tf.summary.FileWriter(os.path.join(out_dir, "summaries", "train"), sess.graph)
            checkpoint_prefix = os.path.join(out_dir, "checkpoints", "model")
            if not os.path.exists(os.path.dirname(checkpoint_prefix)):
                os.makedirs(os.path.dirname(checkpoint_prefix))
            saver = tf.train.Saver(tf.global_variables(), max_to_keep=2)
            vocab_processor.save(os.path.join(out_dir, "vocab"))
            sess.run(tf.global_variables_initializer())
            for batch in batch_iter(list(zip(x, y)), FLAGS.batch_size, 8):
                x_batch, y_batch = zip(*batch)
                _, step, summaries, loss, accuracy = sess.run([train_op, global_step, summary_op, cnn.loss, cnn.accuracy], {cnn.input_x: x_batch, cnn.input_y: y_batch, cnn.dropout_keep_prob: 1.0})
                writer.add_summary(summaries, step)
                current_step = tf.train.global_step(sess, global_step)
                if current_step % 6 == 0:
                    print("step {}, loss {:.3f}, acc {:.2f}".format(step, loss, accuracy))
                    path = saver.save(sess, checkpoint_prefix, global_step=current_step)
    restored = learn.preprocessing.VocabularyProcessor.restore(os.path.join(out_dir, "vocab"))
    x_test = np.array(list(restored.transform(["charming movie", "tedious and slow", "unknown words here"])))
    print(x_test.tolist())
    graph = tf.Graph()
    with graph.as_default():
        sess = tf.Session()
        with sess.as_default():
            checkpoint_file = tf.train.latest_checkpoint(os.path.join(out_dir, "checkpoints"))
            saver = tf.train.import_meta_graph("{}.meta".format(checkpoint_file))
            saver.restore(sess, checkpoint_file)
            input_x = graph.get_operation_by_name("input_x").outputs[0]
            keep = graph.get_operation_by_name("dropout_keep_prob").outputs[0]
            predictions = graph.get_operation_by_name("output/predictions").outputs[0]
            print(sess.run(predictions, {input_x: x_test, keep: 1.0}))

if __name__ == "__main__":
    tf.app.run()
