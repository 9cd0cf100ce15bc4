"""``ckpt``: looks into checkpoints. Its own verbs are in the files ``ckpt_….py`` beside this one."""
from __future__ import annotations

import importlib
from typing import Any

import click

from ..errors import UsageError, did_you_mean

VERBS = {
    "ls": "List the tensors.",
    "show": "Print tensors.",
    "stats": "Mean, deviation, least and greatest of each tensor.",
    "diff": "Compare two checkpoints, tensor by tensor.",
    "rename": "Write it anew under other names.",
    "strip": "Write it anew without what only training needs.",
    "export": "Write the tensors as .npz or .safetensors.",
}


class Verbs(click.Group):
    """The verbs below ``ckpt``; the module of one is imported when it is looked up."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(VERBS)

    def get_command(self, ctx: click.Context, name: str) -> click.Command | None:
        if name not in VERBS:
            return None
        where = "ckpt_write" if name in ("rename", "strip", "export") else "ckpt_read"
        command: click.Command = getattr(importlib.import_module(f"{__package__}.{where}"), name)
        return command

    def resolve_command(self, ctx: click.Context, args: list[str]) -> Any:
        if args and args[0] not in VERBS and not args[0].startswith("-"):
            raise UsageError(f"unknown verb 'ckpt {args[0]}'",
                             hint=did_you_mean(args[0], VERBS) or f"there are {', '.join(VERBS)}")
        return super().resolve_command(ctx, args)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Verbs"):
            formatter.write_dl(list(VERBS.items()))


@click.group("ckpt", cls=Verbs, subcommand_metavar="VERB ...",
             epilog="Example: graphcli ckpt ls runs/digits",
             context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
def command() -> None:
    """Look into checkpoints of TensorFlow's V2 format.

    CKPT is a prefix (runs/model-100), one of its files, or a folder, whose newest checkpoint is taken.
    """
