"""Folders for tests that go when the program ends (tf.test.get_temp_dir)."""
from __future__ import annotations

import atexit
import os
import shutil
import sys
import tempfile
from functools import cache
from pathlib import Path

EXPORTS = """
test: get_temp_dir test_src_dir_path
python.platform.googletest: GetTempDir=get_temp_dir test_src_dir_path
"""


@cache
def get_temp_dir() -> str:
    """A folder for this program's tests, in TEST_TMPDIR where that is set (tf.test.get_temp_dir)."""
    above = os.environ.get("TEST_TMPDIR")
    script = Path(sys.argv[0] or "test").stem
    folder = tempfile.mkdtemp(prefix=above or os.path.join(tempfile.gettempdir(), script))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return folder


def test_src_dir_path(relative_path: str) -> str:
    """Where a file of TensorFlow's sources would be, below TEST_SRCDIR (tf.test.test_src_dir_path)."""
    return os.path.join(os.environ["TEST_SRCDIR"], "org_tensorflow/tensorflow", relative_path)


test_src_dir_path.__test__ = False  # type: ignore[attr-defined]
