"""``events``: reads back what was logged, without TensorBoard."""
from __future__ import annotations

import os
from typing import Any

import click

from ...errors import UsageError, did_you_mean
from ..group import LazyGroup

PARTS = {
    "ls": "List the runs and what each has logged.",
    "cat": "Print the events, oldest first.",
    "tail": "Print the last events; -f goes on.",
    "plot": "Plot scalars in the terminal.",
    "check": "Say whether the files are whole, and where they are not.",
    "repair": "Keep of each broken file its whole records.",
    "embed": "Write vectors for TensorBoard's projector.",
}


class Parts(LazyGroup):
    """The parts of the verb by name; a folder in place of one means ``ls``."""

    verbs = PARTS
    package = __package__
    title = "Parts"

    def resolve_command(self, ctx: click.Context, args: list[str]) -> Any:
        if args and args[0] not in PARTS and not args[0].startswith("-"):
            if not os.path.exists(args[0]):
                raise UsageError(f"events {args[0]}: neither a folder nor one of {', '.join(PARTS)}",
                                 hint=did_you_mean(args[0], PARTS))
            return "ls", self.get_command(ctx, "ls"), args
        return super().resolve_command(ctx, args)


@click.group("events", cls=Parts, subcommand_metavar="PART LOGDIR ...",
             context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
             epilog="Example: graphcli events plot runs loss")
def command() -> None:
    """Read the event files of LOGDIR back: what TensorBoard would show, in the terminal.

    LOGDIR is a folder of runs, the folder of one, or an event file. Without a PART: ls.
    """
