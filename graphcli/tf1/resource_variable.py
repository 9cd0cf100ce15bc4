"""Resource variables: a handle, which ops read and write by it (tf.Variable with use_resource, ResourceVariable)."""
from __future__ import annotations

from typing import Any

from ..errors import InvalidType, InvalidValue, said
from ..graph.graph import Graph, Node, Tensor
from ..graph.shapes import Static, TensorShape, as_shape, compatible, show
from ..graph.types import DType
from .conversion import convert_to_tensor
from .framework import apply_op, colocate_with, control_dependencies, device, name_scope
from .initial_value import guarded, started
from .operators import install_by_value
from .slicing import slice_of_variable
from .variables import Variable


class ResourceVariable(Variable):
    """A variable whose nodes are ``VarHandleOp``, ``AssignVariableOp`` and ``ReadVariableOp``.

    It is read as it is when the read runs; a reference variable's read is the live buffer. Wherever a tensor is
    wanted, a new read is made.
    """

    is_resource = True
    _cached: Tensor | None = None
    _caching_device: Any = None
    _validate_shape = True

    def _make(self, graph: Graph, scope: str, initial_value: Any, dtype: DType | None, shape: Any,
              validate_shape: bool, caching_device: Any) -> None:
        name = scope[:-1]
        given = not callable(initial_value)
        with graph.scopes.with_attrs({"_class": [f"loc:@{name}"]}):
            with name_scope("Initializer"), device(None):
                value = initial_value if given else started(name, initial_value)
                start = convert_to_tensor(value, name="initial_value", dtype=dtype)
            static: Static = start.static if shape is None else as_shape(shape)
            if not compatible(static, start.static):
                raise InvalidValue(f"the initial value of {name} has shape {show(start.static)}, the variable "
                                   f"{show(static)}")
            kind = start.dtype.base_dtype
            self._variable = apply_op("VarHandleOp", scope, [], {"shape": static, "dtype": kind, "shared_name": name,
                                                                 "debug_name": scope})
        if getattr(start.op, "flow", None) is not None:
            raise InvalidValue(f"the initial value of {name} is made inside a cond or while_loop",
                               hint="give a function without arguments that makes it")
        self._initial_value = start
        with name_scope("IsInitialized"):
            apply_op("VarIsInitializedOp", None, [self._variable])
        place = self._variable.device
        with name_scope("Assign") as assign, colocate_with(None, ignore_existing=True), device(place):
            self._initializer = apply_op("AssignVariableOp", assign,
                                         [self._variable, guarded(graph, scope, start)], {"dtype": kind})
        with name_scope("Read"):
            with device(place):
                self._snapshot = apply_op("ReadVariableOp", None, [self._variable], {"dtype": kind})
            if caching_device is not None:
                with colocate_with(None, ignore_existing=True), device(caching_device):
                    self._cached = apply_op("Identity", None, [self._snapshot])
        self._caching_device, self._validate_shape = caching_device, validate_shape

    # -- as a tensor

    def _as_tensor(self, dtype: DType | None = None, name: str | None = None, as_ref: bool = False) -> Tensor:
        if as_ref:
            raise InvalidType(f"{self.name} is a resource variable; what writes to a reference cannot take it",
                              hint="its own assign, assign_add and assign_sub write to it")
        return self.value()

    def _as_graph_element(self) -> Tensor:
        return self.read_value() if self._snapshot is self._variable else self._snapshot

    @property
    def handle(self) -> Tensor:
        return self._variable

    @property
    def dtype(self) -> DType:
        found: DType = self._variable.op.attrs["dtype"]
        return found

    @property
    def static(self) -> Any:
        return self._variable.op.attrs["shape"]

    @property
    def shape(self) -> TensorShape:
        return TensorShape(self.static)

    def get_shape(self) -> TensorShape:
        return self.shape

    def set_shape(self, shape: Any) -> None:
        self._snapshot.set_shape(shape)

    def eval(self, session: Any = None) -> Any:
        """The value in a session, the default one if None."""
        from .session import default_session

        return (session or default_session("eval")).run(self._as_graph_element())

    # -- reading

    def value(self) -> Tensor:
        """A new read; of a variable with a caching device, its copy there."""
        if self._cached is not None:
            return self._cached
        # on no device of those around
        with colocate_with(None, ignore_existing=True):
            return self._read()

    def read_value(self) -> Tensor:
        """A new read, which the control dependencies around it order."""
        with name_scope("Read"):
            value = self._read()
        made: Tensor = apply_op("Identity", None, [value])
        return made

    def read_value_no_copy(self) -> Tensor:
        """read_value, for one that keeps nothing of it: what saves."""
        with name_scope("Read"):
            apply_op("DisableCopyOnRead", None, [self._variable])
            value = self._read()
        made: Tensor = apply_op("Identity", None, [value])
        return made

    def _read(self) -> Tensor:
        if self._caching_device is None:
            made: Tensor = apply_op("ReadVariableOp", None, [self._variable], {"dtype": self.dtype})
            return made
        with colocate_with(None, ignore_existing=True), device(self._caching_device):
            made = apply_op("ReadVariableOp", None, [self._variable], {"dtype": self.dtype})
            return made

    def sparse_read(self, indices: Any, name: str | None = None) -> Tensor:
        """Rows by their numbers, without a read of the whole variable (ResourceGather)."""
        with name_scope("Gather" if name is None else name) as scope:
            made: Tensor = apply_op("ResourceGather", scope, [self._variable, indices], {"dtype": self.dtype})
            return made

    def gather_nd(self, indices: Any, name: str | None = None) -> Tensor:
        """Elements or slices by index vectors (ResourceGatherNd)."""
        with name_scope("GatherNd" if name is None else name) as scope:
            found = apply_op("ResourceGatherNd", scope, [self._variable, indices], {"dtype": self.dtype})
        made: Tensor = apply_op("Identity", None, [found])
        return made

    def is_initialized(self, name: str | None = None) -> Tensor:
        """Whether the variable has a value when the op runs."""
        made: Tensor = apply_op("VarIsInitializedOp", name, [self._variable])
        return made

    # -- writing

    def assign(self, value: Any, use_locking: bool = False, name: str | None = None, read_value: bool = True) -> Any:
        tensor = convert_to_tensor(value, dtype=self.dtype)
        if not compatible(self.static, tensor.static):
            raise InvalidValue(f"{self.op.name} has shape {show(self.static)}, the value {show(tensor.static)}",
                               self.span)
        whole = self._validate_shape and self.static is not None and None not in self.static
        written = apply_op("AssignVariableOp", name, [self._variable, tensor],
                           {"dtype": self.dtype, "validate_shape": whole})
        return Written(self, written) if read_value else written

    def assign_add(self, delta: Any, use_locking: bool = False, name: str | None = None,
                   read_value: bool = True) -> Any:
        return self._update("AssignAddVariableOp", delta, name, read_value)

    def assign_sub(self, delta: Any, use_locking: bool = False, name: str | None = None,
                   read_value: bool = True) -> Any:
        return self._update("AssignSubVariableOp", delta, name, read_value)

    def _update(self, op_type: str, value: Any, name: str | None, read_value: bool) -> Any:
        tensor = convert_to_tensor(value, dtype=self.dtype)
        written = apply_op(op_type, name, [self._variable, tensor], {"dtype": self.dtype})
        return Written(self, written) if read_value else written

    def count_up_to(self, limit: int) -> Tensor:
        made: Tensor = apply_op("ResourceCountUpTo", None, [self._variable], {"limit": limit, "T": self.dtype})
        return made

    def _scatter(self, op_type: str, sparse_delta: Any, use_locking: bool, name: str | None) -> Any:
        if not hasattr(sparse_delta, "indices") or not hasattr(sparse_delta, "values"):
            raise InvalidType(f"sparse_delta is IndexedSlices, not {said(sparse_delta)}")
        return self._rows(op_type, sparse_delta.indices, sparse_delta.values, name)

    def _scatter_nd(self, op_type: str, indices: Any, updates: Any, name: str | None) -> Any:
        return self._rows(op_type, indices, updates, name)

    def _rows(self, op_type: str, indices: Any, updates: Any, name: str | None) -> Any:
        """The op of references ``op_type``, for the handle."""
        values = convert_to_tensor(updates, dtype=self.dtype)
        return Written(self, apply_op(f"Resource{op_type}", name, [self._variable, indices, values]))

    def _assign_slice(self, parts: Any, masks: Any, value: Any, name: str) -> Any:
        values = convert_to_tensor(value, dtype=self.dtype)
        return Written(self, apply_op("ResourceStridedSliceAssign", name, [self._variable, *parts, values], masks))


