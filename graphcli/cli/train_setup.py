"""From the options of ``train`` to a run: names to tensors, files to data, and what is told at the end."""
from __future__ import annotations

import os
import tempfile
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from ..errors import GraphError, UsageError, reason_of
from ..training.batches import Batches, Unfed
from ..training.data import Data
from ..training.evaluate import Evaluation
from ..training.listeners import Saves
from ..training.loop import Training
from ..training.state import NAME, read_state
from . import render
from .train_data import make_data, missing
from .train_report import Bar, History, Lines, Log

if TYPE_CHECKING:
    from ..engine import Session
    from ..spec.result import BuiltGraph
    from .choice import Choice
    from .train_options import Options

BATCH = 32


@dataclass
class Planned:
    """Everything by tensor."""

    built: BuiltGraph
    targets: list[Any]
    loss: Any
    data: Data | None
    feeds: dict[Any, Any]
    batches: Batches
    steps: int
    evals: dict[str, Any] = field(default_factory=dict)
    eval_data: Data | None = None
    eval_feeds: dict[Any, Any] = field(default_factory=dict)
    counter: Any = None
    """The global step's variable, None where there is none."""
    saved: str | None = None


def planned(built: BuiltGraph, options: Options, choice: Choice) -> Planned:
    """What the command line asks for. Raises UsageError."""
    from ..analysis.elements import flatten
    from ..tf1.global_step import get_global_step
    from .values import collect

    targets = [_named(built, n, "--target", _name_a_step) for n in _split(options.target)]
    loss = _named(built, options.loss, "--loss")
    if not hasattr(loss, "dtype"):
        raise UsageError(f"--loss {options.loss}: {options.loss} is an op without a value")
    seed = choice.seed if choice.seed is not None else built.seed or 0
    feeds = collect(built, options.feeds, (), (), seed)
    flat: list[Any] = []
    flatten([*targets, loss], flat)
    data: Data | None = None
    batches: Batches = Unfed(seed)
    if options.data is not None:
        data = make_data(built, options.data, options.maps, "--feed-map", _needed(flat, feeds))
    _check_fed(built, flat, {*_arrays(data), *feeds}, "--target", "--feed-map" if data else "--data FILE --feed-map",
               options.data)
    if data is not None:
        batches = _batches(data, options, seed)
    elif options.steps is None:
        raise UsageError("there is no --data, whose rows say how many steps there are", hint="--steps N takes N")
    steps = options.steps or (options.epochs or 1) * batches.per_epoch
    if options.epochs and options.steps:
        steps = min(steps, options.epochs * batches.per_epoch)
    made = Planned(built, targets, loss, data, feeds, batches, steps, counter=get_global_step(built.graph))
    if options.evals:
        _plan_evaluation(made, options, seed)
    return made


def _arrays(data: Data | None) -> dict[Any, Any]:
    return {} if data is None else data.arrays


def _batches(data: Data, options: Options, seed: int) -> Batches:
    size = options.batch_size or data.fixed or BATCH
    try:
        return Batches(data.rows, size, options.shuffle, seed, options.drop_last or data.fixed is not None)
    except GraphError as error:
        raise UsageError(f"--data {options.data}: {error.message}", hint=error.hint) from None


def _plan_evaluation(made: Planned, options: Options, seed: int) -> None:
    from ..analysis.elements import flatten
    from .values import collect

    built = made.built
    made.evals = {n: _named(built, n, "--eval") for n in _split(options.evals)}
    for name, value in made.evals.items():
        if not hasattr(value, "dtype"):
            raise UsageError(f"--eval {name}: {name} is no single tensor")
    made.eval_feeds = {**made.feeds, **collect(built, options.eval_feeds, (), (), seed)}
    flat: list[Any] = []
    flatten(list(made.evals.values()), flat)
    if options.eval_data is not None:
        flag = "--eval-map" if options.eval_maps or not options.maps else "--feed-map"
        made.eval_data = make_data(built, options.eval_data, options.eval_maps or options.maps, flag,
                                   _needed(flat, made.eval_feeds), "--eval-data")
    _check_fed(built, flat, {*_arrays(made.eval_data), *made.eval_feeds}, "--eval",
               "--eval-map" if made.eval_data else "--eval-data FILE --eval-map", options.eval_data)


def _split(texts: tuple[str, ...]) -> list[str]:
    return list(dict.fromkeys(n.strip() for text in texts for n in text.split(",")))


def _name_a_step() -> str:
    return "--target NAME says what one step of training runs: train: opt.minimize(loss)"


def _named(built: BuiltGraph, name: str, flag: str, far: Callable[[], str] | None = None) -> Any:
    from ..spec.result import fetchable
    from .options import resolve

    value = resolve(built, name, flag, far)
    if not fetchable(value):
        raise UsageError(f"{flag} {name}: {name} is no tensor, variable or op",
                         hint="graphcli nodes lists what the graph has")
    return value


def _needed(flat: list[Any], feeds: dict[Any, Any]) -> list[Any]:
    """The placeholders without a value yet, those that must have one first."""
    from ..analysis.feeds import needs

    return [n.tensor for n in sorted(needs(flat, frozenset(feeds)), key=lambda n: n.optional)]


