"""The nodes of a GraphDef as nodes of a Graph (importer.import_graph_def of TensorFlow).

What the file says is data: names, inputs, attrs and cycles are checked before a node is made. An op that is
not known here is kept with its attrs; its outputs are as many as are used, of the dtypes that are known of them.
"""
from __future__ import annotations

import heapq
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from ..errors import GraphError, InvalidValue, did_you_mean
from ..graph import devices
from ..graph.flow import MERGE, NEXT
from ..graph.graph import Graph, Node, Tensor
from ..graph.names import VALID_OP_NAME
from ..graph.opdef import op_of
from .attrs import read_attrs
from .fit import MOST_OUTPUTS, fit
from .foreign import output_dtypes
from .shapes import settle
from .tensors import read_shape
from .write import SHAPES

MAX_NODES = 2_000_000


@dataclass(frozen=True)
class Limits:
    """What a file may ask for: nodes, and bytes of one constant."""

    max_nodes: int = MAX_NODES
    max_bytes: int | None = None


@dataclass
class Entry:
    """One NodeDef while it is read."""

    proto: Any
    inputs: list[tuple[str, int]] = field(default_factory=list)
    controls: list[str] = field(default_factory=list)
    used: int = 0
    """How many outputs other nodes use."""


def add_nodes(graph: Graph, message: Any, prefix: str = "", input_map: Mapping[str, Tensor | Node] | None = None,
              signatures: Mapping[str, Any] | None = None, limits: Limits = Limits(),
              ordered: bool = False) -> dict[str, Node]:
    """Adds the nodes of a GraphDef to a graph; returns them by the names that they have in it.

    prefix: put before every name, with a final ``/``. input_map: tensors in place of the file's, by the file's
    names (``a:0``, ``^a``). signatures: OpDefs of ops by name, for those not known here. A node whose name is taken
    gets another one (``a_1``). ordered: nodes come after what they take, as TensorFlow makes them, else in the
    file's order.

    Raises InvalidValue for a name that is none or is twice in the GraphDef, an input that is not there, a cycle, an
    attr that is missing, a shape that the op refuses; InvalidType for inputs of a wrong dtype.
    """
    return _Reader(graph, prefix, dict(input_map or {}), dict(signatures or {}), limits).read(message, ordered)


