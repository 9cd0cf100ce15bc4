"""Rows and columns of a matrix in a checkpoint, in the order of another vocabulary (tf.train.warm_start)."""
from __future__ import annotations

from typing import Any

import numpy as np

from ..errors import InvalidArgument, NothingThere, OutOfRange, Unimplemented
from ..graph.opdef import no_gradient, op
from .checkpoint import _texts, path_of

CPU_ONLY = True


def _lines(n: Any, path: Any) -> list[bytes]:
    """The lines of a file. Raises NothingThere where there is none."""
    path = path_of(n, path, reading=True)
    try:
        with open(path, "rb") as file:
            return file.read().splitlines()
    except FileNotFoundError:
        raise NothingThere(f"{path}; No such file or directory") from None


@op
class GenerateVocabRemapping:
    """Of each word of a new vocabulary its place in an old one, -1 where it has none, and how many have one."""

    signature = "new_vocab_file: string, old_vocab_file: string -> remapping: int64, num_present: int32"
    attrs = "new_vocab_offset: int >= 0; num_new_vocab: int >= 0; old_vocab_size: int >= -1 = -1"
    takes = "new_vocab_file: []; old_vocab_file: []"
    gradient = no_gradient

    def infer(n: Any, new_vocab_file: Any, old_vocab_file: Any) -> Any:
        return [(n.attrs["num_new_vocab"],), ()]

    def kernel(n: Any) -> Any:
        offset, many, limit = (n.attrs[k] for k in ("new_vocab_offset", "num_new_vocab", "old_vocab_size"))

        def remap(new: Any, old: Any) -> Any:
            known = _lines(n, old)
            if not known:
                raise OutOfRange(f"the vocabulary {path_of(n, old, reading=True)} is empty")
            known = known if limit < 0 else known[:limit]
            places: dict[bytes, int] = {}
            for i, word in enumerate(known):
                if word in places:
                    raise InvalidArgument(f"HashTable has different value for same key. Key {word.decode()} has "
                                          f"{places[word]} and trying to add value {i}")
                places[word] = i
            words = _lines(n, new)[offset:offset + many]
            if len(words) < many:
                raise InvalidArgument(f"Remapping input file has fewer than {offset + many} lines")
            found = np.array([places.get(word, -1) for word in words], np.int64)
            return found, np.asarray((found >= 0).sum(), np.int32)

        return remap


@op
class LoadAndRemapMatrix:
    """Rows and columns of a matrix in a checkpoint by their places there; what has none takes the next given value."""

    signature = ("ckpt_path: string, old_tensor_name: string, row_remapping: int64, col_remapping: int64, "
                 "initializing_values: float32 -> output_matrix: float32")
    attrs = "num_rows: int >= 0; num_cols: int >= 1; max_rows_in_memory: int = -1"
    takes = "ckpt_path: []; old_tensor_name: []; row_remapping: [?]; col_remapping: [?]"
    stateful = True
    gradient = no_gradient

    def infer(n: Any, *shapes: Any) -> Any:
        return (n.attrs["num_rows"], n.attrs["num_cols"])

    def kernel(n: Any) -> Any:
        sizes = n.attrs["num_rows"], n.attrs["num_cols"]

        def load(path: Any, name: Any, rows: Any, cols: Any, values: Any) -> Any:
            from ..wire.bundle import open_checkpoint

            name = _texts(name)[0]
            with open_checkpoint(path_of(n, path, reading=True)) as bundle:
                if name not in bundle:
                    raise NothingThere(f"Key {name} not found in checkpoint")
                old = bundle.read(name)
            if old.ndim != 2:
                raise InvalidArgument(f"Old tensor must be a matrix: {list(old.shape)}")
            places = [_places(given, size, there, what) for given, size, there, what in zip(
                (rows, cols if len(cols) else np.arange(old.shape[1])), sizes, old.shape, ("row", "col"))]
            there = np.logical_and.outer(*[p >= 0 for p in places])
            out = np.empty(sizes, np.float32)
            values = values.reshape(-1)
            if len(values) != out.size - there.sum():
                raise InvalidArgument(f"initializing_values contained {len(values)} elements, but "
                                      f"{out.size - there.sum()} missing values had to be filled.")
            out[there] = old[np.ix_(*[p[p >= 0] for p in places])].reshape(-1)
            out[~there] = values
            return out

        return load


def _places(given: Any, size: int, there: int, what: str) -> Any:
    """Places in a checkpoint's matrix. Raises InvalidArgument for too many and one beyond it, Unimplemented for one
    that is there twice."""
    if len(given) != size:
        raise InvalidArgument(f"Size of {what}_remapping is {len(given)} instead of the expected {size}")
    known = given[given >= 0]
    if len(known) and known.max() >= there:
        raise InvalidArgument(f"{what}_remapping holds {known.max()}, the matrix has {there}")
    if len(np.unique(known)) < len(known):
        raise Unimplemented(f"a {what} of the matrix is mapped twice")
    return np.asarray(given)
