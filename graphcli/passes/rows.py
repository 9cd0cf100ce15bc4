"""Rows: what depends on each other in a row, so that few branches are entered, and few more than once."""
from __future__ import annotations

import heapq
from collections.abc import Callable, Iterator, Mapping, Sequence, Set
from typing import Any

Before = Mapping[Any, Sequence[Any]]
"""What each item comes after."""
Place = tuple[int, int]
"""When it is its turn among those that are ready."""
Branch = tuple[Any, ...]
"""The conditions on which an item runs, the outer ones first."""


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
