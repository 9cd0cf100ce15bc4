"""Eager: each statement's nodes run as soon as they are made (define by run).

The numbers are those of one step that fetches everything (define and run): a reader that nothing
orders after a write sees the variable as it was before it, so a variable keeps its values of this
step; an initializer runs once, when its variable appears, and not as a part of the step.
"""
from __future__ import annotations

from collections.abc import Iterable, Mapping
from itertools import islice
from typing import Any

import numpy as np

from ..errors import RunError
from ..graph.blas import alone
from ..graph.flow import FLOW, MERGE, NEXT
from ..graph.graph import Graph, Node, Tensor
from ..graph.quiet import quietly
from ..passes.effects import ALIASES, FIRST, READERS, VARIABLES, Effects, by_references
from ..passes.flow import Region, regions
from ..passes.order import topological
from ..passes.prune import INPUTS, needed
from .again import opened_again
from .failures import dead, failed, not_fed, uninitialized, written_to
from .feeds import convert
from .fetches import Fetches, element, is_variable
from .flow import DEAD, FlowKernel
from .handed import on_host
from .session import Session
from .sizes import checked


class NotRun(Exception):
    """A value that was not computed, for it needs a placeholder that was not fed."""

    def __init__(self, placeholder: Node) -> None:
        super().__init__(placeholder.name)
        self.placeholder = placeholder


