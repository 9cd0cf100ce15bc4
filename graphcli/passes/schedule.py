"""Schedule: the order of steps that holds the least memory, where a better one is found than the given.

Greedy: of the steps that can run, the one that frees most and makes least comes next, the earlier of equals. Steps
with effects keep their order among themselves. No number depends on the order of the others.
"""
from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

LONGEST = 3000
"""Steps beyond which the order is left alone: the search looks at every step that can run, each time."""


def schedule(count: int, earlier: Sequence[Collection[int]], makes: Sequence[Mapping[object, int]],
             uses: Sequence[Collection[object]], kept: Collection[object]) -> list[int]:
    """An order of the steps 0 .. count-1.

    earlier: what each waits for. makes: what it makes, with bytes. uses: what it takes. kept: what is never freed.
    """
    given = list(range(count))
    if count > LONGEST:
        return given
    found = _greedy(count, earlier, makes, uses, kept)
    return found if most(found, makes, uses, kept) < most(given, makes, uses, kept) else given


def most(order: Sequence[int], makes: Sequence[Mapping[object, int]], uses: Sequence[Collection[object]],
         kept: Collection[object]) -> int:
    """The bytes that an order holds at its worst."""
    left = _counts(uses)
    sizes = {v: b for made in makes for v, b in made.items()}
    now = worst = 0
    for step in order:
        now += sum(makes[step].values())
        worst = max(worst, now)
        for value in uses[step]:
            left[value] -= 1
            if not left[value] and value in sizes and value not in kept:
                now -= sizes[value]
        now -= sum(b for v, b in makes[step].items() if v not in left and v not in kept)
    return worst


def _counts(uses: Sequence[Collection[object]]) -> dict[object, int]:
    left: dict[object, int] = {}
    for taken in uses:
        for value in taken:
            left[value] = left.get(value, 0) + 1
    return left


def _greedy(count: int, earlier: Sequence[Collection[int]], makes: Sequence[Mapping[object, int]],
            uses: Sequence[Collection[object]], kept: Collection[object]) -> list[int]:
    left = _counts(uses)
    sizes = {v: b for made in makes for v, b in made.items()}
    waits = [len(e) for e in earlier]
    later: list[list[int]] = [[] for _ in range(count)]
    for step, others in enumerate(earlier):
        for other in others:
            later[other].append(step)
    ready = [i for i in range(count) if not waits[i]]
    out = []

    def growth(step: int) -> tuple[int, int]:
        freed = sum(sizes[v] for v in uses[step] if left[v] == 1 and v in sizes and v not in kept)
        return sum(b for v, b in makes[step].items() if v in left or v in kept) - freed, step

    while ready:
        step = min(ready, key=growth)
        ready.remove(step)
        out.append(step)
        for value in uses[step]:
            left[value] -= 1
        for other in later[step]:
            waits[other] -= 1
            if not waits[other]:
                ready.append(other)
    return out
