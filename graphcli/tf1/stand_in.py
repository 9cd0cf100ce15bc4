"""Programs that say ``import tensorflow``: inside ``imported()`` that is graphcli.tf1, TensorFlow itself is not needed.

``tensorflow``, ``tensorflow.compat.v1`` and the modules below them are the tables of names of ``modules``. What
programs import of ``tensorflow.python`` and of ``tensorflow.core``, whose files are named otherwise than TF1's modules,
finds its names in any, after those that only such a file has (``EXPORTS`` of ``python.training.moving_averages``).
Below ``tensorflow.contrib.layers.python`` and its like are the names of ``tf.contrib.layers``; ``tf_slim`` is what
``tf.contrib.slim`` has become. ``absl.app``, ``absl.flags``, ``absl.logging`` and ``absl.testing``, which came with
TensorFlow, are here too; flags are those of ``tf.flags``.
"""
from __future__ import annotations

import importlib
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import cache, partial
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec
from types import ModuleType
from typing import Any

from .absent import is_absent_module, is_contrib_file, names_below
from .missing_names import instead
from .modules import find, modules

NAME = "tensorflow"
ROOTS = ("compat.v1", "_api.v1")
PRIVATE, PACKAGES = ("python", "core"), 3
"""``tensorflow.python.ops.array_ops`` has names; what is higher up has modules alone."""
DEEPER = ("python.data.ops", "python.lib.io", "python.summary.writer", "python.ops.losses", "python.ops.distributions",
          "python.ops.ragged")
"""Packages among those that would have names."""
WITH_OPS = "_ops"
GENERATED = "gen_"
"""Begins the names of modules with a function per op type."""
ABSL = "absl"
ABSL_PACKAGES = (ABSL, f"{ABSL}.testing")
ABSL_FILES = {f"{ABSL}.app": "absl_app", f"{ABSL}.logging": "absl_logging", f"{ABSL}.testing.absltest": "testing_main",
              f"{ABSL}.testing.parameterized": "absl_testing"}
SLIM = "tf_slim"
CONTRIB_FILES = frozenset(
    "layers ops framework training slim rnn losses metrics initializers regularizers utils optimizers summaries "
    "normalization arg_scope variables learning hparam loss_ops metric_ops core_rnn_cell rnn_cell lookup_ops "
    "checkpoint_ops attention_wrapper basic_decoder beam_search_decoder beam_search_ops decoder helper loss crf "
    "audio_ops".split())
"""Modules of tf.contrib that programs import names from, which are those of the part of it that they belong to."""


def anywhere(name: str) -> Any:
    """What some module of TF1 has by this name. Raises AttributeError if none has it."""
    found = None if name.startswith("_") else find(name)
    if found is None and (home := _homes().get(name)) is not None:
        return getattr(modules[home], name)
    if found is None:
        raise AttributeError(f"no module of TensorFlow 1 in graphcli has {name!r}")
    return found


@cache
def _homes() -> dict[str, str]:
    """The module where each name is: what is elsewhere has other arguments in tf.contrib, so that comes last."""
    homes: dict[str, str] = {}
    for module in sorted(modules, key=lambda m: (m.startswith("contrib"), m)):
        for name in modules[module].names():
            homes.setdefault(name, module)
    return homes


def nowhere(name: str) -> Any:
    raise AttributeError(f"it has modules, and none that is loaded as {name!r}")


def names_of(path: str) -> Callable[[str], Any] | None:
    """How the names of the module at ``path``, below ``tensorflow``, are found; None where there is no such module."""
    parts = path.split(".")
    if is_absent_module(path) and path not in modules:
        return names_below(path)
    if parts[0] == "contrib" and parts[2:3] == ["python"]:
        home = f"contrib.{parts[1]}"
        rest = parts[4:] if parts[3:4] == parts[1:2] else parts[3:]
        for own in (".".join([home, *rest]), f"{home}.{parts[-1]}"):
            if own in modules:
                return modules[own].__getattr__
        if home not in modules:
            return None
        if not CONTRIB_FILES.issuperset(parts[3:]):
            if not is_contrib_file(path):
                return None
            whole, absent_name = modules[home], names_below(path)
            return lambda name: (getattr(whole, name) if name in whole else absent_name(name))
        part, private = modules[home], modules.get(path)
        # a part is here whole; its files have names of their own beside
        return lambda name: getattr(part if private is None or name not in private else private, name)
    if parts[0] not in PRIVATE:
        return modules[path].__getattr__ if path in modules else None
    if (len(parts) < PACKAGES or path in DEEPER) and not (path in modules and modules[path].names()):
        return nowhere
    return partial(inside, path)


