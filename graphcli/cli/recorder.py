"""Recorder: a step that goes into a log. Fetches the summaries beside what was asked for, and writes them."""
from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from ..engine.session import Session
    from ..spec.result import BuiltGraph


def logdir_option(function: Any) -> Any:
    return click.option("--logdir", metavar="DIR", help="Write an event file for TensorBoard into this run's folder: "
                        "the graph, all summaries, fetched numbers, what each node cost.")(function)


def collected(built: BuiltGraph, fed: Sequence[Any]) -> list[Any]:
    """The collected summaries that need nothing which is not fed; a note for each of the others."""
    from ..analysis.feeds import needs
    from ..formats.events.run_log import summaries_of
    from . import render

    out = []
    for tensor in summaries_of(built.graph):
        missing = [n.tensor.op.name for n in needs([tensor], frozenset(fed)) if not n.optional]
        if missing:
            render.note(f"note: the summary {tensor.op.name} is not logged: it needs {render.listed(missing)}, "
                        "which is not fed")
        else:
            out.append(tensor)
    return out


class Recorder:
    """What ``run --logdir`` logs: the graph; at each step the summaries of the graph that can be had with what is
    fed, and numbers that are fetched; of the first and the last step what each node cost.

    Raises GraphError where the folder cannot be written.
    """

    def __init__(self, folder: str, built: BuiltGraph, targets: Mapping[str, Any], fed: Sequence[Any],
                 steps: int) -> None:
        from ..formats.events.run_log import RunLog, is_summary
        from ..tf1.global_step import get_global_step

        self.targets = dict(targets)
        self.traced = {1, steps}
        fetched = [t for t in self.targets.values() if is_summary(t)]
        self.told = {t for n in built.graph if n.type == "ScalarSummary" for t in n.inputs}
        self.summaries = list(dict.fromkeys([*fetched, *collected(built, fed)]))
        self.counter = get_global_step(built.graph)
        self.log = RunLog(folder, built.graph)

    def step(self, session: Session, feeds: Mapping[Any, Any], number: int) -> list[Any]:
        """Takes one step, logs it, and gives the values of the targets."""
        fetches = [list(self.targets.values()), self.summaries, [] if self.counter is None else [self.counter]]
        if number in self.traced:
            from ..engine.timeline import Timeline

            timeline = Timeline(*self.log.timeline())
            values, summaries, counter = session.watched(timeline, fetches, feeds)
        else:
            timeline = None
            values, summaries, counter = session.run(fetches, feeds)
        now = int(counter[0]) if counter else number
        self.log.write(now, [bytes(s) for s in summaries], self._numbers(values))
        if timeline is not None:
            self.log.costs(number, timeline.run_metadata())
        return list(values)

    def _numbers(self, values: Sequence[Any]) -> dict[str, float]:
        """The fetched values that are one real number and have no summary, by the names they were fetched by."""
        return {name: value for (name, target), value in zip(self.targets.items(), values)
                if getattr(value, "ndim", 1) == 0 and getattr(getattr(value, "dtype", None), "kind", "") in "fiu"
                and target not in self.told}

    def __enter__(self) -> Recorder:
        return self

    def __exit__(self, *exc: Any) -> None:
        from . import render

        self.log.close()
        render.note(f"wrote {self.log.path}")
