"""The docs' pictures are what the program draws, and every one is shown."""
from __future__ import annotations

import importlib.util
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
_spec = importlib.util.spec_from_file_location("draw", ROOT / "docs" / "draw.py")
assert _spec is not None and _spec.loader is not None
draw = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(draw)


@pytest.mark.skipif(__import__("shutil").which("dot") is not None,
                    reason="another dot than the wheel's lays out in its own way")
def test_pictures_are_up_to_date() -> None:
    assert draw.stale() == [], "python docs/draw.py draws them again"


def test_every_picture_is_shown() -> None:
    page = (ROOT / "docs" / "pictures.md").read_text(encoding="utf-8")
    shown = set(re.findall(r"\]\(pictures/([^)]+)\)", page))
    assert shown == {p for p in draw.pictures() if p.endswith(".svg")}


def test_the_mermaid_block_is_what_was_drawn() -> None:
    page = (ROOT / "docs" / "pictures.md").read_text(encoding="utf-8")
    block = page.split("```mermaid\n")[1].split("```")[0]
    assert block == (ROOT / "docs" / "pictures" / "line.mmd").read_text(encoding="utf-8")
