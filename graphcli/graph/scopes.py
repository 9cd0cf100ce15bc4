"""What is open around a node while it is made: name scope, devices, control inputs, colocation.

One object per graph; every ``with`` puts a new value in place and gives the old one back.
"""
from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from ..errors import InvalidType, said
from ..source import Around, Span
from . import devices
from .names import check_scope_name

if TYPE_CHECKING:
    from .graph import Graph, Node, Tensor


class ControlBlock:
    """One ``control_dependencies``: its inputs, and which ops have been made inside it."""

    __slots__ = ("inputs", "seen", "context")

    def __init__(self, inputs: tuple[Node, ...]) -> None:
        self.inputs = inputs
        self.seen: set[Node] = set()


class Scopes:
    """The stacks of one graph.

    span: the place in the user's file that nodes made now come from; around: what led there (``Span.around``).
    origin: who makes nodes now, e.g. 'gradients', for tools that hide them; None is the user.
    flow: the control flow context (cond, while), None outside; its ``add(node)`` sees each new node.
    creators: the functions that are asked for new variables, the innermost last.
    """

    def __init__(self, graph: Graph) -> None:
        self.graph = graph
        self.name = ""
        self.device_name = ""
        self.device_stack: tuple[Any, ...] = ()
        self._hidden: tuple[str, tuple[Any, ...]] | None = None
        """The devices that a colocation left out; ``_bare``: none was opened inside it."""
        self._bare = False
        self.controls: tuple[ControlBlock, ...] = ()
        self.colocation: tuple[Node, ...] = ()
        self.attrs: dict[str, Any] = {}
        self.overrides: dict[str, str] = {}
        self.span: Span | None = None
        self.around: Around = ()
        self.origin: str | None = None
        self.flow: Any = None
        self.creators: tuple[Any, ...] = ()

    def unique_name(self, name: str, mark: bool = True) -> str:
        return self.graph.names.unique(f"{self.name}/{name}" if self.name else name, mark)

    def enter_name(self, name: str | None) -> str:
        """Opens a name scope without a ``with``: returns the old one, to be put back in ``.name``."""
        old = self.name
        if not name:
            self.name = ""
        elif name[-1] == "/":
            self.name = name[:-1]
        else:
            check_scope_name(name, not old)
            self.name = self.graph.names.unique(f"{old}/{name}" if old else name)
        return old

    @contextmanager
    def name_scope(self, name: str | None) -> Iterator[str]:
        """``a`` opens a new unique scope, ``a/`` enters one again, None or '' leaves them all."""
        old = self.enter_name(name)
        try:
            yield self.name + "/" if self.name else ""
        finally:
            self.name = old

    @contextmanager
    def device(self, device: Any) -> Iterator[None]:
        """``device(None)`` clears; a string is merged into what is around it; a function is asked for each node."""
        old, old_stack, bare = self.device_name, self.device_stack, self._bare
        if device is None:
            self.device_name, self.device_stack = "", ()
        elif isinstance(device, str):
            self.device_name, self.device_stack = devices.merge(old, device), (*old_stack, device)
        elif callable(device):
            self.device_stack = (*old_stack, device)
        else:
            raise InvalidType(f"a device is a string, a function of an op, or null, not {said(device)}")
        self._bare = False
        try:
            yield
        finally:
            self.device_name, self.device_stack, self._bare = old, old_stack, bare

    @contextmanager
    def settled(self) -> Iterator[None]:
        """What a colocation hid so far is out of ``lifted``'s reach, as where a graph becomes the default again."""
        old = self._hidden, self._bare
        self._hidden, self._bare = None, False
        try:
            yield
        finally:
            self._hidden, self._bare = old

    @contextmanager
    def lifted(self) -> Iterator[None]:
        """Without control inputs, and on the devices around a colocation in which none is open (tf.init_scope)."""
        old = self.device_name, self.device_stack, self._hidden, self._bare
        if self._bare and self._hidden is not None:
            self.device_name, self.device_stack = self._hidden
            # a colocation inside finds nothing outside of it but this one, which has no devices
            self._hidden = "", ()
        else:
            self._hidden = None
        self._bare = False
        try:
            with self.control_dependencies(None):
                yield
        finally:
            self.device_name, self.device_stack, self._hidden, self._bare = old

    def place(self, node: Node) -> None:
        """Asks the functions among the devices that are open, from the innermost on, where a node is to stand."""
        if not any(callable(entry) for entry in self.device_stack):
            return
        node.device = ""
        for entry in reversed(self.device_stack):
            if callable(entry):
                found = entry(node)
                text = found.to_string() if hasattr(found, "to_string") else found
                if not isinstance(text, (str, bytes)):
                    raise InvalidType(f"a function of tf.device gives a string for each op, not {said(found)}",
                                      hint="'' asks for nothing")
                node.device = text.decode() if isinstance(text, bytes) else text
                devices.parse(node.device)
            else:
                node.device = devices.merge(entry, node.device)

    @contextmanager
    def control_dependencies(self, control_inputs: Iterable[Any] | None) -> Iterator[None]:
        """Ops made inside run after ``control_inputs``; None clears, control flow included."""
        old, old_flow = self.controls, self.flow
        if control_inputs is None:
            self.controls, self.flow = (), None
        else:
            nodes: list[Node] = []
            # what a block around this one waits for is not waited for again, even where that block adds nothing
            around = {node for block in old for node in block.inputs}
            for item in control_inputs:
                # of a resource variable the op that made or wrote it, not the tensor that stands for it
                # (IndexedSlices and ragged tensors: the op of their values)
                rows = hasattr(item, "dense_shape") and not hasattr(item, "components")
                ours = rows or hasattr(item, "handle") or hasattr(item, "nested_row_splits")
                element = item.op if ours else self.graph.as_graph_element(item)
                node = getattr(element, "op", element)
                # what stands outside of a function has run before it is called
                if node not in nodes and node not in around and node.graph is self.graph:
                    nodes.append(node)
            self.controls = old + (ControlBlock(tuple(nodes)),)
        try:
            yield
        finally:
            self.controls, self.flow = old, old_flow

    @contextmanager
    def colocate_with(self, op: Any, ignore_existing: bool = False) -> Iterator[None]:
        """Ops made inside stand where ``op`` stands; devices around are left out."""
        with self._unplaced():
            if ignore_existing:
                self.colocation = ()
            if op is not None:
                element = op.handle.op if hasattr(op, "handle") else self.graph.as_graph_element(op)
                self.colocation += (getattr(element, "op", element),)
            yield

    @contextmanager
    def beside(self, tensors: Iterable[Tensor]) -> Iterator[None]:
        """Ops made inside stand where these references do, as TensorFlow puts an op that writes to a variable."""
        with self._unplaced():
            self.colocation += tuple(t.op for t in tensors)
            yield

    @contextmanager
    def _unplaced(self) -> Iterator[None]:
        """Without the devices around; what the colocation becomes inside is undone."""
        old = self.colocation, self.device_name, self.device_stack, self._hidden, self._bare
        if self._hidden is None:
            self._hidden = self.device_name, self.device_stack
        self.device_name, self.device_stack, self._bare = "", (), True
        try:
            yield
        finally:
            self.colocation, self.device_name, self.device_stack, self._hidden, self._bare = old

    @contextmanager
    def with_gradients(self, by_type: dict[str, str]) -> Iterator[None]:
        """Ops made inside name the gradient of their type (Graph.gradient_override_map)."""
        if not isinstance(by_type, dict):
            raise InvalidType(f"op_type_map is a dictionary from op types to gradients, not {said(by_type)}")
        for name in [*by_type, *by_type.values()]:
            if not isinstance(name, str):
                raise InvalidType(f"a gradient is named by a string, not {said(name)}")
        old = self.overrides
        self.overrides = {**old, **by_type}
        try:
            yield
        finally:
            self.overrides = old

    @contextmanager
    def with_attrs(self, attrs: dict[str, Any]) -> Iterator[None]:
        """Ops made inside have these attrs where they have none of their own (Graph._attr_scope)."""
        old = self.attrs
        self.attrs = {**old, **attrs}
        try:
            yield
        finally:
            self.attrs = old

    @contextmanager
    def placed(self, span: Span | None) -> Iterator[None]:
        """Nodes made inside come from ``span``."""
        old = self.span
        self.span = span or old
        try:
            yield
        finally:
            self.span = old

    @contextmanager
    def made_by(self, origin: str) -> Iterator[None]:
        """Nodes made inside are marked as not the user's own."""
        old = self.origin
        self.origin = old or origin
        try:
            yield
        finally:
            self.origin = old

    def control_inputs(self, inputs: Sequence[Tensor]) -> tuple[Node, ...]:
        """The control inputs of a new node: none from a block that one of its inputs was made in."""
        if not self.controls:
            return ()
        input_nodes = {t.op for t in inputs}
        out: dict[Node, None] = {}
        for block in self.controls:
            if input_nodes.isdisjoint(block.seen):
                out.update((n, None) for n in block.inputs if n not in input_nodes)
        return tuple(out)

    def created(self, node: Node) -> None:
        for block in self.controls:
            block.seen.add(node)
        if self.flow is not None:
            self.flow.add(node)
            return
        for tensor in node.inputs:
            if tensor.op.flow is not None:
                tensor.op.flow.check(node)
                break

    def imported(self, nodes: Mapping[str, Node]) -> None:
        """Puts nodes that a GraphDef brings on the devices that are open and behind what is waited for, and gives them
        the attrs and gradients that ops have here.

        What is colocated stands where that stands, whatever is open.
        """
        devices_open, waited = self.device_stack, dict.fromkeys(n for block in self.controls for n in block.inputs)
        beside: list[Node] = []
        for node in nodes.values():
            if self.attrs:
                node.attrs = {**self.attrs, **node.attrs}
            if node.type in self.overrides:
                node.attrs["_gradient_op_type"] = self.overrides[node.type]
            for other in waited:
                self.graph.add_control_input(node, other)
            if self.colocation:
                node.device = ""
                self.colocate(node)
            elif devices_open and any(other != node.name for other in _stands_beside(node)):
                beside.append(node)
            elif devices_open:
                self.device_stack = (*devices_open, node.device) if node.device else devices_open
                node.device = devices.merge(self.device_name, node.device)
                self.place(node)
                self.device_stack = devices_open
        for node in beside:
            named = (self.graph.nodes.get(other) for other in _stands_beside(node) if other != node.name)
            node.device = next((n.device for n in named if n is not None and n.device), "")
        if self.flow is not None:
            for node in nodes.values():
                if node.flow is None:
                    node.flow = self.flow
                    self.flow.add(node)

    def colocate(self, node: Node) -> None:
        """Writes the group (``_class``) and takes the device of what it stands beside."""
        groups: list[str] = []
        for op in self.colocation:
            groups += op.attrs.get("_class") or [f"loc:@{op.name}"]
            if op.device:
                node.device = op.device
        node.attrs["_class"] = sorted(set(groups), key=lambda g: g if isinstance(g, bytes) else g.encode())


def _stands_beside(node: Node) -> list[str]:
    """The names of the nodes that it is colocated with."""
    return [group.decode()[5:] for group in node.colocation_groups() if group.startswith(b"loc:@")]
