"""Datasets that functions make of others: the handle of the op, and the dtypes and shapes of its elements."""
from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from ..errors import InvalidType, InvalidValue, said
from ..graph.graph import Tensor
from ..graph.types import bool_, int64
from . import data_nest as nest
from .conversion import convert_to_tensor
from .data_elements import Elements, Given, is_ragged_form
from .data_values import below, size, truth
from .framework import apply_op
from .modules import modules
from .traced import Traced, traced

if TYPE_CHECKING:
    from .data import Dataset

tf = modules["tf"]
AUTOTUNE = -1
"""How many calls at once is the engine's choice: here one after another."""
_MACHINES = 16
"""Datasets that are open at once where ``interleave`` is told no number: TensorFlow takes the machine's threads."""
_ORDERS = {None: "default", True: "true", False: "false"}
"""The attr ``deterministic``."""
Made = tuple[Tensor, Elements]


def mapped(dataset: Dataset, function: Callable[..., Any], calls: Any, deterministic: bool | None, name: str | None
           ) -> Made:
    """What a function makes of each element."""
    made = _traced(dataset, function, "map")
    elements = made.structure.elements
    attrs = {"f": made.func, **elements._attrs()}
    inputs = [dataset._variant_tensor, made.captured]
    if calls is None:
        handle = apply_op("MapDataset", name, inputs, attrs)
    else:
        many = convert_to_tensor(calls, int64, "num_parallel_calls")
        handle = apply_op("ParallelMapDatasetV2", name, [*inputs, many],
                          {**attrs, "deterministic": _ORDERS[deterministic]})
    return handle, elements


def filtered(dataset: Dataset, predicate: Callable[..., Any], name: str | None, call: str = "filter") -> Made:
    """The elements for which a function gives true, or those before the first for which it does not. Raises
    InvalidValue if it gives no bool scalar."""
    made = _traced(dataset, predicate, call)
    if len(made.results) != 1 or made.results[0].dtype is not bool_ or made.results[0].static not in (None, ()):
        raise InvalidValue("Invalid `predicate`. `predicate` must return a `tf.bool` scalar tensor")
    op_type = "TakeWhileDataset" if call == "take_while" else "FilterDataset"
    handle = apply_op(op_type, name, [dataset._variant_tensor, made.captured],
                      {**dataset._attrs(), "predicate": made.func})
    return handle, dataset


def flat_mapped(dataset: Dataset, function: Callable[..., Any], name: str | None) -> Made:
    """The elements of the datasets that a function makes, one dataset after another."""
    made = _traced(dataset, function, "flat_map")
    return _of_datasets("FlatMapDataset", name, [dataset._variant_tensor, made.captured], made, "flat_map")


def interleaved(dataset: Dataset, function: Callable[..., Any], cycle_length: Any, block_length: Any, calls: Any,
                deterministic: bool | None, name: str | None) -> Made:
    """Elements of the datasets that a function makes, by turns."""
    made = _traced(dataset, function, "interleave")
    cycle = _MACHINES if cycle_length in (None, AUTOTUNE) else cycle_length
    sizes = [convert_to_tensor(cycle, int64, "cycle_length"),
             convert_to_tensor(1 if block_length is None else block_length, int64, "block_length")]
    inputs = [dataset._variant_tensor, made.captured, *sizes]
    if calls is None:
        return _of_datasets("InterleaveDataset", name, inputs, made, "interleave")
    more = [convert_to_tensor(v, int64, n) for v, n in (
        (AUTOTUNE, "buffer_output_elements"), (AUTOTUNE, "prefetch_input_elements"), (calls, "num_parallel_calls"))]
    return _of_datasets("ParallelInterleaveDatasetV4", name, [*inputs, *more], made, "interleave",
                        deterministic=_ORDERS[deterministic])


