"""What is shared with what: every variable with the statements that yield it and the ops that read it.

Works on what a spec recorded while it was built (its ``declarations`` and ``scopes``, see
``spec.result``); a graph from elsewhere has none, and its variables are listed all the same.
"""
from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Protocol

from ..errors import NotFound, nearest
from ..graph.collections import GraphKeys
from ..graph.graph import Graph, Node, Tensor
from ..graph.shapes import Static
from ..graph.types import DType
from ..graph.variables import held
from ..record import Record, field
from ..source import Span
from .auxiliary import SAVER, auxiliary
from .counts import VARIABLES


class Built(Protocol):
    """What sharing has to know of a graph and its spec."""

    graph: Any
    handles: Any
    declarations: list[Any]
    scopes: list[Any]

    def flat_handles(self) -> dict[str, Any]: ...


READ_BY_HANDLE = frozenset("ResourceGather ResourceGatherNd VariableShape Identity DisableCopyOnRead PartitionedCall "
                           "StatefulPartitionedCall If While StatelessIf StatelessWhile".split())
"""Ops that take a variable's handle and, as far as the graph tells, read it."""


PASS_ON = frozenset("RefSwitch RefMerge RefEnter RefExit RefNextIteration RefIdentity RefSelect".split())
"""Ops that hand a reference on: who takes it from them reads the variable, or writes it."""


class Use(Record):
    """A statement that yields a variable, and the calls of functions that it was made in."""

    span: Span | None
    handle: str | None
    created: bool
    statement: str
    calls: tuple[Any, ...] = ()
    scopes: tuple[Any, ...] = ()

    @property
    def line(self) -> int | None:
        return self.span.line if self.span else None


class VariableFacts(Record, frozen=False):
    """One variable. ``uses[0]`` made it, the others share it."""

    node: Node
    name: str
    shape: Static
    dtype: DType
    trainable: bool
    uses: list[Use] = field(factory=list)
    read_by: list[Node] = field(factory=list)
    written_by: list[Node] = field(factory=list)
    other_handles: list[str] = field(factory=list)
    aside: Mapping[Node, str] = field(factory=dict)
    """What of the graph is there for another's sake, as ``auxiliary`` has it."""

    @property
    def scope(self) -> str:
        return self.name.rpartition("/")[0]

    @property
    def shared_by(self) -> int:
        """How many statements yield it. Where none is known, as of a graph file: in how many scopes ops of the user's
        read it, or how many of one type do; a regularizer of its own left out."""
        if self.uses:
            return len(self.uses)
        read = [n for n in self.read_by if n not in self.aside and n.origin is None
                and not n.name.startswith(f"{self.name}/")]
        return max(len({n.name.rpartition("/")[0] for n in read}), *Counter(n.type for n in read).values(), 0)

    @property
    def shared(self) -> bool:
        return self.shared_by > 1 and not self.auxiliary

    @property
    def sharing(self) -> str:
        """``shared by 2`` statements, or, where none is known, ``used 2 times``: a graph file does not tell a
        variable that was asked for again from one that a loop's turns or a layer's steps use."""
        return f"shared by {self.shared_by}" if self.uses else f"used {self.shared_by} times"

    @property
    def defined_at(self) -> int | None:
        if self.uses:
            return self.uses[0].line
        return self.node.span.line if self.node.span else None

    @property
    def handles(self) -> list[str]:
        return list(dict.fromkeys([*(u.handle for u in self.uses if u.handle), *self.other_handles]))

    @property
    def auxiliary(self) -> bool:
        """Whether an optimizer or average made it, not the user."""
        return self.node in self.aside and not self.uses

    @property
    def own_readers(self) -> list[Node]:
        """The user's own ops that read it, else those of training, else all that do."""
        return ([n for n in self.read_by if n not in self.aside]
                or [n for n in self.read_by if self.aside[n] != SAVER] or self.read_by)


def variables(built: Built) -> list[VariableFacts]:
    """Every variable of the graph, in the order in which they were made."""
    graph: Graph = built.graph
    trainable = {node_of(v) for v in graph.get_collection(GraphKeys.TRAINABLE_VARIABLES)}
    found: dict[Node, VariableFacts] = {}
    aside = auxiliary(graph)
    for node in graph:
        if node.type in VARIABLES:
            read, written = users(node)
            dtype, shape = held(node)
            found[node] = VariableFacts(node, node.name, shape, dtype, node in trainable, [], read, written,
                                        aside=aside)
    for d in built.declarations:
        facts = found.get(node_of(d.variable))  # type: ignore[arg-type]
        if facts is not None:
            facts.uses.append(Use(d.span, d.handle, d.created, d.statement, tuple(d.calls), tuple(d.scopes)))
    for path, value in built.flat_handles().items():
        if getattr(value, "initializer", None) is not None or getattr(value, "op", None) in found:
            facts = found.get(node_of(value))  # type: ignore[arg-type]
            if facts is not None and path not in facts.handles:
                facts.other_handles.append(path)
    return list(found.values())


