"""LeNet as programs of tf.contrib.slim have it: arg_scope, batch norm, weight decay, a train op, a checkpoint."""
import numpy as np

import graphcli.tf1 as tf

slim = tf.contrib.slim


def arguments(decay):
    norm = {"decay": 0.9, "scale": True, "updates_collections": tf.GraphKeys.UPDATE_OPS}
    with slim.arg_scope([slim.conv2d, slim.fully_connected], weights_regularizer=slim.l2_regularizer(decay),
                        weights_initializer=tf.truncated_normal_initializer(stddev=0.1), activation_fn=tf.nn.relu):
        with slim.arg_scope([slim.conv2d], normalizer_fn=slim.batch_norm, normalizer_params=norm, padding="SAME"):
            with slim.arg_scope([slim.max_pool2d], kernel_size=[2, 2], stride=2) as scope:
                return scope


def lenet(images, classes, is_training):
    points = {}
    with tf.variable_scope("LeNet", [images]) as sc:
        collection = sc.original_name_scope + "_points"
        with slim.arg_scope([slim.conv2d, slim.fully_connected, slim.max_pool2d], outputs_collections=[collection]):
            with slim.arg_scope([slim.batch_norm, slim.dropout], is_training=is_training):
                net = slim.conv2d(images, 4, [5, 5], scope="conv1")
                net = slim.max_pool2d(net, scope="pool1")
                net = slim.repeat(net, 2, slim.conv2d, 6, [3, 3], scope="conv2")
                net = slim.max_pool2d(net, scope="pool2")
                net = slim.flatten(net)
                net = slim.fully_connected(net, 16, scope="fc3")
                net = slim.dropout(net, 0.8, scope="dropout3", seed=3)
                logits = slim.fully_connected(net, classes, activation_fn=None, scope="logits")
        points = slim.utils.convert_collection_to_dict(collection)
    return logits, points


random = np.random.RandomState(0)
pictures = random.rand(8, 8, 8, 1).astype(np.float32)
kinds = np.arange(8) % 3
tf.set_random_seed(1)
images = tf.placeholder(tf.float32, [None, 8, 8, 1])
labels = tf.placeholder(tf.int32, [None])
is_training = tf.placeholder_with_default(False, [])
with slim.arg_scope(arguments(0.001)):
    logits, points = lenet(images, 3, is_training)
print(list(points))
print([v.op.name for v in slim.get_model_variables()])
tf.losses.sparse_softmax_cross_entropy(labels, logits)
loss = tf.losses.get_total_loss()
step = tf.train.get_or_create_global_step()
train = slim.learning.create_train_op(loss, tf.train.GradientDescentOptimizer(0.05), clip_gradient_norm=5.0)

with tf.Session() as session:
    session.run(tf.global_variables_initializer())
    for _ in range(5):
        print(f"{session.run(train, {images: pictures, labels: kinds, is_training: True}):.3f}")
    print("step", session.run(step))
    trained = session.run(logits, {images: pictures})
    path = tf.train.Saver(slim.get_model_variables()).save(session, "lenet.ckpt", write_meta_graph=False)
    print(np.round(session.run(slim.get_variables_by_name("moving_mean")[0]), 3))

restored = slim.get_variables_to_restore(include=["LeNet"], exclude=["LeNet/logits"])
print(len(restored), slim.get_unique_variable("LeNet/fc3/biases").shape)
everything = slim.assign_from_checkpoint_fn(path, slim.get_model_variables("LeNet"))
some, feed = slim.assign_from_checkpoint(path, {"LeNet/none": step, "LeNet/fc3/biases": restored[-1]},
                                         ignore_missing_vars=True)
lists = [n for n, _ in tf.train.list_variables(path)]
print(lists[:4])
with tf.Session() as session:
    session.run(tf.global_variables_initializer())
    everything(session)
    print(np.allclose(session.run(logits, {images: pictures}), trained, atol=1e-5))
    session.run(some, feed)
    slim.assign_from_values_fn({"LeNet/logits/biases": np.array([1.0, 2.0, 3.0], np.float32)})(session)
    print(session.run(slim.get_unique_variable("LeNet/logits/biases")))
for bad in ({"LeNet/none": step}, {"LeNet/logits/biases": restored[-1]}):
    try:
        slim.assign_from_checkpoint(path, bad)
    except ValueError:
        print("refused")
print(slim.assign_from_checkpoint_fn(path, {"LeNet/none": step}, ignore_missing_vars=True))
