"""Gradients that a program gives itself (tf.custom_gradient, tf.RegisterGradient), and what is built on them."""
from __future__ import annotations

import functools
import inspect
from collections.abc import Callable
from typing import Any

from ..autodiff import own
from ..errors import InvalidType, InvalidValue, said
from ..graph.graph import Node, Tensor
from ..graph.opdef import flows
from .conversion import convert_to_tensor
from .framework import apply_op, get_default_graph
from .nesting import flatten, map_structure, pack

EXPORTS = """
tf: custom_gradient grad_pass_through RegisterGradient NotDifferentiable NoGradient=NotDifferentiable
tf: no_gradient=NotDifferentiable
"""


class RegisterGradient:
    """``@tf.RegisterGradient("Name")`` before ``def grad(op, *grads)``: the gradient of nodes made under
    ``graph.gradient_override_map({"Relu": "Name"})``. Raises InvalidValue for a name that is taken."""

    def __init__(self, op_type: str) -> None:
        if not isinstance(op_type, str):
            raise InvalidType(f"RegisterGradient takes the name of a gradient, not {said(op_type)}")
        self.op_type = op_type

    def __call__(self, f: Callable[..., Any]) -> Callable[..., Any]:
        own.register(self.op_type, f)
        return f


def NotDifferentiable(op_type: str) -> None:
    """Nothing goes through ops of this type or nodes of this gradient's name (tf.NotDifferentiable)."""
    if not isinstance(op_type, str):
        raise InvalidType(f"NotDifferentiable takes an op type, not {said(op_type)}")
    own.register(op_type, None)


def custom_gradient(f: Callable[..., Any]) -> Callable[..., Any]:
    """A decorator of ``f(*xs)`` that returns (result, grad) (tf.custom_gradient).

    grad(*dys) gives the gradients of xs; where f uses variables, grad(*dys, variables=…) gives those of xs and those
    of the variables.

    Raises InvalidType for reference variables that f makes, or for variables that grad does not take.
    """
    @functools.wraps(f)
    def call(*args: Any, **kwargs: Any) -> Any:
        if kwargs:
            raise InvalidValue("a function with a gradient of its own takes no keyword arguments")
        args = map_structure(convert_to_tensor, args)
        graph = get_default_graph()
        before = set(_made(graph))
        result, grad = f(*args)
        for variable in _made(graph):
            if variable not in before and not hasattr(variable, "handle"):
                raise InvalidType(f"a function with a gradient of its own makes no reference variable: "
                                  f"{variable.op.name}", hint="variable_scope(..., use_resource=True)")
        return _hung_on(result, args, grad)

    return call


def grad_pass_through(f: Callable[..., Any]) -> Callable[..., Any]:
    """``f`` with the gradient of the identity (tf.grad_pass_through)."""
    @custom_gradient
    def through(*args: Any, **kwargs: Any) -> Any:
        def grad(*grads: Any, variables: Any = None) -> Any:
            return grads if variables is None else (grads, [None] * len(variables))

        return f(*args, **kwargs), grad

    return functools.wraps(f)(through)


def _made(graph: Any) -> list[Any]:
    return [*graph.get_collection("variables"), *graph.get_collection("local_variables")]


def _hung_on(result: Any, args: Any, grad: Callable[..., Any]) -> Any:
    """The result behind an IdentityN of results, arguments and variables, whose gradient is ``grad``."""
    outs, ins = [convert_to_tensor(x) for x in flatten(result)], flatten(args)
    variables = _variables_between(ins, outs)
    spec = inspect.getfullargspec(grad)
    takes = "variables" in spec.args or "variables" in spec.kwonlyargs or spec.varkw is not None
    if variables and not takes:
        raise InvalidType("the gradient takes no argument 'variables', and the function uses "
                          + ", ".join(v.op.name for v in variables))
    same = apply_op("IdentityN", None, [[*outs, *ins, *variables]])
    for variable in variables:
        # TensorFlow reads a resource once more, for nothing
        convert_to_tensor(variable)

    def gradient(op: Node, *grads: Any) -> list[Any]:
        given = grads[:len(outs)]
        of_variables: Any = []
        if variables:
            leaving, of_variables = grad(*given, variables=variables)
            if len(of_variables) != len(variables):
                raise InvalidValue("the gradient must have one of each variable")
        else:
            leaving = grad(*given)
        return [None] * len(outs) + flatten(leaving) + list(of_variables)

    own.give(same[0].op, gradient)
    return pack(result, same[:len(outs)])


def _variables_between(ins: list[Tensor], outs: list[Tensor]) -> list[Any]:
    """The trainable variables on the way from the arguments to the results, by name."""
    ends = [apply_op("Identity", None, [t]) for t in outs]
    stop, todo, met = set(ins), [t.op for t in ends], set[Node]()
    heads: list[Node] = []
    while todo:
        node = todo.pop()
        if node in met:
            continue
        met.add(node)
        if node.type in ("VariableV2", "VarHandleOp"):
            heads.append(node)
        todo += [t.op for t in node.inputs if t not in stop and (flows(t) or t.dtype.name == "resource")]
    known = {v.op: v for v in get_default_graph().get_collection("trainable_variables")}
    return sorted((known[n] for n in heads if n in known), key=lambda v: v.name)
