"""A run that is watched: what each node took and made, for pictures."""
from __future__ import annotations

from typing import Any

from .choice import Choice
from .restoring import Restoring


def measured(choice: Choice, built: Any, fetches: tuple[str, ...], given: tuple[str, ...], files: tuple[str, ...],
             random: tuple[str, ...], restoring: Restoring) -> Any:
    """Node -> Measured, of one step that fetches ``fetches`` (else the spec's outputs)."""
    import numpy as np

    from ..analysis.counts import VARIABLES
    from ..engine import Session
    from ..engine.listeners import Measure
    from .files import named_files
    from .run import targets_of, wanted
    from .values import collect

    targets = targets_of(built, wanted(built, fetches))
    feeds = collect(built, given, files, random, choice.seed if choice.seed is not None else built.seed)
    measure = Measure()
    # a node that is folded or fused into another one would have no time of its own
    with Session(built, passes=()) as session:
        named_files(session, feeds, choice.path)
        restoring.into(session, feeds)
        np.matmul(np.ones((64, 64), np.float32), np.ones((64, 64), np.float32))  # BLAS wakes up at the first product
        session.watched(measure, targets, feeds)
        held = {n.name: n.attrs["value"] for n in built.graph if n.type == "Const"}
        for n in built.graph:
            if n.type in VARIABLES:
                held[n.name] = session.state.slot(n).value
        held.update({t.op.name: array for t, array in feeds.items()})
        return measure.run({name: array for name, array in held.items() if array is not None})
