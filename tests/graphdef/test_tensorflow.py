"""TensorFlow imports every graph of the gallery and the corpus that graphcli wrote, and gets the same numbers.

Skipped where there is no TensorFlow: in this Python, or in the one that GRAPHCLI_TENSORFLOW names.
"""
from __future__ import annotations

import importlib.util
import os
import subprocess
import sys
from pathlib import Path

import pytest

from . import tf_import

PYTHON = os.environ.get("GRAPHCLI_TENSORFLOW") or (sys.executable if importlib.util.find_spec("tensorflow") else None)


@pytest.mark.skipif(PYTHON is None, reason="TensorFlow is not installed; GRAPHCLI_TENSORFLOW may name a Python with it")
def test_tensorflow_gets_the_same_numbers(tmp_path: Path) -> None:
    tf_import.write(tmp_path)
    assert PYTHON is not None
    subprocess.run([PYTHON, tf_import.__file__, "run", str(tmp_path)], check=True, timeout=900)
    found = tf_import.compare(tmp_path)
    assert found["bad"] == [] and len(found["good"]) > 100
