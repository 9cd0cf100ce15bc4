"""The benchmark refuses what it cannot do before it measures for minutes."""
from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

RUN = Path(__file__).parents[2] / "benchmarks" / "run.py"


@pytest.mark.parametrize(("arguments", "why"), [
    (["nothing"], "no family nothing; there are along_rows, "),
    (["tiny", "--times", "0"], "argument --times: 0 is no number of repetitions"),
    (["tiny", "--tensorflow", "no/python"], "--tensorflow no/python: there is no such program"),
    (["tiny", "-o", "no/folder/result"], "-o no/folder/result: nothing can be written there"),
])
def test_wrong_arguments_are_told_at_once(arguments: list[str], why: str) -> None:
    found = subprocess.run([sys.executable, str(RUN), *arguments], capture_output=True, text=True)
    assert found.returncode == 2 and f"run.py: error: {why}" in found.stderr and not found.stdout


def test_an_interpreter_without_the_peer_is_told(tmp_path: Path) -> None:
    python = tmp_path / "python"
    python.write_text("#!/bin/sh\nexit 1\n")
    python.chmod(0o755)
    command = [sys.executable, str(RUN), "tiny", "--pytensor", str(python)]
    found = subprocess.run(command, capture_output=True, text=True)
    assert found.returncode == 1
    assert "the process with pytensor ended" in found.stderr or "does not run pytensor" in found.stderr
