"""Which node of one graph is which of another: by name, then by a scope that was renamed, then by structure."""
from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from ..graph.dump import attr_text
from ..graph.flow import NEXT, inputs_first
from ..graph.graph import Graph, Node

MOST = 40
"""Candidates of one name and type that are looked at for a renamed scope."""

Prefixes = tuple[str, str]


class Matching:
    """pairs: node of the first graph -> its node in the second. prefixes: scopes that were renamed, (old, new)."""

    def __init__(self, first: Graph, second: Graph) -> None:
        self.first = first
        self.second = second
        self.pairs: dict[Node, Node] = {n: second.nodes[n.name] for n in first
                                        if n.name in second.nodes and second.nodes[n.name].type == n.type}
        self.back = {b: a for a, b in self.pairs.items()}
        self.prefixes: list[Prefixes] = []
        self._by_scope()
        self._by_structure()
        self._by_name_alone()

    def _put(self, a: Node, b: Node) -> None:
        self.pairs[a] = b
        self.back[b] = a

    def only_first(self) -> list[Node]:
        """Nodes of the first graph without one in the second, in graph order."""
        return [n for n in self.first if n not in self.pairs]

    def only_second(self) -> list[Node]:
        return [n for n in self.second if n not in self.back]

    def renamed(self, text: str) -> Iterator[str]:
        """What a name of the first graph may be called in the second."""
        yield text
        node = self.first.nodes.get(text)
        if node is not None and node in self.pairs:
            yield self.pairs[node].name
        for old, new in self.prefixes:
            if text.startswith(f"{old}/"):
                yield new + text[len(old):]

    # -- a scope that was renamed

    def _by_scope(self) -> None:
        """Pairs what differs only in the first parts of its name, where at least two nodes agree on them."""
        there: dict[tuple[str, str], list[Node]] = {}
        for node in self.only_second():
            there.setdefault((node.name.rpartition("/")[2], node.type), []).append(node)
        votes: Counter[Prefixes] = Counter()
        for node in self.only_first():
            for other in there.get((node.name.rpartition("/")[2], node.type), ())[:MOST]:
                votes[_differing(node.name, other.name)] += 1
        for (old, new), count in sorted(votes.items(), key=lambda v: (-v[1], v[0])):
            if count < 2:
                break
            if "/" not in old and not old or not new:
                continue
            found = list(self._under(old, new))
            if len(found) > 1:
                self.prefixes.append((old, new))
                for a, b in found:
                    self._put(a, b)

    def _under(self, old: str, new: str) -> Iterator[tuple[Node, Node]]:
        for node in self.only_first():
            if node.name == old or node.name.startswith(f"{old}/"):
                other = self.second.nodes.get(new + node.name[len(old):])
                if other is not None and other.type == node.type and other not in self.back:
                    yield node, other

    # -- structure

    def _by_structure(self) -> None:
        """Pairs nodes of one type, attrs and inputs, from the inputs on; equals in graph order."""
        theirs = _Forms(self.only_second(), {b: f"={b.name}" for b in self.back})
        ours = _Forms(self.only_first(), {a: f"={b.name}" for a, b in self.pairs.items()})
        for form, nodes in ours.classes().items():
            others = theirs.classes().get(form, [])
            if len(nodes) == len(others) or len(nodes) == 1 and others:
                for a, b in zip(nodes, others):
                    self._put(a, b)
            else:
                last = {o.name.rpartition("/")[2]: o for o in reversed(others)}
                for a in nodes:
                    name = a.name.rpartition("/")[2]
                    if name in last:
                        self._put(a, last.pop(name))

    def _by_name_alone(self) -> None:
        """Pairs what has the same name though another type, where nothing better was found."""
        for node in self.only_first():
            other = self.second.nodes.get(node.name)
            if other is not None and other not in self.back:
                self._put(node, other)


class _Forms:
    """What nodes are made of, as text: equal for nodes that do the same to the same."""

    def __init__(self, nodes: list[Node], known: dict[Node, str]) -> None:
        self.nodes = nodes
        self.forms: dict[Node, str] = dict(known)
        self._classes: dict[str, list[Node]] | None = None

    def classes(self) -> dict[str, list[Node]]:
        if self._classes is None:
            made: dict[str, list[Node]] = {}
            for node in inputs_first(self.nodes, _before):
                form = self.forms[node] = self._form(node)
                made.setdefault(form, []).append(node)
            self._classes = {k: sorted(v, key=lambda n: n.number) for k, v in made.items()}
        return self._classes

    def _form(self, node: Node) -> str:
        import hashlib

        attrs = [f"{k}={attr_text(v)}" for k, v in sorted(node.attrs.items())
                 if k not in ("_class", "shared_name", "frame_name")]
        inputs = [f"{self.forms.get(t.op, '?')}:{t.value_index}" for t in node.inputs]
        controls = sorted(self.forms.get(c, "?") for c in node.control_inputs)
        text = "\n".join([node.type, *attrs, "(", *inputs, "^", *controls])
        return hashlib.sha256(text.encode()).hexdigest()


def _before(node: Node) -> list[Node]:
    return [t.op for t in node.inputs if t.op.type not in NEXT] + list(node.control_inputs)


def _differing(a: str, b: str) -> Prefixes:
    """The names without the parts at their ends that are the same."""
    first, second = a.split("/"), b.split("/")
    while len(first) > 1 and len(second) > 1 and first[-1] == second[-1]:
        first.pop()
        second.pop()
    return "/".join(first), "/".join(second)
