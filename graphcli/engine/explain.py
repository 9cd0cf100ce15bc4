"""Explain: what a plan does, with its costs, and with the times and the memory of a run beside it."""
from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from ..analysis.cost import called
from ..analysis.flops import CALLS, flops_of
from ..graph.graph import Node, Tensor
from ..passes.prune import needed
from .failures import misfit
from .plan import Plan, Step

if TYPE_CHECKING:
    from .session import Session
    from .workers import Workers

RUNS = 5


@dataclass(frozen=True)
class Explained:
    """flops, threads, seconds: by the number of a step; seconds of a step that ran (the median of some runs).

    threads: of loops over blocks and, of a step that ran, of whatever it calls. pruned: the nodes of the graph that the
    fetches do not need.
    peak: the bytes that a run held at most besides feeds, constants and variables; None where it was not run.
    whole: seconds of a run.
    """

    plan: Plan
    flops: dict[int, int]
    threads: dict[int, int]
    pruned: tuple[Node, ...]
    seconds: dict[int, float] = field(default_factory=dict)
    whole: float | None = None
    peak: int | None = None


def explain(session: Session, fetches: Any, feeds: Mapping[Any, Any] | Sequence[Any], run: bool = False) -> Explained:
    """The plan of ``fetches`` explained. feeds: tensors, or with their values. run: takes some steps (their updates of
    variables stay) and adds what they took. Raises what the run raises, as far as shapes tell."""
    values = feeds if isinstance(feeds, Mapping) else None
    executable = session.executable(fetches, feeds)
    plan = session.plan(fetches, feeds)
    for step in plan.steps if plan.refused else ():
        # of a branch or a loop it is not known whether it runs
        if step.region is None and step.node in plan.refused:
            raise misfit(step.node, plan.refused[step.node], plan.shape)
    counted = {s.number: _work(plan, s) for s in plan.steps}
    threads = executable.threads()
    pruned = _pruned(session, fetches, plan)
    if not run or values is None:
        return Explained(plan, counted, threads, pruned)
    watch = _Watch(session.plans.workers)
    seen = session.executable(fetches, values, [watch])
    whole = []
    session.run(fetches, values)
    for _ in range(RUNS + 1):
        start = time.perf_counter()
        session.run(fetches, values)
        whole.append(time.perf_counter() - start)
        session.take(seen, values)
    threads.update(watch.threads)
    seconds = {n: sorted(t[1:])[len(t[1:]) // 2] for n, t in watch.times.items() if len(t) > 1}
    return Explained(plan, counted, threads, pruned, seconds, sorted(whole)[len(whole) // 2],
                     _peak(session, fetches, values) + executable.keeps())


def _pruned(session: Session, fetches: Any, plan: Plan) -> tuple[Node, ...]:
    leaves = session.plans.prepared(fetches, plan.feeds).structure.leaves
    need = needed([f for f in leaves if isinstance(f, (Tensor, Node))], frozenset(plan.feeds)).wanted_by
    return tuple(n for n in session.graph if n not in need)


def _work(plan: Plan, step: Step) -> int:
    """Operations of a step that is taken again and again."""
    total = sum(_flops(plan, n) for n in step.nodes)
    if step.columns is None:
        return total
    whole = plan.shape(step.products[0].outputs[0])
    start, end = step.columns
    return total if whole is None else total * (end - start) // (whole[1] or 1)


def _flops(plan: Plan, node: Node) -> int:
    if node.type in CALLS:
        return called(node).total
    inputs = [plan.shape(t) for t in node.inputs]
    output = plan.shape(node.outputs[0]) if node.outputs else ()
    return 0 if output is None or None in inputs else flops_of(node, inputs, output)


def _peak(session: Session, fetches: Any, feeds: Mapping[Any, Any]) -> int:
    import tracemalloc

    tracemalloc.start()
    try:
        # held, so that what is fetched counts
        values = session.run(fetches, feeds)
        peak = tracemalloc.get_traced_memory()[1]
        del values
    finally:
        tracemalloc.stop()
    return peak


class _Watch:
    """Times steps, those within regions with the region, and sees how many threads share them."""

    def __init__(self, workers: Workers) -> None:
        self.times: dict[int, list[float]] = {}
        self.workers = workers
        self.threads: dict[int, int] = {}

    def wrap(self, step: Step, kernel: Callable[..., Any]) -> Callable[..., Any]:
        return kernel if step.within else self.around(step, kernel)

    def around(self, step: Step, kernel: Callable[..., Any]) -> Callable[..., Any]:
        times, clock = self.times.setdefault(step.number, []), time.perf_counter
        workers, number = self.workers, step.number

        def timed(*args: Any) -> Any:
            workers.most = 1
            start = clock()
            try:
                return kernel(*args)
            finally:
                times.append(clock() - start)
                self.threads[number] = max(workers.most, self.threads.get(number, 1))

        return timed
