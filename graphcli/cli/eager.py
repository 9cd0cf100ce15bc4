"""``run --eager``: each statement runs as soon as it is read, and says what came of it."""
from __future__ import annotations

from itertools import islice
from typing import Any

from ..errors import GraphError
from . import render
from .choice import Choice


class Stopped(BaseException):
    """Ends the reading of a spec at a statement that failed; no handler of errors may take it."""

    def __init__(self, error: Exception) -> None:
        self.error = error


def run_eagerly(choice: Choice, fetches: tuple[str, ...], given: tuple[str, ...], files: tuple[str, ...],
                random: tuple[str, ...], steps: int, form: str) -> tuple[dict[str, Any], dict[str, Any]]:
    """Reads and runs; returns the fetched values, and what was fetched.

    Prints each statement's value unless ``form`` is json.
    """
    from ..engine.eager import NotRun
    from ..spec.spec import load_spec
    from .run import targets_of, wanted
    from .values import collect

    choice.only_spec("--eager")
    reader = Reader(given, files, random, choice.seed, form == "text")
    try:
        spec = load_spec(choice.source(), graph=choice.graph or first_graph(choice), params=choice.params(),
                         seed=choice.seed, on_statement=reader.statement, max_nodes=choice.max_nodes)
    except Stopped as stop:
        raise stop.error from stop.error.__cause__
    built = next(iter(spec.graphs.values()))
    names = wanted(built, fetches) if fetches or built.outputs else []
    targets = dict(zip(names, targets_of(built, names)))
    # the names that were given are all looked up once more, now that every one of them can be known
    feeds = collect(built, given, files, random, choice.seed)
    runner = reader.runner
    if runner is None:
        return {}, {}
    try:
        runner.statement()
        values = {name: runner.fetch(t) for name, t in targets.items()}
    except NotRun as error:
        raise runner.explain(error, list(targets.values())) from None
    for _ in range(steps - 1):
        last = runner.session.run([reader.kept, targets], feeds)
        values = last[1]
    return values, targets


def first_graph(choice: Choice) -> str | None:
    """The first graph of the file where there are several: one is read, not all."""
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
    pairs = getattr(several, "pairs", None)
    return str(pairs[0][0].text) if pairs else None


class Reader:
    """What is done after each statement of a spec."""

    def __init__(self, given: tuple[str, ...], files: tuple[str, ...], random: tuple[str, ...], seed: int | None,
                 speaking: bool) -> None:
        from .values import feeds_file

        self.given = dict(text.partition("=")[::2] for text in given)
        self.files = {k: (v, path) for path in files for k, v in feeds_file(path).items()}
        self.random = {text.partition("=")[0]: text for text in random}
        self.seed = seed or 0
        self.speaking = speaking
        self.runner: Any = None
        self.kept: list[Any] = []
        self.position = 0

    def statement(self, path: str | None, value: Any, span: Any) -> None:
        try:
            self.run(path, value, span)
        except OSError as error:
            raise Stopped(error) from error

    def run(self, path: str | None, value: Any, span: Any) -> None:
        from ..engine.eager import EagerRunner, NotRun
        from ..spec.result import fetchable
        from .literals import literal

        if not fetchable(value, gaps=True):
            return
        if self.runner is None:
            self.runner = EagerRunner(graph_of(value))
            self.runner.session.state.files = frozenset(str(literal(v, k)) for k, v in self.given.items()
                                                        if not v.startswith("@"))
        try:
            self.feed(path, value)
            shown = self.runner.statement(path, value)
        except NotRun as missing:
            self.say(path, span, f"waits for {missing.placeholder.name}, which is not fed"
                     if getattr(value, "op", None) is not missing.placeholder else "not fed")
            return
        except GraphError as error:
            raise Stopped(error.at(span)) from error
        self.kept.append(value)
        if self.speaking:
            from .show_values import value_lines

            lead = at(span)
            lines = value_lines(path or "", shown, value)
            render.show([[(lead, render.DIM), *lines[0]], *([(" " * len(lead), ""), *more] for more in lines[1:])])

    def say(self, path: str | None, span: Any, words: str) -> None:
        if self.speaking:
            render.show([[(at(span), render.DIM), (path or "", render.NAME), (f"  {words}", render.WARN)]])

    def feed(self, path: str | None, value: Any) -> None:
        """Feeds the tensors that have just been made, where one of their names was given."""
        from ..graph.graph import Tensor

        graph = self.runner.graph
        new = list(islice(graph.nodes.values(), self.position, None))
        self.position = len(graph.nodes)
        for node in new:
            for tensor in node.outputs:
                self.feed_as(tensor, (tensor.name, node.name) if tensor.value_index == 0 else (tensor.name,))
        if isinstance(value, Tensor) and path is not None:
            self.feed_as(value, (path,))

    def feed_as(self, tensor: Any, names: tuple[str, ...]) -> None:
        from .random_values import random_value
        from .values import feed_value, fit

        for name in names:
            if name in self.given:
                array = feed_value(tensor, self.given[name], f"--feed {name}")
            elif name in self.random:
                _, equals, shape = self.random[name].partition("=")
                array = random_value(tensor, shape if equals else None, self.seed, f"--random {name}")
            elif name in self.files:
                value, file = self.files[name]
                array = fit(tensor, value, f"--feeds {file}: {name}")
            else:
                continue
            self.runner.fed[tensor] = self.runner.values[tensor] = array
            return


def at(span: Any) -> str:
    return f":{span.line:<4} " if span else ""


def graph_of(value: Any) -> Any:
    while isinstance(value, (list, tuple, dict)):
        value = next(v for v in (value.values() if isinstance(value, dict) else value) if v is not None)
    return value.graph
