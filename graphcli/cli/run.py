"""``run``: initialize, run, and print what was fetched."""
from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from typing import Any

import click

from ..errors import GraphErrors, UsageError
from . import complete
from .choice import Choice
from .engine_options import Engine, engine_options
from .interrupts import interrupts
from .options import format_option, resolve, spec_options, verb
from .profiled import profiled
from .recorder import Recorder, logdir_option
from .restoring import Restoring, restore_options


@verb("run", "run specs/line.yaml --steps 1000 --fetch train --fetch out --feed x='[[2],[4.5]]'")
@spec_options
@click.option("-f", "--fetch", "fetches", multiple=True, metavar="NAME", shell_complete=complete.handles,
              help="What to compute: a handle, scope.handle, a node or a tensor. May be repeated or hold a comma "
                   "list. Without it: the spec's outputs.")
@click.option("--feed", "given", multiple=True, metavar="NAME=VALUE", shell_complete=complete.feeds,
              help="A YAML or JSON literal, @file.npy, @file.npz:key, @file.csv, "
                   "@file.csv:a+b (columns), @file.json or @-; for a string any other @file, as it is.")
@click.option("--feeds", "files", multiple=True, metavar="FILE", help="Feeds by name: .npz, .json or .yaml.")
@click.option("--random", multiple=True, metavar="NAME[=SHAPE]", shell_complete=complete.inputs,
              help="Feed random numbers of the placeholder's dtype and shape.")
@click.option("--steps", type=click.IntRange(1), default=1, metavar="N", help="How many steps; the last is shown.")
@click.option("--eager", is_flag=True, help="Run each statement as it is read, and stop at the first that fails.")
@click.option("--soft-placement", is_flag=True, help="What has no device goes to the default one.")
@engine_options
@click.option("--profile", metavar="FILE", help="Time the steps: a table on stderr, and a trace for Perfetto in FILE.")
@restore_options
@click.option("--save", metavar="CKPT", help="Write the variables after the steps to a checkpoint, also when "
              "Ctrl-C ends them: its prefix.")
@click.option("--check-gradients", "loss", metavar="LOSS", shell_complete=complete.handles,
              help="Compare the gradients of LOSS for the trainable variables and the fed floats with central "
                   "differences in float64, and name the op that is off; with --fetch after the steps.")
@logdir_option
@click.option("-o", "--out", metavar="FILE", help="Write the values: .npy, .npz, .json or .csv.")
@format_option
def command(choice: Choice, fetches: tuple[str, ...], given: tuple[str, ...], files: tuple[str, ...],
            random: tuple[str, ...], steps: int, eager: bool, soft_placement: bool, engine: Engine,
            profile: str | None, restoring: Restoring, save: str | None, loss: str | None, logdir: str | None,
            out: str | None, form: str) -> int:
    """Initialize the variables of GRAPH, take the steps, and print the fetches."""
    if out is not None:
        from .files import check_apart, check_target

        check_target(out)
        fed = {f"--feed {name}": value[1:] for name, _, value in (g.partition("=") for g in given) if value[:1] == "@"}
        check_apart("--out", out, {"GRAPH": choice.path, **{f"--feeds {f}": f for f in files}, **fed})
    if save is not None:
        from .files import check_checkpoint

        check_checkpoint(save)
    if [choice.path, *files].count("-") + sum(g.endswith("=@-") for g in given) > 1:
        raise UsageError("standard input can be read only once")
    if loss is not None:
        if eager or logdir is not None or out is not None or save is not None:
            raise UsageError("--check-gradients does not go with --eager, --logdir, --out and --save")
        _refuse("--check-gradients", engine, profile)
        return _check(choice, loss, fetches, given, files, random, steps, engine.threads, restoring, form)
    if eager and logdir is not None:
        raise UsageError("--logdir logs steps of the whole graph, and --eager takes none")
    if eager:
        if restoring.path is not None or save is not None:
            raise UsageError(f"{'--save' if restoring.path is None else '--restore'} does not go with --eager")
        _refuse("--eager", engine, profile)
        from .eager import run_eagerly

        values, targets = run_eagerly(choice, fetches, given, files, random, steps, form)
        status = 0
    else:
        values, targets, status = _run(choice, fetches, given, files, random, steps, soft_placement, engine, restoring,
                                       logdir, profile, save, out)
    if out is not None:
        from . import render
        from .files import write_values

        write_values(out, values)
        render.note(f"wrote {out}")
        if form == "text":
            return status
    show_values(values, form, targets)
    return status


def _refuse(flag: str, engine: Engine, profile: str | None) -> None:
    """Raises UsageError for what is about plans, beside a flag with which nodes run one by one."""
    flags = {"--profile": profile, "--memory": engine.memory, "--without": engine.without}
    given = [name for name, value in flags.items() if value]
    if given:
        raise UsageError(f"{given[0]} does not go with {flag}", hint=f"leave {flag} out: it is about whole steps")


