"""Variables in parts: ``w/part_0``, ``w/part_1``, …, which a checkpoint holds as one tensor (PartitionedVariable)."""
from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from typing import Any

from ..errors import InvalidType, InvalidValue, NotSupported, said
from ..graph.graph import Graph, Tensor
from ..graph.shapes import TensorShape, as_shape, compatible, show
from ..graph.types import DType, as_dtype
from ..graph.variables import store_of
from .conversion import convert_to_tensor
from .framework import control_dependencies, get_default_graph, name_scope
from .save_slices import SaveSliceInfo

EXPORTS = """
tf: create_partitioned_variables
python.ops.variables: PartitionedVariable
"""


class PartitionInfo:
    """What an initializer may ask about the part that it makes. var_offset: where it begins in full_shape.

    Raises InvalidValue for a part that begins outside, as one of no elements does.
    """

    def __init__(self, full_shape: Sequence[int], var_offset: Sequence[int]) -> None:
        if any(not 0 <= offset < size for offset, size in zip(var_offset, full_shape)):
            raise InvalidValue(f"a part cannot begin at {list(var_offset)} of a variable of shape {list(full_shape)}")
        self.full_shape, self.var_offset = list(full_shape), list(var_offset)

    def single_slice_dim(self, shape: Sequence[int]) -> int | None:
        """The axis along which a part of this shape was cut; None where it is the whole."""
        cut = [i for i, (part, whole) in enumerate(zip(shape, self.full_shape)) if part != whole]
        if len(cut) > 1:
            raise InvalidValue(f"a part of shape {list(shape)} is cut along several axes of {self.full_shape}")
        return cut[0] if cut else None

    def single_offset(self, shape: Sequence[int]) -> int:
        """Where a part of this shape begins along the axis that is cut."""
        axis = self.single_slice_dim(shape)
        return 0 if axis is None else self.var_offset[axis]


class PartitionedVariable:
    """A variable in parts along one axis; where a tensor is wanted, the parts joined.

    name: without ``:0``. partitions: the number of parts along each axis. Its parts are ordinary variables, which
    collections and optimizers see one by one.
    """

    def __init__(self, name: str, shape: TensorShape, dtype: DType, variable_list: Sequence[Any],
                 partitions: Sequence[int]) -> None:
        self._name, self._shape, self._dtype = name, shape, dtype
        self._variable_list, self._partitions = list(variable_list), list(partitions)

    def __iter__(self) -> Iterator[Any]:
        return iter(self._variable_list)

    def __len__(self) -> int:
        return len(self._variable_list)

    @property
    def name(self) -> str:
        return self._name

    @property
    def dtype(self) -> DType:
        return self._dtype

    @property
    def shape(self) -> TensorShape:
        return self._shape

    @property
    def static(self) -> Any:
        return self._shape.tuple

    @property
    def graph(self) -> Graph:
        graph: Graph = self._variable_list[0].graph
        return graph

    def get_shape(self) -> TensorShape:
        return self._shape

    def _get_variable_list(self) -> list[Any]:
        return self._variable_list

    def _get_partitions(self) -> list[int]:
        return self._partitions

    @property
    def axis(self) -> int:
        """The axis along which it is cut."""
        return next((i for i, p in enumerate(self._partitions) if p > 1), 0)

    def as_tensor(self) -> Tensor:
        """The parts joined, without the control dependencies around."""
        from . import concat, identity

        with control_dependencies(None):
            value: Any = self._variable_list[0]
            if len(self._variable_list) > 1:
                with name_scope(self._name + "/ConcatPartitions/"):
                    value = concat(self._variable_list, self.axis)
            with name_scope(None):
                made: Tensor = identity(value, name=self._name)
                return made

    def _as_tensor(self, dtype: DType | None = None, name: str | None = None, as_ref: bool = False) -> Tensor:
        if as_ref:
            raise NotSupported(f"{self._name} is in parts; what writes to a reference cannot take it",
                               hint="its own assign, assign_add and assign_sub write to it")
        return self.as_tensor()

    def _as_graph_element(self) -> Tensor:
        raise InvalidType(f"{self._name} is in {len(self)} parts and no tensor of the graph",
                          hint=f"as_tensor() joins them; {self._variable_list[0].name} is the first")

    def assign(self, value: Any, use_locking: bool = False, name: str | None = None, read_value: bool = True) -> Any:
        return self._each("assign", value, use_locking, name, read_value)

    def assign_add(self, value: Any, use_locking: bool = False, name: str | None = None,
                   read_value: bool = True) -> Any:
        return self._each("assign_add", value, use_locking, name, read_value)

    def assign_sub(self, value: Any, use_locking: bool = False, name: str | None = None,
                   read_value: bool = True) -> Any:
        return self._each("assign_sub", value, use_locking, name, read_value)

    def _each(self, method: str, value: Any, use_locking: bool, name: str | None, read_value: bool) -> list[Any]:
        """Writes to each part its part of a value, which may be a list of them."""
        from . import split

        if isinstance(value, (list, PartitionedVariable)):
            values = list(value)
            if len(values) != len(self):
                raise InvalidValue(f"{self._name} has {len(self)} parts, and {len(values)} values are given",
                                   hint="a list holds a value for each part; constant([...]) is one, which is cut")
        else:
            values = split(value, [int(v.static[self.axis]) for v in self], axis=self.axis)
        return [getattr(v, method)(part, use_locking=use_locking, name=name, read_value=read_value)
                for v, part in zip(self, values)]

    def __repr__(self) -> str:
        return f"<tf.PartitionedVariable {self._name!r} shape={self._shape} dtype={self._dtype.name} parts={len(self)}>"


