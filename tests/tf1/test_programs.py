"""Whole TF1 programs run after ``import graphcli.tf1 as tf`` and print what they print with TensorFlow.

    python tests/tf1/test_programs.py     # where TensorFlow is: records what the programs print there

Where that is TensorFlow 1.15, it records ``contrib_1_15_*``, which need its tf.contrib, and no others.
"""
from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

PROGRAMS = Path(__file__).resolve().parent / "programs"
ROOT = PROGRAMS.parents[2]
NAMES = sorted(p.stem for p in PROGRAMS.glob("*.py"))
TENSORFLOW = ("import os\nos.environ['TF_CPP_MIN_LOG_LEVEL'] = '3'\nimport tensorflow.compat.v1 as tf\n"
              "tf.disable_v2_behavior()\ntf.disable_resource_variables()\n"
              "tf.logging.set_verbosity(tf.logging.ERROR)\n")
CONTRIB = "from tests.tf1.snippets import give_contrib\ngive_contrib(tf)\n"
"""Gives TensorFlow the tf.contrib that it has no more."""
OURS = "import graphcli.tf1 as tf\n"
PRINTED = "import numpy\nnumpy.set_printoptions(legacy='1.25')\n"
"""A number in a list is printed as the numpy of TensorFlow 1.15 did."""


def printed(name: str, head: str, folder: str) -> str:
    program = (PROGRAMS / f"{name}.py").read_text(encoding="utf-8").replace(OURS, head + PRINTED)
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, cwd=folder, check=False,
                          env={**os.environ, "PYTHONPATH": str(ROOT)})
    assert done.returncode == 0, done.stderr
    return done.stdout


if __name__ == "__main__":
    import tempfile

    import tensorflow  # type: ignore[import-not-found,unused-ignore]

    earlier = tensorflow.__version__.startswith("1.")
    for each in [n for n in NAMES if n.startswith("contrib_1_15_") == earlier]:
        with tempfile.TemporaryDirectory() as scratch:
            head = TENSORFLOW + (CONTRIB if each.startswith(("slim_", "contrib_")) else "")
            (PROGRAMS / f"{each}.txt").write_text(printed(each, head, scratch), encoding="utf-8")
else:
    import pytest

    @pytest.mark.parametrize("name", NAMES)
    def test_program_prints_what_it_prints_with_tensorflow(name: str, tmp_path: Path) -> None:
        expected = (PROGRAMS / f"{name}.txt").read_text(encoding="utf-8")
        assert printed(name, OURS, str(tmp_path)) == expected