def inside(path: str, name: str) -> Any:
    """What the private module has by this name: the module itself, TF1's that is called as it is, or any."""
    if name.startswith("__"):
        raise AttributeError(name)  # inspect asks all modules for some, again and again
    from .generated_ops import function_of

    above, _, last = path.rpartition(".")
    if last.startswith(GENERATED) and (function := function_of(name)) is not None:
        return function
    if path in modules and name in modules[path]:
        return getattr(modules[path], name)
    if last in modules and not name.startswith("_"):
        try:
            return getattr(modules[last], name)
        except AttributeError:
            pass
    if f"{above}.{name}" in modules:  # a file beside it, which it imports
        return importlib.import_module(f"{NAME}.{above}.{name}")
    try:
        return anywhere(name)
    except AttributeError:
        # the files of TensorFlow have the functions of the ops that theirs are made of
        if not last.endswith(WITH_OPS) or name.startswith("_") or (function := function_of(name)) is None:
            raise
        return function


def beside(name: str) -> Callable[[str], Any] | None:
    """How the names of ``absl``, of ``tf_slim`` or of a module of them are found; None where there is no such."""
    if name.partition(".")[0] == SLIM:
        slim = modules["contrib.slim"].__getattr__
        below = name.split(".")[1:]
        module = modules.get(".".join(["contrib.slim", *below]))
        return module.__getattr__ if module is not None else slim if CONTRIB_FILES.issuperset(below) else None
    if name in ABSL_PACKAGES:
        return nowhere
    if name == f"{ABSL}.flags":
        return modules["flags"].__getattr__
    if (file := ABSL_FILES.get(name)) is not None:
        return partial(getattr, importlib.import_module(f".{file}", __package__))
    return None


def is_ours(name: str) -> bool:
    return name.partition(".")[0] in (NAME, ABSL, SLIM)


class _Finder(MetaPathFinder, Loader):
    """Finds the modules below ``tensorflow`` before any other finder does."""

    def find_spec(self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
                  ) -> ModuleSpec | None:
        if not is_ours(fullname):
            return None
        if fullname.partition(".")[0] != NAME:
            package = fullname in ABSL_PACKAGES or fullname.startswith(SLIM)
            return ModuleSpec(fullname, self, is_package=package) if beside(fullname) else None
        above, _, last = fullname[len(NAME) + 1:].rpartition(".")
        if above in modules and last in modules[above] and f"{above}.{last}" not in modules:
            return None  # a name of a module is none
        return ModuleSpec(fullname, self, is_package=not isinstance(names_of(fullname[len(NAME) + 1:]), partial))

    def exec_module(self, module: ModuleType) -> None:
        name = module.__name__
        if (found := beside(name)) is not None:
            module.__dict__["__getattr__"] = found
            return
        path = name[len(NAME) + 1:]
        for root in ROOTS:
            if path == root or path.startswith(f"{root}."):
                path = path[len(root) + 1:]
        if not path:
            # the import system takes what stands here
            sys.modules[name] = importlib.import_module(__package__ or "")
            return
        find_name = names_of(path)
        if find_name is None and not any(root.startswith(f"{path}.") for root in ROOTS):
            raise ModuleNotFoundError(f"graphcli has no tf.{path} ({instead(path)})")
        if find_name is not None:
            module.__dict__["__getattr__"] = find_name
            if (table := modules.get(path) or modules.get(path.rpartition(".")[2])) is not None:
                module.__dict__["__all__"] = dir(table)


@contextmanager
def imported() -> Iterator[None]:
    """Inside, ``import tensorflow`` imports graphcli.tf1; a TensorFlow or absl that is installed is not looked at.

    Nor need ``six`` be there, which came with it, and numpy and Python know the words of that time.
    """
    from . import old_numpy, old_python
    from .six_words import Finder

    def ours() -> dict[str, Any]:
        return {n: m for n, m in sys.modules.items()
                if is_ours(n) or isinstance(getattr(getattr(m, "__spec__", None), "loader", None), Finder)}

    finder, last, before = _Finder(), Finder(), ours()
    for name in before:
        del sys.modules[name]
    sys.meta_path.insert(0, finder)
    sys.meta_path.append(last)
    try:
        with old_numpy.spoken(), old_python.spoken():
            yield
    finally:
        sys.meta_path.remove(finder)
        sys.meta_path.remove(last)
        for name in ours():
            del sys.modules[name]
        sys.modules.update(before)
