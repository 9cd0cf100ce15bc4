"""Order: one sequence of steps, with the reads and writes of variables settled.

What an edge orders stays so. Where none does, a reader of a variable runs before its writer, and
writers run in graph order. Rules that contradict each other give way: first the order of writers,
then that of readers, lowest node first.
"""
from __future__ import annotations

import heapq
import itertools
from collections.abc import Hashable, Iterable, Mapping, Sequence
from typing import Any, TypeVar

from ..graph.graph import Node

Item = TypeVar("Item", bound=Hashable)


def order(items: Sequence[Item], before: dict[Item, list[Item]], reads: dict[Item, list[Node]],
          writes: dict[Item, list[Node]], writers_first: bool = False, places: Mapping[Item, int] | None = None,
          like: Sequence[Item] = ()) -> list[Item]:
    """The items in the order in which they run.

    items: each after what it waits for, else in graph order. before: what each must wait for. reads, writes: variables
    by item. writers_first: a reader runs after a writer that nothing orders after it (initialization). places: of
    writers in graph order, where that is not the order of the items: a region waits for all that its nodes wait for.
    like: a sequence of these and other items; as there, readers and writers of a variable come one after the other.
    """
    if not writes:
        return topological(items, before)
    after: dict[Item, list[Item]] = {i: [] for i in items}
    for item, earlier in before.items():
        for other in earlier:
            after[other].append(item)
    soft = _as_in(like, items, reads, writes) if like else _rules(items, after, reads, writes, writers_first, places)
    return _sequence(items, before, after, soft, places or {})


def hazards(sequence: Sequence[Item], reads: dict[Item, list[Node]], writes: dict[Item, list[Node]]
            ) -> dict[Item, list[Item]]:
    """What each item must wait for so that variables change as they would one item at a time."""
    out: dict[Item, list[Item]] = {}
    writer: dict[Node, Item] = {}
    readers: dict[Node, list[Item]] = {}
    for item in sequence:
        for variable in reads.get(item, ()):
            if variable in writer:
                out.setdefault(item, []).append(writer[variable])
            readers.setdefault(variable, []).append(item)
        for variable in writes.get(item, ()):
            earlier = readers.pop(variable, [])
            if variable in writer:
                earlier.append(writer[variable])
            out.setdefault(item, []).extend(e for e in earlier if e is not item)
            writer[variable] = item
    return out


def writers_before(nodes: Sequence[Node], before: Mapping[Any, Sequence[Any]], writes: Mapping[Node, Sequence[Node]]
                   ) -> dict[Any, int]:
    """For each node a number that tells which writers of variables come before it."""
    out: dict[Any, int] = {}
    for at, node in enumerate(nodes):
        mask = 0
        for other in before[node]:
            mask |= out.get(other, 0)
        out[node] = mask | (1 << at if node in writes else 0)
    return out


def topological(items: Sequence[Item], before: dict[Item, list[Item]]) -> list[Item]:
    """The items so that each comes after what it waits for, else in the order given."""
    position = {item: i for i, item in enumerate(items)}
    if all(position[b] < position[i] for i, earlier in before.items() for b in earlier):
        return list(items)
    after: dict[Item, list[Item]] = {i: [] for i in items}
    for item, earlier in before.items():
        for other in earlier:
            after[other].append(item)
    return _sequence(items, before, after, (), {})


def _rules(items: Sequence[Item], after: dict[Item, list[Item]], reads: dict[Item, list[Node]],
           writes: dict[Item, list[Node]], writers_first: bool, places: Mapping[Item, int] | None
           ) -> list[tuple[Item, Item, int]]:
    """Pairs (first, then, rank): rank 0 for reader and writer, 1 for two writers."""
    position = {item: i for i, item in enumerate(items)}
    writers: dict[Node, list[Item]] = {}
    for item in sorted(writes, key=(position if places is None else places).__getitem__):
        for variable in writes[item]:
            writers.setdefault(variable, []).append(item)
    readers: dict[Node, list[Item]] = {}
    for item, variables in reads.items():
        for variable in variables:
            if variable in writers:
                readers.setdefault(variable, []).append(item)
    soft: list[tuple[Item, Item, int]] = []
    for variable, group in writers.items():
        reading = readers.get(variable, [])
        if len(group) == 1 and not reading:
            continue
        marked = dict.fromkeys([*group, *reading] if writers_first else group)
        bit = {item: 1 << i for i, item in enumerate(marked)}
        above = _above(bit, after, position)
        for writer in group:
            for reader in reading:
                if above.get(reader, 0) & bit[writer] or reader == writer:
                    continue
                if not writers_first:
                    soft.append((reader, writer, 0))
                elif not above.get(writer, 0) & bit[reader]:
                    soft.append((writer, reader, 0))
        for first, then in itertools.pairwise(group):
            if not above.get(then, 0) & bit[first] and not above.get(first, 0) & bit[then]:
                soft.append((first, then, 1))
    return soft


def _as_in(like: Sequence[Item], items: Sequence[Item], reads: dict[Item, list[Node]], writes: dict[Item, list[Node]]
           ) -> list[tuple[Item, Item, int]]:
    """The same pairs from a sequence."""
    here = set(items)
    found = hazards([i for i in like if i in here], reads, writes)
    return [(first, then, 0) for then, earlier in found.items() for first in dict.fromkeys(earlier)]


def _above(bit: Mapping[Item, int], after: dict[Item, list[Item]], position: Mapping[Item, int]) -> dict[Item, int]:
    """For all that comes after items with a bit: the bits of those that it comes after."""
    reached: set[Item] = set()
    stack = list(bit)
    while stack:
        for item in after[stack.pop()]:
            if item not in reached:
                reached.add(item)
                stack.append(item)
    out = dict.fromkeys(reached, 0)
    for item in sorted({*reached, *bit}, key=position.__getitem__):
        bits = out.get(item, 0) | bit.get(item, 0)
        for then in after[item]:
            out[then] |= bits
    return out


def _sequence(items: Sequence[Item], before: dict[Item, list[Item]], after: dict[Item, list[Item]],
              soft: Iterable[tuple[Item, Item, int]], places: Mapping[Item, int]) -> list[Item]:
    """Topological order by position; a soft pair holds unless nothing else can run. places: see ``order``."""
    position = {item: i for i, item in enumerate(items)}
    waits = {item: len(before.get(item, ())) for item in items}
    softly: dict[Item, list[int]] = {}
    releases: dict[Item, list[tuple[Item, int]]] = {}
    for first, then, rank in soft:
        softly.setdefault(then, [0, 0])[rank] += 1
        releases.setdefault(first, []).append((then, rank))
    ready = [position[i] for i in items if not waits[i] and not any(softly.get(i, ()))]
    held = {i for i in softly if not waits[i] and any(softly[i])}
    heapq.heapify(ready)
    out: list[Item] = []
    done: set[Item] = set()
    while ready or held:
        if ready:
            item = items[heapq.heappop(ready)]
        else:
            item = min(held, key=lambda i: (softly[i][0] > 0, places.get(i, position[i])))
            held.discard(item)
        out.append(item)
        done.add(item)
        for then, rank in releases.get(item, ()):
            softly[then][rank] -= 1
            if then in held and not any(softly[then]):
                held.discard(then)
                heapq.heappush(ready, position[then])
        for then in after[item]:
            waits[then] -= 1
            if not waits[then] and then not in done:
                if any(softly.get(then, ())):
                    held.add(then)
                else:
                    heapq.heappush(ready, position[then])
    return out
