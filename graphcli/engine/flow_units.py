"""What a region is run with: its nodes as they are known before it runs, and the frames and iterations that count what
has come."""
from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from ..errors import RunError
from ..graph.flow import ENTER, EXIT, MERGE, NEXT, SWITCH
from ..graph.graph import Node
from ..graph.kernel import Slot
from ..passes.effects import ALIASES, FIRST, READERS, VARIABLES, by_references
from .failures import failed, uninitialized
from .handed import is_array

DEAD = object()
OP, TEST, JOIN, INTO, OUT, ON, ALIAS, CONST, NOTHING, TRIGGER, VARIABLE = range(11)
"""Kinds of units: an op, a Switch, a Merge, an Enter, an Exit, a NextIteration, ..."""


class Unit:
    """What is known of one node before it runs."""

    __slots__ = ("node", "kind", "place", "kernel", "group", "by_reference", "arity", "controls", "targets",
                 "waiters", "given", "constant", "frame", "outputs", "single")

    def __init__(self, node: Node, place: int, kernel: Callable[[Node], Callable[..., Any]]) -> None:
        self.node = node
        self.place = place
        self.kernel: Any = None
        self.group: Any = None
        self.by_reference: tuple[bool, ...] = ()
        self.arity = len(node.inputs)
        self.controls = 0
        self.targets: list[list[tuple[Unit, int]]] = [[] for _ in node.outputs]
        self.waiters: list[Unit] = []
        self.given: list[tuple[int, int]] = []
        """(input, number of the value from outside)"""
        self.constant = bool(node.attrs.get("is_constant", False))
        self.frame = node.attrs.get("frame_name", "")
        self.outputs = len(node.outputs)
        self.single = False
        kind = node.type
        self.kind = (TEST if kind in SWITCH else JOIN if kind in MERGE else INTO if kind in ENTER
                     else OUT if kind in EXIT else ON if kind in NEXT
                     else ALIAS if kind in ALIASES or kind == "LoopCond" else CONST if kind == "Const"
                     else NOTHING if kind == "NoOp" else TRIGGER if kind == "ControlTrigger"
                     else VARIABLE if kind in VARIABLES else OP)
        if self.kind == OP:
            opdef = node.opdef
            if opdef is None or opdef.kernel is None:
                raise RunError(f"{node.name}: {kind} has no kernel here", node.span)
            self.kernel = kernel(node)
            args = opdef.inputs
            if any(a.is_list for a in args):
                self.group = lambda values: opdef.group(args, values, node.attrs)
            self.by_reference = tuple(by_references(node))
            self.single = self.outputs == 1


class Iteration:
    """One iteration of a frame: the inputs that have come, and how many are missing. path: its number, after the path
    of the iteration around its frame and the place of that."""

    __slots__ = ("frame", "number", "path", "inputs", "missing", "dead", "busy", "merged")

    def __init__(self, frame: Frame, number: int) -> None:
        self.frame = frame
        self.number = number
        self.path: tuple[int, ...] = (*frame.path, number)
        self.inputs: dict[Unit, list[Any]] = {}
        self.missing: dict[Unit, int] = {}
        self.dead: dict[Unit, int] = {}
        self.merged: set[Unit] = set()
        self.busy = 0


class Frame:
    """One execution of a loop, whose first Enter has this place."""

    __slots__ = ("name", "parent", "path", "iterations", "constants", "awaited", "left")

    def __init__(self, name: str, parent: Iteration | None, place: int, awaited: int) -> None:
        self.name = name
        self.path = () if parent is None else (*parent.path, place)
        self.parent = parent
        self.iterations: dict[int, Iteration] = {}
        self.constants: list[tuple[Unit, Any]] = []
        self.awaited = awaited
        self.left: set[Unit] = set()
        """The Exits that have let a value out."""


def compute(unit: Unit, inputs: Sequence[Any]) -> Sequence[Any]:
    """The outputs of an op, of values and variables."""
    args = list(inputs)
    slots = None
    for i, value in enumerate(args):
        if type(value) is Slot and not unit.by_reference[i]:
            if value.value is None:
                raise uninitialized(unit.node.inputs[i].op if unit.node.inputs[i].op.type in VARIABLES
                                    else _named(unit.node, value), unit.node)
            args[i] = value.value
            slots = True
    if unit.node.type not in READERS and unit.node.type not in FIRST:
        for i, by_reference in enumerate(unit.by_reference):
            if by_reference and type(args[i]) is Slot and args[i].value is None:
                raise uninitialized(_named(unit.node, args[i]), unit.node)
    try:
        result = unit.kernel(*(args if unit.group is None else unit.group(args)))
    except Exception as error:
        raise failed(unit.node, error, args) from error
    if unit.single:
        out = [result[0] if type(result) in (list, tuple) else result]
    else:
        out = list(result) if unit.outputs else []
    if slots:
        out = [snapshot(v) if is_array(v) and (v.base is not None or any(v is a for a in args))
               else v for v in out]
    return out


def _named(node: Node, slot: Slot) -> Node:
    """The variable of a slot."""
    found = node.graph.nodes.get(slot.name)
    return node if found is None else found


def snapshot(value: Any) -> Any:
    """A value as it is now, though it may be a variable's memory."""
    if type(value) is Slot:
        value = value.value
        return value.copy() if is_array(value) else value
    if is_array(value) and value.base is not None:
        return value.copy()
    return value
