"""Options that several verbs have, as bundles that yield one object."""
from __future__ import annotations

import functools
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import click

from ..errors import GraphError, UsageError
from . import complete
from .choice import Choice

if TYPE_CHECKING:
    from ..spec.result import BuiltGraph

Command = Callable[..., Any]


class Seed(click.ParamType):  # type: ignore[type-arg]
    """Any int64: a range that help pages need not tell."""

    name = "integer"

    def convert(self, value: Any, param: Any, ctx: Any) -> int:
        number = int(click.INT.convert(value, param, ctx))
        if not -(2**63) <= number < 2**63:
            self.fail(f"{number} is out of range: {-(2**63)} to {2**63 - 1}", param, ctx)
        return number


class Size(click.ParamType):  # type: ignore[type-arg]
    """A number of bytes: 1000, 500K, 2M, 1.5G."""

    name = "size"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> int:
        if isinstance(value, int):
            return value
        text = str(value).strip().upper().removesuffix("B").removesuffix("I")
        unit = {"K": 2**10, "M": 2**20, "G": 2**30, "T": 2**40}.get(text[-1:], 1)
        number = text[:-1] if unit > 1 else text
        whole, _, part = number.partition(".")
        if not (whole.isdecimal() and (part.isdecimal() and unit > 1 if "." in number else True)):
            self.fail(f"{value!r} is no number of bytes; it looks like 1000, 500M or 1.5G", param, ctx)
        return int(whole) * unit + (int(part) * unit // 10 ** len(part) if part else 0)


SIZE = Size()


def limit_options(function: Command) -> Command:
    """--max-nodes and --max-bytes."""
    verb = click.option("--max-bytes", type=SIZE, metavar="SIZE",
                        help="What one op may make, and one constant of a file: 500M, 2G; memory by default.")(function)
    return click.option("--max-nodes", type=click.IntRange(1), metavar="N",
                        help="How many nodes a file may have; 2,000,000 by default.")(verb)


def seed_option(function: Command) -> Command:
    """--seed."""
    option = click.option("--seed", type=Seed(), metavar="N", help="The graph-level seed, in place of the spec's.")
    return option(function)


def spec_options(function: Command) -> Command:
    """GRAPH, --graph, --set and --seed; the verb gets ``choice``, a Choice."""

    @limit_options
    @functools.wraps(function)
    def verb(*args: Any, path: str, graph_name: str | None, sets: tuple[str, ...], seed: int | None,
             max_nodes: int | None, max_bytes: int | None, **rest: Any) -> Any:
        return function(*args, choice=Choice(path, graph_name, sets, seed, max_nodes, max_bytes), **rest)

    verb = seed_option(verb)
    verb = click.option("--set", "sets", multiple=True, metavar="PARAM=VALUE", shell_complete=complete.params,
                        help="Set a param of the spec. May be repeated.")(verb)
    verb = click.option("--graph", "graph_name", metavar="NAME", shell_complete=complete.graphs,
                        help="Which graph of the file; the first by default.")(verb)
    return click.argument("path", metavar="GRAPH", shell_complete=complete.files)(verb)


def format_option(function: Command) -> Command:
    return click.option("--format", "form", type=click.Choice(["text", "json"]), default="text",
                        show_default=True, help="How to print.")(function)


class Verb(click.Command):
    """A command whose --help ends with an example that can be pasted: it breaks only where a shell goes on."""

    def __init__(self, *args: Any, example: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.example = example

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        try:
            return super().parse_args(ctx, args)
        except click.UsageError as error:
            # what click's parser refuses does not know of which command it is
            error.ctx = error.ctx or ctx
            raise

    def format_epilog(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        import textwrap

        lines = textwrap.wrap(f"Example: graphcli {self.example}", 76, break_long_words=False, break_on_hyphens=False)
        formatter.write("\n  " + " \\\n      ".join(lines) + "\n")


def verb(name: str, example: str) -> Callable[[Command], click.Command]:
    """A command with its example in --help."""
    return click.command(name, cls=Verb, example=example,
                         context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})


def resolve(built: BuiltGraph, name: str, flag: str, far: Callable[[], str] | None = None) -> Any:
    """What a name on the command line stands for. Raises UsageError with the nearest names, or with ``far``."""
    try:
        return built.resolve(name)
    except GraphError as error:
        message, hint = error.message, error.hint
        head, _, index = name.rpartition(":")
        node = built.graph.nodes.get(head)
        if node is not None and index.isdigit():
            count = len(node.outputs)
            message = f"{head} ({node.type}) has {count} output{'' if count == 1 else 's'}, no output {index}"
            hint = None
        elif name in built.graph.get_all_collection_keys():
            message, hint = _of_collection(built.graph, name)
        elif (scope := _scope(built, name)) is not None:
            message, hint = scope
        elif name.endswith("]") and (whole := _plain(built, name.partition("[")[0])) is not None:
            message, hint = f"{whole} is a tensor, no list", f"in the spec: part: {name}; then part is a name"
        elif (other := getattr(built, "elsewhere", lambda _: None)(name)) is not None:
            hint = f"the graph {other!r} has it: --graph {other}"
        elif hint is None:
            hint = far() if far is not None else f"graphcli nodes lists what the graph {built.name!r} has"
        raise UsageError(f"{flag} {name}: {message}", hint=hint) from None


def _scope(built: Any, name: str) -> tuple[str, str] | None:
    """What to say of a scope that was named in the place of a value; None of another name."""
    inside = [h for h in built.flat_handles() if h.startswith(f"{name}.")] or [
        n for n in built.graph.nodes if n.startswith(f"{name.rstrip('/')}/")]
    if not inside:
        return None
    from . import render

    return "it is a scope, no value", f"it holds {render.listed(inside)}"


def _plain(built: Any, name: str) -> str | None:
    """The name, if it is that of a tensor."""
    from ..graph.graph import Tensor

    try:
        return name if isinstance(built.resolve(name), Tensor) else None
    except GraphError:
        return None


def _of_collection(graph: Any, name: str) -> tuple[str, str]:
    """What to say of a collection that was named in the place of a value: what it holds."""
    from . import render
    from .collections import member

    members = [member(m) for m in graph.get_collection(name)]
    holds = f"it holds {render.listed(members)}" if members else "it holds nothing"
    return (f"it is a collection, no value; {holds}",
            f"graphcli collections GRAPH {name} lists it" if len(members) != 1 else f"name what it holds: {members[0]}")


