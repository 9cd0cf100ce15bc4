"""``graphcli``: a group whose verbs are imported when they are called, and nothing before."""
from __future__ import annotations

import gc
import os
from typing import Any

import click

from . import errors
from .group import LazyGroup
from .interrupts import unwound

VERBS = {
    "run": "Initialize the variables, run, and print the fetches.",
    "train": "Train: run steps over batches of data, evaluate, save.",
    "viz": "Draw the graph: SVG, PNG, HTML, DOT, Mermaid, text.",
    "scopes": "Show the variable scopes: what is shared with what, and why.",
    "feeds": "Say what must be fed to get a value.",
    "info": "Count ops, parameters, memory and FLOPs.",
    "nodes": "List nodes.",
    "node": "Show one node.",
    "collections": "Show the collections.",
    "devices": "Show where each op runs, and why.",
    "check": "Read, build and lint without running.",
    "plan": "Show what the engine will do.",
    "events": "Read event files back: tags, scalars, a plot, repair.",
    "export": "Write the graph for elsewhere: GraphDef, MetaGraphDef, a spec, a picture.",
    "diff": "Show what differs between two graphs.",
    "ckpt": "Look into checkpoints: list, show, compare, rename, export.",
    "ops": "Show the vocabulary: what can be written.",
    "init": "Write a commented starter spec.",
    "schema": "Print the JSON Schema of the language, for editors.",
    "completion": "Print the completion script of a shell.",
}


class Verbs(LazyGroup):
    """The verbs of ``graphcli``."""

    verbs = VERBS
    package = __package__

    def resolve_command(self, ctx: click.Context, args: list[str]) -> Any:
        if args and args[0] not in VERBS and not args[0].startswith("-"):
            from ..errors import UsageError, did_you_mean

            if os.path.exists(args[0]):
                raise UsageError(f"no verb stands before {args[0]}", hint=f"graphcli info {args[0]} says what is in it")
            raise UsageError(f"unknown verb {args[0]!r}",
                             hint=did_you_mean(args[0], VERBS) or "graphcli --help lists the verbs")
        return super().resolve_command(ctx, args)

    def shell_complete(self, ctx: click.Context, incomplete: str) -> list[Any]:
        from click.shell_completion import CompletionItem

        if incomplete.startswith("-"):
            return click.Command.shell_complete(self, ctx, incomplete)
        return [CompletionItem(n, help=h) for n, h in VERBS.items() if n.startswith(incomplete)]


def _version(ctx: click.Context, param: click.Parameter, value: bool) -> None:
    if value and not ctx.resilient_parsing:
        from .. import __version__

        click.echo(f"graphcli {__version__}")
        ctx.exit()


CONTEXT = {"help_option_names": ["-h", "--help"], "max_content_width": 100}


@click.group(cls=Verbs, context_settings=CONTEXT, subcommand_metavar="VERB ...",
             epilog="Example: graphcli run specs/line.yaml --fetch out --feed x='[[2]]'")
@click.option("--version", is_flag=True, is_eager=True, expose_value=False, callback=_version,
              help="Show the version and exit.")
def cli() -> None:
    """Write, see, question and run TensorFlow 1 graphs.

    GRAPH is a spec (YAML) or a graph file (.pb, .pbtxt, .meta, a SavedModel, a log), or - for standard input.
    Every verb has an example in its --help.
    """


def main(args: list[str] | None = None) -> int:
    """Runs one command line, by default that of this process; returns the exit status."""
    if args is not None:
        return _run(args)
    # what a command imports and builds lives until it ends: to look through it for garbage only costs
    gc.set_threshold(20_000)
    return _run(None)


def _run(args: list[str] | None) -> int:
    return unwound(lambda: errors.guarded(lambda: cli.main(args, prog_name="graphcli", standalone_mode=False)))
