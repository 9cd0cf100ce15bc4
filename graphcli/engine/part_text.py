"""The text of a part: registers for values, a line for each step, a function for each branch of a fork.

It is made of numbers only (``v7 = k3(v1, c2); v1 = None``); nothing that a user wrote stands in it. Each step is one
line, so the line of a failure is its step.
"""
from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from operator import itemgetter
from typing import TYPE_CHECKING, Any

from ..graph.shapes import count, is_wanted
from .cuts import CUTTING, cuts
from .memory import is_fresh
from .plan import Fork, Operand, Ref, Step
from .spread import Spread, spreader, spreads, written

if TYPE_CHECKING:
    from ..graph.graph import Node
    from .part import Part

RESHAPES = frozenset({"Reshape", "Squeeze", "ExpandDims"})


class Text:
    """lines: the text. where: for each line its step, with the texts of its operands."""

    def __init__(self, part: Part) -> None:
        self.part = part
        plan = part.plan
        left: dict[int, int] = {}
        for step in part.steps:
            for operand in step.inputs:
                if isinstance(operand, int):
                    left[operand] = left.get(operand, 0) + 1
        for index in part.gives:
            value = plan.results[index]
            assert isinstance(value, int)
            left[value] = left.get(value, 0) + 1
        self.queues: dict[Any, list[int]] = {}
        """Those that a value or the end of a step is sent by."""
        for queue, (what, _) in enumerate(part.sends, part.first_queue):
            self.queues.setdefault(what, []).append(queue)
            if isinstance(what, int):
                left[what] = left.get(what, 0) + 1
        self.left = left
        self.register: dict[int, str] = {i: f"f{i}" for i in range(len(plan.feeds))}
        self.receives = dict(part.receives)
        self.free: list[str] = []
        self.total = 0
        self.lines: list[str] = []
        self.where: list[tuple[Step, list[str]] | None] = []
        self.branches: list[tuple[list[str], list[tuple[Step, list[str]] | None]]] = []
        """The lines of functions that come after the part's own."""
        self.names = [f"b{fork_branch[0]}" for fork in part.forks for fork_branch in fork]
        """Of these functions, which the part's own takes as its last parameters."""
        self.spreads = spreads(part.steps, plan.turned) if plan.turned and not part.forks else {}
        self.spread: dict[Spread, str] = {}
        """What lies spread now, by name."""
        self._write()

    def _line(self, text: str, at: tuple[Step, list[str]] | None = None) -> None:
        self.lines.append(text)
        self.where.append(at)

    def _write(self) -> None:
        part, plan = self.part, self.part.plan
        arguments = [f"f{i}" for i in range(len(plan.feeds))]
        self._line(f"def part({', '.join([*(['queues'] if part.many else []), *arguments, *self.names])}):")
        if not part.backend.host:
            for name in arguments:
                self._line(f"    {name} = to_device({name})")
        forks = {fork[0][0]: fork for fork in part.forks}
        steps = iter(part.steps)
        for step in steps:
            fork = forks.get(step.number)
            if fork is not None:
                self._fork(fork, [step, *(next(steps) for _ in range(sum(map(len, fork)) - 1))])
                continue
            for line in self._receive(step):
                self._line("    " + line)
            text, operands = self._step(step)
            self._line("    " + text, (step, operands))
            for line in self._send(step):
                self._line("    " + line)
        gives, asked = set(part.gives), Counter(plan.results)
        makers = {o: s for s in reversed(part.steps) for o in s.outputs}
        results = ", ".join(self._result(value, makers, asked) if i in gives else "None"
                            for i, value in enumerate(plan.results))
        self._line(f"    return ({results},)" if results else "    return ()")
        for lines, where in self.branches:
            self.lines += lines
            self.where += where

    def _fork(self, fork: Fork, steps: Sequence[Step]) -> None:
        """A function for each branch, and the line that calls them side by side."""
        outside = dict(self.register)
        calls, made = [], []
        rest = iter(steps)
        for branch in fork:
            mine = [next(rest) for _ in branch]
            taken = dict.fromkeys(o for s in mine for o in s.inputs if isinstance(o, int) and o in outside)
            given = [outside[o] for o in taken]
            name = f"b{mine[0].number}"
            body: list[str] = []
            where: list[tuple[Step, list[str]] | None] = [None]
            for step in mine:
                text, operands = self._step(step)
                body.append("    " + text)
                where.append((step, operands))
            results = [v for s in mine for v in s.outputs if v in self.register]
            back = "".join(f"{self.register[v]}, " for v in results)
            self.branches.append(([f"def {name}({', '.join(given)}):", *body, f"    return ({back})"],
                                  [*where, None]))
            calls.append(f"({', '.join([name, *given])},)")
            made.append(f"({back})")
        names = {self.register[v] for s in steps for v in s.outputs if v in self.register}
        gone = [n for v, n in outside.items() if v not in self.register and n not in names]
        self._line(f"    {', '.join(made)}, = fork({', '.join(calls)})" + "".join(f"; {n} = None" for n in gone))

    def _name(self) -> str:
        if self.free:
            return self.free.pop()
        self.total += 1
        return f"v{self.total}"

    def _done(self, values: Sequence[int]) -> list[str]:
        """Counts down uses; the registers that hold nothing of use any more."""
        out = []
        for value in values:
            self.left[value] -= 1
            if not self.left[value] and value in self.register and value not in self.part.plan.constants:
                name = self.register.pop(value)
                if name[0] == "v":
                    self.free.append(name)
                out.append(name)
        return out

    def _receive(self, step: Step) -> list[str]:
        lines = []
        wanted: list[Any] = [("step", n) for n in step.after]
        wanted += [o for o in step.inputs if isinstance(o, int)]
        for what in dict.fromkeys(wanted):
            queue = self.receives.pop(what, None)
            if queue is None:
                continue
            if isinstance(what, int):
                name = self.register[what] = self._name()
                other = self.part.devices[self.part.plan.owners[what]]
                text = f"take(queues[{queue}])"
                if not (self.part.backend.host and other.host):
                    text = f"to_device({text})"
                lines.append(f"{name} = {text}")
            else:
                lines.append(f"take(queues[{queue}])")
        return lines

    def _send(self, step: Step) -> list[str]:
        lines = []
        sent = [(queue, what) for what in (*step.outputs, ("step", step.number)) for queue in self.queues.get(what, ())]
        for queue, what in sorted(sent, key=itemgetter(0)):
            if isinstance(what, int):
                name = self.register[what]
                text = name if self.part.backend.host else f"to_host({name})"
                gone = "".join(f"; {n} = None" for n in self._done([what]))
                lines.append(f"queues[{queue}].put({text}){gone}")
            else:
                lines.append(f"queues[{queue}].put(None)")
        return lines

    def _operand(self, operand: Operand) -> str:
        if isinstance(operand, int):
            tensor = self.part.plan.constants.get(operand)
            if tensor is None:
                return self.register[operand]
            name = f"c{operand}"
            if name not in self.part.space:
                self.part.space[name] = self.part.backend.constant(self.part.plan.values[operand])
            return name
        name = f"s{operand.variable.number}"
        self.part.space[name] = self.part.state.slot(operand.variable)
        if isinstance(operand, Ref):
            return name
        if not self.part.backend.host:
            return f"to_device({name}.value)"
        return f"{name}.value"

    def _step(self, step: Step) -> tuple[str, list[str]]:
        operands = [self._operand(o) for o in step.inputs]
        if self.spreads:
            operands = self._spread(step, operands)
        parts = self._cuts(step, operands)
        if parts is not None:
            call = ""
        elif self._reshapes(step):
            call = f"{operands[0]}.reshape({self.part.plan.forms[step.outputs[0]][0]})"
        elif step.snapshot:
            snapshot = "snapshot"
            if self.part.heard:
                snapshot = f"k{step.number}"
                self.part.space[snapshot] = self.part.calls.of(step)
            call = f"{snapshot}({operands[0]})"
        else:
            args = operands
            if step.region is None and step.program is None and not step.products:
                opdef = step.node.opdef
                assert opdef is not None
                grouped = opdef.group(opdef.inputs, operands, step.node.attrs)
                args = [f"[{', '.join(a)}]" if isinstance(a, list) else a for a in grouped]
            kernel = f"k{step.number}"
            self.part.space[kernel] = self.part.calls.of(step)
            call = f"{kernel}({', '.join(args)})"
        dying = self._done([o for o in step.inputs if isinstance(o, int)])
        made = []
        for output in step.outputs:
            if output < 0 or not self.left.get(output):
                made.append("_")
            else:
                name = self.register[output] = self._name()
                made.append(name)
        comma = "," if step.region is not None else ""
        if parts is not None:
            call = ", ".join(part for part, name in zip(parts, made) if name != "_")
            made = [name for name in made if name != "_"]
        text = f"{', '.join(made)}{comma} = {call}" if set(made) - {"_"} else call
        gone = [n for n in dying if n not in made]
        if "_" in made and text is not call:
            gone.append("_")
        return text + "".join(f"; {n} = None" for n in gone), operands

    def _spread(self, step: Step, operands: list[str]) -> list[str]:
        """The operands, with matrices for rows; before it the lines that make these."""
        out = list(operands)
        for i, name in enumerate(operands):
            spread = self.spreads.get((step.number, i))
            if spread is None:
                continue
            made = self.spread.get(spread)
            if made is None:
                made = f"e{step.number}_{i}"
                self.part.space[f"spread_{made}"] = spreader(*spread[1:])
                self._line(f"    {made} = spread_{made}({name})")
                self.spread[spread] = made
            out[i] = made
        changed = written(step)
        self.spread = {s: n for s, n in self.spread.items()
                       if step.region is None and (isinstance(s[0], int) or s[0].variable not in changed)}
        return out

    def _plain(self, step: Step) -> bool:
        """Whether what a step calls may stand in the text itself."""
        return (step.program is None and not step.snapshot and not step.detach and not step.products
                and not self.part.heard and self.part.plan.optimized and self.part.backend.host)

    def _reshapes(self, step: Step) -> bool:
        """Whether a step only gives an array another shape, both known and of one size, and wanted as such."""
        if not self._plain(step) or not step.inputs or not isinstance(step.inputs[0], int):
            return False
        if step.node.type not in RESHAPES or len(step.outputs) != 1 or step.outputs[0] < 0:
            return False
        plan = self.part.plan
        made, had = (plan.forms[v][0] for v in (step.outputs[0], step.inputs[0]))
        if step.node.type == "Reshape":
            wanted = step.inputs[1]
            if not (isinstance(wanted, int) and wanted in plan.constants and is_wanted(plan.values[wanted], made)):
                return False
        return count(made) == count(had) is not None

    def _cuts(self, step: Step, operands: list[str]) -> list[str] | None:
        """The parts that a step cuts out of an array of a known shape, at known places, where it does no more."""
        plan = self.part.plan
        at = CUTTING.get(step.node.type)
        if (at is None or not self._plain(step) or not any(self.left.get(o) for o in step.outputs)
                or any((o in plan.constants) is (i == at) for i, o in enumerate(step.inputs))):
            return None
        source = step.inputs[at]
        shape = plan.forms[source][0] if isinstance(source, int) else None
        if shape is None or None in shape:
            return None
        found = cuts(step.node, [shape if o == source else plan.values[o] for o in step.inputs])  # type: ignore[index]
        return found and [f"{operands[at]}[{index}]" for index in found]

    def _result(self, value: int | Node | None, makers: dict[int, Step], asked: Counter[int | Node | None]) -> str:
        """What gives a value to the caller. makers: the step of each; asked: how often it is a result."""
        assert isinstance(value, int)
        name = self._operand(value)
        if not self.part.backend.host:
            return f"fetched({name})"
        if value in self.part.plan.turned:
            return f"copy({name})"
        maker = makers.get(value)
        fresh = maker is not None and is_fresh(maker)
        if fresh and self.left.get(value) == 1 and asked[value] == 1:
            return name if self.part.plan.forms[value][0] else f"own({name})"
        return f"copy({name})" if maker is None else f"let_go({name})"
