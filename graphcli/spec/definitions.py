"""Definitions: what a name stands for in each section."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from ..errors import GraphError, InvalidValue, did_you_mean, said
from ..graph.names import BadName
from ..graph.variables import NotMade
from ..source import Span
from . import params, schema
from .declared import bind, declare, tell_sharing
from .env import Env, PoisonUsed
from .fields import (
    at_argument,
    check,
    collections,
    device,
    dtype,
    field,
    fields_of,
    given,
    handle,
    initializer,
    quote_texts,
    sizes,
)
from .op_form import node
from .scopes import open_scope
from .tree import Item, Map, Scalar, Seq

if TYPE_CHECKING:
    from .build import Builder


def placeholder(b: Builder, name: str, item: Item, span: Span, env: Env) -> None:
    m = fields_of(item, f"the input {name!r}", f"{name}: {schema.EXAMPLES['inputs']}")
    check(m, schema.names(schema.INPUT_FIELDS))
    tf = b.tf
    kind, shape, default = dtype(b, m, env), sizes(b, m, env), m.get("default")
    if kind is None and default is None:
        raise InvalidValue(f"the input {name!r} has no dtype", span, hint="dtype: float32")
    spread = field(b, m, "sparse", env, False)
    if not isinstance(spread, bool):
        raise m.get("sparse").error("sparse is true or false")  # type: ignore[union-attr]
    if spread and default is not None:
        raise InvalidValue(f"the sparse input {name!r} has no default", span,
                           hint="SparseTensor(indices=..., values=..., dense_shape=...) makes a constant one")
    with device(b, m, env):
        if spread:
            value = tf.sparse_placeholder(kind, shape, name=name)
        elif default is None:
            value = tf.placeholder(kind, shape, name=name)
        else:
            try:
                start = params.expression(b, default, env)
            except GraphError as e:
                if kind == tf.string:
                    quote_texts(e, default)
                raise
            if kind is not None:
                start = _default(b, name, start, kind, default)
            try:
                value = tf.placeholder_with_default(start, shape, name=name)
            except BadName:
                raise
            except GraphError as e:
                e.span = default.span if e.span in (None, span) else e.span
                raise
    bind(b, env, handle(b, m, env, name), value, span, m)


def _default(b: Builder, name: str, value: Any, kind: Any, item: Item) -> Any:
    if b.vocabulary.is_tensor(value):
        if value.dtype.base_dtype != kind:
            raise InvalidValue(f"the default of {name!r} is {value.dtype.base_dtype.name}, not {kind.name}", item.span)
        return value
    import numpy as np

    from ..tf1.values import check_nested

    try:
        check_nested(value)
    except InvalidValue as e:
        raise e.at(item.span) from None
    try:
        with np.errstate(over="ignore"):
            made = np.array(value, kind.as_numpy_dtype)
    except (ValueError, TypeError, OverflowError):
        raise InvalidValue(f"the default of {name!r} is no {kind.name}: {said(value)}", item.span) from None
    if not _holds(made, value):
        b.changed.append((name, f"the default of {name} is {said(value)}, which as {kind.name} becomes "
                          f"{said(made.tolist())}", item.span))
    return made


def _holds(made: Any, value: Any) -> bool:
    """Whether an array has the numbers that were written, but for the rounding of fractions."""
    import numpy as np

    written = np.array(value)
    numbers = written.dtype.kind in "biufc"
    if made.dtype.kind in "iub":
        return np.array_equal(made, written) if numbers else made.dtype.kind != "b"
    return made.dtype.kind != "f" or not numbers or not (np.isinf(made) & np.isfinite(written)).any()


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
        if full in b.lost or b.unmade and isinstance(e, NotMade):
            raise PoisonUsed(full) from None
        b.lost.add(full)
        if isinstance(e, GraphError):
            at_argument(b, e, m)
            if getattr(m.get("dtype"), "text", "") == "string":
                quote_texts(e, m.get("initializer"))
            tell_sharing(b, e, full, m, env)
        raise
    path = handle(b, m, env, name)
    for part in getattr(value, "_get_variable_list", lambda: [value])():
        declare(b, part, env, path, span, "get_variable")
    bind(b, env, path, value, span, m)


def define_variable(b: Builder, name: str, item: Item, span: Span, env: Env) -> None:
    near = did_you_mean(name, schema.OWN["variables"]) if isinstance(item, Scalar) else None
    m = fields_of(item, f"the variable {name!r}", near or f"{name}: {schema.EXAMPLES['variables']}")
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
        bind(b, env, name, params.expression(b, item, env, name), span)


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
