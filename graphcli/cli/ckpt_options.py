"""What the verbs of ``ckpt`` have in common: opening a checkpoint and choosing tensors by pattern."""
from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from ..errors import NotFound, UsageError, did_you_mean
from .patterns import fitting

if TYPE_CHECKING:
    from ..wire.bundle import Bundle


def opened(path: str) -> Bundle:
    """The checkpoint that a path means. Raises UsageError for a folder without one, else what Bundle raises."""
    from ..wire.bundle import open_checkpoint
    from ..wire.checkpoints import prefix_of

    try:
        return open_checkpoint(prefix_of(path))
    except NotFound as error:
        raise UsageError(error.message, hint=error.hint) from None


def chosen(bundle: Bundle, patterns: Sequence[str], listing: bool = False) -> list[str]:
    """The names that patterns (``*``, ``?``, a scope) mean, all without one. Raises UsageError for a name that is not
    there, and without ``listing`` for a pattern that means none."""
    return fitting(patterns, bundle, f"no tensor of {bundle.prefix}", lambda name: UsageError(
        f"{bundle.prefix} has no tensor {name!r}",
        hint=did_you_mean(name, list(bundle)) or "graphcli ckpt ls lists what it has"), below=True, listing=listing)


def tensors(ctx: Any, param: Any, incomplete: str) -> list[str]:
    """Completion: the names in the checkpoint that was named."""
    from ..errors import GraphError

    path = ctx.params.get("path") or next(iter(ctx.args), None)
    if not path:
        return []
    try:
        with opened(path) as bundle:
            return [n for n in bundle if n.startswith(incomplete)]
    except GraphError:
        return []
