"""Branch: steps that need nothing of each other, for threads to run side by side.

A fork is a group of steps that falls into branches: no path leads from one branch to another, nor out of the group and
back. It is found from the step with the most work that is independent of it, and taken where it saves time by
the estimates: what each step takes on one thread, as in a branch, and by itself, when it may have all threads.
Calls that are short are left alone: threads that take turns with the interpreter lose more than they win.
"""
from __future__ import annotations

import heapq
from collections.abc import Collection, Iterator, Sequence

LONGEST = 3000
"""Steps of a plan beyond which no forks are looked for."""
HEAVY = 10e-6
"""Seconds from which a step counts when forks are looked for."""
MOST_HEAVY = 300
"""So many of the heaviest are looked at."""
LONG = 0.85
"""The part of a fork's time that must be in calls that are long."""
START = 50e-6
"""Seconds that it takes until another thread works."""
GAIN = 150e-6
"""Seconds that a fork has to save, and a sixth of what its steps would take."""
FORKS = 16

Fork = list[list[int]]


def branches(earlier: Sequence[Collection[int]], alone: Sequence[float], shared: Sequence[float],
             long: Sequence[float], able: Sequence[bool], threads: int) -> tuple[list[int], list[Fork]]:
    """An order of the steps in which each fork's steps are in a row, branch by branch; and the forks.

    earlier: what each step waits for, all of lower number. alone: seconds on one thread. shared: seconds with all
    threads. long: seconds on one thread in calls that are long. able: whether a step may be in a branch.
    """
    count = len(earlier)
    given = list(range(count))
    total = sum(t for t, a in zip(shared, able) if a)
    if threads < 2 or count > LONGEST or total - _longest(earlier, shared) < GAIN:
        return given, []
    search = _Search(earlier, alone, shared, long, able, threads)
    forks = search.forks()
    return (_ordered(search.earlier, forks), forks) if forks else (given, [])


def _longest(earlier: Sequence[Collection[int]], seconds: Sequence[float]) -> float:
    """The time of the longest path."""
    ends: list[float] = []
    for i, others in enumerate(earlier):
        ends.append(seconds[i] + max((ends[o] for o in others), default=0.0))
    return max(ends, default=0.0)


def bits(number: int) -> Iterator[int]:
    """The places of the ones of a number."""
    while number:
        low = number & -number
        yield low.bit_length() - 1
        number ^= low


