"""``train``: steps over batches of data, watched, evaluated, saved, and gone on with."""
from __future__ import annotations

import click

from ..errors import UsageError
from . import complete
from .choice import Choice
from .engine_options import Engine, engine_options
from .interrupts import interrupts
from .options import format_option, spec_options, verb
from .profiled import profiled
from .restoring import Restoring, restore_options
from .train_embed import Embeds, embed_option
from .train_options import Options, train_options

EXAMPLE = ("train specs/train_digits.yaml --data specs/data/digits.npz "
           "--feed-map images=train_images,labels=train_labels --epochs 5 --shuffle "
           "--save runs/digits --logdir runs/digits")


@verb("train", EXAMPLE)
@spec_options
@train_options
@restore_options
@click.option("--restart", is_flag=True, help="Of --restore take the variables only, and begin at step 0.")
@click.option("--resume", is_flag=True, help="Go on from the newest checkpoint of --save DIR, if there is one.")
@click.option("--logdir", metavar="DIR", shell_complete=complete.files,
              help="Write an event file for TensorBoard: the graph, the loss, the summaries.")
@embed_option
@engine_options
@click.option("--profile", metavar="FILE", help="Time the steps: a table on stderr, and a trace for Perfetto in FILE.")
@click.option("--quiet", is_flag=True, help="Print nothing while it runs, nor what it comes to.")
@format_option
def command(choice: Choice, options: Options, restoring: Restoring, restart: bool, resume: bool, logdir: str | None,
            embeds: tuple[str, ...], engine: Engine, profile: str | None, quiet: bool, form: str) -> int:
    """Train GRAPH: run its training op over the rows of a file, batch by batch."""
    options.check()
    if embeds and logdir is None:
        raise UsageError("--embed goes with --logdir DIR")
    if restart and not resume and restoring.path is None:
        raise UsageError("--restart goes with --restore CKPT, or with --resume")
    if resume:
        restoring.resume(options.save)
    from ..engine import Session
    from . import train_setup as setup
    from .files import named_files

    built = choice.built()
    plan = setup.planned(built, options, choice)
    read = {"GRAPH": choice.path, "--data": options.data, "--eval-data": options.eval_data}
    with Session(built, soft_placement=options.soft_placement, max_bytes=choice.max_bytes,
                 **engine.options()) as session, profiled(session, profile, read):
        named_files(session, {**plan.feeds, **plan.eval_feeds}, choice.path)
        run = setup.training(session, plan, options)
        if engine.memory is not None:
            run.plan()  # which is refused before anything runs or is written
        report = restoring.into(session, plan.feeds)
        if report is not None and not restart:
            setup.go_on(run, report)
        watch, history = setup.watchers(run, plan, options, quiet or form == "json", logdir is not None)
        points = Embeds(embeds, built, logdir, session) if embeds and logdir is not None else None
        log = setup.log(run, plan, logdir, session) if logdir is not None else None
        saves = setup.saves(run, plan, options, session)
        kept = history if form == "json" else None
        setup.warn_of_no_updates(plan, options)
        run.listeners += [w for w in (kept, watch, log, saves, points) if w is not None]
        try:
            with interrupts() as interrupted:
                run.run(lambda: bool(interrupted))
        finally:
            for thing in (watch, log):
                close = getattr(thing, "close", None)
                if close is not None:
                    close()
        setup.told(run, plan, saves, history, form)
        return 128 + interrupted[-1] if run.stopped else 0
