"""Pooling layers of tf.contrib.layers."""
from __future__ import annotations

from typing import Any

from .contrib_arg_scope import add_arg_scope
from .contrib_layers_conv import keras_format
from .contrib_outputs import collect_named_outputs
from .conversion import convert_to_tensor
from .framework import name_scope
from .layers_pool import AveragePooling2D, AveragePooling3D, MaxPooling2D, MaxPooling3D
from .named import named

EXPORTS = """
contrib.layers contrib.slim: max_pool2d avg_pool2d max_pool3d avg_pool3d
"""


def _pool(name: str, layer: Any, default: str, words: tuple[str, str], what: str) -> Any:
    def pool(inputs: Any, kernel_size: Any, stride: Any = 2, padding: str = "VALID", data_format: str = words[0],
             outputs_collections: Any = None, scope: Any = None) -> Any:
        layout = keras_format(data_format, words)
        with name_scope(scope, default, [inputs]) as sc:
            inputs = convert_to_tensor(inputs)
            pooling = layer(pool_size=kernel_size, strides=stride, padding=padding, data_format=layout, _scope=sc)
            return collect_named_outputs(outputs_collections, sc, pooling(inputs))

    return add_arg_scope(named(pool, name, f"The {what} (tf.contrib.layers.{name}). Raises InvalidValue for another "
                               "rank or data_format."))


_2D, _3D = ("NHWC", "NCHW"), ("NDHWC", "NCDHW")
max_pool2d = _pool("max_pool2d", MaxPooling2D, "MaxPool2D", _2D, "greatest of each window of an image")
avg_pool2d = _pool("avg_pool2d", AveragePooling2D, "AvgPool2D", _2D, "mean of each window of an image")
max_pool3d = _pool("max_pool3d", MaxPooling3D, "MaxPool3D", _3D, "greatest of each window of a volume")
avg_pool3d = _pool("avg_pool3d", AveragePooling3D, "AvgPool3D", _3D, "mean of each window of a volume")
