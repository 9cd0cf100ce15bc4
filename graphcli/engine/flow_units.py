"""What a region is run with: its nodes as they are known before it runs, and the frames and iterations that count what
has come."""
from __future__ import annotations

from typing import Any

from ..graph.flow import ENTER, EXIT, MERGE, NEXT, SWITCH
from ..graph.graph import Node
from ..passes.effects import ALIASES, VARIABLES

DEAD = object()
OP, TEST, JOIN, INTO, OUT, ON, ALIAS, CONST, NOTHING, TRIGGER, VARIABLE, BUNDLE = range(12)
"""Kinds of units: an op, a Switch, a Merge, an Enter, an Exit, a NextIteration, ..., ops that run in a row"""


class Unit:
    """What is known of one node before it runs."""

    __slots__ = ("node", "kind", "place", "kernel", "group", "by_reference", "arity", "controls", "targets",
                 "waiters", "bundles", "given", "constant", "frame", "outputs", "single")

    def __init__(self, node: Node, place: int) -> None:
        self.node = node
        self.place = place
        self.kernel: Any = None
        self.group: Any = None
        self.by_reference: tuple[bool, ...] = ()
        self.arity = len(node.inputs)
        self.controls = 0
        self.targets: list[list[tuple[Unit, int]]] = [[] for _ in node.outputs]
        self.waiters: list[Unit] = []
        self.bundles: list[tuple[Unit, int]] = []
        """(bundle, place) that wait for it"""
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


class Iteration:
    """One iteration of a frame: the inputs that have come, and how many are missing."""

    __slots__ = ("frame", "number", "serial", "inputs", "missing", "dead", "busy", "merged")

    def __init__(self, frame: Frame, number: int, serial: int) -> None:
        self.frame = frame
        self.number = number
        self.serial = serial
        self.inputs: dict[Unit, list[Any]] = {}
        self.missing: dict[Unit, int] = {}
        self.dead: dict[Unit, int] = {}
        self.merged: set[Unit] = set()
        self.busy = 0


class Frame:
    """One execution of a loop."""

    __slots__ = ("name", "parent", "iterations", "constants", "awaited", "left")

    def __init__(self, name: str, parent: Iteration | None, awaited: int) -> None:
        self.name = name
        self.parent = parent
        self.iterations: dict[int, Iteration] = {}
        self.constants: list[tuple[Unit, Any]] = []
        self.awaited = awaited
        self.left: set[Unit] = set()
        """The Exits that have let a value out."""
