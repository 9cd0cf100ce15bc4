"""Measures what pictures promise: a small SVG from a cold start, and 100,000 nodes as DOT and as a drawing.

    python benchmarks/pictures.py

Prints Markdown; the exit status is 1 where a figure is over its bound.
"""
from __future__ import annotations

import json
import shutil
import sys
import tempfile
from pathlib import Path

from families.startup import ROOT, Row, answer, chain, interleaved, process, program, row

LARGE = """
import gc, json, resource, sys
from graphcli.formats.dot.image import render
from graphcli.formats.dot.write import to_dot
from graphcli.formats.picture import Options, picture
from graphcli.spec import load_spec

def spent():
    # of this process and the layout program: what else the machine does must not count
    return sum(sum(resource.getrusage(who)[:2]) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))

gc.disable()  # as the command line does
built = load_spec(sys.argv[1]).default
start = spent()
dot = to_dot(picture(built, "all", Options(depth=99, series=0)))
middle = spent()
drawn = picture(built, "closed", Options())
svg = render(to_dot(drawn), "svg", follow=True)
end = spent()
print(json.dumps([middle - start, len(dot) / 1e6, end - middle, len(drawn.boxes), len(built.graph)]))
"""


def layers(count: int) -> str:
    """A spec of `count` ops in scopes within scopes, as a large net is built."""
    lines = ["inputs: {x: {dtype: float32, shape: [8]}}", "ops:", "  - h: x * 0.5"]
    last, number = "h", 0
    for stage in range(max(count // 2000, 1)):
        lines += [f"  - scope: stage_{stage}", "    ops:"]
        for block in range(20):
            lines += [f"      - name_scope: {'conv' if block % 2 else 'dense'}_{block}", "        ops:"]
            for _ in range(min(100, count // 20)):
                number += 1
                lines.append(f"          - v{number}: " + (f"relu({last})" if number % 2 else f"{last} + x"))
                last = f"v{number}"
        last = f"stage_{stage}.{last}"
    return "\n".join(lines) + "\n"


def small(folder: Path, times: int) -> list[Row]:
    spec = folder / "small.yaml"
    spec.write_text(layers(200))
    out = folder / "small.svg"
    numpy, drawn = interleaved(times, process([sys.executable, "-c", "import numpy"]),
                               process([*program(), "viz", str(spec), "-o", str(out)]))
    return [row("SVG of 200 nodes from a cold start", drawn / numpy, "times `import numpy`", f"{numpy:.0f} ms", 3)]


def large(folder: Path) -> list[Row]:
    rows = []
    for name, text in (("in scopes", layers(100_000)), ("in one chain", chain(100_000))):
        spec = folder / "large.yaml"
        spec.write_text(text)
        seconds, megabytes, closed, boxes, nodes = answer([sys.executable, "-c", LARGE, str(spec)])
        rows += [row(f"DOT of {nodes:,.0f} nodes {name}, all drawn", seconds, "s of CPU", f"{megabytes:.0f} MB of DOT",
                     5),
                 row(f"SVG of {nodes:,.0f} nodes {name}, closed", closed, "s of CPU", f"{boxes:.0f} boxes", 5)]
    return rows


def main() -> int:
    sys.path.insert(0, str(ROOT))
    folder = Path(tempfile.mkdtemp())
    try:
        rows = small(folder, 9) + large(folder)
    finally:
        shutil.rmtree(folder)
    print("| what | measured | | against | at most | |\n|---|--:|---|--:|--:|---|")
    for r in rows:
        print(f"| {r['what']} | {r['value']:g} | {r['unit']} | {r['against']} | {r['bound']:g} | "
              f"{'ok' if r['ok'] else '**over**'} |")
    print(json.dumps(rows), file=sys.stderr)
    return int(any(not r["ok"] for r in rows))


if __name__ == "__main__":
    sys.exit(main())
