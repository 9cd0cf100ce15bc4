"""Options that several verbs have, as bundles that yield one object."""
from __future__ import annotations

import functools
import gc
import os
import stat
import sys
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import click

from ..errors import GraphError, UsageError, did_you_mean, reason_of
from ..record import Record
from ..uncollected import uncollected
from . import complete

if TYPE_CHECKING:
    from ..spec.result import BuiltGraph, Spec

STDIN = "<stdin>"
Command = Callable[..., Any]


class Seed(click.ParamType):  # type: ignore[type-arg]
    """Any int64: a range that help pages need not tell."""

    name = "integer"

    def convert(self, value: Any, param: Any, ctx: Any) -> int:
        number = int(click.INT.convert(value, param, ctx))
        if not -(2**63) <= number < 2**63:
            self.fail(f"{number} is out of range: {-(2**63)} to {2**63 - 1}", param, ctx)
        return number


class Choice(Record, frozen=False):
    """Which graph of which file, with which params and seed."""

    path: str
    graph: str | None = None
    sets: tuple[str, ...] = ()
    seed: int | None = None
    max_nodes: int | None = None
    max_bytes: int | None = None
    sets_b: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        return STDIN if self.path == "-" else self.path

    @property
    def word(self) -> str:
        """The file as a word of a command line for a shell."""
        import shlex

        return shlex.quote(f"./{self.path}" if self.path.startswith("-") and self.path != "-" else self.path)

    def load(self) -> Spec:
        """The built spec or the opened file. Raises UsageError for what is no file, GraphError for what is wrong
        in it."""
        params = self.params()
        with uncollected():
            loaded: Spec = self._load(params)
            gc.freeze()
        return loaded

    def _load(self, params: dict[str, Any]) -> Any:
        data = self._graph_file()
        if data is not None:
            return self._open(data, params)
        from ..spec.spec import load_spec

        return load_spec(self.source(), graph=self.graph, params=params, seed=self.seed, max_nodes=self.max_nodes)

    def built(self) -> BuiltGraph:
        """The chosen graph."""
        spec = self.load()
        return next(iter(spec.graphs.values())) if self.graph is None else spec.graphs[self.graph]

    def source(self) -> Any:
        """What a spec is read from. Raises UsageError for a file of a graph, which has no statements."""
        if self._piped is not None:
            from ..spec.load import decode_source

            return decode_source(self._piped, self.name)
        check_readable(self.path, "a spec is one file, .yaml")
        return self.path

    def is_spec(self) -> bool:
        return self._graph_file() is None

    def only_spec(self, flag: str) -> None:
        """Raises UsageError unless the file is a spec."""
        if not self.is_spec():
            raise UsageError(f"{flag}: {self.name} has no statements; a spec has them")

    @functools.cached_property
    def _piped(self) -> bytes | None:
        """All of what can be read only once: standard input, or the pipe of a shell's ``<(...)``; None for a file."""
        if self.path == "-":
            return sys.stdin.buffer.read()
        if not is_pipe(self.path):
            return None
        with open(self.path, "rb") as file:
            return file.read()

    def _graph_file(self) -> bytes | str | None:
        """The bytes or path of a graph that is no spec, None for a spec."""
        from ..formats.open import HEAD, graph_in_folder, is_graph

        if self._piped is not None:
            return self._piped if is_graph(self._piped[:HEAD], ".yaml") else None
        if graph_in_folder(self.path) is not None:
            return self.path
        check_readable(self.path, "a graph is one file, or the folder of a SavedModel or of a run's event files")
        if self.path.endswith(".py"):
            made = os.path.splitext(os.path.basename(self.path))[0] + ".meta"
            raise UsageError(f"{self.path} is a Python program, which no verb runs", hint="its graph is written by "
                             f"python -m graphcli.tf1 --graph {made} {self.path}")
        with open(self.path, "rb") as file:
            return self.path if is_graph(file.read(HEAD), self.path) else None

    def _open(self, data: bytes | str, params: dict[str, Any]) -> Any:
        from ..formats.open import open_bytes, open_file
        from ..graphdef.read import Limits

        if params:
            flag = "--set" if self.sets else "--set-b"
            raise UsageError(f"{flag} {next(iter(params))}: {self.name} has no params; a spec has them")
        limits = Limits(self.max_nodes or Limits.max_nodes, self.max_bytes)
        opened = open_bytes(data, self.name, self.graph, limits) if isinstance(data, bytes) else open_file(
            data, self.graph, limits)
        for one in opened:
            one.seed = self.seed
        if opened.notes:
            from . import render

            for text in opened.notes:
                render.note(f"note: {self.name}: {text}")
        return opened

    def params(self) -> dict[str, Any]:
        """What --set gives, and says that it does."""
        out: dict[str, Any] = {}
        if not (flags := [*(("--set", t) for t in self.sets), *(("--set-b", t) for t in self.sets_b)]):
            return out
        from shlex import quote

        from ..spec.given import Given
        from .literals import literal

        for flag, text in flags:
            name, equals, value = text.partition("=")
            if not equals or not name:
                raise UsageError(f"{flag} {text}: a param is set as NAME=VALUE")
            out[name] = Given(literal(value, f"{flag} {name}"), f"{flag} {quote(text)}")
        return out


def is_pipe(path: str) -> bool:
    try:
        return stat.S_ISFIFO(os.stat(path).st_mode)
    except (OSError, ValueError):
        return False


def check_readable(path: str, folder_hint: str) -> None:
    """Raises UsageError unless ``path`` is a file that can be read."""
    if "\0" in path:
        raise UsageError("a file's name holds no NUL character")
    if os.path.isdir(path):
        raise UsageError(f"{path} is a folder", hint=folder_hint)
    if is_pipe(path):
        return
    try:
        with open(path, "rb") as file:
            # some files open and cannot be read
            file.read(1)
            return
    except FileNotFoundError:
        if os.path.islink(path):
            raise UsageError(f"{path} is a link to {os.readlink(path)}, which is not there") from None
        raise UsageError(f"there is no file {path or repr(path)}", hint=_near(path)) from None
    except OSError as error:
        raise UsageError(f"cannot read {path}: {reason_of(error)}") from None


def _near(path: str) -> str | None:
    folder, name = os.path.split(path)
    try:
        return did_you_mean(name, sorted(os.listdir(folder or ".")))
    except OSError:
        return f"there is no folder {folder} either"


class Size(click.ParamType[int]):
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
        elif (other := getattr(built, "elsewhere", lambda _: None)(name)) is not None:
            hint = f"the graph {other!r} has it: --graph {other}"
        elif hint is None:
            hint = far() if far is not None else f"graphcli nodes lists what the graph {built.name!r} has"
        raise UsageError(f"{flag} {name}: {message}", hint=hint) from None


