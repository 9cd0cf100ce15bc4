"""Draws the docs' screenshots of the page in headless Chromium.

    python docs/screenshots.py

Not run by tests: the pixels are a matter of the machine's fonts.
"""
from __future__ import annotations

import shutil
import tempfile
from pathlib import Path

from playwright.sync_api import sync_playwright

from graphcli.cli.main import main

ROOT = Path(__file__).resolve().parents[1]
ARGS = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
        "--disable-background-networking", "--disable-component-update", "--disable-sync"]
SHOTS = {"viewer.png": ("image_filters", "image_filters/conv1/weights", "light"),
         "viewer-dark.png": ("rnn", "cell/both", "dark")}


def shoot(folder: Path) -> None:
    with sync_playwright() as play:
        browser = play.chromium.launch(executable_path=shutil.which("chromium"), args=ARGS)
        for name, (spec, node, scheme) in SHOTS.items():
            page_file = folder / f"{spec}.html"
            if main(["viz", f"specs/{spec}.yaml", "-o", str(page_file)]):
                raise SystemExit(f"{spec} was not drawn")
            page = browser.new_page(viewport={"width": 1200, "height": 760}, color_scheme=scheme)
            page.goto(f"{page_file.as_uri()}#{node}")
            page.screenshot(path=ROOT / "docs" / "pictures" / name)
        browser.close()


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as scratch:
        shoot(Path(scratch))
