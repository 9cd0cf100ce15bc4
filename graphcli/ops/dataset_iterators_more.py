"""Iterators, seeds and caches that live for one step, and older names of iterators' ops (tf.data.Iterator)."""
from __future__ import annotations

from typing import Any

from ..errors import InvalidArgument
from ..graph.opdef import op, undefined_gradient
from ._datasets import METADATA, OUTPUTS, Dataset, dataset_op
from ._older import older
from .dataset_chance import Words, seeds_of, shuffled
from .dataset_iterators import Reader
from .dataset_order import cache

CPU_ONLY = True


def _op(name: str, doc: str, signature: str, kernel: Any, attrs: str = "", outputs: int = 0) -> None:
    op(type(name, (), {"__doc__": doc, "__module__": __name__, "signature": signature, "attrs": attrs,
                       "stateful": True, "infer": lambda n, *shapes: [()] * outputs or None, "kernel": kernel,
                       "gradient": undefined_gradient}))


def _handle(make: Any, deleter: bool = True) -> Any:
    """A kernel of a handle that is new in each step, and of what deletes it."""
    def kernel(n: Any) -> Any:
        def made(*inputs: Any) -> Any:
            found = make(n, *inputs)
            return [found, found] if deleter else found

        return made

    return kernel


def _delete(n: Any) -> Any:
    # what it held goes with the session
    return lambda *inputs: None


def _forget(n: Any) -> Any:
    def forget(reader: Any, deleter: Any) -> None:
        reader.rows = None

    return forget


def _shuffle(n: Any) -> Any:
    def made(rows: Any, size: Any, draw: Any) -> Dataset:
        if int(size) <= 0:
            raise InvalidArgument("buffer_size must be greater than zero.")
        return Dataset(lambda: shuffled(rows, int(size), Words(draw(), draw())), rows.many)

    return made


_op("AnonymousIterator", "An iterator, to be initialized with a dataset.", " -> handle: resource",
    _handle(lambda n: Reader(n.node.name), deleter=False), OUTPUTS, 1)
_op("AnonymousIteratorV2", "An iterator, to be initialized with a dataset, and what deletes it.",
    " -> handle: resource, deleter: variant", _handle(lambda n: Reader(n.node.name)), OUTPUTS, 2)
_op("DeleteIterator", "Lets an iterator forget where it stood.", "handle: resource, deleter: variant -> ", _forget)
_op("AnonymousRandomSeedGenerator", "Seeds, one after another.",
    "seed: int64, seed2: int64 -> handle: resource, deleter: variant",
    _handle(lambda n, seed, seed2: Words(*seeds_of(seed, seed2))), outputs=2)
_op("AnonymousMemoryCache", "What a dataset has made once.", " -> handle: resource, deleter: variant",
    _handle(lambda n: []), outputs=2)
for _what in ("RandomSeedGenerator", "MemoryCache"):
    _op(f"Delete{_what}", "Says that a handle is needed no more.", "handle: resource, deleter: variant -> ", _delete)
dataset_op("ShuffleDatasetV2", "The elements by chance (shuffle).",
           "input_dataset: variant, buffer_size: int64, seed_generator: resource", f"{OUTPUTS}; {METADATA}", _shuffle)
dataset_op("CacheDatasetV2", "The elements, made once (cache).",
           "input_dataset: variant, filename: string, cache: resource", f"{OUTPUTS}; {METADATA}", cache,
           __name__)
older(__name__, "IteratorFromStringHandle", "IteratorFromStringHandleV2")
older(__name__, "IteratorGetNextSync", "IteratorGetNext")