def map_and_batched(dataset: Dataset, function: Callable[..., Any], batch_size: Any, calls: Any, drop_remainder: Any
                    ) -> Dataset:
    """Batches of what a function makes of each element."""
    made = _traced(dataset, function, "map_and_batch")
    many = convert_to_tensor(batch_size, int64, "batch_size")
    at_once = convert_to_tensor(calls, int64, "num_parallel_calls")
    drop = convert_to_tensor(drop_remainder, bool_, "drop_remainder")
    elements = batched(made.structure.elements, many, drop)
    return dataset._with("MapAndBatchDataset", [made.captured, many, at_once, drop], None, elements, f=made.func)


def legacy_interleaved(dataset: Dataset, function: Callable[..., Any], cycle_length: Any, block_length: Any,
                       sloppy: bool | None, buffer: Any, ahead: Any) -> Dataset:
    """Elements of the datasets that a function makes, by turns."""
    made = _traced(dataset, function, "parallel_interleave")
    sizes = [convert_to_tensor(v, int64, n) for v, n in (
        (cycle_length, "cycle_length"), (block_length, "block_length"),
        (2 * block_length if buffer is None else buffer, "buffer_output_elements"),
        (2 * cycle_length if ahead is None else ahead, "prefetch_input_elements"))]
    handle, inner = _of_datasets("LegacyParallelInterleaveDatasetV2", None,
                                 [dataset._variant_tensor, made.captured, *sizes], made, "parallel_interleave",
                                 deterministic=_ORDERS[None if sloppy is None else not sloppy])
    found: Dataset = tf.data.Dataset(handle, inner._types, inner._shapes, inner._classes)
    return found


def batched(elements: Elements, many: Tensor, drop: Tensor) -> Elements:
    """So many elements side by side."""
    rows = size(many) if truth(drop) else None
    shapes = nest.mapped(lambda s: below(rows, s.tuple), elements._shapes)
    classes = nest.mapped(lambda c: c.batched(rows) if is_ragged_form(c) else c, elements._classes)
    return Elements(elements._types, shapes, classes)


def _traced(dataset: Dataset, function: Callable[..., Any], call: str) -> Traced:
    """A function of elements in the library: a tuple's members are its arguments."""
    return traced_of(dataset, function, call)


def traced_of(elements: Elements, function: Callable[..., Any], call: str, before: Elements | None = None) -> Traced:
    """A function of elements in the library; with ``before`` of one of these and of an element."""
    first = [] if before is None else before._leaves()
    attrs = [{"output_types": [], "output_shapes": []} if before is None else before._attrs(), elements._attrs()]

    def of_tensors(*flat: Any) -> Any:
        element = elements._of(flat[len(first):])
        if before is not None:
            returned = function(before._of(flat[:len(first)]), element)
        else:
            returned = function(*element) if type(element) is tuple else function(element)
        return _results(tuple(returned) if isinstance(returned, list) else returned)

    named = getattr(function, "__name__", None) or type(getattr(function, "func", function)).__name__
    return traced(f"__inference_Dataset_{call}_{named}", of_tensors, [t for a in attrs for t in a["output_types"]],
                  [s for a in attrs for s in a["output_shapes"]], attrs={"_tf_data_function": True})


class Returned:
    """What a function returned: its elements, and the dataset that it is, if it is one."""

    def __init__(self, value: Any) -> None:
        given = Given(value, named=False)
        self.dataset: Dataset | None = value if hasattr(value, "_variant_tensor") else None
        self.value, self.components, self.elements = value, given.flat, given.elements


def _results(returned: Any) -> Returned:
    if returned is None:
        raise InvalidType("Unsupported return value from function passed to Dataset: None.")
    return Returned(returned)


def _of_datasets(op_type: str, name: str | None, inputs: list[Any], made: Traced, call: str, **attrs: Any) -> Made:
    """The elements of the dataset that a function returns."""
    inner = made.structure.dataset
    if inner is None:
        raise InvalidType(f"The `map_func` argument must return a `Dataset` object. Got {said(made.structure.value)} "
                          f"of {call}().")
    handle = apply_op(op_type, name, inputs, {**inner._attrs(), "f": made.func, **attrs})
    return handle, inner
