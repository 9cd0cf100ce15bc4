"""The fields of a statement, each read as its kind says: expression, literal, dtype, device, initializer."""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from typing import TYPE_CHECKING, Any

from ..errors import GraphError, GraphErrors, InvalidType, NotFound, did_you_mean, said
from . import params, schema
from .env import Env, PoisonUsed, ScopeHandle
from .messages import retold
from .tree import Item, Map, Scalar, Seq

if TYPE_CHECKING:
    from .build import Builder


def fields_of(item: Item, what: str, hint: str | None = None) -> Map:
    """The fields of a statement; nothing at all is none. ``hint``: how they are written."""
    if isinstance(item, Map):
        return item
    if isinstance(item, Scalar) and item.value is None:
        return Map(item.source, item.start, item.end)
    given = repr(item.text) if isinstance(item, Scalar) else "a list"
    raise item.error(f"{what} is a mapping of fields, not {given}", hint=hint)


def check(item: Map, known: tuple[str, ...]) -> None:
    """Raises for all the keys that are not known."""
    errors = schema.unknown_keys(item, known)
    if len(errors) == 1:
        raise errors[0]
    if errors:
        raise GraphErrors(errors)


def field(b: Builder, m: Map, key: str, env: Env, default: Any = None) -> Any:
    item = m.get(key)
    return default if item is None else params.expression(b, item, env)


def at_argument(b: Builder, error: GraphError, m: Map) -> None:
    """Places an error of a call at the field that is at fault, if it has no better place than the statement."""
    key = error.argument
    if key is None or error.span not in (None, b.graph.scopes.span):
        return
    item = m.get(key) if key != "initial_value" else m.get("initial_value") or m.get("initializer")
    if item is not None:
        error.span = item.span


def quote_texts(error: GraphError, item: Item | None) -> None:
    """Tells of a text in a value of strings that stands there as an expression how it is written."""
    for one in item.items if isinstance(item, Seq) else [item]:
        if isinstance(one, Seq):
            quote_texts(error, one)
        elif isinstance(one, Scalar):
            for each in error.errors():
                at = each.span
                unread = isinstance(each, NotFound) or each.message.startswith("not an expression")
                if unread and at is not None and one.start <= at.start <= one.end:
                    each.hint = f"a text has quotes of its own: \"'{one.text}'\""


def sizes(b: Builder, m: Map, env: Env) -> Any:
    """The field ``shape``. What is no size is told where it stands, and a scope with the param that it hides."""
    value = field(b, m, "shape", env)
    item = m.get("shape")
    if isinstance(value, dict) or b.vocabulary.is_tensor(value):
        what = "a mapping" if isinstance(value, dict) else f"the tensor {value.name}, which the run makes"
        raise InvalidType(f"a shape is a list of sizes, not {what}", item.span)  # type: ignore[union-attr]
    for at, size in enumerate(value if isinstance(value, (list, tuple)) else ()):
        span = item.items[at].span if isinstance(item, Seq) else item.span  # type: ignore[union-attr]
        if isinstance(size, ScopeHandle):
            name = size.name.rpartition("/")[2]
            hides = f"the scope {name} hides the param {name}: another name for one of them"
            raise InvalidType(f"a size in a shape is a whole number or null, not the scope {size.name!r}", span,
                              hint=hides if name in b.params.handles else None)
        try:
            b.tf.TensorShape([size])
        except GraphError as e:
            raise e.at(span) from None
    return value


def collections(b: Builder, m: Map, env: Env) -> Any:
    """The field ``collections``."""
    value = literal(b, m, "collections", env)
    if value is not None and not isinstance(value, list):
        raise m.get("collections").error(  # type: ignore[union-attr]
            f"collections is a list of names, not {said(value)}", hint=f"collections: [{value}]")
    return value


def literal(b: Builder, m: Map, key: str, env: Env, default: Any = None) -> Any:
    item = m.get(key)
    return default if item is None else params.literal(b, item, env)


def dtype(b: Builder, m: Map, env: Env) -> Any:
    item = m.get("dtype")
    if item is None:
        return None
    value = params.literal(b, item, env)
    if value is None:
        return None
    tf = b.tf
    try:
        return tf.as_dtype(value)
    except (GraphError, TypeError, ValueError, KeyError):
        names = [d for d in dir(tf.dtypes) if isinstance(getattr(tf.dtypes, d, None), tf.DType)]
        hint = "did you mean 'int32'?" if value == "int" else did_you_mean(value, names)
        raise InvalidType(f"unknown dtype {value!r}", item.span, hint=hint) from None


def initializer(b: Builder, m: Map, key: str, env: Env) -> Any:
    """``initializer: zeros``: a bare name is enough; those that TensorFlow has as functions are called."""
    item = m.get(key)
    if item is None:
        return None
    value = params.expression(b, item, env, initializer=key == "initializer")
    if key == "initializer" and inspect.isfunction(value) and isinstance(item, Scalar):
        word = str(params.fill(b, item, env)).strip().rpartition(".")[2]
        if word.isidentifier() and value is getattr(b.tf.initializers, word, None):
            return value()  # type: ignore[misc]
        if word.isidentifier() and not getattr(value, "is_spec_function", False) and not _takes_dtype(value):
            known = [n for n in dir(b.tf.initializers) if not n.startswith("_")]
            raise InvalidType(f"{word} is no initializer: it makes nothing of a shape and a dtype", item.span,
                              hint=did_you_mean(word, known) or "zeros, random_normal and glorot_uniform are some")
    return value


def _takes_dtype(function: Any) -> bool:
    """Whether a function can be called as ``get_variable`` calls an initializer."""
    parameters = inspect.signature(function).parameters
    return "dtype" in parameters or any(p.kind is p.VAR_KEYWORD for p in parameters.values())


def handle(b: Builder, m: Map, env: Env, default: str | None) -> str | None:
    """The handle that a statement binds. Raises InvalidValue for one that no reference could reach."""
    item = m.get("as")
    if item is None:
        return default
    name = params.text(b, item, env, "as")
    reaching = next((c for c in ".[]" if c in name), None)
    if reaching is not None or not name:
        law = f"a handle has no {reaching!r} in it, which reaches into {'a scope' if reaching == '.' else 'a list'}"
        raise item.error(f"nothing could reach the handle {name!r}: {law if name else 'it is empty'}",
                         hint=f"as: {re.sub(r'[^0-9A-Za-z_]+', '_', name).strip('_') or 'NAME'}")
    return name


def device(b: Builder, m: Map, env: Env) -> AbstractContextManager[Any]:
    item = m.get("device")
    return nullcontext() if item is None else open_device(b, item, env)


def open_device(b: Builder, item: Item, env: Env) -> AbstractContextManager[Any]:
    return Placed(b, item, lambda: b.tf.device(params.literal(b, item, env)))


class Placed:
    """A context of ``tf`` whose own refusal to open is told at the item that asks for it."""

    def __init__(self, b: Builder, item: Item, make: Callable[[], Any]) -> None:
        self.b, self.item, self.make = b, item, make

    def __enter__(self) -> Any:
        try:
            self.context = self.make()
            return self.context.__enter__()
        except GraphError as e:
            raise e.at(self.item.span) from None
        except PoisonUsed:
            raise
        except Exception as e:
            raise retold(e).at(self.item.span) from e

    def __exit__(self, *exc: Any) -> Any:
        return self.context.__exit__(*exc)


def given(**values: Any) -> dict[str, Any]:
    return {k: v for k, v in values.items() if v is not None}
