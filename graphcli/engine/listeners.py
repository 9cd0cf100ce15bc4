"""Listeners: what watches a run from outside. Each wraps the kernels of a plan when it is made."""
from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from ..analysis.measured import Measured, Value, value_facts
from ..errors import RunError
from ..graph.kernel import Slot
from .handed import here
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


class Measure:
    """Time and values of every node that runs: of a node's outputs the facts of its last call."""

    def __init__(self) -> None:
        self.profile = Profile()
        self.values: dict[str, tuple[Value | None, ...]] = {}

    def wrap(self, step: Step, kernel: Callable[..., Any]) -> Callable[..., Any]:
        timed = self.profile.wrap(step, kernel)
        name = step.node.name

        def measured(*args: Any) -> Any:
            result = timed(*args)
            self.values[name] = tuple(value_facts(_held(a)) for a in arrays_of(result))
            return result

        return measured

    def run(self, given: Mapping[str, Any]) -> dict[str, Measured]:
        """What was measured, by node. given: values that no kernel made (feeds, variables, constants)."""
        out = {name: Measured(0, None, (value_facts(_held(array)),)) for name, array in given.items()}
        for name, seconds in self.profile.seconds.items():
            out[name] = Measured(self.profile.calls[name], seconds, self.values.get(name, ()))
        return out


def _held(array: Any) -> Any:
    """The array that a variable's buffer holds; arrays of a device come to the host."""
    if isinstance(array, Slot):
        array = array.value
    return here(array)
