"""What one step at a time may do (tf.CriticalSection)."""
from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

from ..errors import InvalidValue, NotSupported
from ..graph.graph import Node, Tensor
from ..graph.types import resource
from . import nesting as nest
from .behavior import init_scope
from .context import colocate_with
from .framework import add_to_collection, apply_op, control_dependencies, get_collection, get_default_graph, name_scope
from .grouping import group, tuple_
from .modules import modules
from .tensor_array import TensorArray

EXPORTS = """
tf: CriticalSection
"""

tf = modules["tf"]

SECTIONS, EXECUTIONS = "critical_sections", "critical_section_executions"


class _Execution(NamedTuple):
    """What an ``execute`` left behind: its lock, the section's handle, and the resources that it reads or writes."""

    op: Node
    handle: Tensor
    resources: list[Tensor]
    exclusive_resource_access: bool


def _identity(x: Any) -> Any:
    if isinstance(x, TensorArray):
        return x.identity()
    return group(x) if isinstance(x, Node) else tf.identity(x)


class CriticalSection:
    """Functions that never run at once, however many steps ask for them (tf.CriticalSection).

    shared_name: sections of one name are one. Raises InvalidValue where both a definition and a name are given.
    """

    def __init__(self, name: str | None = None, shared_name: str | None = None, critical_section_def: Any = None,
                 import_scope: Any = None) -> None:
        if critical_section_def is not None:
            if name is not None:
                raise InvalidValue("critical_section_def and a name exclude each other")
            raise NotSupported("a CriticalSection is not made of its definition")
        with name_scope(name, "CriticalSection") as scope, init_scope():
            shared = scope if shared_name is None else shared_name
            self._handle = apply_op("MutexV2", scope, [], {"shared_name": shared, "container": ""})
        add_to_collection(SECTIONS, self)

    @property
    def name(self) -> str:
        return str(self._handle.op.name)

    def execute(self, fn: Callable[[], Any], exclusive_resource_access: bool = True, name: str | None = None) -> Any:
        """What ``fn()`` gives, once no other execution of this section runs.

        exclusive_resource_access: no other section may use the resources that ``fn`` uses. Raises InvalidValue where
        one does, and where ``fn`` uses this section itself.
        """
        with name_scope(name, "critical_section_execute"):
            lock = apply_op("MutexLock", None, [self._handle])
            graph = get_default_graph()
            before = len(graph.get_operations())
            with control_dependencies([lock]):
                result = fn()
            made = graph.get_operations()[before:]
            self._lock_late(made, lock.op)
            used = list({id(t): t for op in made for t in op.inputs if t.dtype.base_dtype == resource}.values())
            self._refuse_shared(used, exclusive_resource_access)
            flat = [_identity(x) for x in nest.flatten(result)]
            with control_dependencies(flat):
                with colocate_with(self._handle):
                    done = apply_op("ConsumeMutexLock", None, [lock])
                result = nest.pack(result, tuple_(nest.flatten(result)))
            with control_dependencies([done if isinstance(done, Node) else done.op]):
                outputs = nest.map_structure(_identity, result)
            add_to_collection(EXECUTIONS, _Execution(lock.op, self._handle, used, exclusive_resource_access))
            return outputs

    def _lock_late(self, made: list[Node], lock: Node) -> None:
        """The lock waits for what the function takes from outside, so that it is held no longer than need be."""
        taken = {id(t.op): t.op for op in made for t in op.inputs}
        taken.update((id(c), c) for op in made for c in op.control_inputs)
        for own in (*made, *lock.control_inputs, *(t.op for t in lock.inputs), lock):
            taken.pop(id(own), None)
        if taken:
            get_default_graph().add_control_input(lock, group(*taken.values()))

    def _is_own(self, handle: Tensor) -> bool:
        shared = handle.op.attrs.get("shared_name")
        return handle.op.type == "MutexV2" and bool(shared) and shared == self._handle.op.attrs.get("shared_name")

    def _refuse_shared(self, used: list[Tensor], exclusive: bool) -> None:
        if any(self._is_own(t) for t in used):
            raise InvalidValue(f"the function uses the critical section {self.name} in which it runs, and would wait "
                               "for itself")
        for other in get_collection(EXECUTIONS):
            if self._is_own(other.handle) or not (exclusive or other.exclusive_resource_access):
                continue
            if both := [t.name for t in used if any(t is r for r in other.resources)]:
                raise InvalidValue(f"{', '.join(both)} is used in the critical section {other.handle.op.name} too, and "
                                   "one of the two asks for it alone", hint="exclusive_resource_access=False in both")
