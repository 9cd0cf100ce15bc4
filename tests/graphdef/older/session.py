"""Tensors that stay in a session."""
from __future__ import annotations

from typing import Any


def kept(tf: Any) -> Any:
    r = tf.raw_ops
    x, text = tf.placeholder(tf.float32), tf.placeholder(tf.string, [])
    handle = r.GetSessionHandle(value=x * 2.)
    value = r.GetSessionTensor(handle=text, dtype=tf.float32)
    gone = r.DeleteSessionTensor(handle=text)
    names = [f"GetSessionHandle;{i};/job:localhost/replica:0/task:0/device:CPU:0" for i in range(3)]
    return [([handle], {x: [1., 2.]}), ([handle], {x: 3.}), ([value], {text: names[0]}), ([value], {text: names[1]}),
            ([gone], {text: names[0]}), ([value], {text: names[0]}), ([value], {text: names[1]}),
            ([gone], {text: names[2]})]
