"""``ckpt rename``, ``strip`` and ``export``: what is in a checkpoint, written anew."""
from __future__ import annotations

import os
from typing import Any

import click

from ..errors import InvalidValue, NotFound, UsageError
from . import complete
from .ckpt_options import chosen, opened, tensors
from .options import format_option, verb

path_argument = click.argument("path", metavar="CKPT", shell_complete=complete.files)
out_option = click.option("-o", "--out", required=True, metavar="PREFIX", help="The checkpoint to write.")


def pairs(texts: tuple[str, ...], flag: str) -> list[tuple[str, str]]:
    """``OLD=NEW`` texts. Raises UsageError."""
    out = []
    for text in texts:
        old, equals, new = text.rpartition("=")
        if not equals or not old:
            raise UsageError(f"{flag} {text}: it is written OLD=NEW")
        out.append((old, new))
    return out


@verb("rename", "ckpt rename runs/digits -o runs/renamed --map hidden/=dense_1/ --regex '^output/(.*)=dense_2/\\1'")
@path_argument
@out_option
@click.option("--map", "exact", multiple=True, metavar="OLD=NEW",
              help="A tensor's new name; with a / at the end, of all below a scope; with a * in both, of all that fit. "
                   "May be repeated.")
@click.option("--regex", "patterns", multiple=True, metavar="REGEX=NEW",
              help="Replace what a regular expression matches in every other name. May be repeated.")
@format_option
def rename(path: str, out: str, exact: tuple[str, ...], patterns: tuple[str, ...], form: str) -> int:
    """Write CKPT anew under other names."""
    from ..formats.checkpoint.rewrite import Rules, renamed, write_anew
    from . import render

    if not exact and not patterns:
        raise UsageError("nothing to rename", hint="--map OLD=NEW or --regex REGEX=NEW")
    with opened(path) as bundle:
        try:
            names = renamed(bundle, Rules(pairs(exact, "--map"), pairs(patterns, "--regex")))
        except (InvalidValue, NotFound) as error:
            raise UsageError(error.message, hint=error.hint) from None
        write_anew(bundle, names, out)
    changed = {old: new for old, new in names.items() if old != new}
    if form == "json":
        render.json({"prefix": bundle.prefix, "wrote": out, "tensors": len(names), "renamed": changed})
        return 0
    render.show([f"{old} -> {new}" for old, new in changed.items()])
    render.note(f"wrote {out}: {render.plural(len(names), 'tensor')}")
    return 0


def _same_file(path: str, other: str) -> bool:
    return os.path.exists(other) and os.path.samefile(path, other)


@verb("strip", "ckpt strip runs/digits -o digits")
@path_argument
@out_option
@click.option("--also", "more", multiple=True, metavar="TENSOR", shell_complete=tensors,
              help="Leave these out too: a name, a scope, or a pattern with *. May be repeated.")
@click.option("--force", is_flag=True, help="Also where PREFIX is CKPT itself, which nothing goes on from then.")
@format_option
def strip(path: str, out: str, more: tuple[str, ...], force: bool, form: str) -> int:
    """Write CKPT anew without optimizer slots and training state.

    It serves what a model computes; --resume and --restore of train go on from CKPT, not from it.
    """
    from ..formats.checkpoint.facts import size_of
    from ..formats.checkpoint.rewrite import training_only, write_anew
    from . import render

    with opened(path) as bundle:
        gone = {*training_only(bundle), *(chosen(bundle, more) if more else ())}
        names = {n: n for n in bundle if n not in gone}
        if not names:
            raise UsageError(f"nothing of {bundle.prefix} would be left")
        if gone and not force and _same_file(f"{bundle.prefix}.index", f"{out}.index"):
            raise UsageError(f"{out} is the checkpoint itself, and what training goes on from would be gone for good",
                             hint="another -o keeps it, --force replaces it")
        saved = sum(size_of(bundle, bundle.entry(n)) for n in gone)
        write_anew(bundle, names, out)
    if form == "json":
        render.json({"prefix": bundle.prefix, "wrote": out, "tensors": len(names), "without": sorted(gone),
                     "bytes": saved})
        return 0
    render.show(sorted(gone))
    render.note(f"wrote {out}: {render.plural(len(names), 'tensor')}, without {render.plural(len(gone), 'tensor')} "
                f"of {render.size(saved)}")
    return 0


@verb("export", "ckpt export runs/digits --to safetensors -o digits.safetensors")
@path_argument
@click.argument("patterns", nargs=-1, metavar="[TENSOR]...", shell_complete=tensors)
@click.option("--to", "kind", type=click.Choice(["npz", "safetensors"]),
              help="The format; by the ending of the file without it.")
@click.option("-o", "--out", required=True, metavar="FILE", help="The file to write.")
@click.option("--skip", multiple=True, metavar="TENSOR", shell_complete=tensors,
              help="Leave these out: a name, a scope, or a pattern with *. May be repeated.")
@format_option
def export(path: str, patterns: tuple[str, ...], kind: str | None, out: str, skip: tuple[str, ...],
           form: str) -> int:
    """Write tensors of CKPT, all without a name, as .npz or .safetensors."""
    from ..formats.checkpoint import npz, safetensors
    from ..formats.checkpoint.facts import is_private
    from ..wire.files import write_whole
    from . import render

    kind = kind or next((k for k in ("npz", "safetensors") if out.lower().endswith(f".{k}")), None)
    if kind is None:
        raise UsageError(f"{out} is neither .npz nor .safetensors", hint="--to npz or --to safetensors says it")
    with opened(path) as bundle:
        without = set(chosen(bundle, skip)) if skip else set()
        names = [n for n in chosen(bundle, patterns) if n not in without and (patterns or not is_private(n))]
        writer: Any = npz if kind == "npz" else safetensors
        write_whole(out, lambda file: writer.write(bundle, names, file))
    if form == "json":
        render.json({"prefix": bundle.prefix, "wrote": out, "kind": kind, "tensors": names})
        return 0
    render.note(f"wrote {out}: {render.plural(len(names), 'tensor')}")
    return 0
