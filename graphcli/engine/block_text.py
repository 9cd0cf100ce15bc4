"""The text of a program's function: a line for each call, its constants and ufuncs by name."""
from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from math import prod
from types import CodeType
from typing import Any

import numpy as np

from ..graph.graph import Node
from ..ops._totals import leaves
from ..record import Record
from .instr import VECDOT, Instr, Shape
from .over import BITS, by_bits, can_take
from .program import Program
from .room import Room
from .text import function_of
from .workers import Workers

ADDED = (np.add, np.multiply)
"""What rounds, so that it matters in which order numbers are met."""
WIDE = 1024
"""Elements from which numpy's maximum of an array and one number is slower than that of two arrays."""


class Made(Record):
    """A program's function. lines: the node of each line of its text that has one. codes: what stands in a
    traceback. scratch: bytes that it keeps. threads: how many it uses."""

    function: Callable[..., Any]
    codes: frozenset[CodeType]
    lines: dict[int, Node]
    scratch: int
    threads: int
    text: str


class Written(Record):
    """What stands in a function's text. scratch: bytes that it keeps. passing: bytes that it makes beside what it
    returns, and lets go. others: functions in it beside its own. blocks: of inputs that
    reductions lay out in one piece the bytes of the blocks that threads have at a time."""

    scratch: int
    threads: int = 1
    passing: int = 0
    others: tuple[str, ...] = ()
    blocks: Mapping[int, int] = {}


def summed_inputs(program: Program) -> set[Any]:
    """What reductions of a program lay out in one piece."""
    return {i.args[0] for i in program.instrs if i.kind == "reduce" and (i.fn is VECDOT or i.fn in ADDED)}


class Unfit(Exception):
    """An array is not laid out as the program needs it."""


