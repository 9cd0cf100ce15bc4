"""A step in parts: each node runs once, and what later parts need of it is kept (Session.partial_run)."""
from __future__ import annotations

from collections.abc import Mapping, Set
from typing import TYPE_CHECKING, Any

from ..errors import BadState, InvalidArgument, NotSupported, RunError
from ..graph.graph import Node, Tensor
from ..graph.types import resource
from ..passes.effects import READERS, VARIABLES, references
from ..passes.prune import INPUTS, needed

if TYPE_CHECKING:
    from .session import Session


class InParts:
    """One step, of which ``fetches`` are asked for part by part, and ``feeds`` given as they are known."""

    def __init__(self, session: Session, fetches: Any, feeds: Any) -> None:
        session.plans.check()
        self.session = session
        self.open = {session.names.feedable(f) for f in feeds or ()}
        """What may be fed still."""
        self.asked = dict.fromkeys(_targets(session, fetches))
        """What may be fetched still."""
        if not self.asked:
            raise InvalidArgument("Must specify at least one target to fetch or execute.")
        self.nodes = set(needed(self.asked, self.open).nodes)
        self.values: dict[Tensor, Any] = {}
        self.done: set[Node] = set()
        self.over = False

    def run(self, fetches: Any, feed_dict: Mapping[Any, Any] | None) -> Any:
        """The values of some of the fetches. Raises InvalidArgument for one that was not announced or has been given,
        BadState for a node, NotSupported where a part writes to a variable by what another gave. A part that fails ends
        this step and, as in TensorFlow, the session: InvalidArgument and Cancelled say so from then on."""
        if self.over:
            raise InvalidArgument("Must run 'setup' before performing partial runs!")
        given = self.session.names.feeds(feed_dict)
        targets = _targets(self.session, fetches)
        if any(isinstance(t, Node) for t in targets):
            raise BadState("partial_run() requires empty target_list: its fetches are tensors")
        for tensor in given:
            if tensor not in self.open:
                raise InvalidArgument(f"the feed {tensor.name} had already been fed, or was not specified in "
                                   "partial_run_setup.")
        for target in targets:
            if target not in self.asked:
                raise InvalidArgument(f"the fetch {target.name} had already been fetched, or was not specified in "
                                   "partial_run_setup.")
        known = {**self.values, **given}
        writing = self._ready(self.open.difference(given), known)
        now = needed([*targets, *writing], known.keys(), self.done).nodes
        again = next((n for n in now if n in self.done and _acts(n)), None) or next(
            (t.op for n in now for t in references(n) if t in known), None)
        if again is not None:
            raise NotSupported(f"{again.name} ({again.type}) ran in an earlier part of this step, and this part takes "
                               "what it gave by reference", again.span, hint="run() takes a whole step")
        later = self.nodes.difference(self.done, now)
        rest = {t for t in self.asked if isinstance(t, Tensor) and t not in targets}
        kept = [t for n in now for t in n.outputs if t not in known and n.type not in INPUTS and not _names(n)
                and (t in rest or any(user in later for user in t.uses))]
        try:
            found, values, _ = self.session.part([fetches, kept, writing], known, frozenset(self.done))
        except RunError:
            self.over = self.session.plans.cancelled
            raise
        self.open.difference_update(given)
        self.values = {**known, **dict(zip(kept, values))}
        self.done.update(now)
        for target in targets:
            self.asked.pop(target, None)
        return found

    def _ready(self, open: Set[Tensor], known: Mapping[Tensor, Any]) -> list[Node]:
        """What writes to variables and waits for no feed: it runs as soon as it can, whoever fetches it."""
        waiting = {user for t in open for user in t.uses}
        ready = []
        for node in sorted(self.nodes, key=lambda n: n.number):
            if node in waiting or any(t.op in waiting and t not in known for t in node.inputs) \
                    or any(c in waiting for c in node.control_inputs):
                waiting.add(node)
            elif node not in self.done and _writes(node):
                ready.append(node)
        return ready


def _writes(node: Node) -> bool:
    found = references(node)
    return bool(found) and node.type not in READERS and all(
        t.op.type in VARIABLES or t.dtype.is_ref and t.op.inputs for t in found)


def _acts(node: Node) -> bool:
    """Whether a node would do something again, or another thing."""
    return not _names(node) and node.type not in INPUTS and (
        node.opdef is None or node.opdef.stateful or node.opdef.writes or "seed" in node.attrs)


def _names(node: Node) -> bool:
    """Whether a node gives only the name by which others find what the session holds."""
    return bool(node.outputs) and not node.inputs and all(t.dtype.is_ref or t.dtype is resource for t in node.outputs)


def _targets(session: Session, fetches: Any) -> list[Any]:
    """The tensors and nodes that are fetched; of a variable the tensor that reads it."""
    leaves = session.plans.prepared(fetches, []).structure.leaves
    return [leaf if isinstance(leaf, (Tensor, Node)) else leaf._as_graph_element() for leaf in leaves]
