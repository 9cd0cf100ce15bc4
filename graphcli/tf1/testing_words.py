"""Assertions about lists, words and numbers that absl's test cases have beside those of unittest."""
from __future__ import annotations

import re
import unittest
from collections.abc import Iterable, Iterator, Mapping, Sequence, Sized
from contextlib import contextmanager
from typing import Any

EXPORTS = ""


class WordAssertions(unittest.TestCase):
    """What absltest.TestCase adds to unittest's, and what later Pythons took away from it."""

    maxDiff = None
    longMessage = True
    assertItemsEqual = unittest.TestCase.assertCountEqual
    assertEquals = unittest.TestCase.assertEqual
    assertNotEquals = unittest.TestCase.assertNotEqual
    assertAlmostEquals = unittest.TestCase.assertAlmostEqual
    assertNotAlmostEquals = unittest.TestCase.assertNotAlmostEqual
    assertRaisesRegexp = unittest.TestCase.assertRaisesRegex
    assertRegexpMatches = unittest.TestCase.assertRegex
    assertNotRegexpMatches = unittest.TestCase.assertNotRegex
    assert_ = unittest.TestCase.assertTrue

    def shortDescription(self) -> str:
        """The test's name, and the first line of its docstring below it."""
        name = self.id().removeprefix("__main__.")
        first = super().shortDescription()
        return name if first is None else f"{name}\n{first}"

    def _said(self, text: str, msg: Any = None) -> None:
        self.fail(self._formatMessage(msg, text))

    def assertStartsWith(self, actual: Any, expected_start: Any, msg: Any = None) -> None:
        """Asserts that a text begins with another."""
        if not actual.startswith(expected_start):
            self.fail(f"{actual!r} does not start with {expected_start!r}" + (f" : {msg!r}" if msg else ""))

    def assertNotStartsWith(self, actual: Any, unexpected_start: Any, msg: Any = None) -> None:
        """Asserts that a text does not begin with another."""
        if actual.startswith(unexpected_start):
            self._said(f"{actual!r} does start with {unexpected_start!r}", msg)

    def assertEndsWith(self, actual: Any, expected_end: Any, msg: Any = None) -> None:
        """Asserts that a text ends with another."""
        if not actual.endswith(expected_end):
            self._said(f"{actual!r} does not end with {expected_end!r}", msg)

    def assertNotEndsWith(self, actual: Any, unexpected_end: Any, msg: Any = None) -> None:
        """Asserts that a text does not end with another."""
        if actual.endswith(unexpected_end):
            self._said(f"{actual!r} does end with {unexpected_end!r}", msg)

    def assertSequenceStartsWith(self, prefix: Any, whole: Sequence[Any], msg: Any = None) -> None:
        """Asserts what a sequence begins with: several elements, or one."""
        first = list(prefix) if isinstance(prefix, Sequence) else [prefix]
        if not first and len(whole):
            self._said(f"Prefix length is 0 but whole length is {len(whole)}: {whole}", msg)
        if first != list(whole[:len(first)]):
            self._said(f"prefix: {first} not found at start of whole: {whole}.", msg)

    def _length(self, container: Any, msg: Any) -> int:
        if not isinstance(container, Sized):
            self._said(f"Expected a Sized object, got: {type(container).__name__!r}", msg)
        return len(container)

    def assertEmpty(self, container: Any, msg: Any = None) -> None:
        """Asserts that there is nothing in it."""
        if length := self._length(container, msg):
            self._said(f"{container!r} has length of {length}.", msg)

    def assertNotEmpty(self, container: Any, msg: Any = None) -> None:
        """Asserts that there is something in it."""
        if not self._length(container, msg):
            self._said(f"{container!r} has length of 0.", msg)

    def assertLen(self, container: Any, expected_len: int, msg: Any = None) -> None:
        """Asserts how much is in it."""
        if (length := self._length(container, msg)) != expected_len:
            self._said(f"{container!r} has length of {length}, expected {expected_len}.", msg)

    def assertSequenceAlmostEqual(self, expected_seq: Sequence[Any], actual_seq: Sequence[Any],
                                  places: int | None = None, msg: Any = None, delta: Any = None) -> None:
        """assertAlmostEqual of each element and its counterpart."""
        if len(expected_seq) != len(actual_seq):
            self._said(f"Sequence size mismatch: {len(expected_seq)} vs {len(actual_seq)}", msg)
        wrong = []
        for i, (expected, actual) in enumerate(zip(expected_seq, actual_seq)):
            try:
                self.assertAlmostEqual(expected, actual, places=places, msg=msg, delta=delta)
            except self.failureException as error:
                wrong.append(f"At index {i}: {error}")
        if wrong:
            self._said("\n".join(wrong[:30] + ["..."] * (len(wrong) > 30)), msg)

    def assertContainsSubset(self, expected_subset: Iterable[Any], actual_set: Iterable[Any], msg: Any = None) -> None:
        """Asserts that all elements of the first are in the second."""
        if missing := set(expected_subset) - set(actual_set):
            self._said(f"Missing elements {missing}\nExpected: {expected_subset}\nActual: {actual_set}", msg)

    def assertNoCommonElements(self, expected_seq: Iterable[Any], actual_seq: Iterable[Any], msg: Any = None) -> None:
        """Asserts that no element is in both."""
        if common := set(expected_seq) & set(actual_seq):
            self._said(f"Common elements {common}\nExpected: {expected_seq}\nActual: {actual_seq}", msg)

    def assertSameElements(self, expected_seq: Any, actual_seq: Any, msg: Any = None) -> None:
        """Asserts that both have the same elements, however often and in any order."""
        if isinstance(expected_seq, (str, bytes)) or isinstance(actual_seq, (str, bytes)):
            self.fail("Passing string/bytes to assertSameElements is usually a bug. Did you mean to use assertEqual?\n"
                      f"Expected: {expected_seq!r}\nActual: {actual_seq!r}")
        missing = [x for x in expected_seq if x not in actual_seq]
        unexpected = [x for x in actual_seq if x not in expected_seq]
        lines = ([f"Expected, but missing:\n  {missing!r}\n"] if missing else []) + (
            [f"Unexpected, but present:\n  {unexpected!r}\n"] if unexpected else [])
        if lines:
            self.fail("".join(([f"{msg}:\n"] if msg else []) + lines))

    def assertBetween(self, value: Any, minv: Any, maxv: Any, msg: Any = None) -> None:
        """Asserts that a number lies between two others, or is one of them."""
        if not minv <= value <= maxv:
            self._said(f'"{value!r}" unexpectedly not between "{minv!r}" and "{maxv!r}"', msg)

    def assertRegexMatch(self, actual_str: str, regexes: Sequence[str], message: Any = None) -> None:
        """Asserts that one of several expressions is found in a text."""
        if not any(re.search(each, actual_str, re.MULTILINE) for each in regexes):
            self._said(f'"{actual_str}" does not contain any of these regexes: {regexes}.', message)

    def assertContainsInOrder(self, strings: Any, target: str, msg: Any = None) -> None:
        """Asserts that these stand one after another in a text."""
        at = 0
        for each in [strings] if isinstance(strings, str) else strings:
            found = target.find(each, at)
            if found < 0:
                self._said(f'Did not find "{each}" in order in "{target}"', msg)
            at = found + len(each)

    @contextmanager
    def assertRaisesWithLiteralMatch(self, expected_exception: Any, expected_exception_message: str,
                                     callable_obj: Any = None, *args: Any, **kwargs: Any) -> Iterator[None]:
        """Asserts that an error is raised, with just these words."""
        try:
            yield
        except expected_exception as error:
            if str(error) != expected_exception_message:
                self.fail(f"Exception message does not match.\nExpected: {expected_exception_message!r}\n"
                          f"Actual: {str(error)!r}")
        else:
            self.fail(f"{expected_exception.__name__} not raised")

    def assertDictContainsSubset(self, subset: Mapping[Any, Any], dictionary: Mapping[Any, Any],
                                 msg: Any = None) -> None:
        """Asserts that a mapping has all that another has."""
        lacking = {k: v for k, v in subset.items() if k not in dictionary or dictionary[k] != v}
        if lacking:
            self._said(f"Missing or mismatched: {lacking}", msg)
