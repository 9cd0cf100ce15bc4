"""``run --eager``: each statement runs as soon as it is read, and says what came of it."""
from __future__ import annotations

from typing import Any

from ..errors import GraphError, UsageError
from .options import Choice


class Stopped(BaseException):
    """Ends the reading of a spec at a statement that failed."""

    def __init__(self, error: GraphError) -> None:
        self.error = error


def run_eagerly(choice: Choice, fetches: tuple[str, ...], given: tuple[str, ...], files: tuple[str, ...],
                random: tuple[str, ...], steps: int, form: str) -> dict[str, Any]:
    """Reads and runs; returns the fetched values. Prints each statement's value unless ``form`` is json."""
    from ..engine.eager import Eager, NotFed
    from ..graph.graph import Tensor
    from ..graph.types import TensorShape  # noqa: F401
    from ..spec.spec import load_spec
    from . import render
    from .values import collect

    eager: Eager | None = None
    kept: dict[str, Any] = {}
    waiting = _Feeds(given, files, random, choice.seed)

    def seen(path: str | None, value: Any, span: Any) -> None:
        nonlocal eager
        if not _runs(value):
            return
        if eager is None:
            eager = Eager(_graph_of(value))
        if isinstance(value, Tensor):
            waiting.feed(eager, path, value)
        try:
            shown = eager.run(value)
        except NotFed as missing:
            kept[path or ""] = value
            if form == "text":
                placeholder = isinstance(value, Tensor) and value.op.type == "Placeholder"
                words = "not fed" if placeholder else missing.error.message
                render.show([[(_at(span), render.DIM), (path or "", render.NAME), (f"  {words}", render.WARN)]])
            return
        except GraphError as error:
            raise Stopped(error.at(span)) from error
        kept[path or ""] = value
        if form == "text":
            from .show_values import value_lines

            lead = _at(span)
            lines = value_lines(path or "", shown)
            render.show([[(lead, render.DIM), *lines[0]], *([(" " * len(lead), ""), *more] for more in lines[1:])])

    try:
        spec = load_spec(choice.source(), graph=choice.graph or _first(choice), params=choice.params(),
                         seed=choice.seed, on_statement=seen)
    except Stopped as stop:
        raise stop.error from stop.error.__cause__
    built = next(iter(spec.graphs.values()))
    eager = eager or Eager(built.graph)
    from .run import target, wanted

    names = wanted(built, fetches) if fetches or built.outputs else []
    targets = [target(built, n) for n in names]
    for tensor, value in collect(built, given, files, random, choice.seed).items():
        if tensor not in eager.feeds:
            raise UsageError(f"{tensor.op.name} is fed by a name that eager reading does not know yet",
                             hint="feed it by its handle or its node's name")
        del value
    try:
        for _ in range(steps - 1):
            eager.next_step()
            for value in kept.values():
                _quietly(eager, value)
        return {name: eager.run(t) for name, t in zip(names, targets)}
    except NotFed as missing:
        raise missing.error from None


def _quietly(eager: Any, value: Any) -> None:
    from ..engine.eager import NotFed

    try:
        eager.run(value)
    except NotFed:
        pass


def _first(choice: Choice) -> str | None:
    """The first graph of the file: eager reading runs one graph only."""
    from ..errors import GraphError
    from ..source import Source
    from ..spec.load import load, read_source

    if choice.path == "-":
        return None
    try:
        source = choice.source()
        tree = load(source if isinstance(source, Source) else read_source(source), [])
    except GraphError:
        return None
    several = tree.get("graphs")
    return several.pairs[0][0].text if several is not None and several.kind == "mapping" and several.pairs else None


def _at(span: Any) -> str:
    return f":{span.line} " if span else ""


def _runs(value: Any) -> bool:
    from .run import _fetchable

    return _fetchable(value)


def _graph_of(value: Any) -> Any:
    while isinstance(value, (list, tuple, dict)):
        value = next(iter(value.values() if isinstance(value, dict) else value))
    return value.graph


class _Feeds:
    """What the command line feeds, by the names that it gives."""

    def __init__(self, given: tuple[str, ...], files: tuple[str, ...], random: tuple[str, ...],
                 seed: int | None) -> None:
        from .values import feeds_file

        self.given = dict(text.partition("=")[::2] for text in given)
        self.files = {k: (v, path) for path in files for k, v in feeds_file(path).items()}
        self.random = {text.partition("=")[0]: text for text in random}
        self.seed = seed or 0

    def feed(self, eager: Any, path: str | None, tensor: Any) -> None:
        """Feeds a tensor that has just been made, if one of its names is known."""
        from .values import feed_value, fit, random_value

        for name in (path, tensor.op.name, tensor.name):
            if name is None:
                continue
            if name in self.given:
                eager.feed(tensor, feed_value(tensor, self.given[name], f"--feed {name}"))
            elif name in self.random:
                _, equals, shape = self.random[name].partition("=")
                eager.feed(tensor, random_value(tensor, shape if equals else None, self.seed, f"--random {name}"))
            elif name in self.files:
                value, file = self.files[name]
                eager.feed(tensor, fit(tensor, value, f"--feeds {file}: {name}"))
            else:
                continue
            return