install_by_value(ResourceVariable, slice_of_variable)


class Written(ResourceVariable):
    """A resource variable as it is once an op has written to it: its reads come after that op."""

    def __init__(self, variable: ResourceVariable, parent: Node) -> None:
        self.__dict__.update(variable.__dict__)
        self._parent, self._cached, self._caching_device = parent, None, None
        self._snapshot = self._read()

    def _read(self) -> Tensor:
        with control_dependencies([self._parent]):
            return super()._read()

    def value(self) -> Tensor:
        # where the one that reads it stands, unlike a read of the variable itself
        return self._read()

    def read_value(self) -> Tensor:
        return self._read()

    @property
    def op(self) -> Node:
        return self._parent

    @property
    def initializer(self) -> Node:
        # what is fetched is the read, as of a tensor, and not the variable
        raise AttributeError("what an assignment gives has no initializer")

    @property
    def name(self) -> str:
        return self._parent.name

    def assign(self, value: Any, use_locking: bool = False, name: str | None = None, read_value: bool = True) -> Any:
        with control_dependencies([self._parent]):
            return super().assign(value, use_locking, name, read_value)

    def _update(self, op_type: str, value: Any, name: str | None, read_value: bool) -> Any:
        with control_dependencies([self._parent]):
            return super()._update(op_type, value, name, read_value)

    def _rows(self, op_type: str, indices: Any, updates: Any, name: str | None) -> Any:
        with control_dependencies([self._parent]):
            return super()._rows(op_type, indices, updates, name)
