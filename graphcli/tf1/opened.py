"""The variable that nodes of a graph make up, as TensorFlow makes them: for graphs that were opened."""
from __future__ import annotations

from weakref import WeakKeyDictionary

from ..errors import InvalidValue
from ..graph.graph import Graph, Node
from .resource_variable import ResourceVariable
from .variables import Variable

REFERENCES = ("VariableV2", "Variable")
HANDLES = ("VarHandleOp",)
FIRST = ("Assign", "AssignVariableOp")


def variable_of(node: Node) -> Variable | None:
    """The variable of its node, None if nothing gives it a first value: that is ``w/Assign``, else the first there is.
    It is read by ``w/read``, else by the first Identity."""
    head = node.outputs[0]
    users = head.consumers()
    assign = _one(users, f"{node.name}/Assign", FIRST)
    if assign is None:
        return None
    initial = assign.inputs[1] if len(assign.inputs) > 1 else None
    if node.type in HANDLES:
        read = _one(users, f"{node.name}/Read/ReadVariableOp", ("ReadVariableOp",))
        return ResourceVariable.of_nodes(head, assign, read.outputs[0] if read else head, initial)
    read = _one(users, f"{node.name}/read", ("Identity",))
    return Variable.of_nodes(head, assign, read.outputs[0] if read else head, initial)


def variable_by_name(graph: Graph, name: str, trainable: bool = True, initializer: str | None = None,
                     snapshot: str | None = None) -> Variable:
    """The variable whose node has this name: the one that a collection holds, else one of the nodes that are there.

    initializer, snapshot: the names of its first assignment and of its read, where they are other than usual.
    Raises NotFound or InvalidValue if the nodes are not there.
    """
    node = graph.get_operation_by_name(name.removesuffix(":0"))
    held = _collected(graph).find(node)
    if held is not None:
        return held
    if node.type not in REFERENCES + HANDLES:
        raise InvalidValue(f"{name} is no variable, but {node.type}")
    found = variable_of(node)
    if initializer is not None or snapshot is not None or found is None:
        if initializer is None:
            raise InvalidValue(f"the variable {name} has no first assignment", hint="initializer= names it")
        assign = graph.get_operation_by_name(initializer)
        kind = ResourceVariable if node.type in HANDLES else Variable
        read = node.outputs[0] if snapshot is None else graph.get_tensor_by_name(snapshot)
        found = kind.of_nodes(node.outputs[0], assign, read, assign.inputs[1] if len(assign.inputs) > 1 else None)
    found.trainable = bool(trainable)
    return found


class _Collected:
    """The variables in a graph's collections by their nodes' names. Each item is looked at once: collections grow."""

    def __init__(self) -> None:
        self.seen: dict[str, int] = {}
        self.at: dict[str, tuple[str, int]] = {}

    def find(self, node: Node) -> Variable | None:
        """The variable of a node, None if no collection holds one."""
        for _ in range(2):
            self._look(node.graph)
            if node.name not in self.at:
                return None
            key, place = self.at[node.name]
            items = node.graph.get_collection_ref(key)
            item = items[place] if place < len(items) else None
            if isinstance(item, Variable) and item.op is node:
                return item
            self.seen, self.at = {}, {}
        return None

    def _look(self, graph: Graph) -> None:
        lists = {k: graph.get_collection_ref(k) for k in graph.get_all_collection_keys()}
        if any(len(lists.get(k, ())) < count for k, count in self.seen.items()):
            self.seen, self.at = {}, {}
        for key, items in lists.items():
            for place in range(self.seen.get(key, 0), len(items)):
                item = items[place]
                if isinstance(item, Variable):
                    self.at.setdefault(item.op.name, (key, place))
            self.seen[key] = len(items)


_graphs: WeakKeyDictionary[Graph, _Collected] = WeakKeyDictionary()


def _collected(graph: Graph) -> _Collected:
    return _graphs.setdefault(graph, _Collected())


def _one(users: list[Node], name: str, types: tuple[str, ...]) -> Node | None:
    """The user of one of these types, the one of this name first."""
    fitting = [u for u in users if u.type in types]
    return next((u for u in fitting if u.name == name), fitting[0] if fitting else None)