def _run(choice: Choice, fetches: tuple[str, ...], given: tuple[str, ...], files: tuple[str, ...],
         random: tuple[str, ...], steps: int, soft: bool, engine: Engine, restoring: Restoring,
         logdir: str | None, profile: str | None, save: str | None,
         out: str | None) -> tuple[dict[str, Any], dict[str, Any], int]:
    """The values of the fetches, what was fetched, and the exit status: Ctrl-C ends the steps where there is
    something to save, of the variables or (out) of the values.
    """
    built = choice.built()
    names = wanted(built, fetches)
    targets = targets_of(built, names)
    from ..engine import Session
    from . import render
    from .files import named_files
    from .values import collect

    feeds = collect(built, given, files, random, choice.seed if choice.seed is not None else built.seed)
    with Session(built, soft_placement=soft, max_bytes=choice.max_bytes, **engine.options()) as session, profiled(
            session, profile, {"GRAPH": choice.path, "--out": out, **{f"--feeds {f}": f for f in files}}):
        named_files(session, feeds, choice.path)
        if engine.memory is not None:
            session.plan(targets, feeds)  # which is refused before anything runs or is written
        restoring.into(session, feeds)
        with ExitStack() as stack:
            interrupted = stack.enter_context(interrupts()) if out is not None or save is not None else []
            recorder = None if logdir is None else stack.enter_context(
                Recorder(logdir, built, dict(zip(names, targets)), list(feeds), steps))
            for i in stack.enter_context(progress(steps)):
                values = session.run(targets, feeds) if recorder is None else recorder.step(session, feeds, i + 1)
                if interrupted:
                    break
        if interrupted:
            render.note(f"stopped after step {i + 1:,} of {steps:,}")
        if save is not None:
            render.note(f"saved {session.save(save)}")
    return dict(zip(names, values)), dict(zip(names, targets)), 128 + interrupted[-1] if interrupted else 0


def _check(choice: Choice, name: str, fetches: tuple[str, ...], given: tuple[str, ...], files: tuple[str, ...],
           random: tuple[str, ...], steps: int, threads: int | None, restoring: Restoring, form: str) -> int:
    from ..engine import Session
    from ..engine.gradient_check import check_gradients
    from .check_gradients import loss_of, show
    from .files import named_files
    from .values import collect

    built = choice.built()
    loss = loss_of(built, name)
    targets = targets_of(built, wanted(built, fetches)) if fetches else []
    seed = choice.seed if choice.seed is not None else built.seed
    feeds = collect(built, given, files, random, seed)
    with Session(built, threads=threads, max_bytes=choice.max_bytes) as session:
        named_files(session, feeds, choice.path)
        restoring.into(session, feeds)
        for _ in range(steps if targets else 0):
            session.run(targets, feeds)
        report = check_gradients(session, choice.built().graph, loss, feeds, seed or 0)
    return show(report, form)


def wanted(built: Any, fetches: tuple[str, ...]) -> list[str]:
    """The names to fetch, each once. Raises UsageError where there is nothing to fetch."""
    names = [n.strip() for text in fetches for n in split_names(text)] or list(built.outputs)
    if not names:
        from ..spec.result import fetchable

        known = [h for h, value in built.flat_handles().items() if fetchable(value, gaps=True)]
        if not hasattr(built, "source"):
            from ..analysis.counts import probable_outputs

            likely = [g.node.name for g in probable_outputs(built.graph) if g.node.outputs]
            raise UsageError("nothing to fetch: this file names no outputs, and there is no --fetch",
                             hint=f"perhaps --fetch {likely[-1]}" if likely else "graphcli nodes lists what it has")
        raise UsageError("nothing to fetch: the spec has no outputs and there is no --fetch",
                         hint=f"--fetch {known[-1]}" if known else None)
    if "" in names:
        raise UsageError("--fetch: a name is empty")
    return list(dict.fromkeys(names))


def split_names(text: str) -> list[str]:
    return text.split(",")


def targets_of(built: Any, names: list[str]) -> list[Any]:
    """What names fetch. Raises UsageError for what has no value in a step, of all of them at once."""
    found, errors = [], []
    for name in names:
        try:
            found.append(target(built, name))
        except UsageError as error:
            errors.append(error)
    if errors:
        raise errors[0] if len(errors) == 1 else GraphErrors(errors)
    return found


def target(built: Any, name: str) -> Any:
    """What a name fetches. Raises UsageError for what has no value in a step."""
    from ..spec.result import instead, unfetchable

    value = resolve(built, name, "--fetch")
    why = unfetchable(name, value)
    if why is not None:
        raise UsageError(f"--fetch {name}: {why}", hint=instead(value) or "graphcli nodes lists what the graph has")
    return value


@contextmanager
def progress(steps: int) -> Iterator[Any]:
    """Counts the steps, with a bar on a terminal."""
    if steps < 2 or not sys.stderr.isatty():
        yield range(steps)
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (TextColumn("steps"), BarColumn(), MofNCompleteColumn(), TextColumn("{task.speed:.0f}/s"),
               TimeRemainingColumn())
    with Progress(*_safe_columns(columns), console=Console(stderr=True), transient=True) as bar:
        yield bar.track(range(steps), total=steps)


def _safe_columns(columns: Any) -> list[Any]:
    """The speed is None until the first step is done."""
    from rich.progress import ProgressColumn
    from rich.text import Text

    class Speed(ProgressColumn):
        def render(self, task: Any) -> Text:
            return Text(f"{task.speed:.0f}/s" if task.speed else "")

    return [Speed() if getattr(c, "text_format", "").endswith("/s") else c for c in columns]


def show_values(values: dict[str, Any], form: str, targets: dict[str, Any] | None = None) -> None:
    """The fetches on stdout. targets: what was fetched."""
    from . import render

    if form == "json":
        from .json_values import to_json

        render.json({"fetches": {k: to_json(v) for k, v in values.items()}})
        return
    from .show_values import value_lines

    render.show(line for name, value in values.items()
                for line in value_lines(name, value, (targets or {}).get(name, ...)))
