"""What a name in an expression means: of the spec, of the graph, of TensorFlow or of Python."""

from __future__ import annotations

import ast
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Protocol

from ..errors import GraphError, InvalidType, InvalidValue, NotFound, did_you_mean, said
from ..source import Span
from . import python_ops
from .env import POISON, Binding, Env, Later, PoisonUsed, ScopeHandle
from .messages import OTHER_WORDS, called, suggest
from .schema import SECTIONS
from .vocabulary import SEARCH, Vocabulary

if TYPE_CHECKING:
    from .expr import Interpreter
    from .given import Given


COLLECTED = frozenset("get_collection get_collection_ref trainable_variables global_variables all_variables "
                      "local_variables model_variables moving_average_variables get_losses get_regularization_losses "
                      "get_total_loss get_regularization_loss merge_all".split())
"""Functions that give what other statements collected."""


class Host(Protocol):
    """What an expression asks of the build around it."""

    vocabulary: Vocabulary
    graph: Any
    given: dict[str, Given]
    """The values from outside the spec that the statement has read."""

    def function(self, name: str) -> Callable[..., Any] | None:
        """The function of the spec, as one of Python."""

    def function_names(self) -> list[str]: ...

    def other_graphs(self) -> list[str]: ...

    def bound_elsewhere(self, name: str) -> str | None:
        """The other graph of the file that binds this name."""

    def is_lost(self, name: str) -> bool:
        """Whether a statement that failed may have been meant to bind this name."""

    def bound_below(self, name: str, span: Span | None) -> Span | None:
        """Where a statement below this place binds the name."""

    def has_failed(self) -> bool:
        """Whether some statement before has failed."""

    def lacks_collected(self) -> bool:
        """Whether one has failed that may have been meant to collect something."""

    def called(self, f: Any, result: Any, span: Span) -> None:
        """After each call."""


def lookup(i: Interpreter, n: ast.Name, env: Env, what: str) -> Any:
    """What a bare name means. what: in words, for the error of one that nothing has."""
    word = n.id
    binding = env.find(word)
    if binding is not None:
        if binding.value is POISON:
            raise PoisonUsed(word)
        if binding.given:
            i.host.given.update(binding.given)
        return binding.value
    if i.plain:
        if word in python_ops.PYTHON_NAMES:
            return python_ops.PYTHON_NAMES[word]
        raise _no_param(i, n, env, what)
    function = i.host.function(word)
    if function is not None:
        return function
    if i.initializer and i.words.initializers is not None:
        found = getattr(i.words.initializers, word, None) if word[0] != "_" else None
        if found is not None:
            return found
    if word in ("tensor", "operation"):
        return _by_name(i, word)
    if word == "variable":
        return _variable(i)
    if word == "later":
        return Later
    if word == "newaxis":
        return None
    try:
        found = i.words.bare(word)
    except GraphError as e:
        raise e.at(i.place.span(n)) from None
    if found is None:
        found = python_ops.PYTHON_NAMES.get(word) or python_ops.OF_HANDLES.get(word)
    if found is None:
        raise _nothing(i, n, env, what)
    return found


def _no_param(i: Interpreter, n: ast.Name, env: Env, what: str) -> Exception:
    """The error of a name where only params are known."""
    word = n.id
    if i.host.is_lost(word):
        return PoisonUsed(word)
    return NotFound(
        f"unknown {what} {word!r}: only params and {', '.join(python_ops.PYTHON_NAMES)} are known here",
        i.place.span(n),
        hint=suggest(word, env.known() + list(python_ops.PYTHON_NAMES)),
    )


def _nothing(i: Interpreter, n: ast.Name, env: Env, what: str) -> Exception:
    """The error of a name that nothing has, with where something of that name is."""
    word, span = n.id, i.place.span(n)
    if word in i.host.other_graphs():
        return InvalidValue(f"{word} is another graph: its tensors are not elements of this graph", span)
    if i.host.is_lost(word):
        return PoisonUsed(word)
    below = i.host.bound_below(word, span)
    if below is not None:
        return NotFound(f"unknown {what} {word!r}", span,
                        hint=f"it is bound below, at line {below.line}, and a spec is read from top to bottom")
    graph = i.host.bound_elsewhere(word)
    if graph is not None:
        return InvalidValue(f"{word} is of the graph {graph!r}: its tensors are not elements of this graph", span)
    known = [k for k in env.known() if k.isidentifier()] + i.host.function_names() + i.words.names
    elsewhere = i.words.elsewhere(word) if what == "function" else None
    return NotFound(f"unknown {what} {word!r}", span,
                    hint=_in_section(word, env) or _in_scopes(word, env) or elsewhere or suggest(word, known, what))


def _in_section(word: str, env: Env) -> str | None:
    """How a section is written that stands among statements, where it binds a structure of its name."""
    for section in SECTIONS:
        binding = env.find(section)
        if binding is not None and isinstance(binding.value, dict) and word in binding.value:
            line = f" at line {binding.span.line}" if binding.span is not None else ""
            return (f"{section}:{line} is an item of a list, and so a value named {section}; a section of the block "
                    "stands beside ops:" + (f", or write - get_variable: {word}" if section == "variables" else ""))
    return None


