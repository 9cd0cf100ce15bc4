"""Max pooling that also says where each greatest value was."""
from __future__ import annotations

from typing import Any

from ..errors import RunError
from ..graph.opdef import op, undefined_gradient
from . import _pooling as pool
from ._pooling import windows
from .nn_pool import WINDOW, pooled

REAL = "T: {realnumbertype}"
SOME = 1 << 15
"""Indices that are added at a time."""


@op
class MaxPoolWithArgmax:
    """The greatest value of each window and its flat index (tf.nn.max_pool_with_argmax).

    The index is ``(y * width + x) * channels + channel``, with ``batch * height`` added to y if
    ``include_batch_in_index``.
    """

    signature = "input: T -> output: T, argmax: Targmax"
    attrs = (WINDOW + "Targmax: {int32, int64} = int64; padding: {'SAME', 'VALID'}; "
             "include_batch_in_index: bool = False; " + REAL)

    def infer(n: Any, x: Any) -> Any:
        shape = pooled(n, x)
        return [shape, shape]

    def kernel(n: Any) -> Any:
        xp, over, batch = n.xp, windows(n), n.attrs["include_batch_in_index"]

        def kernel(x: Any) -> Any:
            x = xp.asarray(x)
            if not x.size:
                raise RunError(f"the input must not be empty, and has the shape {list(x.shape)}")
            image = x.shape[1] * x.shape[2] * x.shape[3]

            def found(xp: Any, x: Any, first: tuple[int, int], *form: Any) -> Any:
                y, at = pool.greatest_at(xp, x, first[1], *form)
                if batch:
                    at += xp.arange(first[0], first[0] + len(x)).reshape(-1, 1, 1, 1) * image
                return y, at.astype(n.dtype(1), copy=False)

            return tuple(pool.all_by_lines(n, found, x, (x.dtype, n.dtype(1)), *over(x.shape[1:-1])))

        return kernel

    def scratch(n: Any) -> Any:
        x, out = n.shapes[0], n.outs[0]
        part = pool.portion(n.threads, x, out[1])
        images = pool.cut(x, out[1])[0]
        wide = 3 + (8 if part < 1 or n.attrs["Targmax"].size < 8 else 0) + (n.width() if part < 1 else 0)
        return int(part * (8 * n.size() // max(1, images if part < 1 else x[0]) + n.made() * wide))

    def gradient(tf: Any, op: Any, grad: Any, unused: Any) -> Any:
        keys = ("ksize", "strides", "padding", "include_batch_in_index")
        return [tf.apply_op("MaxPoolGradWithArgmax", None, [op.inputs[0], grad, op.outputs[1]],
                            {k: op.attrs[k] for k in keys})]


@op
class MaxPoolGradWithArgmax:
    """The gradient of MaxPoolWithArgmax: added up where the indices say."""

    signature = "input: T, grad: T, argmax: Targmax -> output: T"
    attrs = (WINDOW + "padding: {'SAME', 'VALID'}; include_batch_in_index: bool = False; "
             "Targmax: {int32, int64}; " + REAL)
    no_kernel = "Targmax: int32"

    def parts(attrs: Any) -> Any:
        return {} if attrs["include_batch_in_index"] else {"input": 3, "grad": 3, "argmax": 3}

    gradient = undefined_gradient

    def infer(n: Any, x: Any, g: Any, at: Any) -> Any:
        x = n.with_rank(x, 4, "the input")
        if not n.built:
            n.merge(pooled(n, x), n.merge(g, at, "shapes of grad and argmax"), "shapes of the output and of grad")
        return x

    def kernel(n: Any) -> Any:
        xp, batch = n.xp, n.attrs["include_batch_in_index"]

        def kernel(x: Any, g: Any, at: Any) -> Any:
            if g.shape != at.shape:
                raise RunError(f"grad has the shape {list(g.shape)}, argmax {list(at.shape)}")
            each = x.size // max(1, len(x))
            flat, g = at.reshape(-1), g.reshape(-1)
            if flat.size and (int(flat.min()) < 0 or int(flat.max()) >= (x.size if batch else each)):
                raise RunError(f"an index of argmax is outside the input of {x.size} elements")
            out = xp.zeros(x.size, g.dtype)
            image = max(1, flat.size // max(1, len(at)))
            for start in range(0, flat.size, SOME):
                some = flat[start:start + SOME]
                if not batch:
                    some = some + xp.arange(start, start + len(some)) // image * each
                xp.add.at(out, some, g[start:start + SOME])
            return out.reshape(x.shape)

        return kernel

    def scratch(n: Any) -> Any:
        return 24 * min(SOME, n.size(1))
