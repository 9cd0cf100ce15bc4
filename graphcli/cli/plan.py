"""``plan``: what the engine will do."""
from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

import click

from . import complete
from .choice import Choice
from .engine_options import Engine, engine_options
from .options import format_option, spec_options, verb

if TYPE_CHECKING:
    from ..engine.explain import Explained
    from ..engine.plan import Plan
    from .render import Line

SHOWN = 12
"""Notes of one pass that a person is shown."""


@verb("plan", "plan specs/line.yaml --fetch loss")
@spec_options
@click.option("-f", "--fetch", "fetches", multiple=True, metavar="NAME", shell_complete=complete.handles,
              help="What would be fetched. Without it: the spec's outputs.")
@click.option("--feed", "given", multiple=True, metavar="NAME[=VALUE]", shell_complete=complete.handles,
              help="What would be fed besides the placeholders; with a value the plan is that for its shape.")
@click.option("--feeds", "files", multiple=True, metavar="FILE", help="Feeds by name: .npz, .json or .yaml.")
@click.option("--random", multiple=True, metavar="NAME[=SHAPE]", shell_complete=complete.inputs,
              help="Feed random numbers of the placeholder's dtype and shape.")
@click.option("--run", "ran", is_flag=True, help="Initialize, take some steps, and add what each step took.")
@click.option("--soft-placement", is_flag=True, help="What has no device goes to the default one.")
@engine_options
@format_option
def command(choice: Choice, fetches: tuple[str, ...], given: tuple[str, ...], files: tuple[str, ...],
            random: tuple[str, ...], ran: bool, soft_placement: bool, engine: Engine, form: str) -> int:
    """Show what the engine will do for a fetch: what is folded and fused, in which order, where, how much it holds."""
    from ..analysis.elements import flatten
    from ..analysis.feeds import needs
    from ..engine import Session
    from ..engine.explain import explain
    from . import render
    from .run import targets_of, wanted
    from .values import collect, feedable

    built = choice.built()
    names = wanted(built, fetches)
    targets = targets_of(built, names)
    valued = [n for n in given if "=" in n]
    tensors = [feedable(built, n, "--feed") for n in given if "=" not in n]
    feeds: Any = collect(built, tuple(valued), files, random, choice.seed if choice.seed is not None else built.seed)
    elements: list[object] = []
    flatten(targets, elements)
    held = frozenset([*feeds, *tensors])
    missing = [n.tensor for n in needs(elements, held)  # type: ignore[arg-type]
               if not n.optional and n.tensor not in held]
    if (missing or tensors) and not ran:
        feeds = list(dict.fromkeys([*tensors, *feeds, *missing]))
    with Session(built, soft_placement=soft_placement, max_bytes=choice.max_bytes, **engine.options()) as session:
        if ran:
            session.initialize(feeds if isinstance(feeds, dict) else None)
        found = explain(session, targets, feeds, ran)
    if form == "json":
        render.json(_told(names, found))
        return 0
    plan = found.plan
    head = f"{', '.join(names)}: {render.plural(len(plan.steps), 'step')}, {render.plural(plan.pruned, 'node')} pruned"
    render.show(render.fitted([], [(head, render.HEAD)]))
    for start, text in _lines(found):
        render.show(render.fitted(start, [(text, "")]))
    for note in _notes(found, engine.passes()):
        what, colon, text = note.partition(": ")
        render.show(render.fitted([(what + colon, render.DIM)], [(text, render.DIM)]))
    return 0


def _lines(found: Explained) -> Iterator[tuple[Line, str]]:
    """The plan's lines, each with the threads and the operations of its step, and with its time where it was run."""
    from . import render

    lines = str(found.plan).splitlines()
    steps = iter(found.plan.steps)
    first = len(found.plan.feeds) + len(found.plan.constants)
    for i, line in enumerate(lines):
        step = next(steps, None) if first <= i < len(lines) - 1 else None
        took = ""
        if step is not None:
            if found.flops[step.number]:
                line += f"; {render.plural(found.flops[step.number], 'flop')}"
            if found.threads.get(step.number, 1) > 1:
                line += f"; {found.threads[step.number]} threads"
            if step.number in found.seconds:
                took = f"{found.seconds[step.number] * 1e3:.3f} ms"
        made, equals, text = line.partition(" = ")
        made, text = (made + equals, text) if equals and step is not None else ("", line)
        yield [(f"{took:>10}  " if found.seconds else "", "dim"), (made, "")], text
        if step is not None and step.structured is not None:
            from ..engine.structured_shown import shown

            for inner in shown(step.structured):
                yield [(" " * (12 if found.seconds else 0) + "    ", "")], inner


