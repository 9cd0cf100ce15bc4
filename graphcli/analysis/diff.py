"""What differs between two graphs: nodes added, removed, renamed and changed, and the variables and their sharing."""
from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from ..graph.dump import attr_text
from ..graph.graph import Node, Tensor
from ..graph.shapes import show
from ..record import Record, field
from .matching import Matching
from .sharing import Built, VariableFacts, variables

SHARING = "statements that share it"


class Change(Record):
    """One thing that differs. what: op, attr, inputs, control inputs, device, dtype, shape, …; old, new: as text."""

    what: str
    old: str
    new: str


class Pair(Record):
    """A node of each graph that are the same one, and what differs between them; ``renamed`` if their names do."""

    old: Node
    new: Node
    changes: tuple[Change, ...] = ()

    @property
    def renamed(self) -> bool:
        return self.old.name != self.new.name

    @property
    def follows(self) -> bool:
        """Whether only what it yields differs, which follows from a change elsewhere."""
        return all(c.what.startswith(("shape", "dtype")) for c in self.changes)


class VariableChange(Record):
    """What differs of a variable; ``old`` or ``new`` is None where it is only in one graph."""

    old: VariableFacts | None
    new: VariableFacts | None
    changes: tuple[Change, ...] = ()

    @property
    def name(self) -> str:
        found = self.new or self.old
        assert found is not None
        return found.name


class Difference(Record, frozen=False):
    """added: nodes of the second graph. removed: of the first. renamed, changed: pairs; one that is both is in both.

    scopes: (old, new) names of scopes that were renamed. functions: name -> 'added', 'removed' or 'changed'.
    """

    added: list[Node] = field(factory=list)
    removed: list[Node] = field(factory=list)
    renamed: list[Pair] = field(factory=list)
    changed: list[Pair] = field(factory=list)
    variables: list[VariableChange] = field(factory=list)
    scopes: list[tuple[str, str]] = field(factory=list)
    functions: dict[str, str] = field(factory=dict)

    @property
    def same(self) -> bool:
        """Whether the graphs are; how many statements of a spec yield a variable is not of the graph."""
        return not (self.added or self.removed or self.renamed or self.changed or self.functions
                    or any(not v.changes or any(c.what != SHARING for c in v.changes) for v in self.variables))


def diff(first: Built, second: Built) -> Difference:
    """What differs between two graphs. Nodes of one name and type are one; others are matched by their structure.

    Collections are compared only as far as they tell which variables are trained, for a GraphDef has none.
    """
    matching = Matching(first.graph, second.graph)
    out = Difference(matching.only_second(), matching.only_first(), scopes=matching.prefixes)
    for old in first.graph:
        new = matching.pairs.get(old)
        if new is None:
            continue
        changes = tuple(_changes(old, new, matching))
        if old.name != new.name:
            out.renamed.append(Pair(old, new, changes))
        if changes:
            out.changed.append(Pair(old, new, changes))
    out.variables = list(_variables(first, second, matching))
    out.functions = _functions(first.graph, second.graph)
    return out


def _changes(old: Node, new: Node, matching: Matching) -> Iterator[Change]:
    if old.type != new.type:
        yield Change("op", old.type, new.type)
    for key in sorted({*old.attrs, *new.attrs}):
        if key not in new.attrs or key not in old.attrs:
            there = [attr_text(n.attrs[key]) if key in n.attrs else "" for n in (old, new)]
            yield Change(f"attr {key}", *there)
            continue
        a, b = old.attrs[key], new.attrs[key]
        if attr_text(a) != attr_text(b) and not _same_name(a, b, matching):
            yield Change(f"attr {key}", attr_text(a), attr_text(b))
    if not _same_inputs(old, new, matching):
        yield Change("inputs", ", ".join(t.input_name for t in old.inputs), ", ".join(t.input_name for t in new.inputs))
    before = {matching.pairs.get(c, c) for c in old.control_inputs}
    if before != set(new.control_inputs):
        yield Change("control inputs", ", ".join(c.name for c in old.control_inputs),
                     ", ".join(c.name for c in new.control_inputs))
    if old.device != new.device:
        yield Change("device", old.device, new.device)
    if len(old.outputs) != len(new.outputs):
        yield Change("outputs", str(len(old.outputs)), str(len(new.outputs)))
    for s, t in zip(old.outputs, new.outputs):
        number = f" of output {s.value_index}" if len(old.outputs) > 1 else ""
        if s.dtype is not t.dtype:
            yield Change(f"dtype{number}", s.dtype.name, t.dtype.name)
        if s.static != t.static:
            yield Change(f"shape{number}", show(s.static), show(t.static))


