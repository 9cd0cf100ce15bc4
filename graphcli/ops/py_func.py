"""Functions of the Python program that made the graph (tf.py_func). A graph holds their names alone."""
from __future__ import annotations

import threading
import weakref
from collections.abc import Callable
from typing import Any

import numpy as np

from ..errors import InvalidArgument, OutOfRange, Unimplemented, Unknown
from ..graph.opdef import no_gradient, op

CPU_ONLY = True


class Called:
    """A function that a graph calls; the graph keeps it alive."""

    def __init__(self, function: Callable[..., Any]) -> None:
        self.function = function


_lock = threading.Lock()
_count = 0
_known: weakref.WeakValueDictionary[str, Called] = weakref.WeakValueDictionary()


def named(called: Called) -> str:
    """The token by which nodes of this process find a function."""
    global _count
    with _lock:
        token = f"pyfunc_{_count}"
        _count += 1
        _known[token] = called
    return token


def _array(value: Any) -> Any:
    """What a function returned, as TensorFlow takes it: text becomes bytes, all else is numpy's."""
    array = np.asarray(value)
    if array.dtype.kind in "USO":
        flat = [v.encode() if isinstance(v, str) else v for v in np.asarray(value, object).reshape(-1).tolist()]
        array = np.empty(array.shape, object)
        array.reshape(-1)[:] = flat
    return array


def _kind(error: Exception) -> type[Exception]:
    """TensorFlow's error for an exception of a function."""
    if isinstance(error, StopIteration):
        return OutOfRange
    if isinstance(error, NotImplementedError):
        return Unimplemented
    return InvalidArgument if isinstance(error, (TypeError, ValueError)) else Unknown


def _kernel(n: Any) -> Any:
    token, wanted = n.attrs["token"], n.attrs["Tout"]
    token = token.decode() if isinstance(token, bytes) else token

    def call(inputs: Any) -> Any:
        called = _known.get(token)
        if called is None:
            raise InvalidArgument(f"Could not find callback with key={token} in the registry.",
                                  hint="the function is in the Python program that made the graph, not in a file of it")
        # the function may keep or change what it is given
        given = [x[()] if x.ndim == 0 else x.copy() for x in inputs]
        try:
            returned = called.function(*given)
        except MemoryError:
            raise
        except Exception as error:
            raise _kind(error)(f"{type(error).__name__}: {error}") from error
        values = [] if returned is None else returned if isinstance(returned, (tuple, list)) else [returned]
        if len(values) != len(wanted):
            raise InvalidArgument(f"{token} returns {len(values)} values, but expects to see {len(wanted)} values.")
        results = [_array(v) for v in values]
        for i, (result, dtype) in enumerate(zip(results, wanted)):
            is_text = all(isinstance(v, bytes) for v in result.flat) if result.dtype == object else False
            if not is_text if dtype.kind == "S" else result.dtype != dtype.as_numpy_dtype:
                raise InvalidArgument(f"{i}-th value returned by {token} is {result.dtype.name}, but expects "
                                      f"{dtype.name}", hint=f"return it as np.{dtype.name}")
        # the program may go on with the arrays that it returned
        return [r.copy() for r in results]

    return call


def _unknown(n: Any, inputs: Any) -> Any:
    return [None] * len(n.attrs["Tout"])


@op
class PyFunc:
    """Calls a function of the program in each step, for what it does or returns (tf.py_func)."""

    signature = "input: list(Tin) -> output: list(Tout)"
    attrs = "token: string; Tin: list(type) >= 0; Tout: list(type) >= 0"
    stateful = True
    gradient = no_gradient
    infer, kernel = _unknown, _kernel


@op
class PyFuncStateless:
    """Calls a function of the program whose result follows from its inputs (tf.py_func, stateful=False)."""

    signature = "input: list(Tin) -> output: list(Tout)"
    attrs = "token: string; Tin: list(type) >= 0; Tout: list(type) >= 0"
    gradient = no_gradient
    infer, kernel = _unknown, _kernel
