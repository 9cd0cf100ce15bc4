"""Learning rates that fall with the global step (tf.train.exponential_decay and its like)."""
from __future__ import annotations

import math
from typing import Any

from ..errors import InvalidValue
from ..graph.graph import Tensor
from .conversion import constant, convert_to_tensor
from .framework import name_scope
from .optimizer import flat

EXPORTS = """
train: exponential_decay natural_exp_decay inverse_time_decay polynomial_decay piecewise_constant
train: piecewise_constant_decay=piecewise_constant cosine_decay cosine_decay_restarts linear_cosine_decay
train: noisy_linear_cosine_decay
"""


def _scope(name: str | None, default: str) -> Any:
    return name_scope(name or default)


def exponential_decay(learning_rate: Any, global_step: Any, decay_steps: Any, decay_rate: Any,
                      staircase: bool = False, name: str | None = None) -> Tensor:
    """``learning_rate * decay_rate ** (global_step / decay_steps)``; staircase: by whole powers."""
    from . import cast, floor, multiply, pow

    with _scope(name, "ExponentialDecay") as scope:
        start = convert_to_tensor(learning_rate, name="initial_learning_rate")
        dtype = start.dtype.base_dtype
        steps = cast(decay_steps, dtype)
        rate = cast(decay_rate, dtype)
        p = cast(global_step, dtype) / steps
        if staircase:
            p = floor(p)
        return multiply(start, pow(rate, p), name=scope)  # type: ignore[no-any-return]


def natural_exp_decay(learning_rate: Any, global_step: Any, decay_steps: Any, decay_rate: Any,
                      staircase: bool = False, name: str | None = None) -> Tensor:
    """``learning_rate * exp(-decay_rate * global_step / decay_steps)``."""
    from . import exp, negative

    return exponential_decay(learning_rate, global_step, decay_steps, exp(negative(decay_rate)), staircase, name)


def inverse_time_decay(learning_rate: Any, global_step: Any, decay_steps: Any, decay_rate: Any,
                       staircase: bool = False, name: str | None = None) -> Tensor:
    """``learning_rate / (1 + decay_rate * global_step / decay_steps)``."""
    from . import add, cast, divide, floor, multiply

    with _scope(name, "InverseTimeDecay") as scope:
        start = convert_to_tensor(learning_rate, name="initial_learning_rate")
        dtype = start.dtype.base_dtype
        steps = cast(decay_steps, dtype)
        rate = cast(decay_rate, dtype)
        p = cast(global_step, dtype) / steps
        if staircase:
            p = floor(p)
        below = add(cast(constant(1), dtype), multiply(rate, p))
        return divide(start, below, name=scope)  # type: ignore[no-any-return]


def polynomial_decay(learning_rate: Any, global_step: Any, decay_steps: Any, end_learning_rate: Any = 0.0001,
                     power: Any = 1.0, cycle: bool = False, name: str | None = None) -> Tensor:
    """From learning_rate to end_learning_rate along ``(1 - step / decay_steps) ** power``; cycle: again and again,
    over longer steps."""
    from . import add, cast, ceil, divide, equal, minimum, multiply, pow, where_v2

    with _scope(name, "PolynomialDecay") as scope:
        start = convert_to_tensor(learning_rate, name="initial_learning_rate")
        dtype = start.dtype.base_dtype
        end = cast(end_learning_rate, dtype)
        exponent = cast(power, dtype)
        step = cast(global_step, dtype)
        steps = cast(decay_steps, dtype)
        if cycle:
            times = where_v2(equal(step, 0), 1.0, ceil(step / decay_steps))
            steps = multiply(steps, times)
        else:
            step = minimum(step, steps)
        p = divide(step, steps)
        return add(multiply(start - end, pow(1 - p, exponent)), end, name=scope)  # type: ignore


def piecewise_constant(x: Any, boundaries: Any, values: Any, name: str | None = None) -> Tensor:
    """``values[0]`` up to ``boundaries[0]``, then ``values[1]`` up to ``boundaries[1]``, …, at last ``values[-1]``.

    Raises InvalidValue if a boundary's dtype is not that of x, or values differ in dtype.
    """
    from . import case, cast

    limits = [convert_to_tensor(b) for b in flat(boundaries)]
    rates = [convert_to_tensor(v) for v in flat(values)]
    at = convert_to_tensor(x)
    if len(rates) != len(limits) + 1:
        raise InvalidValue(f"{len(limits)} boundaries part {len(limits) + 1} values, not {len(rates)}")
    kind = at.dtype.base_dtype
    for i, limit in enumerate(limits):
        found = limit.dtype.base_dtype
        if found is not kind:
            if found.name != "int32" or kind.name != "int64":
                raise InvalidValue(f"a boundary is {found.name}, but x is {kind.name}")
            limits[i] = cast(limit, kind)
    for rate in rates[1:]:
        if rate.dtype.base_dtype is not rates[0].dtype.base_dtype:
            raise InvalidValue(f"the values must have one dtype: {rates[0].dtype.name} and {rate.dtype.name}")
    with _scope(name, "PiecewiseConstant"):
        at = convert_to_tensor(x)
        pairs: list[Any] = [(at <= limits[0], lambda: rates[0]), (at > limits[-1], lambda: rates[-1])]
        for low, high, rate in zip(limits[:-1], limits[1:], rates[1:-1]):
            pairs.append(((at > low) & (at <= high), lambda rate=rate: rate))
        return case(pairs, lambda: rates[0], exclusive=True)  # type: ignore[no-any-return]


