"""The ``with`` scopes and collections of TF1, on the default graph."""
from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from typing import Any

from ..errors import InvalidType, InvalidValue
from ..graph.collections import GraphKeys
from ..graph.default import get_default_graph, reset_default_graph, use_graph
from ..graph.graph import Graph

EXPORTS = """
tf: name_scope op_scope device control_dependencies colocate_with add_to_collection add_to_collections
tf: get_collection get_collection_ref get_default_graph reset_default_graph set_random_seed GraphKeys
random: set_random_seed
"""

__all__ = ["GraphKeys", "get_default_graph", "reset_default_graph"]


@contextmanager
def name_scope(name: str | None, default_name: str | None = None, values: Any = None) -> Iterator[str]:
    """Opens a name scope; yields its name with a final ``/`` (tf.name_scope of TF1).

    values: tensors that ops inside take; the graph of the first is the default one inside.
    """
    graph = get_default_graph()
    if name is None and default_name is None and values is not None:
        raise InvalidType("name_scope needs a name or a default_name")
    theirs = graph if values is None else _graph_of(values, graph)
    theirs = graph if graph.holds(theirs) else theirs
    with nullcontext() if theirs is graph else use_graph(theirs), \
            theirs.scopes.name_scope(default_name if name is None else name) as scope:
        yield scope


def _graph_of(values: Any, default: Graph) -> Graph:
    """The graph of which all tensors and nodes among ``values`` are. Raises InvalidValue where they are of several."""
    first: Any = None
    for value in values:
        found = getattr(value, "graph", None)
        if not isinstance(found, Graph):
            continue
        if first is None:
            first = value
        elif found is not first.graph and not found.holds(first.graph) and not first.graph.holds(found):
            raise InvalidValue(f"{value.name} must be from the same graph as {first.name}")
    return default if first is None else first.graph


@contextmanager
def op_scope(values: Any, name: str | None, default_name: str | None = None) -> Iterator[str]:
    """tf.op_scope: name_scope with its arguments in another order."""
    with name_scope(name, default_name, values) as scope:
        yield scope


def device(device_name_or_function: Any) -> AbstractContextManager[None]:
    """Nodes made inside ask for this device, a string or a DeviceSpec; None clears (tf.device)."""
    spelled = getattr(device_name_or_function, "to_string", None)
    return get_default_graph().device(device_name_or_function if spelled is None else spelled())


def control_dependencies(control_inputs: Iterable[Any] | None) -> AbstractContextManager[None]:
    """Nodes made inside run after ``control_inputs`` (tf.control_dependencies)."""
    return get_default_graph().control_dependencies(control_inputs)


def colocate_with(op: Any, ignore_existing: bool = False) -> AbstractContextManager[None]:
    """Nodes made inside stand where ``op`` stands (tf.colocate_with)."""
    return get_default_graph().colocate_with(op, ignore_existing)


def add_to_collection(name: str, value: Any) -> None:
    """Adds a value to a collection (tf.add_to_collection)."""
    get_default_graph().add_to_collection(name, value)


def add_to_collections(names: Any, value: Any) -> None:
    """Adds a value to several collections (tf.add_to_collections)."""
    get_default_graph().add_to_collections(names, value)


def get_collection(key: str, scope: str | None = None) -> list[Any]:
    """The values of a collection; ``scope`` is a regular expression matched at the start of names."""
    return get_default_graph().get_collection(key, scope)


def get_collection_ref(key: str) -> list[Any]:
    """The list of a collection itself (tf.get_collection_ref)."""
    return get_default_graph().get_collection_ref(key)


def set_random_seed(seed: int) -> None:
    """The graph-level seed, from which random ops without a seed of their own take theirs."""
    get_default_graph().seed = seed
