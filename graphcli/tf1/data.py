"""Datasets and what is made of them (tf.data.Dataset of TF1)."""
from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ..errors import InvalidType, InvalidValue, said
from ..graph.constant import constant_shape
from ..graph.graph import Tensor
from ..graph.shapes import Static, TensorShape, merge
from ..graph.types import as_dtype, bool_, int64, string
from . import data_nest as nest
from .conversion import convert_to_tensor
from .data_derived import Derived
from .data_elements import Elements, Given
from .data_functions import AUTOTUNE, batched, filtered, flat_mapped, interleaved, mapped
from .data_generator import from_generator
from .data_iterators import Iterator, initializable, one_shot
from .data_values import below, common, padded_shape, padding_value, seed_tensors, size, truth
from .framework import apply_op, colocate_with

EXPORTS = """
data: Dataset get_output_types get_output_shapes get_output_classes
data.experimental: AUTOTUNE
data: AUTOTUNE
"""


class Dataset(Derived):
    """A dataset: the handle of its op, and the nesting, dtypes and shapes of its elements (tf.data.Dataset)."""

    def __init__(self, handle: Tensor, output_types: Any, output_shapes: Any, output_classes: Any = None) -> None:
        super().__init__(output_types, output_shapes, output_classes)
        self._variant_tensor = handle

    def _as_tensor(self, dtype: Any = None, name: str | None = None, as_ref: bool = False) -> Tensor:
        return self._variant_tensor

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        raise AttributeError(f"graphcli has no tf.data.Dataset.{name} (tf.py_func calls Python for what is missing)")

    def __repr__(self) -> str:
        return f"<Dataset of {self._types} of shapes {self._shapes}>"

    # -- sources

    @staticmethod
    def from_tensors(tensors: Any, name: str | None = None) -> Dataset:
        """One element."""
        given = Given(tensors)
        attrs = {"output_shapes": given.elements._attrs()["output_shapes"]}
        return like(given.elements, apply_op("TensorDataset", name, [given.flat], attrs))

    @staticmethod
    def from_tensor_slices(tensors: Any, name: str | None = None) -> Dataset:
        """The rows of tensors. Raises InvalidValue for scalars, or where their numbers of rows differ."""
        return slices_of(tensors)

    @staticmethod
    def from_generator(generator: Any, output_types: Any = None, output_shapes: Any = None, args: Any = None,
                       output_signature: Any = None, name: str | None = None) -> Dataset:
        """What the iterable that ``generator(*args)`` returns has, each time the dataset begins.

        Raises InvalidType for what cannot be called, or without output_types.
        """
        if not callable(generator):
            raise InvalidType("`generator` must be a Python callable.")
        if output_types is None or output_signature is not None:
            raise InvalidType("the dtypes of what a generator yields are wanted: output_types=(tf.float32, tf.int64)")
        types = nest.mapped(lambda t: as_dtype(t), output_types)
        shapes = nest.as_shapes(types, output_shapes)
        made: Dataset = from_generator(Dataset.from_tensors, Dataset.flat_map, generator, types, shapes, args)
        return made

    @staticmethod
    def range(*args: Any, output_type: Any = int64, name: str | None = None) -> Dataset:
        """Whole numbers, as of Python's range."""
        if not 1 <= len(args) <= 3:
            raise InvalidValue(f"range() takes a stop, or a start, a stop and a step, not {len(args)} values")
        start, stop, step = (0, args[0], 1) if len(args) == 1 else (*args, 1)[:3]
        numbers = [convert_to_tensor(v, int64, n) for v, n in ((start, "start"), (stop, "stop"), (step, "step"))]
        kind = as_dtype(output_type)
        handle = apply_op("RangeDataset", name, numbers, {"output_types": [kind], "output_shapes": [()]})
        return Dataset(handle, kind, TensorShape([]))

    @staticmethod
    def zip(*args: Any, datasets: Any = None, name: str | None = None) -> Dataset:
        """Elements side by side, in the nesting of the datasets."""
        given = datasets if datasets is not None else args[0] if len(args) == 1 else args
        flat = nest.flatten(given)
        for one in flat:
            if not isinstance(one, Dataset):
                raise InvalidType(f"The argument to `Dataset.zip()` must be a (nested) structure of `Dataset` objects, "
                                  f"not {said(one)}")
        both = Elements(*(nest.pack(given, parts) for parts in zip(*((d._types, d._shapes, d._classes) for d in flat))))
        return like(both, apply_op("ZipDataset", name, [[d._variant_tensor for d in flat]], both._attrs()))

    # -- order and number

    def _same(self, op_type: str, inputs: list[Any], name: str | None, **attrs: Any) -> Dataset:
        """A dataset of elements like these."""
        return self._with(op_type, inputs, name, self, **attrs)

    def _with(self, op_type: str, inputs: list[Any], name: str | None, elements: Elements, **attrs: Any) -> Dataset:
        """A dataset that an op makes of this one."""
        return like(elements, apply_op(op_type, name, [self._variant_tensor, *inputs], {**elements._attrs(), **attrs}))

    def repeat(self, count: Any = None, name: str | None = None) -> Dataset:
        """The elements ``count`` times; without end for None or -1."""
        return self._same("RepeatDataset", [convert_to_tensor(-1 if count is None else count, int64, "count")], name)

    def take(self, count: Any, name: str | None = None) -> Dataset:
        """The first elements, all for -1."""
        return self._same("TakeDataset", [convert_to_tensor(count, int64, "count")], name)

    def skip(self, count: Any, name: str | None = None) -> Dataset:
        """All but the first elements, none for -1."""
        return self._same("SkipDataset", [convert_to_tensor(count, int64, "count")], name)

    def shard(self, num_shards: Any, index: Any, name: str | None = None) -> Dataset:
        """Every ``num_shards``-th element, from ``index`` on."""
        return self._same("ShardDataset", [convert_to_tensor(num_shards, int64, "num_shards"),
                                           convert_to_tensor(index, int64, "index")], name, require_non_empty=False)

    def shuffle(self, buffer_size: Any, seed: int | None = None, reshuffle_each_iteration: bool | None = None,
                name: str | None = None) -> Dataset:
        """The elements by chance, each drawn of ``buffer_size`` that wait; the seed gives TensorFlow's order."""
        size = convert_to_tensor(buffer_size, int64, "buffer_size")
        first, second = seed_tensors(seed)
        again = True if reshuffle_each_iteration is None else bool(reshuffle_each_iteration)
        return self._same("ShuffleDataset", [size, first, second], name, reshuffle_each_iteration=again)

    def prefetch(self, buffer_size: Any = None, name: str | None = None) -> Dataset:
        """The elements as they are; nothing is made ahead."""
        size = convert_to_tensor(AUTOTUNE if buffer_size is None else buffer_size, int64, "buffer_size")
        with colocate_with(self._variant_tensor):
            return self._same("PrefetchDataset", [size], name, legacy_autotune=False, slack_period=0)

    def cache(self, filename: Any = "", name: str | None = None) -> Dataset:
        """The elements, made once and kept in memory."""
        return self._same("CacheDataset", [convert_to_tensor(filename, string, "filename")], name)

    def concatenate(self, dataset: Dataset, name: str | None = None) -> Dataset:
        """These elements, then those of another dataset of the same dtypes. Raises InvalidType if they differ."""
        if nest.flatten(self._types) != nest.flatten(dataset._types):
            raise InvalidType(f"Incompatible types of the datasets: {self._types} and {dataset._types}")
        shapes = nest.mapped(common, self._shapes, dataset._shapes)
        both = Elements(self._types, shapes, self._classes)
        return self._with("ConcatenateDataset", [dataset._variant_tensor], name, both)

    def enumerate(self, start: Any = 0, name: str | None = None) -> Dataset:
        """Each element with its number before it."""
        numbers = Dataset.range(start, 2**63 - 1)
        counted = apply_op("RewriteDataset", None, [numbers._variant_tensor, "replicate_on_split"], numbers._attrs())
        return Dataset.zip((Dataset(counted, int64, TensorShape([])), self))

    def batch(self, batch_size: Any, drop_remainder: Any = False, num_parallel_calls: Any = None,
              deterministic: Any = None, name: str | None = None) -> Dataset:
        """Elements side by side on a new first axis; the rest at the end is a smaller batch, or dropped."""
        many = convert_to_tensor(batch_size, int64, "batch_size")
        drop = convert_to_tensor(drop_remainder, bool_, "drop_remainder")
        groups = batched(self, many, drop)
        if num_parallel_calls is None:
            return self._with("BatchDatasetV2", [many, drop], name, groups, parallel_copy=False)
        calls = convert_to_tensor(num_parallel_calls, int64, "num_parallel_calls")
        return self._with("ParallelBatchDataset", [many, calls, drop], name, groups, parallel_copy=False)

    def padded_batch(self, batch_size: Any, padded_shapes: Any = None, padding_values: Any = None,
                     drop_remainder: Any = False, name: str | None = None) -> Dataset:
        """Elements side by side, each filled up to ``padded_shapes``: where these are open, to the longest one's size.

        Raises InvalidValue for shapes that do not fit, InvalidType for values of another dtype.
        """
        many = convert_to_tensor(batch_size, int64, "batch_size")
        wanted = self._shapes if padded_shapes is None else padded_shapes
        sizes = [padded_shape(p, s) for p, s in zip(nest.flatten_up_to(self._shapes, wanted),
                                                    nest.flatten(self._shapes))]
        if padding_values is not None and not nest.is_nested(padding_values):
            padding_values = nest.mapped(lambda _: padding_values, self._types)
        fills = [None] * len(sizes) if padding_values is None else nest.flatten_up_to(self._types, padding_values)
        values = [padding_value(v, t) for v, t in zip(fills, nest.flatten(self._types))]
        drop = convert_to_tensor(drop_remainder, bool_, "drop_remainder")
        rows = size(many) if truth(drop) else None
        shapes = [below(rows, constant_shape(s)) for s in sizes]
        handle = apply_op("PaddedBatchDatasetV2", name, [self._variant_tensor, many, sizes, values, drop],
                          {"output_shapes": [s.tuple for s in shapes], "parallel_copy": False})
        return Dataset(handle, self._types, nest.pack(self._types, shapes))

    # -- functions

    def map(self, map_func: Callable[..., Any], num_parallel_calls: Any = None, deterministic: bool | None = None,
            name: str | None = None) -> Dataset:
        """What a function makes of each element; it gets tensors and returns them in any nesting."""
        return made_of(mapped(self, map_func, num_parallel_calls, deterministic, name))

    def filter(self, predicate: Callable[..., Any], name: str | None = None) -> Dataset:
        """The elements for which a function gives true. Raises InvalidValue if it gives no bool scalar."""
        return made_of(filtered(self, predicate, name))

    def flat_map(self, map_func: Callable[..., Any], name: str | None = None) -> Dataset:
        """The elements of the datasets that a function makes, one dataset after another."""
        return made_of(flat_mapped(self, map_func, name))

    def interleave(self, map_func: Callable[..., Any], cycle_length: Any = None, block_length: Any = None,
                   num_parallel_calls: Any = None, deterministic: bool | None = None, name: str | None = None
                   ) -> Dataset:
        """Elements of the datasets that a function makes, ``block_length`` of each of ``cycle_length`` by turns."""
        return made_of(interleaved(self, map_func, cycle_length, block_length, num_parallel_calls, deterministic,
                                   name))

    def apply(self, transformation_func: Callable[[Dataset], Any]) -> Any:
        """What a function of datasets makes of this one. Raises InvalidType if that is no dataset."""
        made = transformation_func(self)
        if not isinstance(made, Dataset):
            raise InvalidType(f"`transformation_func` must return a `tf.data.Dataset` object. Got {type(made)}.")
        return made

    # -- iterators

    def make_one_shot_iterator(self) -> Iterator:
        """An iterator that goes through the dataset once. Raises InvalidValue if it takes placeholders or variables."""
        return one_shot(self)

    def make_initializable_iterator(self, shared_name: str | None = None) -> Iterator:
        """An iterator that begins whenever its ``initializer`` runs."""
        return initializable(self, shared_name)


