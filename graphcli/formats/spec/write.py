"""A graph as the text of a spec: one statement to a node, or to what one readable call makes.

The readable forms are a promise that only building the spec can prove; ``plain`` names the nodes for which it did
not hold, and they are written op by op.
"""
from __future__ import annotations

from collections.abc import Set
from typing import Any

from ...errors import NotSupported
from ...graph.flow import MERGE
from ...graph.graph import Graph, Node, Tensor
from ...graph.opdef import OpDef, unlike
from ...tf1.opened import variable_of
from ...tf1.variables import Variable
from .attrs import attrs_of, shape
from .calls import call_of, is_word, variable_call
from .stand_in import StandIns
from .text import Raw, flow, scalar

CONTEXTS = ("cond_context", "while_context")
ENTRIES = ("Switch", "RefSwitch", "Enter", "RefEnter", "Identity", "RefIdentity")


def to_spec(built: Any, plain: Set[str] | None = None, shaped: Set[str] = frozenset()) -> str:
    """The text of a spec that builds the graph.

    built: an opened or built graph. plain: names of nodes to be written op by op, all if None. shaped: names of nodes
    whose static shapes are to be said. Raises NotSupported for what a spec cannot say: ops and attrs that are not
    known here, functions.
    """
    return _Writer(built, plain, shaped).text()


