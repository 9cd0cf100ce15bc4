"""Networks that are a row of convolutions (tf.contrib.slim.nets): VGG, AlexNet, OverFeat.

Each is the table of its layers: ``(3, 64, 2)`` are two convolutions 3x3 to 64 channels in one scope.
"""
from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from .contrib import l2_regularizer
from .contrib_arg_scope import Scope, arg_scope
from .contrib_layers import dropout, fully_connected
from .contrib_layers_conv import conv2d
from .contrib_layers_more import repeat
from .contrib_layers_pool import max_pool2d
from .contrib_outputs import convert_collection_to_dict
from .initializers import Constant, TruncatedNormal, Zeros
from .modules import modules
from .named import named
from .variable_scope import variable_scope

EXPORTS = """
contrib.slim.nets.vgg: vgg_arg_scope vgg_a vgg_16 vgg_19 vgg_d=vgg_16 vgg_e=vgg_19
contrib.slim.nets.alexnet: alexnet_v2_arg_scope alexnet_v2
contrib.slim.nets.overfeat: overfeat_arg_scope overfeat
"""

tf = modules["tf"]
Net = Callable[..., tuple[Any, dict[str, Any]]]
LAYERS = [conv2d, fully_connected, max_pool2d]


def _arg_scope(weight_decay: float, biases: Any, pooled: bool) -> Scope:
    with arg_scope([conv2d, fully_connected], activation_fn=tf.nn.relu, biases_initializer=biases,
                   weights_regularizer=l2_regularizer(weight_decay)), arg_scope([conv2d], padding="SAME") as scope:
        if not pooled:
            return scope
        with arg_scope([max_pool2d], padding="VALID") as scope:
            return scope


def vgg_arg_scope(weight_decay: float = 0.0005) -> Scope:
    """The arguments of VGG's layers (vgg.vgg_arg_scope)."""
    return _arg_scope(weight_decay, Zeros(), pooled=False)


def alexnet_v2_arg_scope(weight_decay: float = 0.0005) -> Scope:
    """The arguments of AlexNet's layers (alexnet.alexnet_v2_arg_scope)."""
    return _arg_scope(weight_decay, Constant(0.1), pooled=True)


def overfeat_arg_scope(weight_decay: float = 0.0005) -> Scope:
    """The arguments of OverFeat's layers (overfeat.overfeat_arg_scope)."""
    return _arg_scope(weight_decay, Zeros(), pooled=True)


def _classified(net: Any, sizes: tuple[int, int, int], num_classes: int, is_training: Any, keep: Any,
                **last: Any) -> Any:
    """fc6, fc7 and fc8, which are convolutions, with what is dropped between them."""
    kernel, wide, then = sizes
    net = conv2d(net, wide, [kernel, kernel], padding="VALID", scope="fc6")
    net = dropout(net, keep, is_training=is_training, scope="dropout6")
    net = conv2d(net, then, [1, 1], scope="fc7")
    net = dropout(net, keep, is_training=is_training, scope="dropout7")
    return conv2d(net, num_classes, [1, 1], activation_fn=None, normalizer_fn=None, scope="fc8", **last)


def _net(name: str, features: Callable[[Any], Any], sizes: tuple[int, int, int], collected: Sequence[Any], drawn: bool,
         full: bool = True, doc: str = "") -> Net:
    """A network: features, then three layers over all of them. drawn: these have initializers of their own.

    full: the collection of its outputs is called after the whole scope.
    """
    def net(inputs: Any, num_classes: int = 1000, is_training: Any = True, dropout_keep_prob: Any = 0.5,
            spatial_squeeze: bool = True, scope: Any = name) -> tuple[Any, dict[str, Any]]:
        with variable_scope(scope, name, [inputs]) as sc:
            collection = (sc.original_name_scope if full else sc.name) + "_end_points"
            with arg_scope(list(collected), outputs_collections=collection):
                out = features(inputs)
                if drawn:
                    with arg_scope([conv2d], weights_initializer=TruncatedNormal(0.0, 0.005),
                                   biases_initializer=Constant(0.1)):
                        out = _classified(out, sizes, num_classes, is_training, dropout_keep_prob,
                                          biases_initializer=Zeros())
                else:
                    out = _classified(out, sizes, num_classes, is_training, dropout_keep_prob)
                points = convert_collection_to_dict(collection)
                if spatial_squeeze:
                    out = tf.squeeze(out, [1, 2], name="fc8/squeezed")
                    points[f"{sc.name}/fc8"] = out
                return out, points

    made = named(net, name, f"(logits, outputs by scope) of {doc} for images of 224 pixels; without a squeeze of any.")
    made.default_image_size = 224  # type: ignore[attr-defined]
    return made


def _vgg(depths: Sequence[int]) -> Callable[[Any], Any]:
    def features(net: Any) -> Any:
        for i, (depth, size) in enumerate(zip(depths, (64, 128, 256, 512, 512)), 1):
            net = repeat(net, depth, conv2d, size, [3, 3], scope=f"conv{i}")
            net = max_pool2d(net, [2, 2], scope=f"pool{i}")
        return net

    return features


def _row(*layers: tuple[Any, ...]) -> Callable[[Any], Any]:
    """Layers one after another: (scope, kernel, stride) pools, (scope, channels, kernel, stride, padding) convolves."""
    def features(net: Any) -> Any:
        for scope, *rest in layers:
            if scope.startswith("pool"):
                kernel, stride = rest
                net = max_pool2d(net, [kernel, kernel], stride, scope=scope)
            else:
                channels, kernel, *more = rest
                given = dict(zip(("stride", "padding"), more))
                net = conv2d(net, channels, [kernel, kernel], scope=scope, **given)
        return net

    return features


VGG = (7, 4096, 4096)
vgg_a = _net("vgg_a", _vgg((1, 1, 2, 2, 2)), VGG, [conv2d, max_pool2d], False, doc="VGG with 11 layers")
vgg_16 = _net("vgg_16", _vgg((2, 2, 3, 3, 3)), VGG, LAYERS, False, doc="VGG with 16 layers")
vgg_19 = _net("vgg_19", _vgg((2, 2, 4, 4, 4)), VGG, LAYERS, False, full=False, doc="VGG with 19 layers")
alexnet_v2 = _net("alexnet_v2", _row(
    ("conv1", 64, 11, 4, "VALID"), ("pool1", 3, 2), ("conv2", 192, 5), ("pool2", 3, 2), ("conv3", 384, 3),
    ("conv4", 384, 3), ("conv5", 256, 3), ("pool5", 3, 2)), (5, 4096, 4096), LAYERS, True, doc="AlexNet")
overfeat = _net("overfeat", _row(
    ("conv1", 64, 11, 4, "VALID"), ("pool1", 2, 2), ("conv2", 256, 5, 1, "VALID"), ("pool2", 2, 2), ("conv3", 512, 3),
    ("conv4", 1024, 3), ("conv5", 1024, 3), ("pool5", 2, 2)), (6, 3072, 4096), LAYERS, True, full=False, doc="OverFeat")
