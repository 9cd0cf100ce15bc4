"""What TensorFlow 1.15 has and graphcli has not: programs may import it, name it and derive from it.

Many programs import tf.keras, tf.estimator or tf.contrib.tpu beside what they use. What is absent is refused where it
is called, or where an object of a class that derives from it is made. Nothing is an instance of what is absent.
"""
from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any

from .absent_names import FILES, MODULES, NAMES
from .missing_names import instead

PRIVATE = ("python.keras", "python.estimator", "python.tpu", "python.distribute", "python.autograph", "python.debug",
           "python.compiler", "python.profiler", "lite", "tools", "compiler", "compat.v2")
"""Folders of TensorFlow's own files of which nothing is here."""
SLIM = {"contrib.layers": ("contrib.slim",), "contrib.metrics": ("contrib.slim.metrics",),
        "contrib.losses": ("contrib.slim.losses",)}
"""Where tf.contrib.slim has the names of other modules."""


@cache
def _absent_modules() -> frozenset[str]:
    return frozenset(MODULES.split())


@cache
def _absent_names() -> frozenset[str]:
    """``module.name`` of every name that is absent in a module that is here in part."""
    return frozenset(name if module == "tf" else f"{module}.{name}" for part, names in NAMES.items()
                     for module in (part, *SLIM.get(part, ())) for name in names.split())


@cache
def _files() -> frozenset[str]:
    return frozenset(f"{folder}.{file}" for folder, files in FILES.items() for file in files.split())


def below(path: str, tops: Any) -> bool:
    """Whether a path is one of these or below one of them."""
    while path:
        if path in tops:
            return True
        path = path.rpartition(".")[0]
    return False


def is_absent_module(path: str) -> bool:
    """Whether TensorFlow 1.15 has this module, with what is below it, and graphcli has nothing of it."""
    return below(path, _absent_modules()) or below(path, PRIVATE)


def is_contrib_file(path: str) -> bool:
    """Whether TensorFlow 1.15 has this file of a part of tf.contrib that is here."""
    return path in _files() or below(path, ("contrib.learn.python.learn",))


def absent(path: str) -> Absent | None:
    """What stands for the name at this path, ``keras`` or ``train.Server``; None where TensorFlow 1.15 has none."""
    return Absent(path) if path in _absent_names() or is_absent_module(path) else None


def names_below(path: str) -> Callable[[str], Any]:
    """How the names of an absent module are found."""
    return Absent(path).__getattr__


def refusal(path: str) -> AttributeError:
    return AttributeError(f"graphcli has no tf.{path} ({instead(path)})")


class Absent:
    """A module, class or function that is not here, by its path below ``tf``."""

    def __init__(self, path: str) -> None:
        self._path = path

    def __getattr__(self, name: str) -> Absent:
        if name.startswith("__"):
            raise AttributeError(name)
        return Absent(f"{self._path}.{name}")

    def __call__(self, *args: Any, **words: Any) -> Any:
        raise refusal(self._path)

    def __mro_entries__(self, bases: Any) -> tuple[type]:
        return (_base(self._path),)

    def __instancecheck__(self, value: Any) -> bool:
        return isinstance(value, _base(self._path))

    def __subclasscheck__(self, kind: type) -> bool:
        return issubclass(kind, _base(self._path))

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Absent) and other._path == self._path

    def __hash__(self) -> int:
        return hash(self._path)

    def __repr__(self) -> str:
        return f"<tf.{self._path}, which graphcli has not>"


@cache
def _base(path: str) -> type:
    """A class to derive from, of which no object can be made."""
    def refuse(cls: type, *args: Any, **words: Any) -> Any:
        raise refusal(path)

    return type(path.rpartition(".")[2], (), {"__new__": refuse, "__module__": "tensorflow"})
