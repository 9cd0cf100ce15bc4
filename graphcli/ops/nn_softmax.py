"""Softmax, the cross entropies that are computed from logits, and half the sum of squares."""
from __future__ import annotations

from typing import Any

import numpy

from ..errors import RunError
from ..graph.constant import static_value
from ..graph.halves import single
from ..graph.opdef import op
from ..graph.shapes import compatible, show
from . import _long_rows as long_rows
from ._totals import in_order, row_sums, summed

BLAS = True

FLOAT = "T: {floating}"
SOME = 1 << 16
"""Halves that are squared at a time."""
LONG = 256
"""Elements of a row from which looking at its greatest costs less than subtracting it."""
LOW, HIGH = -8.0, 64.0
"""Between these exp of the greatest of a row keeps off both ends of single precision, and so do sums."""


def at_least_vector(n: Any, x: Any) -> Any:
    return n.at_least_rank(x, 1, "the logits")


def shifted(xp: Any, x: Any) -> Any:
    """The logits less the greatest of their row, so that exp stays finite."""
    if type(x) is numpy.ndarray:
        return x - numpy.maximum.reduce(x, -1, keepdims=True)
    return x - xp.max(x, axis=-1, keepdims=True)


def softmax(xp: Any, x: Any) -> Any:
    if not x.size:
        return x
    if x.shape[-1] < LONG or xp.__name__ != "numpy":
        out = xp.exp(shifted(xp, x))
    else:
        out = powers(in_order(x)) if isinstance(x, numpy.ndarray) else x.called(powers)
    out *= 1 / row_sums(xp, out)
    return out


def powers(x: Any, out: Any = None) -> Any:
    """exp of rows as they are, where their length is at most HIGH, or their greatest lies between LOW and HIGH; of
    others less their greatest.

    A sum of a row neither overflows nor loses what counts then, and mostly all rows go without the subtraction. The
    lengths are had in half the time of the greatest.
    """
    inside = numpy.vecdot(x, x)[..., None] <= HIGH * HIGH
    if inside.all():
        return numpy.exp(x, out)
    most = numpy.max(x, axis=-1, keepdims=True)
    inside |= (most >= LOW) & (most <= HIGH)
    if inside.all():
        return numpy.exp(x, out)
    out = numpy.subtract(x, numpy.where(inside, most.dtype.type(0), most), out)
    return numpy.exp(out, out)


def log_softmax(xp: Any, x: Any) -> Any:
    if not x.size:
        return x
    x = shifted(xp, x)
    return x - xp.log(row_sums(xp, xp.exp(x)))


def rows(xp: Any, function: Any) -> Any:
    """A kernel over rows; half precision is computed in single precision."""
    def kernel(x: Any) -> Any:
        x = xp.asarray(x)
        logarithms = function is log_softmax
        if (x.dtype.itemsize == 2 or logarithms) and long_rows.long(xp, x, logarithms):
            return long_rows.log_softmax(x) if logarithms else long_rows.softmax(x, LOW, HIGH)
        if x.dtype.itemsize == 2:
            return function(xp, x.astype(xp.float32)).astype(x.dtype)
        return function(xp, x)

    return kernel


def row_scratch(n: Any) -> int:
    """The shifted logits; for half precision a wide copy and a wide result too."""
    return int(n.size() * (n.width() if n.width() > 2 else 10))


@op
class Softmax:
    """exp(x) over its sum along the last axis (tf.nn.softmax)."""

    signature = "logits: T -> softmax: T"
    attrs = FLOAT
    parts = {"logits": 1}
    infer = at_least_vector

    def kernel(n: Any) -> Any:
        return rows(n.xp, softmax)

    def scratch(n: Any) -> Any:
        if n.width() == 2 and long_rows.longer(n.shapes[0], 2):
            return long_rows.scratch(3, 2)
        if n.shapes[0] and n.shapes[0][-1] >= LONG:
            return 0 if n.width() > 2 else 8 * n.size()
        return row_scratch(n)

    def gradient(tf: Any, op: Any, grad: Any) -> Any:
        y = op.outputs[0]
        return [(grad - tf.reduce_sum(grad * y, -1, keepdims=True)) * y]


