"""``train --embed``: variables whose rows TensorBoard's projector shows when the training has ended."""
from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from ..errors import UsageError
from ..training.listeners import Listener
from . import complete, render

if TYPE_CHECKING:
    from ..engine import Session
    from ..spec.result import BuiltGraph
    from ..training.loop import Training


def embed_option(function: Any) -> Any:
    return click.option("--embed", "embeds", multiple=True, metavar="VARIABLE[=LABELS]",
                        shell_complete=complete.handles, help="With --logdir: the rows of a variable for TensorBoard's "
                        "projector; LABELS is a file with a line for each. May be repeated.")(function)


class Embeds(Listener):
    """Writes the values of variables, with their labels, when a run ends or is stopped.

    Raises UsageError for what is no matrix and for labels that do not fit, before any step is taken.
    """

    def __init__(self, texts: tuple[str, ...], built: BuiltGraph, folder: str, session: Session) -> None:
        self.folder, self.session = folder, session
        self.variables: dict[str, tuple[Any, list[str] | None]] = {}
        for text in texts:
            name, _, path = text.partition("=")
            variable = _matrix(built, name)
            labels = _labels(path, name, variable) if path else None
            self.variables[variable.op.name] = variable, labels

    def finished(self, run: Training) -> None:
        from ..formats.events.projector import Embedding, write

        for path in write(self.folder, [Embedding(name, self.session.value(variable), labels)
                                        for name, (variable, labels) in self.variables.items()]):
            render.note(f"wrote {path}")


def _matrix(built: BuiltGraph, name: str) -> Any:
    from .options import resolve

    value = resolve(built, name, "--embed")
    if not hasattr(value, "initializer"):
        raise UsageError(f"--embed {name}: {name} is no variable")
    shape = value.shape.as_list() if value.shape.ndims is not None else None
    if shape is not None and len(shape) != 2 or not value.dtype.base_dtype.is_floating:
        raise UsageError(f"--embed {name}: the projector shows the rows of a matrix of floats; {name} is "
                         f"{render.dtype_shape(value.dtype, None if shape is None else tuple(shape))}")
    return value


def _labels(path: str, name: str, variable: Any) -> list[str]:
    """The lines of a file. Raises UsageError if they are not as many as the rows."""
    from ..errors import GraphError
    from ..formats.events.projector import check_labels
    from .value_files import read_text

    lines = read_text(path, "--embed").splitlines()
    rows = variable.shape.as_list()[0]
    if rows is not None:
        try:
            check_labels(name, rows, lines)
        except GraphError as error:
            raise UsageError(f"--embed {name}={path}: {error.message}") from None
    return lines
