"""Which nodes share a box: scopes that stay closed, and series (layer_1, layer_2, …) that are folded.

Scopes are opened from the outside in while there is room, all that are alike together, so that what
looks alike in the graph looks alike in the picture. Where even the outermost level has too many
boxes, it is folded harder: by the words of the names, then by op type.
"""
from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from ...analysis.flow_order import flow_places
from ...analysis.series import Stem, first_word, range_of, stems
from ...graph.graph import Node
from ...record import Record, field

LIMIT = 60
"""Boxes that a picture has at most, unless it is asked for more."""
SERIES = 5
"""Members that make a series (TensorBoard's number)."""
DEEPEST = 40
"""Frames within frames, at most."""
HARDEST = 4
"""How hard scopes and nodes are folded at most."""
FULL = 4
"""The part of the boxes up to which a picture is so empty that closed scopes are opened all the same."""


class Scope:
    """A name scope: the nodes and scopes right inside, how many nodes there are below, and where data meets the first
    of them."""

    __slots__ = ("path", "word", "depth", "scopes", "nodes", "total", "alike", "at")

    def __init__(self, path: str, word: str, depth: int) -> None:
        self.path = path
        self.word = word
        self.depth = depth
        self.scopes: dict[str, Scope] = {}
        self.nodes: list[Node] = []
        self.total = 0
        self.alike = 0
        self.at = -1

    def every(self) -> Iterable[Node]:
        """All nodes below."""
        stack = [self]
        while stack:
            scope = stack.pop()
            yield from scope.nodes
            stack += reversed(scope.scopes.values())


class Unit(Record, frozen=False):
    """What one box stands for: a node, a scope, or a series of either.

    word: its name inside its scope. like: the scope beside it that shows what each of a series is. stem, number: what
    its name counts (``stems``).
    """

    word: str
    kind: str
    nodes: list[Node] = field(factory=list)
    scopes: list[Scope] = field(factory=list)
    alike: bool = True
    like: str = ""
    stem: Stem = ()
    number: int = 0

    @property
    def count(self) -> int:
        return len(self.nodes) + sum(s.total for s in self.scopes)

    def every(self) -> Iterable[Node]:
        yield from self.nodes
        for scope in self.scopes:
            yield from scope.every()


class Group(Record, frozen=False):
    """An open scope with the units inside it. label: its path from the group around it."""

    path: str
    label: str
    parent: int | None
    units: list[Unit] = field(factory=list)


Neighbours = Callable[[Node], tuple[Sequence[Node], Sequence[Node]]]


def tree(nodes: Iterable[Node]) -> Scope:
    """The scopes of nodes. A node that has the name of a scope stands in it, as ``w`` with ``w/read``."""
    root = Scope("", "", 0)
    at: dict[str, Scope] = {"": root}
    placed: list[tuple[Node, str]] = []
    for node in nodes:
        path = node.name.rpartition("/")[0]
        if path not in at:
            _open(at, path)
        placed.append((node, path))
    for node, path in placed:
        at[node.name if node.name in at and node.name else path].nodes.append(node)
    met = flow_places(node for node, _ in placed)
    kinds: dict[object, int] = {}
    for scope in sorted(at.values(), key=lambda s: -s.depth):
        scope.at = min((p for p in (*(met.get(n, -1) for n in scope.nodes), *(s.at for s in scope.scopes.values()))
                        if p >= 0), default=-1)
        scope.total = len(scope.nodes) + sum(s.total for s in scope.scopes.values())
        form = (tuple(n.type for n in scope.nodes),
                tuple(s.alike for s in scope.scopes.values()))
        scope.alike = kinds.setdefault(form, len(kinds))
    return root


def _open(at: dict[str, Scope], path: str) -> None:
    words = path.split("/")
    scope = at[""]
    for i, word in enumerate(words):
        inner = scope.scopes.get(word)
        if inner is None:
            whole = word if i == 0 else f"{scope.path}/{word}"
            inner = scope.scopes[word] = at[whole] = Scope(whole, word, i + 1)
        scope = inner


def units(scope: Scope, series: int, harder: int, neighbours: Neighbours) -> list[Unit]:
    """The boxes right inside a scope. harder: 0 folds what is plainly a series; HARDEST all that it can."""
    words = [n.name.rpartition("/")[2] for n in scope.nodes]
    found = [Unit(word, "node", [node], stem=stem, number=number)
             for node, word, (stem, number) in zip(scope.nodes, words, stems(words, harder > 0))]
    inner = list(scope.scopes.values())
    found += [Unit(s.word, "scope", [], [s], stem=stem, number=number)
              for s, (stem, number) in zip(inner, stems([s.word for s in inner], harder > 0))]
    alike: dict[object, list[Unit]] = {}
    for unit in found:
        alike.setdefault((unit.kind, _common(unit, harder)), []).append(unit)
    least = series if harder == 0 else min(series, 3) if series else 3
    out: list[Unit] = []
    for members in alike.values():
        if series == 0 and harder == 0 or len(members) < max(least, 2) or not (
                harder or (not _between(members, found) if members[0].scopes else _is_series(members, neighbours))):
            out += members
        elif harder or members[0].kind == "node" or any(_elder(u, members[0]) for u in found):
            out.append(_folded(members, harder))
        else:
            # the first is drawn as the scope that it is, so that one sees what is repeated
            members = sorted(members, key=lambda u: u.number)
            out += [members[0], _folded(members[1:], harder, members[0].word)]
    order = {id(n): i for i, n in enumerate(scope.nodes)}
    first = {id(s): len(order) + i for i, s in enumerate(scope.scopes.values())}
    return sorted(out, key=lambda u: order[id(u.nodes[0])] if u.nodes else first[id(u.scopes[0])])