@op
class LogSoftmax:
    """The logarithm of the softmax along the last axis (tf.nn.log_softmax)."""

    signature = "logits: T -> logsoftmax: T"
    attrs = FLOAT
    parts = {"logits": 1}
    infer = at_least_vector

    def kernel(n: Any) -> Any:
        return rows(n.xp, log_softmax)

    def scratch(n: Any) -> Any:
        if long_rows.longer(n.shapes[0], n.width(), True):
            return long_rows.scratch(1 if n.width() > 2 else 3, n.width())
        return row_scratch(n)

    def gradient(tf: Any, op: Any, grad: Any) -> Any:
        softmax = tf.exp(op.outputs[0])
        return [grad - tf.reduce_sum(grad, -1, keepdims=True) * softmax]


def _is_zero(grad: Any) -> bool:
    """Whether a gradient is seen to be 0 while the graph is built."""
    value = None if grad.op.type == "ZerosLike" else static_value(grad)
    return grad.op.type == "ZerosLike" or value is not None and not value.any()


def entropy_gradient(tf: Any, op: Any, grad: Any, second: Any) -> Any:
    """The gradient for the logits, through the loss and through the backprop output."""
    logits, backprop = op.inputs[0], op.outputs[1]
    total = tf.expand_dims(grad, -1) * backprop if grad is not None else None
    if second is not None and not _is_zero(second):
        y = tf.nn.softmax(logits)
        inner = tf.squeeze(tf.matmul(tf.expand_dims(second, 1), tf.expand_dims(y, 2)), axis=1)
        part = (second - inner) * y
        total = part if total is None else total + part
    return total


@op
class SoftmaxCrossEntropyWithLogits:
    """The cross entropy of rows of probabilities and logits, and its gradient for the logits."""

    signature = "features: T, labels: T -> loss: T, backprop: T"
    attrs = FLOAT
    parts = {"features": 1, "labels": 1}

    def infer(n: Any, x: Any, labels: Any) -> Any:
        both = n.merge(x, labels) if compatible(x, labels) else n.broadcast(x, labels)
        shape = n.with_rank(both, 2, "logits and labels")
        return [(shape[0],), shape]

    def kernel(n: Any) -> Any:
        xp, dtype = n.xp, n.dtype()

        def kernel(x: Any, labels: Any) -> Any:
            x, labels = xp.asarray(x), xp.asarray(labels)
            if x.shape != labels.shape:
                try:
                    x, labels = xp.broadcast_arrays(x, labels)
                except ValueError:
                    raise RunError(f"logits and labels must be broadcastable: logits_size={show(x.shape)} "
                                   f"labels_size={show(labels.shape)}") from None
            if not x.size:
                return xp.zeros(x.shape[:1], dtype), xp.zeros(x.shape, dtype)
            if long_rows.long(xp, x):
                return long_rows.cross_entropy(x, labels)
            small = x.dtype.itemsize == 2
            if small:
                x, labels = x.astype(xp.float32), labels.astype(xp.float32)
            x = shifted(xp, x)
            e = xp.exp(x)
            total = row_sums(xp, e)
            # as in TensorFlow, a logit of -infinity makes NaN even where its label is 0
            loss, back = summed(xp, labels * (xp.log(total) - x), (1,), False, None), e / total - labels
            return (loss.astype(dtype), back.astype(dtype)) if small else (loss, back)

        return kernel

    def scratch(n: Any) -> Any:
        if long_rows.longer(n.outs[1], n.width()):
            return long_rows.scratch(2 if n.width() > 2 else 3, n.width())
        return n.made(1) * (2 * n.width() if n.width() > 2 else 18)

    def gradient(tf: Any, op: Any, grad: Any, second: Any) -> Any:
        of_logits = entropy_gradient(tf, op, grad, second)
        if grad is None:
            return [of_logits, None]
        less = -tf.nn.log_softmax(op.inputs[0])
        return [of_logits, tf.expand_dims(grad, -1) * less]


