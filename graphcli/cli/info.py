"""``info``: what is in a graph."""
from __future__ import annotations

import click

from .choice import Choice
from .options import format_option, spec_options, verb


@verb("info", "info specs/digits_mlp.yaml --cost")
@spec_options
@click.option("--cost", "with_cost", is_flag=True,
              help="Count floating point operations and bytes too, from shapes alone.")
@format_option
def command(choice: Choice, with_cost: bool, form: str) -> int:
    """Count ops, parameters and memory; name probable inputs and outputs, devices and collections."""
    from ..analysis.cost import cost, intensity
    from ..analysis.counts import facts
    from ..analysis.elements import flatten
    from . import render

    built = choice.built()
    declared: list[object] = []
    for name in built.outputs:
        flatten(built.resolve(name), declared)
    f = facts(built.graph, declared)  # type: ignore[arg-type]
    c = cost(built.graph) if with_cost else None
    if form == "json":
        value: dict[str, object] = {
            "graph": built.name, "seed": built.seed, "nodes": f.nodes, "ops": f.ops, "variables": f.variables,
            "parameters": f.parameters, "trainable_parameters": f.trainable,
            "memory": {"variables": f.bytes, "constants": f.constant_bytes},
            "inputs": [{"name": g.node.name, "reason": g.reason} for g in f.inputs],
            "outputs": [{"name": g.node.name, "reason": g.reason} for g in f.outputs],
            "devices": f.devices, "collections": f.collections}
        if c is not None:
            value["cost"] = {"flops": c.total, "bytes": c.total_bytes, "intensity": intensity(c.total, c.total_bytes),
                             "by_op": c.by_op(), "bytes_by_op": c.bytes_by_op(),
                             "nodes_with_unknown_sizes": c.open, "nodes_of_unknown_rank": c.unknown}
        render.json(value)
        return 0
    rows = [["nodes", render.number(f.nodes)],
            ["variables", f"{render.number(f.variables)}, {render.plural(f.parameters, 'parameter')}"
                          + (f" ({render.number(f.trainable)} trainable)" if f.trainable != f.parameters else "")],
            ["memory", f"{render.size(f.bytes)} in variables, {render.size(f.constant_bytes)} in constants"]]
    if built.seed is not None:
        rows.append(["seed", str(built.seed)])
    if c is not None:
        text = f"{render.plural(c.total, 'FLOP')}, {render.size(c.total_bytes)} read and written"
        if c.total_bytes:
            text += f" ({intensity(c.total, c.total_bytes)} FLOPs per byte)"
        text += " if every node runs once"
        if c.open:
            text += f"; unknown sizes are counted as 1 ({render.plural(c.open, 'node')})"
        if c.unknown:
            text += f"; {render.plural(c.unknown, 'node')} of unknown rank left out"
        rows.append(["cost", text])
    render.show([(built.name, render.HEAD), *render.table(rows, indent=2)])
    for title, guesses in (("inputs", f.inputs), ("outputs", f.outputs)):
        if guesses:
            lines = render.table([[(g.node.name, render.NAME),
                                   (render.dtype_shape(g.node.outputs[0].dtype, g.node.outputs[0].static)
                                    if g.node.outputs else g.node.type, render.KIND), (g.reason, render.DIM)]
                                  for g in guesses], indent=2)
            render.show(["", (title, render.HEAD), *lines])
    if f.ops:
        render.show(["", ("ops", render.HEAD)])
        if c is None:
            render.show(render.table([[name, render.number(n)] for name, n in f.ops.items()], right=(1,), indent=2))
        else:
            flops, touched = c.by_op(), c.bytes_by_op()
            rows = [[name, render.number(n), *((render.number(flops.get(name, 0)), render.size(touched[name]),
                                                f"{intensity(flops.get(name, 0), touched[name])}")
                                               if name in touched else ("", "", ""))] for name, n in f.ops.items()]
            render.show(render.table(rows, ("op", "nodes", "FLOPs", "bytes", "FLOPs per byte"), right=(1, 2, 3, 4),
                                     indent=2))
    if f.devices.keys() - {""}:
        lines = render.table([[name or "(none asked for)", render.number(n)] for name, n in sorted(f.devices.items())],
                             right=(1,), indent=2)
        render.show(["", ("devices", render.HEAD), *lines])
    if f.collections:
        lines = render.table([[name, render.number(n)] for name, n in f.collections.items()], right=(1,), indent=2)
        render.show(["", ("collections", render.HEAD), *lines])
    return 0
