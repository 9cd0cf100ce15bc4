"""TensorBoard's own server and pages, on what a run wrote: the graph with its scopes, scalars, the projector."""
from __future__ import annotations

import json
import queue
import re
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def logs(tmp_path_factory: Any) -> Path:
    """Two runs of the gallery's summaries, and one with vectors to look at."""
    from graphcli.cli.main import main

    folder: Path = tmp_path_factory.mktemp("runs")
    spec = str(ROOT / "specs" / "summaries.yaml")
    for run, rate in (("slow", "0.1"), ("fast", "0.5")):
        assert not main(["run", spec, "--steps", "20", "--logdir", str(folder / run), "--set", f"rate={rate}"])
    labels = folder / "cities.tsv"
    labels.write_text("city\tcontinent\nCairo\tAfrica\nLima\tAmerica\nOslo\tEurope\nQuito\tAmerica\n")
    vectors = json.dumps([[30.0, 31.2, 1.0], [-12.0, -77.0, 2.0], [59.9, 10.8, 3.0], [-0.2, -78.5, 4.0]])
    assert not main(["events", "embed", str(folder / "cities"), f"places={vectors}", "--labels", f"places={labels}"])
    return folder


@pytest.fixture(scope="module")
def address(logs: Path, browser: Any) -> Iterator[str]:
    """TensorBoard serving the runs on a free port of loopback. Needs the browser first: without it, nothing starts."""
    pytest.importorskip("tensorboard", reason="no tensorboard: pip install '.[test]'")
    server = subprocess.Popen([sys.executable, "-m", "tensorboard.main", "--logdir", str(logs), "--host", "127.0.0.1",
                               "--port", "0", "--load_fast", "false"], stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT, text=True)
    said: queue.Queue[str] = queue.Queue()
    assert server.stdout is not None
    output = server.stdout
    threading.Thread(target=lambda: [said.put(line) for line in output], daemon=True).start()
    try:
        lines = []
        while True:
            lines.append(said.get(timeout=60))
            found = re.search(r"http://127\.0\.0\.1:\d+/", lines[-1])
            if found:
                yield found[0]
                break
    finally:
        server.terminate()
        server.wait(10)


def test_the_graph_page_shows_the_scopes(address: str, open_page: Any) -> None:
    page = open_page(f"{address}#graphs").page
    page.locator("g.node text", has_text="layer1").first.wait_for()
    names = page.locator("tf-graph-scene g.node").evaluate_all("l => l.map(e => e.getAttribute('data-name'))")
    assert {"layer1", "layer2", "training", "xor"} <= set(names)
    page.locator("g.node[data-name='layer1']").first.dblclick()
    page.locator("g.node[data-name='layer1/w']").first.wait_for()
    inside = page.locator("tf-graph-scene g.node").evaluate_all("l => l.map(e => e.getAttribute('data-name'))")
    assert {"layer1/w", "layer1/b", "layer1/matmul"} <= set(inside)


def test_the_graph_page_can_colour_by_time(address: str, open_page: Any) -> None:
    page = open_page(f"{address}#graphs").page
    page.locator("g.node text", has_text="layer1").first.wait_for()
    tags = page.request.get(f"{address}data/plugin/graphs/info").json()
    steps = tags["fast"]["tags"]
    assert any(facts["profile"] for facts in steps.values())
    tag = next(name for name, facts in steps.items() if facts["profile"])
    stats = page.request.get(f"{address}data/plugin/graphs/run_metadata", params={"run": "fast", "tag": tag}).text()
    assert "layer1/matmul" in stats and "all_end_rel_micros" in stats


def test_the_graph_page_is_coloured_by_what_a_step_cost(address: str, open_page: Any) -> None:
    seen = open_page(f"{address}#graphs&run=fast")
    page = seen.page
    page.locator("g.node text", has_text="layer1").first.wait_for()
    page.locator("tf-graph-controls paper-dropdown-menu").nth(1).click()
    page.get_by_text("step 20").first.click()
    page.locator("g.node[data-name='layer1']").first.dblclick()
    page.locator("g.node[data-name='layer1/w']").first.wait_for()
    box = "g.node[data-name='layer1/w'] > .nodeshape > rect"
    plain = page.locator(box).first.evaluate("e => getComputedStyle(e).fill")
    for what, unit in (("Compute time", r"[\d.]+ [µm]s"), ("Memory", r"[\d.]+ K?B")):
        page.get_by_text(what, exact=True).first.click()
        most = page.locator("tf-graph-controls .domainEnd")
        most.wait_for()
        assert re.fullmatch(unit, most.inner_text().strip())
        assert page.locator(box).first.evaluate("e => getComputedStyle(e).fill") != plain
    page.get_by_text("Device", exact=True).first.click()
    page.locator("tf-graph-controls").get_by_text("CPU:0").locator("visible=true").first.wait_for()
    assert not [line for line in seen.console if "TypeError" in line]


def test_the_scalars_page_shows_both_runs(address: str, open_page: Any) -> None:
    page = open_page(f"{address}#scalars").page
    for wanted in ("tag: xor/loss", "tag: xor/accuracy", "slow", "fast"):
        page.get_by_text(wanted).first.wait_for()
    lines = page.locator("tf-scalar-card svg path.line, tf-scalar-card svg g.plot path")
    lines.first.wait_for(state="attached")
    assert page.locator("tf-scalar-card").count() == 2


def test_histograms_images_and_text_have_pages(address: str, open_page: Any) -> None:
    for tab, part, wanted in (("histograms", "tf-histogram-dashboard", "layer1/activations"),
                              ("images", "tf-image-dashboard", "layer1/weights"),
                              ("text", "tf-text-dashboard", "Exclusive or")):
        page = open_page(f"{address}#{tab}").page
        page.locator(part).get_by_text(wanted).first.wait_for()


def test_the_projector_shows_vectors_and_labels(address: str, open_page: Any) -> None:
    page = open_page(f"{address}#projector").page
    # a page in a frame in a frame
    inner = page.frame_locator("iframe").frame_locator("iframe")
    inner.locator(".numDataPoints", has_text="4").first.wait_for()
    inner.locator(".dim", has_text="3").first.wait_for()
    inner.get_by_text("city").first.wait_for(state="attached")
    inner.get_by_text("continent").first.wait_for(state="attached")
    inner.locator("canvas").first.wait_for()
