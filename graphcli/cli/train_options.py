"""The options of ``train`` about what is run, on what, and how often."""
from __future__ import annotations

import functools
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import click

from ..errors import UsageError
from . import complete


@dataclass
class Options:
    """What the options say; see their help."""

    data: str | None
    maps: tuple[str, ...]
    feeds: tuple[str, ...]
    target: tuple[str, ...]
    loss: str
    epochs: int | None
    steps: int | None
    batch_size: int | None
    shuffle: bool
    drop_last: bool
    evals: tuple[str, ...]
    eval_data: str | None
    eval_maps: tuple[str, ...]
    eval_feeds: tuple[str, ...]
    eval_every: int | None
    log_every: int | None
    save: str | None
    save_every: int | None
    keep: int
    soft_placement: bool

    def check(self) -> None:
        """Raises UsageError for options that mean nothing without others."""
        if self.data is None:
            of_rows = {"--feed-map": self.maps, "--epochs": self.epochs, "--batch-size": self.batch_size,
                       "--shuffle": self.shuffle, "--drop-last": self.drop_last}
            for flag in (f for f, given in of_rows.items() if given):
                raise UsageError(f"{flag} goes with --data FILE")
        if self.evals and self.eval_data is None and self.data is not None and not self.eval_feeds:
            raise UsageError("--eval needs rows that are not trained on", hint="--eval-data FILE")
        if not self.evals:
            for flag, given in (("--eval-data", self.eval_data), ("--eval-map", self.eval_maps),
                                ("--eval-feed", self.eval_feeds), ("--eval-every", self.eval_every)):
                if given:
                    raise UsageError(f"{flag} goes with --eval NAME")
        if self.save is None and self.save_every:
            raise UsageError("--save-every goes with --save DIR")


def _option(*names: str, **more: Any) -> Callable[..., Any]:
    return click.option(*names, **more)


_OPTIONS = [
    _option("--data", metavar="FILE", shell_complete=complete.files,
            help="The rows: arrays of an .npz, columns of a .csv, lists of a .json. Without it, a graph that makes or "
                 "holds what it needs is run for --steps N."),
    _option("--feed-map", "maps", multiple=True, metavar="INPUT=ARRAY,...", shell_complete=complete.feeds,
            help="Which array feeds which input; a+b puts columns side by side. Without it: arrays of the inputs' "
                 "names."),
    _option("--feed", "feeds", multiple=True, metavar="NAME=VALUE", shell_complete=complete.feeds,
            help="Fed at every step as it is: a literal or @file, as for run."),
    _option("--target", multiple=True, default=("train",), show_default=True, metavar="NAME",
            shell_complete=complete.handles, help="What a step runs. May be repeated."),
    _option("--loss", default="loss", show_default=True, metavar="NAME", shell_complete=complete.handles,
            help="The number that is to fall."),
    _option("--epochs", type=click.IntRange(1), metavar="N",
            help="How often all rows are gone through; once without --steps."),
    _option("--steps", type=click.IntRange(1), metavar="N",
            help="End after so many steps, those of a resumed run included."),
    _option("--batch-size", type=click.IntRange(1), metavar="N", help="Rows of a step.  [default: 32]"),
    _option("--shuffle", is_flag=True, help="Another order each epoch; --seed says which."),
    _option("--drop-last", is_flag=True, help="Leave out the rows of an epoch that make no whole batch."),
    _option("--eval", "evals", multiple=True, metavar="NAME", shell_complete=complete.handles,
            help="A value whose mean over the rows of --eval-data is told. May be repeated."),
    _option("--eval-data", metavar="FILE", shell_complete=complete.files, help="The rows to evaluate on."),
    _option("--eval-map", "eval_maps", multiple=True, metavar="INPUT=ARRAY,...",
            help="Which array of --eval-data feeds which input; --feed-map by default."),
    _option("--eval-feed", "eval_feeds", multiple=True, metavar="NAME=VALUE",
            help="Fed in evaluations, in place of --feed of the same name: keep_prob=1."),
    _option("--eval-every", type=click.IntRange(1), metavar="N", help="Evaluate every N steps; after each epoch by "
            "default."),
    _option("--log-every", type=click.IntRange(1), metavar="N",
            help="Tell the loss every N steps; by default each epoch, or 100, on a terminal, and at the end "
            "elsewhere."),
    _option("--save", metavar="DIR", shell_complete=complete.files,
            help="Write checkpoints DIR/model-STEP; also when Ctrl-C stops the run."),
    _option("--save-every", type=click.IntRange(1), metavar="N", help="Save every N steps; after each epoch by "
            "default, and at the end."),
    _option("--keep", type=click.IntRange(1), default=5, show_default=True, metavar="N",
            help="How many checkpoints stay."),
    _option("--soft-placement", is_flag=True, help="What has no device goes to the default one."),
]


def train_options(function: Callable[..., Any]) -> Callable[..., Any]:
    """All of them; the verb gets ``options``, an Options."""
    fields = Options.__dataclass_fields__

    @functools.wraps(function)
    def verb(*args: Any, **given: Any) -> Any:
        made = Options(**{k: given.pop(k) for k in fields})
        return function(*args, options=made, **given)

    for option in reversed(_OPTIONS):
        verb = option(verb)
    return verb
