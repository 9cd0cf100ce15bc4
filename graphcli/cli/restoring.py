"""``--restore CKPT``, with ``--rename`` and ``--partial``: for the verbs that run a graph."""
from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

import click

from ..errors import GraphError, UsageError
from ..record import Record
from . import complete

if TYPE_CHECKING:
    from ..engine import Session


class Restoring(Record, frozen=False):
    """What the three options say."""

    path: str | None = None
    renames: tuple[str, ...] = ()
    partial: bool = False

    def check(self) -> None:
        """Raises UsageError for what means nothing without --restore."""
        if self.path is None and (self.renames or self.partial):
            raise UsageError(f"{'--rename' if self.renames else '--partial'} goes with --restore CKPT")

    def resume(self, folder: str | None) -> None:
        """Takes the newest checkpoint of a folder, if it has one. Raises UsageError beside --restore."""
        if folder is None or self.path is not None:
            raise UsageError("--resume goes with --save DIR, and without --restore")
        from ..errors import NotFound
        from ..wire.checkpoints import to_go_on_from

        try:
            self.path = to_go_on_from(folder, "model")
        except NotFound as error:
            raise UsageError(f"--resume: {error.message}", hint=error.hint) from None

    def into(self, session: Session, feeds: Mapping[Any, Any]) -> Any:
        """Restores, and gives the variables that it leaves their initial values, which may need feeds; the report,
        or None.

        Without partial, raises what Session.restore raises.
        """
        report = None
        if self.path is not None:
            from . import render
            from .ckpt_options import opened

            opened(self.path).close()
            rules = self.rules(session)
            try:
                report = session.restore(self.path, rules, self.partial)
            except GraphError as error:
                if error.hint is not None:
                    error.hint = error.hint.replace("partial=True", "--partial")
                raise
            if not report.complete:
                for line in left_out(report):
                    render.note(line)
        session.initialize(feeds, missing_only=True)
        return report

    def rules(self, session: Session) -> dict[str, str | None] | None:
        """Variable by tensor, of those that get another name; None for a variable that is not there."""
        if not self.renames:
            return None
        from ..engine.checkpoint import restorable
        from ..formats.checkpoint.rewrite import Rules
        from .ckpt_options import opened
        from .ckpt_write import pairs

        made = Rules(pairs(self.renames, "--rename"))
        assert self.path is not None
        with opened(self.path) as bundle:
            tensors, known = list(bundle), restorable(session)
        made.check(tensors)
        made.check_targets(tensors, list(known))
        # a tensor that is given to a variable goes before the one of its name
        return {t: new if new in known else None for t in tensors if (new := made(t)) != t}


def left_out(report: Any) -> list[str]:
    """A partial restore as lines."""
    from .render import listed

    names = f": {listed(report.matched, 6)}" if report.matched else ""
    noun = "variable" if len(report.matched) == 1 else "variables"
    out = [f"restored {len(report.matched)} {noun} from {report.prefix}{names}"]
    for name, near in report.missing.items():
        out.append(f"  {name} is missing" + (f"; did you mean {near!r}?" if near else ""))
    for m in report.misshaped:
        out.append(f"  {m.variable} is {m.wanted}, in the checkpoint {m.found}")
    if report.extra:
        out.append(f"  not used: {listed(report.extra, 6)}")
    return out


def restore_options(function: Callable[..., Any]) -> Callable[..., Any]:
    """--restore, --rename and --partial; the verb gets ``restoring``, a Restoring."""
    import functools

    @functools.wraps(function)
    def verb(*args: Any, restore: str | None, renames: tuple[str, ...], partial: bool, **rest: Any) -> Any:
        made = Restoring(restore, renames, partial)
        made.check()
        return function(*args, restoring=made, **rest)

    verb = click.option("--partial", is_flag=True, help="Restore what fits, and initialize the other variables.")(verb)
    verb = click.option("--rename", "renames", multiple=True, metavar="OLD=NEW",
                        help="A tensor of the checkpoint goes to another variable; with a / at the end of both, all "
                             "below a scope; with a * in both, all that fit: '*/ExponentialMovingAverage=*'. May be "
                             "repeated.")(verb)
    return click.option("--restore", metavar="CKPT", shell_complete=complete.files,
                        help="Take the variables from a checkpoint: its prefix, or a folder for its newest.")(verb)
