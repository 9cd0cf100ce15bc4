"""Graph, Node and Tensor: the IR. Inputs are tuples, consumers are kept in step."""
from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager
from typing import TYPE_CHECKING, Any

from ..errors import GraphError, InvalidType, InvalidValue, Undecided, did_you_mean, said
from ..source import Span
from .collections import Collections
from .edits import Edits
from .names import NameAuthority, check_op_name, parse_tensor_name
from .scopes import Scopes
from .shapes import Static, TensorShape, merge
from .surface import Surface
from .types import DType

if TYPE_CHECKING:
    from .opdef import OpDef


class Tensor:
    """One output of a node. ``static`` is its shape as a tuple; ``shape`` the same for users.

    The arithmetic operators are put in by ``tf1``, which knows the ops behind them. TF1 code hangs attributes of its
    own on tensors and ops (``tensor.aliases`` of tf.contrib.layers); ``__dict__`` is made for those alone.
    """

    __slots__ = ("op", "value_index", "dtype", "static", "uses", "__weakref__", "__dict__")
    __array_priority__ = 100

    if TYPE_CHECKING:
        __add__: Any
        __radd__: Any
        __sub__: Any
        __rsub__: Any
        __mul__: Any
        __rmul__: Any
        __truediv__: Any
        __rtruediv__: Any
        __floordiv__: Any
        __mod__: Any
        __pow__: Any
        __matmul__: Any
        __neg__: Any
        __lt__: Any
        __le__: Any
        __gt__: Any
        __ge__: Any
        __getitem__: Any

    def __init__(self, op: Node, value_index: int, dtype: DType, static: Static = None) -> None:
        self.op = op
        self.value_index = value_index
        self.dtype = dtype
        self.static = static
        self.uses: list[Node] = []

    @property
    def node(self) -> Node:
        return self.op

    @property
    def name(self) -> str:
        return f"{self.op.name}:{self.value_index}"

    @property
    def graph(self) -> Graph:
        return self.op.graph

    @property
    def device(self) -> str:
        return self.op.device

    @property
    def shape(self) -> TensorShape:
        return TensorShape(self.static)

    _shape = shape
    """As programs of TF1 name it that look behind the tensor."""

    def get_shape(self) -> TensorShape:
        return TensorShape(self.static)

    def set_shape(self, shape: object) -> None:
        """Adds what ``shape`` knows to the static shape. Raises InvalidValue if they differ."""
        self.static = merge(self.static, TensorShape(shape).tuple)

    def consumers(self) -> list[Node]:
        """The nodes that have it as an input, each once, in graph order."""
        return list(dict.fromkeys(self.uses))

    @property
    def input_name(self) -> str:
        """The name as it stands in a GraphDef's inputs: ``a`` or ``a:1``."""
        return self.op.name if self.value_index == 0 else f"{self.op.name}:{self.value_index}"

    __hash__ = object.__hash__

    def __repr__(self) -> str:
        return f"<tf.Tensor {self.name!r} shape={TensorShape(self.static)} dtype={self.dtype.name}>"

    def __str__(self) -> str:
        shape = f", shape={TensorShape(self.static)}" if self.static is not None else ""
        device = f", device={self.op.device}" if self.op.device else ""
        return f'Tensor("{self.name}"{shape}, dtype={self.dtype.name}{device})'

    def __bool__(self) -> bool:
        raise Undecided("a tensor has no truth value before the graph runs",
                        hint="use tf.cond, tf.where or tf.logical_and")

    def __iter__(self) -> Iterator[Any]:
        raise InvalidType(f"a tensor cannot be iterated before the graph runs: {self.name}",
                          hint="tf.unstack or tf.map_fn")


class Node:
    """One op of a graph (tf.Operation)."""

    __slots__ = ("graph", "name", "type", "inputs", "control_inputs", "attrs", "device", "outputs",
                 "opdef", "span", "number", "control_uses", "origin", "flow", "__weakref__", "__dict__")

    def __init__(self, graph: Graph, name: str, type: str, inputs: tuple[Tensor, ...],
                 control_inputs: tuple[Node, ...], attrs: dict[str, Any], device: str,
                 dtypes: Sequence[DType], opdef: OpDef | None, span: Span | None) -> None:
        self.graph = graph
        self.name = name
        self.type = type
        self.inputs = inputs
        self.control_inputs = control_inputs
        self.attrs = attrs
        self.device = device
        self.opdef = opdef
        self.span = span
        self.number = len(graph.nodes)
        self.control_uses: list[Node] = []
        self.origin: Any = None
        self.flow: Any = None
        self.outputs = [Tensor(self, i, d) for i, d in enumerate(dtypes)]

    def get_attr(self, name: str) -> Any:
        """The value of an attr, text as bytes; the op's default where the node has none (Operation.get_attr)."""
        known = {} if self.opdef is None else self.opdef.defaults
        if name not in self.attrs and name not in known:
            raise InvalidValue(f"{self.name} ({self.type}) has no attr {name!r}", hint=did_you_mean(name, self.attrs))
        value = self.attrs[name] if name in self.attrs else known[name]
        if isinstance(value, list):
            return [_as_bytes(v) for v in value]
        return _as_bytes(value)

    @property
    def op_def(self) -> OpDef | None:
        return self.opdef

    def values(self) -> tuple[Tensor, ...]:
        return tuple(self.outputs)

    def colocation_groups(self) -> list[bytes]:
        """The groups of ops that stand on one device with this one; its own if no other names it."""
        named = [c if isinstance(c, bytes) else c.encode() for c in self.attrs.get("_class") or ()]
        groups = [c for c in named if c.startswith(b"loc:@")]
        return groups or [b"loc:@" + self.name.encode()]

    def input_names(self) -> list[str]:
        """As a GraphDef writes them: ``a``, ``a:1``, ``^c``."""
        return [t.input_name for t in self.inputs] + [f"^{n.name}" for n in self.control_inputs]

    __hash__ = object.__hash__

    def __repr__(self) -> str:
        return f"<tf.Operation {self.name!r} type={self.type}>"

    __str__ = __repr__


