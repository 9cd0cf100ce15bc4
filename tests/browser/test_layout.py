"""The layout of the page, over graphs drawn by chance: boxes and frames keep apart, edges end where boxes are."""
from __future__ import annotations

import random
from pathlib import Path
from typing import Any

import pytest

import graphcli.tf1 as tf
from graphcli.formats.html.page import to_html
from graphcli.graph.graph import Graph
from graphcli.source import Source
from graphcli.spec.result import BuiltGraph

FLAWS = """() => {
  const area = e => { const r = e.getBoundingClientRect(); return [r.left, r.top, r.right, r.bottom]; };
  const found = what => [...document.querySelectorAll(`#graph .${what}`)].map(
    e => [what, e.textContent, area(e.querySelector("path, rect"))]);
  const all = [...found("box"), ...found("frame")], flaws = [], near = 1;
  const apart = (a, b) => a[2] <= b[0] + near || b[2] <= a[0] + near || a[3] <= b[1] + near || b[3] <= a[1] + near;
  const inside = (a, b) => a[0] >= b[0] - near && a[2] <= b[2] + near && a[1] >= b[1] - near && a[3] <= b[3] + near;
  all.forEach((a, i) => all.slice(i + 1).forEach(b => {
    const nested = b[0] === "frame" && (inside(a[2], b[2]) || a[0] === "frame" && inside(b[2], a[2]));
    if (!apart(a[2], b[2]) && !nested) flaws.push(`${a[0]} ${a[1]} lies on ${b[0]} ${b[1]}`);
  }));
  const touches = ([x, y]) => all.some(([, , r]) => x >= r[0] - 3 && x <= r[2] + 3 && y >= r[1] - 3 && y <= r[3] + 3);
  for (const wire of document.querySelectorAll("#graph .wire")) {
    const d = wire.getAttribute("d");
    if (/NaN|Infinity/.test(d)) { flaws.push(d); continue; }
    const at = wire.getScreenCTM(), start = d.match(/^M(\\S+) ([\\d.-]+)/).slice(1).map(Number);
    const point = new DOMPoint(...start).matrixTransform(at);
    if (!touches([point.x, point.y])) flaws.push(`an edge begins at nothing: ${d}`);
  }
  return flaws;
}"""


def by_chance(seed: int) -> Graph:
    """Up to 90 ops in scopes that are opened again and again, with control edges and far readers."""
    chance, graph = random.Random(seed), Graph()
    with graph.as_default():
        values: list[Any] = [tf.placeholder(tf.float32, [1], name="in") for _ in range(chance.randint(1, 4))]
        for _ in range(chance.randint(1, 90)):
            scope = "/".join(chance.choice("abcd") for _ in range(chance.randint(0, 3)))
            name = (scope + "/" if scope else "") + chance.choice(["op", "w", "layer_1", "z"])
            x, y = (chance.choice(values[-12:] if chance.random() < 0.8 else values) for _ in range(2))
            with tf.control_dependencies([chance.choice(values)] if chance.random() < 0.1 else []):
                values.append(tf.identity(x, name=name) if chance.random() < 0.3 else tf.add(x, y, name=name))
    return graph


@pytest.mark.parametrize("seed", range(8))
def test_nothing_overlaps_and_edges_end_at_boxes(open_page: Any, tmp_path: Path, seed: int) -> None:
    path = tmp_path / "g.html"
    path.write_bytes(to_html(BuiltGraph("chance", by_chance(seed), Source("none", ""))))
    seen = open_page(path)
    for button in ("fit", "turn", "open", "all", "turn", "close"):
        seen.page.locator(f"#{button}").click()
        assert seen.page.evaluate(FLAWS) == [], f"after {button}"
    assert seen.console == []