def node_of(variable: Any) -> Node | None:
    """The node that holds a variable's value."""
    op = getattr(variable, "op", None)
    if op is None and isinstance(variable, Node):
        op = variable
    return op


def users(node: Node) -> tuple[list[Node], list[Node]]:
    """(ops that read a variable, ops that write it), its own read and first assignment left out."""
    read: dict[Node, None] = {}
    written: dict[Node, None] = {}
    own = f"{node.name}/Assign"
    passed = [node.outputs[0]]
    for tensor in passed:
        for user in tensor.consumers():
            if user.type == "Identity" and user.name == f"{node.name}/read" or user.type == "ReadVariableOp":
                read.update(dict.fromkeys(user.outputs[0].consumers()))
            elif user.name == own or user.type in ("IsVariableInitialized", "VarIsInitializedOp"):
                continue
            elif user.type in PASS_ON:
                passed += [t for t in user.outputs if t.dtype.is_ref and t not in passed]
            elif user.outputs and user.outputs[0].dtype.is_ref and user.inputs[0] is tensor \
                    or node.type == "VarHandleOp" and user.type not in READ_BY_HANDLE and not _of_another(user, tensor):
                written[user] = None
                # who takes what was written reads the variable
                passed += [t for t in user.outputs if t.dtype.is_ref and t not in passed]
            else:
                read[user] = None
    return list(read), list(written)


def _of_another(user: Node, handle: Tensor) -> bool:
    """Whether an op updates another variable, with what this one holds for it."""
    return user.type.startswith("Resource") and user.inputs[0] is not handle


def used_in(built: Built, name: str) -> dict[str, VariableFacts]:
    """The variables that a scope uses, by name; of a variable's own name or handle, that one.

    ``name`` is the handle of a scope, the name of a variable scope, or the name scope of ops.
    Counted are the variables that its statements yield and those that its ops read.
    Raises NotFound with the nearest scopes.
    """
    every = variables(built)
    handle = _scope_handle(built, name)
    one = next((v for v in every if name == v.name or name in v.handles), None) if handle is None else None
    if one is not None:
        return {one.name: one}
    openings = [s for s in built.scopes if handle is None and name in (s.variable_scope, s.name_scope.rstrip("/"))]
    if handle is not None:
        openings = [s for s in built.scopes if s.span == handle.span and s.variable_scope == handle.name]
    prefixes = {s.name_scope.rstrip("/") for s in openings if s.name_scope}
    out: dict[str, VariableFacts] = {}
    graph_has = False
    if handle is None:
        prefixes.add(name)
        graph_has = any(n.startswith(name + "/") for n in built.graph.nodes)
    for facts in every:
        declared = any(s in openings for use in facts.uses for s in use.scopes)
        by_name = handle is None and facts.name.startswith(name + "/")
        reads = any(_inside(reader, prefixes) and reader.type != "Assign" for reader in facts.read_by)
        if declared or by_name or reads:
            out[facts.name] = facts
    if not out and handle is None and not openings and not graph_has:
        known = dict.fromkeys([*_scope_paths(built.handles), *(s.variable_scope for s in built.scopes),
                               *(s.name_scope.rstrip("/") for s in built.scopes)])
        scopes = [k for k in known if k]
        raise NotFound(f"there is no scope {name!r}", hint=near_part(name, scopes) or _some(scopes))
    return out


def near_part(name: str, known: Iterable[str]) -> str | None:
    """A known name that is near, or one of which the last part is."""
    names = list(known)
    last = {re.split(r"[/.]", n)[-1]: n for n in reversed(names)}
    found = nearest(name, names) or last.get(nearest(name, last) or "")
    return f"did you mean {found!r}?" if found else None


def _some(scopes: Sequence[str], most: int = 6) -> str:
    if not scopes:
        return "the graph has no scopes"
    more = f" and {len(scopes) - most} more" if len(scopes) > most else ""
    return f"there {'is' if len(scopes) == 1 else 'are'} {', '.join(scopes[:most])}{more}"


def _inside(node: Node, prefixes: Iterable[str]) -> bool:
    return any(node.name.startswith(p + "/") for p in prefixes)


def _scope_handle(built: Built, path: str) -> Any:
    value: Any = None
    handles = built.handles
    for word in path.split("."):
        binding = handles.get(word) if isinstance(handles, dict) else None
        if binding is None:
            return None
        value = binding.value
        handles = getattr(value, "handles", None)
    return value if handles is not None else None


def _scope_paths(handles: Any, prefix: str = "") -> list[str]:
    out: list[str] = []
    for name, binding in handles.items():
        inner = getattr(binding.value, "handles", None)
        if inner is not None:
            out += [prefix + name, *_scope_paths(inner, f"{prefix}{name}.")]
    return out


def is_auto(reuse: Any) -> bool:
    return reuse is not True and "auto" in str(reuse).lower()
