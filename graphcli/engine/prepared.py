"""Prepared: one set of fetches and feeds, its executables by the shapes of the feeds, and the fast way to call them."""
from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from ..graph.graph import Node, Tensor
from .failures import uninitialized
from .feeds import converter
from .fetches import Fetches
from .text import function_of

if TYPE_CHECKING:
    from .execute import Executable
    from .plans import Plans

SHAPES = 16
"""Shapes of feeds for which a plan of their own is made; from then on one plan serves all shapes."""


class Prepared:
    """idle: by shapes, the executables that no call uses now. A plan is made for the shapes that come."""

    __slots__ = ("structure", "tensors", "writers_first", "by_shape", "idle", "shapes", "fixed", "ready", "steps",
                 "done", "feeds_fetched", "__weakref__")

    def __init__(self, structure: Fetches, tensors: tuple[Tensor, ...], writers_first: bool,
                 done: frozenset[Node]) -> None:
        self.structure = structure
        self.tensors = tensors
        self.writers_first = writers_first
        self.done = done
        self.feeds_fetched = any(leaf in tensors for leaf in structure.leaves if isinstance(leaf, Tensor))
        self.by_shape: dict[Any, Executable] = {}
        self.idle: dict[Any, list[Executable]] = {}
        self.ready: dict[Any, list[Any]] = {}
        """The same for ``stepper``: (enter, function, executable)."""
        self.shapes = tuple(t.static for t in tensors)
        self.fixed = all(s is not None and None not in s for s in self.shapes)
        self.steps = 0
        """Of all its plans, counted by who keeps them."""

    def key(self, arrays: Sequence[Any]) -> Any:
        """The shapes for which a plan is made; None for the plan that takes any."""
        if self.fixed:
            return self.shapes
        shapes = tuple([a.shape for a in arrays])
        return shapes if shapes in self.by_shape or len(self.by_shape) < SHAPES else None

    def close(self) -> None:
        self.by_shape.clear()
        self.idle.clear()
        for spare in self.ready.values():
            spare.clear()
        self.ready.clear()


def stepper(plans: Plans, prepared: Prepared, otherwise: Callable[[Sequence[Any]], Any]) -> Callable[..., Any]:
    """A function of the fed values that takes one step. What fits as it is goes straight to the plan's code; another
    number of values is handed to ``otherwise``.

    The text is made of numbers; arrays of the right dtype and shape are passed on, others are converted.
    """
    tensors, count = prepared.tensors, len(prepared.tensors)
    space: dict[str, Any] = {"ndarray": np.ndarray, "ready": prepared.ready, "slow": _slow(plans, prepared),
                             "otherwise": otherwise}
    lines = ["def step(*values):"]
    names = [f"f{i}" for i in range(count)]
    if count:
        lines += ["    try:", f"        {', '.join(names)}, = values", "    except ValueError:",
                  "        return otherwise(values)"]
    else:
        lines += ["    if values: return otherwise(values)"]
    for i, tensor in enumerate(tensors):
        space[f"convert{i}"] = converter(tensor)
        dtype = np.dtype(tensor.dtype.base_dtype.as_numpy_dtype)
        space[f"d{i}"] = dtype
        if dtype.kind == "O":
            lines.append(f"    f{i} = convert{i}(f{i})")
            continue
        tests = [f"type(f{i}) is not ndarray", f"f{i}.dtype is not d{i}"]
        static = tensor.static
        if static is not None and None not in static:
            tests.append(f"f{i}.shape != {static}")
        elif static is not None:
            tests.append(f"f{i}.ndim != {len(static)}")
            tests += [f"f{i}.shape[{at}] != {d}" for at, d in enumerate(static) if d is not None]
        if static != ():
            # in one piece and aligned; what may not be written to goes the longer way, and is as good
            tests.append(f"not f{i}.flags.carray")
        lines.append(f"    if {' or '.join(tests)}: f{i} = convert{i}(f{i})")
    space["fixed"] = prepared.shapes
    shapes = "fixed" if prepared.fixed else f"({''.join(f'{n}.shape, ' for n in names)})"
    arguments = "".join(f", {n}" for n in names)
    result = {"one": "[0]", "list": ""}.get(prepared.structure.form, "")
    space["rebuild"] = list if prepared.structure.form == "list" else prepared.structure.rebuild
    call = f"enter(function{arguments}){result}"
    lines += [f"    spare = ready.get({shapes})",
              f"    if not spare: return slow([{', '.join(names)}], spare)",
              "    entry = spare.pop()",
              "    enter, function, executable = entry",
              "    try:",
              "        for slot, variable, user in executable.required:",
              "            if slot.value is None: raise uninitialized(variable, user)",
              f"        return {call if prepared.structure.form == 'one' else f'rebuild({call})'}",
              "    except Exception as error:",
              "        told = executable.told(error)",
              "        try:",
              "            if told is error: raise",
              "            raise told from error",
              "        finally:",
              "            told = None",
              "    finally:",
              "        spare.append(entry)"]
    space["uninitialized"] = uninitialized
    return function_of(lines, "<step>", space, "step")[0]


def as_it_is(step: Callable[..., Any], prepared: Prepared, otherwise: Callable[[Sequence[Any]], Any]
             ) -> Callable[..., Any]:
    """Such a function that hands to ``otherwise`` arrays that would be copied, which a limit of memory counts."""
    kinds = [np.dtype(t.dtype.base_dtype.as_numpy_dtype) for t in prepared.tensors]

    def taken(*values: Any) -> Any:
        fits = all([not isinstance(v, np.ndarray) or v.dtype == k and v.flags.c_contiguous
                    for v, k in zip(values, kinds)])
        return step(*values) if fits else otherwise(values)

    return taken


def _slow(plans: Plans, prepared: Prepared) -> Callable[[list[Any], Any], Any]:
    """A step for which no executable is ready: it makes one, or the plan is not of one function."""
    def slow(arrays: list[Any], spare: Any) -> Any:
        if plans.listeners:
            return prepared.structure.rebuild(plans.call(prepared, arrays))
        shapes = prepared.key(arrays)
        if spare is None and shapes is not None:
            prepared.ready.setdefault(shapes, [])
        idle = prepared.idle.setdefault(shapes, [])
        executable = idle.pop() if idle else plans.claim(prepared, shapes)
        function = executable.straight()
        try:
            values = executable.enter(executable, arrays, plans.device_threads)
        finally:
            if function is not None and shapes in prepared.ready:
                prepared.ready[shapes].append((executable.enter, function, executable))
            else:
                idle.append(executable)
        return prepared.structure.rebuild(values)

    return slow