# -- made and shared

def get_partitioned(single: Callable[..., Any], name: str, partitioner: Any, shape: Any, dtype: Any, initializer: Any,
                    reuse: Any, **rest: Any) -> PartitionedVariable:
    """The variable in parts of this name: made, or shared under reuse.

    single: makes one variable. Raises InvalidValue as get_variable does, and for a partitioner that does not fit.
    """
    # the name that is empty takes that of the scope
    name = name.removesuffix("/")
    store = store_of(get_default_graph())
    if name in store.declared:
        raise _told(store, name, f"variable {name} exists in one piece and cannot be had in parts",
                    "leave the partitioner out")
    whole = TensorShape(as_shape(shape))
    if isinstance(initializer, Tensor):
        whole = whole.merge_with(initializer.shape)
    partitions = _partitions(name, partitioner, whole, dtype) if partitioner is not None else None
    found: Any = store.partitioned.get(name)
    if found is not None:
        return _shared(store, name, found, whole, dtype, partitions, reuse)
    if reuse is True:
        raise InvalidValue(f"variable {name} in parts does not exist, or was not made by get_variable, and reuse is "
                           "true", hint="reuse: auto makes what is not there")
    assert partitions is not None
    full = [s or 0 for s in whole.as_list()]
    axis = next((i for i, p in enumerate(partitions) if p > 1), 0)
    made = []
    for i, (offset, size) in enumerate(_slices(full, partitions[axis], axis)):
        part = f"{name}/part_{i}"
        with name_scope(part + "/PartitionedInitializer"):
            initial, sizes = _initial(name, initializer, offset, size, dtype, PartitionInfo(full, offset))
        kind = initial.dtype.base_dtype if isinstance(initial, Tensor) else dtype
        with name_scope(None):
            variable = single(part, shape=sizes, dtype=kind, initializer=initial, reuse=reuse, **rest)
        variable._set_save_slice_info(SaveSliceInfo(name, full, offset, size))
        made.append(variable)
    store.partitioned[name] = out = PartitionedVariable(name, whole, made[0].dtype.base_dtype, made, partitions)
    return out


