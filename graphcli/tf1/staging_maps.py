"""Areas where steps leave tuples of tensors for later steps, by keys (MapStagingArea of data_flow_ops)."""
from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ..errors import InvalidType, InvalidValue
from ..graph.graph import Node
from .context import colocate_with
from .framework import apply_op, name_scope
from .grouping import no_op
from .staging import StagingArea

EXPORTS = """
python.ops.data_flow_ops: MapStagingArea
"""


class MapStagingArea(StagingArea):
    """Tuples of tensors by keys. ordered: what is taken without a key is that of the least. Else as StagingArea.

    Raises InvalidValue and InvalidType for values and indices that do not fit.
    """

    def __init__(self, dtypes: Sequence[Any], shapes: Sequence[Any] | None = None, names: Sequence[str] | None = None,
                 shared_name: str | None = None, ordered: bool = False, capacity: int = 0,
                 memory_limit: int = 0) -> None:
        super().__init__(dtypes, shapes, names, shared_name, capacity, memory_limit)
        self._kind = "OrderedMap" if ordered else "Map"

    def put(self, key: Any, vals: Any, indices: Any = None, name: str | None = None) -> Node:  # type: ignore[override]
        """The node that puts tensors in under a key, some of a tuple where indices or names say which."""
        vals = vals if isinstance(vals, (list, tuple, dict)) else [vals]
        listed = list(vals.values()) if isinstance(vals, dict) else list(vals)
        with name_scope(name, f"{self.name}_put", listed) as scope:
            if isinstance(vals, dict):
                given = self._components(vals)
                indices = [i for i, n in enumerate(self.names or ()) if n in vals]
            else:
                if self.names:
                    raise InvalidValue("You must enqueue a dictionary in a staging area with names")
                if indices is None:
                    raise InvalidValue("Indices must be supplied when inserting a list of tensors")
                if len(indices) != len(listed):
                    raise InvalidValue(f"Number of indices '{len(indices)}' doesn't match number of values "
                                       f"'{len(listed)}'")
                given = self._components(listed, indices)
            with colocate_with(self._root):
                made: Node = apply_op(f"{self._kind}Stage", scope, [key, list(indices), given], self._attrs())
                return made

    def _chosen(self, indices: Any) -> list[int]:
        """The places of some tensors of a tuple, all for None."""
        if indices is None:
            return list(range(len(self.dtypes)))
        if not isinstance(indices, (tuple, list)):
            raise InvalidType(f"Invalid indices type '{type(indices)}'")
        if not indices:
            raise InvalidValue("Empty indices")
        if all(isinstance(i, str) for i in indices):
            if self.names is None:
                raise InvalidValue(f"String indices provided '{indices}', but this Staging Area was not created with "
                                   "names.")
            for index in indices:
                if index not in self.names:
                    raise InvalidValue(f"Named index '{index}' not in Staging Area names '{self.names}'")
            return [self.names.index(n) for n in indices]
        if not all(isinstance(i, int) for i in indices):
            raise InvalidType(f"Mixed types in indices '{indices}'. May only be str or int")
        return list(indices)

    def _some(self, what: str, name: str, inputs: list[Any], chosen: list[int]) -> list[Any]:
        attrs = {**self._attrs(), "dtypes": [self.dtypes[i] for i in chosen]}
        with colocate_with(self._root):
            found = apply_op(f"{self._kind}{what}", name, [*inputs, chosen], attrs)
        return list(found) if isinstance(found, (list, tuple)) else [found]

    def _told(self, found: list[Any], chosen: list[int]) -> Any:
        # TensorFlow asks of the devices with a node
        no_op()
        for tensor, i in zip(found, chosen):
            tensor.set_shape(self.shapes[i])
        return {self.names[i]: t for t, i in zip(found, chosen)} if self.names else found

    def peek(self, key: Any, indices: Any = None,  # type: ignore[override]
             name: str | None = None) -> Any:
        """Tensors of a key, which stay; waits for them."""
        chosen = self._chosen(indices)
        return self._told(self._some("Peek", name or f"{self.name}_pop", [key], chosen), chosen)

    def get(self, key: Any = None, indices: Any = None, name: str | None = None) -> Any:  # type: ignore[override]
        """(the key, its tensors), which are taken out; waits for them."""
        if key is not None:
            chosen = self._chosen(indices)
            return key, self._told(self._some("Unstage", name or f"{self.name}_get", [key], chosen), chosen)
        chosen = self._chosen(indices)
        key, *found = self._some("UnstageNoKey", name or f"{self.name}_get_nokey", [], chosen)
        found = found[0] if len(found) == 1 and isinstance(found[0], list) else found
        no_op()
        return key, self._told(found, chosen)

    def size(self, name: str | None = None) -> Any:
        """How many whole tuples are in."""
        return apply_op(f"{self._kind}Size", name or f"{self.name}_size", [], self._attrs())

    def incomplete_size(self, name: str | None = None) -> Any:
        """How many tuples are in in part."""
        return apply_op(f"{self._kind}IncompleteSize", name or f"{self.name}_incomplete_size", [], self._attrs())

    def clear(self, name: str | None = None) -> Any:
        """The node that takes all out."""
        return apply_op(f"{self._kind}Clear", name or f"{self.name}_clear", [], self._attrs())
