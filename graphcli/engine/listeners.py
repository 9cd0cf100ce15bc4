"""Listeners: what watches a run from outside. Each wraps the kernels of a plan when it is made."""
from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from ..errors import RunError
from .plan import Step


def arrays_of(result: Any) -> list[Any]:
    """The outputs of a kernel as a list."""
    return list(result) if type(result) in (list, tuple) else [result]


@dataclass
class Profile:
    """How often each node ran and for how many seconds."""

    calls: dict[str, int] = field(default_factory=dict)
    seconds: dict[str, float] = field(default_factory=dict)
    types: dict[str, str] = field(default_factory=dict)

    def wrap(self, step: Step, kernel: Callable[..., Any]) -> Callable[..., Any]:
        name = step.node.name
        self.types[name] = step.node.type
        calls, seconds, clock = self.calls, self.seconds, time.perf_counter

        def timed(*args: Any) -> Any:
            start = clock()
            try:
                return kernel(*args)
            finally:
                calls[name] = calls.get(name, 0) + 1
                seconds[name] = seconds.get(name, 0.0) + clock() - start

        return timed

    def slowest(self, count: int = 10) -> list[tuple[str, str, int, float]]:
        """(node, op, calls, seconds), most seconds first."""
        names = sorted(self.seconds, key=lambda n: -self.seconds[n])[:count]
        return [(n, self.types[n], self.calls[n], self.seconds[n]) for n in names]


class Trace:
    """Hands every result to ``see(node, arrays)`` as it is made; they are not to be kept or written to."""

    def __init__(self, see: Callable[[Any, list[Any]], None]) -> None:
        self.see = see

    def wrap(self, step: Step, kernel: Callable[..., Any]) -> Callable[..., Any]:
        def seen(*args: Any) -> Any:
            result = kernel(*args)
            self.see(step.node, arrays_of(result))
            return result

        return seen


class NanCheck:
    """Stops the run at the first node that makes a NaN or an infinity."""

    def wrap(self, step: Step, kernel: Callable[..., Any]) -> Callable[..., Any]:
        def checked(*args: Any) -> Any:
            result = kernel(*args)
            for i, value in enumerate(arrays_of(result)):
                kind = getattr(getattr(value, "dtype", None), "kind", "")
                if kind in "fc" and kind and not np.isfinite(value).all():
                    what = "NaN" if np.isnan(value).any() else "infinity"
                    raise RunError(f"output {i} holds {what}")
            return result

        return checked