@op
class SparseSoftmaxCrossEntropyWithLogits:
    """The cross entropy of rows of logits and the index of the right class in each."""

    signature = "features: T, labels: Tlabels -> loss: T, backprop: T"
    attrs = FLOAT + "; Tlabels: {int32, int64} = int64"
    parts = {"features": 1, "labels": 0}

    def infer(n: Any, x: Any, labels: Any) -> Any:
        x = n.with_rank(x, 2, "the logits")
        labels = n.with_rank(labels, 1, "the labels")
        rows_ = n.merge(x[:1], labels, "numbers of logits and labels")
        return [rows_, (rows_[0], x[1])]

    def kernel(n: Any) -> Any:
        xp, dtype = n.xp, n.dtype()

        def kernel(x: Any, labels: Any) -> Any:
            x, labels = xp.asarray(x), xp.asarray(labels)
            if x.ndim != 2 or labels.shape != x.shape[:1]:
                raise RunError(f"logits and labels must have the same first dimension, got logits shape "
                               f"{show(x.shape)} and labels shape {show(labels.shape)}")
            count, classes = x.shape
            if count and not classes:
                raise RunError("Must have at least one class")
            if not count:
                return xp.zeros((0,), dtype), xp.zeros(x.shape, dtype)
            if int(labels.min()) < 0 or int(labels.max()) >= classes:
                bad = int(labels[(labels < 0) | (labels >= classes)][0])
                raise RunError(f"Received a label value of {bad} which is outside the valid range of "
                               f"[0, {classes}). Label values: {' '.join(map(str, labels[:20].tolist()))}")
            small = x.dtype.itemsize == 2
            if small and long_rows.long(xp, x):
                return long_rows.sparse_cross_entropy(x, labels)
            if small:
                x = x.astype(xp.float32)
            e = shifted(xp, x)
            at = xp.arange(count), labels
            right = e[at]
            xp.exp(e, out=e)
            total = row_sums(xp, e)
            loss = xp.log(total[:, 0]) - right
            e /= total
            e[at] -= 1
            return (loss.astype(dtype), e.astype(dtype)) if small else (loss, e)

        return kernel

    def scratch(n: Any) -> Any:
        halves = long_rows.scratch(3, 2) if long_rows.longer(n.shapes[0], 2) else 10 * n.made(1)
        return (0 if n.width() > 2 else halves) + 24 * n.made()

    def gradient(tf: Any, op: Any, grad: Any, second: Any) -> Any:
        return [entropy_gradient(tf, op, grad, second), None]


@op
class L2Loss:
    """Half the sum of squares (tf.nn.l2_loss)."""

    signature = "t: T -> output: T"
    attrs = FLOAT

    def infer(n: Any, x: Any) -> Any:
        return ()

    def kernel(n: Any) -> Any:
        xp, dtype = n.xp, n.dtype()

        def kernel(x: Any) -> Any:
            flat = xp.asarray(x).reshape(-1)
            if flat.dtype.itemsize > 2:
                return xp.asarray(xp.dot(flat, flat) / 2, dtype)
            total = xp.float32(0)
            for start in range(0, flat.size, SOME):
                part = single(flat[start:start + SOME])
                total += xp.dot(part, part)
            return xp.asarray(total / 2, dtype)

        return kernel

    def scratch(n: Any) -> Any:
        return 0 if n.width() > 2 else 8 * min(SOME, n.size())

    def gradient(tf: Any, op: Any, grad: Any) -> Any:
        return [op.inputs[0] * grad]
