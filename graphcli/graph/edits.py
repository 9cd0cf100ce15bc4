"""Changes to what a Graph holds already: inputs and nodes, with the consumers kept in step."""
from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from ..errors import InvalidType, InvalidValue

if TYPE_CHECKING:
    from .graph import Node, Tensor


class Edits:
    """The methods of a Graph that change or take out nodes."""

    nodes: dict[str, Node]

    def replace_input(self, node: Node, index: int, tensor: Tensor) -> None:
        """Makes ``tensor`` the input ``index`` of ``node``. Raises InvalidType if the dtypes differ."""
        old = node.inputs[index]
        if old.dtype.base_dtype is not tensor.dtype.base_dtype:
            raise InvalidType(f"input {index} of {node.name} is {old.dtype.name}, not {tensor.dtype.name}")
        node.inputs = node.inputs[:index] + (tensor,) + node.inputs[index + 1:]
        old.uses.remove(node)
        tensor.uses.append(node)

    def add_control_input(self, node: Node, other: Node) -> None:
        """Makes ``node`` run after ``other``."""
        if other not in node.control_inputs:
            node.control_inputs += (other,)
            other.control_uses.append(node)

    def remove_control_input(self, node: Node, other: Node) -> None:
        """Lets ``node`` no longer wait for ``other``."""
        node.control_inputs = tuple(n for n in node.control_inputs if n is not other)
        other.control_uses.remove(node)

    def remove(self, node: Node) -> None:
        """Takes a node out. Raises InvalidValue, naming the users, while something uses it."""
        users = [u.name for t in node.outputs for u in t.uses] + [u.name for u in node.control_uses]
        if users:
            raise InvalidValue(f"{node.name} is still used by {', '.join(users[:3])}")
        del self.nodes[node.name]
        for tensor in node.inputs:
            tensor.uses.remove(node)
        for other in node.control_inputs:
            other.control_uses.remove(node)

    def discard(self, nodes: Iterable[Node]) -> None:
        """Takes out nodes that only use each other and what was there before them."""
        gone = set(nodes)
        for node in gone:
            self.nodes.pop(node.name, None)
            for tensor in node.inputs:
                if tensor.op not in gone:
                    tensor.uses.remove(node)
            for other in node.control_inputs:
                if other not in gone:
                    other.control_uses.remove(node)
