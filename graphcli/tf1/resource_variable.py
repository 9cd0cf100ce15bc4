"""Resource variables of graphs that were opened: a handle, which ops read and write by name (ResourceVariable)."""
from __future__ import annotations

from typing import Any

from ..errors import InvalidType
from ..graph.graph import Tensor
from ..graph.types import DType, TensorShape
from .framework import apply_op
from .variables import Variable


class ResourceVariable(Variable):
    """A variable whose nodes are ``VarHandleOp``, ``AssignVariableOp`` and ``ReadVariableOp``.

    It is read as it is when the read runs; a reference variable's read is the live buffer.
    """

    is_resource = True

    def _as_tensor(self, dtype: DType | None = None, name: str | None = None, as_ref: bool = False) -> Tensor:
        if as_ref:
            raise InvalidType(f"{self.name} is a resource variable; what writes to a reference cannot take it",
                              hint="its own assign, assign_add and assign_sub write to it")
        return self.value()

    def _as_graph_element(self) -> Tensor:
        return self.value()

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

    def value(self) -> Tensor:
        """The tensor of its read; a new one where the graph has none."""
        return self.read_value() if self._snapshot is self._variable else self._snapshot

    def read_value(self) -> Tensor:
        """A new read, which the control dependencies around it order."""
        made: Tensor = apply_op("ReadVariableOp", "Read/ReadVariableOp", [self._variable], {"dtype": self.dtype})
        return made

    def assign(self, value: Any, use_locking: bool = False, name: str | None = None, read_value: bool = True) -> Any:
        return self._write("AssignVariableOp", value, name, read_value)

    def assign_add(self, delta: Any, use_locking: bool = False, name: str | None = None,
                   read_value: bool = True) -> Any:
        return self._write("AssignAddVariableOp", delta, name, read_value)

    def assign_sub(self, delta: Any, use_locking: bool = False, name: str | None = None,
                   read_value: bool = True) -> Any:
        return self._write("AssignSubVariableOp", delta, name, read_value)

    def _write(self, op_type: str, value: Any, name: str | None, read_value: bool) -> Any:
        from .framework import control_dependencies, convert_to_tensor

        tensor = convert_to_tensor(value, dtype=self.dtype)
        written = apply_op(op_type, name, [self._variable, tensor], {"dtype": self.dtype})
        if not read_value:
            return written
        with control_dependencies([written]):
            return self.read_value()