def _check_fed(built: BuiltGraph, flat: list[Any], fed: set[Any], flag: str, map_flag: str, path: str | None) -> None:
    lacking = missing(built, flat, fed)
    if lacking:
        from .tables import read_arrays

        verb = "needs" if flag == "--eval" else "and --loss need"
        first = lacking[0]
        # where some inputs are mapped, no other is by its name
        there = path is not None and first in read_arrays(path, "--data")
        raise UsageError(f"{flag} {verb} {render.listed(lacking)}, which nothing feeds",
                         hint=f"{map_flag} {first}={first if there else 'ARRAY'}, or --feed {first}=VALUE")


def warn_of_no_updates(plan: Planned, options: Options) -> None:
    """TensorFlow takes steps that change nothing as it takes any other; who trains wants to know."""
    from ..analysis.elements import flatten
    from ..graph.collections import GraphKeys
    from ..passes.effects import updates
    from ..passes.prune import needed

    flat: list[Any] = []
    flatten([*plan.targets, plan.loss], flat)
    fed = {*_arrays(plan.data), *plan.feeds}
    if updates(needed(flat, fed).nodes, fed):
        return
    steps = [n.name for n in plan.built.graph.get_collection(GraphKeys.TRAIN_OP)]
    render.note(f"warning: --target {','.join(options.target)}: a step changes no variable, so that nothing is learned"
                + (f"; --target {steps[0]} trains" if steps else ""))


def training(session: Session, plan: Planned, options: Options) -> Training:
    """The run, without its listeners."""
    evaluation = None
    if plan.evals:
        # an evaluation takes larger batches, unless its inputs have a size for good
        size = plan.eval_data and plan.eval_data.fixed or max(plan.batches.size, 512)
        evaluation = Evaluation(session, plan.evals, plan.eval_data, size, plan.eval_feeds)
    return Training(session, plan.targets, plan.loss, plan.data, plan.batches, plan.steps, plan.feeds,
                    every=options.log_every, evaluation=evaluation, evaluate_every=options.eval_every)


def go_on(run: Training, report: Any) -> None:
    """Goes on with the run of a checkpoint, if it holds one."""
    state = read_state(report.prefix)
    if state is None:
        return
    try:
        run.resume(state)
    except GraphError as error:
        if error.hint is not None:
            error.hint = error.hint.replace("restart=True", "--restart")
        raise
    render.note(f"going on after step {state.step} of {report.prefix}")
    if run.step >= run.steps:
        verb = "was" if run.steps == 1 else "were"
        render.note(f"nothing is left to do: {render.plural(run.steps, 'step')} {verb} asked for, "
                    "those of the run before included")


def epochs(plan: Planned) -> int | None:
    """How many there will be, None where there are no rows to go through."""
    return None if plan.data is None else -(-plan.steps // plan.batches.per_epoch)


def watchers(run: Training, plan: Planned, options: Options, quiet: bool,
             logged: bool = False) -> tuple[Any, History]:
    """What tells the person, None if quiet; what keeps the intervals for JSON. logged: an event file is written."""
    import sys

    if quiet:
        return None, History(epochs(plan))
    if sys.stderr.isatty() and os.environ.get("TERM") != "dumb":
        return Bar(epochs(plan)), History(epochs(plan))
    # a pipe gets no progress that nobody asked for
    each = options.log_every is not None or options.eval_every is not None
    alone = options.save is None and not logged
    return Lines(epochs(plan), each, alone), History(epochs(plan))


def log(run: Training, plan: Planned, folder: str, session: Session) -> Log:
    """What writes the event file."""
    from .recorder import collected

    summaries = collected(plan.built, [*_arrays(plan.data), *plan.feeds])
    return Log(folder, plan.built, plan.loss.op.name, summaries, run.every, plan.steps, _counter(plan, session))


def _counter(plan: Planned, session: Session) -> Any:
    """Training step -> the number by which it is known: the graph's global step if it has one."""
    if plan.counter is None:
        return lambda step: step
    return lambda step: int(session.value(plan.counter))


def saves(run: Training, plan: Planned, options: Options, session: Session) -> Saves | None:
    """What saves, None without --save."""
    from ..wire.checkpoints import remove_leftovers

    if options.save is None:
        return None
    what = "no folder can be made there"
    try:
        os.makedirs(options.save, exist_ok=True)
        what = "nothing can be written there"
        with tempfile.TemporaryFile(dir=options.save):
            pass
    except OSError as error:
        taken = os.path.lexists(options.save) and not os.path.isdir(options.save)
        raise UsageError(f"--save {options.save}: {what}: {'it is a file' if taken else reason_of(error)}") from None
    prefix = os.path.join(options.save, "model")
    remove_leftovers(options.save, "model")
    counter = _counter(plan, session)

    def save(step: int) -> None:
        plan.saved = session.save(prefix, counter(step), session.variables(), {NAME: run.state().as_tensor()},
                                  options.keep)

    return Saves(save, options.save_every or plan.batches.stretch)


def told(run: Training, plan: Planned, saver: Saves | None, history: History, form: str) -> None:
    """What is said at the end."""
    from .json_values import to_json

    if form == "json":
        render.json({"steps": run.step, "epochs": epochs(plan), "stopped": run.stopped,
                     "loss": to_json(run.last_loss), "eval": {k: to_json(v) for k, v in run.evaluated.items()},
                     "saved": plan.saved, "intervals": history.rows})
    if run.stopped:
        where = f"saved {plan.saved}; --restore {plan.saved} goes on" if saver is not None else \
            "nothing is saved without --save DIR"
        render.note(f"stopped at step {run.step}: {where}")
    elif plan.saved is not None:
        render.note(f"saved {plan.saved}")
