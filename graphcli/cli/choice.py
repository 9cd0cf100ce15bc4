"""GRAPH of a command line: which graph of which file, with which params and seed, read where it is first needed."""
from __future__ import annotations

import functools
import gc
import os
import stat
import sys
from typing import TYPE_CHECKING, Any, BinaryIO

from ..errors import GraphError, UsageError, did_you_mean, reason_of
from ..record import Record
from ..uncollected import uncollected

if TYPE_CHECKING:
    from ..spec.result import BuiltGraph, Spec

STDIN = "<stdin>"
MOST = 2**30
"""Bytes that are read of what has no size: a pipe may have no end."""


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
            return all_of(sys.stdin.buffer, "standard input")
        if not is_pipe(self.path):
            return None
        with open(self.path, "rb") as file:
            return all_of(file, self.path)

    def _graph_file(self) -> bytes | str | None:
        """The bytes or path of a graph that is no spec, None for a spec."""
        from ..formats.open import HEAD, graph_in_folder, is_graph

        if self._piped is not None:
            from ..formats.graphdef.detect import binary_kind

            graph = is_graph(self._piped[:HEAD], ".yaml") or binary_kind(self._piped) is not None
            return self._piped if graph else None
        if graph_in_folder(self.path) is not None:
            return self.path
        check_readable(self.path, "a graph is one file, or the folder of a SavedModel or of a run's event files")
        if self.path.endswith(".py"):
            made = os.path.splitext(os.path.basename(self.path))[0] + ".meta"
            raise UsageError(f"{self.path} is a Python program, which no verb runs", hint="its graph is written by "
                             f"python -m graphcli.tf1 --graph {made} {self.path}")
        with open(self.path, "rb") as file:
            head = file.read(HEAD)
        if os.path.basename(self.path) == "checkpoint" and b"model_checkpoint_path" in head:
            raise UsageError(f"{self.path} names checkpoints, and is no graph",
                             hint=f"graphcli ckpt ls {os.path.dirname(self.word) or '.'}")
        return self.path if is_graph(head, self.path) else None

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

    def param_names(self) -> list[str]:
        """The params that the spec has, as far as it can be read; none of another file."""
        if not self.is_spec():
            return []
        from ..spec.files import params_of
        from ..spec.load import decode_source, load, read_source

        try:
            source = read_source(self.path) if self._piped is None else decode_source(self._piped, self.name)
            return params_of(load(source, []), self.path)
        except GraphError:
            return []

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


def all_of(stream: BinaryIO, name: str, most: int = MOST) -> bytes:
    """What a stream holds. Raises UsageError for one that does not end within ``most`` bytes."""
    parts = []
    left = most
    while part := stream.read(min(left + 1, 2**20)):
        parts.append(part)
        left -= len(part)
        if left < 0:
            raise UsageError(f"{name} goes on after {most:,} bytes",
                             hint="what is larger is read from a file by its name")
    return b"".join(parts)


def _is_device(path: str) -> bool:
    """Whether a path is a device other than a terminal and the null device: most of them never end."""
    try:
        found = os.stat(path)
    except (OSError, ValueError):
        return False
    if stat.S_ISBLK(found.st_mode):
        return True
    if not stat.S_ISCHR(found.st_mode) or found.st_rdev == os.stat(os.devnull).st_rdev:
        return False
    with open(path, "rb") as file:
        return not file.isatty()


def check_readable(path: str, folder_hint: str) -> None:
    """Raises UsageError unless ``path`` is a file that can be read."""
    if "\0" in path:
        raise UsageError("a file's name holds no NUL character")
    if os.path.isdir(path):
        raise UsageError(f"{path} is a folder", hint=folder_hint)
    if is_pipe(path):
        return
    try:
        if _is_device(path):
            raise UsageError(f"{path} is a device, no file")
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
