"""Rows: what a region does in a row, and how it comes to that: so that few branches are entered, and few more than
once."""
from __future__ import annotations

import heapq
from collections.abc import Callable, Iterator, Mapping, Sequence, Set
from typing import Any

from ..graph.graph import Node, Tensor
from ..record import Record

Before = Mapping[Any, Sequence[Any]]
"""What each item comes after."""
Place = tuple[int, int]
"""When it is its turn among those that are ready."""
Branch = tuple[Any, ...]
"""The conditions on which an item runs, the outer ones first."""

Condition = tuple[Tensor, int]


class Item(Record, eq=False):
    """What runs as one, and the conditions on which it runs in a turn of the loop around it, each after those on which
    it is known. what: a node, a loop, or nodes put together by ``Laying``."""

    what: Any
    conditions: tuple[Condition, ...]


class Carried(Record, eq=False):
    """A value that goes from turn to turn: where it comes in, what it is at first, and what it is next."""

    merge: Tensor
    first: Tensor
    following: Tensor


class Loop(Record, eq=False):
    """``while``: in each turn ``head``, and if ``test`` is true then ``body``, and once more with what is next."""

    carried: tuple[Carried, ...]
    test: Tensor
    head: tuple[Item, ...]
    body: tuple[Item, ...]


Laying = Callable[[Sequence[Node | Loop], Mapping[Node | Loop, tuple[Condition, ...]],
                   Mapping[Node | Loop, Sequence[Node | Loop]], Callable[[Any], bool]], Sequence[Item]]
"""Makes items of nodes and loops in a row, given their conditions, what each comes after, and which compute nothing."""


def one_by_one(row: Sequence[Node | Loop], conditions: Mapping[Node | Loop, tuple[Condition, ...]],
               before: Mapping[Node | Loop, Sequence[Node | Loop]], idle: Callable[[Any], bool]) -> Sequence[Item]:
    """Each as an item."""
    return [Item(i, conditions[i]) for i in row if not idle(i)]


class Entered(Record, eq=False):
    """A branch that is entered. other: whether it is the ``else`` of one."""

    condition: Condition
    other: bool


def entered(stack: Sequence[Entered], conditions: Sequence[Condition]) -> tuple[int, list[Entered]]:
    """How many of the branches that are entered stay so, and which come after these, for what runs on conditions."""
    same = 0
    while same < min(len(stack), len(conditions)) and stack[same].condition == conditions[same]:
        same += 1
    other = len(conditions) > same < len(stack) and not stack[same].other and (
        stack[same].condition == (conditions[same][0], 1 - conditions[same][1]))
    return same, [Entered(c, other and not i) for i, c in enumerate(conditions[same:])]


class Rest:
    """What is not in a row yet. left: how many each waits for."""

    def __init__(self, before: Before, places: Mapping[Any, Place]) -> None:
        self.places = places
        self.left = {i: len(b) for i, b in before.items()}
        self.after = _after(before)
        self.ready = [i for i, n in self.left.items() if not n]

    def take(self, branch: Callable[[Any], Branch], idle: Callable[[Any], bool], held: Set[Any] = frozenset()
             ) -> list[Any]:
        """What can run without those that are held, in a row. idle: what takes no part in a branch."""
        waiting: dict[Branch, list[tuple[Place, Any]]] = {}
        out: list[Any] = []
        here: Branch = ()
        kept = []
        while True:
            while self.ready:
                item = self.ready.pop()
                if idle(item):
                    out.append(item)
                    self._done(item)
                elif item in held:
                    kept.append(item)
                else:
                    heapq.heappush(waiting.setdefault(branch(item), []), (self.places[item], item))
            if not waiting:
                self.ready = kept
                return out
            if here not in waiting:
                here = min(waiting, key=lambda b: (-_common(b, here), len(b), waiting[b][0][0]))
            _, item = heapq.heappop(waiting[here])
            if not waiting[here]:
                del waiting[here]
            out.append(item)
            self._done(item)

    def _done(self, item: Any) -> None:
        del self.left[item]
        for other in self.after.get(item, ()):
            self.left[other] -= 1
            if not self.left[other]:
                self.ready.append(other)


def _common(one: Branch, other: Branch) -> int:
    """How many conditions two begin with."""
    n = 0
    for a, b in zip(one, other):
        if a != b:
            break
        n += 1
    return n


def _after(before: Before) -> dict[Any, list[Any]]:
    out: dict[Any, list[Any]] = {}
    for item, earlier in before.items():
        for other in earlier:
            out.setdefault(other, []).append(item)
    return out


def in_order(before: Before, places: Mapping[Any, Place]) -> Iterator[Any]:
    """The items as they become ready, by their places."""
    left, after = {i: len(b) for i, b in before.items()}, _after(before)
    ready = [(places[i], i) for i, n in left.items() if not n]
    heapq.heapify(ready)
    while ready:
        _, item = heapq.heappop(ready)
        yield item
        for other in after.get(item, ()):
            left[other] -= 1
            if not left[other]:
                heapq.heappush(ready, (places[other], other))
