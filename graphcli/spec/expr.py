"""The interpreter of expressions: a syntax tree walked over values, never evaluated by Python.

The outermost call, operator or slice of an expression gets the statement's name. Each call runs with
its own span, so that the nodes that it makes and the errors that it raises know their place.
"""

from __future__ import annotations

import ast
import inspect
from collections.abc import Callable
from typing import Any

from ..errors import GraphError, GraphErrors, InvalidType, InvalidValue, NotFound, Undecided
from ..graph.shapes import TensorShape
from . import operators, python_ops
from .also_wrong import unknown_arguments, unknown_names
from .env import Binding, Env, PoisonUsed, ScopeHandle
from .lookup import COLLECTED, Host, hidden_function, lookup, member
from .messages import INSTEAD, OUTSIDE, called, explain_call, retold
from .parse import Place
from .slices import named_slice
from .tree import Scalar


def evaluate(
    host: Host,
    scalar: Scalar,
    env: Env,
    name: str | None = None,
    *,
    text: str | None = None,
    plain: bool = False,
    initializer: bool = False,
) -> Any:
    """The value of an expression. ``text`` where ``${}`` changed it; plain: Python values only."""
    place = Place(scalar, text)
    interpreter = Interpreter(host, place, plain, initializer)
    try:
        tree = place.tree()
        try:
            return interpreter.visit(tree, env, name)
        except NotFound as e:
            unknown = unknown_names(interpreter, tree, env)
            if len(unknown) < 2 or e.message not in [u.message for u in unknown]:
                raise
            raise GraphErrors(unknown) from None
        except PoisonUsed:
            # what else is wrong here does not come of the statement that failed
            wrong = [*unknown_names(interpreter, tree, env), *unknown_arguments(interpreter, tree, env)]
            if not wrong:
                raise
            raise GraphErrors(wrong) from None
    except RecursionError as e:
        raise retold(e).at(scalar.span) from None


_PLAIN = (str, int, float, complex, bytes, type(None), type(...))


