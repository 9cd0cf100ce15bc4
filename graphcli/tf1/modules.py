"""The modules of TF1 (tf, tf.nn, tf.math, …) as tables of names that load their file on first use."""
from __future__ import annotations

import importlib
from functools import cache
from typing import Any

from ._names import NAMES
from .absent import absent
from .dispatch import dispatched, kinds
from .missing_names import instead

SEARCH = ("tf", "nn", "math", "linalg", "train", "summary", "random", "initializers", "bitwise")
"""The modules in which a bare name of an expression is looked up, in this order."""


class Module:
    """One module of TF1's name tree; attributes are functions, classes, or modules below it."""

    def __init__(self, name: str, names: dict[str, tuple[str, str]]) -> None:
        self.__name__ = name
        self._names = names

    def __getattr__(self, name: str) -> Any:
        where = self._names.get(name)
        if where is not None:
            value = _found(where)
        elif (below := modules.get(self._below(name))) is not None:
            value = below
        elif name.startswith("__"):
            raise AttributeError(name, name=name, obj=self)  # inspect asks all modules for some, again and again
        elif (value := absent(self._below(name))) is None:
            raise AttributeError(f"graphcli has no {self._path}.{name} ({instead(self._below(name), self._names)})",
                                 name=name, obj=self)
        self.__dict__[name] = value
        return value

    def _below(self, name: str) -> str:
        return name if self.__name__ == "tf" else f"{self.__name__}.{name}"

    @property
    def _path(self) -> str:
        return "tf" if self.__name__ == "tf" else f"tf.{self.__name__}"

    def __contains__(self, name: str) -> bool:
        return name in self._names

    def names(self) -> list[str]:
        """Its names without the modules below it."""
        return list(self._names)

    def __dir__(self) -> list[str]:
        lead = self._below("")
        below = [m[len(lead):] for m in modules if m.startswith(lead) and m != "tf" and "." not in m[len(lead):]]
        return sorted([*self._names, *below])

    def __repr__(self) -> str:
        return f"<module {self.__name__!r}>"


_KINDS = kinds(NAMES)


@cache
def _found(where: tuple[str, str]) -> Any:
    """What a file has by a name."""
    value = getattr(importlib.import_module(f"{__package__}.{where[0]}"), where[1])
    return dispatched(value, _KINDS[where]) if where in _KINDS else value


modules: dict[str, Module] = {name: Module(name, table) for name, table in NAMES.items()}
for _name in ("tf", *SEARCH, "strings", "dtypes"):
    modules.setdefault(_name, Module(_name, {}))
for _name in list(modules):
    while "." in _name:
        _name = _name.rpartition(".")[0]
        modules.setdefault(_name, Module(_name, {}))
modules["compat.v1"] = modules["tf"]


def find(name: str) -> Any:
    """What a bare name of an expression means, or None: tf, tf.nn, tf.math, … in the order of SEARCH."""
    for module in SEARCH:
        if name in modules[module]:
            return getattr(modules[module], name)
    return modules.get(name)


def all_names() -> list[str]:
    """Every bare name that ``find`` knows, sorted."""
    return sorted({n for m in SEARCH for n in dir(modules[m])})
