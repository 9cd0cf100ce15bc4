"""``--data FILE`` and ``--feed-map``: which array of a file feeds which input."""
from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ..errors import UsageError
from .tables import array_of, listed_names, read_arrays

if TYPE_CHECKING:
    from ..graph.graph import Tensor
    from ..spec.result import BuiltGraph
    from ..training.data import Data


def make_data(built: BuiltGraph, path: str, maps: tuple[str, ...], flag: str, needed: list[Tensor],
              file: str = "--data") -> Data:
    """The data of a file for the tensors that are to be fed with it.

    maps: ``x=images,y=labels``; without any, each needed placeholder gets the array of its name. file: the flag that
    names the file. Raises UsageError.
    """
    from ..errors import GraphError
    from ..training.data import Data
    from .values import feedable

    arrays = read_arrays(path, file)
    wanted: dict[Any, str] = {}
    for name, key in _pairs(maps, flag):
        tensor = feedable(built, name, flag)
        if tensor in wanted:
            raise UsageError(f"{flag}: {name} is mapped twice")
        wanted[tensor] = key
    if not maps:
        from ..analysis.feeds import called

        name_of = called(built.flat_handles())
        for tensor in needed:
            name = name_of(tensor)
            if name in arrays:
                wanted[tensor] = name
        if not wanted:
            if not arrays:
                raise UsageError(f"{file} {path} has no arrays")
            reads = listed_names([name_of(t) for t in needed])
            raise UsageError(f"{file} {path} has {listed_names(arrays)}; what is run on it reads {reads}",
                             hint=f"{flag} {_example(needed, arrays)}" if needed else None)
    try:
        return Data({t: array_of(arrays, key, path, flag) for t, key in wanted.items()},
                    {t: f"{path}:{key}" for t, key in wanted.items()})
    except UsageError:
        raise
    except GraphError as error:
        raise UsageError(f"{file}: {error.message}", hint=error.hint, notes=error.notes, span=error.span) from None


def _pairs(maps: tuple[str, ...], flag: str) -> list[tuple[str, str]]:
    out = []
    for text in maps:
        for part in text.split(","):
            name, equals, key = (p.strip() for p in part.partition("="))
            if not equals or not name or not key:
                raise UsageError(f"{flag} {text}: it is written INPUT=ARRAY,INPUT=ARRAY")
            out.append((name, key))
    return out


def _example(needed: list[Tensor], arrays: dict[str, Any]) -> str:
    required = [t for t in needed if t.op.type != "PlaceholderWithDefault"]
    return ",".join(f"{t.op.name}={k}" for t, k in zip(required or needed, arrays))


def missing(built: BuiltGraph, targets: list[Any], fed: Any) -> list[str]:
    """The names of the placeholders that the targets need and that get nothing."""
    from ..analysis.feeds import called, needs

    name_of = called(built.flat_handles())
    return [name_of(n.tensor) for n in needs(targets, frozenset(fed))
            if not n.optional and n.tensor not in fed]