class _Reader:
    def __init__(self, graph: Graph, prefix: str, input_map: dict[str, Tensor | Node], signatures: dict[str, Any],
                 limits: Limits) -> None:
        self.graph = graph
        self.prefix = prefix
        self.input_map = {k if ":" in k or k.startswith("^") else f"{k}:0": v for k, v in input_map.items()}
        self.signatures = signatures
        self.limits = limits
        self.entries: dict[str, Entry] = {}
        self.placed: dict[str, str] = {}
        """The names in the graph, by those of the file."""
        self.made: dict[str, Node] = {}
        self.declared: dict[Tensor, Any] = {}

    def read(self, message: Any, ordered: bool = False) -> dict[str, Node]:
        if len(message.node) > self.limits.max_nodes:
            raise InvalidValue(f"a graph of {len(message.node):,} nodes, more than {self.limits.max_nodes:,}",
                               hint="--max-nodes allows more")
        self._names(message)
        self._inputs()
        back: list[tuple[str, int]] = []
        order = self._order(back)
        self.functions = {**self.graph.functions, **{f.signature.name: f for f in message.library.function}}
        for name in order:
            try:
                self.made[name] = self._node(name)
            except GraphError as error:
                error.message = f"node {name!r} ({self.entries[name].proto.op}): {error.message}"
                error.args = (error.message,)
                raise
        # the way back of loops: its value is made after the Merge that takes it
        for name in order if ordered else self.entries:
            self.graph.insert(self._placed(name))
        made = {name: self.made[name] for name in self.entries}
        try:
            for name, index in back:
                source = self._tensor(*self.entries[name].inputs[index])
                self.graph.replace_input(self.made[name], index, source)
            settle(list(made.values()), self.declared)
        except GraphError:
            self.graph.discard(made.values())
            raise
        self.graph.scopes.imported(made)
        self._library(message)
        return made

    # -- names and edges

    def _names(self, message: Any) -> None:
        for proto in message.node:
            name = proto.name
            if not VALID_OP_NAME.match(name) and not (name.startswith("_") and VALID_OP_NAME.match(name[1:])):
                raise InvalidValue(f"{name!r} is not a valid op name" if name else "a node without a name")
            if not proto.op:
                raise InvalidValue(f"node {name!r} has no op type")
            if name in self.entries:
                raise InvalidValue(f"two nodes are called {name!r}")
            self.entries[name] = Entry(proto)
        there = _with_scopes(self.graph.nodes)
        arriving = _with_scopes(self.prefix + name for name in self.entries) if there else set()
        for name in self.entries:
            place = first = self.prefix + name
            count = 0
            while place in there or count and place in arriving:
                count += 1
                place = f"{first}_{count}"
            self.placed[name] = place

    def _inputs(self) -> None:
        for name, entry in self.entries.items():
            for text in entry.proto.input:
                if text.startswith("^"):
                    if text not in self.input_map:
                        self._known(text[1:], text, name)
                    entry.controls.append(text[1:])
                    continue
                if entry.controls:
                    raise InvalidValue(f"node {name!r}: its input {text!r} stands after a control input")
                head, colon, tail = text.rpartition(":")
                index = int(tail) if colon and tail.isdigit() and len(tail) < 7 else 0
                if not colon:
                    head = text
                elif not tail.isdigit() or len(tail) > 6:
                    raise InvalidValue(f"node {name!r}: {text!r} is no input; one looks like a, a:1 or ^a")
                entry.inputs.append((head, index))
                if f"{head}:{index}" not in self.input_map:
                    source = self._known(head, text, name)
                    source.used = max(source.used, index + 1)

    def _known(self, name: str, text: str, user: str) -> Entry:
        found = self.entries.get(name)
        if found is None:
            raise InvalidValue(f"node {user!r} has the input {text!r}, which is no node of the file",
                               hint=did_you_mean(name, self.entries) if len(self.entries) < 5000 else None)
        return found

    def _order(self, back: list[tuple[str, int]]) -> list[str]:
        """Names so that each comes after what it takes, else in the file's order; ``back``: inputs that come later."""
        number = {name: i for i, name in enumerate(self.entries)}
        names = list(self.entries)
        missing = [0] * len(names)
        after: list[list[int]] = [[] for _ in names]
        for name, entry in self.entries.items():
            here = number[name]
            sources = []
            for index, (head, output) in enumerate(entry.inputs):
                if f"{head}:{output}" in self.input_map:
                    continue
                if entry.proto.op in MERGE and self.entries[head].proto.op in NEXT:
                    back.append((name, index))
                else:
                    sources.append(head)
            sources += [c for c in entry.controls if f"^{c}" not in self.input_map]
            for source in sources:
                after[number[source]].append(here)
                missing[here] += 1
        ready = [i for i, m in enumerate(missing) if not m]
        out: list[str] = []
        while ready:
            at = heapq.heappop(ready)
            out.append(names[at])
            for other in after[at]:
                missing[other] -= 1
                if not missing[other]:
                    heapq.heappush(ready, other)
        if len(out) < len(names):
            stuck = [n for n, m in zip(names, missing) if m]
            raise InvalidValue(f"{len(stuck)} nodes wait for each other in a circle or behind one: "
                               f"{', '.join(map(repr, stuck[:3]))}{', …' if len(stuck) > 3 else ''}")
        return out

    # -- one node

    def _node(self, name: str) -> Node:
        entry, graph = self.entries[name], self.graph
        proto = entry.proto
        attrs = self._attrs(proto)
        shapes = self._declared_shapes(proto)
        inputs = tuple([self._tensor(*i, at=name) for i in entry.inputs])
        opdef = op_of(proto.op, self.functions)
        if opdef is not None:
            opdef = fit(opdef, attrs, inputs)
        if opdef is not None:
            dtypes = opdef.output_dtypes(attrs)
        else:
            least = max(entry.used, len(shapes or ()))
            if least > MOST_OUTPUTS:
                raise InvalidValue(f"its output {least - 1} is used, which is more than a node may have")
            dtypes = output_dtypes(proto.op, attrs, inputs, least, self.signatures.get(proto.op),
                                   told=shapes is not None and len(shapes) == least)
        if entry.used > len(dtypes):
            raise InvalidValue(f"its output {entry.used - 1} is used, but it has {len(dtypes)}")
        controls = dict.fromkeys(self._control(c) for c in entry.controls)
        node = Node(graph, self.placed[name], proto.op, inputs, tuple(controls), attrs, _device(proto.device), dtypes,
                    opdef, None)
        if shapes is not None:
            if len(shapes) != len(dtypes):
                raise InvalidValue(f"{SHAPES} has {len(shapes)} shapes for {len(dtypes)} outputs")
            self.declared.update(zip(node.outputs, shapes))
        return node

    def _placed(self, name: str) -> Node:
        node = self.made[name]
        node.number = len(self.graph.nodes)
        self.graph.names.unique(node.name)
        return node

    def _attrs(self, proto: Any) -> dict[str, Any]:
        attrs = read_attrs(proto.attr, self.limits.max_bytes, without=SHAPES)
        group = attrs.get("_class", [])
        if not isinstance(group, list) or not all(isinstance(g, (str, bytes)) for g in group):
            raise InvalidValue(f"attr '_class' is {group!r}, where a value of kind list(string) is wanted")
        if group:
            attrs["_class"] = [f"loc:@{self.placed[g[5:]]}" if isinstance(g, str) and g.startswith("loc:@")
                               and g[5:] in self.entries else g for g in group]
        return attrs

    @staticmethod
    def _declared_shapes(proto: Any) -> list[Any] | None:
        given = proto.attr[SHAPES] if SHAPES in proto.attr else None
        if given is None or given.WhichOneof("value") != "list":
            return None
        return [read_shape(s) for s in given.list.shape]

    def _tensor(self, head: str, index: int, at: str = "") -> Tensor:
        mapped = self.input_map.get(f"{head}:{index}")
        if isinstance(mapped, Tensor):
            return mapped
        found = self.made.get(head)
        if found is None:
            # the way back of a loop: what enters it stands in until it is made
            entry = self.entries[at]
            for other, output in entry.inputs:
                if other in self.made or f"{other}:{output}" in self.input_map:
                    return self._tensor(other, output)
            raise InvalidValue("nothing enters the loop")
        if index >= len(found.outputs):
            raise InvalidValue(f"its input {head}:{index} is not there: {head!r} has {len(found.outputs)} outputs")
        return found.outputs[index]

    def _control(self, name: str) -> Node:
        mapped = self.input_map.get(f"^{name}")
        if mapped is None:
            return self.made[name]
        return mapped if isinstance(mapped, Node) else mapped.op

    def _library(self, message: Any) -> None:
        graph = self.graph
        for function in message.library.function:
            graph.functions[function.signature.name] = function
        for gradient in message.library.gradient:
            graph.function_gradients[gradient.function_name] = gradient.gradient_func
        if graph.versions is None and message.HasField("versions"):
            v = message.versions
            graph.versions = (v.producer, v.min_consumer, tuple(v.bad_consumers))


def _device(text: str) -> str:
    if not text:
        return ""
    try:
        return devices.canonical(text)
    except GraphError:
        return text


def _with_scopes(names: Iterable[str]) -> set[str]:
    """The names, and those of the scopes around them."""
    out: set[str] = set()
    for name in names:
        while name and name not in out:
            out.add(name)
            name = name.rpartition("/")[0]
    return out