def _partitions(name: str, partitioner: Any, shape: TensorShape, dtype: DType) -> list[int]:
    """How many parts along each axis. Raises InvalidValue for an answer that is none."""
    if not callable(partitioner):
        raise InvalidValue(f"variable {name}: a partitioner is a function, not {said(partitioner)}",
                           hint="fixed_size_partitioner(2) cuts into two")
    if not shape.is_fully_defined():
        raise InvalidValue(f"variable {name} must have a known shape to be cut into parts, not {shape}")
    if not shape.rank:
        raise InvalidValue(f"variable {name} is a scalar and cannot be cut into parts")
    got = partitioner(shape=shape, dtype=dtype)
    if not isinstance(got, (list, tuple)) or not all(isinstance(p, int) for p in got):
        raise InvalidValue(f"variable {name}: the partitioner is to give a list of numbers, not {said(got)}")
    told = f"variable {name} of shape {shape}: the partitioner gives {list(got)}"
    if len(got) != shape.rank:
        raise InvalidValue(f"{told}, which is not a number for each axis")
    if any(p < 1 for p in got):
        raise InvalidValue(f"{told}, and there is at least one part along each axis")
    if sum(p > 1 for p in got) > 1:
        raise InvalidValue(f"{told}, and a variable is cut along one axis alone")
    if any(p > max(s or 0, 1) for p, s in zip(got, shape.as_list())):
        raise InvalidValue(f"{told}, which is more parts than the axis is long")
    return list(got)


def _slices(full: list[int], count: int, axis: int) -> Iterator[tuple[list[int], list[int]]]:
    """(offset, sizes) of each part: the first ones are longer by one where they do not come out even."""
    least, longer = divmod(full[axis], count)
    offset = [0] * len(full)
    for i in range(count):
        sizes = list(full)
        sizes[axis] = least + (i < longer)
        yield list(offset), sizes
        offset[axis] += sizes[axis]


def _initial(name: str, initializer: Any, offset: list[int], size: list[int], dtype: DType, info: PartitionInfo
             ) -> tuple[Any, list[int] | None]:
    """What a part begins with: a function, with the part's shape, or the part of a value, without."""
    from . import slice as part_of

    if initializer is None:
        from .get_variable import default_initializer

        initializer = default_initializer(name, dtype)
    if inspect.isclass(initializer):
        initializer = initializer()
    if not callable(initializer):
        return part_of(convert_to_tensor(initializer, dtype=None if isinstance(initializer, Tensor) else dtype),
                       offset, size), None
    parameters = inspect.signature(initializer).parameters
    if "partition_info" in parameters:
        return partial(initializer, partition_info=info), size
    return initializer, size


def _told(store: Any, name: str, message: str, hint: str) -> InvalidValue:
    found = store.declared.get(name) or store.declared.get(f"{name}/part_0")
    span = found.span if found is not None else None
    return InvalidValue(message, hint=hint, notes=[(f"{name} was made here", span)] if span is not None else [])


def _shared(store: Any, name: str, found: Any, shape: TensorShape, dtype: DType, partitions: list[int] | None,
            reuse: Any) -> PartitionedVariable:
    if not reuse:
        raise _told(store, name, f"variable {name} already exists in {len(found)} parts, and reuse is not set",
                    "reuse=True or reuse=AUTO_REUSE on the scope shares the one that is there")
    wrong = None
    if not compatible(shape.tuple, found.shape.tuple):
        wrong = f"shape {show(shape.tuple)}, but it has shape {show(found.shape.tuple)}"
    elif dtype.base_dtype is not found.dtype.base_dtype:
        wrong = f"dtype {dtype.base_dtype.name}, but it has dtype {found.dtype.name}"
    elif partitions is not None and partitions != found._get_partitions():
        wrong = f"the parts {partitions}, but it has the parts {found._get_partitions()}"
    if wrong is not None:
        raise _told(store, name, f"variable {name} is shared with {wrong}", "share it as it was made")
    shared: PartitionedVariable = found
    return shared


def create_partitioned_variables(shape: Sequence[int], slicing: Sequence[int], initializer: Any,
                                 dtype: Any = "float32", trainable: bool = True, collections: Any = None,
                                 name: str | None = None, reuse: Any = None) -> list[Any]:
    """The parts of a variable that is cut by ``slicing``, the number of parts along each axis.

    Raises InvalidValue for a slicing that does not fit (tf.create_partitioned_variables).
    """
    from .get_variable import get_variable
    from .variable_scope import variable_scope

    if len(shape) != len(slicing):
        raise InvalidValue(f"shape {list(shape)} and slicing {list(slicing)} are of different lengths")
    if not shape:
        raise InvalidValue("a variable in parts has at least one axis")
    with variable_scope(name, "PartitionedVariable", reuse=reuse):
        made = get_variable("", shape, as_dtype(dtype), initializer, trainable=trainable, collections=collections,
                            partitioner=lambda shape, dtype: list(slicing))
        return list(made)
