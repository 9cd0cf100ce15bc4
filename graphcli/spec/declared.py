"""What the statements of a spec bind to handles, and which of them declare variables and open scopes."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from ..errors import GraphError, InvalidValue
from ..source import Span
from .env import NOTHING, POISON, Binding, Env, ScopeHandle
from .result import Declaration, OpenedScope
from .tree import Map, Scalar, Seq

if TYPE_CHECKING:
    from .build import Builder


def bind(b: Builder, env: Env, name: str | None, value: Any, span: Span, m: Map | None = None) -> None:
    """Gives a value its handle. m: the statement's fields, of which ``as`` may be what names it."""
    if name is None:
        return
    old = env.target.get(name)
    both_scopes = old is not None and isinstance(old.value, ScopeHandle) and isinstance(value, ScopeHandle)
    if old is not None and old.value is not POISON and not both_scopes:
        again = old.span is not None and old.span == span
        apart = old.span is not None and old.span.line != span.line
        lines = f": lines {old.span.line} and {span.line}" if apart and old.span else ""
        raise InvalidValue(
            f"the handle {name!r} is bound {'again at the next turn' if again else 'twice in this block'}{lines}",
            span if m is None or (given := m.get("as")) is None else given.span,
            hint=f"a name in a loop holds what it runs over: {name}${{i}}" if again
            else "as: gives a statement another handle",
            notes=[("bound here first", old.span)] if old.span and not again else [],
        )
    if old is None or old.value is not POISON:
        env.target[name] = Binding(value, span, NOTHING if b.vocabulary.is_tensor(value) else dict(b.given))
    for declaration in b.unbound:
        if declaration.variable is value and env.prefix is not None:
            declaration.handle = env.prefix + name
    # what stands in the body of a loop or in a branch runs with the whole of it
    if b.on_statement is not None and b.graph.scopes.flow is None:
        path = name if env.prefix is None else env.prefix + name
        b.on_statement(path, value, b.graph.scopes.span)


def declare(b: Builder, variable: Any, env: Env | None, name: str | None, span: Span, statement: str) -> Declaration:
    """Writes down that a statement yields a variable."""
    known = b.variables.get(id(variable))
    handle = env.prefix + name if env is not None and env.prefix is not None and name is not None else None
    declaration = Declaration(variable, handle, span, known is None, statement, tuple(b.open), tuple(b.calls))
    if known is None:
        b.variables[id(variable)] = declaration
    b.declarations.append(declaration)
    return declaration


@contextmanager
def opened(b: Builder, kind: str, name: str | None, span: Span, handle: str | None) -> Iterator[None]:
    """While a scope is open."""
    current = b.tf.get_variable_scope()
    scope = OpenedScope(
        kind,
        name,
        str(current.name or ""),
        b.graph.scopes.name,
        getattr(current, "reuse", None),
        span,
        handle,
    )
    b.scopes.append(scope)
    b.open.append(scope)
    try:
        yield
    finally:
        b.open.pop()


def tell_sharing(b: Builder, error: GraphError, full: str, m: Map, env: Env) -> None:
    """Adds to a get_variable's error where the variable was made, and the edit that mends it."""
    first = next((d for d in b.declarations if d.created and _op_name(d.variable) == full), None)
    if first is None:
        return
    v = first.variable
    made = f"{full} was made here"
    try:
        made += f": {v.dtype.base_dtype.name} {v.shape}"
    except AttributeError:
        pass
    if not any(span == first.span for _, span in error.notes):
        error.note(made, first.span)
    scope = b.tf.get_variable_scope()
    if not getattr(scope, "reuse", False):
        error.hint = "reuse: auto on the scope, or - reuse_variables before it, shares the one that is there"
    elif m.get("dtype") is not None and "dtype" in error.message:
        error.hint = f"dtype: {v.dtype.base_dtype.name}, or leave dtype out"
    elif m.get("shape") is not None and "shape" in error.message:
        sizes = v.shape.as_list()
        error.hint = f"shape: {sizes}, or leave shape out".replace("None", "null")


def _op_name(variable: Any) -> str:
    return str(variable.name).removesuffix(":0")


def bound_in(block: Map) -> Iterator[Scalar]:
    """The names that the sections of a block bind in so many words."""
    for section, body in block:
        if section.text not in ("inputs", "variables", "ops"):
            continue
        for item in (body.items if isinstance(body, Seq) else [body]):
            for key, value in (item if isinstance(item, Map) else ()):
                as_ = value.get("as") if isinstance(value, Map) else None
                if isinstance(value, Scalar) and key.text in ("as", "get_variable", "Variable"):
                    yield value
                else:
                    yield as_ if isinstance(as_, Scalar) else key
