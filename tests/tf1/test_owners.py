"""Programs as their owners have them, for TensorFlow 1.15, print here what they print there.

    python tests/tf1/test_owners.py     # where TensorFlow 1.15 is: records what the programs print there
"""
from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

PROGRAMS = Path(__file__).resolve().parent / "owners"
ROOT = PROGRAMS.parents[2]
NAMES = sorted(p.stem for p in PROGRAMS.glob("*.py"))


def printed(name: str, *before: str, folder: str) -> str:
    done = subprocess.run([sys.executable, *before, str(PROGRAMS / f"{name}.py")], capture_output=True,
                          cwd=folder, check=False,
                          env={**os.environ, "PYTHONPATH": str(ROOT), "TF_CPP_MIN_LOG_LEVEL": "3"})
    assert done.returncode == 0, done.stderr.decode()
    return done.stdout.decode()


if __name__ == "__main__":
    import tempfile

    for each in sys.argv[1:] or NAMES:
        with tempfile.TemporaryDirectory() as scratch:
            (PROGRAMS / f"{each}.txt").write_text(printed(each, "-W", "ignore", folder=scratch), encoding="utf-8")
else:
    import pytest

    @pytest.mark.parametrize("name", NAMES)
    def test_program_prints_what_it_prints_with_tensorflow_1_15(name: str, tmp_path: Path) -> None:
        expected = (PROGRAMS / f"{name}.txt").read_text(encoding="utf-8")
        assert printed(name, "-m", "graphcli.tf1", folder=str(tmp_path)) == expected
