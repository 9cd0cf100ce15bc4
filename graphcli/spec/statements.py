"""Each statement of a list as its call of ``tf``: variables, the op form, name scopes, loops and the like.

A statement is a function of the build, its item, the span that stands for it and the names known
there. What it cannot do it raises; the build reports that and goes on.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from ..errors import GraphError, InvalidType, InvalidValue, said
from ..source import Span
from . import params
from .declared import bind, declare, opened
from .definitions import get_variable
from .env import Env
from .expr import evaluate
from .fields import (
    Placed,
    at_argument,
    collections,
    device,
    dtype,
    field,
    given,
    handle,
    initializer,
    open_device,
)
from .op_form import node
from .python_ops import MAX_ITEMS
from .scopes import do_reopen, do_scope
from .tree import Item, Map, Scalar

if TYPE_CHECKING:
    from .build import Builder


def do_get_variable(b: Builder, m: Map, span: Span, env: Env) -> None:
    get_variable(b, params.text(b, m.get("get_variable"), env, "a variable's name"), m, span, env)  # type: ignore[arg-type]


def do_variable(b: Builder, m: Map, span: Span, env: Env) -> None:
    name = params.text(b, m.get("Variable"), env, "a variable's name")  # type: ignore[arg-type]
    if m.get("initial_value") is None:
        raise InvalidValue(
            "Variable needs initial_value",
            span,
            hint="get_variable: is the statement that takes a shape" if m.get("shape") else None,
        )
    fields = given(
        trainable=field(b, m, "trainable", env),
        dtype=dtype(b, m, env),
        collections=collections(b, m, env),
        constraint=initializer(b, m, "constraint", env),
        use_resource=field(b, m, "use_resource", env),
    )
    with device(b, m, env):
        try:
            value = b.tf.Variable(field(b, m, "initial_value", env), name=name, **fields)
        except GraphError as e:
            at_argument(b, e, m)
            raise
    path = handle(b, m, env, name)
    declare(b, value, env, path, span, "Variable")
    bind(b, env, path, value, span, m)


def do_op(b: Builder, m: Map, span: Span, env: Env) -> None:
    item = m.get("name")
    node(b, None if item is None else params.text(b, item, env, "name"), m, span, env)


def do_name_scope(b: Builder, m: Map, span: Span, env: Env) -> None:
    item = m.get("name_scope")
    assert isinstance(item, Item)
    name = params.literal(b, item, env)
    if name is not None and not isinstance(name, str):
        raise item.error(f"a name scope is a string, not {said(name)}")
    with device(b, m, env), b.tf.name_scope(name), opened(b, "name_scope", name, span, None):
        b.block(m, env)


def do_device(b: Builder, m: Map, span: Span, env: Env) -> None:
    item = m.get("device")
    assert item is not None
    with open_device(b, item, env):
        b.block(m, env)


def do_control_dependencies(b: Builder, m: Map, span: Span, env: Env) -> None:
    item = m.get("control_dependencies")
    assert item is not None
    value = params.expression(b, item, env)
    if value is not None and not isinstance(value, (list, tuple)):
        raise item.error("control_dependencies takes a list", hint="control_dependencies: [A]")
    with device(b, m, env), Placed(b, item, lambda: b.tf.control_dependencies(value)):
        b.block(m, env)


def do_colocate_with(b: Builder, m: Map, span: Span, env: Env) -> None:
    item = m.get("colocate_with")
    assert item is not None
    value = params.expression(b, item, env)
    if isinstance(value, (list, tuple, dict)):
        several = "a mapping" if isinstance(value, dict) else "a list"
        raise item.error(f"colocate_with takes one tensor, variable or op, not {several}", hint="colocate_with: w")
    with device(b, m, env), Placed(b, item, lambda: b.tf.colocate_with(value)):
        b.block(m, env)


def do_add_to_collection(b: Builder, m: Map, span: Span, env: Env) -> None:
    item = m.get("add_to_collection")
    assert item is not None
    if m.get("value") is None:
        raise InvalidValue("add_to_collection needs value", span, hint="value: EXPRESSION beside it")
    b.tf.add_to_collection(params.text(b, item, env, "a collection's name"), field(b, m, "value", env))


def do_for(b: Builder, m: Map, span: Span, env: Env) -> None:
    item = m.get("for")
    if not isinstance(item, Map) or len(item.pairs) != 1:
        raise item.error("for is one name and what it runs over", hint="for: {i: range(3)}")  # type: ignore[union-attr]
    ((key, source),) = item.pairs
    if not key.text.isidentifier():
        raise key.error(f"{key.text!r} is no name for what a loop runs over", hint="for: {i: range(3)}")
    values = params.literal(b, source, env)
    if isinstance(values, str):
        assert isinstance(source, Scalar)
        values = evaluate(b, source, env, text=None if values is source.value else values, plain=True)
    if isinstance(values, dict):
        values = list(values)
    if not isinstance(values, (list, tuple)):
        raise InvalidType(f"for runs over a list, not {said(values)}", source.span, hint="range(n) counts from 0")
    if len(values) > MAX_ITEMS:
        raise source.error(f"for runs over {len(values)} elements; the limit is {MAX_ITEMS}")
    around = b.graph.scopes.around
    for value in values:
        b.counted(span)
        b.turns.append((key.text, value))
        b.graph.scopes.around = b.around()
        try:
            b.block(m, env.loop(key.text, value, key.span, dict(b.given)))
        finally:
            b.turns.pop()
            b.graph.scopes.around = around


def do_assert(b: Builder, m: Map, span: Span, env: Env) -> None:
    item = m.get("assert")
    assert item is not None
    message = m.get("message")
    if message is not None and not isinstance(message, Scalar):
        raise message.error(f"message is a text, not a {message.kind}")
    test = params.literal(b, item, env)
    if test is None:
        raise InvalidValue("assert needs a condition", span, hint="assert: n > 0")
    if isinstance(test, str):
        assert isinstance(item, Scalar)
        test = evaluate(b, item, env, text=None if test is item.value else test, plain=True)
    if b.vocabulary.is_tensor(test):
        raise item.error(
            "assert checks params when the graph is built; this is a tensor",
            hint="Assert(condition, data) checks when it runs",
        )
    if not test:
        shown = item.text if isinstance(item, Scalar) else "a list"
        raise InvalidValue(
            str(params.literal(b, message, env)) if message is not None else f"assertion failed: {shown}",
            span,
        )


def do_reuse_variables(b: Builder, m: Map, span: Span, env: Env) -> None:
    raise InvalidValue("reuse_variables stands alone", span, hint="- reuse_variables")


DO: dict[str, Callable[[Builder, Map, Span, Env], None]] = {
    "get_variable": do_get_variable,
    "Variable": do_variable,
    "op": do_op,
    "scope": do_scope,
    "reopen": do_reopen,
    "reuse_variables": do_reuse_variables,
    "name_scope": do_name_scope,
    "device": do_device,
    "control_dependencies": do_control_dependencies,
    "colocate_with": do_colocate_with,
    "add_to_collection": do_add_to_collection,
    "for": do_for,
    "assert": do_assert,
}