def _as_bytes(value: Any) -> Any:
    return value.encode() if isinstance(value, str) else value


def _wanted(tensor: bool, operation: bool) -> str:
    return " or ".join(["a tensor"] * tensor + ["an operation"] * operation)


class Graph(Surface, Edits):
    """Nodes by name in the order in which they were made, collections and scopes."""

    def __init__(self, name: str = "graph") -> None:
        self.title = name
        self.nodes: dict[str, Node] = {}
        self.names = NameAuthority()
        self.collections = Collections()
        self.scopes = Scopes(self)
        self.seed: int | None = None
        self.seeds_given = 0
        self.store: Any = None
        self.finalized = False
        self.barred: tuple[set[Tensor], set[Node]] = (set(), set())
        """What may not be fed, and what may not be fetched."""
        self.versions: tuple[int, int, tuple[int, ...]] | None = None
        """Producer, min_consumer and bad_consumers of the file that it was read from."""
        self.functions: dict[str, Any] = {}
        """The functions that nodes call by name, as they stand in a GraphDef's library."""
        self.function_gradients: dict[str, str] = {}
        self.called: list[Any] = []
        """The functions of the program that nodes call; they live as long as the graph."""

    def create_node(self, type: str, inputs: Sequence[Tensor], dtypes: Sequence[DType],
                    attrs: dict[str, Any] | None = None, name: str | None = None,
                    opdef: OpDef | None = None, infer: bool = True) -> Node:
        """Adds a node. ``name`` ending in ``/`` is taken as it is, another is made unique.

        Devices, control inputs and colocation are those of the scopes that are open.
        Raises InvalidValue for a name, InvalidValue or InvalidType of the op's own inference.
        """
        self.check_not_finalized()
        for tensor in inputs:
            if tensor.op.graph is not self:
                raise InvalidValue(f"{tensor.name} is not an element of this graph: it is of graph "
                                   f"{tensor.op.graph.title!r}", self.scopes.span,
                                   hint="a tensor can be used only in the graph that made it")
        name = name or type
        scopes = self.scopes
        full = name[:-1] if name[-1] == "/" else scopes.unique_name(name)
        check_op_name(full)
        attrs = {} if attrs is None else attrs
        span = scopes.span
        if scopes.around and span is not None and not span.around:
            span = span.within(scopes.around)
        node = Node(self, full, type, tuple(inputs), scopes.control_inputs(inputs), attrs,
                    scopes.device_name, dtypes, opdef, span)
        node.origin = scopes.origin
        node.flow = scopes.flow
        if scopes.attrs:
            node.attrs = {**scopes.attrs, **node.attrs}
        if scopes.overrides and type in scopes.overrides:
            node.attrs = {"_gradient_op_type": scopes.overrides[type], **node.attrs}
        if scopes.device_stack:
            scopes.place(node)
        if scopes.colocation:
            scopes.colocate(node)
        if infer and opdef is not None:
            try:
                opdef.infer_into(node)
            except GraphError as error:
                error.at(node.span)
                raise
        self.insert(node)
        scopes.created(node)
        return node

    def insert(self, node: Node) -> None:
        """Takes in a finished node, in step with its inputs' consumers."""
        if node.name in self.nodes:
            raise InvalidValue(f"the graph already has a node {node.name!r}")
        self.nodes[node.name] = node
        for tensor in node.inputs:
            tensor.uses.append(node)
        for other in node.control_inputs:
            other.control_uses.append(node)

    def holds(self, other: Graph) -> bool:
        """Whether ops here may take tensors of that graph: a function's those of the graphs around it too."""
        return other is self

    def __iter__(self) -> Iterator[Node]:
        return iter(self.nodes.values())

    def __len__(self) -> int:
        return len(self.nodes)

    def as_graph_element(self, thing: Any, allow_tensor: bool = True, allow_operation: bool = True) -> Any:
        """A Tensor or Node of this graph from itself or its name (Graph.as_graph_element)."""
        if isinstance(thing, str):
            named = parse_tensor_name(thing)[1] is not None
            if not (allow_tensor if named else allow_operation):
                raise InvalidValue(f"{thing!r} is the name of {'a tensor' if named else 'an operation'}, "
                                   f"where {_wanted(allow_tensor, allow_operation)} is wanted")
            return self.get_tensor_by_name(thing) if named else self.get_operation_by_name(thing)
        convert = getattr(thing, "_as_graph_element", None)
        element: Any = convert() if convert else thing
        if not isinstance(element, (Tensor, Node)):
            raise InvalidType(f"{said(thing)} is neither a tensor nor an operation")
        if not (allow_tensor if isinstance(element, Tensor) else allow_operation):
            raise InvalidType(f"{said(thing)} is not {_wanted(allow_tensor, allow_operation)}")
        if element.graph is not self:
            raise InvalidValue(f"{element.name} is not an element of this graph: it is of graph "
                               f"{element.graph.title!r}")
        return element

    def as_default(self) -> AbstractContextManager[Graph]:
        from .default import use_graph

        return use_graph(self)

    def __repr__(self) -> str:
        return f"<Graph {self.title!r} of {len(self.nodes)} nodes>"