class Writer:
    def __init__(self, program: Program, order: Sequence[int], outputs: Sequence[int], into: Sequence[int],
                 kept: Sequence[bool], workers: Workers, block: int, room: Room,
                 turned: frozenset[int] = frozenset()) -> None:
        self.program = program
        self.order = list(order)
        self.outputs = list(outputs)
        self.into = dict(zip(outputs, into))
        self.kept = dict(zip(outputs, kept))
        self.workers = workers
        self.block = block
        self.room = room
        self.turned = turned
        self.turning = False
        """Whether the call that is written makes a matrix that lies column by column."""
        self.space: dict[str, Any] = {"empty": np.empty, "copyto": np.copyto, "leaves": leaves, "np": np,
                                      "Unfit": Unfit}
        self.names: dict[int, str] = {n: f"x{i}" for i, n in enumerate(self.order)}
        self.constants: dict[int, str] = {}
        self.held: list[Any] = []
        self.last: dict[int, int] = {}
        for i, instr in enumerate(program.instrs):
            for number in (*instr.args, instr.out):
                if isinstance(number, int):
                    self.last[number] = i
        self.free: dict[Any, list[str]] = {}
        self.scratch: dict[str, Any] = {}
        self.lines: list[str] = []
        self.nodes: list[Node | None] = []

    def make(self) -> Made:
        """Writes the text, and compiles it."""
        written = self.write()
        function, codes = function_of(self.lines, "<program>", self.space, "program", written.others)
        return Made(function, codes, {i + 1: n for i, n in enumerate(self.nodes) if n is not None}, written.scratch,
                    written.threads, "\n".join(self.lines))

    def write(self) -> Written:
        raise NotImplementedError

    def line(self, text: str, node: Node | None = None) -> None:
        self.lines.append(text)
        self.nodes.append(node)

    def constant(self, value: Any) -> str:
        name = self.constants.get(id(value))
        if name is None:
            name = self.constants[id(value)] = f"c{len(self.constants)}"
            self.space[name] = value
            self.held.append(value)
        return name

    def wide(self, value: Any, shape: Shape) -> str:
        """One number spread over an array."""
        key = ("wide", value.item(), str(value.dtype), bool(np.signbit(value)) if value.dtype.kind == "f" else False,
               shape)
        name = self.scratch.get(str(key))
        if name is None:
            name = self.scratch[str(key)] = f"w{len(self.space)}"
            self.space[name] = self.room.spread(value, shape)
        return str(name)

    def function(self, ufunc: Any) -> str:
        name = str(ufunc.__name__)
        name = name if self.space.get(name, ufunc) is ufunc else f"{name}_{len(self.space)}"
        self.space[name] = ufunc
        return name

    def dtype(self, dtype: Any) -> str:
        name = f"d_{dtype.name}"
        self.space[name] = dtype
        return name

    def can_take(self, at: int, instr: Instr, number: int) -> bool:
        """Whether a call may write its result over one of its arguments that nothing uses later."""
        return self.last[number] == at and can_take(self.program, instr, number)

    def emit(self, at: int, instr: Instr, args: list[str], out: str | None, shape: Shape, indent: str) -> str | None:
        """Writes one call into ``out``; ``out`` None: the call makes the array, under the name that is returned."""
        program, node = self.program, self.program.sources[at]
        dtype = program.dtypes[instr.out]
        if instr.kind == "call":
            name = self.function(instr.fn)
            casting = ", casting='unsafe'" if instr.option("casting") == "unsafe" else ""
            if name in ("maximum", "minimum") and prod(shape) >= WIDE:
                for i, arg in enumerate(instr.args):
                    if not isinstance(arg, int) and arg.size == 1 and arg.dtype == dtype:
                        args[i] = self.spread(arg, shape)
            if out is None:
                out = f"v{instr.out}"
                self.line(f"{indent}{out} = {name}({', '.join(args)}{casting})", node)
            elif len(args) == 1 or name not in ("maximum", "minimum", "fmax", "fmin"):
                self.line(f"{indent}{name}({', '.join(args)}, {out}{casting})", node)
            else:
                self.line(f"{indent}{name}({', '.join(args)}, out={out}{casting})", node)
            return out
        if out is None:
            return None
        if instr.kind == "copy":
            if args[0] != out:
                self.line(f"{indent}copyto({out}, {args[0]}, 'unsafe')", node)
        elif instr.kind == "where":
            self._where(instr, args, out, dtype, shape, indent, node)
        elif instr.fn is VECDOT:
            x = self._in_order(instr, args[0])
            keep = ", keepdims=True" if instr.option("keepdims") else ""
            self.line(f"{indent}{self.function(instr.fn)}({x}, {args[1]}, {out}{keep})", node)
        else:
            reduce = f"{self.function(instr.fn)}.reduce"
            initial = instr.option("initial")
            more = "" if initial is None else f", initial={self.constant(initial)}"
            dtype = self.dtype(instr.option("dtype"))
            x = self._in_order(instr, args[0]) if instr.fn in ADDED else args[0]
            self.line(f"{indent}{reduce}({x}, {instr.option('axes')}, {dtype}, {out}, "
                      f"{instr.option('keepdims')}{more})", node)
        return out

    def _in_order(self, instr: Instr, name: str) -> str:
        """What a reduction sums, in one piece: what is added first follows from how an array lies in memory."""
        at = instr.args[0]
        if name[0] in "tu" and at not in self.turned or isinstance(at, int) and not self.program.shapes[at]:
            return name
        return f"{self.function(np.ascontiguousarray)}({name})"

    def spread(self, value: Any, shape: Shape) -> str:
        return self.wide(value, shape)

    def _where(self, instr: Instr, args: list[str], out: str, dtype: Any, shape: Shape, indent: str,
               node: Node) -> None:
        if not by_bits(self.program, instr):
            if args[2] != out:
                self.line(f"{indent}copyto({out}, {args[2]}, 'unsafe')", node)
            self.line(f"{indent}copyto({out}, {args[1]}, 'unsafe', {args[0]})", node)
            return
        condition, x, y = instr.args
        whole = BITS[dtype.str[1:]]
        kind = self.dtype(whole)
        one, other = (f"{arg}.view({kind})" if isinstance(number, int) else self.constant(number.view(whole))
                      for number, arg in zip((x, y), args[1:]))
        into = f"{out}.view({kind})"
        self.space.update(times=np.multiply, differing=np.bitwise_xor)
        chosen = self.widened(condition, args[0], whole, indent, node)
        if not isinstance(y, int) and not y.tobytes().strip(b"\0"):
            self.line(f"{indent}times({one}, {chosen}, {into})", node)
            return
        for text in (f"differing({one}, {other}, {into})", f"times({into}, {chosen}, {into})",
                     f"differing({into}, {other}, {into})"):
            self.line(indent + text, node)

    def widened(self, condition: Any, name: str, whole: Any, indent: str, node: Node) -> str:
        """A condition as a choice by bits multiplies with it: numpy casts it in each call."""
        return name