def _same_name(a: Any, b: Any, matching: Matching) -> bool:
    """Whether two attrs name the same thing under its old and its new name (``_class``, ``frame_name``)."""
    if isinstance(a, list) and isinstance(b, list):
        return len(a) == len(b) and all(x == y or _same_name(x, y, matching) for x, y in zip(a, b))
    if not isinstance(a, str) or not isinstance(b, str):
        return False
    head = "loc:@" if a.startswith("loc:@") and b.startswith("loc:@") else ""
    return b[len(head):] in matching.renamed(a[len(head):])


def _same_inputs(old: Node, new: Node, matching: Matching) -> bool:
    return len(old.inputs) == len(new.inputs) and all(
        _image(s, matching) is t for s, t in zip(old.inputs, new.inputs))


def _image(tensor: Tensor, matching: Matching) -> Tensor | None:
    node = matching.pairs.get(tensor.op)
    return node.outputs[tensor.value_index] if node and tensor.value_index < len(node.outputs) else None


# -- variables

def _variables(first: Built, second: Built, matching: Matching) -> Iterator[VariableChange]:
    old, new = ({v.node: v for v in variables(b)} for b in (first, second))
    sure = not (getattr(first, "guessed", False) or getattr(second, "guessed", False))
    spans = bool(first.declarations) and bool(second.declarations)
    for node, facts in old.items():
        other = new.get(matching.pairs.get(node))  # type: ignore[arg-type]
        if other is None:
            yield VariableChange(facts, None)
            continue
        changes = tuple(_variable_changes(facts, other, matching, sure, spans))
        if changes:
            yield VariableChange(facts, other, changes)
    for node, facts in new.items():
        if matching.back.get(node) not in old:
            yield VariableChange(None, facts)


def _variable_changes(a: VariableFacts, b: VariableFacts, matching: Matching, sure: bool, spans: bool
                      ) -> Iterator[Change]:
    if a.name != b.name:
        yield Change("name", a.name, b.name)
    if a.dtype is not b.dtype:
        yield Change("dtype", a.dtype.name, b.dtype.name)
    if a.shape != b.shape:
        yield Change("shape", show(a.shape), show(b.shape))
    if sure and a.trainable != b.trainable:
        yield Change("trainable", str(a.trainable).lower(), str(b.trainable).lower())
    # one that is made op by op has no statement of its own, and shares as little as one that has
    if spans and max(len(a.uses), 1) != max(len(b.uses), 1):
        yield Change(SHARING, str(len(a.uses)), str(len(b.uses)))
    for what, before, after in (("read by", a.read_by, b.read_by), ("written by", a.written_by, b.written_by)):
        images = {matching.pairs.get(n, n) for n in before}
        if images != set(after):
            gone = [n.name for n in before if matching.pairs.get(n, n) not in set(after)]
            come = [n.name for n in after if n not in images]
            yield Change(what, ", ".join(gone), ", ".join(come))


def _functions(first: Any, second: Any) -> dict[str, str]:
    out: dict[str, str] = {}
    for name in sorted({*first.functions, *second.functions}):
        a, b = first.functions.get(name), second.functions.get(name)
        if a is None or b is None:
            out[name] = "removed" if b is None else "added"
        elif a != b:
            out[name] = "changed"
    return out
