"""``ckpt``: looks into checkpoints. Its own verbs are in the files ``ckpt_….py`` beside this one."""
from __future__ import annotations

import importlib
from typing import Any

import click

from ..errors import UsageError, did_you_mean
from .group import LazyGroup

VERBS = {
    "ls": "List the tensors.",
    "show": "Print tensors.",
    "stats": "Mean, deviation, least and greatest of each tensor.",
    "diff": "Compare two checkpoints, tensor by tensor.",
    "rename": "Write it anew under other names.",
    "strip": "Write it anew without what only training needs.",
    "export": "Write the tensors as .npz or .safetensors.",
}


class Verbs(LazyGroup):
    """The verbs below ``ckpt``; several are in one file."""

    verbs = VERBS

    def load(self, name: str) -> click.Command:
        where = "ckpt_write" if name in ("rename", "strip", "export") else "ckpt_read"
        command: click.Command = getattr(importlib.import_module(f"{__package__}.{where}"), name)
        return command

    def resolve_command(self, ctx: click.Context, args: list[str]) -> Any:
        if args and args[0] not in VERBS and not args[0].startswith("-"):
            raise UsageError(f"unknown verb 'ckpt {args[0]}'",
                             hint=did_you_mean(args[0], VERBS) or f"there are {', '.join(VERBS)}")
        return super().resolve_command(ctx, args)


@click.group("ckpt", cls=Verbs, subcommand_metavar="VERB ...",
             epilog="Example: graphcli ckpt ls runs/digits",
             context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
def command() -> None:
    """Look into checkpoints of TensorFlow's V2 format.

    CKPT is a prefix (runs/model-100), one of its files, or a folder, whose newest checkpoint is taken.
    """
