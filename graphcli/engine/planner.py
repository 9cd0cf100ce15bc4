"""Makes a Plan: what is needed, what the passes make of it, in which order, and in which memory."""
from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ..graph.graph import Node, Tensor
from ..passes.order import hazards, order
from ..passes.place import Placement
from ..passes.prune import needed
from .failures import not_fed, written_to
from .filled import filled
from .footprint import handed_out, owners, scratch
from .gather import gathered
from .held import Held
from .keeping import Keeping
from .lists import lists, same
from .memory import given_away, layout, size_of
from .picture import Picture, Snapshot
from .plan import Options, Plan
from .side_by_side import MANY, SideBySide
from .sizes import refuse_beyond
from .stacked import stacked
from .steps import Steps
from .turn import turned
from .unsettled import places_of

LITTLE = 1 << 24
"""Bytes up to which branches side by side may hold more than one after the other."""


def make_plan(fetches: Sequence[Any], feeds: Sequence[Tensor], placement: Placement,
              writers_first: bool = False, max_bytes: int | None = None, total: int = 0,
              options: Options = Options(), done: frozenset[Node] = frozenset()) -> Plan:
    """The plan of fetched tensors, nodes and variables, given the tensors that will be fed.

    placement: of all nodes that may run. writers_first: see ``order``. max_bytes: what one step may
    make. total: nodes of the graph. done: nodes that ran before, in another part of the step.

    Raises RunError for a placeholder that is not fed and a step that is too large, NotSupported for
    an op without a kernel, and the error of a node that has no device.
    """
    fed = frozenset(feeds)
    targets = [f for f in fetches if isinstance(f, (Tensor, Node))]
    need = needed(targets, fed, done)
    missing = list(need.missing())
    if missing:
        raise not_fed(missing, need)
    refused = written_to(need.nodes, fed) if fed else None
    if refused is not None:
        raise refused
    picture = Picture(need.nodes, feeds, placement, targets, options)
    settled, reads, writes = _settled(picture, fetches, writers_first)
    sequence: Sequence[Any] = settled
    forks: list[list[list[Any]]] = []
    if not {"fuse", "reuse", "schedule", "branch"}.isdisjoint(options.passes):
        sequence, forks = gathered(picture, settled, fetches, reads, writes)
    steps = Steps(picture, fetches, reads, max_bytes)
    for item in sequence:
        steps.add(item)
    if picture.multiple:
        steps.wait(settled, hazards(settled, reads, writes))
    results = steps.results()
    run = picture.rewrite
    gone = sum(1 for n in run.instead if n.type != "Const")
    made = steps.steps if picture.multiple else given_away(steps.steps, results)
    plan = Plan(tuple(made), picture.feeds, steps.constants, tuple(results), steps.requires, steps.names,
                steps.owners, tuple(picture.nodes), max(0, total - len(run.nodes)),
                tuple(run.notes) if gone else (), steps.arrays, steps.tensors, forks=tuple(
                    tuple(tuple(steps.step_of[i] for i in branch) for branch in fork) for fork in forks),
                refused=picture.refused)
    return _laid_out(plan, picture)


def _settled(picture: Picture, fetches: Sequence[Any], writers_first: bool
             ) -> tuple[Sequence[Any], dict[Any, list[Node]], dict[Any, list[Node]]]:
    """The items in an order in which they may run, and which variables each reads and writes."""
    live = picture.effects.live
    items, reads, writes = picture.items()
    copied: set[Tensor] = set()
    for fetch in fetches:
        if isinstance(fetch, Tensor) and fetch in live and fetch not in picture.fed and fetch not in copied:
            copied.add(fetch)
            shot = Snapshot(fetch)
            items.append(shot)
            picture.before[shot] = [picture.item_of.get(fetch.op, fetch.op)]
            reads[shot] = [live[fetch][0]]
    like = picture.order_of_all([i for i in items if isinstance(i, Snapshot)])
    return order(items, picture.before, reads, writes, writers_first, places_of(writes), like), reads, writes


def _laid_out(plan: Plan, picture: Picture) -> Plan:
    """The plan with the memory of its values laid out. Raises RunError where it needs more than it may."""
    options = picture.options
    shape = picture.shape
    forms = {v: (shape(t), t.dtype.base_dtype) for v, t in plan.tensors.items()}
    last = plan.last_use()
    foreign = [*range(len(plan.feeds)), *plan.constants, *_sent(plan)]
    found = layout(plan.steps, foreign, plan.results, last, forms, "reuse" in options.passes, plan.forks)
    sizes = {v: size_of(t, forms[v][0]) for v, t in plan.tensors.items()}
    sizes.update(lists(plan.steps, plan.values, shape))
    sizes.update(stacked(plan.steps, plan.values, len(plan.feeds), shape))
    plan = plan.replace(optimized=bool(options.passes), forms=forms, layout=found, shape=shape)
    if "turn" in options.passes and len(plan.devices) == 1 and options.host(plan.devices[0]):
        plan = plan.replace(turned=turned(plan.steps, forms, {*range(len(plan.feeds)), *plan.constants}, plan.results))
    owner, loose, views = owners(plan.steps, forms, found.into, [*range(len(plan.feeds)), *plan.constants],
                          plan.values)
    owner.update(same(plan.steps))
    keeping = Keeping(plan, options.threads, options.block, loose)
    owner.update((v, -1) for v in found.kept if owner.get(v, v) == v)
    within = {s.number: scratch(s, shape, loose, views, options.threads, found.spent.get(s.number, frozenset()),
                                plan.values, owner) for s in plan.steps}
    for number, passing in keeping.passing.items():
        taken = within[number]
        within[number] = None if taken is None else taken + passing
    ending = handed_out(plan, sizes, owner, loose)
    times = filled(plan.steps)
    most = Held(plan.steps, sizes, owner, last, within, times).peak(ending, plan.forks, options.threads)
    if plan.forks and most.bytes > LITTLE:
        one_by_one = Held(plan.steps, sizes, owner, last, within, times).peak(ending)
        if most.bytes > 1.1 * one_by_one.bytes:
            return _laid_out(plan.replace(forks=()), picture)
    if len(plan.devices) > 1 and len(plan.steps) <= MANY:
        kept = [r for r in plan.results if isinstance(r, int) and owner.get(r, r) >= 0]
        most = SideBySide(plan.steps, sizes, owner, kept, within).peak(ending)
    plan = plan.replace(peak=most.replace(bytes=most.bytes + keeping.nbytes, kept=keeping.nbytes))
    if options.memory is not None:
        refuse_beyond(plan, options.memory)
    return plan


def _sent(plan: Plan) -> list[int]:
    """The values that one device makes and another takes, at a time of its own."""
    return [o for s in plan.steps for o in s.inputs if isinstance(o, int) and plan.owners.get(o) not in ("", s.device)]
