"""Stacks: what a loop pushes for its gradient, and pops."""
from __future__ import annotations

from typing import Any

from ..errors import RunError
from ..graph.opdef import op, undefined_gradient
from ..graph.shapes import Static
from ._elements import Room


class Stack(list[Any]):
    """The values, and how many bytes they are."""

    def __init__(self, name: str, most: int | None) -> None:
        super().__init__()
        self.room = Room(f"the stack {name}", most)


@op
class StackV2:
    """A new stack: the values of a loop that its gradient needs."""

    signature = "max_size: int32 -> handle: resource"
    attrs = "elem_type: type; stack_name: string = ''"
    stateful = True
    gradient = undefined_gradient

    def infer(n: Any, max_size: Static) -> Static:
        return (2,)

    def kernel(n: Any) -> Any:
        most = getattr(n.state, "memory", None)
        return lambda max_size: Stack(n.node.name, most)


@op
class StackPushV2:
    """Puts a value on a stack and hands it on."""

    signature = "handle: resource, elem: T -> output: T"
    attrs = "T: type; swap_memory: bool = False"
    stateful = True
    gradient = undefined_gradient

    def infer(n: Any, handle: Static, elem: Static) -> Static:
        return elem

    def kernel(n: Any) -> Any:
        def push(handle: Any, elem: Any) -> Any:
            # a handle takes none
            handle.room.take(getattr(elem, "nbytes", 0))
            handle.append(elem)
            return elem

        return push


@op
class StackPopV2:
    """Takes the last value from a stack."""

    signature = "handle: resource -> elem: elem_type"
    attrs = "elem_type: type"
    stateful = True
    gradient = undefined_gradient

    def infer(n: Any, handle: Static) -> Static:
        return None

    def kernel(n: Any) -> Any:
        def pop(handle: Any) -> Any:
            if not handle:
                raise RunError("the stack is empty")
            elem = handle.pop()
            handle.room.take(-getattr(elem, "nbytes", 0))
            return elem

        return pop


@op
class StackCloseV2:
    """Drops a stack."""

    signature = "handle: resource ->"
    stateful = True
    gradient = undefined_gradient

    def kernel(n: Any) -> Any:
        return lambda handle: handle.clear()
