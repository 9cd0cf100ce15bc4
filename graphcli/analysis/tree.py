"""The nodes of a graph as a tree of groups: scopes, series of what repeats, and parts of long lists.

A series is what TensorBoard folds: siblings named layer, layer_1, layer_2, ... that are made of the
same ops. Scopes are folded as soon as they are a series; single ops only in a crowd, where a list is no help.
"""
from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from itertools import pairwise
from math import ceil, log

from ..graph.graph import Node
from ..record import Record, field
from .flow_order import cuts, flow_places, from_to
from .series import range_of, stems

SERIES = 5
"""Members that make a series (TensorBoard's number)."""
CROWD = 30
"""Children of one scope beyond which single ops are folded too."""
MOST = 60
"""Members of a group beyond which they are split into parts, and these into parts."""
PART = 24
"""Members of each of these at most."""
DEEPEST = 40
"""Scopes within scopes; what lies deeper is in the last one."""


class Group(Record, frozen=False, eq=False):
    """kind: scope, series or part. name: the scope's path; of a series or part, that of the scope around it.

    words: of a series or part, the names of its first and last. at: its place in the order in which data meets it.
    """

    name: str
    label: str
    kind: str = "scope"
    members: list[Group | Node] = field(factory=list)
    ops: Counter[str] = field(factory=Counter)
    words: tuple[str, str] | None = None
    at: int = -1


def tree(nodes: Iterable[Node], series: int = SERIES) -> Group:
    """The groups of nodes, members in graph order. A node that bears a scope's name is its member.

    series: how many alike are folded; 0 folds none but what is a crowd.
    """
    root = Group("", "")
    scopes: dict[str, Group] = {"": root}

    def scope(path: str) -> Group:
        missing = []
        while path not in scopes:
            missing.append(path)
            path = path.rpartition("/")[0]
        found = scopes[path]
        for path in reversed(missing):
            inner = scopes[path] = Group(path, path.rpartition("/")[2])
            found.members.append(inner)
            found = inner
        return found

    listed = list(nodes)
    places = {n: tuple(n.name.split("/", DEEPEST + 1)[:-1][:DEEPEST]) for n in listed}
    heads = {"/".join(words[:i]) for words in set(places.values()) for i in range(1, len(words) + 1)}
    for node, words in places.items():
        scope(node.name if node.name in heads else "/".join(words)).members.append(node)
    _join(root)
    at = flow_places(listed)
    _count(root, at)
    for group in list(scopes.values()):
        _fold(group, series, at)
    return root


def _inside_out(root: Group) -> list[Group]:
    order = [root]
    for group in order:
        order += [m for m in group.members if isinstance(m, Group)]
    return order[::-1]


def _join(root: Group) -> None:
    """A scope that holds nothing but one scope is one with it: ``a/b``."""
    for group in _inside_out(root):
        for i, member in enumerate(group.members):
            if isinstance(member, Group) and len(member.members) == 1 and isinstance(member.members[0], Group):
                inner = group.members[i] = member.members[0]
                inner.label = f"{member.label}/{inner.label}"


def _count(root: Group, at: Mapping[Node, int]) -> None:
    """The op types in each group, inner groups included, and where data meets it."""
    for group in _inside_out(root):
        for member in group.members:
            if isinstance(member, Group):
                group.ops.update(member.ops)
            else:
                group.ops[member.type] += 1
        group.at = min((p for m in group.members if (p := _at(m, at)) >= 0), default=-1)


def _at(member: Group | Node, at: Mapping[Node, int]) -> int:
    return member.at if isinstance(member, Group) else at.get(member, -1)


def _fold(group: Group, least: int, at: Mapping[Node, int]) -> None:
    """Puts series and parts between a scope and its members."""
    crowd = len(group.members) > CROWD
    alike: dict[object, list[Group | Node]] = {}
    some = [m for m in group.members
            if crowd or isinstance(m, Group) and m.ops.total() - m.ops["Const"] > 1]
    for member, (stem, _) in zip(some, stems([_words(m)[0] for m in some])):
        alike.setdefault((stem, _made_of(member)), []).append(member)
    series: dict[int, Group] = {}
    order = {id(m): i for i, m in enumerate(sorted(group.members, key=lambda m: _at(m, at)))}
    for members in alike.values():
        if crowd and _at(members[-1], at) >= 0 and _apart([order[id(m)] for m in members]):
            continue
        few = least and len(members) >= least and len(members) < len(group.members)
        if few or len(members) > CROWD:
            folded = _together(group, "series", members)
            series.update((id(m), folded) for m in members)
    out: dict[int, Group | Node] = {}
    for member in group.members:
        shown = series.get(id(member), member)
        out.setdefault(id(shown), shown)
    group.members = list(out.values())
    for folded in dict.fromkeys(series.values()):
        folded.members = _parts(folded, at)
    group.members = _parts(group, at)


def _apart(order: Sequence[int]) -> bool:
    """Whether members stand so far from each other that one box for them would hide how data flows."""
    return max(order) - min(order) > 2 * len(order)


def _parts(group: Group, at: Mapping[Node, int]) -> list[Group | Node]:
    members = group.members
    if len(members) <= MOST:
        return members
    members = sorted(members, key=lambda m: _at(m, at))
    levels = ceil(log(len(members), PART))
    size = ceil(len(members) ** (1 / levels))
    for _ in range(levels - 1):
        ends = cuts([_words(m)[0] for m in members], ceil(len(members) / size))
        members = [_together(group, "part", members[a:b]) for a, b in pairwise(ends)]
    return members


def _together(group: Group, kind: str, members: Sequence[Group | Node]) -> Group:
    words = _words(members[0])[0], _words(members[-1])[1]
    out = Group(group.name, range_of(words) if kind == "series" else from_to(*words), kind, list(members), words=words)
    for member in members:
        out.ops.update(member.ops if isinstance(member, Group) else (member.type,))
    return out


def _words(member: Group | Node) -> tuple[str, str]:
    """The names of the first and the last that a member stands for."""
    if isinstance(member, Group):
        return member.words or (member.label, member.label)
    word = member.name.rpartition("/")[2]
    return word, word


def _made_of(member: Group | Node) -> object:
    return frozenset(member.ops.items()) if isinstance(member, Group) else member.type
