"""A checked document to graphs: blocks walked in file order, every independent error told at once.

A statement that fails is reported and its handle is poisoned: what reads a poisoned handle fails in
silence, so that only errors with a cause of their own remain.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

from ..errors import GraphError, InvalidValue
from ..graph.names import BadName
from ..source import Around, Span
from . import params, schema
from .declared import bound_in, declare
from .definitions import DEFINE
from .env import Env, PoisonUsed
from .fields import check
from .files import FunctionDef
from .functions import make_function
from .given import Given, tell_given
from .messages import retold, shown
from .result import Call, Changed, Declaration, OpenedScope
from .statements import DO
from .told import CALL, TURN, Errors
from .tree import Item, Map, Scalar, Seq
from .vocabulary import Vocabulary

MAX_ERRORS = 100
MAX_STATEMENTS = 2_000_000
MAX_NODES = 2_000_000

OnStatement = Callable[[str | None, Any, Span | None], None]
"""After each statement: the handle, its value, the place."""


class TooMuch(BaseException):
    """Going on makes no sense: the errors so far are all that is told."""


class Builder:
    """One graph while it is made. It is the Host of its expressions."""

    def __init__(
        self,
        vocabulary: Vocabulary,
        graph: Any,
        functions: dict[str, FunctionDef],
        errors: Errors,
        others: Mapping[str, Item] | None = None,
        on_statement: OnStatement | None = None,
        max_nodes: int = MAX_NODES,
    ) -> None:
        self.max_nodes = max_nodes
        self.vocabulary, self.tf = vocabulary, vocabulary.tf
        self.graph = graph
        self.functions = functions
        self.errors = errors
        self.others = others or {}
        """The other graphs of the file, as they are written."""
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
        self.changed: list[Changed] = []
        self.back_edges: list[tuple[Any, int | None, str, Span]] = []
        self.given: dict[str, Given] = {}
        self.lost: set[str] = set()
        self.unmade = False
        self.uncollected = False
        """Whether a statement has failed that may have been meant to make variables, or to collect something."""
        self.lost_names: list[tuple[list[str], re.Pattern[str]]] = []
        """Handles that could not be bound and whose names are not known, with the calls in which they stood."""
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
        return list(self.others)

    def bound_elsewhere(self, name: str) -> str | None:
        """The other graph of the file that binds a handle in its root block."""
        return next((graph for graph, body in self.others.items()
                     if isinstance(body, Map) and any(k.text == name for k in bound_in(body))), None)

    def is_lost(self, name: str) -> bool:
        # what a function binds is its own; what the root block binds all functions see
        return any(pattern.fullmatch(name) for calling, pattern in self.lost_names if calling in ([], self.calling))

    def bound_below(self, name: str, span: Span | None) -> Span | None:
        """Where a block around a place binds a handle further below; a function does not see its caller's."""
        if span is None or self.calling:
            return None
        keys = (k for block in reversed(self.blocks) for k in bound_in(block) if k.text == name)
        return next((k.span for k in keys if (k.span.line, k.span.column) > (span.line, span.column)), None)

    def has_failed(self) -> bool:
        return bool(self.errors.list)

    def lacks_collected(self) -> bool:
        return self.uncollected

    def called(self, f: Any, result: Any, span: Span) -> None:
        statement = getattr(f, "__name__", "")
        if statement in ("Variable", "get_variable") and f is self.vocabulary.bare(statement):
            self.unbound.append(declare(self, result, None, None, span, statement))

    # -- blocks

    def block(self, m: Map, env: Env, skip: tuple[str, ...] = ()) -> None:
        """The sections of a block, in file order."""
        seen: set[str] = set()
        self.blocks.append(m)
        for key, value in m:
            word = key.text
            if word not in schema.SECTIONS or word in skip:
                continue
            if word in seen:
                # refused when the file was read
                _poison().poison_section(self, word, value, env)
            else:
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
            equals = re.match(r"(\w+)\s*=\s*([^=\s].*)", getattr(item, "text", ""))
            self.errors.add(item.error(f"{section} is a mapping or a list, not {getattr(item, 'text', '')!r}",
                                       hint=f"{equals[1]}: {equals[2]}" if equals else doc[doc.index("name:"):]))

    def definition(self, section: str, key: Scalar, item: Item, env: Env) -> None:
        span = key.span

        def run() -> None:
            name = str(params.fill(self, key, env) if "${" in key.text else key.text)
            if not name:
                raise InvalidValue("a name is empty", span)
            try:
                DEFINE[section](self, name, item, span, env)
            except BadName as e:
                raise _at_name(e, name, key) from None

        self.attempt(run, span, env, lambda: _poison().poison_definition(self, section, key, item, env))

    def item(self, section: str, item: Item, env: Env) -> None:
        """An item of a list: ``name: definition`` or a statement."""
        if isinstance(item, Scalar) and item.text == "reuse_variables":
            return self.attempt(lambda: self.tf.get_variable_scope().reuse_variables(), item.span, env)
        if not isinstance(item, Map):
            self.errors.add(schema.no_statement(section, item))
            if isinstance(item, Scalar) and item.text.isidentifier() and section != "collections":
                _poison().poison_name(self, item, env)
            return
        keys = item.keys()
        found = [w for w in keys if w in schema.STATEMENTS]
        # device is also a field of others
        word = next((w for w in found if w != "device"), found[0] if found else None)
        if word == "device" and keys[0] not in schema.STATEMENTS[word].known:
            # a field that stands beside its definition
            key, value = item.pairs[0]
            self.errors.add(schema.field_beside(key, value))
            _poison().poison_definition(self, section, key, value, env)
            return
        if word is not None:
            if word not in schema.OWN[section] and not schema.STATEMENTS[word].anywhere:
                self.errors.add(
                    InvalidValue(
                        f"{word} does not stand in {section}",
                        item.key(word).span,  # type: ignore[union-attr]
                        hint="it is a statement of ops" + (f" and {s}" if (s := _home(word)) else ""),
                    )
                )
                _poison().poison_statement(self, word, item, env)
                return
            self.statement(word, item, env)
            return
        if len(item.pairs) != 1:
            self.errors.add(schema.no_statement(section, item))
            for key, value in item:
                _poison().poison_definition(self, section, key, value, env)
                if isinstance(value, Scalar):
                    _poison().poison_name(self, value, env)
            _poison().poison_block(self, item, env)
            return
        ((key, value),) = item.pairs
        self.definition(section, key, value, env)

    def statement(self, word: str, item: Map, env: Env) -> None:
        def run() -> None:
            # op has its own check: its keys are those of the mapping form too
            if word != "op":
                check(item, schema.STATEMENTS[word].known)
            try:
                DO[word](self, item, item.span, env)
            except BadName as e:
                given = item.get("name" if word == "op" else word)
                raise _at_name(e, getattr(given, "text", ""), given) from None

        self.attempt(run, item.span, env, lambda: _poison().poison_statement(self, word, item, env))

    def counted(self, span: Span) -> None:
        """Counts a statement, or a turn of a loop, which may be empty."""
        self.count += 1
        if self.count > MAX_STATEMENTS:
            self.errors.add(InvalidValue(f"more than {MAX_STATEMENTS:,} statements", span))
            raise TooMuch

    def attempt(self, run: Callable[[], Any], span: Span, env: Env, poison: Callable[[], None] | None = None) -> None:
        """Runs a statement; if it fails, reports it and poisons what it would have bound."""
        self.counted(span)
        scopes = self.graph.scopes
        old, given = scopes.span, self.given
        scopes.span, self.given = span, {}
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
            scopes.span, self.given = old, given
            self.unbound.clear()
        if poison is not None:
            poison()

    def around(self) -> Around:
        """The calls and the turns of loops that are being read, as notes of what goes wrong there."""
        calls = tuple((f"{CALL}{call.function!r}", call.span) for call in reversed(self.calls))
        if not self.turns:
            return calls
        return (*calls, (TURN + ", ".join(f"{name} = {shown(value)}" for name, value in self.turns), None))

    def report(self, error: GraphError, span: Span) -> None:
        for one in error.errors():
            one.at(span)
            if one.span is not None and one.span.around:
                one.span = one.span.within(())
            for text, place in self.around():
                one.note(text, place)
        self.errors.add(tell_given(error, self.given))
        # reading eagerly, nothing may run after a statement that failed
        if len(self.errors.list) >= MAX_ERRORS or self.on_statement is not None:
            raise TooMuch


def _at_name(error: BadName, text: str, item: Item | None) -> BadName:
    """The refusal of a name, told where the name stands if it is this one."""
    if item is not None and text and error.name.endswith(text):
        error.span = item.span
    return error


def _home(word: str) -> str:
    return " and ".join(s for s, own in schema.OWN.items() if word in own and s != "ops")


def _poison() -> Any:
    """Loaded where something has failed."""
    from . import poison

    return poison
