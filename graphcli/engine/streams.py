"""What a session's stateful ops have come to, random streams above all, as plain values and back.

With this and the variables a run that was broken off goes on as if it had not been.
"""
from __future__ import annotations

from typing import Any

import numpy as np

from ..errors import NotSupported
from ..ops._candidates import Learned
from ..ops._philox import Philox
from .state import State


def captured(state: State) -> dict[str, Any]:
    """The private objects of the ops by node name, in a form that JSON takes.

    Raises NotSupported for an op whose object has no such form.
    """
    return {node.name: _plain(thing, node.name) for node, thing in sorted(
        state.privates.items(), key=lambda item: item[0].name)}


def put_back(state: State, saved: dict[str, Any], nodes: dict[str, Any]) -> None:
    """Brings the ops to a captured state; what is captured of a node that is not there is left out."""
    for name, plain in saved.items():
        node = nodes.get(name)
        if node is not None:
            old = state.privates.get(node)
            state.privates[node] = _object(plain, old)


def _plain(thing: Any, name: str) -> Any:
    if isinstance(thing, Philox):
        return {"key": f"{thing.key:x}", "counter": f"{thing.counter:x}"}
    if isinstance(thing, Learned):
        return {"learned": thing.weights.tolist()}
    if isinstance(thing, tuple):
        return {"parts": [_plain(t, name) for t in thing]}
    if isinstance(thing, list) and all(isinstance(t, int) for t in thing):
        return list(thing)
    raise NotSupported(f"the state of {name} cannot be saved")


def _object(plain: Any, old: Any) -> Any:
    """The object of a captured form; ``old``, which kernels may hold already, is changed in place."""
    if isinstance(plain, list):
        made = old if isinstance(old, list) else []
        made[:] = plain
        return made
    if "parts" in plain:
        before = old if isinstance(old, tuple) else (None,) * len(plain["parts"])
        return tuple(_object(p, o) for p, o in zip(plain["parts"], before))
    if "learned" in plain:
        learned = old if isinstance(old, Learned) else Learned(len(plain["learned"]))
        learned.weights = np.array(plain["learned"], np.int64)
        return learned
    stream = old if isinstance(old, Philox) else Philox(0, 0)
    stream.key, stream.counter = int(plain["key"], 16), int(plain["counter"], 16)
    return stream
