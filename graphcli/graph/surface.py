"""What TF1 code calls on a Graph: to find by name, and what its scopes and its collections do."""
from __future__ import annotations

from collections.abc import Iterable
from contextlib import AbstractContextManager
from typing import TYPE_CHECKING, Any

from ..errors import Finished, InvalidType, InvalidValue, NotFound, did_you_mean, said
from .collections import Collections
from .names import parse_tensor_name
from .scopes import Scopes

if TYPE_CHECKING:
    from .graph import Node, Tensor


class Surface:
    """The methods of a Graph that look up or hand a call on."""

    title: str
    nodes: dict[str, Node]
    scopes: Scopes
    collections: Collections
    finalized: bool
    barred: tuple[set[Tensor], set[Node]]

    def get_operations(self) -> list[Node]:
        return list(self.nodes.values())

    def get_operation_by_name(self, name: str) -> Node:
        if not isinstance(name, str):
            raise InvalidType(f"the name of an operation is a string, not {said(name)}")
        node = self.nodes.get(name)
        if node is None:
            if ":" in name:
                raise InvalidValue(f"{name!r} is the name of a tensor, not of an operation")
            raise NotFound(f"no node {name!r} in graph {self.title!r}", hint=did_you_mean(name, self.nodes))
        return node

    def get_tensor_by_name(self, name: str) -> Tensor:
        if not isinstance(name, str):
            raise InvalidType(f"the name of a tensor is a string, not {said(name)}")
        head, index = parse_tensor_name(name)
        if index is None:
            raise InvalidValue(f"{name!r} is not a tensor's name", hint=f"a tensor is {name}:0")
        node = self.get_operation_by_name(head)
        if index >= len(node.outputs):
            raise NotFound(f"{head} ({node.type}) has {len(node.outputs)} outputs, no output {index}")
        return node.outputs[index]

    def unique_name(self, name: str, mark_as_used: bool = True) -> str:
        return self.scopes.unique_name(name, mark_as_used)

    def name_scope(self, name: str | None) -> AbstractContextManager[str]:
        return self.scopes.name_scope(name)

    def device(self, device: Any) -> AbstractContextManager[None]:
        return self.scopes.device(device)

    def control_dependencies(self, control_inputs: Iterable[Any] | None) -> AbstractContextManager[None]:
        return self.scopes.control_dependencies(control_inputs)

    def colocate_with(self, op: Any, ignore_existing: bool = False) -> AbstractContextManager[None]:
        return self.scopes.colocate_with(op, ignore_existing)

    def gradient_override_map(self, op_type_map: dict[str, str]) -> AbstractContextManager[None]:
        """Ops of these types that are made inside have the gradient that was registered under the name given."""
        return self.scopes.with_gradients(op_type_map)

    def get_collection(self, name: str, scope: str | None = None) -> list[Any]:
        return self.collections.get(name, scope)

    def get_collection_ref(self, name: str) -> list[Any]:
        return self.collections.ref(name)

    def get_all_collection_keys(self) -> list[str]:
        return self.collections.keys()

    def add_to_collection(self, name: str, value: Any) -> None:
        self.check_not_finalized()
        self.collections.add(name, value)

    def add_to_collections(self, names: Any, value: Any) -> None:
        for name in (names,) if isinstance(names, str) else dict.fromkeys(names):
            self.add_to_collection(name, value)

    def clear_collection(self, name: str) -> None:
        self.collections.clear(name)

    @property
    def version(self) -> int:
        """A number that grows with every node (Graph.version)."""
        return len(self.nodes)

    @property
    def building_function(self) -> bool:
        """Whether it is the body of a function (Graph.building_function)."""
        return False

    def get_name_scope(self) -> str:
        """The name scope that is open, '' outside."""
        return self.scopes.name

    def is_feedable(self, tensor: Tensor) -> bool:
        """Whether a value may be fed for it (Graph.is_feedable): for all but what ``prevent_feeding`` names."""
        return tensor not in self.barred[0]

    def is_fetchable(self, tensor_or_op: Tensor | Node) -> bool:
        """Whether it may be fetched (Graph.is_fetchable): all but what ``prevent_fetching`` names."""
        return getattr(tensor_or_op, "op", tensor_or_op) not in self.barred[1]

    def prevent_feeding(self, tensor: Tensor) -> None:
        """From now on no value can be fed for it (Graph.prevent_feeding)."""
        self.barred[0].add(tensor)

    def prevent_fetching(self, op: Node) -> None:
        """From now on it cannot be fetched (Graph.prevent_fetching)."""
        self.barred[1].add(op)

    def check_not_finalized(self) -> None:
        """Raises Finished if nothing can be added any more."""
        if self.finalized:
            raise Finished("the graph is final: nothing can be added to it")

    def finalize(self) -> None:
        self.finalized = True
