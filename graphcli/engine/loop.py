"""Loop: a large program over blocks that stay in cache, shared among threads.

What lies between two calls is a scratch array as large as a block, one set for each thread.
"""
from __future__ import annotations

from math import prod
from typing import Any

import numpy as np

from ..ops._lines import beside
from ..ops._totals import LEAF, count
from .beside import side_by_side
from .block_text import Writer, Written, summed_inputs
from .instr import Instr, Shape
from .over import Over, lends, may_copy
from .program import FLAT, bare, is_whole
from .registers import Registers

PARALLEL = 400_000
"""Elements times calls for which a thread is worth waking: some 80 us, of which waking and waiting take 50."""


class Loop(Writer):
    """A loop over blocks."""

    def write(self) -> Written:
        program = self.program
        assert program.shape is not None
        split = program.split
        self.split = split
        self.within = False
        """Whether the call that is written is made block by block."""
        shape = program.shape
        self.inner = 1 if split == FLAT else prod(shape[split:])
        self.rows = prod(shape) if split == FLAT else prod(shape[:split])
        self.laid: dict[tuple[int, bool], Any] = {}
        """What constants are for each row, or for rows that are side by side, by what they were."""
        self.side = side_by_side(program, self.inner, self.rows)
        self.inner, self.rows = self.inner * self.side, self.rows // self.side
        threads = min(self.workers.count, max(1, program.work // PARALLEL))
        block = self.block * program.longer
        per_block = max(1, min(block // self.inner, -(-self.rows // (2 * threads)) if threads > 1 else self.rows))
        if split == FLAT:
            per_block = max(LEAF, per_block // LEAF * LEAF)
        self.per_block = per_block
        threads = min(threads, -(-self.rows // per_block))
        self.total: dict[int, int] = {}
        self.passing = 0
        """Bytes of what is made beside the outputs, and let go."""
        self._write(threads)
        bytes_each = sum(a.nbytes for a in self.sets[0]) if self.sets else 0
        return Written(bytes_each * threads, threads, self.passing, ("body",), self._laid_out(threads))

    def _laid_out(self, threads: int) -> dict[int, int]:
        program = self.program
        found = summed_inputs(program)
        each = threads * self.per_block
        return {n: each * prod(self.block_shape(n)[1:]) * program.dtypes[n].itemsize
                for n in self.order if n in found and not self.whole(n)}

    def constant(self, value: Any) -> str:
        if not isinstance(value, np.ndarray):
            return super().constant(value)
        # rows lie side by side in the loop alone
        wide = self.within and self.side > 1 and value.size > 1
        found = self.laid.get((id(value), wide))
        if found is None:
            found = beside(np, value, self.side, value.dtype) if wide else value.reshape(bare(value.shape))
            self.laid[id(value), wide] = found
        return super().constant(found)

    def _write(self, threads: int) -> None:
        program = self.program
        before, body, after = self._parts()
        inputs = [self.names[n] for n in self.order]
        self.line(f"def program({', '.join([*inputs, 'body'])}):")
        for number in self.order:
            if number in program.written:
                self.line(f"    if not {self.names[number]}.flags.carray: raise Unfit")
        for at in before:
            instr = program.instrs[at]
            args = [self.names[a] if isinstance(a, int) else self.constant(a) for a in instr.args]
            shape = program.shapes[instr.out]
            out = self.names.get(instr.out)
            if out is None:
                out = f"v{instr.out}"
                self.line(f"    {out} = empty({shape}, {self.dtype(program.dtypes[instr.out])})")
                self.passing += prod(shape) * program.dtypes[instr.out].itemsize
            self.emit(at, instr, args, out, shape, "    ")
            self.names[instr.out] = out
        views = self._outputs()
        viewed = self._views(body, views)
        first = len(self.lines)
        self._body(body, viewed, views)
        self.within = False
        text, nodes = self.lines[first:], self.nodes[first:]
        del self.lines[first:], self.nodes[first:]
        self.sets = [tuple(self.room.array(s, d, thread, i) for i, (s, d) in enumerate(self.temporaries))
                     for thread in range(threads)]
        self.space["sets"] = self.sets
        self.space.update(share=self.workers.run, beside=beside)
        given = "".join(f"{name}, " for name in self.arguments)
        self.line(f"    share(body, iter(range(0, {self.rows}, {self.per_block})), ({given}), sets)")
        for at in after:
            instr = program.instrs[at]
            name = f"v{instr.out}"
            if at in self.total:
                self.line(f"    {name}[...] = np.add.reduce(p{instr.out})", program.sources[at])
            else:
                args = [f"v{a}" if isinstance(a, int) else self.constant(a) for a in instr.args]
                self.emit(at, instr, args, name, program.shapes[instr.out], "    ")
        self.line(f"    return {', '.join(self.names[n] for n in self.outputs)}")
        self.lines += text
        self.nodes += nodes

    def _parts(self) -> tuple[list[int], list[int], list[int]]:
        """The calls that come before the loop (no block in them), within it, and after it (sums of everything)."""
        program, shape, split = self.program, self.program.shape, self.split
        assert shape is not None
        before, body, after = [], [], []
        whole_sums: set[int] = set()
        for at, instr in enumerate(program.instrs):
            met = [a for a in instr.args if isinstance(a, int)]
            if any(a in whole_sums for a in met):
                after.append(at)
            elif split == FLAT and instr.kind == "reduce":
                whole_sums.add(instr.out)
                self.total[at] = instr.out
                body.append(at)
                after.append(at)
            elif all(self.whole(a) for a in (*met, instr.out)):
                before.append(at)
            else:
                body.append(at)
        return before, body, after

    def whole(self, number: int) -> bool:
        program = self.program
        assert program.shape is not None
        if number in program.closed and self.split != FLAT:
            return False
        return is_whole(program.shapes[number], program.shape, self.split)

    def block_shape(self, number: int) -> Shape:
        """The shape of an array in the loop, rows first."""
        program = self.program
        assert program.shape is not None
        shape = program.shapes[number]
        if self.split == FLAT:
            return (self.rows,)
        if self.side > 1:
            return (self.rows, self.inner)
        if number in program.closed:
            return (self.rows, *shape[self.split:])
        full = (1,) * (len(program.shape) - len(shape)) + shape
        return (self.rows, *full[self.split:])

    def _outputs(self) -> list[int]:
        """Makes the arrays that the loop fills; the numbers of those that have a view by blocks."""
        program = self.program
        out = []
        sums = set(self.total.values())
        self.over = Over(program)
        self.lent: dict[int, list[tuple[int, str]]] = {}
        """For outputs the inputs whose copies they may become, with the names that these had."""
        copying = self.side > 1 or may_copy(program)
        copies = lends(self.over, self.outputs, self.order, self.into) if copying else {}
        for source, number in copies.items():
            # the view by blocks would copy it all the same
            old, self.names[source] = self.names[source], f"m{source}"
            self.line(f"    m{source} = {self.function(np.ascontiguousarray)}({old})")
            self.lent.setdefault(number, []).append((source, old))
        for number in self.outputs:
            if number in self.names:
                continue
            shape, dtype = program.shapes[number], program.dtypes[number]
            source = self.into[number]
            name = f"v{number}"
            places = [f"m{copied} if m{copied} is not {old}" for copied, old in self.lent.get(number, ())]
            if source >= 0 and self.over.may(number, source):
                places.append(f"{self.names[source]} if {self.names[source]}.flags.carray")
            self.line(f"    {name} = {' else '.join([*places, f'empty({shape}, {self.dtype(dtype)})'])}")
            self.names[number] = name
            if number not in sums:
                out.append(number)
        for number in self.total.values():
            dtype = self.dtype(program.dtypes[number])
            if number not in self.outputs:
                self.line(f"    v{number} = empty({program.shapes[number]}, {dtype})")
                self.names[number] = f"v{number}"
            self.line(f"    p{number} = empty({count(self.rows)}, {dtype})")
            self.passing += count(self.rows) * program.dtypes[number].itemsize
        return out

    def _views(self, body: list[int], outputs: list[int]) -> list[int]:
        """Lines that give each array its form by blocks."""
        program = self.program
        apart = {*outputs, *self.total.values()}
        met = dict.fromkeys(n for at in body for n in (*program.instrs[at].args, program.instrs[at].out)
                            if isinstance(n, int) and n in self.names and n not in apart)
        viewed = list(met)
        # a call of an array and one number takes 0.2 us, of an array and one of one element 0.6
        along = {n for at in body for n in program.instrs[at].args
                 if isinstance(n, int) and (at in self.total or program.instrs[at].kind not in ("call", "where"))}
        for i, number in enumerate([*viewed, *outputs]):
            name = self.names[number]
            if self.whole(number):
                shape = program.shapes[number]
                full = (1,) * (len(program.shape or ()) - len(shape)) + shape
                form: Shape | None = full[self.split:] if self.split != FLAT else (1,)
                if prod(shape) == 1 and number not in along:
                    form = ()
                if self.side > 1 and prod(shape) > 1:
                    self.line(f"    a{i} = beside(np, {name}, {self.side}, {name}.dtype)")
                    continue
                self.line(f"    a{i} = {name}.reshape({form})")
            else:
                self.line(f"    a{i} = {name}.reshape({self.block_shape(number)})")
        return viewed

    def _body(self, body: list[int], viewed: list[int], outputs: list[int]) -> None:
        """The loop's function. ``a0 ...`` are its arrays, ``t0 ...`` its scratch."""
        program = self.program
        head = len(self.lines)
        self.line("")
        self.line("    for i in blocks:")
        self.line(f"        j = min(i + {self.per_block}, {self.rows})")
        self.within = True
        local: dict[int, str] = {}
        for i, number in enumerate([*viewed, *outputs]):
            if self.whole(number):
                local[number] = f"a{i}"
            else:
                self.line(f"        b{i} = a{i}[i:j]")
                local[number] = f"b{i}"
        sliced = len(self.lines)
        registers = Registers(self, local)
        for at in body:
            instr = program.instrs[at]
            args = [local[a] if isinstance(a, int) else self.constant(a) for a in instr.args]
            shape = (self.per_block, *self.block_shape(instr.out)[1:])
            if at in self.total:
                self.line(f"        leaves(np, {args[0]}, p{instr.out}, i)", program.sources[at])
                continue
            self.emit(at, self._local(instr), args, registers.place(at, instr, shape), shape, "        ")
            registers.release(at, instr)
        self.temporaries = registers.temporaries
        extra = [f"        u{i} = t{i}[:j - i]" for i in range(len(self.temporaries))]
        self.lines[sliced:sliced] = extra
        self.nodes[sliced:sliced] = [None] * len(extra)
        self.arguments = [f"a{i}" for i in range(len(viewed) + len(outputs))]
        self.arguments += [f"p{n}" for n in dict.fromkeys(self.total.values())]
        given = ", ".join(["blocks", *self.arguments, *(f"t{i}" for i in range(len(self.temporaries)))])
        self.lines[head] = f"def body({given}):"

    def _local(self, instr: Instr) -> Instr:
        """A reduction's axes as they are in the loop's arrays."""
        if instr.kind != "reduce":
            return instr
        program = self.program
        assert program.shape is not None and isinstance(instr.args[0], int)
        axes = tuple(a - self.split + 1 for a in instr.option("axes"))
        return Instr(instr.kind, instr.fn, instr.args, instr.out,
                     tuple((k, axes if k == "axes" else v) for k, v in instr.options))

    def spread(self, value: Any, shape: Shape) -> str:
        name = self.wide(value, shape)
        return f"{name}[:j - i]" if self.within else name