def _common(unit: Unit, harder: int) -> object:
    """What units of one kind have in common that may be folded."""
    what = unit.nodes[0].type if unit.nodes else unit.scopes[0].alike
    if harder < 2:
        return unit.stem, what
    if harder == 2:
        return unit.stem
    return what if unit.nodes else first_word(unit.word) if harder < HARDEST else ""


def _between(members: list[Unit], found: list[Unit]) -> bool:
    """Whether data meets so many other scopes between these that one box for all would hide how it flows."""
    inside = {id(u) for u in members}
    order = sorted((u.scopes[0].at, id(u) in inside) for u in found if u.scopes)
    at = [i for i, (place, one) in enumerate(order) if one and place >= 0]
    return bool(at) and at[-1] - at[0] > 2 * len(at)


def _elder(unit: Unit, other: Unit) -> bool:
    """Whether a scope shows already what is repeated: it has the series' name and is made otherwise."""
    return bool(unit.scopes) and unit.stem == other.stem and unit.scopes[0].alike != other.scopes[0].alike


def _folded(members: list[Unit], harder: int, like: str = "") -> Unit:
    nodes = [n for u in members for n in u.nodes]
    scopes = [s for u in members for s in u.scopes]
    words = [u.word for u in sorted(members, key=lambda u: u.number)]
    alike = len({n.type for n in nodes} | {str(s.alike) for s in scopes}) == 1
    if nodes and harder >= 3:
        word = f"{len(members)} × {nodes[0].type}"
    elif harder >= 3:
        heads = {first_word(s.word) for s in scopes}
        word = f"{len(members)} × {heads.pop()} …" if len(heads) == 1 else f"{len(members)} scopes"
    else:
        word = range_of(words)
    return Unit(word, "series", nodes, scopes, alike, like)


def _is_series(members: list[Unit], neighbours: Neighbours) -> bool:
    """Whether ops of one type and numbered name belong together.

    They do if all read the same or are read by the same, or if each reads the one before. (A common
    reader or source alone says nothing: every layer may read the same mask.)
    """
    near = [neighbours(u.nodes[0]) for u in members]
    for side in (0, 1):
        first = set(near[0][side])
        if first and all(set(n[side]) == first for n in near[1:]):
            return True
    inner = {u.nodes[0] for u in members}
    return sum(any(s in inner for s in sources) for sources, _ in near) >= len(members) - 1


def arrange(root: Scope, neighbours: Neighbours, limit: int | None = LIMIT, depth: int | None = None,
            series: int = SERIES, beside: int = 0) -> list[Group]:
    """The open scopes with their units, the outermost first.

    depth: how deep scopes are open; limit: boxes at most; beside: so many more stand beside those that are opened.
    """
    held: dict[int, Sequence[Unit]] = {}

    def inside(scope: Scope, room: int | None = None) -> Sequence[Unit]:
        """What is in a scope, folded as hard as it must be for so many boxes; the same from then on."""
        found = held.get(id(scope))
        if found is None:
            found = units(scope, series, 0, neighbours)
        for harder in range(1, HARDEST + 1):
            if room is not None and len(found) > room:
                found = units(scope, series, harder, neighbours)
        held[id(scope)] = found
        return found

    bounded = depth is None and limit is not None
    top = inside(root, limit if bounded else None)
    opened: set[int] = set()
    closed: list[Unit] = []
    level = [u for u in top if u.kind == "scope"]
    count = len(top) + beside
    deep = 0
    while level and (depth is None or deep < depth):
        alike: dict[int, list[Unit]] = {}
        for unit in level:
            alike.setdefault(unit.scopes[0].alike, []).append(unit)
        costs = {k: sum(len(inside(u.scopes[0])) - 1 for u in v) for k, v in alike.items()}
        level = []
        for kind in sorted(alike, key=lambda k: costs[k]):
            if bounded and limit is not None and (count + costs[kind] > limit or deep >= DEEPEST):
                closed += alike[kind]
                continue
            count += costs[kind]
            for unit in alike[kind]:
                opened.add(id(unit.scopes[0]))
                level += [u for u in inside(unit.scopes[0]) if u.kind == "scope"]
        deep += 1
    while bounded and limit is not None and closed and count < limit // FULL:
        # a picture of a few boxes says nothing: what is closed is opened, and folded harder
        unit = max(closed, key=lambda u: u.count)
        closed.remove(unit)
        scope = unit.scopes[0]
        content = inside(scope, limit - count + 1)
        if count + len(content) - 1 <= limit:
            count += len(content) - 1
            opened.add(id(scope))
            closed += [u for u in content if u.kind == "scope"]
    groups = [Group("", "", None)]
    stack: list[tuple[int, Sequence[Unit]]] = [(0, top)]
    while stack:
        number, members = stack.pop()
        later: list[tuple[int, Sequence[Unit]]] = []
        for unit in members:
            if unit.kind != "scope" or id(unit.scopes[0]) not in opened:
                groups[number].units.append(unit)
                continue
            scope, label = unit.scopes[0], unit.word
            content = inside(scope)
            while len(content) == 1 and content[0].kind == "scope" and id(content[0].scopes[0]) in opened:
                scope, label = content[0].scopes[0], f"{label}/{content[0].word}"
                content = inside(scope)
            groups.append(Group(scope.path, label, number))
            later.append((len(groups) - 1, content))
        stack += reversed(later)
    return groups
