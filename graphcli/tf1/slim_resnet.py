"""Residual networks (tf.contrib.slim.nets.resnet_v1, resnet_v2, resnet_utils)."""
from __future__ import annotations

from collections import namedtuple
from collections.abc import Callable, Sequence
from typing import Any

from ..errors import InvalidValue
from ..graph.collections import GraphKeys
from .contrib import l2_regularizer, variance_scaling_initializer
from .contrib_arg_scope import Scope, add_arg_scope, arg_scope
from .contrib_layers import softmax
from .contrib_layers_conv import conv2d
from .contrib_layers_norm import batch_norm
from .contrib_layers_pool import max_pool2d
from .contrib_outputs import collect_named_outputs, convert_collection_to_dict, last_dimension
from .modules import modules
from .named import named
from .variable_scope import variable_scope

EXPORTS = """
contrib.slim.nets.resnet_utils: Block subsample conv2d_same stack_blocks_dense resnet_arg_scope
contrib.slim.nets.resnet_v1: resnet_arg_scope bottleneck=bottleneck_v1 resnet_v1 resnet_v1_block resnet_v1_50
contrib.slim.nets.resnet_v1: resnet_v1_101 resnet_v1_152 resnet_v1_200
contrib.slim.nets.resnet_v2: resnet_arg_scope bottleneck=bottleneck_v2 resnet_v2 resnet_v2_block resnet_v2_50
contrib.slim.nets.resnet_v2: resnet_v2_101 resnet_v2_152 resnet_v2_200
"""

tf = modules["tf"]
Block = namedtuple("Block", "scope unit_fn args")
"""Units of one kind, one after another: the scope, a function of a unit, its arguments for each."""
LINEAR = {"activation_fn": None, "normalizer_fn": None}


def subsample(inputs: Any, factor: int, scope: Any = None) -> Any:
    """Every so many-th place of the input (resnet_utils.subsample)."""
    return inputs if factor == 1 else max_pool2d(inputs, [1, 1], stride=factor, scope=scope)


