"""The softmax tutorial on MNIST's files (a few made-up digits here), as it was for two Pythons and an older numpy."""
from __future__ import absolute_import
from __future__ import division
from __future__ import print_function

import argparse
import gzip
import os
import struct
import sys

import numpy as np
import six
from six.moves import cPickle as pickle, range, xrange, zip
from six.moves.urllib.parse import urljoin
import tensorflow as tf
from tensorflow.examples.tutorials.mnist import input_data
from tensorflow.contrib.learn.python.learn.datasets import mnist as mnist_dataset

FLAGS = None


def digits(n, offset):
    labels = (np.arange(n) + offset) % 10
    images = np.zeros([n, 28, 28], dtype=np.int)
    for i, label in enumerate(labels):
        images[i, 2 * label:2 * label + 4, 5:20] = 200 + i % 50
    return images.astype(np.uint8), labels.astype(np.uint8)


def write(folder):
    os.mkdir(folder)
    for lead, n, offset in (("train", 80, 0), ("t10k", 30, 3)):
        images, labels = digits(n, offset)
        with gzip.open(os.path.join(folder, lead + "-images-idx3-ubyte.gz"), "wb") as f:
            f.write(struct.pack(">IIII", 2051, n, 28, 28) + images.tobytes())
        with gzip.open(os.path.join(folder, lead + "-labels-idx1-ubyte.gz"), "wb") as f:
            f.write(struct.pack(">II", 2049, n) + labels.tobytes())


@six.add_metaclass(type)
class Named(object):
    def __init__(self, **names):
        for name, value in sorted(six.iteritems(names)):
            setattr(self, name, value)


def main(_):
    write(FLAGS.data_dir)
    mnist = input_data.read_data_sets(FLAGS.data_dir, one_hot=True, validation_size=20, seed=1)
    print(mnist.train.num_examples, mnist.validation.num_examples, mnist.test.images.shape, mnist.test.labels.dtype)
    x = tf.placeholder(tf.float32, [None, 784])
    W = tf.Variable(tf.zeros([784, 10]))
    b = tf.Variable(tf.zeros([10]))
    y = tf.matmul(x, W) + b
    y_ = tf.placeholder(tf.float32, [None, 10])
    cross_entropy = tf.reduce_mean(tf.nn.softmax_cross_entropy_with_logits(labels=y_, logits=y))
    train_step = tf.train.GradientDescentOptimizer(0.5).minimize(cross_entropy)
    sess = tf.InteractiveSession()
    tf.global_variables_initializer().run()
    for i in xrange(30):
        batch_xs, batch_ys = mnist.train.next_batch(25)
        sess.run(train_step, feed_dict={x: batch_xs, y_: batch_ys})
        if i % 10 == 0:
            print(i, batch_ys.argmax(1).tolist(), mnist.train.epochs_completed)
    correct_prediction = tf.equal(tf.argmax(y, 1), tf.argmax(y_, 1))
    accuracy = tf.reduce_mean(tf.cast(correct_prediction, tf.float32))
    print("accuracy %.3f" % accuracy.eval({x: mnist.test.images, y_: mnist.test.labels}))
    plain = mnist_dataset.read_data_sets(FLAGS.data_dir, reshape=False, dtype=tf.uint8, validation_size=0, seed=2)
    images, labels = plain.test.next_batch(4, shuffle=False)
    print(images.shape, images.dtype, labels.tolist(), np.product(images.shape), np.alltrue(images >= 0))
    print(mnist_dataset.dense_to_one_hot(np.array([1, 0]), 3).tolist())
    fake = input_data.read_data_sets("none", fake_data=True, one_hot=True)
    print(fake.train.next_batch(2, fake_data=True)[1])
    print(isinstance(u"a", six.string_types), six.PY2, list(zip(range(2), six.itervalues({1: "a", 2: "b"}))))
    print(pickle.loads(pickle.dumps([1, 2], protocol=2)), urljoin("http://a/b/", "c"), Named(b=1, a=2).a)
    print(np.float(3), np.zeros(2, np.bool).tolist(), np.array([1], dtype=np.object).dtype, np.Inf > 1,
          np.fromstring(b"\x01\x02", dtype=np.uint8).tolist(), np.fromstring("1 2", sep=" ").tolist())
    for wrong in (lambda: input_data.read_data_sets(FLAGS.data_dir, validation_size=100),
                  lambda: input_data.read_data_sets(FLAGS.data_dir, dtype=tf.int32)):
        try:
            wrong()
        except (ValueError, TypeError) as error:
            print(str(error)[:40])


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--data_dir", type=str, default="data")
    FLAGS, unparsed = parser.parse_known_args()
    tf.app.run(main=main, argv=[sys.argv[0]] + unparsed)
