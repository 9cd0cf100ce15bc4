"""The nodes of a graph as a tree of groups: scopes, series of what repeats, and parts of long lists.

A series is what TensorBoard folds: siblings named layer, layer_1, layer_2, ... that are made of the
same ops. Scopes are folded from FEW alike; single ops only in a crowd, where a list is no help.
"""
from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from ..graph.graph import Node

FEW = 4
"""Members from which a series is folded."""
CROWD = 30
"""Children of one scope beyond which single ops are folded too."""
MOST = 60
"""Members of a group beyond which they are split into parts."""
NUMBERED = re.compile(r"(.*?)_?(\d+)$", re.DOTALL)


@dataclass(eq=False)
class Group:
    """kind: scope, series or part. name: the scope's path; of a series or part, that of the scope around it."""

    name: str
    label: str
    kind: str = "scope"
    members: list[Group | Node] = field(default_factory=list)
    ops: Counter[str] = field(default_factory=Counter)


def tree(nodes: Iterable[Node]) -> Group:
    """The groups of nodes, members in graph order. A node that bears a scope's name is its member."""
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
    heads = {"/".join(words[:i]) for words in {tuple(n.name.split("/")[:-1]) for n in listed}
             for i in range(1, len(words) + 1)}
    for node in listed:
        path = node.name if node.name in heads else node.name.rpartition("/")[0]
        scope(path).members.append(node)
    _count(root)
    for group in list(scopes.values()):
        _fold(group)
    return root


def _count(root: Group) -> None:
    """The op types in each group, inner groups included; without recursion, names may be deep."""
    order: list[Group] = [root]
    for group in order:
        order += [m for m in group.members if isinstance(m, Group)]
    for group in reversed(order):
        for member in group.members:
            if isinstance(member, Group):
                group.ops.update(member.ops)
            else:
                group.ops[member.type] += 1


def _fold(group: Group) -> None:
    """Puts series and parts between a scope and its members."""
    crowd = len(group.members) > CROWD
    alike: dict[tuple[str, object], list[Group | Node]] = {}
    for member in group.members:
        if crowd or isinstance(member, Group) and member.ops.total() - member.ops["Const"] > 1:
            alike.setdefault((_base(_word(member)), _made_of(member)), []).append(member)
    series: dict[int, Group] = {}
    for members in alike.values():
        if len(members) >= FEW and len(members) < len(group.members) or len(members) > CROWD:
            folded = Group(group.name, f"{_word(members[0])} … {_word(members[-1])}", "series", members)
            for member in members:
                folded.ops.update(member.ops if isinstance(member, Group) else (member.type,))
            series.update((id(m), folded) for m in members)
    out: dict[int, Group | Node] = {}
    for member in group.members:
        shown = series.get(id(member), member)
        out.setdefault(id(shown), shown)
    group.members = list(out.values())
    for folded in dict.fromkeys(series.values()):
        folded.members = _parts(folded)
    group.members = _parts(group)


def _parts(group: Group) -> list[Group | Node]:
    members = group.members
    while len(members) > MOST:
        parts = -(-len(members) // MOST)
        cuts = [len(members) * i // parts for i in range(parts + 1)]
        members = [_part(group, members[a:b]) for a, b in pairwise(cuts)]
    return members


def _part(group: Group, members: Sequence[Group | Node]) -> Group:
    part = Group(group.name, f"{_first(members[0])} … {_last(members[-1])}", "part", list(members))
    for member in members:
        part.ops.update(member.ops if isinstance(member, Group) else (member.type,))
    return part


def _word(member: Group | Node) -> str:
    return member.label if isinstance(member, Group) else member.name.rpartition("/")[2]


def _first(member: Group | Node) -> str:
    return _word(member).split(" … ")[0]


def _last(member: Group | Node) -> str:
    return _word(member).split(" … ")[-1]


def _base(word: str) -> str:
    numbered = NUMBERED.match(word)
    return numbered[1] if numbered else word


def _made_of(member: Group | Node) -> object:
    return frozenset(member.ops.items()) if isinstance(member, Group) else member.type