def conv2d_same(inputs: Any, num_outputs: int, kernel_size: int, stride: int, rate: int = 1, scope: Any = None) -> Any:
    """A convolution padded alike for every size of the input (resnet_utils.conv2d_same)."""
    if stride == 1:
        return conv2d(inputs, num_outputs, kernel_size, stride=1, rate=rate, padding="SAME", scope=scope)
    total = (kernel_size - 1) * rate
    ends = [total // 2, total - total // 2]
    return conv2d(tf.pad(inputs, [[0, 0], ends, ends, [0, 0]]), num_outputs, kernel_size, stride=stride, rate=rate,
                  padding="VALID", scope=scope)


@add_arg_scope
def stack_blocks_dense(net: Any, blocks: Sequence[Any], output_stride: float | None = None,
                       outputs_collections: Any = None) -> Any:
    """Blocks one after another (resnet_utils.stack_blocks_dense).

    output_stride: from there on strides become rates. Raises InvalidValue where the blocks cannot reach it.
    """
    stride, rate = 1, 1
    unreached = InvalidValue("The target output_stride cannot be reached.")
    for block in blocks:
        with variable_scope(block.scope, "block", [net]) as sc:
            for i, unit in enumerate(block.args):
                if output_stride is not None and stride > output_stride:
                    raise unreached
                with variable_scope(f"unit_{i + 1}", values=[net]):
                    if output_stride is not None and stride == output_stride:
                        net = block.unit_fn(net, rate=rate, **{**unit, "stride": 1})
                        rate *= unit.get("stride", 1)
                    else:
                        net = block.unit_fn(net, rate=1, **unit)
                        stride *= unit.get("stride", 1)
            net = collect_named_outputs(outputs_collections, sc.name, net)
    if output_stride is not None and stride != output_stride:
        raise unreached
    return net


def resnet_arg_scope(weight_decay: float = 0.0001, batch_norm_decay: float = 0.997, batch_norm_epsilon: float = 1e-5,
                     batch_norm_scale: bool = True) -> Scope:
    """The arguments of the layers of residual networks (resnet_utils.resnet_arg_scope)."""
    norm: dict[str, Any] = {"decay": batch_norm_decay, "epsilon": batch_norm_epsilon, "scale": batch_norm_scale,
                            "updates_collections": GraphKeys.UPDATE_OPS}
    with arg_scope([conv2d], weights_regularizer=l2_regularizer(weight_decay),
                   weights_initializer=variance_scaling_initializer(), activation_fn=tf.nn.relu,
                   normalizer_fn=batch_norm, normalizer_params=norm), \
            arg_scope([batch_norm], **norm), arg_scope([max_pool2d], padding="SAME") as scope:
        return scope


@add_arg_scope
def bottleneck_v1(inputs: Any, depth: int, depth_bottleneck: int, stride: int, rate: int = 1,
                  outputs_collections: Any = None, scope: Any = None) -> Any:
    """A unit of three convolutions, normalized after each (resnet_v1.bottleneck)."""
    with variable_scope(scope, "bottleneck_v1", [inputs]) as sc:
        if depth == last_dimension(inputs.get_shape(), min_rank=4):
            shortcut = subsample(inputs, stride, "shortcut")
        else:
            shortcut = conv2d(inputs, depth, [1, 1], stride=stride, activation_fn=None, scope="shortcut")
        residual = conv2d(inputs, depth_bottleneck, [1, 1], stride=1, scope="conv1")
        residual = conv2d_same(residual, depth_bottleneck, 3, stride, rate=rate, scope="conv2")
        residual = conv2d(residual, depth, [1, 1], stride=1, activation_fn=None, scope="conv3")
        return collect_named_outputs(outputs_collections, sc.name, tf.nn.relu(shortcut + residual))


@add_arg_scope
def bottleneck_v2(inputs: Any, depth: int, depth_bottleneck: int, stride: int, rate: int = 1,
                  outputs_collections: Any = None, scope: Any = None) -> Any:
    """A unit of three convolutions, normalized before each (resnet_v2.bottleneck)."""
    with variable_scope(scope, "bottleneck_v2", [inputs]) as sc:
        width = last_dimension(inputs.get_shape(), min_rank=4)
        before = batch_norm(inputs, activation_fn=tf.nn.relu, scope="preact")
        if depth == width:
            shortcut = subsample(inputs, stride, "shortcut")
        else:
            shortcut = conv2d(before, depth, [1, 1], stride=stride, scope="shortcut", **LINEAR)
        residual = conv2d(before, depth_bottleneck, [1, 1], stride=1, scope="conv1")
        residual = conv2d_same(residual, depth_bottleneck, 3, stride, rate=rate, scope="conv2")
        residual = conv2d(residual, depth, [1, 1], stride=1, scope="conv3", **LINEAR)
        return collect_named_outputs(outputs_collections, sc.name, shortcut + residual)


def _version(name: str, unit: Any, before: bool) -> Any:
    """A residual network of any blocks; before: its units are normalized before their convolutions."""
    def resnet(inputs: Any, blocks: Sequence[Any], num_classes: int | None = None, is_training: Any = True,
               global_pool: bool = True, output_stride: float | None = None, include_root_block: bool = True,
               reuse: Any = None, scope: Any = None) -> tuple[Any, dict[str, Any]]:
        with variable_scope(scope, name, [inputs], reuse=reuse) as sc:
            collection = sc.original_name_scope + "_end_points"
            with arg_scope([conv2d, unit, stack_blocks_dense], outputs_collections=collection), \
                    arg_scope([batch_norm], is_training=is_training):
                net = inputs
                if include_root_block:
                    if output_stride is not None:
                        if output_stride % 4:
                            raise InvalidValue("The output_stride needs to be a multiple of 4.")
                        output_stride /= 4
                    with arg_scope([conv2d], **(LINEAR if before else {})):
                        net = conv2d_same(net, 64, 7, stride=2, scope="conv1")
                    net = max_pool2d(net, [3, 3], stride=2, scope="pool1")
                net = stack_blocks_dense(net, blocks, output_stride)
                if before:
                    net = batch_norm(net, activation_fn=tf.nn.relu, scope="postnorm")
                if global_pool:
                    net = tf.reduce_mean(net, [1, 2], name="pool5", keepdims=True)
                if num_classes is not None:
                    net = conv2d(net, num_classes, [1, 1], scope="logits", **LINEAR)
                points = convert_collection_to_dict(collection)
                if num_classes is not None:
                    points["predictions"] = softmax(net, scope="predictions")
                return net, points

    made = named(resnet, name, "(net, outputs by scope) of blocks of residual units. Raises InvalidValue for an "
                 "output_stride that they cannot reach.")
    made.default_image_size = 224  # type: ignore[attr-defined]
    return made


def _block(unit: Any) -> Callable[[str, int, int, int], Any]:
    def block(scope: str, base_depth: int, num_units: int, stride: int) -> Any:
        """Units of ``4 base_depth`` channels, of which the last has the stride."""
        return Block(scope, unit, [{"depth": base_depth * 4, "depth_bottleneck": base_depth, "stride": s}
                                   for s in [1] * (num_units - 1) + [stride]])

    return block


def _of(name: str, version: Any, block: Any, depths: Sequence[int]) -> Any:
    def resnet(inputs: Any, num_classes: int | None = None, is_training: Any = True, global_pool: bool = True,
               output_stride: float | None = None, reuse: Any = None, scope: Any = name) -> tuple[Any, dict[str, Any]]:
        blocks = [block(f"block{i}", 32 << i, depth, 2 if i < 4 else 1) for i, depth in enumerate(depths, 1)]
        return version(inputs, blocks, num_classes, is_training, global_pool,  # type: ignore[no-any-return]
                       output_stride, include_root_block=True, reuse=reuse, scope=scope)

    return named(resnet, name, f"(net, outputs by scope) of a residual network of {name.rpartition('_')[2]} layers.")


resnet_v1 = _version("resnet_v1", bottleneck_v1, before=False)
resnet_v2 = _version("resnet_v2", bottleneck_v2, before=True)
resnet_v1_block, resnet_v2_block = _block(bottleneck_v1), _block(bottleneck_v2)
DEPTHS = {50: (3, 4, 6, 3), 101: (3, 4, 23, 3), 152: (3, 8, 36, 3), 200: (3, 24, 36, 3)}
resnet_v1_50, resnet_v1_101, resnet_v1_152, resnet_v1_200 = (
    _of(f"resnet_v1_{n}", resnet_v1, resnet_v1_block, depths) for n, depths in DEPTHS.items())
resnet_v2_50, resnet_v2_101, resnet_v2_152, resnet_v2_200 = (
    _of(f"resnet_v2_{n}", resnet_v2, resnet_v2_block, depths) for n, depths in DEPTHS.items())
