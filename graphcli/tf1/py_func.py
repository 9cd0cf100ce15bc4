"""Python functions in a graph (tf.py_func): they get arrays and return arrays, in this process alone."""
from __future__ import annotations

import functools
from collections.abc import Callable, Sequence
from typing import Any

from ..errors import InvalidType, InvalidValue
from ..graph.types import as_dtype
from ..ops.py_func import Called, named
from .framework import apply_op, get_default_graph

EXPORTS = """
tf: py_func numpy_function
"""


def py_func(func: Callable[..., Any], inp: Sequence[Any], Tout: Any, stateful: bool = True,
            name: str | None = None) -> Any:
    """What a function returns of arrays, at each step (tf.py_func); a list if Tout is one. It has no gradient.

    func: gets arrays, numbers of numpy for scalars and bytes for strings, and returns what numpy makes arrays of
    exactly the dtypes Tout of, or a list of such. stateful: is run at each step, not once where its inputs are
    constant. A graph that is saved has the function's name only. Raises InvalidValue for what cannot be called.
    """
    if not callable(func):
        raise InvalidValue(f"Expected func to be callable. Received func={func} of type {type(func)}.")
    several = isinstance(Tout, (list, tuple))
    dtypes = [as_dtype(t) for t in (Tout if several else [Tout])]
    called = Called(func)
    graph: Any = get_default_graph()
    graph.called.append(called)
    made = apply_op("PyFunc" if stateful else "PyFuncStateless", name, [list(inp)],
                    {"token": named(called), "Tout": dtypes})
    if not dtypes:
        return next(reversed(graph.nodes.values()))
    outputs = list(made) if isinstance(made, (list, tuple)) else [made]
    return outputs if several else outputs[0]


def numpy_function(func: Any = None, inp: Any = None, Tout: Any = None, stateful: bool = True,
                   name: str | None = None) -> Any:
    """``py_func`` by its later name (tf.numpy_function); with Tout alone a decorator."""
    if Tout is None:
        raise InvalidType("Missing required argument: 'Tout'")
    if func is None:
        if inp is not None:
            raise InvalidType("Don't set the `inp` argument when using tf.numpy_function as a decorator (`func=None`).")

        def decorated(function: Callable[..., Any]) -> Callable[..., Any]:
            return functools.wraps(function)(lambda *args: py_func(function, args, Tout, stateful, name))

        return decorated
    if inp is None:
        raise InvalidType("Missing argument `inp`: the list of arguments to the function")
    return py_func(func, inp, Tout, stateful, name)
