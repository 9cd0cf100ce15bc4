"""Takes: the shapes that inputs of an op must have, whatever the others have, as its class says them.

``takes = "perm: [?]; axis: []; paddings: [?, 2]; indices: <=1; data: >=1"``: a shape in which ``?`` is any size, or a
bound of the rank; ``keys: [num_sparse]`` is as long as the attr says, or as it is. ``axes: <=1 built`` is asked of a
graph alone, for TensorFlow's kernel takes the others too; ``k: [] run`` of what a step brings alone.
"""
from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from . import shapes
from .shapes import show

if TYPE_CHECKING:
    from .signature import Arg

Law = Callable[[Any, Any], None]


def taking(infer: Callable[..., Any], text: str, inputs: Callable[[], Sequence[Arg]]) -> Callable[..., Any]:
    """The inference, after a look at the shapes of the inputs that ``text`` names."""
    laws: list[tuple[int, Law, str]] = []

    def inferred(n: Any, *given: Any) -> Any:
        if not laws:
            names = [a.name for a in inputs()]
            laws.extend((names.index(name), law, when) for name, law, when in _laws(text))
        for place, law, when in laws:
            if given[place] is not None and when != ("run" if n.built else "built"):
                for shape in given[place] if isinstance(given[place], list) else [given[place]]:
                    if shape is not None:
                        law(n, shape)
        return infer(n, *given)

    return inferred


def _laws(text: str) -> list[tuple[str, Law, str]]:
    out = []
    for part in text.split(";"):
        name, _, wanted = part.partition(":")
        when = next((w for w in ("built", "run") if wanted.endswith(f" {w}")), "")
        out.append((name.strip(), _law(name.strip(), wanted.strip().removesuffix(f" {when}")), when))
    return out


def _law(name: str, wanted: str) -> Law:
    if wanted[:2] == ">=":
        return lambda n, shape: n.at_least_rank(shape, int(wanted[2:]), name)
    if wanted[:2] == "<=":
        return lambda n, shape: n.at_most_rank(shape, int(wanted[2:]), name)
    said = [s.strip() for s in wanted.strip("[]").split(",") if s.strip()]

    def law(n: Any, shape: Any) -> None:
        n.with_rank(shape, len(said), name)
        sizes = tuple(None if s == "?" else int(s) if s.isdecimal() else _attr(n.attrs[s]) for s in said)
        if not shapes.compatible(sizes, shape):
            n.fail(f"{name} must have the shape {show(sizes)}, not {show(shape)}")

    return law


def _attr(value: Any) -> int:
    return value if isinstance(value, int) else len(value)
