"""Names that Python's modules had under TensorFlow 1.15: programs that say ``collections.Mapping`` find them again."""
from __future__ import annotations

import base64
import collections
import collections.abc
import fractions
import inspect
import math
import time
from collections.abc import Iterator
from contextlib import contextmanager
from types import ModuleType
from typing import Any

from .private_util import ArgSpec


def _getargspec(func: Any) -> ArgSpec:
    """The arguments of a function (inspect.getargspec). Raises ValueError where some are by keyword alone."""
    told = inspect.getfullargspec(func)
    if told.kwonlyargs or told.annotations:
        raise ValueError("Function has keyword-only parameters or annotations, use getfullargspec() API which can "
                         "support them")
    return ArgSpec(told.args, told.varargs, told.varkw, told.defaults)


LOST: tuple[tuple[ModuleType, dict[str, Any]], ...] = (
    (collections, {name: getattr(collections.abc, name) for name in collections.abc.__all__}),
    (inspect, {"getargspec": _getargspec, "ArgSpec": ArgSpec}),
    (time, {"clock": time.process_time}),
    (fractions, {"gcd": math.gcd}),
    (base64, {"encodestring": base64.encodebytes, "decodestring": base64.decodebytes}))
"""What each module lost since Python 3.7."""


@contextmanager
def spoken() -> Iterator[None]:
    """Inside, the modules have what they lost."""
    given = [(module, name, value) for module, names in LOST for name, value in names.items()
             if name not in vars(module)]
    for module, name, value in given:
        setattr(module, name, value)
    try:
        yield
    finally:
        for module, name, _ in given:
            delattr(module, name)
