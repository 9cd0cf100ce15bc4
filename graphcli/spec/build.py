"""A checked document to graphs: blocks walked in file order, every independent error told at once.

A statement that fails is reported and its handle is poisoned: what reads a poisoned handle fails in
silence, so that only errors with a cause of their own remain.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from ..errors import GraphError, InvalidValue
from ..source import Span
from . import params, schema, statements
from .env import POISON, Binding, Env, PoisonUsed, ScopeHandle
from .fields import check
from .files import FunctionDef
from .functions import make_function
from .messages import retold, shown
from .result import Call, Declaration, OpenedScope
from .tree import Item, Map, Scalar, Seq
from .vocabulary import Vocabulary

MAX_ERRORS = 100
MAX_STATEMENTS = 2_000_000
MAX_NODES = 2_000_000

TURN = "in the turn "

OnStatement = Callable[[str | None, Any, Span | None], None]
"""After each statement: the handle, its value, the place."""


class TooMuch(BaseException):
    """Going on makes no sense: the errors so far are all that is told."""


class Errors:
    """The errors of a spec, each once."""

    def __init__(self) -> None:
        self.list: list[GraphError] = []
        self.seen: dict[tuple[str, Span | None], GraphError] = {}

    def add(self, error: GraphError) -> None:
        for one in error.errors():
            key = (one.message, one.span)
            first = self.seen.setdefault(key, one)
            if first is one:
                self.list.append(one)
            else:
                # what goes wrong at several turns of a loop does not come from one of them
                first.notes = [n for n in first.notes if not n[0].startswith(TURN)]


class Builder:
    """One graph while it is made. It is the Host of its expressions."""

    def __init__(
        self,
        vocabulary: Vocabulary,
        graph: Any,
        functions: dict[str, FunctionDef],
        errors: Errors,
        others: Sequence[str] = (),
        on_statement: OnStatement | None = None,
        max_nodes: int = MAX_NODES,
    ) -> None:
        self.max_nodes = max_nodes
        self.vocabulary = vocabulary
        self.tf = vocabulary.tf
        self.graph = graph
        self.functions = functions
        self.errors = errors
        self.others = list(others)
        self.on_statement = on_statement
        self.params = Env(None)
        self.root = Env(self.params, prefix="", root=True)
        self.made: dict[str, Callable[..., Any]] = {}
        self.calling: list[str] = []
        self.calls: list[Call] = []
        self.turns: list[tuple[str, Any]] = []
        """The loops that are being read: each name and what it is now."""
        self.blocks: list[Map] = []
        """The blocks that are being read, the root's first."""
        self.open: list[OpenedScope] = []
        self.scopes: list[OpenedScope] = []
        self.declarations: list[Declaration] = []
        self.variables: dict[int, Declaration] = {}
        self.unbound: list[Declaration] = []
        self.back_edges: list[tuple[Any, int | None, str, Span]] = []
        self.lost: set[str] = set()
        self.lost_names: list[re.Pattern[str]] = []
        self.count = 0

    # -- what expressions ask for

    def function(self, name: str) -> Callable[..., Any] | None:
        made = self.made.get(name)
        if made is None and name in self.functions:
            made = self.made[name] = make_function(self, self.functions[name])
        return made

    def function_names(self) -> list[str]:
        return list(self.functions)

    def other_graphs(self) -> list[str]:
        return self.others

    def is_lost(self, name: str) -> bool:
        return any(pattern.fullmatch(name) for pattern in self.lost_names)

    def bound_below(self, name: str, span: Span | None) -> Span | None:
        """Where a block around a place binds a handle further below; a function does not see its caller's."""
        if span is None or self.calling:
            return None
        keys = (k for block in reversed(self.blocks) for k in _bound(block) if k.text == name)
        return next((k.span for k in keys if (k.span.line, k.span.column) > (span.line, span.column)), None)

    def has_failed(self) -> bool:
        return bool(self.errors.list)

    def called(self, f: Any, result: Any, span: Span) -> None:
        statement = getattr(f, "__name__", "")
        if statement in ("Variable", "get_variable") and f is self.vocabulary.bare(statement):
            self.unbound.append(self.declare(result, None, None, span, statement))

    # -- blocks

    def block(self, m: Map, env: Env, skip: tuple[str, ...] = ()) -> None:
        """The sections of a block, in file order."""
        seen: set[str] = set()
        self.blocks.append(m)
        for key, value in m:
            word = key.text
            if word in schema.SECTIONS and word not in skip and word not in seen:
                seen.add(word)
                self.section(word, value, env)
        self.blocks.pop()

    def section(self, section: str, item: Item, env: Env) -> None:
        if isinstance(item, Map):
            seen: set[str] = set()
            for key, value in item:
                if key.text not in seen:
                    seen.add(key.text)
                    self.definition(section, key, value, env)
        elif isinstance(item, Seq):
            for one in item.items:
                self.item(section, one, env)
        elif not (isinstance(item, Scalar) and item.value is None):
            doc = schema.SECTION_DOCS[section]
            self.errors.add(item.error(f"{section} is a mapping or a list, not {getattr(item, 'text', '')!r}",
                                       hint=doc[doc.index("name:"):]))

    def definition(self, section: str, key: Scalar, item: Item, env: Env) -> None:
        span = key.span

        def run() -> None:
            name = params.fill(self, key, env) if "${" in key.text else key.text
            statements.DEFINE[section](self, str(name), item, span, env)

        self.attempt(run, span, env, lambda: self.poison_definition(section, key, item, env))

    def item(self, section: str, item: Item, env: Env) -> None:
        """An item of a list: ``name: definition`` or a statement."""
        if isinstance(item, Scalar) and item.text == "reuse_variables":
            return self.attempt(lambda: self.tf.get_variable_scope().reuse_variables(), item.span, env)
        if not isinstance(item, Map):
            self.errors.add(schema.no_statement(section, item))
            return
        keys = item.keys()
        found = [w for w in keys if w in schema.STATEMENTS]
        # device is also a field of others
        word = next((w for w in found if w != "device"), found[0] if found else None)
        if word is not None:
            if word not in schema.OWN[section] and not schema.STATEMENTS[word].anywhere:
                self.errors.add(
                    InvalidValue(
                        f"{word} does not stand in {section}",
                        item.key(word).span,  # type: ignore[union-attr]
                        hint="it is a statement of ops" + (f" and {s}" if (s := _home(word)) else ""),
                    )
                )
                self.poison_statement(word, item, env)
                return
            self.statement(word, item, env)
            return
        if len(item.pairs) != 1:
            self.errors.add(schema.no_statement(section, item))
            for key, value in item:
                self.poison_definition(section, key, value, env)
                if isinstance(value, Scalar):
                    self.poison_name(value, env)
            return
        ((key, value),) = item.pairs
        self.definition(section, key, value, env)

    def statement(self, word: str, item: Map, env: Env) -> None:
        def run() -> None:
            # op has its own check: its keys are those of the mapping form too
            if word != "op":
                check(item, schema.STATEMENTS[word].known)
            statements.DO[word](self, item, item.span, env)

        self.attempt(run, item.span, env, lambda: self.poison_statement(word, item, env))

    def attempt(self, run: Callable[[], Any], span: Span, env: Env, poison: Callable[[], None] | None = None) -> None:
        """Runs a statement; if it fails, reports it and poisons what it would have bound."""
        self.count += 1
        if self.count > MAX_STATEMENTS:
            self.errors.add(InvalidValue(f"more than {MAX_STATEMENTS} statements", span))
            raise TooMuch
        scopes = self.graph.scopes
        old = scopes.span
        scopes.span = span
        try:
            run()
            if len(self.graph.nodes) > self.max_nodes:
                self.errors.add(InvalidValue(f"from here on the graph has more than {self.max_nodes:,} nodes", span,
                                             hint="--max-nodes allows more"))
                raise TooMuch
            return
        except (PoisonUsed, TooMuch) as e:
            if isinstance(e, TooMuch):
                raise
        except GraphError as e:
            self.report(e, span)
        except Exception as e:
            error = retold(e)
            error.__cause__ = e
            self.report(error, span)
        finally:
            scopes.span = old
            self.unbound.clear()
        if poison is not None:
            poison()

    def report(self, error: GraphError, span: Span) -> None:
        for one in error.errors():
            one.at(span)
            for call in reversed(self.calls):
                one.note(f"in the call of {call.function!r}", call.span)
            if self.turns:
                one.note(TURN + ", ".join(f"{name} = {shown(value)}" for name, value in self.turns))
        self.errors.add(error)
        # reading eagerly, nothing may run after a statement that failed
        if len(self.errors.list) >= MAX_ERRORS or self.on_statement is not None:
            raise TooMuch

    # -- poison

    def poison(self, name: str, env: Env) -> None:
        env.target.setdefault(name, Binding(POISON, None))

    def poison_definition(self, section: str, key: Scalar, item: Item, env: Env) -> None:
        if section == "collections":
            return
        alias = item.get("as") if isinstance(item, Map) and section != "ops" else None
        self.poison_name(alias if isinstance(alias, Scalar) else key, env)

    def poison_name(self, item: Scalar, env: Env) -> None:
        try:
            self.poison(str(params.fill(self, item, env)) if "${" in item.text else item.text, env)
        except (GraphError, PoisonUsed):
            # what the holes would have held is not known
            pattern = ".*".join(re.escape(part) for part in re.split(r"\$\{[^{}]*\}", item.text))
            self.lost_names.append(re.compile(pattern))

    def poison_statement(self, word: str, item: Map, env: Env) -> None:
        for key in ("as", "name" if word == "op" else word):
            named = item.get(key)
            if (
                isinstance(named, Scalar)
                and named.text
                and (key == "as" or word in ("get_variable", "Variable", "op", "scope"))
            ):
                self.poison_name(named, env)
                return
        if word not in ("scope", "reopen"):
            self.poison_block(item, env)

    def poison_block(self, item: Map, env: Env) -> None:
        """All that the sections of a block would have bound in the block around it."""
        for section in schema.SECTIONS:
            inner = item.get(section)
            if isinstance(inner, Map):
                for key, value in inner:
                    self.poison_definition(section, key, value, env)
            elif isinstance(inner, Seq):
                for one in inner.items:
                    if not isinstance(one, Map) or not one.pairs:
                        continue
                    word = next((w for w in schema.STATEMENTS if w in one.keys()), None)
                    if word is not None:
                        self.poison_statement(word, one, env)
                    else:
                        self.poison_definition(section, *one.pairs[0], env)

    def poison_unknown(self, item: Item, env: Env) -> None:
        """What stands under an unknown key may have been a section: its names are not unknown too."""
        items = [item] if isinstance(item, Map) else item.items if isinstance(item, Seq) else []
        for one in items:
            if isinstance(one, Map):
                for key, _ in one:
                    self.poison(key.text, env)

    # -- what is bound and declared

    def bind(self, env: Env, name: str | None, value: Any, span: Span) -> None:
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
                span,
                hint=f"a name in a loop holds what it runs over: {name}${{i}}" if again
                else "as: gives a statement another handle",
                notes=[("bound here first", old.span)] if old.span and not again else [],
            )
        if old is None or old.value is not POISON:
            env.target[name] = Binding(value, span)
        for declaration in self.unbound:
            if declaration.variable is value and env.prefix is not None:
                declaration.handle = env.prefix + name
        if self.on_statement is not None:
            path = name if env.prefix is None else env.prefix + name
            self.on_statement(path, value, self.graph.scopes.span)

    def declare(self, variable: Any, env: Env | None, name: str | None, span: Span, statement: str) -> Declaration:
        """Writes down that a statement yields a variable."""
        known = self.variables.get(id(variable))
        handle = env.prefix + name if env is not None and env.prefix is not None and name is not None else None
        declaration = Declaration(variable, handle, span, known is None, statement, tuple(self.open), tuple(self.calls))
        if known is None:
            self.variables[id(variable)] = declaration
        self.declarations.append(declaration)
        return declaration

    @contextmanager
    def opened(self, kind: str, name: str | None, span: Span, handle: str | None) -> Iterator[None]:
        """While a scope is open."""
        current = self.tf.get_variable_scope()
        scope = OpenedScope(
            kind,
            name,
            str(current.name or ""),
            self.graph.scopes.name,
            getattr(current, "reuse", None),
            span,
            handle,
        )
        self.scopes.append(scope)
        self.open.append(scope)
        try:
            yield
        finally:
            self.open.pop()

    def tell_sharing(self, error: GraphError, full: str, m: Map, env: Env) -> None:
        """Adds to a get_variable's error where the variable was made, and the edit that mends it."""
        first = next((d for d in self.declarations if d.created and _op_name(d.variable) == full), None)
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
        scope = self.tf.get_variable_scope()
        if not getattr(scope, "reuse", False):
            error.hint = "reuse: auto on the scope, or - reuse_variables before it, shares the one that is there"
        elif m.get("dtype") is not None and "dtype" in error.message:
            error.hint = f"dtype: {v.dtype.base_dtype.name}, or leave dtype out"
        elif m.get("shape") is not None and "shape" in error.message:
            sizes = v.shape.as_list()
            error.hint = f"shape: {sizes}, or leave shape out".replace("None", "null")


def _op_name(variable: Any) -> str:
    return str(variable.name).removesuffix(":0")


def _home(word: str) -> str:
    return " and ".join(s for s, own in schema.OWN.items() if word in own and s != "ops")


def _bound(block: Map) -> Iterator[Scalar]:
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
