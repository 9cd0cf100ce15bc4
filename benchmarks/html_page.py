"""The HTML page of large graphs in headless Chromium: how long it takes to open, and how fluid it is.

    python benchmarks/html_page.py [--nodes 10000] [--shots FOLDER]

Prints one JSON object per graph. ``drawn_ms``: from the start of navigation until the graph stands in the
page; ``paint_ms``: until the first paint; ``frame_ms``: the time between frames while the picture is dragged
and zoomed, median and 95 %; ``script_ms``: what the page's own script takes of a frame. ``opened``: the same
after scopes were opened as far as the page lets one.
"""
from __future__ import annotations

import argparse
import json
import shutil
import statistics
import tempfile
import time
from pathlib import Path
from typing import Any

import graphcli.tf1 as tf
from graphcli.formats.html.page import to_html
from graphcli.graph.graph import Graph

ARGS = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
        "--disable-background-networking", "--disable-component-update", "--disable-sync"]


class Built:
    """What a page needs to know besides the graph."""

    handles: dict[str, Any] = {}
    declarations: list[Any] = []
    scopes: list[Any] = []

    def __init__(self, name: str, graph: Graph) -> None:
        self.name, self.graph = name, graph

    def flat_handles(self) -> dict[str, Any]:
        return {}


def blocks(count: int) -> Built:
    """Residual blocks in stages, each block a scope of some 20 nodes with inner scopes."""
    graph = Graph()
    with graph.as_default():
        x = tf.placeholder(tf.float32, [None, 64], name="x")
        block = 0
        while len(graph) < count:
            with tf.variable_scope(f"stage_{block // 40}"), tf.variable_scope(f"block_{block % 40}"):
                kept = x
                for part in ("expand", "project"):
                    with tf.variable_scope(part):
                        w = tf.get_variable("w", [64, 64], initializer=tf.zeros_initializer())
                        x = tf.nn.relu(tf.matmul(x, w) + tf.get_variable("b", [64]))
                x = tf.add(x, kept, name="out")
            block += 1
    return Built("blocks", graph)


def flat(count: int) -> Built:
    """One long list without any scope: every op reads the last one and one long before."""
    graph = Graph()
    with graph.as_default():
        ops = [tf.placeholder(tf.float32, [8], name="x")]
        while len(graph) < count:
            ops.append(tf.add(ops[-1], ops[len(ops) // 2], name="step"))
    return Built("flat", graph)


FRAMES = """async () => {
  const svg = document.getElementById("graph"), rect = svg.getBoundingClientRect();
  const x = rect.x + rect.width / 2, y = rect.y + rect.height / 2, times = [], script = [];
  const send = (type, more) => svg.dispatchEvent(new (type === "wheel" ? WheelEvent : PointerEvent)(type,
    {bubbles: true, cancelable: true, pointerId: 1, button: 0, ...more}));
  const frame = () => new Promise(requestAnimationFrame);
  svg.setPointerCapture = () => {};
  send("pointerdown", {clientX: x, clientY: y});
  let last = await frame();
  for (let i = 0; i < 120; i++) {
    const before = performance.now();
    if (i < 60) send("pointermove", {clientX: x + 120 * Math.sin(i / 8), clientY: y + 90 * Math.cos(i / 8)});
    else send("wheel", {clientX: x, clientY: y, deltaY: i < 90 ? -60 : 60});
    script.push(performance.now() - before);
    const now = await frame();
    times.push(now - last);
    last = now;
  }
  send("pointerup", {clientX: x, clientY: y});
  return {times, script, elements: svg.querySelectorAll("*").length};
}"""


def measure(page: Any, path: Path, shots: Path | None) -> dict[str, Any]:
    page.goto("about:blank")
    page.goto(path.as_uri())
    out: dict[str, Any] = {}
    for key, entry in (("drawn_ms", "drawn"), ("paint_ms", "first-contentful-paint")):
        while not (found := page.evaluate(f"performance.getEntriesByName('{entry}').map(e => e.startTime)")):
            page.wait_for_timeout(50)
        out[key] = round(found[0])
    for key, opened in (("start", False), ("opened", True)):
        if opened:
            started = time.perf_counter()
            for _ in range(6):
                page.click("#open")
            out["open_all_ms"] = round((time.perf_counter() - started) * 1000)
        if shots is not None:
            page.screenshot(path=shots / f"{path.stem}_{key}.png")
        seen = page.evaluate(FRAMES)
        times = sorted(seen["times"])
        out[key] = {"elements": seen["elements"], "frame_ms": [round(statistics.median(times), 1),
                                                               round(times[int(len(times) * 0.95)], 1)],
                    "script_ms": round(statistics.median(seen["script"]), 2)}
    return out


def main() -> None:
    from playwright.sync_api import sync_playwright

    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--nodes", type=int, default=10000)
    parser.add_argument("--shots", type=Path)
    options = parser.parse_args()
    with sync_playwright() as play, tempfile.TemporaryDirectory() as folder:
        browser = play.chromium.launch(executable_path=shutil.which("chromium"), args=ARGS)
        page = browser.new_page(viewport={"width": 1280, "height": 800})
        for make in (blocks, flat):
            built = make(options.nodes)
            started = time.perf_counter()
            data = to_html(built)
            written = time.perf_counter() - started
            path = Path(folder, f"{built.name}.html")
            path.write_bytes(data)
            facts = {"graph": built.name, "nodes": len(built.graph), "bytes": len(data), "write_s": round(written, 2)}
            print(json.dumps({**facts, **measure(page, path, options.shots)}))
        browser.close()


if __name__ == "__main__":
    main()
