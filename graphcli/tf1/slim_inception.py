"""Inception, version 1, or GoogLeNet (tf.contrib.slim.nets.inception)."""
from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ..errors import InvalidValue, said
from ..graph.collections import GraphKeys
from .contrib import l2_regularizer, variance_scaling_initializer
from .contrib_arg_scope import Scope, arg_scope
from .contrib_layers import dropout, fully_connected, softmax
from .contrib_layers_conv import conv2d
from .contrib_layers_norm import batch_norm
from .contrib_layers_pool import avg_pool2d, max_pool2d
from .initializers import TruncatedNormal
from .modules import modules
from .variable_scope import variable_scope

EXPORTS = """
contrib.slim.nets.inception contrib.slim.nets.inception_v1: inception_v1 inception_v1_arg_scope inception_v1_base
"""

tf = modules["tf"]
LAYERS: dict[str, tuple[int, ...]] = {
    "Conv2d_1a_7x7": (64, 7, 2), "MaxPool_2a_3x3": (3,), "Conv2d_2b_1x1": (64, 1, 1), "Conv2d_2c_3x3": (192, 3, 1),
    "MaxPool_3a_3x3": (3,), "Mixed_3b": (64, 96, 128, 16, 32, 32), "Mixed_3c": (128, 128, 192, 32, 96, 64),
    "MaxPool_4a_3x3": (3,), "Mixed_4b": (192, 96, 208, 16, 48, 64), "Mixed_4c": (160, 112, 224, 24, 64, 64),
    "Mixed_4d": (128, 128, 256, 24, 64, 64), "Mixed_4e": (112, 144, 288, 32, 64, 64),
    "Mixed_4f": (256, 160, 320, 32, 128, 128), "MaxPool_5a_2x2": (2,), "Mixed_5b": (256, 160, 320, 32, 128, 128),
    "Mixed_5c": (384, 192, 384, 48, 128, 128)}
"""By scope: channels, kernel and stride of a convolution; the kernel of a pool; channels of a mixture's branches."""
ODD = {"Mixed_5b": "Conv2d_0a_3x3"}
"""What the second convolution of the third branch is called there, since it was so when weights were published."""


def _mixed(net: Any, scope: str, sizes: tuple[int, ...]) -> Any:
    one, before_three, three, before_five, five, pooled = sizes
    with variable_scope(scope):
        with variable_scope("Branch_0"):
            branches = [conv2d(net, one, [1, 1], scope="Conv2d_0a_1x1")]
        with variable_scope("Branch_1"):
            inner = conv2d(net, before_three, [1, 1], scope="Conv2d_0a_1x1")
            branches.append(conv2d(inner, three, [3, 3], scope="Conv2d_0b_3x3"))
        with variable_scope("Branch_2"):
            inner = conv2d(net, before_five, [1, 1], scope="Conv2d_0a_1x1")
            branches.append(conv2d(inner, five, [3, 3], scope=ODD.get(scope, "Conv2d_0b_3x3")))
        with variable_scope("Branch_3"):
            inner = max_pool2d(net, [3, 3], scope="MaxPool_0a_3x3")
            branches.append(conv2d(inner, pooled, [1, 1], scope="Conv2d_0b_1x1"))
        return tf.concat(branches, 3)


def inception_v1_base(inputs: Any, final_endpoint: str = "Mixed_5c", scope: Any = "InceptionV1"
                      ) -> tuple[Any, dict[str, Any]]:
    """(net, outputs by scope) up to one of its scopes (inception_v1_base). Raises InvalidValue for none of them."""
    points: dict[str, Any] = {}
    net = inputs
    with variable_scope(scope, "InceptionV1", [inputs]), \
            arg_scope([conv2d, fully_connected], weights_initializer=TruncatedNormal(0.0, 0.01)), \
            arg_scope([conv2d, max_pool2d], stride=1, padding="SAME"):
        for at, sizes in LAYERS.items():
            if at.startswith("Mixed"):
                net = _mixed(net, at, sizes)
            elif at.startswith("MaxPool"):
                net = max_pool2d(net, [sizes[0], sizes[0]], stride=2, scope=at)
            else:
                channels, kernel, stride = sizes
                net = conv2d(net, channels, [kernel, kernel], scope=at, **({"stride": stride} if stride > 1 else {}))
            points[at] = net
            if at == final_endpoint:
                return net, points
    raise InvalidValue(f"Unknown final endpoint {said(final_endpoint)}")


def inception_v1(inputs: Any, num_classes: int = 1000, is_training: Any = True, dropout_keep_prob: Any = 0.8,
                 prediction_fn: Callable[..., Any] = softmax, spatial_squeeze: bool = True, reuse: Any = None,
                 scope: Any = "InceptionV1") -> tuple[Any, dict[str, Any]]:
    """(logits, outputs by scope) for images of 224 pixels (inception_v1)."""
    with variable_scope(scope, "InceptionV1", [inputs, num_classes], reuse=reuse) as scope:
        with arg_scope([batch_norm, dropout], is_training=is_training):
            net, points = inception_v1_base(inputs, scope=scope)
            with variable_scope("Logits"):
                net = avg_pool2d(net, [7, 7], stride=1, scope="MaxPool_0a_7x7")
                net = dropout(net, dropout_keep_prob, scope="Dropout_0b")
                logits = conv2d(net, num_classes, [1, 1], activation_fn=None, normalizer_fn=None,
                                scope="Conv2d_0c_1x1")
                if spatial_squeeze:
                    logits = tf.squeeze(logits, [1, 2], name="SpatialSqueeze")
                points["Logits"] = logits
                points["Predictions"] = prediction_fn(logits, scope="Predictions")
    return logits, points


inception_v1.default_image_size = 224  # type: ignore[attr-defined]


def inception_v1_arg_scope(weight_decay: float = 0.00004, use_batch_norm: bool = True,
                           batch_norm_var_collection: str = "moving_vars") -> Scope:
    """The arguments of its layers (inception_v1_arg_scope); moving averages go into a collection."""
    moving = [batch_norm_var_collection]
    norm = {"decay": 0.9997, "epsilon": 0.001, "updates_collections": GraphKeys.UPDATE_OPS, "variables_collections": {
        "beta": None, "gamma": None, "moving_mean": moving, "moving_variance": moving}}
    with arg_scope([conv2d, fully_connected], weights_regularizer=l2_regularizer(weight_decay)), \
            arg_scope([conv2d], weights_initializer=variance_scaling_initializer(), activation_fn=tf.nn.relu,
                      normalizer_fn=batch_norm if use_batch_norm else None,
                      normalizer_params=norm if use_batch_norm else {}) as scope:
        return scope
