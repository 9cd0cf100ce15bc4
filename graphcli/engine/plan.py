"""Plan: what one run does, as a value that can be looked at, compared and printed.

A plan is made once for its fetches and feeds; ``execute`` turns it into code.
"""
from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from ..errors import InvalidType, InvalidValue, Law, did_you_mean, said
from ..graph.graph import Node, Tensor
from ..graph.shapes import Static, show
from ..passes.flow import Region
from ..passes.rewrite import Note
from ..record import Record, field
from .memory import Layout, Peak, size_of

if TYPE_CHECKING:
    from ..passes.contract import Contracted
    from ..passes.structured import Structured
    from .program import Program

PASSES = ("fold", "simplify", "merge", "entropy", "skip", "narrow", "accumulate", "stack", "join", "contract",
          "pad", "winograd", "turn", "fuse", "structure", "reuse", "schedule", "branch")
"""The optimizations that can be left out by name; none changes what is computed, but ``accumulate``, ``stack``,
``contract`` and ``winograd`` round otherwise."""


def chosen(passes: Sequence[str]) -> frozenset[str]:
    """The names of passes as a set. Raises InvalidValue for one that is none."""
    if isinstance(passes, str):
        raise InvalidType(f"passes are a list of names, not {said(passes)}", hint=f"[{passes!r}]")
    for name in passes:
        if name not in PASSES:
            raise InvalidValue(f"there is no pass {name!r}; there are {', '.join(PASSES)}",
                               hint=did_you_mean(name, PASSES))
    return frozenset(passes)


class Options(Record):
    """passes: those that are applied. shapes: of the feeds, where they are known. host: whether a device is numpy's.
    changing: variables whose shape a run may change. memory: bytes that a step may hold. block: elements of a block
    of a fused loop. threads: how many share such a loop."""

    passes: frozenset[str] = frozenset()
    shapes: tuple[Static, ...] | None = None
    host: Callable[[str], bool] = bool
    changing: frozenset[Node] = frozenset()
    memory: int | None = None
    block: int = 65536
    threads: int = 1


class Live(Record):
    """An operand: a variable's array as it is when the step runs."""

    variable: Node


class Ref(Record):
    """An operand: a variable's Slot."""

    variable: Node


TYPES = 6
"""Op types that a line names of a loop over blocks."""
Operand = int | Live | Ref
Fork = tuple[tuple[int, ...], ...]
"""The numbers of the steps of each branch, all in a row."""


class Step(Record):
    """One kernel call. inputs and outputs: numbers of values; ``-1`` is an output that nothing uses.

    after: steps of other devices that must have run. detach: variables whose memory the result must
    not share, for they are written in this plan. snapshot: no kernel, only a copy of a variable as
    it is at this point. region: nodes that run as one step, by the rules of dataflow; its outputs are
    ``exports``. program: nodes whose kernels run as one. owned: the inputs, of an op that may keep them, whose
    arrays nobody else holds. products: nodes whose products the step adds, one after the other; their inputs are its.
    columns: those of the only product that it takes, from and to. stack: how many products it multiplies as one.
    winograd: see ``KernelContext``. within: a node of a region, made for those who listen.
    contracted: the product that it takes as that lies, instead of its kernel. structured: a region as loops and
    branches. pad: what puts zeros around a convolution's images, within the step; ``node`` stands for both then.
    """

    number: int
    node: Node
    device: str
    inputs: tuple[Operand, ...]
    outputs: tuple[int, ...]
    after: tuple[int, ...] = ()
    detach: tuple[Node, ...] = ()
    snapshot: bool = False
    region: Region | None = None
    exports: tuple[Tensor, ...] = ()
    program: Program | None = None
    owned: frozenset[int] = frozenset()
    products: tuple[Node, ...] = ()
    columns: tuple[int, int] | None = None
    stack: int = 1
    winograd: bool = False
    within: bool = False
    contracted: Contracted | None = None
    structured: Structured | None = None
    pad: Node | None = None

    @property
    def nodes(self) -> tuple[Node, ...]:
        """The nodes that it computes, each once; none of a copy."""
        if self.region is not None or self.program is not None:
            return tuple((self.region or self.program).nodes)  # type: ignore[union-attr]
        if self.snapshot:
            return ()
        pad = () if self.pad is None else (self.pad,)
        return tuple(dict.fromkeys((*pad, *self.products, self.node)))

    def inner(self, node: Node, outputs: tuple[int, ...] = (), **more: Any) -> Step:
        """A step of a node within this region."""
        return Step(self.number, node, self.device, (), outputs, within=True, **more)

    def of(self, program: Program) -> Step:
        """The step of a program within this region."""
        return self.inner(program.nodes[0], (-1,) * len(program.outputs), program=program)