def like(elements: Elements, handle: Tensor) -> Dataset:
    """The dataset of a handle that has elements like others."""
    return Dataset(handle, elements._types, elements._shapes, elements._classes)


def made_of(made: tuple[Tensor, Elements]) -> Dataset:
    handle, elements = made
    return like(elements, handle)


def slices_of(tensors: Any, is_files: bool = False) -> Dataset:
    given = Given(tensors, named=not is_files, rows=True)
    if not given.flat:
        raise InvalidValue("Invalid `tensors`. `tensors` should not be empty.")
    rows: Static = (None,)
    for tensor in given.flat:
        if tensor.static == ():
            raise InvalidValue("Unbatching a tensor is only supported for rank >= 1")
        if tensor.static is not None:
            rows = merge(rows, tensor.static[:1])
    attrs = {"output_shapes": given.elements._attrs()["output_shapes"], "is_files": is_files}
    return like(given.elements, apply_op("TensorSliceDataset", None, [given.flat], attrs))


def get_output_types(dataset_or_iterator: Any) -> Any:
    """The dtypes of elements, in their nesting (tf.data.get_output_types)."""
    return dataset_or_iterator.output_types


def get_output_shapes(dataset_or_iterator: Any) -> Any:
    """The shapes of elements, in their nesting (tf.data.get_output_shapes)."""
    return dataset_or_iterator.output_shapes


def get_output_classes(dataset_or_iterator: Any) -> Any:
    """The classes of elements, in their nesting (tf.data.get_output_classes)."""
    return dataset_or_iterator.output_classes


