"""Datasets of what functions of the library make of elements (tf.data)."""
from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from ..errors import InvalidArgument
from ._bodies import Body
from ._datasets import METADATA, OUTPUTS, UNKNOWN, Dataset, Element, chained, dataset_op, each, kept, of
from .dataset_order import groups, stacked

CPU_ONLY = True
BLAS = True  # what is called may
_ONE = "input_dataset: variant, other_arguments: list(Targuments)"
_F = "f: func; Targuments: list(type) >= 0"


Apply = Callable[[Element], Any]
"""The function of an element."""


def _of_rows(n: Any, rows: Any, captured: Any, more: Callable[[Apply, Iterator[Element]], Callable[[], Element]],
             key: str = "f", many: int = UNKNOWN) -> Dataset:
    """Of the function in the attr ``key`` and of the elements of ``rows`` an iterator takes what ``more`` makes: a
    function that gives the next element. many: how many these are."""
    captured = kept(n, captured, 1)

    def start() -> Iterator[Element]:
        body = Body(n, n.attrs[key])
        return each(more(lambda element: of(body, element, captured), iter(rows)))

    return Dataset(start, many)


def _mapped(n: Any) -> Any:
    def more(apply: Apply, taken: Iterator[Element]) -> Callable[[], Element]:
        return lambda: tuple(apply(next(taken)))

    return lambda rows, captured, *settings: _of_rows(n, rows, captured, more, many=rows.many)


def _map_and_batch(n: Any) -> Any:
    def made(rows: Any, captured: Any, size: Any, calls: Any, drop: Any) -> Dataset:
        return groups(_mapped(n)(rows, captured), size, drop, stacked)

    return made


def _filter(n: Any) -> Any:
    def more(apply: Apply, taken: Iterator[Element]) -> Callable[[], Element]:
        def one() -> Element:
            while True:
                element = next(taken)
                if bool(apply(element)[0]):
                    return element

        return one

    return lambda rows, captured: _of_rows(n, rows, captured, more, "predicate")


def _flat_map(n: Any) -> Any:
    def more(apply: Apply, taken: Iterator[Element]) -> Callable[[], Element]:
        return chained(lambda: iter(apply(next(taken))[0]))

    return lambda rows, captured: _of_rows(n, rows, captured, more)


def _interleave(n: Any) -> Any:
    def made(rows: Any, captured: Any, cycle_length: Any, block_length: Any, *settings: Any) -> Dataset:
        cycle, block = int(cycle_length), int(block_length)
        if cycle < 1 or block < 1:
            raise InvalidArgument(f"{'cycle' if cycle < 1 else 'block'}_length must be greater than zero.")

        def more(apply: Apply, taken: Iterator[Element]) -> Callable[[], Element]:
            turns: list[Any] = [None] * cycle
            at = done = 0
            left = True

            def one() -> Element:
                nonlocal at, done, left
                while left or any(turn is not None for turn in turns):
                    if turns[at] is None and left:
                        element = next(taken, None)
                        if element is None:
                            left = False
                        else:
                            turns[at] = iter(apply(element)[0])
                        continue
                    found = None if turns[at] is None else next(turns[at], None)
                    done += 1
                    if found is None:
                        turns[at] = None
                    if found is None or done == block:
                        at, done = (at + 1) % cycle, 0
                    if found is not None:
                        return found  # type: ignore[no-any-return]
                raise StopIteration

            return one

        return _of_rows(n, rows, captured, more)

    return made


def _generator(n: Any) -> Any:
    def made(first: Any, following: Any, last: Any) -> Dataset:
        i, j = len(first), len(first) + len(following)
        first, following, last = kept(n, first), kept(n, following, i), kept(n, last, j)

        def start() -> Iterator[Element]:
            begin, more, end = (Body(n, n.attrs[f"{key}_func"]) for key in ("init", "next", "finalize"))
            state = begin(list(first))

            def following_one() -> Element:
                try:
                    return tuple(of(more, tuple(state), following))
                except StopIteration:
                    end([*state, *last])
                    raise

            return each(following_one)

        return Dataset(start)

    return made


dataset_op("MapDataset", "What a function makes of each element (map).", _ONE,
           f"{_F}; {OUTPUTS}; use_inter_op_parallelism: bool = True; preserve_cardinality: bool = False; "
           f"force_synchronous: bool = False; {METADATA}", _mapped)
dataset_op("ParallelMapDatasetV2", "What a function makes of each element, one after another (map).",
           f"{_ONE}, num_parallel_calls: int64",
           f"{_F}; {OUTPUTS}; use_inter_op_parallelism: bool = True; deterministic: string = 'default'; "
           f"preserve_cardinality: bool = False; use_unbounded_threadpool: bool = False; {METADATA}", _mapped)
dataset_op("MapAndBatchDataset", "What a function makes of each element, side by side (map_and_batch).",
           f"{_ONE}, batch_size: int64, num_parallel_calls: int64, drop_remainder: bool",
           f"{_F}; {OUTPUTS}; preserve_cardinality: bool = False; {METADATA}", _map_and_batch)
dataset_op("FilterDataset", "The elements for which a function says so (filter).", _ONE,
           f"predicate: func; Targuments: list(type) >= 0; {OUTPUTS}; {METADATA}", _filter)
dataset_op("FlatMapDataset", "The elements of the datasets that a function makes (flat_map).", _ONE,
           f"{_F}; {OUTPUTS}; {METADATA}", _flat_map)
dataset_op("InterleaveDataset", "Elements of datasets that a function makes, by turns (interleave).",
           f"{_ONE}, cycle_length: int64, block_length: int64", f"{_F}; {OUTPUTS}; {METADATA}", _interleave)
dataset_op("ParallelInterleaveDatasetV4", "Elements of datasets that a function makes, by turns (interleave).",
           f"{_ONE}, cycle_length: int64, block_length: int64, buffer_output_elements: int64, "
           "prefetch_input_elements: int64, num_parallel_calls: int64",
           f"{_F}; deterministic: string = 'default'; {OUTPUTS}; {METADATA}", _interleave)
dataset_op("LegacyParallelInterleaveDatasetV2",
           "Elements of datasets that a function makes, by turns (parallel_interleave).",
           f"{_ONE}, cycle_length: int64, block_length: int64, buffer_output_elements: int64, "
           "prefetch_input_elements: int64", f"{_F}; deterministic: string = 'default'; {OUTPUTS}; {METADATA}",
           _interleave)
dataset_op("GeneratorDataset", "What a function gives over and over, until it is out of range (from_generator).",
           "init_func_other_args: list(Tinit_func_args), next_func_other_args: list(Tnext_func_args), "
           "finalize_func_other_args: list(Tfinalize_func_args)",
           "init_func: func; next_func: func; finalize_func: func; Tinit_func_args: list(type) >= 0; "
           f"Tnext_func_args: list(type) >= 0; Tfinalize_func_args: list(type) >= 0; {OUTPUTS}; {METADATA}", _generator)
