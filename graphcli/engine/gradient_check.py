"""Symbolic gradients against central differences, in float64 whatever the graph is in.

A second building of the graph is widened (``passes.widen``) and takes over the variables' values; what is
drawn at random is drawn once and held, and so is what ``stop_gradient`` lets through, for a derivative does
not see it. Then the loss is run a little to the one side and a little to the other of single elements and of
random directions of each variable and fed float. Where a gradient is off, ``op_check`` finds the op.
"""
from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from ..errors import InvalidType, InvalidValue, NotSupported
from ..graph.graph import Graph, Node, Tensor
from ..graph.variables import held
from ..passes.widen import widen
from .op_check import Off, differentiable, find_off, on_path, random_direction
from .session import Session

ELEMENTS = 6
"""Elements of a variable that are looked at one by one; a smaller one is looked at whole."""
DIRECTIONS = 2
"""Directions in which a variable is moved as a whole."""
STEPS = {False: 1e-5, True: 1e-2}
BOUNDS = {False: 1e-5, True: 2e-2}
"""How far, and how close it is to be; True: an op on the way has no float64."""


@dataclass
class Checked:
    """A variable or feed: the largest element of its gradient (None: there is no gradient), the worst error among
    the probes relative to what was measured, and how many probes stood at a kink of the loss, where any slope
    between those of the two sides is right."""

    name: str
    kind: str
    shape: tuple[int, ...]
    probes: int = 0
    largest: float | None = None
    error: float = 0.0
    kinks: int = 0
    ok: bool = True


@dataclass
class Report:
    """loss: its value; off: the ops to blame; narrow: nodes that stay below float64; held: nodes held fixed."""

    loss: float
    rows: list[Checked] = field(default_factory=list)
    off: list[Off] = field(default_factory=list)
    narrow: list[Node] = field(default_factory=list)
    held: list[Node] = field(default_factory=list)
    unseen: list[Node] = field(default_factory=list)
    """Nodes of branches that were not taken."""

    @property
    def ok(self) -> bool:
        return all(r.ok for r in self.rows)


def check_gradients(session: Session, twin: Graph, loss: Tensor, feeds: Mapping[Tensor, Any],
                    seed: int = 0) -> Report:
    """Compares the gradients of ``loss`` by the trainable variables and the fed floats.

    session: of the graph, its variables with their values. twin: the same graph built once more, for this
    alone. feeds: as for a run.

    Raises InvalidType for a loss that is no float, InvalidValue if it depends on nothing that can vary,
    NotSupported for an op without a gradient on the way, RunError for what fails while running.
    """
    if not loss.dtype.base_dtype.is_floating:
        raise InvalidType(f"{loss.name} is {loss.dtype.base_dtype.name}; a gradient is of a float", loss.op.span)
    drawn = [t for n in _needed(loss, feeds) if "seed" in n.attrs for t in n.outputs]
    looped = next((t.op for t in drawn if t.op.flow is not None), None)
    if looped is not None:
        raise NotSupported(f"{looped.name} ({looped.type}) draws in a loop or branch, and its numbers cannot be held",
                           looped.span, hint="--seed does not help: each run draws anew")
    values = dict(zip(drawn, session.run(drawn, feeds))) if drawn else {}
    narrow = widen(twin)
    there = {t: twin.nodes[t.op.name].outputs[t.value_index] for t in [*feeds, *drawn, loss]}
    given = {there[t]: np.asarray(v).astype(there[t].dtype.as_numpy_dtype)
             for t, v in [*feeds.items(), *values.items()]}
    with Session(twin, threads=session.threads, soft_placement=True, passes=()) as wide:
        wide.state.files, wide.state.folder = session.state.files, session.state.folder
        for variable in session.variables():
            if session.is_initialized(variable):
                wide.load(twin.nodes[variable.op.name], session.value(variable))
        return _Comparison(wide, there[loss], given, narrow, list(feeds.values()), seed,
                           [there[t] for t in feeds]).report()


def _needed(loss: Tensor, feeds: Mapping[Tensor, Any]) -> list[Node]:
    """The nodes that the loss is made of, in graph order."""
    found: dict[Node, None] = {}
    todo = [] if loss in feeds else [loss.op]
    while todo:
        node = todo.pop()
        if node not in found:
            found[node] = None
            todo += [t.op for t in node.inputs if t not in feeds] + list(node.control_inputs)
    return sorted(found, key=lambda n: n.number)


