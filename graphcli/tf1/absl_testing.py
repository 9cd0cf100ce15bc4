"""Tests that are run for several values (absl.testing.parameterized)."""
from __future__ import annotations

import itertools
import types
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import wraps
from typing import Any

from .testing_words import WordAssertions

NAME = "testcase_name"


def _many(value: Any) -> bool:
    return isinstance(value, Iterable) and not isinstance(value, (str, bytes))


def _listed(values: Any) -> str:
    if isinstance(values, Mapping):
        return ", ".join(f"{name}={value!r}" for name, value in values.items())
    return ", ".join(map(repr, values if _many(values) else (values,)))


class Several:
    """A test and the values that it is run for; ``tests`` makes one for each."""

    def __init__(self, test: Any, cases: Any, named: bool) -> None:
        self.test, self.cases, self.named = test, cases, named
        self.__name__ = getattr(test, "__name__", "test")

    def __call__(self, *args: Any, **kwargs: Any) -> None:
        raise RuntimeError("You appear to be running a parameterized test case without having inherited from "
                           "parameterized.TestCase.")

    def tests(self, name: str) -> Iterator[tuple[str, Any]]:
        for i, values in enumerate(self.cases):
            suffix: Any = i
            if isinstance(values, types.GeneratorType):
                values = tuple(values)
            if self.named:
                suffix, values = _name_of(values)
                if name.startswith("test_") and suffix and not suffix.startswith("_"):
                    suffix = f"_{suffix}"
            made = _bound(self.test, values)
            made.__name__ = f"{name}{suffix}"
            made.__doc__ = f"{made.__name__}({_listed(values)})" + (
                f"\n{self.test.__doc__}" if self.test.__doc__ else "")
            if not self.named:
                made.__params__ = f"({_listed(values)})"
            yield made.__name__, made


def _name_of(values: Any) -> tuple[str, Any]:
    if isinstance(values, Mapping):
        if NAME not in values:
            raise RuntimeError(f'Dict for named tests must contain key "{NAME}"')
        return str(values[NAME]), {k: v for k, v in values.items() if k != NAME}
    if not _many(values):
        raise RuntimeError("Named tests must be passed a dict or non-string iterable.")
    if not isinstance(values[0], str):
        raise RuntimeError("The first element of named test parameters is the test name suffix and must be a string")
    return values[0], values[1:]


def _bound(test: Any, values: Any) -> Any:
    @wraps(test)
    def run(self: Any) -> Any:
        if isinstance(values, Mapping):
            return test(self, **values)
        return test(self, *values) if _many(values) else test(self, values)

    return run


def _decorator(cases: Any, named: bool) -> Callable[[Any], Any]:
    if len(cases) == 1 and not isinstance(cases[0], (tuple, Mapping)):
        assert _many(cases[0]), "Single parameter argument must be a non-string non-Mapping iterable"
        cases = cases[0]
    cases = list(cases)
    if not cases:
        raise NoTestsError("parameterized test decorators did not generate any tests.")

    def mark(test: Any) -> Any:
        if not isinstance(test, type):
            return Several(test, cases, named)
        for name, value in list(vars(test).items()):
            if name.startswith("test") and isinstance(value, types.FunctionType):
                delattr(test, name)
                for each, made in Several(value, cases, named).tests(name):
                    setattr(test, each, made)
        return test

    return mark


class NoTestsError(Exception):
    """There is nothing that a test is run for."""


class DuplicateTestNameError(Exception):
    """Two tests of a class have one name."""


def parameters(*testcases: Any) -> Callable[[Any], Any]:
    """A test for each of these: tuples or dicts of arguments, or values; or one list of them."""
    return _decorator(testcases, named=False)


def named_parameters(*testcases: Any) -> Callable[[Any], Any]:
    """parameters, of which each begins with what the name of its test ends with (``testcase_name`` in a dict)."""
    return _decorator(testcases, named=True)


def product(*kwargs_seqs: Any, **testgrid: Any) -> Callable[[Any], Any]:
    """A test for each way to take a value of each argument."""
    grids = [*kwargs_seqs, *([{name: value} for value in values] for name, values in testgrid.items())]
    return _decorator([{k: v for part in parts for k, v in part.items()} for parts in itertools.product(*grids)], False)


class TestGeneratorMetaclass(type):
    """Makes the tests of a class that its decorators ask for."""

    def __new__(cls, class_name: str, bases: Any, dct: dict[str, Any]) -> Any:
        for name, value in list(dct.items()):
            if isinstance(value, Several):
                del dct[name]
                for each, made in value.tests(name):
                    if each in dct:
                        raise DuplicateTestNameError(f"Duplicate parameterized test name in {class_name}: {each!r} "
                                                     "already exists.")
                    dct[each] = made
        return super().__new__(cls, class_name, bases, dct)


class TestCase(WordAssertions, metaclass=TestGeneratorMetaclass):
    """absltest.TestCase whose tests may be decorated."""

    def id(self) -> str:
        """The test's name, with the values that it runs for."""
        values = getattr(getattr(self, self._testMethodName), "__params__", "")
        return f"{super().id()} {values}" if values else super().id()
