"""Options about how the engine runs a step: threads, passes, memory."""
from __future__ import annotations

import functools
from typing import Any

import click

from ..errors import UsageError, did_you_mean
from ..record import Record
from .options import SIZE, Command


class Engine(Record):
    """threads: per numpy device. without: passes to leave out. memory: bytes that a step may hold."""

    threads: int | None = None
    without: tuple[str, ...] = ()
    memory: int | None = None

    def passes(self) -> list[str]:
        """The passes that are applied. Raises UsageError for one to leave out that is none."""
        from ..engine.plan import PASSES

        left_out = [n.strip() for text in self.without for n in text.split(",") if n.strip()]
        for name in left_out:
            if name not in (*PASSES, "all"):
                raise UsageError(f"--without {name}: there is no such pass; there are {', '.join(PASSES)}, all",
                                 hint=did_you_mean(name, PASSES))
        return [] if "all" in left_out else [p for p in PASSES if p not in left_out]

    def options(self) -> dict[str, Any]:
        """Keywords of Session. Raises UsageError for a pass that is none."""
        out: dict[str, Any] = {"threads": self.threads, "memory": self.memory}
        if self.without:
            out["passes"] = self.passes()
        return out


def engine_options(function: Command) -> Command:
    """--threads, --without and --memory; the verb gets ``engine``, an Engine."""

    @functools.wraps(function)
    def verb(*args: Any, threads: int | None, without: tuple[str, ...], memory: int | None, **rest: Any) -> Any:
        return function(*args, engine=Engine(threads, without, memory), **rest)

    verb = click.option("--memory", type=SIZE, metavar="SIZE",
                        help="Refuse a step that would hold more, as far as shapes tell: 500M, 2G.")(verb)
    verb = click.option("--without", multiple=True, metavar="PASS", shell_complete=_complete,
                        help="Leave out an optimization: fold, simplify, merge, entropy, skip, narrow, accumulate, "
                             "stack, join, contract, pad, winograd, turn, fuse, structure, reuse, schedule, branch, "
                             "or all.")(verb)
    return click.option("--threads", type=click.IntRange(1, 1024), metavar="N",
                        help="Threads per numpy device.")(verb)


def _complete(ctx: Any, param: Any, incomplete: str) -> list[str]:
    from ..engine.plan import PASSES

    return [p for p in (*PASSES, "all") if p.startswith(incomplete)]