class Interpreter:
    """One expression at one place."""

    __slots__ = ("host", "words", "place", "plain", "initializer")

    def __init__(self, host: Host, place: Place, plain: bool = False, initializer: bool = False) -> None:
        self.host = host
        self.words = host.vocabulary
        self.place = place
        self.plain = plain
        self.initializer = initializer

    def visit(self, n: ast.expr, env: Env, name: str | None = None) -> Any:
        method = _VISIT.get(type(n))
        if method is None:
            kind = type(n).__name__
            raise InvalidValue(
                f"{OUTSIDE.get(kind, kind)} is not part of the expression language",
                self.place.span(n),
                hint=INSTEAD.get(kind),
            )
        return method(self, n, env, name)

    def run(self, n: ast.expr, f: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Any:
        """A call that may make nodes: they, and its errors, are of ``n``."""
        span = self.place.span(n)
        scopes = self.host.graph.scopes
        old = scopes.span
        scopes.span = span
        try:
            return f(*args, **kwargs)
        except GraphError as e:
            e.at(span)
            if type(n) is ast.BinOp and e.hint is None and "null is not a value" in e.message:
                e.hint = python_ops.NOTHING
            raise
        except PoisonUsed:
            raise
        except Exception as e:
            raise retold(e).at(span) from e
        finally:
            scopes.span = old

    # -- leaves

    def constant(self, n: ast.Constant, env: Env, name: str | None) -> Any:
        if not isinstance(n.value, _PLAIN):
            raise InvalidValue(f"the constant {n.value!r} is refused", self.place.span(n))
        if isinstance(n.value, int) and n.value.bit_length() > python_ops.MAX_BITS:
            raise InvalidValue(f"the number has more than {python_ops.MAX_BITS} bits", self.place.span(n))
        return n.value

    def name_(self, n: ast.Name, env: Env, name: str | None) -> Any:
        return lookup(self, n, env, "name")

    def list_(self, n: ast.List, env: Env, name: str | None) -> Any:
        return self._sized(n, [self.visit(e, env) for e in n.elts])

    def tuple_(self, n: ast.Tuple, env: Env, name: str | None) -> Any:
        return self._sized(n, tuple(self.visit(e, env) for e in n.elts))

    def _sized(self, n: ast.expr, value: Any) -> Any:
        for v in value:
            if isinstance(v, (list, tuple)):
                return self.run(n, python_ops.check_size, value)
        return value

    def function(self, n: ast.Lambda, env: Env, name: str | None) -> Any:
        a = n.args
        if a.posonlyargs or a.vararg or a.kwonlyargs or a.kwarg or a.defaults:
            raise InvalidValue("a lambda takes plain arguments only", self.place.span(n))
        names = [arg.arg for arg in a.args]

        def call(*args: Any, **kwargs: Any) -> Any:
            given = dict(zip(names, args)) | kwargs
            if len(args) + len(kwargs) != len(names) or len(given) != len(names) or not kwargs.keys() <= set(names):
                told = " and ".join([f"{len(args)} value{'s' * (len(args) != 1)}", *(f"{k}=" for k in kwargs)])
                raise InvalidType(f"this lambda takes ({', '.join(names)}), and is called with {told}",
                                  self.place.span(n))
            return self.visit(n.body, Env(env, {k: Binding(v, None) for k, v in given.items()}))

        call.__name__ = "<lambda>"
        # an initializer is asked what it takes
        call.__signature__ = inspect.Signature(  # type: ignore[attr-defined]
            [inspect.Parameter(k, inspect.Parameter.POSITIONAL_OR_KEYWORD) for k in dict.fromkeys(names)])
        return call

    def attribute(self, n: ast.Attribute, env: Env, name: str | None) -> Any:
        return member(self, n, env, "name")

    def slice_(self, n: ast.Slice, env: Env, name: str | None) -> Any:
        return slice(*[None if p is None else self.visit(p, env) for p in (n.lower, n.upper, n.step)])

    def subscript(self, n: ast.Subscript, env: Env, name: str | None) -> Any:
        value, index = self.visit(n.value, env), self.visit(n.slice, env)
        words = self.words
        if isinstance(value, ScopeHandle) or words.is_module(value):
            raise InvalidType(f"{called(value)} has no elements", self.place.span(n))
        if isinstance(n.value, ast.List) and isinstance(n.slice, ast.Tuple):
            raise InvalidType("a list has no element of several numbers", self.place.span(n),
                              hint="a comma is missing between the lists")
        if not words.is_tensor(value) or name is None:
            return self.run(n, _item, value, index)
        if not isinstance(value, words.tensor):
            value = value.value()
        if isinstance(index, words.tensor) and index.dtype == words.tf.bool:
            return self.run(n, words.tf.boolean_mask, value, index, name=name)
        return self.run(n, named_slice, words.tf, value, index, name)

    # -- calls

    def call(self, n: ast.Call, env: Env, name: str | None) -> Any:
        func = n.func
        if type(func) is ast.Name:
            f = lookup(self, func, env, "function")
        elif type(func) is ast.Attribute:
            f = member(self, func, env, "function")
        else:
            f = self.visit(func, env)
        was, self.initializer = self.initializer, False
        args = [self.visit(a, env) for a in n.args]
        kwargs: dict[str, Any] = {}
        for k in n.keywords:
            if k.arg is None:
                raise InvalidValue("** in a call is not part of the language", self.place.span(k))
            if k.arg in kwargs:
                raise InvalidValue(f"the argument {k.arg!r} is given twice", self.place.span(k))
            kwargs[k.arg] = self.visit(k.value, env)
        self.initializer = was
        if not callable(f):
            raise InvalidType(f"{ast.unparse(func)} is not a function", self.place.span(func),
                              hint=hidden_function(self, func, env))
        if name is not None and self.words.takes_name(f, len(args), kwargs):
            kwargs["name"] = name
        try:
            result = self.run(n, f, *args, **kwargs)
        except (InvalidType, InvalidValue) as e:
            # what is wrong deeper inside was explained there
            own = e.span == self.place.span(n)
            if own and (isinstance(e.__cause__, (TypeError, AttributeError, LookupError)) or "argument" in e.message
                        or isinstance(e, Undecided)):
                explain_call(e, self.place, n, f, args, kwargs)
            if own and "null is not a value" in e.message and e.hint is None and not any(
                    isinstance(a, ast.Constant) and a.value is None for a in n.args):
                e.hint = python_ops.NOTHING
            if was and type(func) is ast.Name and f is getattr(self.words.initializers, func.id, None) is not (
                    other := getattr(self.words.tf, func.id, f)) and callable(other):
                e.hint = f"in initializer: {func.id} is the initializer; tf.{func.id} makes a tensor"
            raise
        if isinstance(result, (list, type(None))) and not result and self.host.lacks_collected() and (
                getattr(f, "__name__", "") in COLLECTED):
            # what is not there may be what a failed statement did not make
            raise PoisonUsed(func.attr if isinstance(func, ast.Attribute) else "")
        self.host.called(f, result, self.place.span(n))
        return result


_LISTED = (*_PLAIN, list, tuple, TensorShape)
"""What is no tensor, and may be asked for an element."""


def _item(value: Any, index: Any) -> Any:
    if callable(value):
        raise InvalidType(f"{called(value)} has no elements")
    plain = isinstance(index, int) or isinstance(value, (*_LISTED, dict))
    return python_ops.element(value, index) if plain else value[index]


_VISIT: dict[type, Callable[..., Any]] = {
    ast.Constant: Interpreter.constant,
    ast.Name: Interpreter.name_,
    ast.List: Interpreter.list_,
    ast.Tuple: Interpreter.tuple_,
    ast.Lambda: Interpreter.function,
    ast.Attribute: Interpreter.attribute,
    ast.Slice: Interpreter.slice_,
    ast.Subscript: Interpreter.subscript,
    ast.BinOp: operators.binary,
    ast.UnaryOp: operators.unary,
    ast.Compare: operators.compare,
    ast.BoolOp: operators.boolean,
    ast.Call: Interpreter.call,
}
