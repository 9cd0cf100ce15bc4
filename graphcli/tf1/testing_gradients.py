"""Gradients compared with differences (tf.test.compute_gradient)."""
from __future__ import annotations

import math
from typing import Any

import numpy as np

from .array import identity
from .conversion import IndexedSlices, constant
from .gradients import gradients
from .session import default_session

EXPORTS = """
test: compute_gradient compute_gradient_error
"""


def compute_gradient(x: Any, x_shape: Any, y: Any, y_shape: Any, x_init_value: Any = None, delta: float = 1e-3,
                     init_targets: Any = None, extra_feed_dict: Any = None) -> Any:
    """(the gradient's Jacobian, that of differences), each [elements of x, elements of y]; a list where x is one.

    Runs in the default session. x_init_value: where the gradient is taken, drawn by numpy if None. A complex number
    counts as two. init_targets: ops that are run before. extra_feed_dict: what else is fed.
    """
    feeds = dict(extra_feed_dict or {})
    if not isinstance(x, list):
        for target in init_targets or ():
            target.run()
        return _jacobians(x, x_shape, *_pulled_back(x, y, y_shape), y, y_shape, x_init_value, delta, feeds)
    made = [_pulled_back(each, y, y_shape) for each in x]
    for target in init_targets or ():
        target.run()
    values = [None] * len(x) if x_init_value is None else x_init_value
    return [_jacobians(each, shape, dx, dy, y, y_shape, value, delta, feeds)
            for each, shape, (dx, dy), value in zip(x, x_shape, made, values)]


def compute_gradient_error(x: Any, x_shape: Any, y: Any, y_shape: Any, x_init_value: Any = None, delta: float = 1e-3,
                           init_targets: Any = None, extra_feed_dict: Any = None) -> Any:
    """By how much the two Jacobians of compute_gradient differ at most (tf.test.compute_gradient_error)."""
    found = compute_gradient(x, x_shape, y, y_shape, x_init_value, delta, init_targets, extra_feed_dict)
    error: Any = 0
    for ours, theirs in [found] if isinstance(found, tuple) else found:
        if ours.size or theirs.size:
            error = np.maximum(error, np.fabs(ours - theirs).max())
    return error


def _pulled_back(x: Any, y: Any, y_shape: Any) -> tuple[Any, Any]:
    """The gradient for x, and the gradient of y that it takes, which is to be fed."""
    with x.graph.as_default():
        dy = constant(1.0, shape=y_shape, dtype=y.dtype.base_dtype)
        passed = identity(dy)
    return gradients(y, x, passed)[0], dy


def _jacobians(x: Any, x_shape: Any, dx: Any, dy: Any, y: Any, y_shape: Any, value: Any, delta: float,
               feeds: dict[Any, Any]) -> tuple[Any, Any]:
    for name, tensor in (("x", x), ("y", y)):
        kind = tensor.dtype.base_dtype
        assert kind.is_floating or kind.is_complex, f"Don't support type {kind.name} for {name}"
    kind = x.dtype.base_dtype.as_numpy_dtype
    if value is None:
        value = np.asarray(np.random.random_sample(x_shape)).astype(kind)
        if x.dtype.is_complex:
            value.imag = np.random.random_sample(x_shape)
    else:
        assert list(x_shape) == list(value.shape), f"x_shape = {x_shape}, init_data shape = {list(value.shape)}"
    return (_by_gradient(x, x_shape, dx, dy, y, y_shape, value, feeds),
            _by_differences(x, x_shape, y, y_shape, value, delta, feeds))


def _parts(array: Any, kind: Any) -> Any:
    """The numbers of an array in a row, complex ones as two."""
    return array.reshape(-1).view(kind)


def _by_gradient(x: Any, x_shape: Any, dx: Any, dy: Any, y: Any, y_shape: Any, value: Any,
                 feeds: dict[Any, Any]) -> Any:
    session = default_session("compute_gradient")
    real = x.dtype.real_dtype.as_numpy_dtype
    asked = np.zeros(y_shape, y.dtype.as_numpy_dtype)
    one = _parts(asked, y.dtype.real_dtype.as_numpy_dtype)
    jacobian = np.zeros((math.prod(x_shape) * (1 + x.dtype.is_complex), one.size), real)
    row = math.prod(x_shape[1:]) * (1 + x.dtype.is_complex)
    for column in range(one.size):
        one[column] = 1
        found = session.run(dx, {**feeds, x: value, dy: asked})
        if isinstance(dx, IndexedSlices):
            for i, v in zip(found.indices, found.values):
                jacobian[i * row:(i + 1) * row, column] += _parts(v, real)
        else:
            jacobian[:, column] = _parts(found, real)
        one[column] = 0
    if not one.size:
        found = session.run(dx, {**feeds, x: value, dy: asked})
        if found.shape != value.shape:
            raise ValueError(f"Empty gradient has wrong shape: expected {value.shape}, got {found.shape}")
        if np.any(found):
            raise ValueError("Empty tensor with nonzero gradients")
    return jacobian


def _by_differences(x: Any, x_shape: Any, y: Any, y_shape: Any, value: Any, delta: float,
                    feeds: dict[Any, Any]) -> Any:
    real, real_y = (t.dtype.real_dtype.as_numpy_dtype for t in (x, y))
    value = np.asarray(value, x.dtype.as_numpy_dtype)
    step = np.asarray(2 * delta, real_y)[()]
    rows = math.prod(x_shape) * (1 + x.dtype.is_complex)
    jacobian = np.zeros((rows, math.prod(y_shape) * (1 + y.dtype.is_complex)), real)
    for row in range(rows):
        ends = []
        for by in (delta, -delta):
            moved = value.copy()
            _parts(moved, real)[row] += by
            ends.append(y.eval(feed_dict={**feeds, x: moved}))
        jacobian[row] = _parts((ends[0] - ends[1]) / step, real_y)
    return jacobian
