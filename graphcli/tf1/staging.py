"""Areas where steps leave tensors for later steps (tf.contrib.staging.StagingArea)."""
from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ..errors import InvalidValue
from ..graph.graph import Node
from ..graph.shapes import TensorShape
from ..graph.types import as_dtype
from .context import colocate_with
from .conversion import convert_to_tensor
from .framework import apply_op, get_default_graph, name_scope
from .grouping import no_op

EXPORTS = """
contrib.staging: StagingArea
"""


class StagingArea:
    """Tuples of tensors, first in, first out (tf.contrib.staging.StagingArea).

    names: keys of elements that are mappings. capacity, memory_limit: how many it holds at most, and bytes of them.
    Raises InvalidValue where there are not as many shapes or names as dtypes.
    """

    def __init__(self, dtypes: Sequence[Any], shapes: Sequence[Any] | None = None, names: Sequence[str] | None = None,
                 shared_name: str | None = None, capacity: int = 0, memory_limit: int = 0) -> None:
        for what, given in (("shapes", shapes), ("names", names)):
            if given is not None and len(given) != len(dtypes):
                raise InvalidValue(f"StagingArea {what} must be the same length as dtypes")
        if shared_name is not None and not isinstance(shared_name, str):
            raise InvalidValue("shared_name must be a string")
        self.name = get_default_graph().unique_name(type(self).__name__) if shared_name is None else shared_name
        self.dtypes = [as_dtype(d) for d in dtypes]
        self.shapes = [TensorShape(s) for s in ([None] * len(dtypes) if shapes is None else shapes)]
        self.names = None if names is None else list(names)
        self.capacity, self.memory_limit = capacity, memory_limit
        with name_scope(f"{self.name}_root"):
            self._root = no_op()

    def _attrs(self) -> dict[str, Any]:
        return {"dtypes": self.dtypes, "shared_name": self.name, "container": "", "capacity": self.capacity,
                "memory_limit": self.memory_limit}

    def _components(self, values: Any, at: Sequence[int] | None = None) -> list[Any]:
        """What is put in, in the order of the dtypes, or at some of them. Raises InvalidValue for other names, dtypes
        or shapes."""
        if isinstance(values, dict):
            if not self.names:
                raise InvalidValue("Staging areas must have names to enqueue a dictionary")
            if not set(values) <= set(self.names):
                raise InvalidValue("Keys in dictionary to put do not match names of staging area. Dictionary: "
                                   f"({sorted(values)}), Queue: ({sorted(self.names)})")
            places = [i for i, name in enumerate(self.names) if name in values]
            given = [values[self.names[i]] for i in places]
        else:
            if self.names:
                raise InvalidValue("You must enqueue a dictionary in a staging area with names")
            given = list(values)
            places = list(range(len(given)) if at is None else at)
        if len(given) > len(self.dtypes):
            raise InvalidValue(f"Unexpected number of inputs '{len(given)}' vs '{len(self.dtypes)}'")
        out = []
        for value, i in zip(given, places):
            if value.dtype != self.dtypes[i]:
                raise InvalidValue(f"Datatypes do not match. '{value.dtype}' != '{self.dtypes[i]}'")
            value.shape.assert_is_compatible_with(self.shapes[i])
            out.append(convert_to_tensor(value, self.dtypes[i], f"component_{i}"))
        return out

    def put(self, values: Any, name: str | None = None) -> Node:
        """The node that puts tensors in; it waits for room."""
        values = values if isinstance(values, (list, tuple, dict)) else [values]
        tensors = list(values.values()) if isinstance(values, dict) else list(values)
        with name_scope(name, f"{self.name}_put", tensors) as scope:
            given = self._components(values)
            with colocate_with(self._root):
                made: Node = apply_op("Stage", scope, [given], self._attrs())
                return made

    def _taken(self, op_type: str, name: str, inputs: list[Any]) -> Any:
        with colocate_with(self._root):
            found = apply_op(op_type, name, inputs, self._attrs())
        found = list(found) if isinstance(found, (list, tuple)) else [found]
        # TensorFlow asks of the devices with a node
        no_op()
        for tensor, shape in zip(found, self.shapes):
            tensor.set_shape(shape)
        return dict(zip(self.names, found)) if self.names else found

    def get(self, name: str | None = None) -> Any:
        """Takes out what came first; waits for it."""
        return self._taken("Unstage", name or f"{self.name}_get", [])

    def peek(self, index: Any, name: str | None = None) -> Any:
        """What has so many before it, and stays; waits for it."""
        return self._taken("StagePeek", name or f"{self.name}_peek", [index])

    def size(self, name: str | None = None) -> Any:
        """How many are in."""
        return apply_op("StageSize", name or f"{self.name}_size", [], self._attrs())

    def clear(self, name: str | None = None) -> Any:
        """The node that takes all out."""
        return apply_op("StageClear", name or f"{self.name}_clear", [], self._attrs())
