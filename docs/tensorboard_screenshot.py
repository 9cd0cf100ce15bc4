"""Takes docs/pictures/tensorboard.png: TensorBoard's own server, in headless Chromium, on two runs of a gallery spec.

    python docs/tensorboard_screenshot.py [--graph FILE]      # --graph: of the graph page too, coloured by time

Not run by tests: the pixels are a matter of the machine's fonts and of TensorBoard's release.
"""
from __future__ import annotations

import argparse
import contextlib
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from playwright.sync_api import sync_playwright

from graphcli.cli.main import main

ROOT = Path(__file__).resolve().parents[1]
PICTURE = ROOT / "docs" / "pictures" / "tensorboard.png"
ARGS = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
        "--disable-background-networking", "--disable-component-update", "--disable-sync"]
RUNS = {"slow": "0.1", "fast": "0.5"}


def logged(folder: Path) -> None:
    """Two runs with different rates of learning."""
    for run, rate in RUNS.items():
        if main(["run", str(ROOT / "specs" / "summaries.yaml"), "--steps", "300", "--fetch", "training.train",
                 "--logdir", str(folder / "runs" / run), "--set", f"rate={rate}"]):
            raise SystemExit("the run failed")


@contextlib.contextmanager
def served(folder: Path) -> Iterator[str]:
    """The address of TensorBoard on a free port."""
    server = subprocess.Popen([sys.executable, "-m", "tensorboard.main", "--logdir", "runs", "--host", "127.0.0.1",
                               "--port", "0", "--load_fast", "false"], cwd=folder, stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT, text=True)
    assert server.stdout is not None
    try:
        for line in server.stdout:
            if found := re.search(r"http://127\.0\.0\.1:\d+/", line):
                yield found[0]
                return
        raise SystemExit("TensorBoard did not start")
    finally:
        server.terminate()
        server.wait(10)


def scalars(page: Any, address: str) -> None:
    page.goto(f"{address}#scalars&_smoothingWeight=0")
    page.get_by_text("tag: xor/loss").first.wait_for()
    page.locator("tf-scalar-card svg path.line, tf-scalar-card svg g.plot path").first.wait_for(state="attached")
    page.wait_for_timeout(2500)
    page.screenshot(path=PICTURE)


def graph(page: Any, address: str, path: str) -> None:
    page.goto(f"{address}#graphs&run=fast")
    page.locator("g.node text", has_text="layer1").first.wait_for()
    page.wait_for_timeout(2500)
    page.screenshot(path=path)


def take(folder: Path, graph_path: str | None) -> None:
    with served(folder) as address, sync_playwright() as play:
        browser = play.chromium.launch(executable_path=shutil.which("chromium"), args=ARGS)
        page = browser.new_page(viewport={"width": 1200, "height": 640})
        scalars(page, address)
        if graph_path is not None:
            graph(page, address, graph_path)
        browser.close()


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--graph", metavar="FILE", help="a picture of the graph page too")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        logged(Path(scratch))
        take(Path(scratch), arguments.graph)
