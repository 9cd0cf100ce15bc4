"""Datasets of windows of elements, each a dataset itself, and of the rows of elements (tf.data)."""
from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from itertools import islice
from typing import Any

import numpy as np

from ..errors import InvalidArgument
from ..graph.shapes import show
from ._bodies import Body
from ._datasets import METADATA, OUTPUTS, Dataset, Element, chained, dataset_op, each, kept, of
from .dataset_order import groups
from .serialized import in_three

CPU_ONLY = True
BLAS = True  # what is called may


def _held(rows: list[Element]) -> Dataset:
    return Dataset(lambda: iter(rows), len(rows))


def _datasets(component: list[Any], i: int) -> Dataset:
    return _held([(value,) for value in component])


def windows(n: Any, joined: Any = _datasets) -> Any:
    """Windows of elements. joined: of the values of a component and its number."""
    def made(rows: Any, size: Any, shift: Any, stride: Any, drop_remainder: Any) -> Dataset:
        many, step, apart, drop = int(size), int(shift), int(stride), bool(drop_remainder)
        for what, value in (("size", many), ("shift", step), ("stride", apart)):
            if value <= 0:
                raise InvalidArgument(f"Window {what} must be greater than zero.")
        reach = (many - 1) * apart + 1

        def start() -> Iterator[Element]:
            taken = iter(rows)
            waiting: deque[Element] = deque()

            def more() -> Element:
                waiting.extend(islice(taken, reach - len(waiting)))
                if not waiting or drop and len(waiting) < reach:
                    raise StopIteration
                some = list(islice(waiting, 0, None, apart))
                for _ in range(min(step, len(waiting))):
                    waiting.popleft()
                for _ in islice(taken, step - reach if step > reach else 0):
                    pass
                return tuple(joined(list(component), i) for i, component in enumerate(zip(*some)))

            return each(more)

        return Dataset(start)

    return made


def _group_by_window(n: Any) -> Any:
    def made(rows: Any, *captured: Any) -> Dataset:
        first = 1
        others = []
        for given in captured:
            others.append(kept(n, given, first))
            first += len(given)

        def start() -> Iterator[Element]:
            key_of, reduce, size_of = (Body(n, n.attrs[f"{key}_func"]) for key in ("key", "reduce", "window_size"))
            taken, waiting, sizes = iter(rows), {}, {}  # type: Any, dict[int, list[Element]], dict[int, int]

            def reduced(key: int) -> Iterator[Element]:
                group = _held(waiting.pop(key))
                found: Dataset = of(reduce, (np.asarray(key, np.int64), group), others[1])[0]
                return iter(found)

            def following() -> Iterator[Element]:
                for element in taken:
                    key = int(of(key_of, element, others[0])[0])
                    if key not in waiting:
                        sizes[key] = int(of(size_of, (np.asarray(key, np.int64),), others[2])[0])
                        if sizes[key] <= 0:
                            raise InvalidArgument(f"Window size must be greater than zero, but got {sizes[key]}.")
                    waiting.setdefault(key, []).append(element)
                    if len(waiting[key]) == sizes[key]:
                        return reduced(key)
                if not waiting:
                    raise StopIteration
                return reduced(min(waiting))

            return each(chained(following))

        return Dataset(start)

    return made


def _unbatch(n: Any) -> Any:
    def made(rows: Any) -> Dataset:
        def start() -> Iterator[Element]:
            taken = iter(rows)
            return each(chained(lambda: _rows_of(next(taken))))

        return Dataset(start)

    return made


def _rows_of(element: Element) -> Iterator[Element]:
    if any(not np.ndim(c) for c in element):
        raise InvalidArgument("unbatch() takes the rows of tensors, not of scalars")
    if len({len(c) for c in element}) > 1:
        raise InvalidArgument("Input element must have the same batch size in each component. Their shapes are "
                              f"{', '.join(show(np.shape(c)) for c in element)}")
    return (tuple(c[i, ...] for c in element) for i in range(len(element[0])))


def _dense_to_sparse(n: Any) -> Any:
    def made(rows: Any, size: Any, row_shape: Any) -> Dataset:
        sizes = [int(s) for s in np.asarray(row_shape)]

        def joined(values: list[Any], component: int) -> Any:
            most = sizes if -1 not in sizes else [
                max(np.shape(v)[i] for v in values) if s < 0 else s for i, s in enumerate(sizes)]
            for value in values:
                if np.ndim(value) != len(sizes) or any(have > room for have, room in zip(np.shape(value), most)):
                    raise InvalidArgument(f"Input element had shape {show(np.shape(value))} that does not fit "
                                          f"into the row shape {show(sizes)}.")
            places = [np.insert(np.argwhere(np.ones(np.shape(v), bool)), 0, i, axis=1) for i, v in enumerate(values)]
            parts = (np.concatenate(places).astype(np.int64),
                     np.concatenate([np.asarray(v).reshape(-1) for v in values]),
                     np.array([len(values), *most], np.int64))
            return in_three(parts)

        return groups(rows, size, False, joined)

    return made


dataset_op("WindowDataset", "Windows of elements, each as datasets (window).",
           "input_dataset: variant, size: int64, shift: int64, stride: int64, drop_remainder: bool",
           f"{OUTPUTS}; {METADATA}", windows)
dataset_op("GroupByWindowDataset", "What a function makes of windows of elements with one key (group_by_window).",
           "input_dataset: variant, key_func_other_arguments: list(Tkey_func_other_arguments), "
           "reduce_func_other_arguments: list(Treduce_func_other_arguments), "
           "window_size_func_other_arguments: list(Twindow_size_func_other_arguments)",
           "key_func: func; reduce_func: func; window_size_func: func; Tkey_func_other_arguments: list(type) >= 0; "
           "Treduce_func_other_arguments: list(type) >= 0; Twindow_size_func_other_arguments: list(type) >= 0; "
           f"{OUTPUTS}; {METADATA}", _group_by_window)
dataset_op("UnbatchDataset", "The rows of elements (unbatch).", "input_dataset: variant", f"{OUTPUTS}; {METADATA}",
           _unbatch)
dataset_op("DenseToSparseBatchDataset", "Elements of several shapes as the rows of a sparse tensor "
           "(dense_to_sparse_batch).", "input_dataset: variant, batch_size: int64, row_shape: int64", OUTPUTS,
           _dense_to_sparse)