def _notes(found: Explained, passes: Sequence[str]) -> list[str]:
    """What the passes did, and what the step costs."""
    from ..engine.failures import size_text
    from . import render

    plan = found.plan
    out: list[str] = []
    if found.pruned:
        scopes = Counter(n.name.partition("/")[0] for n in found.pruned)
        names = [name if count == 1 else f"{name} ({count} nodes)" for name, count in scopes.most_common()]
        out.append(f"prune: {render.listed(names, SHOWN // 2)}")
    by_pass: dict[str, list[str]] = {}
    for note in plan.notes:
        by_pass.setdefault(note.by, []).append(str(note))
    for texts in by_pass.values():
        out += texts[:SHOWN]
        if len(texts) > SHOWN:
            out.append(f"{texts[0].partition(':')[0]}: and {len(texts) - SHOWN} more")
    for step in plan.steps:
        for node in step.region.nodes if step.region is not None else ():
            if node in plan.refused:
                out.append(f"fails: {node.name} ({node.type}), where it is reached: {plan.refused[node].text}")
    for fork in plan.forks:
        out.append(f"branch: {len(fork)} branches of {sum(map(len, fork))} steps run side by side")
    given = ", ".join(f"{name} {size_text(size)}" for name, size in plan.given.items() if size)
    if plan.peak.unknown:
        shapes = [plan.forms[i][0] for i in range(len(plan.feeds))]
        unknown = any(s is None or None in s for s in shapes)
        out.append("memory: some sizes are known only when it runs" +
                   " (give --feed NAME=VALUE or --random NAME)" * unknown)
        if any(s is None for s in shapes) and "fuse" in passes:
            out.append("fuse: loops are made for the shapes that are fed, and some are not known here")
    else:
        where = f", in {plan.steps[plan.peak.step].node.name}" if plan.steps and plan.peak.bytes else ""
        sides = ", of each condition the side that holds more" if _regions(plan, "conditions") else ""
        out.append(f"memory: at most {size_text(plan.peak.bytes)} of values at once{where}{sides}" + (
            f", beside {given}" if given else ""))
    out.append(f"work: {'at least ' * plan.peak.unknown}{sum(found.flops.values()):,} floating point operations"
               f"{_once(plan)}")
    if found.peak is not None and found.whole is not None:
        out.append(f"measured: {found.whole * 1e3:.3f} ms a step, at most {size_text(found.peak)} at once")
    return out


def _regions(plan: Plan, what: str) -> bool:
    """Whether a step has ``loops`` or ``conditions``."""
    return any(getattr(s.region, what) for s in plan.steps if s.region is not None)


def _once(plan: Plan) -> str:
    """What the operations of loops and branches are counted as."""
    parts = ["one turn of each loop"] * _regions(plan, "loops")
    parts += ["all branches of each condition"] * _regions(plan, "conditions")
    return f", with {' and '.join(parts)}" if parts else ""


def _told(names: list[str], found: Explained) -> dict[str, Any]:
    plan = found.plan
    freed: dict[int, list[str]] = {}
    for value, at in plan.last_use().items():
        freed.setdefault(at, []).append(plan.names.get(value, f"v{value}"))

    def output(value: int) -> dict[str, Any]:
        tensor, (shape, _) = plan.tensors[value], plan.forms[value]
        return {"name": tensor.name, "dtype": tensor.dtype.base_dtype.name,
                "shape": None if shape is None else list(shape), "buffer": plan.layout.owner.get(value, value)}

    branch = {n: [f, b] for f, fork in enumerate(plan.forks) for b, numbers in enumerate(fork) for n in numbers}
    steps = [{"number": s.number, "node": s.node.name, "op": s.node.type, "device": s.device,
              "after": list(s.after), "frees": freed.get(s.number, []), "nodes": [n.name for n in s.nodes],
              "outputs": [output(v) for v in s.outputs if v >= 0], "threads": found.threads.get(s.number, 1),
              "branch": branch.get(s.number), "winograd": s.winograd,
              "flops": found.flops[s.number], "seconds": found.seconds.get(s.number)} for s in plan.steps]
    peak = {"bytes": None if plan.peak.unknown else plan.peak.bytes, "step": plan.peak.step,
            "alive": [{"name": plan.names[v], "bytes": size} for v, size in plan.peak.alive.items()],
            "within": plan.peak.within, "kept": plan.peak.kept, **plan.given}
    measured = None if found.whole is None else {"seconds": found.whole, "bytes": found.peak}
    return {"fetches": names, "feeds": [t.name for t in plan.feeds], "devices": plan.devices,
            "constants": [t.name for t in plan.constants.values()], "pruned": plan.pruned,
            "pruned_nodes": [n.name for n in found.pruned],
            "notes": [str(n) for n in plan.notes], "memory": peak, "flops": sum(found.flops.values()),
            "measured": measured, "steps": steps}
