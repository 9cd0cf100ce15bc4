"""``events embed``: vectors for TensorBoard's projector."""
from __future__ import annotations

import os
from typing import Any

import click

from ...errors import UsageError, did_you_mean, reason_of
from ..options import format_option, verb


@verb("embed", "events embed runs/words words=@specs/data/word2vec.npz:embeddings")
@click.argument("logdir", metavar="LOGDIR")
@click.argument("given", nargs=-1, required=True, metavar="NAME=VALUE...")
@click.option("--labels", multiple=True, metavar="NAME=FILE",
              help="A line for each row of NAME; with tabs in it, the first line names the columns.")
@format_option
def command(logdir: str, given: tuple[str, ...], labels: tuple[str, ...], form: str) -> int:
    """Write matrices into LOGDIR, one run's folder, so that TensorBoard's projector shows their rows.

    VALUE is @file.npy, @file.npz:key, @file.csv, @file.json or a literal. Written are NAME.tsv, NAME.labels.tsv and
    projector_config.pbtxt, whose other embeddings stay; and an event file where there is none, without which
    TensorBoard sees no run.
    """
    from ...formats.events import projector
    from .. import render

    if os.path.exists(logdir) and not os.path.isdir(logdir):
        raise UsageError(f"{logdir} is a file, not a folder")
    vectors = _pairs(given, "NAME=VALUE")
    named = _pairs(labels, "--labels")
    for name in named:
        if name not in vectors:
            raise UsageError(f"--labels {name}: there is no embedding of this name", hint=did_you_mean(name, vectors))
    embeddings = [projector.Embedding(name, _matrix(value, name), _lines(named.get(name)))
                  for name, value in vectors.items()]
    for embedding in embeddings:
        projector.check(embedding)
    try:
        os.makedirs(logdir, exist_ok=True)
    except OSError as error:
        raise UsageError(f"cannot make the folder {logdir}: {reason_of(error)}") from None

    written = projector.write(logdir, embeddings)
    written += projector.with_events(logdir)
    if form == "json":
        render.json({"written": written, "embeddings": [
            {"name": e.name, "shape": list(e.vectors.shape), "labels": e.labels is not None} for e in embeddings]})
    else:
        for path in written:
            render.note(f"wrote {path}")
    return 0


def _pairs(texts: tuple[str, ...], flag: str) -> dict[str, str]:
    out: dict[str, str] = {}
    for name, value in (_pair(text, flag) for text in texts):
        if name in out:
            raise UsageError(f"{flag}: {name} is given twice")
        out[name] = value
    return out


def _pair(text: str, flag: str) -> tuple[str, str]:
    name, equals, value = text.partition("=")
    if not equals or not name or not value:
        raise UsageError(f"{flag}: {text!r} is not NAME=" + ("FILE" if flag == "--labels" else "VALUE"))
    return name, value


def _matrix(text: str, name: str) -> Any:
    import numpy as np

    from ..literals import literal
    from ..values import from_file

    value = from_file(text[1:], name) if text.startswith("@") else literal(text, name)
    try:
        return np.asarray(value)
    except ValueError:
        raise UsageError(f"{name}: its rows have different lengths") from None


def _lines(path: str | None) -> list[str] | None:
    if path is None:
        return None
    from ..value_files import read_text

    return read_text(path, "--labels").splitlines()
