"""The networks of tf.contrib.slim.nets: their variables, outputs and nodes, and the numbers of a small one."""
from collections import Counter

import numpy as np

import graphcli.tf1 as tf

slim = tf.contrib.slim
vgg, resnet_v1, resnet_v2 = slim.nets.vgg, slim.nets.resnet_v1, slim.nets.resnet_v2
inception, resnet_utils = slim.nets.inception, slim.nets.resnet_utils


def show(network, arguments_of, shape=(2, 224, 224, 3), **arguments):
    with tf.Graph().as_default() as graph:
        images = tf.placeholder(tf.float32, shape)
        with slim.arg_scope(arguments_of):
            net, points = network(images, **arguments)
        print(net.name, net.shape, len(graph.get_operations()))
        print(sorted(Counter(node.type for node in graph.get_operations()).items()))
        print([(name, point.name, point.shape.as_list()) for name, point in points.items()])
        print([(v.op.name, v.shape.as_list()) for v in tf.global_variables()])
        print([(key, len(tf.get_collection(key))) for key in sorted(graph.get_all_collection_keys())])


show(slim.nets.alexnet.alexnet_v2, slim.nets.alexnet.alexnet_v2_arg_scope(), is_training=False)
show(vgg.vgg_16, vgg.vgg_arg_scope(), num_classes=10, is_training=False)
show(vgg.vgg_19, vgg.vgg_arg_scope(0.1), spatial_squeeze=False)
show(resnet_v1.resnet_v1_50, resnet_v1.resnet_arg_scope(), num_classes=7, output_stride=16)
small = [resnet_v2.resnet_v2_block("block1", 4, 2, 2), resnet_v2.resnet_v2_block("block2", 8, 1, 1)]
show(resnet_v2.resnet_v2, resnet_utils.resnet_arg_scope(weight_decay=0.1), (2, 32, 32, 3), blocks=small, scope="small",
     global_pool=False)
show(inception.inception_v1, inception.inception_v1_arg_scope(use_batch_norm=False), num_classes=11)
for wrong in (lambda x: resnet_v1.resnet_v1_50(x, output_stride=6),
              lambda x: resnet_v1.resnet_v1_50(x, output_stride=64, include_root_block=False),
              lambda x: inception.inception_v1_base(x, final_endpoint="no")):
    try:
        with tf.Graph().as_default():
            wrong(tf.placeholder(tf.float32, (2, 224, 224, 3)))
    except (ValueError, TypeError) as error:
        print(type(error).__bases__ and "refused")
with tf.Graph().as_default(), tf.Session() as session:
    images = tf.constant(np.linspace(-1.0, 1.0, 2 * 16 * 16 * 3).reshape(2, 16, 16, 3), tf.float32)
    with slim.arg_scope(resnet_v1.resnet_arg_scope()):
        with slim.arg_scope([slim.conv2d], weights_initializer=tf.constant_initializer(0.01)):
            small = [resnet_v1.resnet_v1_block("block1", 2, 2, 2), resnet_v1.resnet_v1_block("block2", 4, 1, 1)]
            net, points = resnet_v1.resnet_v1(images, small, 3, is_training=True)
    updates = tf.get_collection(tf.GraphKeys.UPDATE_OPS)
    session.run(tf.global_variables_initializer())
    for _ in range(2):
        values, _ = session.run([points["predictions"], updates])
        print(values.round(4).tolist())
    print(session.run(slim.get_variables_by_name("moving_variance")[0])[:3].round(4))
