"""Hue, saturation and value of images changed at once, in the colours Y, I and Q."""
from __future__ import annotations

from typing import Any

import numpy as np

from ..errors import InvalidArgument
from ..graph.opdef import op, undefined_gradient
from ..graph.shapes import show

_TO = np.array([[0.299, 0.587, 0.114], [0.596, -0.274, -0.322], [0.211, -0.523, 0.312]], np.float32)
_BACK = np.linalg.inv(_TO.astype(np.float64))


@op
class AdjustHsvInYiq:
    """Images [..., 3], their hue turned by an angle, their saturation and value multiplied
    (tf.contrib.image.adjust_hsv_in_yiq)."""

    signature = "images: T, delta_h: float32, scale_s: float32, scale_v: float32 -> output: T"
    takes = "images: >=1"
    attrs = "T: {uint8, int8, int16, int32, int64, float16, float32, float64}"
    no_kernel = "T: uint8, int8, int16, int32, int64, float16, float64"
    cpu_only = True
    gradient = undefined_gradient

    def infer(n: Any, images: Any, hue: Any, saturation: Any, value: Any) -> Any:
        return images

    def kernel(n: Any) -> Any:
        def adjust(images: Any, hue: Any, saturation: Any, value: Any) -> Any:
            if images.ndim < 3:
                raise InvalidArgument(f"input must be at least 3-D, got shape{show(images.shape)}")
            for name, x in (("delta_h", hue), ("scale_s", saturation), ("scale_v", value)):
                if np.shape(x):
                    raise InvalidArgument(f"{name} must be scalar: {show(np.shape(x))}")
            if images.shape[-1] != 3:
                raise InvalidArgument(f"input must have 3 channels but instead has {images.shape[-1]} channels.")
            most, turn = value * saturation, float(hue)
            matrix = np.array([[value, 0, 0], [0, most * np.cos(turn), -most * np.sin(turn)],
                               [0, most * np.sin(turn), most * np.cos(turn)]])
            whole = _BACK @ matrix @ _TO
            return n.xp.matmul(images, n.xp.asarray(whole.T.astype(np.float32)))

        return adjust
