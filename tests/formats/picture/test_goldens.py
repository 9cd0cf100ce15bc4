"""Pictures word for word. ``python tests/formats/picture/goldens.py`` writes them again."""
from __future__ import annotations

import importlib.util
from pathlib import Path

import pytest

HERE = Path(__file__).parent
_spec = importlib.util.spec_from_file_location("goldens", HERE / "goldens.py")
assert _spec is not None and _spec.loader is not None
goldens = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(goldens)


@pytest.mark.parametrize("name", sorted(goldens.GOLDENS))
def test_picture(name: str) -> None:
    assert goldens.told(name) == (HERE / "golden" / name).read_text(encoding="utf-8")


def test_no_golden_without_a_command() -> None:
    assert sorted(p.name for p in (HERE / "golden").iterdir()) == sorted(goldens.GOLDENS)


@pytest.mark.parametrize("name", sorted(n for n in goldens.GOLDENS if n.endswith(".txt")))
def test_text_fits_a_terminal_of_eighty_columns(name: str) -> None:
    assert all(len(line) <= 80 and line == line.rstrip() for line in goldens.told(name).splitlines())
