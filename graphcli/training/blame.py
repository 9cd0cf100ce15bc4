"""Where a NaN came from. Steps are repeatable to the bit, so the last few are taken again under a watch.

The watch costs too much to be on all the time; copies of the variables, made every now and then, do not.
"""
from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import numpy as np

from ..engine.listeners import arrays_of
from ..engine.session import Session
from ..engine.streams import captured, put_back

MOST_BYTES = 1 << 28
"""Variables larger than this together are not copied."""
APART = 50
"""A copy is not made before this many times what the last one took has passed: steps on a few rows of a large table
are not to pay for the table."""


class Snapshots:
    """Copies of a session's variables and random streams at some step."""

    def __init__(self, session: Session) -> None:
        self.session = session
        self.step = -1
        self.values: dict[Any, Any] = {}
        self.streams: dict[str, Any] = {}
        self._next = 0.0

    def take(self, step: int) -> None:
        """Copies, unless there is too much to copy or the last copy will do: from an older one more steps are taken
        again, which come to the same."""
        began = time.monotonic()
        if began < self._next:
            return
        slots = {n: s.value for n, s in self.session.state.slots.items() if s.value is not None}
        if sum(v.nbytes for v in slots.values()) > MOST_BYTES:
            self.step = -1
            return
        self.step = step
        self.values = {node: value.copy() for node, value in slots.items()}
        self.streams = captured(self.session.state)
        ended = time.monotonic()
        self._next = ended + APART * (ended - began)

    def put_back(self) -> None:
        for node, value in self.values.items():
            self.session.state.slot(node).value = value.copy()
        put_back(self.session.state, self.streams, self.session.graph.nodes)


class FirstNan:
    """A listener of the engine: the first node whose result holds a NaN though nothing that it took did."""

    def __init__(self) -> None:
        self.node: Any = None
        self.what = "NaN"

    def wrap(self, step: Any, kernel: Callable[..., Any]) -> Callable[..., Any]:
        node = step.node

        def watched(*args: Any) -> Any:
            if self.node is not None:
                return kernel(*args)
            clean = not any(_has_nan(getattr(a, "value", a)) for a in _flat(args))
            result = kernel(*args)
            if clean and any(_has_nan(getattr(r, "value", r)) for r in arrays_of(result)):
                self.node = node
            return result

        return watched


def _flat(args: Any) -> list[Any]:
    out: list[Any] = []
    for a in args:
        out += a if isinstance(a, list) else [a]
    return out


def _has_nan(value: Any) -> bool:
    kind = getattr(getattr(value, "dtype", None), "kind", "")
    return kind in ("f", "c") and bool(np.isnan(value).any())


def first_nan(snapshots: Snapshots, last: int, take: Callable[[int, Any], Any]) -> tuple[int, Any] | None:
    """(step, node) at which a NaN first came, up to step ``last``; None where that cannot be told.

    take: takes step ``n`` (from 0) again, seen by a listener.
    """
    if snapshots.step < 0:
        return None
    snapshots.put_back()
    watch = FirstNan()
    for step in range(snapshots.step, last):
        take(step, watch)
        if watch.node is not None:
            return step + 1, watch.node
    return None
