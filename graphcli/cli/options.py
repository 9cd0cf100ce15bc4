"""Options that several verbs have, as bundles that yield one object."""
from __future__ import annotations

import functools
import os
import sys
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import click

from ..errors import GraphError, UsageError, did_you_mean
from . import complete

if TYPE_CHECKING:
    from ..spec.result import BuiltGraph, Spec

STDIN = "<stdin>"
Command = Callable[..., Any]


@dataclass
class Choice:
    """Which graph of which file, with which params and seed."""

    path: str
    graph: str | None = None
    sets: tuple[str, ...] = ()
    seed: int | None = None

    @property
    def name(self) -> str:
        return STDIN if self.path == "-" else self.path

    def load(self) -> Spec:
        """The built spec. Raises UsageError for what is no file, GraphError for what is wrong in it."""
        import gc

        params = self.params()
        source = self.source()
        from ..spec.spec import load_spec

        # a graph is one web of objects that all live: collecting while it is made only costs
        gc.disable()
        try:
            return load_spec(source, graph=self.graph, params=params, seed=self.seed)
        finally:
            gc.enable()

    def built(self) -> BuiltGraph:
        """The chosen graph."""
        spec = self.load()
        return next(iter(spec.graphs.values())) if self.graph is None else spec.graphs[self.graph]

    def source(self) -> Any:
        if self.path == "-":
            from ..spec.load import decode_source

            return decode_source(sys.stdin.buffer.read(), STDIN)
        check_readable(self.path, "a spec is one file, .yaml")
        return self.path

    def params(self) -> dict[str, Any]:
        out: dict[str, Any] = {}
        for text in self.sets:
            name, equals, value = text.partition("=")
            if not equals or not name:
                raise UsageError(f"--set {text}: a param is set as NAME=VALUE")
            from .values import literal

            out[name] = literal(value, f"--set {name}")
        return out


def check_readable(path: str, folder_hint: str) -> None:
    """Raises UsageError unless ``path`` is a file that can be read."""
    if "\0" in path:
        raise UsageError("a file's name holds no NUL character")
    if os.path.isdir(path):
        raise UsageError(f"{path} is a folder", hint=folder_hint)
    try:
        with open(path, "rb"):
            return
    except FileNotFoundError:
        raise UsageError(f"there is no file {path}", hint=_near(path)) from None
    except OSError as error:
        raise UsageError(f"cannot read {path}: {error.strerror}") from None


def _near(path: str) -> str | None:
    folder, name = os.path.split(path)
    try:
        return did_you_mean(name, sorted(os.listdir(folder or ".")))
    except OSError:
        return f"there is no folder {folder} either"


def spec_options(function: Command) -> Command:
    """GRAPH, --graph, --set and --seed; the verb gets ``choice``, a Choice."""

    @functools.wraps(function)
    def verb(*args: Any, path: str, graph_name: str | None, sets: tuple[str, ...], seed: int | None,
             **rest: Any) -> Any:
        return function(*args, choice=Choice(path, graph_name, sets, seed), **rest)

    verb = click.option("--seed", type=click.IntRange(-(2**63), 2**63 - 1), metavar="N",
                        help="The graph-level seed, in place of the spec's.")(verb)
    verb = click.option("--set", "sets", multiple=True, metavar="PARAM=VALUE", shell_complete=complete.params,
                        help="Set a param of the spec. May be repeated.")(verb)
    verb = click.option("--graph", "graph_name", metavar="NAME", shell_complete=complete.graphs,
                        help="Which graph of the file; the first by default.")(verb)
    return click.argument("path", metavar="GRAPH", shell_complete=complete.files)(verb)


def format_option(function: Command) -> Command:
    return click.option("--format", "form", type=click.Choice(["text", "json"]), default="text",
                        show_default=True, help="How to print.")(function)


class Size(click.ParamType[int]):
    """A number of bytes: 1000, 500K, 2M, 4G."""

    name = "size"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> int:
        if isinstance(value, int):
            return value
        text = str(value).strip().upper().removesuffix("B").removesuffix("I")
        unit = {"K": 2**10, "M": 2**20, "G": 2**30, "T": 2**40}.get(text[-1:], 1)
        number = text[:-1] if unit > 1 else text
        if not number.isdecimal():
            self.fail(f"{value!r} is no number of bytes; it looks like 1000, 500M or 2G", param, ctx)
        return int(number) * unit


SIZE = Size()


def verb(name: str, example: str) -> Callable[[Command], click.Command]:
    """A command with its example in --help."""
    return click.command(name, epilog=f"Example: graphcli {example}",
                         context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})


def names_of(built: BuiltGraph) -> list[str]:
    """All names by which a value can be asked for: handles first, then nodes."""
    return list(dict.fromkeys([*built.flat_handles(), *built.graph.nodes]))


def resolve(built: BuiltGraph, name: str, flag: str) -> Any:
    """What a name on the command line stands for. Raises UsageError with the nearest names."""
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
        raise UsageError(f"{flag} {name}: {message}", hint=hint) from None


