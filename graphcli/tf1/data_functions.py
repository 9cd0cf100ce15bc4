"""Datasets that functions make of others: the handle of the op, and the dtypes and shapes of its elements."""
from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from ..errors import InvalidType, InvalidValue, NotSupported
from ..graph.graph import Tensor
from ..graph.shapes import Static, TensorShape
from ..graph.types import DType, bool_, int64
from . import data_elements as nest
from .conversion import convert_to_tensor
from .framework import apply_op
from .traced import Traced, traced

if TYPE_CHECKING:
    from .data import Dataset

AUTOTUNE = -1
"""How many calls at once is the engine's choice: here one after another."""
_MACHINES = 16
"""Datasets that are open at once where ``interleave`` is told no number: TensorFlow takes the machine's threads."""
_ORDERS = {None: "default", True: "true", False: "false"}
"""The attr ``deterministic``."""
Made = tuple[Tensor, Any, Any]


def mapped(dataset: Dataset, function: Callable[..., Any], calls: Any, deterministic: bool | None, name: str | None
           ) -> Made:
    """What a function makes of each element."""
    made = _traced(dataset, function, "map")
    like, types, shapes = _structure(made)
    attrs = {"f": made.func, "output_types": types, "output_shapes": shapes}
    inputs = [dataset._variant_tensor, made.captured]
    if calls is None:
        handle = apply_op("MapDataset", name, inputs, attrs)
    else:
        many = convert_to_tensor(calls, int64, "num_parallel_calls")
        handle = apply_op("ParallelMapDatasetV2", name, [*inputs, many],
                          {**attrs, "deterministic": _ORDERS[deterministic]})
    return handle, nest.pack(like, types), nest.pack(like, [TensorShape(s) for s in shapes])


def filtered(dataset: Dataset, predicate: Callable[..., Any], name: str | None) -> Made:
    """The elements for which a function gives true. Raises InvalidValue if it gives no bool scalar."""
    made = _traced(dataset, predicate, "filter")
    if len(made.results) != 1 or made.results[0].dtype is not bool_ or made.results[0].static not in (None, ()):
        raise InvalidValue("Invalid `predicate`. `predicate` must return a `tf.bool` scalar tensor")
    handle = apply_op("FilterDataset", name, [dataset._variant_tensor, made.captured],
                      {**dataset._attrs(), "predicate": made.func})
    return handle, dataset._types, dataset._shapes


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


def _traced(dataset: Dataset, function: Callable[..., Any], call: str) -> Traced:
    """A function of elements in the library: a tuple's members are its arguments."""
    types = nest.flatten(dataset._types)

    def of_tensors(*flat: Any) -> Any:
        element = nest.pack(dataset._types, flat)
        returned = function(*element) if type(element) is tuple else function(element)
        returned = tuple(returned) if isinstance(returned, list) else returned
        return _results(returned)

    named = getattr(function, "__name__", None) or type(getattr(function, "func", function)).__name__
    return traced(f"__inference_Dataset_{call}_{named}", of_tensors, types,
                  [s.tuple for s in nest.flatten(dataset._shapes)], attrs={"_tf_data_function": True})


def _results(returned: Any) -> Any:
    """What a function returned, of which datasets are their handles."""
    if returned is None:
        raise InvalidType("Unsupported return value from function passed to Dataset: None.")
    for leaf in nest.flatten(returned):
        if hasattr(leaf, "components"):
            raise NotSupported("elements of datasets are dense tensors here, and a function returns a sparse one",
                               hint="tf.sparse_tensor_to_dense(x) is dense")
    return nest.pack(returned, [_Leaf(v) for v in nest.flatten(returned)])


class _Leaf:
    """A result as it was returned: a list of numbers is a tensor. dataset: what it is, if it is one."""

    def __init__(self, value: Any) -> None:
        self.dataset: Dataset | None = value if hasattr(value, "_variant_tensor") else None
        self.name = "result"
        tensor = convert_to_tensor(value) if self.dataset is None else self.dataset._variant_tensor
        self.tensor, self.dtype, self.graph = tensor, tensor.dtype, tensor.graph

    def _as_tensor(self, dtype: Any = None, name: str | None = None, as_ref: bool = False) -> Tensor:
        return self.tensor


def _structure(made: Traced) -> tuple[Any, list[DType], list[Static]]:
    """(the nesting of what a function returns, its dtypes, its shapes)."""
    return made.structure, [t.dtype.base_dtype for t in made.results], [t.static for t in made.results]


def _of_datasets(op_type: str, name: str | None, inputs: list[Any], made: Traced, call: str, **attrs: Any) -> Made:
    """The elements of the dataset that a function returns."""
    inner = made.structure.dataset if isinstance(made.structure, _Leaf) else None
    if inner is None:
        raise InvalidType(f"The `map_func` argument must return a `Dataset` object. Got {made.structure!r} "
                          f"of {call}().")
    handle = apply_op(op_type, name, inputs, {**inner._attrs(), "f": made.func, **attrs})
    return handle, inner._types, inner._shapes