class _Search:
    """above, below: the steps that each comes after, and before, as the ones of a number."""

    def __init__(self, earlier: Sequence[Collection[int]], alone: Sequence[float], shared: Sequence[float],
                 long: Sequence[float], able: Sequence[bool], threads: int) -> None:
        self.earlier = earlier
        self.alone = alone
        self.shared = shared
        self.long = long
        self.able = list(able)
        self.threads = threads
        count = len(earlier)
        self.later: list[list[int]] = [[] for _ in range(count)]
        self.above = [0] * count
        self.below = [0] * count
        for i, others in enumerate(earlier):
            for other in others:
                self.later[other].append(i)
                self.above[i] |= self.above[other] | 1 << other
        for i in range(count - 1, -1, -1):
            for other in self.later[i]:
                self.below[i] |= self.below[other] | 1 << other

    def forks(self) -> list[Fork]:
        heavy = [i for i, able in enumerate(self.able) if able and self.alone[i] >= HEAVY]
        heavy = sorted(heavy, key=lambda i: (-self.alone[i], i))[:MOST_HEAVY]
        free = sum(1 << i for i in heavy)
        out: list[Fork] = []
        for _ in range(FORKS):
            beside = {i: free & ~(self.above[i] | self.below[i] | 1 << i) for i in bits(free)}
            cost = {group: sum(self.alone[i] for i in bits(group)) for group in set(beside.values())}
            seed = max(beside, key=lambda i: (cost[beside[i]], -i), default=None)
            if seed is None or cost[beside[seed]] < GAIN:
                break
            found = self._grown(seed, beside)
            fork = self._split(found)
            if fork is None:
                free &= ~(1 << seed)
                continue
            group = sum(1 << i for branch in fork for i in branch)
            free &= ~group
            self._join(group)
            out.append(fork)
        return out

    def _grown(self, seed: int, beside: dict[int, int]) -> int:
        """Two sides of which no step needs one of the other: from the seed, and from what is beside it."""
        def cost(group: int) -> float:
            return sum(self.alone[i] for i in bits(group))

        here, there = 1 << seed, beside[seed]
        best = min(cost(here), cost(there))
        nearest = sorted((i for i in beside if i != seed), key=lambda i: (-cost(beside[i] & there), i))
        for i in nearest:
            more, rest = here | 1 << i, there & beside[i]
            reached = min(cost(more), cost(rest))
            if reached >= best:
                here, there, best = more, rest, reached
        return here | there

    def _split(self, found: int) -> Fork | None:
        """A group as branches, with what belongs to one of them alone; None where that is not worth it."""
        above = below = 0
        for i in bits(found):
            above |= self.above[i]
            below |= self.below[i]
        group = found | above & below
        if not all(self.able[i] for i in bits(group)):
            return None
        parent = {i: i for i in bits(group)}

        def find(i: int) -> int:
            while parent[i] != i:
                parent[i] = parent[parent[i]]
                i = parent[i]
            return i

        for i in parent:
            for other in self.earlier[i]:
                if other in parent:
                    parent[find(other)] = find(i)
        for i in bits(below & ~group):  # what comes after one branch alone
            met = {find(o) for o in bits(self.above[i] & group)}
            inside = all(o in parent for o in self.earlier[i] if o in parent or self.above[o] & group)
            if self.able[i] and len(met) == 1 and inside:
                parent[i] = met.pop()
                group |= 1 << i
        for i in sorted(bits(above & ~group), reverse=True):  # what comes before one branch alone
            if self.able[i] and self.later[i] and all(o in parent for o in self.later[i]):
                met = {find(o) for o in self.later[i]}
                if len(met) == 1:
                    parent[i] = met.pop()
                    group |= 1 << i
        by_root: dict[int, list[int]] = {}
        for i in sorted(parent):
            by_root.setdefault(find(i), []).append(i)
        fork = sorted(by_root.values(), key=lambda b: (-sum(self.alone[i] for i in b), b[0]))
        return fork if self._pays(fork) else None

    def _pays(self, fork: Fork) -> bool:
        if len(fork) < 2:
            return False
        costs = [sum(self.alone[i] for i in branch) for branch in fork]
        busy = [0.0] * self.threads
        for each in costs:
            heapq.heapreplace(busy, busy[0] + each)
        serial = sum(self.shared[i] for branch in fork for i in branch)
        saved = serial - max(busy) - START
        long = sum(self.long[i] for branch in fork for i in branch)
        return saved > max(GAIN, serial / 6) and long > LONG * sum(costs)

    def _join(self, group: int) -> None:
        """The steps of a fork run as one: what one of them waits for, all do."""
        above = below = 0
        for i in bits(group):
            self.able[i] = False
            above |= self.above[i]
            below |= self.below[i]
        above, below = above & ~group, below & ~group
        for i in bits(group):
            self.above[i] |= above
            self.below[i] |= below
        for i in bits(above):
            self.below[i] |= below | group
        for i in bits(below):
            self.above[i] |= above | group


def _ordered(earlier: Sequence[Collection[int]], forks: Sequence[Fork]) -> list[int]:
    """The steps, those of a fork in a row, else in the order given."""
    owner = {i: n for n, fork in enumerate(forks) for branch in fork for i in branch}
    first = {n: min(i for branch in fork for i in branch) for n, fork in enumerate(forks)}
    heads = {i: first[owner[i]] if i in owner else i for i in range(len(earlier))}
    waits: dict[int, set[int]] = {head: set() for head in set(heads.values())}
    later: dict[int, list[int]] = {head: [] for head in waits}
    for i, others in enumerate(earlier):
        for other in others:
            if heads[other] != heads[i] and heads[other] not in waits[heads[i]]:
                waits[heads[i]].add(heads[other])
                later[heads[other]].append(heads[i])
    left = {head: len(others) for head, others in waits.items()}
    ready = [head for head, n in left.items() if not n]
    heapq.heapify(ready)
    whole = {first[n]: [i for branch in fork for i in branch] for n, fork in enumerate(forks)}
    out: list[int] = []
    while ready:
        head = heapq.heappop(ready)
        out += whole.get(head, [head])
        for other in later[head]:
            left[other] -= 1
            if not left[other]:
                heapq.heappush(ready, other)
    return out
