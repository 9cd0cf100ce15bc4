"""Variable scopes: opened, opened again, and what stands inside."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from ..errors import NotFound, did_you_mean, said
from ..source import Span
from . import params
from .declared import bind, opened
from .env import Env, Handles, ScopeHandle
from .expr import evaluate
from .fields import (
    device,
    dtype,
    field,
    given,
    handle,
    initializer,
)
from .tree import Map, Scalar

if TYPE_CHECKING:
    from .build import Builder


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
            raise item.error(f"reuse is true, false or auto, not {said(value)}")
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
        bind(b, env, path, ScopeHandle(scope, inner.handles, span, prefix), span)
    with opened(b, kind, name, span, path):
        b.block(m, inner)


def do_scope(b: Builder, m: Map, span: Span, env: Env) -> None:
    item = m.get("scope")
    assert item is not None
    name = None
    if not (isinstance(item, Scalar) and item.value is None):
        name = params.text(b, item, env, "a scope's name")
    open_scope(b, name, m, span, env)


def _scopes(handles: Handles, prefix: str = "") -> Iterator[str]:
    """The handles of scopes and of those in them, as ``scope.handle``."""
    for name, binding in handles.items():
        if isinstance(binding.value, ScopeHandle):
            yield prefix + name
            yield from _scopes(binding.value.handles, f"{prefix}{name}.")


def do_reopen(b: Builder, m: Map, span: Span, env: Env) -> None:
    item = m.get("reopen")
    assert item is not None
    text = params.text(b, item, env, "a scope's name")
    assert isinstance(item, Scalar)
    try:
        target = evaluate(b, item, env, text=None if text is item.value else text)
    except NotFound as error:
        if "." not in text:
            opened = list(_scopes({k: v for k in reversed(env.known()) if (v := env.find(k)) is not None}))
            error.message = f"there is no scope {text!r} to reopen"
            nested = next((k for k in opened if k.lower().endswith(f".{text.lower()}")), text)
            error.hint = did_you_mean(nested, opened) or (f"opened above: {', '.join(opened[:5])}" if opened
                                                          else "none was opened above")
        raise
    if not isinstance(target, ScopeHandle):
        raise item.error(f"{text!r} is not a scope", hint="reopen takes the handle of one that was opened above")
    path = None if m.get("as") is None else handle(b, m, env, None)
    with device(b, m, env), b.tf.variable_scope(target.variable_scope, **scope_fields(b, m, env)) as scope:
        inside(b, "reopen", text, scope, path, m, span, env)
