"""``ckpt ls``, ``show``, ``stats`` and ``diff``."""
from __future__ import annotations

from dataclasses import asdict
from typing import Any

import click

from . import complete
from .ckpt_options import chosen, opened, tensors
from .options import format_option, verb

path_argument = click.argument("path", metavar="CKPT", shell_complete=complete.files)
names_argument = click.argument("patterns", nargs=-1, metavar="[TENSOR]...", shell_complete=tensors)


@verb("ls", "ckpt ls runs/digits 'hidden/*'")
@path_argument
@names_argument
@click.option("--sort", "order", type=click.Choice(["name", "size"]), default="name", show_default=True,
              help="The order of the list.")
@format_option
def ls(path: str, patterns: tuple[str, ...], order: str, form: str) -> int:
    """List the tensors of CKPT: name, dtype, shape, bytes."""
    from ..formats.checkpoint.facts import is_private, size_of
    from . import render

    with opened(path) as bundle:
        entries = [bundle.entry(n) for n in chosen(bundle, patterns, listing=True)]
        sizes = {e.name: size_of(bundle, e) for e in entries}
        if order == "size":
            entries.sort(key=lambda e: (-sizes[e.name], e.name))
        if form == "json":
            render.json({"prefix": bundle.prefix, "shards": bundle.shards, "tensors": [
                {"name": e.name, "dtype": e.dtype_name, "shape": list(e.shape), "bytes": sizes[e.name],
                 "parts": len(e.slices) or 1} for e in entries]})
            return 0
        if patterns and not entries:
            return 0
        elements = sum(e.elements for e in entries if not is_private(e.name))
        shards = f" in {bundle.shards} files" if bundle.shards > 1 else ""
        render.show([[(bundle.prefix, render.HEAD), (f": {render.plural(len(entries), 'tensor')}, "
                     f"{render.plural(elements, 'element')}, {render.size(sum(sizes.values()))}{shards}", "")], ""])
        rows = [[(e.name, render.NAME), (e.dtype_name, render.KIND), str(list(e.shape)),
                 render.size(sizes[e.name]) + (f", {len(e.slices)} parts" if e.slices else "")] for e in entries]
        render.show(render.table(rows))
    return 0


@verb("show", "ckpt show runs/digits hidden/biases")
@path_argument
@names_argument
@format_option
def show(path: str, patterns: tuple[str, ...], form: str) -> int:
    """Print tensors of CKPT, all without a name; long ones with their ends only, but in JSON."""
    from .run import show_values

    with opened(path) as bundle:
        values = {n: bundle.read(n) for n in chosen(bundle, patterns, listing=True)}
    if form == "json":
        from . import render
        from .json_values import to_json

        render.json({"prefix": bundle.prefix, "tensors": {k: to_json(v) for k, v in values.items()}})
    else:
        show_values(values, form)
    return 0


def _number(value: float | None) -> str:
    return "" if value is None else f"{value:.6g}"


@verb("stats", "ckpt stats runs/digits")
@path_argument
@names_argument
@format_option
def stats(path: str, patterns: tuple[str, ...], form: str) -> int:
    """Numbers about the tensors of CKPT: mean, deviation, least, greatest, zeros, NaN."""
    from ..formats.checkpoint import facts
    from . import render

    with opened(path) as bundle:
        names = [n for n in chosen(bundle, patterns, listing=True) if patterns or not facts.is_private(n)]
        found = list(facts.stats(bundle, names))
    if form == "json":
        from .json_values import to_json

        render.json({"prefix": bundle.prefix, "tensors": [
            {k: to_json(v) if isinstance(v, float) else list(v) if k == "shape" else v for k, v in asdict(s).items()}
            for s in found]})
        return 0
    if patterns and not found:
        return 0
    rows: list[Any] = []
    for s in found:
        odd = [f"{render.number(count)} {word}" for count, word in ((s.nans, "NaN"), (s.infinities, "infinite"))
               if count]
        rows.append([(s.name, render.NAME), (f"{s.dtype} {list(s.shape)}", render.KIND), _number(s.mean),
                     _number(s.std), _number(s.least), _number(s.most), render.number(s.zeros) if s.zeros else "",
                     (", ".join(odd), render.BAD)])
    render.show(render.table(rows, ["tensor", "", "mean", "std", "min", "max", "zeros", ""], right=(2, 3, 4, 5, 6)))
    return 0


@verb("diff", "ckpt diff runs/digits/model-41 runs/digits/model-205")
@path_argument
@click.argument("other", metavar="CKPT2", shell_complete=complete.files)
@click.argument("patterns", nargs=-1, metavar="[TENSOR]...", shell_complete=tensors)
@format_option
def diff(path: str, other: str, patterns: tuple[str, ...], form: str) -> int:
    """What CKPT2 has more, less or otherwise than CKPT."""
    from ..formats.checkpoint import facts
    from . import render

    with opened(path) as a, opened(other) as b:
        names = None
        if patterns:
            names = sorted({n for bundle in (a, b) for n in chosen_or_none(bundle, patterns)}) or chosen(a, patterns)
        else:
            names = sorted({n for n in (*a, *b) if not facts.is_private(n)})
        found = facts.difference(a, b, names)
        forms = {n: facts.form(bundle.entry(n)) for bundle, part in ((a, found.removed), (b, found.added))
                 for n in part}
    if form == "json":
        render.json({"a": a.prefix, "b": b.prefix, "removed": found.removed, "added": found.added, "changed": [
            {"name": c.name, "before": c.before, "after": c.after, "elements": c.elements, "largest": c.largest,
             "relative": c.relative} for c in found.changed], "same": found.same})
        return 0
    render.show([[(f"{render.plural(found.same, 'tensor')} the same, {len(found.changed)} changed, "
                   f"{len(found.removed)} only in {a.prefix}, {len(found.added)} only in {b.prefix}", render.HEAD)]])
    rows: list[Any] = [[("-", render.BAD), (n, render.NAME), (forms[n], render.KIND), ""] for n in found.removed]
    rows += [[("+", render.GOOD), (n, render.NAME), (forms[n], render.KIND), ""] for n in found.added]
    for c in found.changed:
        what = f"now {c.after}"
        if c.before == c.after:
            what = render.plural(c.elements or 0, "element")
            if c.largest is not None and c.relative is not None:
                what += f", by up to {c.largest:.4g} ({100 * c.relative:.3g} %)"
        rows.append([("~", render.WARN), (c.name, render.NAME), (c.before, render.KIND), what])
    render.show(render.table(rows))
    return 0


def chosen_or_none(bundle: Any, patterns: tuple[str, ...]) -> list[str]:
    """The names that any of the patterns means; a pattern may mean none."""
    from ..errors import UsageError

    out: list[str] = []
    for pattern in patterns:
        try:
            out += chosen(bundle, [pattern])
        except UsageError:
            continue
    return out