class EagerRunner:
    """Runs a graph while it is built.

    feeds: values by handle, node or tensor name. Call ``statement`` after each statement, and
    ``fetch`` at the end; ``session`` holds the variables, for further steps.
    """

    def __init__(self, graph: Graph, feeds: Mapping[str, Any] | None = None, seed: int | None = None) -> None:
        self.graph = graph
        self.session = Session(graph, seed=seed, soft_placement=True)
        self.feeds = dict(feeds or {})
        self.fed: dict[Tensor, Any] = {}
        self.values: dict[Tensor, Any] = {}
        self.position = 0
        self.variables = 0
        self.effects = Effects((), frozenset())
        self.ran: set[Node] = set()
        self.missing: dict[Node, Node] = {}
        self.skipped: set[Node] = set()
        self.region_of: dict[Node, Region] = {}
        self.history: dict[Node, list[tuple[Node | None, Any]]] = {}
        """variable -> (writer, value after it), this step's, the initial value first."""
        self.writers: dict[Node, frozenset[Node]] = {}
        """node -> the nodes at or before it, by data and control inputs, that write a variable."""

    def statement(self, name: str | None = None, value: Any = None) -> Any:
        """Runs the nodes made since the last call. ``name``: the handle that ``value`` was bound to.

        Returns the value as ``fetch`` does. Raises RunError for a node that fails, NotRun if the value
        needs a placeholder that was not fed.
        """
        new = list(islice(self.graph.nodes.values(), self.position, None))
        new = topological(new, _before(new))
        self.position += len(new)
        if name is not None and isinstance(value, Tensor):
            self._feed(name, value)
        for node in new:
            self._take_in(node)
        fresh = self.session.variables()[self.variables:]
        self.variables += len(fresh)
        initializers = [getattr(v.initializer, "op", v.initializer) for v in fresh]
        if initializers:
            inside = set(new)
            self.skipped.update(n for n in needed(initializers, frozenset()).nodes if n in inside)
            self._initialize(fresh)
        self._find_regions([n for n in new if n not in self.skipped])
        with quietly():
            for node in new:
                if node not in self.skipped and node not in self.ran:
                    try:
                        self._run(node)
                    except NotRun:
                        continue
        return None if value is None else self.fetch(value)

    def fetch(self, thing: Any) -> Any:
        """The value of a handle, tensor, variable or nesting of them; a node's is None.

        Raises NotRun where it needs a placeholder that was not fed.
        """
        fetches = Fetches(thing, lambda t: element(self.graph, t), True)
        with quietly():
            return fetches.rebuild([self._leaf(leaf) for leaf in fetches.leaves])

    def explain(self, error: NotRun, thing: Any) -> RunError:
        """What must be fed for ``thing`` to have a value, as ``Session.run`` says it."""
        targets = [t for t in Fetches(thing, lambda t: element(self.graph, t), True).leaves if not is_variable(t)]
        return not_fed([error.placeholder], needed(targets, frozenset(self.fed)))

    def close(self) -> None:
        self.session.close()

    # -- inside

    def _feed(self, name: str, tensor: Tensor) -> None:
        if name in self.feeds and tensor not in self.fed:
            self.fed[tensor] = self.values[tensor] = convert(tensor, self.feeds[name])

    def _take_in(self, node: Node) -> None:
        for tensor in node.outputs:
            for name in ((node.name, tensor.name) if tensor.value_index == 0 else (tensor.name,)):
                self._feed(name, tensor)
        self.effects.add(node)
        for tensor in node.outputs:
            if tensor in self.fed:
                self.effects.live.pop(tensor, None)
        before = [self.writers.get(t.op, frozenset()) for t in node.inputs]
        before += [self.writers.get(c, frozenset()) for c in node.control_inputs]
        own = frozenset((node,)) if node in self.effects.writes else frozenset()
        self.writers[node] = own.union(*before)

    def _initialize(self, variables: Iterable[Any]) -> None:
        session = self.session
        feeds = {t: v for t, v in self.fed.items() if t.op.type in INPUTS}
        initializers = [getattr(v.initializer, "op", v.initializer) for v in variables]
        session.plans.call(session.plans.prepared(initializers, list(feeds), True), list(feeds.values()))
        for variable in variables:
            node = variable.op
            self.history[node] = [(None, on_host(session.state.slot(node).value))]

    def _leaf(self, leaf: Any) -> Any:
        if isinstance(leaf, Node):
            if leaf not in self.ran and leaf not in self.skipped:
                self._run(leaf)
            return None
        if isinstance(leaf, Tensor):
            return on_host(np.asarray(self._operand(leaf, leaf.op)))
        slot = self.session.state.slot(leaf.op)
        if slot.value is None:
            raise uninitialized(leaf.op)
        return on_host(slot.value)

    def _operand(self, tensor: Tensor, user: Node) -> Any:
        """The value of a tensor as ``user`` is to see it."""
        if tensor in self.fed:
            return self.fed[tensor]
        live = self.effects.live.get(tensor)
        if live is not None:
            if live[1]:
                if tensor.op in self.effects.writes and tensor.op not in self.ran:
                    self._run(tensor.op)
                return self._version(live[0], user)
            return self._compute(tensor.op, user)[tensor.value_index]
        if tensor not in self.values:
            self._run(tensor.op)
        if tensor not in self.values:
            raise dead(tensor)
        return self.values[tensor]

    def _find_regions(self, nodes: list[Node]) -> None:
        """Finds what has to run as one among new nodes."""
        if not any(n.type in FLOW for n in nodes):
            return
        if again := self._opened_again(nodes):
            nodes = [*again, *nodes]
            nodes = topological(nodes, _before(nodes))
        for region in regions(nodes, _before(nodes), frozenset(self.fed)):
            self.region_of.update(dict.fromkeys(region.nodes, region))

    def _opened_again(self, nodes: list[Node]) -> list[Node]:
        """The nodes that have run and have to run once more with new ones. Raises RunError where they cannot."""
        found = opened_again(nodes, self.region_of, self.effects, self.ran, self.values)
        self.ran.difference_update(found)
        for node in found:
            for tensor in node.outputs:
                self.values.pop(tensor, None)
        return list(found)

    def _run_region(self, region: Region) -> None:
        here = set(region.nodes)
        effects, slot = self.effects, self.session.state.slot
        written = {v for n in region.nodes for v in effects.writes.get(n, ())}
        ordered: frozenset[Node] = frozenset().union(*[self.writers[n] for n in region.nodes])
        for node in region.nodes:
            for other in node.control_inputs:
                if other not in here and other not in self.ran and other not in self.skipped:
                    self._run(other)
        values = []
        for tensor in region.outside:
            live = effects.live.get(tensor)
            if live is None or not live[1]:
                values.append(self._operand(tensor, region.nodes[0]))
            elif live[0] in written:
                values.append(slot(live[0]))
            else:
                values.append(self._version(live[0], region.nodes[0], ordered))
        backend = self.session.plans.backend(self.session.placement().device(region.nodes[0]))
        exports = [t for n in region.nodes for t in n.outputs]
        run = FlowKernel(region, exports, lambda n: backend.kernel(n, self.session.state), slot, partly=True)
        with alone(region.nodes):
            found = run(*values)
        for tensor, value in zip(exports, found):
            if value is not DEAD and tensor not in effects.live:
                self.values.setdefault(tensor, value)
        self.ran.update(region.nodes)
        for node in region.nodes:
            for variable in effects.writes.get(node, ()):
                self.history.setdefault(variable, []).append((node, on_host(slot(variable).value)))

    def _version(self, variable: Node, user: Node, ordered: frozenset[Node] | None = None) -> Any:
        """The variable's value after the last write that is ordered before ``user``."""
        history = self.history.get(variable)
        if not history:
            raise uninitialized(variable, user)
        before = self.writers[user] if ordered is None else ordered
        for writer, value in reversed(history):
            if writer is None or writer in before:
                return value
        return history[0][1]

    def _run(self, node: Node) -> None:
        if node in self.ran:
            return
        if node in self.missing:
            raise NotRun(self.missing[node])
        kind = node.type
        refused = written_to([node], self.fed.keys()) if self.fed else None
        if refused is not None:
            raise refused
        try:
            if node in self.region_of:
                self._run_region(self.region_of[node])
                return
            for other in node.control_inputs:
                if other not in self.ran and other not in self.skipped:
                    self._run(other)
            if kind in ("Placeholder", "PlaceholderV2"):
                if node.outputs[0] not in self.fed:
                    raise NotRun(node)
            elif kind == "TemporaryVariable":
                self._compute(node, node)
            elif kind not in VARIABLES and kind != "NoOp":
                live = self.effects.live
                if kind in ALIASES:
                    if node.outputs[0] not in live:
                        self.values.setdefault(node.outputs[0], self._operand(node.inputs[0], node))
                elif kind == "Const":
                    self.values.setdefault(node.outputs[0], node.attrs["value"])
                else:
                    for tensor, value in zip(node.outputs, self._compute(node, node)):
                        if tensor not in live:
                            self.values.setdefault(tensor, value)
        except NotRun as error:
            self.missing[node] = error.placeholder
            raise
        self.ran.add(node)

    def _compute(self, node: Node, user: Node) -> list[Any]:
        """The outputs of a node, its variables as ``user`` sees them."""
        session = self.session
        opdef = node.opdef
        written = self.effects.writes.get(node, ())
        places = by_references(node) if written or node.type in READERS else [False] * len(node.inputs)
        slot = session.state.slot
        live = self.effects.live
        args = [slot(live[t][0]) if by_reference and t in live else self._operand(t, user)
                for t, by_reference in zip(node.inputs, places)]
        if opdef is None or opdef.kernel is None:
            raise RunError(f"{node.name}: {node.type} has no kernel here", node.span)
        for variable in written:
            if slot(variable).value is None and node.type not in FIRST:
                raise uninitialized(variable, node)
        kernel = checked(node, session.plans.backend(session.placement().device(node)).kernel(node, session.state),
                         session.state)
        try:
            with alone([node]):
                result = kernel(*opdef.group(opdef.inputs, args, node.attrs))
        except Exception as error:
            raise failed(node, error, args) from error
        for variable in written:
            self.history.setdefault(variable, []).append((node, on_host(slot(variable).value)))
        if len(node.outputs) == 1 and not (opdef.outputs[0].is_list and type(result) in (list, tuple)):
            return [result]
        return list(result) if node.outputs else []


def _before(nodes: list[Node]) -> dict[Node, list[Node]]:
    """What each of these nodes waits for among them, the way back of loops apart."""
    here = set(nodes)
    return {n: [o for o in dict.fromkeys([t.op for t in n.inputs] + list(n.control_inputs))
                if o in here and not (n.type in MERGE and o.type in NEXT)] for n in nodes}
