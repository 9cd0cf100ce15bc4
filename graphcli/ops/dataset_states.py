"""Datasets that keep something from element to element, and what comes of going through one (tf.data)."""
from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from ..errors import GraphError, InvalidArgument
from ..graph.inference import scalar_shape
from ..graph.opdef import no_gradient, op, undefined_gradient
from ._bodies import Body
from ._datasets import METADATA, OUTPUTS, Dataset, Element, dataset_op, each, kept, of

CPU_ONLY = True
BLAS = True  # what is called may
_F = "f: func; Tstate: list(type) >= 1; Targuments: list(type) >= 0"


def _scan(n: Any) -> Any:
    def made(rows: Any, first: Any, captured: Any) -> Dataset:
        begin, captured = kept(n, first, 1), kept(n, captured, 1 + len(first))

        def start() -> Iterator[Element]:
            taken, body, state = iter(rows), Body(n, n.attrs["f"]), tuple(begin)

            def more() -> Element:
                nonlocal state
                found = of(body, (*state, *next(taken)), captured)
                state = tuple(found[:len(begin)])
                return tuple(found[len(begin):])

            return each(more)

        return Dataset(start, rows.many if n.attrs["preserve_cardinality"] else -2)

    return made


def _take_while(n: Any) -> Any:
    def made(rows: Any, captured: Any) -> Dataset:
        captured = kept(n, captured, 1)

        def start() -> Iterator[Element]:
            taken, body = iter(rows), Body(n, n.attrs["predicate"])
            open_ = True

            def more() -> Element:
                nonlocal open_
                if open_:
                    element: Element = next(taken)
                    open_ = bool(of(body, element, captured)[0])
                if not open_:
                    raise StopIteration
                return element

            return each(more)

        return Dataset(start)

    return made


def _ignore_errors(n: Any) -> Any:
    def made(rows: Any) -> Dataset:
        def start() -> Iterator[Element]:
            taken = iter(rows)

            def more() -> Element:
                while True:
                    try:
                        element: Element = next(taken)
                    except GraphError:
                        continue
                    return element

            return each(more)

        return Dataset(start)

    return made


def _unique(n: Any) -> Any:
    def made(rows: Any) -> Dataset:
        def start() -> Iterator[Element]:
            met: set[Any] = set()
            for element in rows:
                array = np.asarray(element[0])
                key = (array.shape, *array.reshape(-1).tolist())
                if key not in met:
                    met.add(key)
                    yield element

        return Dataset(start)

    return made


@op
class ReduceDataset:
    """What a function makes of a state and of the elements, one after another (reduce)."""

    signature = ("input_dataset: variant, initial_state: list(Tstate), other_arguments: list(Targuments) -> "
                 "components: list(output_types)")
    attrs = f"{_F}; {OUTPUTS}; use_inter_op_parallelism: bool = True; {METADATA}"
    stateful = True
    gradient = no_gradient

    def infer(n: Any, *inputs: Any) -> Any:
        return list(n.attrs["output_shapes"])

    def kernel(n: Any) -> Any:
        def reduced(rows: Any, state: Any, captured: Any) -> Any:
            body = Body(n, n.attrs["f"])
            for element in rows:
                state = body([*state, *element, *captured])
            return list(state)

        return reduced


@op
class DatasetToSingleElement:
    """The one element of a dataset (get_single_element)."""

    signature = "dataset: variant -> components: list(output_types)"
    attrs = f"{OUTPUTS}; {METADATA}"
    stateful = True
    gradient = undefined_gradient

    def infer(n: Any, dataset: Any) -> Any:
        return list(n.attrs["output_shapes"])

    def kernel(n: Any) -> Any:
        def only(rows: Any) -> Any:
            taken = iter(rows)
            element = next(taken, None)
            if element is None:
                raise InvalidArgument("Dataset was empty.")
            if next(taken, None) is not None:
                raise InvalidArgument("Dataset had more than one element.")
            return list(element)

        return only


@op
class DatasetCardinality:
    """How many elements there are: -1 without end, -2 where only going through them tells."""

    signature = "input_dataset: variant -> cardinality: int64"
    attrs = "cardinality_options: string = ''"
    infer, gradient = scalar_shape, undefined_gradient

    def kernel(n: Any) -> Any:
        return lambda rows: np.asarray(rows.many, np.int64)


dataset_op("ScanDataset", "What a function makes of a state and of each element (scan).",
           "input_dataset: variant, initial_state: list(Tstate), other_arguments: list(Targuments)",
           f"{_F}; {OUTPUTS}; preserve_cardinality: bool = False; use_default_device: bool = True; {METADATA}", _scan)
dataset_op("TakeWhileDataset", "The elements before the first for which a function says no (take_while).",
           "input_dataset: variant, other_arguments: list(Targuments)",
           f"predicate: func; Targuments: list(type) >= 0; {OUTPUTS}; {METADATA}", _take_while)
dataset_op("IgnoreErrorsDataset", "The elements that can be made (ignore_errors).", "input_dataset: variant",
           f"{OUTPUTS}; log_warning: bool = False", _ignore_errors)
dataset_op("UniqueDataset", "Each element once (unique).", "input_dataset: variant", f"{OUTPUTS}; {METADATA}", _unique)
