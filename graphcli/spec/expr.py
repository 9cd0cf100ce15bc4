"""The interpreter of expressions: a syntax tree walked over values, never evaluated by Python.

The outermost call, operator or slice of an expression gets the statement's name. Each call runs with
its own span, so that the nodes that it makes and the errors that it raises know their place.
"""

from __future__ import annotations

import ast
from collections.abc import Callable
from typing import Any, Protocol

from ..errors import GraphError, InvalidType, InvalidValue, NotFound, did_you_mean
from ..source import Span
from . import operators, python_ops
from .env import POISON, Binding, Env, Later, PoisonUsed, ScopeHandle
from .messages import INSTEAD, OUTSIDE, called, explain_call, retold, suggest
from .operators import named_binary
from .parse import Place
from .slices import named_slice
from .tree import Scalar
from .vocabulary import Vocabulary


class Host(Protocol):
    """What an expression asks of the build around it."""

    vocabulary: Vocabulary
    graph: Any

    def function(self, name: str) -> Callable[..., Any] | None:
        """The function of the spec, as one of Python."""

    def function_names(self) -> list[str]: ...

    def other_graphs(self) -> list[str]: ...

    def is_lost(self, name: str) -> bool:
        """Whether a statement that failed may have been meant to bind this name."""

    def bound_below(self, name: str, span: Span | None) -> Span | None:
        """Where a statement below this place binds the name."""

    def has_failed(self) -> bool:
        """Whether some statement before has failed."""

    def called(self, f: Any, result: Any, span: Span) -> None:
        """After each call."""


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
    try:
        return Interpreter(host, place, plain, initializer).visit(place.tree(), env, name)
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

    def run(self, n: ast.expr, f: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
        """A call that may make nodes: they, and its errors, are of ``n``."""
        span = self.place.span(n)
        scopes = self.host.graph.scopes
        old = scopes.span
        scopes.span = span
        try:
            return f(*args, **kwargs)
        except GraphError as e:
            e.at(span)
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
        return self.lookup(n, env, "name")

    def lookup(self, n: ast.Name, env: Env, what: str) -> Any:
        word = n.id
        binding = env.find(word)
        if binding is not None:
            if binding.value is POISON:
                raise PoisonUsed(word)
            return binding.value
        if self.plain:
            if word in python_ops.PYTHON_NAMES:
                return python_ops.PYTHON_NAMES[word]
            if self.host.is_lost(word):
                raise PoisonUsed(word)
            known = env.known() + list(python_ops.PYTHON_NAMES)
            raise NotFound(
                f"unknown {what} {word!r}: only params and {', '.join(python_ops.PYTHON_NAMES)} are known here",
                self.place.span(n),
                hint=suggest(word, known),
            )
        function = self.host.function(word)
        if function is not None:
            return function
        if self.initializer and self.words.initializers is not None:
            found = getattr(self.words.initializers, word, None) if word[0] != "_" else None
            if found is not None:
                return found
        if word in ("tensor", "operation"):
            return self.by_name(word)
        if word == "variable":
            return self.variable
        if word == "later":
            return Later
        if word == "newaxis":
            return None
        try:
            found = self.words.bare(word)
        except GraphError as e:
            raise e.at(self.place.span(n)) from None
        if found is None:
            found = python_ops.PYTHON_NAMES.get(word)
        if found is None:
            span = self.place.span(n)
            if word in self.host.other_graphs():
                raise InvalidValue(f"{word} is another graph: its tensors are not elements of this graph", span)
            if self.host.is_lost(word):
                raise PoisonUsed(word)
            below = self.host.bound_below(word, span)
            if below is not None:
                raise NotFound(f"unknown {what} {word!r}", span,
                               hint=f"it is bound below, at line {below.line}, and a spec is read from top to bottom")
            known = env.known() + self.host.function_names() + self.words.names
            raise NotFound(f"unknown {what} {word!r}", span, hint=suggest(word, known))
        return found

    def by_name(self, word: str) -> Callable[[str], Any]:
        graph = self.host.graph

        def get(name: str) -> Any:
            if not isinstance(name, str):
                raise InvalidType(f"a graph name is a string, not {name!r}")
            try:
                if word == "operation":
                    return graph.get_operation_by_name(name)
                return graph.get_tensor_by_name(name if ":" in name else name + ":0")
            except NotFound:
                # what is missing may be what a failed statement did not make
                if self.host.has_failed():
                    raise PoisonUsed(name) from None
                raise

        return get

    def variable(self, of: str, trainable: bool = True, initializer: str | None = None,
                 snapshot: str | None = None) -> Any:
        """The variable of a node."""
        from ..tf1.opened import variable_by_name

        for text in (of, initializer or "", snapshot or ""):
            if not isinstance(text, str):
                raise InvalidType(f"a graph name is a string, not {text!r}")
        try:
            return variable_by_name(self.host.graph, of, trainable, initializer, snapshot)
        except NotFound:
            if self.host.has_failed():
                raise PoisonUsed(of) from None
            raise

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

        def call(*args: Any) -> Any:
            if len(args) != len(names):
                raise InvalidType(f"this lambda takes {len(names)} arguments, not {len(args)}", self.place.span(n))
            inner = Env(env, {k: Binding(v, None) for k, v in zip(names, args)})
            return self.visit(n.body, inner)

        return call

    # -- members

    def attribute(self, n: ast.Attribute, env: Env, name: str | None) -> Any:
        return self.member(n, env, "name")

    def member(self, n: ast.Attribute, env: Env, what: str) -> Any:
        value = self.visit(n.value, env)
        word = n.attr
        if self.words.is_module(value):
            try:
                found = self.words.member(value, word)
            except GraphError as e:
                raise e.at(self.place.last(n, len(word))) from None
            if found is None and word == "newaxis" and value is self.words.tf:
                return None
            if found is None:
                raise NotFound(
                    f"unknown {what} {ast.unparse(n)!r}",
                    self.place.last(n, len(word)),
                    hint=did_you_mean(word, self.words.members(value)),
                )
            return found
        if isinstance(value, ScopeHandle):
            binding = value.handles.get(word)
            if binding is not None:
                if binding.value is POISON:
                    raise PoisonUsed(word)
                return binding.value
            if word in ("name", "reuse", "original_name_scope"):
                return getattr(value.variable_scope, word)
            raise NotFound(
                f"the scope {value.name!r} has no handle {word!r}",
                self.place.last(n, len(word)),
                hint=did_you_mean(word, value.handles),
            )
        if isinstance(value, dict):
            if word not in value:
                raise NotFound(
                    f"no {word!r} in this structure",
                    self.place.last(n, len(word)),
                    hint=did_you_mean(word, value) or f"it has {', '.join(map(str, value))}",
                )
            return value[word]
        if word in self.words.readable(value) or self.words.is_choice(value, word):
            try:
                return self.run(n, getattr, value, word)
            except InvalidType as e:
                if isinstance(e.__cause__, AttributeError):
                    e.message = f"{called(value)} has no {word!r}"
                    e.span = self.place.last(n, len(word))
                    if word.startswith(("assign", "scatter", "initial")):
                        e.hint = "only a variable has that"
                raise
        allowed = [a for a in self.words.readable(value) if hasattr(type(value), a)]
        raise NotFound(
            f"the attribute {word!r} of {called(value)} is not part of the language",
            self.place.last(n, len(word)),
            hint=self.hidden(n, env) or did_you_mean(word, sorted(allowed)),
        )

    def hidden(self, n: ast.Attribute, env: Env) -> str | None:
        """``train.X`` where a handle ``train`` stands before the module: says so."""
        if not isinstance(n.value, ast.Name) or n.value.id not in self.words.modules:
            return None
        binding = env.find(n.value.id)
        if binding is None or self.words.member(self.words.modules[n.value.id], n.attr) is None:
            return None
        at = f" of line {binding.span.line}" if binding.span is not None else ""
        return f"the handle {n.value.id!r}{at} hides the module; write tf.{n.value.id}.{n.attr}"

    def slice_(self, n: ast.Slice, env: Env, name: str | None) -> Any:
        return slice(*[None if p is None else self.visit(p, env) for p in (n.lower, n.upper, n.step)])

    def subscript(self, n: ast.Subscript, env: Env, name: str | None) -> Any:
        value, index = self.visit(n.value, env), self.visit(n.slice, env)
        words = self.words
        if isinstance(value, ScopeHandle) or words.is_module(value):
            raise InvalidType(f"{called(value)} has no elements", self.place.span(n))
        if not words.is_tensor(value) or name is None:
            return self.run(n, _item, value, index)
        if not isinstance(value, words.tensor):
            value = value.value()
        if isinstance(index, words.tensor) and index.dtype == words.tf.bool:
            return self.run(n, words.tf.boolean_mask, value, index, name=name)
        return self.run(n, named_slice, words.tf, value, index, name)

    # -- operators

    def binary(self, n: ast.BinOp, env: Env, name: str | None) -> Any:
        kind = type(n.op)
        python = python_ops.BINARY.get(kind)
        if python is None:
            raise InvalidValue(f"the operator {kind.__name__} is not part of the language", self.place.span(n))
        left, right = self.visit(n.left, env), self.visit(n.right, env)
        words = self.words
        tensor = words.is_tensor(left) or words.is_tensor(right)
        if not tensor:
            return self.run(n, lambda: python_ops.check_size(python_ops.told(kind, python, left, right)))
        if name is None:
            return self.run(n, python, left, right)
        return self.run(n, named_binary, self.words, kind, left, right, name)

    def unary(self, n: ast.UnaryOp, env: Env, name: str | None) -> Any:
        value = self.visit(n.operand, env)
        kind = type(n.op)
        tf = self.words.tf
        if not self.words.is_tensor(value):
            return self.run(n, python_ops.told, kind, _UNARY[kind], value)
        if kind in (ast.Not, ast.UAdd):
            raise InvalidType(
                "'not' and unary '+' are for Python values",
                self.place.span(n),
                hint="logical_not(x) or ~x" if kind is ast.Not else None,
            )
        if name is None:
            return self.run(n, _UNARY[kind], value)
        if kind is ast.USub:
            return self.run(n, tf.negative, value, name=name)
        named = tf.logical_not if value.dtype.base_dtype == tf.bool else tf.bitwise.invert
        return self.run(n, named, value, name=name)

    def compare(self, n: ast.Compare, env: Env, name: str | None) -> Any:
        for o in n.ops:
            if type(o) not in python_ops.COMPARE:
                raise InvalidValue("only < <= > >= == != are comparisons of the language", self.place.span(n))
        values = [self.visit(v, env) for v in (n.left, *n.comparators)]
        words = self.words
        if not any(words.is_tensor(v) for v in values):
            return self.run(
                n,
                lambda: all(python_ops.told(type(o), python_ops.COMPARE[type(o)], a, b)
                            for o, a, b in zip(n.ops, values, values[1:])),
            )
        if len(n.ops) > 1:
            raise InvalidType(
                "a chained comparison of tensors is refused", self.place.span(n), hint="(a < b) & (b < c)"
            )
        kind = type(n.ops[0])
        left, right = values
        if name is None and kind not in (ast.Eq, ast.NotEq):
            return self.run(n, python_ops.COMPARE[kind], left, right)
        function = operators.COMPARE[kind]
        if not words.is_tensor(left):  # Python reflects a < b to b > a
            function, left, right = operators.MIRROR.get(function, function), right, left
        return self.run(n, getattr(words.tf, function), left, right, name=name)

    def boolean(self, n: ast.BoolOp, env: Env, name: str | None) -> Any:
        value = None
        for v in n.values:
            value = self.visit(v, env)
            if self.words.is_tensor(value):
                raise InvalidType(
                    "'and' and 'or' are for Python values",
                    self.place.span(n),
                    hint="write logical_and, logical_or, & or |",
                )
            if self.run(n, bool, value) == isinstance(n.op, ast.Or):
                break
        return value

    # -- calls

    def call(self, n: ast.Call, env: Env, name: str | None) -> Any:
        func = n.func
        if type(func) is ast.Name:
            f = self.lookup(func, env, "function")
        elif type(func) is ast.Attribute:
            f = self.member(func, env, "function")
        else:
            f = self.visit(func, env)
        was, self.initializer = self.initializer, False
        args = [self.visit(a, env) for a in n.args]
        kwargs: dict[str, Any] = {}
        for k in n.keywords:
            if k.arg is None:
                raise InvalidValue("** in a call is not part of the language", self.place.span(k))
            kwargs[k.arg] = self.visit(k.value, env)
        self.initializer = was
        if not callable(f):
            raise InvalidType(f"{ast.unparse(func)} is not a function", self.place.span(func))
        if name is not None and self.words.takes_name(f, len(args), kwargs):
            kwargs["name"] = name
        try:
            result = self.run(n, f, *args, **kwargs)
        except (InvalidType, InvalidValue) as e:
            if isinstance(e.__cause__, (TypeError, AttributeError, LookupError)) or "argument" in e.message:
                explain_call(e, self.place, n, f, args, kwargs)
            raise
        self.host.called(f, result, self.place.span(n))
        return result


def _item(value: Any, index: Any) -> Any:
    if callable(value):
        raise InvalidType(f"{called(value)} has no elements")
    plain = isinstance(index, int) or isinstance(value, (list, tuple)) and not isinstance(index, slice)
    return python_ops.element(value, index) if plain else value[index]


_UNARY: dict[type, Callable[[Any], Any]] = {
    ast.USub: lambda v: -v,
    ast.UAdd: lambda v: +v,
    ast.Invert: lambda v: ~v,
    ast.Not: lambda v: not v,
}
_VISIT: dict[type, Callable[..., Any]] = {
    ast.Constant: Interpreter.constant,
    ast.Name: Interpreter.name_,
    ast.List: Interpreter.list_,
    ast.Tuple: Interpreter.tuple_,
    ast.Lambda: Interpreter.function,
    ast.Attribute: Interpreter.attribute,
    ast.Slice: Interpreter.slice_,
    ast.Subscript: Interpreter.subscript,
    ast.BinOp: Interpreter.binary,
    ast.UnaryOp: Interpreter.unary,
    ast.Compare: Interpreter.compare,
    ast.BoolOp: Interpreter.boolean,
    ast.Call: Interpreter.call,
}
