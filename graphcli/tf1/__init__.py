"""The TF1 vocabulary: ``import graphcli.tf1 as tf`` runs graph-building TensorFlow 1.x code.

Names are loaded when they are first used: ``_names.py`` (generated from the ``EXPORTS`` of the files
beside it) says which file has which name. These names *are* the names known in spec expressions.
"""
from __future__ import annotations

import sys
from types import ModuleType
from typing import Any

from . import operators as _operators
from .modules import Module, modules

_tf = modules["tf"]
_operators.install()
__version__ = "1.15.0"
"""The TensorFlow whose programs run here, as ``tf.VERSION`` says."""


class _Vocabulary(ModuleType):
    """The package, in which a file never hides the TF1 name or module that it is called after."""

    def __setattr__(self, name: str, value: Any) -> None:
        if not (isinstance(value, ModuleType) and (name in _tf or name in modules)):
            super().__setattr__(name, value)


sys.modules[__name__].__class__ = _Vocabulary


def __getattr__(name: str) -> Any:
    value = getattr(_tf, name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return dir(_tf)


__all__ = ["Module", "modules"]
__all__ += dir(_tf)  # what a program has after "from tensorflow import *"