def _completed(learning_rate: Any, global_step: Any, decay_steps: Any) -> tuple[Any, Any, Any, Any]:
    from . import cast

    start = convert_to_tensor(learning_rate, name="initial_learning_rate")
    dtype = start.dtype.base_dtype
    return start, dtype, cast(decay_steps, dtype), global_step


def cosine_decay(learning_rate: Any, global_step: Any, decay_steps: Any, alpha: Any = 0.0,
                 name: str | None = None) -> Tensor:
    """Half a cosine from learning_rate down to ``alpha * learning_rate``."""
    from . import cast, cos, minimum, multiply

    with _scope(name, "CosineDecay"):
        start, dtype, steps, step = _completed(learning_rate, global_step, decay_steps)
        step = minimum(cast(step, dtype), steps)
        done = step / steps
        wave = 0.5 * (1.0 + cos(constant(math.pi) * done))
        return multiply(start, (1 - alpha) * wave + alpha)  # type: ignore[no-any-return]


def cosine_decay_restarts(learning_rate: Any, global_step: Any, first_decay_steps: Any, t_mul: Any = 2.0,
                          m_mul: Any = 1.0, alpha: Any = 0.0, name: str | None = None) -> Tensor:
    """Half cosines one after the other: each t_mul times as long and from m_mul times as high as the last."""
    from . import cast, cond, cos, equal, floor, log, multiply

    with _scope(name, "SGDRDecay") as scope:
        start = convert_to_tensor(learning_rate, name="initial_learning_rate")
        dtype = start.dtype.base_dtype
        first = cast(first_decay_steps, dtype)
        floor_rate = cast(alpha, dtype)
        longer = cast(t_mul, dtype)
        higher = cast(m_mul, dtype)
        done = cast(global_step, dtype) / first

        def even() -> Any:
            whole = floor(done)
            return whole, done - whole

        def growing() -> Any:
            whole = floor(log(1.0 - done * (1.0 - longer)) / log(longer))
            before = (1.0 - longer ** whole) / (1.0 - longer)
            return whole, (done - before) / longer ** whole

        whole, part = cond(equal(longer, 1.0), even, growing)
        wave = 0.5 * higher ** whole * (1.0 + cos(constant(math.pi) * part))
        return multiply(start, (1 - floor_rate) * wave + floor_rate, name=scope)  # type: ignore[no-any-return]


def linear_cosine_decay(learning_rate: Any, global_step: Any, decay_steps: Any, num_periods: Any = 0.5,
                        alpha: Any = 0.0, beta: Any = 0.001, name: str | None = None) -> Tensor:
    """A cosine under a line: ``(alpha + linear) * cosine + beta``."""
    from . import cast, cos, minimum, multiply

    with _scope(name, "LinearCosineDecay") as scope:
        start, dtype, steps, step = _completed(learning_rate, global_step, decay_steps)
        periods, low, high = cast(num_periods, dtype), cast(alpha, dtype), cast(beta, dtype)
        step = minimum(cast(step, dtype), steps)
        line = (steps - step) / steps
        done = step / steps
        fraction = 2.0 * periods * done
        wave = 0.5 * (1.0 + cos(constant(math.pi) * fraction))
        return multiply(start, (low + line) * wave + high, name=scope)  # type: ignore[no-any-return]


def noisy_linear_cosine_decay(learning_rate: Any, global_step: Any, decay_steps: Any, initial_variance: Any = 1.0,
                              variance_decay: Any = 0.55, num_periods: Any = 0.5, alpha: Any = 0.0,
                              beta: Any = 0.001, name: str | None = None) -> Tensor:
    """linear_cosine_decay with noise on the line that falls with the step."""
    from . import cast, cos, minimum, multiply, pow, sqrt
    from .random_values import random_normal

    with _scope(name, "NoisyLinearCosineDecay") as scope:
        start, dtype, steps, step = _completed(learning_rate, global_step, decay_steps)
        variance, fall = cast(initial_variance, dtype), cast(variance_decay, dtype)
        periods, low, high = cast(num_periods, dtype), cast(alpha, dtype), cast(beta, dtype)
        step = minimum(cast(step, dtype), steps)
        line = (steps - step) / steps
        deviation = sqrt(variance / pow(1.0 + step, fall))
        line = line + random_normal(line.shape, stddev=deviation)
        done = step / steps
        fraction = 2.0 * periods * done
        wave = 0.5 * (1.0 + cos(constant(math.pi) * fraction))
        return multiply(start, (low + line) * wave + high, name=scope)  # type: ignore[no-any-return]
