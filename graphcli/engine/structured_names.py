"""Names in the text of a region: of values, of constants, and of variables."""
from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from ..graph.graph import Node, Tensor
from ..graph.kernel import Slot
from ..passes.rows import Condition
from ..passes.structured import Structured
from .flow_units import snapshot


class StructuredNames:
    """``of(tensor)``: the name of what a tensor is, which may be a variable; ``value(tensor)``: that of its value.

    opened: for each name of a variable that the region does not write, the name of its value.
    """

    def __init__(self, structured: Structured, outside: Sequence[Tensor], slot: Callable[[Node], Slot]) -> None:
        self.structured = structured
        self.slot = slot
        self.arguments = [f"a{i}" for i in range(len(outside))]
        self.space: dict[str, Any] = {"snapshot": snapshot, "truth": truth}
        self.opened: dict[str, str] = {}
        self.slot_of: dict[str, Slot] = {}
        """The variables whose values the text takes when it begins."""
        self._names: dict[Tensor, str] = {}
        for tensor, name in zip(outside, self.arguments):
            self._names[tensor] = name
            if structured.root(tensor) is tensor:
                self._open(tensor, name)

    def of(self, tensor: Tensor) -> str:
        root = self.structured.root(tensor)
        found = self._names.get(root)
        return self._new(root) if found is None else found

    def value(self, tensor: Tensor) -> str:
        name = self.of(tensor)
        return self.opened.get(name, name)

    def is_loose(self, tensor: Tensor) -> bool:
        return self.structured.root(tensor) in self.structured.loose

    def truth(self, tensor: Tensor) -> str:
        """The text of what decides."""
        name = self.value(tensor)
        return f"truth({name})" if self.is_loose(tensor) else name

    def all_of(self, conditions: Sequence[Condition]) -> str:
        """The text of conditions."""
        return " and ".join(self.truth(key) if branch else f"not {self.truth(key)}" for key, branch in conditions)

    def moved(self, source: Tensor, target: Tensor) -> str:
        """The text of what ``target`` is given where it becomes ``source``."""
        name = self.of(source)
        return f"snapshot({name})" if name in self.opened and not self.is_loose(target) else name

    def _open(self, root: Tensor, name: str) -> None:
        variable = self.structured.variables.get(root)
        if variable is not None and root not in self.structured.loose:
            self.opened[name] = f"b{len(self.opened)}"
            self.slot_of[name] = self.slot(variable)

    def _new(self, root: Tensor) -> str:
        number = len(self._names)
        value = self.structured.value(root)
        if value is not None:
            name = f"c{number}"
            self.space[name] = value
        elif root in self.structured.variables:
            name = f"s{number}"
            self.space[name] = self.slot(self.structured.variables[root])
            self._open(root, name)
        else:
            name = f"v{number}"
        self._names[root] = name
        return name


def truth(value: Any) -> Any:
    """The value of a condition that may be a variable."""
    return value.value if type(value) is Slot else value