class _Writer:
    def __init__(self, built: Any, plain: Set[str] | None, shaped: Set[str]) -> None:
        self.built = built
        self.graph: Graph = built.graph
        self.plain = plain
        self.shaped = shaped
        self.used: set[str] = set()
        self.handles: dict[Tensor | Node, str] = {}
        self.words: set[str] = set()
        self.lines: list[str] = []
        self.done: set[Node] = set()
        self.order = list(self.graph)
        self.stated: set[Node] = set()
        self.keys_of = _keys_of_variables(self.graph)
        self.stand_ins = StandIns(self.order)

    def text(self) -> str:
        if self.graph.functions:
            raise NotSupported(f"the graph has functions, such as {next(iter(self.graph.functions))!r}; a spec has no "
                               "place for them", hint=".pb, .pbtxt and .meta keep them")
        variables = self._variables()
        for node in self.graph:
            if node not in self.done:
                self._statement(node, variables)
        name = str(self.built.name or "graph")
        head = [f"graph: {scalar(name)}"]
        seed = self.graph.seed
        if seed is not None:
            head.append(f"seed: {seed}")
        parts = head + (["ops:", *(f"  - {line}" for line in self.lines)] if self.lines else [])
        collections = self._collections()
        if collections:
            parts += ["collections:", *collections]
        outputs = [o for o in self.built.outputs if self._resolvable(o)]
        if outputs:
            parts.append(f"outputs: {flow(outputs)}")
        return "\n".join(parts) + "\n"

    def _resolvable(self, name: str) -> bool:
        return name.partition(":")[0] in self.graph.nodes

    # -- statements

    def _statement(self, node: Node, variables: dict[Node, Variable]) -> None:
        if self._may(node):
            found = self._variable(node, variables) or self._call(node)
            if found is not None:
                self.lines.append(found)
                return
        self.lines.append(self._op(node))
        self.done.add(node)
        self.used.add(node.name.lower())

    def _may(self, node: Node) -> bool:
        """Whether a readable form may be tried."""
        return (self.plain is not None and node.name not in self.plain and node.name not in self.shaped
                and node.name.lower() not in self.used and not node.control_inputs)

    def _variable(self, node: Node, variables: dict[Node, Variable]) -> str | None:
        """``get_variable`` for the nodes that it makes, of which this is the first."""
        found = variable_call(node, self.order)
        if found is None or any(n.name in (self.plain or ()) or n.name.lower() in self.used for n in found.nodes):
            return None
        variable = variables.get(found.variable)
        if variable is None:
            return None
        fields: dict[str, Any] = {"get_variable": found.variable.name, **found.fields}
        keys = self.keys_of.get(id(variable), [])
        usual = ["variables", "trainable_variables"]
        if sorted(keys) == sorted(usual):
            pass
        elif keys == ["variables"]:
            fields["trainable"] = False
        else:
            return None
        if found.variable.device:
            fields["device"] = found.variable.device
        self.done.update(found.nodes)
        self.stated.add(found.variable)
        self.used.update(n.name.lower() for n in found.nodes)
        if is_word(found.variable.name):
            self.words.add(found.variable.name)
            self.handles[found.variable.outputs[0]] = found.variable.name
            read = variable.value()
            self.handles[read] = found.variable.name
        return flow(fields)

    def _call(self, node: Node) -> str | None:
        """``name: EXPRESSION`` where one call makes the node and nothing else."""
        if any(t.op not in self.done for t in node.inputs):
            return None
        if not is_word(node.name) or node.device or "_class" in node.attrs or any(k[:1] == "_" for k in node.attrs):
            return None
        text = call_of(node, self._reference, self.words)
        if text is None:
            return None
        self.done.add(node)
        self.used.add(node.name.lower())
        self.handles[node.outputs[0]] = node.name
        self.words.add(node.name)
        return f"{node.name}: {_expression(text)}"

    # -- the op form

    def _op(self, node: Node) -> str:
        opdef = node.opdef
        if opdef is None:
            raise NotSupported(f"{node.name}: {unlike(node.type, node.attrs)[0]}; a spec cannot say it",
                               hint=".pb, .pbtxt and .meta keep it")
        exact = node.name.lower() in self.used
        fields: dict[str, Any] = {"op": node.type, "name": f"{node.name}/" if exact else node.name}
        if node.inputs:
            fields["inputs"] = self._inputs(node, opdef)
        attrs = attrs_of(node, opdef)
        if attrs:
            fields["attrs"] = attrs
        if node.control_inputs:
            fields["control_inputs"] = [self._operation(c) for c in node.control_inputs]
        if node.name in self.shaped:
            fields["shapes"] = [shape(t.static) for t in node.outputs]
        if node.device:
            fields["device"] = node.device
        if is_word(node.name) and not exact and node.outputs:
            many = len(node.outputs) > 1 or opdef.outputs[0].is_list
            for i, tensor in enumerate(node.outputs):
                self.handles[tensor] = f"{node.name}[{i}]" if many else node.name
            if many and len(opdef.outputs) > 1 and any(a.is_list for a in opdef.outputs):
                for tensor in node.outputs:
                    del self.handles[tensor]
            self.words.add(node.name)
            del fields["name"]
            return f"{node.name}: {flow(fields)}"
        return flow(fields)

    def _inputs(self, node: Node, opdef: OpDef) -> list[Any]:
        texts: list[Any] = []
        for tensor in node.inputs:
            if tensor.op in self.done:
                texts.append(Raw(scalar(self._reference(tensor))))
                continue
            instead = None if node.type in MERGE else self._stand_in(tensor)
            more = "" if instead is None else f", {self._reference(instead)}"
            texts.append(Raw(scalar(f"later('{tensor.input_name}'{more})")))
        return opdef.group(opdef.inputs, texts, node.attrs)

    def _stand_in(self, tensor: Tensor) -> Tensor | None:
        """What stands for a tensor that is made further below: control flow puts what lets a value in behind the node
        that takes it, and stacks of gradients too."""
        found = tensor
        while found.op not in self.done and found.op.inputs and found.op.type in ENTRIES:
            found = found.op.inputs[0]
        if found.op in self.done:
            return found
        return self.stand_ins.find(tensor, self.done)

    def _reference(self, tensor: Tensor) -> str:
        """An expression for a tensor: its handle, else by its name. A variable's handle stands for its read."""
        found = self.handles.get(tensor)
        if found is None or tensor.dtype.is_ref:
            return f"tensor('{tensor.input_name}')"
        return found

    def _operation(self, node: Node) -> Raw:
        word = "operation" if node in self.done else "later"
        return Raw(scalar(f"{word}('{node.name}')"))

    # -- variables and collections

    def _variables(self) -> dict[Node, Variable]:
        out: dict[Node, Variable] = {}
        for key in self.graph.get_all_collection_keys():
            for item in self.graph.get_collection(key):
                if isinstance(item, Variable):
                    out.setdefault(item.op, item)
        return out

    def _collections(self) -> list[str]:
        """The collections, less what ``get_variable`` puts into them itself."""
        lines = []
        for key in self.graph.get_all_collection_keys():
            items = self.graph.get_collection(key)
            if key in CONTEXTS:
                continue
            members = [self._member(key, i) for i in items
                       if not (isinstance(i, Variable) and i.op in self.stated
                               and key in ("variables", "trainable_variables"))]
            if members:
                lines.append(f"  {scalar(key)}: {flow(members)}")
        return lines

    def _member(self, key: str, item: Any) -> Any:
        if isinstance(item, Variable):
            return Raw(scalar(_variable_text(item)))
        if isinstance(item, Node):
            return self._operation(item)
        if isinstance(item, Tensor):
            return Raw(scalar(f"tensor('{item.name}')"))
        if hasattr(item, "_as_tensor") and isinstance(getattr(item, "name", None), str):
            return Raw(scalar(f"tensor('{item.name}')"))
        if isinstance(item, (bool, int, float)) or item is None:
            return item
        if isinstance(item, str):
            return Raw(scalar(repr(item).replace("${", "\\x24{")))
        if type(item) is list:
            return [self._member(key, i) for i in item]
        if type(item) is dict and all(isinstance(k, str) and "${" not in k for k in item):
            return {k: self._member(key, i) for k, i in item.items()}
        raise NotSupported(f"collection {key!r} holds a {type(item).__name__}, which a spec cannot say")


def _variable_text(variable: Variable) -> str:
    usual = variable_of(variable.op)
    more = "" if variable.trainable else ", trainable=False"
    if usual is None or usual.initializer is not variable.initializer:
        more += f", initializer='{variable.initializer.name}'"
    if usual is None or usual._snapshot is not variable._snapshot:
        more += f", snapshot='{variable._snapshot.name}'"
    return f"variable('{variable.op.name}'{more})"


def _expression(text: str) -> str:
    """An expression as a YAML scalar in block style."""
    if text[0] in "'\"[]{}&*!|>%@`#,?-~" or ": " in text or " #" in text:
        return scalar(text)
    return text


def _keys_of_variables(graph: Graph) -> dict[int, list[str]]:
    """The collections in which each variable is, by its ``id``."""
    out: dict[int, list[str]] = {}
    for key in graph.get_all_collection_keys():
        for item in graph.get_collection(key):
            if isinstance(item, Variable) and key not in (found := out.setdefault(id(item), [])):
                found.append(key)
    return out
