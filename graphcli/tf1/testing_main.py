"""Programs that run the tests in them (tf.test.main), and what else such programs take from tf.test."""
from __future__ import annotations

import sys
import unittest
from typing import Any, NoReturn
from unittest import mock

from .app import start
from .flag_values import FLAGS
from .testing_words import WordAssertions

EXPORTS = """
test: main mock StubOutForTesting
python.platform.googletest: main StubOutForTesting
"""

__all__ = ["TestCase", "mock"]
TestCase = WordAssertions
"""absltest.TestCase."""


class _Result(unittest.TextTestResult):
    """A line as each test begins and as it ends, as absl's programs print them."""

    def _told(self, tag: str, test: unittest.TestCase) -> None:
        self.stream.write(f"[{tag}] {test.id().removeprefix('__main__.')}\n")
        self.stream.flush()

    def startTest(self, test: Any) -> None:
        super().startTest(test)
        self._told(" RUN      ", test)

    def addSuccess(self, test: Any) -> None:
        super().addSuccess(test)
        self._told("       OK ", test)

    def addError(self, test: Any, err: Any) -> None:
        super().addError(test, err)
        self._told("  FAILED  ", test)

    def addFailure(self, test: Any, err: Any) -> None:
        super().addFailure(test, err)
        self._told("  FAILED  ", test)

    def addSkip(self, test: Any, reason: str) -> None:
        super().addSkip(test, reason)
        self._told("  SKIPPED ", test)

    def addExpectedFailure(self, test: Any, err: Any) -> None:
        super().addExpectedFailure(test, err)
        self._told("       OK ", test)

    def addUnexpectedSuccess(self, test: Any) -> None:
        super().addUnexpectedSuccess(test)
        self._told("  FAILED  ", test)


class _Runner(unittest.TextTestRunner):
    def _makeResult(self) -> _Result:
        return _Result(self.stream, self.descriptions, 0)


def main(argv: Any = None) -> NoReturn:
    """Reads the flags, runs the tests of the program, and ends it with 1 where one fails (tf.test.main)."""
    def tests(rest: list[str]) -> None:
        sys.stderr.write(f"Running tests under Python {sys.version.split()[0]}: {sys.executable}\n")
        unittest.main(module="__main__", argv=rest, testRunner=_Runner)

    start(tests, argv, lambda words: FLAGS(words, known_only=True))


class StubOutForTesting:
    """Puts others in the place of attributes, and them back again (tf.test.StubOutForTesting)."""

    def __init__(self) -> None:
        self._kept: list[tuple[Any, str, Any]] = []

    def __enter__(self) -> StubOutForTesting:
        return self

    def __exit__(self, *exc: Any) -> None:
        self.CleanUp()

    def Set(self, parent: Any, child_name: str, new_child: Any) -> None:
        """Gives ``parent`` another attribute, until CleanUp."""
        found = getattr(parent, child_name)
        own = getattr(parent, "__dict__", {}).get(child_name)
        self._kept.append((parent, child_name, own if isinstance(own, staticmethod) else found))
        setattr(parent, child_name, new_child)

    SmartSet = Set

    def CleanUp(self) -> None:
        """Puts back what was there."""
        while self._kept:
            setattr(*self._kept.pop())

    UnsetAll = SmartUnsetAll = CleanUp
