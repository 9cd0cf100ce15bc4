"""Variables that an algorithm outside of the graph moves (tf.contrib.opt.ScipyOptimizerInterface)."""
from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from ..errors import InvalidValue
from .logging import info
from .modules import modules

EXPORTS = """
contrib.opt: ExternalOptimizerInterface ScipyOptimizerInterface
"""

tf = modules["tf"]


def _shape(tensor: Any) -> tuple[int, ...]:
    return tuple(tensor.get_shape().as_list())


def _gradients(tensor: Any, variables: Sequence[Any]) -> list[Any]:
    return [tf.zeros_like(v) if g is None else g for v, g in zip(variables, tf.gradients(tensor, variables))]


def _packed(tensors: Sequence[Any]) -> Any:
    if not tensors:
        return None
    flat = [tf.reshape(t, [-1]) for t in tensors]
    return flat[0] if len(flat) == 1 else tf.concat(flat, 0)


class ExternalOptimizerInterface:
    """Minimizes a loss by a ``_minimize`` that a class which derives from this one gives.

    var_list: all trainable variables if None. equalities, inequalities: tensors that shall be 0, or not below it.
    var_to_bounds: the least and the greatest value by variable. What else is given by name is the algorithm's
    (tf.contrib.opt.ExternalOptimizerInterface).
    """

    def __init__(self, loss: Any, var_list: Any = None, equalities: Any = None, inequalities: Any = None,
                 var_to_bounds: Mapping[Any, Any] | None = None, **optimizer_kwargs: Any) -> None:
        self._loss, self._equalities, self._inequalities = loss, equalities or [], inequalities or []
        self._vars = tf.trainable_variables() if var_list is None else list(var_list)
        self._packed_bounds = None
        if var_to_bounds is not None:
            ends = [var_to_bounds.get(v, (-math.inf, math.inf)) for v in self._vars]
            low, high = ([x for v, end in zip(self._vars, ends) for x in np.broadcast_to(end[side], _shape(v)).flat]
                         for side in (0, 1))
            self._packed_bounds = list(zip(low, high))
        self._update_placeholders = [tf.placeholder(v.dtype) for v in self._vars]
        self._var_updates = [v.assign(tf.reshape(placeholder, _shape(v)))
                             for v, placeholder in zip(self._vars, self._update_placeholders)]
        loss_grads = _gradients(loss, self._vars)
        equal = [_gradients(e, self._vars) for e in self._equalities]
        above = [_gradients(e, self._vars) for e in self._inequalities]
        self.optimizer_kwargs = optimizer_kwargs
        self._packed_var = _packed(self._vars)
        self._packed_loss_grad = _packed(loss_grads)
        self._packed_equality_grads = [_packed(g) for g in equal]
        self._packed_inequality_grads = [_packed(g) for g in above]
        ends_ = [0, *itertools.accumulate(math.prod(_shape(v)) for v in self._vars)]
        self._packing_slices = [slice(a, b) for a, b in zip(ends_, ends_[1:])]

    def minimize(self, session: Any = None, feed_dict: Any = None, fetches: Any = None, step_callback: Any = None,
                 loss_callback: Any = None, **run_kwargs: Any) -> None:
        """Moves the variables. step_callback gets them in one row after each step, loss_callback the fetches at each
        evaluation of the loss; run_kwargs go to the session's last step, which assigns them."""
        from . import get_default_session

        session = session or get_default_session()
        feeds, more = feed_dict or {}, fetches or []

        def values(tensors: Any, callback: Callable[..., Any] | None = None) -> Callable[[Any], Any]:
            asked = tensors if isinstance(tensors, list) else [tensors]

            def at(x: Any) -> Any:
                placed = {v: x[part].reshape(_shape(v)) for v, part in zip(self._vars, self._packing_slices)}
                got = session.run(asked + more, feed_dict={**placed, **feeds})
                if callback is not None:
                    callback(*got[len(asked):])
                return got[:len(asked)]

            return at

        initial = session.run(self._packed_var)
        found = self._minimize(
            initial_val=initial,
            loss_grad_func=values([self._loss, self._packed_loss_grad], loss_callback or (lambda *fetched: None)),
            equality_funcs=[values(t) for t in self._equalities],
            equality_grad_funcs=[values(t) for t in self._packed_equality_grads],
            inequality_funcs=[values(t) for t in self._inequalities],
            inequality_grad_funcs=[values(t) for t in self._packed_inequality_grads],
            packed_bounds=self._packed_bounds, step_callback=step_callback or (lambda xk: None),
            optimizer_kwargs=self.optimizer_kwargs)
        rows = [found[part] for part in self._packing_slices]
        session.run(self._var_updates, feed_dict=dict(zip(self._update_placeholders, rows)), **run_kwargs)

    def _minimize(self, **given: Any) -> Any:
        raise NotImplementedError("a class that derives from ExternalOptimizerInterface has a _minimize() of its own")


class ScipyOptimizerInterface(ExternalOptimizerInterface):
    """By ``scipy.optimize.minimize``, whose arguments may be given; ``method`` is L-BFGS-B if not told
    (tf.contrib.opt.ScipyOptimizerInterface). Scipy is the program's own."""

    _DEFAULT_METHOD = "L-BFGS-B"

    def _minimize(self, **given: Any) -> Any:
        told = dict(given["optimizer_kwargs"])
        method = told.pop("method", self._DEFAULT_METHOD)

        def loss_and_gradient(x: Any) -> Any:
            loss, gradient = given["loss_grad_func"](x)
            return loss, gradient.astype("float64")

        constraints = [{"type": kind, "fun": f, "jac": g} for kind, fs, gs in (
            ("eq", given["equality_funcs"], given["equality_grad_funcs"]),
            ("ineq", given["inequality_funcs"], given["inequality_grad_funcs"])) for f, g in zip(fs, gs)]
        own = {"jac": True, "callback": given["step_callback"], "method": method, "constraints": constraints,
               "bounds": given["packed_bounds"]}
        for name in own:
            if name in told:
                raise InvalidValue("Bounds must be set using the var_to_bounds argument" if name == "bounds" else
                                   f"Optimizer keyword arg {name!r} is set automatically and cannot be injected "
                                   "manually")
        import scipy.optimize  # type: ignore[import-untyped,import-not-found,unused-ignore]

        result = scipy.optimize.minimize(loss_and_gradient, given["initial_val"], **own, **told)
        info("Optimization terminated with:\n  Message: %s\n  Objective function value: %f\n"
             "  Number of iterations: %d\n  Number of functions evaluations: %d", result.message, result.fun,
             getattr(result, "nit", 0), getattr(result, "nfev", 0))
        return result["x"]
