"""Bad specs and bad command lines, each with its complete stderr.

``cases/NAME.cmd`` is a command line, run in that folder; ``cases/NAME.stderr`` is what it says, and
its exit status. To put in what the program says now, and then read the diff:

    python tests/errors/refresh.py
"""

from __future__ import annotations

import shlex
from pathlib import Path
from typing import Any

import pytest

CASES = Path(__file__).parent / "cases"
NAMES = sorted(p.stem for p in CASES.glob("*.cmd"))


def told(run: Any, name: str) -> str:
    """What a case says on stderr, and its exit status."""
    words = shlex.split((CASES / f"{name}.cmd").read_text(encoding="utf-8"))
    assert words[0] == "graphcli"
    result = run(*words[1:], cwd=CASES)
    return f"{result.err}[exit {result.code}]\n"


@pytest.mark.parametrize("name", NAMES)
def test_stderr(name: str, invoke: Any) -> None:
    assert told(invoke, name) == (CASES / f"{name}.stderr").read_text(encoding="utf-8")


def test_there_are_enough() -> None:
    assert len(NAMES) >= 80
    assert {p.stem for p in CASES.glob("*.stderr")} == set(NAMES)


@pytest.mark.parametrize("name", NAMES)
def test_form(name: str) -> None:
    """Every error is a block that begins with ``error:`` and no bug; its status says whose fault it is."""
    text = (CASES / f"{name}.stderr").read_text(encoding="utf-8")
    assert text.startswith("error: ")
    assert "bug in graphcli" not in text and "Traceback" not in text
    assert text.endswith(("[exit 1]\n", "[exit 2]\n"))
