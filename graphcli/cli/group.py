"""A group of verbs whose module is imported when one of them is looked up, and not before."""
from __future__ import annotations

import importlib

import click

from ..errors import EXIT_USAGE


class LazyGroup(click.Group):
    """verbs: name -> one line about it, in the order of --help. package: where the module of that name is."""

    verbs: dict[str, str]
    package: str
    title = "Verbs"

    def load(self, name: str) -> click.Command:
        """The command of a verb."""
        command: click.Command = importlib.import_module(f"{self.package}.{name}").command
        return command

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(self.verbs)

    def get_command(self, ctx: click.Context, name: str) -> click.Command | None:
        return self.load(name) if name in self.verbs else None

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        if not args and self.no_args_is_help and not ctx.resilient_parsing:
            # nothing was asked: the page that says what can be. click has other statuses for it in each version
            click.echo(ctx.get_help(), color=ctx.color)
            ctx.exit(EXIT_USAGE)
        return super().parse_args(ctx, args)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        # click would import every verb to ask it for its line
        with formatter.section(self.title):
            formatter.write_dl(list(self.verbs.items()))
