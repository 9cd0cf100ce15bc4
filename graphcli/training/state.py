"""Where a training run stands, as one tensor of its checkpoint: readers of TensorFlow's pass over it.

``_graphcli/training`` is a string scalar with a JSON object: the step, how batches are made, and the random
streams of the ops. Variables and optimizer slots stand beside it as ever.
"""
from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field
from typing import Any

import numpy as np

from ..engine.session import Session
from ..engine.streams import captured, put_back
from ..errors import DataLoss, InvalidValue
from ..wire.bundle import open_checkpoint
from .batches import Batches

NAME = "_graphcli/training"
VERSION = 1


@dataclass
class TrainingState:
    """step: how many are done. streams: what the random ops have come to. since: the losses added up since the last
    interval, and of how many steps they are."""

    step: int
    rows: int
    batch_size: int
    shuffle: bool
    seed: int
    drop_last: bool = False
    streams: dict[str, Any] = field(default_factory=dict)
    since: tuple[float, int] = (0.0, 0)
    version: int = VERSION

    @classmethod
    def of(cls, session: Session, batches: Batches, step: int, since: tuple[float, int] = (0.0, 0)) -> TrainingState:
        """The state of a run after ``step`` steps."""
        return cls(step, batches.rows, batches.size, batches.shuffle, batches.seed, batches.drop_last,
                   captured(session.state), since)

    def as_tensor(self) -> Any:
        """The tensor for a checkpoint."""
        return np.array(json.dumps(asdict(self), sort_keys=True).encode(), object)

    def into(self, session: Session) -> None:
        """Brings the random ops of a session to this state. Raises DataLoss for streams that make no sense."""
        try:
            put_back(session.state, self.streams, session.graph.nodes)
        except (AttributeError, KeyError, TypeError, ValueError, OverflowError) as error:
            raise DataLoss(f"the training state cannot be read: {error}") from None

    def check(self, batches: Batches) -> None:
        """Raises InvalidValue where these batches are not those of the run that was broken off."""
        hint = "restart=True takes the variables alone, and begins at step 0"
        for mine, theirs, what in ((self.rows, batches.rows, "{} rows"),
                                   (self.batch_size, batches.size, "batches of {} rows")):
            if mine != theirs:
                raise InvalidValue(f"the run that was saved had {what.format(mine)}, this one has "
                                   f"{what.format(theirs)}", hint=hint)
        if self.shuffle != batches.shuffle:
            raise InvalidValue(f"the run that was saved had its rows {'' if self.shuffle else 'not '}shuffled",
                               hint=hint)
        if self.drop_last != batches.drop_last:
            raise InvalidValue("the run that was saved " + ("left out" if self.drop_last else "did not leave out")
                               + " the rows of a last, smaller batch", hint=hint)


def read_state(prefix: str) -> TrainingState | None:
    """The state in a checkpoint, None if it has none. Raises DataLoss for one that cannot be read."""
    with open_checkpoint(prefix) as bundle:
        if NAME not in bundle:
            return None
        try:
            told = json.loads(bundle.read(NAME)[()])
            if told["version"] != VERSION:
                raise InvalidValue(f"{prefix} was saved by a newer graphcli: its training state is of version "
                                   f"{told['version']}")
            state = TrainingState(**told)
            numbers = (state.step, state.rows, state.batch_size, state.seed, state.since[1])
            if not all(isinstance(n, int) for n in numbers) or state.step < 0 or state.since[1] < 0:
                raise TypeError("its numbers make no sense")
            state.since = (float(state.since[0]), state.since[1])
            return state
        except (ValueError, TypeError, KeyError) as error:
            if isinstance(error, InvalidValue):
                raise
            raise DataLoss(f"{prefix}: its training state cannot be read: {error}") from None