def _in_scopes(word: str, env: Env) -> str | None:
    """How handles of this name are reached that were made in scopes which are closed now."""
    found: list[str] = []

    def look(path: str, binding: Binding | None, deep: int) -> None:
        inner = binding.value.handles if binding is not None and isinstance(binding.value, ScopeHandle) else {}
        if word in inner and not isinstance(inner[word].value, ScopeHandle):
            found.append(f"{path}.{word}")
        for name in inner if deep else ():
            look(f"{path}.{name}", inner[name], deep - 1)

    for name in env.known():
        if name.isidentifier():
            look(name, env.find(name), 2)
    if not found:
        return None
    return f"a handle of a scope is reached through it: {' or '.join(found[:3])}"


def _by_name(i: Interpreter, word: str) -> Callable[[str], Any]:
    graph = i.host.graph

    def get(name: str) -> Any:
        if not isinstance(name, str):
            raise InvalidType(f"a graph name is a string, not {said(name)}")
        if name.partition(":")[0] not in graph.nodes and i.host.has_failed():
            # what is missing may be what a failed statement did not make
            raise PoisonUsed(name)
        if word == "operation":
            return graph.get_operation_by_name(name)
        return graph.get_tensor_by_name(name if ":" in name else name + ":0")

    return get


def _variable(i: Interpreter) -> Callable[..., Any]:
    def variable(of: str, trainable: bool = True, initializer: str | None = None, snapshot: str | None = None) -> Any:
        """The variable of a node."""
        from ..tf1.opened import variable_by_name

        for text in (of, initializer or "", snapshot or ""):
            if not isinstance(text, str):
                raise InvalidType(f"a graph name is a string, not {said(text)}")
        try:
            return variable_by_name(i.host.graph, of, trainable, initializer, snapshot)
        except NotFound:
            if i.host.has_failed():
                raise PoisonUsed(of) from None
            raise

    return variable


_RUNS = dict.fromkeys(("run", "eval"), "a spec only makes the graph: graphcli run GRAPH --fetch NAME computes")


def member(i: Interpreter, n: ast.Attribute, env: Env, what: str) -> Any:
    value = i.visit(n.value, env)
    word = n.attr
    if i.words.is_module(value):
        try:
            found = i.words.member(value, word)
        except GraphError as e:
            raise e.at(i.place.last(n, len(word))) from None
        if found is None and word == "newaxis" and value is i.words.tf:
            return None
        if found is None:
            raise NotFound(
                f"unknown {what} {ast.unparse(n)!r}",
                i.place.last(n, len(word)),
                hint=suggest(word, list(i.words.members(value))),
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
        has = [k for k in value.handles if k.isidentifier()]
        raise NotFound(
            f"the scope {value.name!r} has no handle {word!r}",
            i.place.last(n, len(word)),
            hint=did_you_mean(word, has) or (f"it has {', '.join(has[:5])}" if has else "nothing in it has one"),
            notes=[("opened here", value.span)] if value.span else [],
        )
    if isinstance(value, dict):
        if word not in value:
            raise NotFound(
                f"no {word!r} in this structure",
                i.place.last(n, len(word)),
                hint=did_you_mean(word, value) or f"it has {', '.join(map(str, value))}",
            )
        return value[word]
    if word in i.words.readable(value) or i.words.is_choice(value, word):
        try:
            return i.run(n, getattr, value, word)
        except InvalidType as e:
            if isinstance(e.__cause__, AttributeError):
                e.message = f"{called(value)} has no {word!r}"
                e.span = i.place.last(n, len(word))
                if word.startswith(("assign", "scatter", "initial")):
                    e.hint = "only a variable has that"
            raise
    allowed = [a for a in i.words.readable(value) if hasattr(type(value), a)]
    raise NotFound(
        f"the attribute {word!r} of {called(value)} is not part of the language",
        i.place.last(n, len(word)),
        hint=_hidden(i, n, env) or _RUNS.get(word) or _as_function(i, n, value) or did_you_mean(word, sorted(allowed)),
    )


def _as_function(i: Interpreter, n: ast.Attribute, value: Any) -> str | None:
    """``x.sum()`` of a tensor is ``reduce_sum(x)`` here."""
    if not i.words.is_tensor(value):
        return None
    word = OTHER_WORDS.get(n.attr, n.attr)
    try:
        found = i.words.bare(word)
    except GraphError:
        return None
    if not callable(found):
        return None
    return f"write {word}({ast.unparse(n.value)}{'' if n.attr == 'T' else ', ...'})"


def _hidden(i: Interpreter, n: ast.Attribute, env: Env) -> str | None:
    """``train.X`` where a handle ``train`` stands before the module: says so."""
    if not isinstance(n.value, ast.Name) or n.value.id not in i.words.modules:
        return None
    binding = env.find(n.value.id)
    if binding is None or i.words.member(i.words.modules[n.value.id], n.attr) is None:
        return None
    at = f" of line {binding.span.line}" if binding.span is not None else ""
    return f"the handle {n.value.id!r}{at} hides the module; write tf.{n.value.id}.{n.attr}"


def hidden_function(i: Interpreter, func: ast.expr, env: Env) -> str | None:
    """``relu(x)`` where a handle ``relu`` stands before the function: says so."""
    binding = env.find(func.id) if isinstance(func, ast.Name) else None
    if binding is None or not isinstance(func, ast.Name):
        return None
    where = next((m for m in ("tf", *SEARCH) if callable(getattr(i.words.modules.get(m), func.id, None))), None)
    if where is None:
        return None
    at = f" of line {binding.span.line}" if binding.span is not None else ""
    path = func.id if where == "tf" else f"{where}.{func.id}"
    return f"the handle {func.id!r}{at} hides the function; write tf.{path}"
