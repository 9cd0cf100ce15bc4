"""What is made of a dataset beside the plain words: windows, groups, running states, one value (tf.data.Dataset)."""
from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from ..errors import InvalidType, InvalidValue, said
from ..graph.graph import Tensor
from ..graph.shapes import TensorShape
from ..graph.types import bool_, int64, string
from . import data_nest as nest
from .conversion import constant, convert_to_tensor
from .data_elements import Elements, Given, Nested, is_ragged_form
from .data_functions import Returned, filtered, traced_of
from .data_values import common
from .framework import apply_op, control_dependencies, name_scope
from .modules import modules
from .sparse_tensor import SparseTensor

if TYPE_CHECKING:
    from .data import Dataset

tf = modules["tf"]


class Derived(Elements):
    """Methods of a dataset that ask only for its handle and its elements."""

    _variant_tensor: Tensor
    _with: Callable[..., Any]
    _same: Callable[..., Any]
    map: Callable[..., Any]

    @staticmethod
    def list_files(file_pattern: Any, shuffle: bool | None = None, seed: int | None = None, name: str | None = None
                   ) -> Dataset:
        """The names of the files that patterns match, by chance unless ``shuffle`` is false. A run fails where there
        are none."""
        with name_scope("list_files"):
            pattern = convert_to_tensor(file_pattern, string, name="file_pattern")
            files = tf.matching_files(pattern)
            some = tf.greater(tf.shape(files)[0], 0, name="match_not_empty")
            message = tf.add("No files matched pattern: ", tf.strings.reduce_join(pattern, separator=", "),
                             name="message")
            checked = tf.Assert(some, [message], summarize=1, name="assert_not_empty")
            with control_dependencies([checked]):
                files = tf.identity(files)
            found = tf.data.Dataset.from_tensor_slices(files)
            if shuffle is None or shuffle:
                found = found.shuffle(tf.maximum(tf.shape(files, out_type=int64)[0], 1), seed=seed)
            return found  # type: ignore[no-any-return]

    @staticmethod
    def from_sparse_tensor_slices(sparse_tensor: Any) -> Dataset:
        """The rows of a sparse tensor: their indices, their values and their shape."""
        if not isinstance(sparse_tensor, SparseTensor):
            raise InvalidType(f"`sparse_tensor` must be a `tf.sparse.SparseTensor` object. Was {said(sparse_tensor)}.")
        handle = apply_op("SparseTensorSliceDataset", None, list(sparse_tensor.components))
        rank = sparse_tensor.shape.ndims
        left = None if rank is None else rank - 1
        return tf.data.Dataset(handle, (int64, sparse_tensor.dtype.base_dtype, int64), (  # type: ignore[no-any-return]
            TensorShape([None, left]), TensorShape([None]), TensorShape([left])))

    def window(self, size: Any, shift: Any = None, stride: Any = 1, drop_remainder: Any = False,
               name: str | None = None) -> Dataset:
        """Windows of ``size`` elements, each a dataset, or datasets in the nesting of the elements."""
        many = convert_to_tensor(size, int64, "size")
        inputs = [many, convert_to_tensor(size if shift is None else shift, int64, "shift"),
                  convert_to_tensor(stride, int64, "stride"),
                  convert_to_tensor(drop_remainder, bool_, "drop_remainder")]
        inner = [Nested(Elements(t, s, c)) for t, s, c in self._leaves()]
        windows = nest.pack(self._types, inner)
        return self._with("WindowDataset", inputs, name, Elements(windows, windows))  # type: ignore[no-any-return]

    def unbatch(self, name: str | None = None) -> Dataset:
        """The rows of the elements, one after another."""
        plain = self.map(lambda *element: element if len(element) > 1 else element[0])
        shapes = nest.mapped(lambda s: TensorShape(None if s.tuple is None else s.tuple[1:]), self._shapes)
        classes = nest.mapped(lambda c: c.unbatched() if is_ragged_form(c) else c, self._classes)
        rows = Elements(self._types, shapes, classes)
        return plain._with("UnbatchDataset", [], name, rows)  # type: ignore[no-any-return]

    def group_by_window(self, key_func: Callable[..., Any], reduce_func: Callable[..., Any], window_size: Any = None,
                        window_size_func: Callable[..., Any] | None = None, name: str | None = None) -> Dataset:
        """What ``reduce_func(key, window)`` makes of elements with one key, so many at a time, in datasets.

        Raises InvalidValue unless one of window_size and window_size_func is given, InvalidType for a reduce_func that
        gives no dataset.
        """
        if (window_size is None) == (window_size_func is None):
            raise InvalidValue("Either the `window_size` argument or the `window_size_func` argument must be specified."
                               if window_size is None else "The `window_size` argument and the `window_size_func` "
                               "argument cannot both be specified.")
        size_of = window_size_func or (lambda key: constant(window_size, int64))
        one = Elements(int64, TensorShape([]))
        keyed = traced_of(self, lambda *element: tf.cast(key_func(*element), int64), "group_by_window")
        window = Nested(self)
        reduced = traced_of(Elements((int64, window), (TensorShape([]), window)), reduce_func, "group_by_window")
        sized = traced_of(one, lambda key: tf.cast(size_of(key), int64), "group_by_window")
        inner = reduced.structure.dataset
        if inner is None:
            raise InvalidType("`reduce_func` must return a `Dataset` object.")
        functions = {"key_func": keyed.func, "reduce_func": reduced.func, "window_size_func": sized.func}
        return self._with(  # type: ignore[no-any-return]
            "GroupByWindowDataset", [keyed.captured, reduced.captured, sized.captured], name, inner, **functions)

    def scan(self, initial_state: Any, scan_func: Callable[..., Any], name: str | None = None) -> Dataset:
        """What ``scan_func(state, element)`` gives beside the next state."""
        begin, made = self._stated(initial_state, scan_func, "scan", lambda value: value[0])
        state, output = made.structure.value
        outputs = Given(output, named=False).elements
        return self._with("ScanDataset", [begin.flat, made.captured], name, outputs, f=made.func,  # type: ignore[no-any-return]
                          preserve_cardinality=True)

    def reduce(self, initial_state: Any, reduce_func: Callable[..., Any], name: str | None = None) -> Any:
        """The state after the last element, each next one by ``reduce_func(state, element)``."""
        with name_scope("initial_state"):
            begin = Given(initial_state)
        begin, made = self._stated(begin, reduce_func, "reduce", lambda value: value)
        elements = made.structure.elements
        flat = apply_op("ReduceDataset", name, [self._variant_tensor, begin.flat, made.captured],
                        {**elements._attrs(), "f": made.func})
        return elements._of(flat)

    def _stated(self, initial_state: Any, function: Callable[..., Any], call: str, state_of: Callable[[Any], Any]
                ) -> tuple[Given, Any]:
        """(the first state, a function of a state and an element). Raises InvalidType where the state changes."""
        begin = initial_state if isinstance(initial_state, Given) else Given(initial_state)
        # a state's shape may change from one element to the next
        while True:
            made = traced_of(self, function, call, begin.elements)
            returned: Returned = made.structure
            after = Given(state_of(returned.value), named=False)
            if after.types != begin.types or after.classes != begin.classes:
                raise InvalidType(f"The element types for the new state must match the initial state. Expected "
                                  f"{begin.types}; got {after.types}.")
            shapes = [a if isinstance(a, Nested) else common(a, b) for a, b in zip(begin.shapes, after.shapes)]
            if [s if isinstance(s, Nested) else s.tuple for s in shapes] == [
                    s if isinstance(s, Nested) else s.tuple for s in begin.shapes]:
                return begin, made
            begin.shapes = shapes

    def take_while(self, predicate: Callable[..., Any], name: str | None = None) -> Dataset:
        """The elements before the first for which a function gives false."""
        handle, elements = filtered(self, predicate, name, "take_while")  # type: ignore[arg-type]
        return tf.data.Dataset(handle, elements._types, elements._shapes, elements._classes)  # type: ignore[no-any-return]

    def ignore_errors(self, log_warning: bool = False, name: str | None = None) -> Dataset:
        """The elements that can be made."""
        return self._same("IgnoreErrorsDataset", [], name, log_warning=log_warning)  # type: ignore[no-any-return]

    def unique(self, name: str | None = None) -> Dataset:
        """Each element once. Raises InvalidType for elements that are no one tensor of whole numbers or strings."""
        if nest.is_nested(self._types) or self._types not in (int64, tf.int32, string):
            raise InvalidType("`tf.data.Dataset.unique()` is only supported for datasets of one int32, int64 or string")
        return self._same("UniqueDataset", [], name)  # type: ignore[no-any-return]

    def with_options(self, options: Any, name: str | None = None) -> Dataset:
        """The elements as they are: what options say is for TensorFlow's threads."""
        return self._same("OptionsDataset", [], name, serialized_options=b"")  # type: ignore[no-any-return]

    def cardinality(self) -> Tensor:
        """How many elements there are; -1 without end, -2 where only going through them tells."""
        found: Tensor = apply_op("DatasetCardinality", None, [self._variant_tensor])
        return found

    def get_single_element(self, name: str | None = None) -> Any:
        """The one element; a run fails where there are none or more."""
        return self._of(apply_op("DatasetToSingleElement", name, [self._variant_tensor], self._attrs()))


