"""Each bad spec NAME.yaml of this folder has its complete error text beside it, NAME.txt.

To put in what the program says now: ``python tests/errors/test_errors.py``, and read the diff.
"""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from graphcli.errors import GraphError, reason_of
from graphcli.spec import load_spec

HERE = Path(__file__).parent
NAMES = sorted(p.stem for p in HERE.glob("*.yaml"))


def told(name: str) -> str:
    """What loading the spec raises, as stderr shows it."""
    old = os.getcwd()
    os.chdir(HERE)
    try:
        load_spec(f"{name}.yaml")
    except GraphError as error:
        return error.render() + "\n"
    finally:
        os.chdir(old)
    return ""


@pytest.mark.parametrize("name", NAMES)
def test_error_text(name: str) -> None:
    assert told(name) == (HERE / f"{name}.txt").read_text(encoding="utf-8")


if __name__ == "__main__":
    for each in NAMES:
        (HERE / f"{each}.txt").write_text(told(each), encoding="utf-8")


def test_what_the_system_says_ends_a_sentence_of_ours() -> None:
    assert reason_of(PermissionError(13, "Permission denied", "/x")) == "permission denied"
    assert reason_of(ValueError("embedded null byte")) == "embedded null byte"