class Plan(Record):
    """steps: in the order in which they run. feeds, constants: number of the value -> tensor.

    results: for each fetch its value's number, the variable's node (read after the step), or None.
    requires: variables that must have a value at the start, and who reads them first.
    owners: the device on which each value is made. pruned: how many nodes of the graph do not run.
    values: the constants' arrays. notes: what the passes did. forms: shape (None: not known) and dtype of values.
    layout: which values share memory. peak: what is alive at most. optimized: whether any pass was applied.
    forks: steps that threads may run side by side. turned: matrices that are to lie column by column (``turn.py``).
    refused: nodes whose inputs do not fit, and why: their steps fail.
    """

    steps: tuple[Step, ...]
    feeds: tuple[Tensor, ...]
    constants: dict[int, Tensor]
    results: tuple[int | Node | None, ...]
    requires: dict[Node, Node]
    names: dict[int, str]
    owners: dict[int, str]
    nodes: tuple[Node, ...] = ()
    pruned: int = 0
    notes: tuple[Note, ...] = ()
    values: dict[int, Any] = field(factory=dict)
    tensors: dict[int, Tensor] = field(factory=dict)
    forms: dict[int, tuple[Static, Any]] = field(factory=dict)
    layout: Layout = field(factory=lambda: Layout({}, frozenset(), {}, {}))
    optimized: bool = False
    shape: Callable[[Tensor], Static] = lambda t: t.static
    forks: tuple[Fork, ...] = ()
    turned: frozenset[int] = frozenset()
    refused: Mapping[Node, Law] = field(factory=dict)
    peak: Peak = field(factory=lambda: Peak(0, 0, {}, True))

    @property
    def devices(self) -> list[str]:
        """The devices that run a step, first used first."""
        return list(dict.fromkeys(s.device for s in self.steps)) or ["/device:CPU:0"]

    @property
    def branches(self) -> dict[int, int]:
        """For steps of a fork the branch: those of one number run one after the other."""
        return {n: b for fork in self.forks for b, numbers in enumerate(fork) for n in numbers}

    @property
    def given(self) -> dict[str, int]:
        """Bytes that a step holds whatever it does: of its feeds, constants and variables."""
        sizes = {v: size_of(t, self.forms[v][0]) or 0 for v, t in self.tensors.items()}
        variables = {o.variable: None for s in self.steps for o in s.inputs if not isinstance(o, int)}
        variables.update((r, None) for r in self.results if isinstance(r, Node))
        return {"feeds": sum(sizes[v] for v in range(len(self.feeds))),
                "constants": sum(sizes[v] for v in self.constants),
                "variables": sum(size_of(v.outputs[0], self.shape(v.outputs[0])) or 0 for v in variables)}

    def last_use(self) -> dict[int, int]:
        """For each value the step after which it is freed; fetched ones are not in it."""
        out: dict[int, int] = {}
        for step in self.steps:
            for operand in (*step.inputs, *step.outputs):
                if isinstance(operand, int) and operand >= 0:
                    out[operand] = step.number
        for result in self.results:
            if isinstance(result, int):
                out.pop(result, None)
        return out

    def __str__(self) -> str:
        many = len(self.devices) > 1
        freed: dict[int, list[int]] = {}
        for value, at in self.last_use().items():
            if value not in self.constants:
                freed.setdefault(at, []).append(value)
        branch = {n: f"branch {i} of {len(fork)}: " for fork in self.forks for i, numbers in enumerate(fork, 1)
                  for n in numbers}
        came = [t.static if self.forms[i][0] is None else self.forms[i][0] for i, t in enumerate(self.feeds)]
        lines = [f"feed v{i} = {t.name} {t.dtype.base_dtype.name} {show(came[i])}" for i, t in enumerate(self.feeds)]
        lines += [f"const v{i} = {t.name} {t.dtype.base_dtype.name} {show(self.values[i].shape)}"
                  for i, t in self.constants.items()]
        for step in self.steps:
            what = ("copy" if step.snapshot else "Flow" if step.region else step.node.type if step.program is None
                    else "Fused" if len(step.program.nodes) > 1 else step.node.type)
            what = "+".join(dict.fromkeys(n.type for n in (*step.products, step.node))) if step.products else what
            what = what if step.pad is None else f"{step.pad.type}+{what}"
            text = f"{what}({', '.join(self._shown(o) for o in step.inputs)})"
            made = ", ".join("_" if o < 0 else f"v{o}" for o in step.outputs)
            line = f"{made} = {text}" if made else text
            line += f"  # {branch.get(step.number, '')}{step.node.name}"
            if step.region is not None:
                loops, conditions = step.region.loops, step.region.conditions
                line += f" and {len(step.region.nodes) - 1} more ({_counted(loops, conditions)})"
            elif step.program is not None and len(step.program.nodes) > 1:
                types = list(dict.fromkeys(n.type for n in step.program.nodes))
                line += f" and {len(step.program.nodes) - 1} more ({', '.join(types[:TYPES])}"
                line += ", ...)" if len(types) > TYPES else ")"
            elif step.products:
                more = len({*step.products, step.node}) - 1
                line += f" and {more} more" if more else ""
            elif step.pad is not None:
                line += " and 1 more"
            if step.winograd:
                line += " by winograd"
            if step.contracted is not None:
                line += " as it lies"
            if many:
                line += f" on {step.device}"
            taken = [(o, step.inputs[at]) for o, at in zip(step.outputs, self.layout.into.get(step.number, ()))
                     if at >= 0]
            spent = sorted(self.layout.spent.get(step.number, ()))
            if spent:
                line += f"; writes over {', '.join(self._shown(step.inputs[i]) for i in spent)}"
            if taken:
                line += f"; {', '.join(f'v{o} in the memory of {self._shown(i)}' for o, i in taken)}"
            turned = [f"v{o}" for o in step.outputs if o in self.turned]
            if turned:
                line += f"; {', '.join(turned)} by columns"
            if step.after:
                line += f" after step {', '.join(map(str, step.after))}"
            if freed.get(step.number):
                line += f"; frees {', '.join(f'v{v}' for v in sorted(freed[step.number]))}"
            lines.append(line)
        results = ["None" if r is None else f"v{r}" if isinstance(r, int) else r.name for r in self.results]
        return "\n".join([*lines, f"return {', '.join(results)}"])

    @staticmethod
    def _shown(operand: Operand) -> str:
        if isinstance(operand, int):
            return f"v{operand}"
        return operand.variable.name if isinstance(operand, Live) else f"&{operand.variable.name}"


def _counted(loops: int, conditions: int) -> str:
    parts = [f"{n} {what}{'s' if n > 1 else ''}" for n, what in ((loops, "loop"), (conditions, "condition")) if n]
    return ", ".join(parts) or "merged values"
