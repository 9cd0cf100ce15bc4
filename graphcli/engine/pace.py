"""Pace: whether BLAS's threads multiply for the steps of a plan is measured, and again when steps take another time."""
from __future__ import annotations

from time import perf_counter

from .products import Products

PHASE, WARM, STEPS = 0.06, 0.03, 8
"""Seconds of one way at least; those of them that do not count, for BLAS's threads stay awake; steps that do."""
WORTH = 0.97
"""BLAS's threads must bring a step to this part of its time."""
AGAIN, SELDOM = 1.0, 300.0
"""Seconds until the question may be asked once more, twice as long each time; and until it is asked anyway."""
NEAR, OTHER = 1.25, 32
"""How far from the usual a step's time is another, and how many more such than usual steps ask the question."""
TRIES = 4
"""How often both ways are timed at most where two looks at one way differ, for then something else took the time."""
FEW = 3
"""Steps by BLAS's threads that decide at once, each further from the usual, where STEPS take longer than PHASE."""
LATE, OFTEN = 3.0, 4
"""How late is late, and how often a step may be before BLAS's threads are given up: once in 16 steps forgets one."""
VERY = 10.0
"""How late counts as twice late."""


class Pace:
    """Whether one plan's products go to BLAS's threads: both ways are timed in turn, and the quicker one kept."""

    def __init__(self, products: Products) -> None:
        self.products = products
        self.workers = products.workers
        self.times: list[list[float]] = [[]]
        """Of the steps that count, by phases."""
        self.tries = 0
        self.turn = 0
        """Phases so far: off, on, off, on; then it is decided."""
        self.way = False
        self.usual = 0.0
        self.late = self.calm = self.other = 0
        self.wait = AGAIN
        self.due = self.latest = 0.0
        self.since = 0.0
        self.start = 0.0

    def begin(self) -> None:
        """A step begins."""
        self.products.on = self.workers.alone = self.way
        self.start = perf_counter()

    def end(self) -> None:
        """The step has ended."""
        self.products.on = self.workers.alone = False
        if not self.products.any:
            return
        now = perf_counter()
        took = now - self.start
        if self.turn == 4:
            self._watch(now, took)
            return
        if self._is_late(took) and self.late >= OFTEN:
            # BLAS's threads wait for a core that another process has
            self._alone(now)
            return
        if not self.since:
            self.since = now
        elif now - self.since > WARM:
            times = self.times[-1]
            times.append(took)
            long = self.way and STEPS * self.usual > PHASE
            if long and len(times) == FEW and min(times) > NEAR * self.usual:
                self._alone(now)
            elif now - self.since > PHASE and len(times) >= STEPS:
                self._next(now)

    def _is_late(self, took: float) -> bool:
        """Whether a step by BLAS's threads was late, which is counted."""
        late = self.way and took > LATE * self.usual
        self.late += late + (late and took > VERY * self.usual)
        return late

    def _alone(self, now: float) -> None:
        """Decided, before all was timed: without BLAS's threads."""
        self.turn, self.way, self.times, self.tries = 4, False, [[]], 0
        self._settle(now)

    def _next(self, now: float) -> None:
        self.turn += 1
        self.since = 0.0
        if self.turn == 1:
            self.usual, self.late = sorted(self.times[0])[len(self.times[0]) // 2], 0
        self.way = self.turn % 2 == 1
        self.times.append([])
        if self.turn == 4:
            (off, on), differ = zip(*(self._looks(way) for way in (0, 1)))
            self.times, self.tries = [[]], self.tries + 1
            if max(differ) > NEAR and self.tries < TRIES:
                self.turn, self.way = 0, False
                return
            self.way = on < WORTH * off
            self.usual, self.tries = on if self.way else off, 0
            self._settle(now)

    def _looks(self, way: int) -> tuple[float, float]:
        """What a step takes one way, and how much longer in one phase than in the other."""
        one, other = (sorted(times)[len(times) // 2] for times in self.times[way:4:2])
        both = sorted(self.times[way] + self.times[way + 2])
        return both[len(both) // 2], max(one, other) / max(min(one, other), 1e-9)

    def _settle(self, now: float) -> None:
        self.late = self.calm = self.other = 0
        self.due, self.latest = now + self.wait, now + SELDOM
        self.wait = min(2 * self.wait, SELDOM)

    def _watch(self, now: float, took: float) -> None:
        near = self.usual / NEAR < took < self.usual * NEAR
        self.other = max(0, self.other - 1) if near else min(OTHER, self.other + 1)
        if now > self.due and self.other == OTHER or now > self.latest:
            self.turn, self.way, self.since = 0, False, 0.0
        elif self._is_late(took):
            if self.late >= OFTEN:
                self.way = False
                self._settle(now)
        elif self.late:
            self.calm += 1
            if self.calm == 16:
                self.late, self.calm = self.late - 1, 0
