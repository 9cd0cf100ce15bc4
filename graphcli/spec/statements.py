"""Each statement as its call of ``tf``: placeholders, variables, the op form, scopes and the like.

A statement is a function of the build, its item, the span that stands for it and the names known
there. What it cannot do it raises; the build reports that and goes on.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from ..errors import GraphError, InvalidValue, NotFound, did_you_mean
from ..source import Span
from . import params, schema
from .env import Env, PoisonUsed, ScopeHandle
from .expr import evaluate
from .fields import (
    Placed,
    check,
    collections,
    device,
    dtype,
    field,
    fields_of,
    given,
    handle,
    initializer,
    open_device,
    sizes,
)
from .op_form import node
from .python_ops import MAX_ITEMS
from .tree import Item, Map, Scalar, Seq

if TYPE_CHECKING:
    from .build import Builder

# -- definitions


def placeholder(b: Builder, name: str, item: Item, span: Span, env: Env) -> None:
    m = fields_of(item, f"the input {name!r}", f"{name}: {schema.EXAMPLES['inputs']}")
    check(m, schema.names(schema.INPUT_FIELDS))
    tf = b.tf
    kind, shape, default = dtype(b, m, env), sizes(b, m, env), m.get("default")
    if kind is None and default is None:
        raise InvalidValue(f"the input {name!r} has no dtype", span, hint="dtype: float32")
    with device(b, m, env):
        if default is None:
            value = tf.placeholder(kind, shape, name=name)
        else:
            start = params.expression(b, default, env)
            if kind is not None:
                start = _default(b, name, start, kind, default)
            value = tf.placeholder_with_default(start, shape, name=name)
    b.bind(env, handle(b, m, env, name), value, span)


def _default(b: Builder, name: str, value: Any, kind: Any, item: Item) -> Any:
    if b.vocabulary.is_tensor(value):
        if value.dtype.base_dtype != kind:
            raise InvalidValue(f"the default of {name!r} is {value.dtype.base_dtype.name}, not {kind.name}", item.span)
        return value
    import numpy as np

    try:
        return np.array(value, kind.as_numpy_dtype)
    except (ValueError, TypeError, OverflowError) as e:
        raise InvalidValue(f"the default of {name!r} is no {kind.name}: {e}", item.span) from None


def get_variable(b: Builder, name: str, m: Map, span: Span, env: Env) -> None:
    tf = b.tf
    full = tf.get_variable_scope().name
    full = f"{full}/{name}" if full else name
    try:
        fields = given(
            shape=sizes(b, m, env),
            dtype=dtype(b, m, env),
            initializer=initializer(b, m, "initializer", env),
            regularizer=initializer(b, m, "regularizer", env),
            constraint=initializer(b, m, "constraint", env),
            trainable=field(b, m, "trainable", env),
            collections=collections(b, m, env),
            partitioner=field(b, m, "partitioner", env),
            use_resource=field(b, m, "use_resource", env),
        )
        with device(b, m, env):
            value = tf.get_variable(name, **fields)
    except PoisonUsed:
        b.lost.add(full)
        raise
    except Exception as e:
        if full in b.lost:
            raise PoisonUsed(full) from None
        b.lost.add(full)
        if isinstance(e, GraphError):
            b.tell_sharing(e, full, m, env)
        raise
    path = handle(b, m, env, name)
    for part in getattr(value, "_get_variable_list", lambda: [value])():
        b.declare(part, env, path, span, "get_variable")
    b.bind(env, path, value, span)


def define_variable(b: Builder, name: str, item: Item, span: Span, env: Env) -> None:
    m = fields_of(item, f"the variable {name!r}", f"{name}: {schema.EXAMPLES['variables']}")
    check(m, schema.names(schema.VARIABLE_FIELDS))
    get_variable(b, name, m, span, env)


def define_op(b: Builder, name: str, item: Item, span: Span, env: Env) -> None:
    if isinstance(item, Map) and item.get("op") is not None:
        with b.graph.scopes.placed(item.span):
            try:
                node(b, name, item, span, env)
            except GraphError as e:
                # the key stands for fields that begin below it
                raise e.at(span if item.span.line != span.line else item.span) from None
    else:
        b.bind(env, name, params.expression(b, item, env, name), span)


def define_scope(b: Builder, name: str, item: Item, span: Span, env: Env) -> None:
    m = fields_of(item, f"the scope {name!r}", f"{name}: {schema.EXAMPLES['scopes']}")
    check(m, schema.names(schema.SCOPE_FIELDS) + schema.SECTIONS)
    open_scope(b, name, m, span, env)


def define_collection(b: Builder, name: str, item: Item, span: Span, env: Env) -> None:
    if not isinstance(item, Seq):
        raise item.error("a collection is a list of expressions", hint=f"{name}: [...]")
    for value in item.items:
        b.tf.add_to_collection(name, params.expression(b, value, env))


DEFINE: dict[str, Callable[[Builder, str, Item, Span, Env], None]] = {
    "inputs": placeholder,
    "variables": define_variable,
    "ops": define_op,
    "scopes": define_scope,
    "collections": define_collection,
}


# -- statements


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
        value = b.tf.Variable(field(b, m, "initial_value", env), name=name, **fields)
    path = handle(b, m, env, name)
    b.declare(value, env, path, span, "Variable")
    b.bind(env, path, value, span)


def do_op(b: Builder, m: Map, span: Span, env: Env) -> None:
    item = m.get("name")
    node(b, None if item is None else params.text(b, item, env, "name"), m, span, env)


def scope_fields(b: Builder, m: Map, env: Env) -> dict[str, Any]:
    fields = given(
        initializer=initializer(b, m, "initializer", env),
        regularizer=initializer(b, m, "regularizer", env),
        constraint=initializer(b, m, "constraint", env),
        dtype=dtype(b, m, env),
        partitioner=field(b, m, "partitioner", env),
        use_resource=field(b, m, "use_resource", env),
        auxiliary_name_scope=field(b, m, "auxiliary_name_scope", env),
    )
    item = m.get("reuse")
    if item is not None:
        value = params.literal(b, item, env)
        if (
            value not in (True, False, None, "auto", "AUTO_REUSE")
            or isinstance(value, (int, float))
            and not isinstance(value, bool)
        ):
            raise item.error(f"reuse is true, false or auto, not {value!r}")
        if value is not None:
            fields["reuse"] = b.tf.AUTO_REUSE if isinstance(value, str) else value
    return fields


def open_scope(b: Builder, name: str | None, m: Map, span: Span, env: Env) -> None:
    item = m.get("default_name")
    default = None if item is None else params.text(b, item, env, "default_name")
    path = handle(b, m, env, name)
    with (
        device(b, m, env),
        b.tf.variable_scope(name, default_name=default, **scope_fields(b, m, env)) as scope,
    ):
        inside(b, "scope", name or default, scope, path, m, span, env)


def inside(b: Builder, kind: str, name: str | None, scope: Any, path: str | None, m: Map, span: Span, env: Env) -> None:
    """The block of a variable scope that is open now."""
    prefix = None if env.prefix is None or path is None else f"{env.prefix}{path}."
    inner = Env(env, prefix=prefix)
    if path is not None:
        b.bind(env, path, ScopeHandle(scope, inner.handles, span, prefix), span)
    with b.opened(kind, name, span, path):
        b.block(m, inner)


def do_scope(b: Builder, m: Map, span: Span, env: Env) -> None:
    item = m.get("scope")
    assert item is not None
    name = None
    if not (isinstance(item, Scalar) and item.value is None):
        name = params.text(b, item, env, "a scope's name")
    open_scope(b, name, m, span, env)


def do_reopen(b: Builder, m: Map, span: Span, env: Env) -> None:
    item = m.get("reopen")
    assert item is not None
    text = params.text(b, item, env, "a scope's name")
    assert isinstance(item, Scalar)
    try:
        target = evaluate(b, item, env, text=None if text is item.value else text)
    except NotFound as error:
        opened = [k for k in env.known() if isinstance(getattr(env.find(k), "value", None), ScopeHandle)]
        if "." not in text:
            error.message = f"there is no scope {text!r} to reopen"
            error.hint = did_you_mean(text, opened) or (f"opened above: {', '.join(opened[:5])}" if opened
                                                        else "none was opened above")
        raise
    if not isinstance(target, ScopeHandle):
        raise item.error(f"{text!r} is not a scope", hint="reopen takes the handle of one that was opened above")
    path = None if m.get("as") is None else handle(b, m, env, None)
    with device(b, m, env), b.tf.variable_scope(target.variable_scope, **scope_fields(b, m, env)) as scope:
        inside(b, "reopen", text, scope, path, m, span, env)


def do_name_scope(b: Builder, m: Map, span: Span, env: Env) -> None:
    item = m.get("name_scope")
    assert isinstance(item, Item)
    name = params.literal(b, item, env)
    if name is not None and not isinstance(name, str):
        raise item.error(f"a name scope is a string, not {name!r}")
    with device(b, m, env), b.tf.name_scope(name), b.opened("name_scope", name, span, None):
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
    values = params.literal(b, source, env)
    if isinstance(values, str):
        assert isinstance(source, Scalar)
        values = evaluate(b, source, env, text=None if values is source.value else values, plain=True)
    if isinstance(values, dict):
        values = list(values)
    if not isinstance(values, (list, tuple)):
        raise source.error(f"for runs over a list, not {values!r}", hint="range(n) counts from 0")
    if len(values) > MAX_ITEMS:
        raise source.error(f"for runs over {len(values)} elements; the limit is {MAX_ITEMS}")
    for value in values:
        b.turns.append((key.text, value))
        try:
            b.block(m, env.loop(key.text, value, key.span))
        finally:
            b.turns.pop()


def do_assert(b: Builder, m: Map, span: Span, env: Env) -> None:
    item = m.get("assert")
    assert item is not None
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
        message = m.get("message")
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
