"""Functions of a spec as Python callables: the block runs where it is called, under the caller's scopes."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from ..errors import GraphError, InvalidType, InvalidValue, did_you_mean
from . import params, schema
from .env import Binding, Env, PoisonUsed
from .files import FunctionDef
from .poison import poison_unknown
from .result import Call
from .told import CALL
from .tree import Item, Map, Scalar, Seq

if TYPE_CHECKING:
    from .build import Builder


def inputs_of(definition: FunctionDef) -> list[tuple[str, Item | None]]:
    """The inputs of a function with their defaults. Raises InvalidValue for what is no list of them."""
    item = definition.body.get("inputs")
    if item is None or isinstance(item, Scalar) and item.value is None:
        return []
    if not isinstance(item, Seq):
        raise item.error("the inputs of a function are a list of names", hint="inputs: [x, y: 1.0]")
    out: list[tuple[str, Item | None]] = []
    for one in item.items:
        if isinstance(one, Scalar):
            out.append((one.text, None))
        elif isinstance(one, Map) and len(one.pairs) == 1:
            out.append((one.pairs[0][0].text, one.pairs[0][1]))
        else:
            raise one.error("an input of a function is a name, or name: default")
        if not out[-1][0].isidentifier():
            raise one.error(f"{out[-1][0]!r} is no name for an input, which has letters, digits and _")
        if out[-1][0] in [name for name, _ in out[:-1]]:
            raise one.error(f"the input {out[-1][0]!r} stands twice")
    return out


def check_function(definition: FunctionDef) -> list[GraphError]:
    """What is wrong with a function before it is called."""
    errors = schema.unknown_keys(definition.body, schema.FUNCTION_KEYS)
    try:
        inputs_of(definition)
    except GraphError as e:
        errors.append(e)
    return errors


def make_function(b: Builder, definition: FunctionDef) -> Callable[..., Any]:
    """The function, as expressions and ``cond`` or ``while_loop`` call it."""
    name = definition.name.text

    def call(*args: Any, **kwargs: Any) -> Any:
        if name in b.calling:
            chain = " -> ".join([*b.calling[b.calling.index(name) :], name])
            via = f" ({chain})" if len(b.calling) > 1 and b.calling[-1] != name else ""
            raise InvalidValue(
                f"the function {name!r} calls itself{via}: recursion is refused",
                b.graph.scopes.span,
                notes=[("defined here", definition.name.span)],
            )
        strange = [item for key, item in definition.body if key.text not in schema.FUNCTION_KEYS]
        if strange and not {"inputs", "returns"} <= set(definition.body.keys()):
            # told already; what it takes and returns is not known
            raise PoisonUsed(name)
        bound = bind_inputs(b, definition, args, kwargs)
        inner = Env(Env(b.root, bound))
        for item in strange:
            poison_unknown(b, item, inner)
        b.calling.append(name)
        b.calls.append(Call(name, b.graph.scopes.span))
        around, b.graph.scopes.around = b.graph.scopes.around, b.around()
        try:
            b.block(definition.body, inner, skip=("inputs",))
            returns = definition.body.get("returns")
            return None if returns is None else params.expression(b, returns, inner)
        except GraphError as e:
            # what the block's own statements raise is reported there, with all calls around it
            e.note(f"{CALL}{name!r}", b.calls[-1].span)
            raise
        finally:
            b.calling.pop()
            b.calls.pop()
            b.graph.scopes.around = around

    call.__name__ = name
    call.is_spec_function = True  # type: ignore[attr-defined]
    return call


def bind_inputs(
    b: Builder, definition: FunctionDef, args: tuple[Any, ...], kwargs: dict[str, Any]
) -> dict[str, Binding]:
    """Inputs by name, as Python binds arguments."""
    name = definition.name.text
    inputs = inputs_of(definition)
    names = [key for key, _ in inputs]
    defined, takes = ("defined here", definition.name.span), f"{name}({', '.join(names)})"
    if len(args) > len(names):
        raise InvalidType(
            f"{name}() takes {len(names)} input{'s' * (len(names) != 1)}, not {len(args)}",
            notes=[defined],
            hint=takes,
        )
    bound = {key: Binding(value, definition.name.span, dict(b.given)) for key, value in zip(names, args)}
    for key, value in kwargs.items():
        if key not in names:
            raise InvalidType(f"{name}() has no input {key!r}", notes=[defined],
                              hint=did_you_mean(key, names) or takes)
        if key in bound:
            raise InvalidType(f"{name}() got two values for {key!r}", notes=[defined])
        bound[key] = Binding(value, definition.name.span, dict(b.given))
    for key, default in inputs:
        if key not in bound:
            if default is None:
                raise InvalidType(f"{name}() misses the input {key!r}", notes=[defined], hint=takes)
            bound[key] = Binding(params.expression(b, default, Env(b.root)), default.span)
    return bound
