"""Python functions that become functions of the graph's library, and nodes where they are called (function.Defun).

The name of a function that is told none ends in letters that depend on what it computes; TensorFlow's are others.
"""
from __future__ import annotations

import base64
import hashlib
import inspect
import re
from collections.abc import Callable, Sequence
from typing import Any

from ..autodiff import own
from ..errors import InvalidValue
from ..graph.graph import Tensor
from ..graph.types import DType, as_dtype
from ..graphdef.functions import function_def
from .conversion import convert_to_tensor
from .framework import get_default_graph
from .traced import body_of

EXPORTS = """
python.framework.function: Defun
python.framework.function: _DefinedFunction=DefinedFunction
"""


SHORT = {"float16": "f16", "uint8": "i8", "string": "s", "bool": "b", "resource": "res", "variant": "var"}
"""What names of functions say of a dtype, where it is not its letter and bits."""


def _short(dtype: DType) -> str:
    return SHORT.get(dtype.name) or re.sub(r"^(q?|b)([a-z])[a-z]*(\d+)$", r"\1\2\3", dtype.name)


class Defun:
    """A decorator; the arguments are the dtypes of the function's, which else are those of the first call's tensors.

    func_name: its name in the library. grad_func: a Defun of (inputs, gradients) that gives its gradient;
    python_grad_func(op, *gradients): makes the gradient's nodes. shape_func(op): the shapes of the outputs. What is
    told beside (``noinline``) becomes attrs of the function.
    """

    def __init__(self, *input_types: Any, func_name: str | None = None, grad_func: Any = None,
                 python_grad_func: Callable[..., Any] | None = None, out_names: Sequence[str] | None = None,
                 shape_func: Callable[[Any], Any] | None = None, capture_by_value: bool = False,
                 whitelisted_stateful_ops: Any = None, capture_resource_var_by_value: bool = True,
                 **attrs: Any) -> None:
        self._types, self._name, self._out_names = [as_dtype(t) for t in input_types], func_name, out_names
        self._grad_func, self._python_grad_func = grad_func, python_grad_func
        self._shape_func, self._attrs = shape_func, attrs

    def __call__(self, func: Callable[..., Any]) -> Any:
        told = inspect.getfullargspec(func)
        if told.varkw or told.defaults:
            raise ValueError("function with argument defaults or keywords arguments are not supported. "
                             f"{func} has defaults {told.defaults} and keywords {told.varkw}.")
        names = told.args[1:] if inspect.ismethod(func) else told.args
        if self._types and not len(names) <= len(self._types) <= (10 ** 6 if told.varargs else len(names)):
            raise ValueError("The function has fewer arguments than the number of specified input types.")
        if self._types or not (names or told.varargs):
            return DefinedFunction(self, func, names, self._types, self._name)
        return _Overloaded(self, func, names)


class DefinedFunction:
    """A function of some dtypes; each graph that calls it gets it into its library."""

    def __init__(self, told: Defun, func: Callable[..., Any], names: Sequence[str], types: Sequence[Any],
                 name: str | None) -> None:
        self._told, self._func, self._types, self._func_name = told, func, types, name
        self._names = [names[i] if i < len(names) else f"arg{i}" for i in range(len(types))]
        self._definition: Any = None
        self._grad_func = told._grad_func
        self.captured_inputs: list[Tensor] = []
        self.declared_input_types, self.python_grad_func = tuple(types), told._python_grad_func

    @property
    def name(self) -> str:
        """Its name in the library."""
        return str(self.definition.signature.name)

    @property
    def definition(self) -> Any:
        """Its FunctionDef."""
        if self._definition is None:
            self._define()
        return self._definition

    def set_grad_func(self, grad_func: Any) -> None:
        self._grad_func = grad_func

    def _define(self) -> None:
        base = self._func_name or getattr(self._func, "__name__", "lambda").strip("<>")
        graph, returned, leaves = body_of(base, self._func, self._types, [None] * len(self._types), self._names)
        if returned is None:
            leaves = []
        definition = function_def(base, graph, graph.arguments, leaves, self._told._attrs)
        if self._func_name is None:
            digest = hashlib.sha1(definition.SerializeToString(deterministic=True)).digest()[:8]
            definition.signature.name = f"{base}_{base64.b64encode(digest, b'ab').decode().rstrip('=')}"
        if self._func.__doc__:
            definition.signature.description = self._func.__doc__
        self._definition, self.captured_inputs = definition, list(graph.captures)

    def add_to_graph(self, g: Any) -> None:
        """Puts the function, and that of its gradient, into a graph's library."""
        g.functions.setdefault(self.name, self.definition)
        if isinstance(self._grad_func, DefinedFunction):
            self._grad_func.add_to_graph(g)
            g.function_gradients[self.name] = self._grad_func.name

    def __call__(self, *args: Any, name: str | None = None, **attrs: Any) -> Any:
        from ..ops._calls import call_of

        graph = get_default_graph()
        inputs = [convert_to_tensor(a) for a in args]
        if len(inputs) != len(self._types):
            raise InvalidValue(f"Expected number of arguments: {len(self._types)}, received: {len(inputs)}")
        for tensor, dtype in zip(inputs, self._types):
            if tensor.dtype.base_dtype is not dtype:
                raise ValueError(f"Expected argument of type {dtype.name}, not {tensor.dtype.name}")
        self.add_to_graph(graph)
        inputs += self.captured_inputs
        opdef = call_of(self.definition)
        dtypes = [as_dtype(a.type) for a in self.definition.signature.output_arg]
        node = graph.create_node(self.name, inputs, dtypes, {}, name, opdef)
        if self.python_grad_func is not None:
            own.give(node, self.python_grad_func)
        if self._told._shape_func is not None:
            shapes = list(self._told._shape_func(node))
            if len(shapes) != len(node.outputs):
                raise ValueError(f"shape_func produced {len(shapes)} shapes for {len(node.outputs)} outputs")
            for tensor, shape in zip(node.outputs, shapes):
                tensor.set_shape(shape)
        if not node.outputs:
            return node
        return node.outputs[0] if len(node.outputs) == 1 else list(node.outputs)


class _Overloaded:
    """A function of which there is one for the dtypes of each call."""

    def __init__(self, told: Defun, func: Callable[..., Any], names: Sequence[str]) -> None:
        self._told, self._func, self._names = told, func, names
        self._made: dict[tuple[Any, ...], DefinedFunction] = {}

    def instantiate(self, input_types: Sequence[Any]) -> DefinedFunction:
        """The function of these dtypes."""
        key = tuple(as_dtype(t).base_dtype for t in input_types)
        if key not in self._made:
            name = self._told._name and f"{self._told._name}_{''.join(_short(t) for t in key)}"
            made = self._made[key] = DefinedFunction(self._told, self._func, self._names, list(key), name)
            if isinstance(self._told._grad_func, _Overloaded):
                outputs = [as_dtype(a.type) for a in made.definition.signature.output_arg]
                made.set_grad_func(self._told._grad_func.instantiate([*key, *outputs]))
        return self._made[key]

    def __call__(self, *args: Any, **words: Any) -> Any:
        given = [convert_to_tensor(a) for a in args]
        return self.instantiate([t.dtype for t in given])(*given, **words)
