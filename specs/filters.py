"""A program of TensorFlow 1: two images go through one filter, whose weights they share."""
import numpy as np
import tensorflow as tf


def conv_relu(images, kernel_shape, bias_shape):
    weights = tf.get_variable("weights", kernel_shape, initializer=tf.random_normal_initializer(seed=1))
    biases = tf.get_variable("biases", bias_shape, initializer=tf.constant_initializer(0.1))
    return tf.nn.relu(tf.nn.conv2d(images, weights, strides=[1, 1, 1, 1], padding="SAME") + biases)


def image_filter(images):
    with tf.variable_scope("conv1"):
        once = conv_relu(images, [5, 5, 3, 8], [8])
    with tf.variable_scope("conv2"):
        return conv_relu(once, [5, 5, 8, 8], [8])


image1 = tf.placeholder(tf.float32, [None, 16, 16, 3], name="image1")
image2 = tf.placeholder(tf.float32, [None, 16, 16, 3], name="image2")
with tf.variable_scope("filters") as scope:
    result1 = image_filter(image1)
    scope.reuse_variables()
    result2 = image_filter(image2)
distance = tf.reduce_mean(tf.squared_difference(result1, result2), name="distance")

with tf.Session() as session:
    session.run(tf.global_variables_initializer())
    noise = np.random.RandomState(0).rand(1, 16, 16, 3)
    print("the same image:", session.run(distance, {image1: noise, image2: noise}))
    print("its mirror image:", session.run(distance, {image1: noise, image2: noise[:, ::-1]}))
