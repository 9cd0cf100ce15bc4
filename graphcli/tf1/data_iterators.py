"""Iterators of datasets (tf.data.Iterator of TF1)."""
from __future__ import annotations

from typing import Any

from ..errors import InvalidType, InvalidValue
from ..graph.default import use_graph
from ..graph.function_graph import FunctionGraph
from ..graph.graph import Graph, Node, Tensor
from ..graph.shapes import compatible
from ..graph.types import as_dtype, string
from ..graphdef.attrs import Func
from ..graphdef.functions import function_def
from . import data_nest as nest
from .conversion import convert_to_tensor
from .data_elements import Elements
from .framework import add_to_collection, apply_op, colocate_with, get_default_graph, name_scope
from .random_values import get_seed

EXPORTS = """
data: Iterator make_one_shot_iterator make_initializable_iterator
"""

GLOBAL_ITERATORS = "iterators"


class Iterator(Elements):
    """Where a session stands in a dataset (tf.data.Iterator): ``get_next()`` makes the tensors of the next element."""

    def __init__(self, iterator_resource: Tensor, initializer: Node | None, output_types: Any, output_shapes: Any,
                 output_classes: Any = None) -> None:
        self._iterator_resource, self._initializer = iterator_resource, initializer
        super().__init__(output_types, output_shapes, output_classes)
        self._string_handle = apply_op("IteratorToStringHandle", None, [iterator_resource])
        add_to_collection(GLOBAL_ITERATORS, iterator_resource)

    @staticmethod
    def from_structure(output_types: Any, output_shapes: Any = None, shared_name: str | None = None,
                       output_classes: Any = None) -> Iterator:
        """An iterator for datasets of this structure, each by an op of ``make_initializer``."""
        types = nest.mapped(lambda t: as_dtype(t), output_types)
        shapes = nest.as_shapes(types, output_shapes)
        attrs = Elements(types, shapes, output_classes)._attrs()
        handle = apply_op("IteratorV2", None, [], {**attrs, **_named(shared_name)})
        return Iterator(handle, None, types, shapes, output_classes)

    @staticmethod
    def from_string_handle(string_handle: Any, output_types: Any, output_shapes: Any = None,
                           output_classes: Any = None) -> Iterator:
        """The iterator of this graph whose ``string_handle()`` is fed."""
        types = nest.mapped(lambda t: as_dtype(t), output_types)
        shapes = nest.as_shapes(types, output_shapes)
        named = convert_to_tensor(string_handle, string)
        attrs = Elements(types, shapes, output_classes)._attrs()
        handle = apply_op("IteratorFromStringHandleV2", None, [named], attrs)
        return Iterator(handle, None, types, shapes, output_classes)

    @property
    def initializer(self) -> Node:
        """The op that lets it begin. Raises InvalidValue where it has none."""
        if self._initializer is None:
            raise InvalidValue("Iterator does not have an initializer. You can use `make_initializer(dataset)`.")
        return self._initializer

    def make_initializer(self, dataset: Any, name: str | None = None) -> Node:
        """An op that lets it begin with a dataset. Raises InvalidType where that has other dtypes or shapes."""
        with name_scope(name, "make_initializer") as scope:
            ours, theirs = nest.flatten(self._types), nest.flatten(dataset.output_types)
            if ours != theirs:
                raise InvalidType(f"Expected output types {self._types!r} but got dataset with output types "
                                  f"{dataset.output_types!r}.")
            for a, b in zip(nest.flatten(self._shapes), nest.flatten(dataset.output_shapes)):
                if not compatible(a.tuple, b.tuple):
                    raise InvalidType(f"Expected output shapes compatible with {self._shapes!r} but got dataset with "
                                      f"output shapes {dataset.output_shapes!r}.")
            with colocate_with(self._iterator_resource):
                node: Node = apply_op("MakeIterator", scope, [dataset._variant_tensor, self._iterator_resource])
        return node

    def get_next(self, name: str | None = None) -> Any:
        """The next element, in its nesting; a run fails with OutOfRangeError after the last."""
        with colocate_with(self._iterator_resource):
            flat = apply_op("IteratorGetNext", name, [self._iterator_resource],
                            self._attrs())
        return self._of(flat)

    def string_handle(self, name: str | None = None) -> Tensor:
        """A string tensor that names it, to be fed to one of ``from_string_handle``."""
        if name is None:
            found: Tensor = self._string_handle
            return found
        made: Tensor = apply_op("IteratorToStringHandle", name, [self._iterator_resource])
        return made


def _named(shared_name: str | None) -> dict[str, str]:
    return {"shared_name": shared_name or "", "container": ""}


def initializable(dataset: Any, shared_name: str | None) -> Iterator:
    """See Dataset.make_initializable_iterator."""
    with colocate_with(dataset._variant_tensor):
        handle = apply_op("IteratorV2", None, [], {**dataset._attrs(), **_named(shared_name)})
        begin = apply_op("MakeIterator", None, [dataset._variant_tensor, handle])
        return Iterator(handle, begin, dataset._types, dataset._shapes, dataset._classes)


def one_shot(dataset: Any) -> Iterator:
    """See Dataset.make_one_shot_iterator."""
    graph: Graph = get_default_graph()
    # TensorFlow draws a seed for the function that makes the dataset
    get_seed(None)
    name = f"_make_dataset_{len(graph.functions)}"
    body = FunctionGraph(name, graph)
    made: dict[Node, Node] = {}
    with use_graph(body):
        result = _copied(dataset._variant_tensor, body, made)
    graph.functions[name] = function_def(name, body, [], [result])
    with colocate_with(dataset._variant_tensor):
        handle = apply_op("OneShotIterator", None, [], {**dataset._attrs(), "dataset_factory": Func(name)})
        return Iterator(handle, None, dataset._types, dataset._shapes, dataset._classes)


def _copied(tensor: Tensor, body: Graph, made: dict[Node, Node]) -> Tensor:
    """A tensor's ops as ops of a body that takes nothing. Raises InvalidValue for what is known in a session only."""
    node = tensor.op
    if node not in made:
        stateful = node.opdef is None or (node.opdef.stateful and "Dataset" not in node.type
                                          and node.type != "MatchingFiles")
        if node.type.startswith("Placeholder"):
            raise InvalidValue(f"Cannot capture a placeholder (name:{node.name}, type:{node.type}) by value.",
                               hint="make_initializable_iterator() can be fed")
        if stateful:
            raise InvalidValue(f"Cannot capture a stateful node (name:{node.name}, type:{node.type}) by value.",
                               hint="make_initializable_iterator() may take it")
        inputs = [_copied(t, body, made) for t in node.inputs]
        attrs = {k: v for k, v in node.attrs.items() if not k.startswith("_")}
        made[node] = body.create_node(node.type, inputs, [t.dtype for t in node.outputs], attrs, f"{node.name}/",
                                      node.opdef)
    return made[node].outputs[tensor.value_index]


def make_one_shot_iterator(dataset: Any) -> Iterator:
    """An iterator that goes through a dataset once (tf.data.make_one_shot_iterator)."""
    return one_shot(dataset)


def make_initializable_iterator(dataset: Any, shared_name: str | None = None) -> Iterator:
    """An iterator that begins whenever its ``initializer`` runs (tf.data.make_initializable_iterator)."""
    return initializable(dataset, shared_name)


