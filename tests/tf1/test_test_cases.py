"""Owners' own tests run by ``python -m graphcli.tf1``: decorators, devices, and the exit status."""
from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
TESTS = '''
import tensorflow as tf
from absl.testing import parameterized
from tensorflow.python.framework import test_util
from tensorflow.python.platform import test


class AddTest(test.TestCase, parameterized.TestCase):
    @parameterized.parameters((1, 2), dict(a=3, b=4))
    def testAdd(self, a, b):
        with self.session(use_gpu=True):
            self.assertEqual(tf.add(a, b).eval(), a + b)
        print(self.id().replace("__main__.", ""))

    @parameterized.named_parameters(("One", 1), dict(testcase_name="Two", v=2))
    def testNamed(self, v):
        print(self._testMethodName, v)

    @test_util.run_in_graph_and_eager_modes
    def testModes(self):
        self.assertAllEqual(self.evaluate(tf.constant([1, 2]) + 1), [2, 3])
        test_util.assert_ops_in_graph({"add": "AddV2"}, tf.get_default_graph())

    @test_util.run_v2_only
    def testOfTheFuture(self):
        self.fail("it ran")

    def testDevice(self):
        with self.test_session():
            print(tf.constant(1, name="c").op.device)
        with self.test_session(use_gpu=True):
            print(repr(tf.constant(1, name="c").op.device))

    def testOpenGraphsAreLeftBehind(self):
        tf.Graph().as_default().__enter__()

    def testThatFails(self):
        self.assertAllEqual([1, 2], [1, WANTED])


if __name__ == "__main__":
    test.main()
'''


def run(folder: Path, wanted: int, *arguments: str) -> subprocess.CompletedProcess[str]:
    (folder / "add_test.py").write_text(TESTS.replace("WANTED", str(wanted)), encoding="utf-8")
    return subprocess.run([sys.executable, "-m", "graphcli.tf1", "add_test.py", *arguments], cwd=folder,
                          capture_output=True, text=True, check=False, env={**os.environ, "PYTHONPATH": str(ROOT)})


def test_tests_of_owners_run_and_print_as_with_tensorflow(tmp_path: Path) -> None:
    done = run(tmp_path, 2)
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines() == ["AddTest.testAdd0 (1, 2)", "AddTest.testAdd1 (a=3, b=4)", "/device:CPU:0", "''",
                                        "testNamedOne 1", "testNamedTwo 2"]
    lines = done.stderr.splitlines()
    assert "[       OK ] AddTest.testModes" in lines and "[  SKIPPED ] AddTest.testOfTheFuture" in lines
    assert lines[-1] == "OK (skipped=2)"


def test_a_test_that_fails_ends_the_program_with_1_and_one_may_be_asked_for(tmp_path: Path) -> None:
    done = run(tmp_path, 3, "AddTest.testThatFails")
    assert (done.returncode, done.stderr.splitlines()[-1]) == (1, "FAILED (failures=1)")
    assert "not equal where = (array([1]),)" in done.stderr