class _Comparison:
    """One check, in the wide graph."""

    def __init__(self, session: Session, loss: Tensor, feeds: dict[Tensor, Any], narrow: Sequence[Node],
                 values: Sequence[Any], seed: int, fed: Sequence[Tensor]) -> None:
        self.session = session
        self.loss = loss
        self.feeds = feeds
        self.rng = np.random.default_rng(seed)
        nodes = _needed(loss, feeds)
        needed = set(nodes)
        graph = loss.op.graph
        self.variables = [v._ref() if hasattr(v, "_ref") else v
                          for v in graph.get_collection("trainable_variables") if v.op in needed]
        self.fed = [t for t in fed if t.dtype.base_dtype.is_floating and self._used(t, needed)]
        self.xs = [*[v for v in self.variables if held(v.op)[0].is_floating], *self.fed]
        self.path = on_path(self.xs, loss)
        self.narrow = [n for n in narrow if n in self.path]
        self.rough = bool(self.narrow)
        stops = [n for n in nodes if n.type == "StopGradient" and n.flow is None and differentiable(n.outputs[0])]
        self.held = [*stops, *[t.op for t in feeds if "seed" in t.op.attrs]]
        if stops:
            tensors = [n.outputs[0] for n in stops]
            self.feeds = {**feeds, **dict(zip(tensors, session.run(tensors, feeds)))}
        self.writers = any(n.opdef is not None and n.opdef.writes for n in nodes)
        self.kept = {v.op: session.value(v) for v in self.variables}
        if self.writers:
            self.kept = {v.op: session.value(v) for v in session.variables() if session.is_initialized(v)}

    def _used(self, tensor: Tensor, needed: set[Node]) -> bool:
        return tensor is self.loss or any(n in needed for n in tensor.uses)

    def report(self) -> Report:
        if not self.xs:
            raise InvalidValue(f"{self.loss.name} depends on no trainable variable and no fed float",
                               self.loss.op.span)
        from ..tf1.gradients import gradients

        with self.session.graph.as_default():
            symbolic = gradients(self.loss, self.xs)
        report = Report(self._total(), narrow=self.narrow, held=self.held)
        dense = iter(self._run([g for g in symbolic if g is not None]))
        for x, grad in zip(self.xs, symbolic):
            value = None if grad is None else _dense(next(dense))
            report.rows.append(self._one(x, value))
        if not report.ok:
            if self.writers:
                self._restore()
            report.off, report.unseen = find_off(self.session, self.loss, self.path, self.feeds, self.rng)
        return report

    def _restore(self) -> None:
        for node, value in self.kept.items():
            self.session.load(node, value)

    def _run(self, fetches: Any, feeds: Mapping[Tensor, Any] | None = None) -> Any:
        if self.writers:
            self._restore()
        return self.session.run(fetches, self.feeds if feeds is None else feeds)

    def _total(self, feeds: Mapping[Tensor, Any] | None = None) -> float:
        return float(np.sum(self._run(self.loss, feeds)))

    def _at(self, x: Tensor, value: Any) -> float:
        """The loss where x has this value."""
        if x in self.feeds:
            return self._total({**self.feeds, x: value})
        kept = self.kept[x.op]
        self.kept[x.op] = value
        self.session.load(x.op, value)
        try:
            return self._total()
        finally:
            self.kept[x.op] = kept
            self.session.load(x.op, kept)

    def _one(self, x: Tensor, grad: Any) -> Checked:
        base = np.asarray(self.feeds[x] if x in self.feeds else self.kept[x.op])
        row = Checked(x.op.name, "feed" if x in self.feeds else "variable", base.shape)
        slope = np.zeros(base.shape) if grad is None else np.asarray(grad)
        scale = float(np.max(np.abs(slope), initial=0.0))
        row.largest = None if grad is None else scale
        middle = self._total()
        for along in self._probes(base):
            self._probe(row, x, base, along, float(np.sum(slope * along)), scale, middle)
        return row

    def _probes(self, base: Any) -> list[Any]:
        """Single elements, all or some, and whole directions."""
        size = base.size
        picked = range(size) if size <= ELEMENTS + DIRECTIONS else sorted(
            self.rng.choice(size, ELEMENTS, replace=False).tolist())
        out = []
        for at in picked:
            one = np.zeros(size)
            one[at] = 1.0
            out.append(one.reshape(base.shape))
        if size > ELEMENTS + DIRECTIONS:
            out += [random_direction(self.rng, base.shape) for _ in range(DIRECTIONS)]
        return out

    def _probe(self, row: Checked, x: Tensor, base: Any, along: Any, said: float, scale: float, middle: float) -> None:
        row.probes += 1
        kind = base.dtype
        step = STEPS[self.rough] * max(1.0, float(np.max(np.abs(base), initial=0.0)) if not self.rough else 1.0)
        noise = (3e-7 if self.rough else 1e-15) * max(1.0, abs(middle))
        for size in (step, step / (4 if self.rough else 100)):
            right, left = ((self._at(x, (base + s * size * along).astype(kind)) - middle) / (s * size) for s in (1, -1))
            measured = (right + left) / 2
            near = max(abs(measured), abs(said), 1e-3 * scale)
            bound = BOUNDS[self.rough] * near + 20 * noise / size
            gap = abs(measured - said)
            if gap <= bound:
                row.error = max(row.error, gap / near if near > 20 * noise / size else 0.0)
                return
        if min(left, right) - bound <= said <= max(left, right) + bound and abs(right - left) > bound:
            row.kinks += 1
            return
        row.error = max(row.error, gap / near)
        row.ok = False


def _dense(value: Any) -> Any:
    """IndexedSlices added up."""
    if not hasattr(value, "indices"):
        return value
    out = np.zeros(tuple(int(d) for d in value.dense_shape), np.asarray(value.values).dtype)
    np.add.at(out, value.indices, value.values)
    return out


