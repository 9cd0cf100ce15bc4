"""Turn: small matrices that products make lie column by column, where that is quicker.

BLAS is quicker at the transpose, ``(b.T a.T).T``, where a product has few rows, and then the columns of the result lie
in one piece. So do those that an RNN cell cuts out for its gates, and what elementwise calls make of them. Same bits:
calls go element by element, sums get their rows in one piece, and a product is only computed so if it was seen to give
the same bits (``products.py``). What meets a matrix that lies otherwise, or is taken by another op than a small
program, a cut of columns or ``concat``, is left as it is, and so is what all this together would slow down.
"""
from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence, Set
from math import prod
from typing import TYPE_CHECKING, Any

from ..graph.blas import SHARED
from ..graph.shapes import Static
from .program import SMALL
from .spread import MANY

if TYPE_CHECKING:
    from ..passes.taken import Taken
    from .plan import Step

CUTS = {"Slice": 0, "StridedSlice": 0, "Split": 1, "SplitV": 0}
"""Ops whose results are parts of an input, and of which."""
FEW, FEW_TURNED = 32, 64
"""Rows up to which a product may be quicker by columns, and those where its second operand is transposed."""
FASTER, FASTER_TURNED = 0.1, 0.25
"""The part of a product's time that is saved then."""
PACE = 65
"""Multiplications in a nanosecond."""
ROW = 30
"""Nanoseconds that a call loses for each row of an operand whose rows do not follow each other."""
SPREAD, JOINED, COPIED = 0.12, 0.2, 0.6
"""Nanoseconds for an element that are lost where a row is added to each row (gained, if that row lies spread), where
matrices are joined to one that lies row by row, and where one is copied to lie so."""


def turned(steps: Sequence[Step], forms: Mapping[int, tuple[Static, Any]], foreign: Set[int], results: Sequence[object]
           ) -> frozenset[int]:
    """The values that are to lie column by column. forms: shape and dtype by value. foreign: feeds and constants."""
    matrices = {v for v, (shape, _) in forms.items() if v not in foreign and _is_matrix(shape)}
    gains = {s.outputs[0]: gain for s in steps for gain in [_gain(s, forms)] if gain and s.outputs[0] in matrices}
    if not gains:
        return frozenset()
    groups = _Groups(matrices)
    often = Counter(o for s in steps if s.program is not None for o in s.inputs)
    cut: set[int] = set()
    for step in steps:
        made = [o for o in step.outputs if o >= 0]
        taken = [o for o in step.inputs if isinstance(o, int) and o in matrices]
        if step.program is not None:
            for alike, gain in _of_program(step, foreign, cut, often):
                groups.join([v for v in alike if v in matrices], gain)
        elif _is_cut(step, forms):
            cut.update(made)
            parts = [o for o in made if o in matrices]
            groups.join([*taken, *parts], 0 if parts == made else None)
        elif step.node.type == "ConcatV2" and all(_is_matrix(forms[o][0]) for o in made):
            for value in set(taken):
                groups.join([value], -JOINED * _elements(forms[value]))
            groups.join(made, None)
        else:
            for value in {*taken, *(o for o in made if o in matrices)}:
                groups.join([value], gains[value] if value in gains and value in made else None)
    for value in {r for r in results if isinstance(r, int) and r in matrices}:
        groups.join([value], -COPIED * _elements(forms[value]))
    found = groups.worth()
    return found | _joints(steps, forms, results, found)


def _joints(steps: Sequence[Step], forms: Mapping[int, tuple[Static, Any]], results: Sequence[object], found: Set[int]
            ) -> set[int]:
    """Matrices joined of columns, mostly of such as lie column by column, which only products that are turned take."""
    users: dict[object, list[tuple[Step, int]]] = {}
    for step in steps:
        for at, operand in enumerate(step.inputs):
            users.setdefault(operand, []).append((step, at))
    out = set()
    for step in steps:
        value = step.outputs[0] if step.node.type == "ConcatV2" and step.outputs else -1
        if value < 0 or value in results or not _is_matrix(forms[value][0]) or step.region is not None:
            continue
        parts = [o for o in step.inputs if o in found]
        if all(forms[o][0][0] == forms[value][0][0] for o in parts) and (  # type: ignore[index]
                2 * sum(_elements(forms[o]) for o in parts if isinstance(o, int)) >= _elements(forms[value])) and all(
                    at == 0 and s.node.type == "MatMul" and not s.node.attrs["transpose_a"] and not s.products
                    and s.inputs.count(value) == 1 and s.outputs[0] in found for s, at in users[value]):
            out.add(value)
    return out


class _Groups:
    """Values that lie alike, and what it brings, in nanoseconds, if they lie column by column; None: they cannot."""

    def __init__(self, values: Set[int]) -> None:
        self.parent = {v: v for v in values}
        self.gain: dict[int, float | None] = dict.fromkeys(values, 0.0)

    def find(self, value: int) -> int:
        while self.parent[value] != value:
            self.parent[value] = self.parent[self.parent[value]]
            value = self.parent[value]
        return value

    def join(self, values: Sequence[int], gain: float | None) -> None:
        """Makes one group of the values, in which ``gain`` comes to what they bring."""
        roots = list(dict.fromkeys(self.find(v) for v in values))
        if not roots:
            return
        gains = [gain, *(self.gain[r] for r in roots)]
        for root in roots[1:]:
            self.parent[root] = roots[0]
        self.gain[roots[0]] = None if None in gains else sum(g for g in gains if g is not None)

    def worth(self) -> frozenset[int]:
        return frozenset(v for v in self.parent if (self.gain[self.find(v)] or 0) > 0)


def _is_matrix(shape: Static) -> bool:
    return shape is not None and len(shape) == 2 and all(d is not None and d > 1 for d in shape) and (
        prod(d or 0 for d in shape) <= SMALL)


def _elements(form: tuple[Static, Any]) -> int:
    return prod(d or 0 for d in form[0] or ())


def _gain(step: Step, forms: Mapping[int, tuple[Static, Any]]) -> float:
    """Nanoseconds that a product takes less if it is turned; 0 for another step."""
    product = step.products[0] if step.columns is not None else step.node
    if step.program is not None or step.region is not None or step.snapshot or product.type != "MatMul" or (
            step.products and step.columns is None) or step.outputs[0] < 0:
        return 0
    shape, dtype = forms[step.outputs[0]]
    first = step.inputs[0]
    form = forms[first][0] if isinstance(first, int) else None
    if form is None or shape is None or None in (*form, *shape) or dtype.name not in ("float32", "float64"):
        return 0
    (rows, columns), inner = (d or 0 for d in shape), form[0 if product.attrs["transpose_a"] else 1] or 0
    return _saved(rows, columns, inner, product.attrs["transpose_b"])


def _saved(rows: int, columns: int, inner: int, transposed: bool) -> float:
    """Nanoseconds that a product of these sizes takes less if it is turned."""
    work = rows * columns * inner
    if work < SHARED:
        return 0
    if transposed:
        return FASTER_TURNED * work / PACE if rows <= FEW_TURNED else 0
    return FASTER * work / PACE if rows <= FEW and columns >= inner else 0


def is_worth_a_copy(taken: Taken) -> bool:
    """Whether columns of a product are made quicker if they are turned, and laid out row by row again."""
    (first, _), attrs, columns = taken.shapes, taken.product.attrs, taken.columns
    rows, inner = first[::-1] if attrs["transpose_a"] else first
    if columns is None:
        return False
    width = columns[1] - columns[0]
    return _saved(rows, width, inner, attrs["transpose_b"]) > COPIED * rows * width


def _is_cut(step: Step, forms: Mapping[int, tuple[Static, Any]]) -> bool:
    """Whether a step cuts columns out of a matrix."""
    at = CUTS.get(step.node.type)
    if at is None or step.region is not None or step.snapshot or step.products or step.detach:
        return False
    source = step.inputs[at]
    whole = forms[source][0] if isinstance(source, int) else None
    shapes = [forms[o][0] for o in step.outputs if o >= 0]
    return whole is not None and all(s is not None and len(s) == 2 and s[0] == whole[0] for s in shapes)


def within(step: Step) -> dict[int, set[int]]:
    """The matrices of a program that its calls make lie alike, by one of each: the numbers of their arrays."""
    program = step.program
    assert program is not None
    shapes = program.shapes
    group: dict[int, set[int]] = {}
    for numbers in (*([a for a in (*i.args, i.out) if isinstance(a, int)] for i in program.instrs),
                    *([n] for n in (*program.inputs.values(), *program.outputs.values()))):
        met = [n for n in numbers if _is_matrix(shapes[n])]
        joined = set(met).union(*(group.get(n, ()) for n in met))
        group.update(dict.fromkeys(joined, joined))
    return {min(found): found for found in group.values()}


def turned_within(step: Step, values: Set[int]) -> frozenset[int]:
    """The numbers of the matrices in a program that lie column by column, where these values do."""
    program = step.program
    assert program is not None
    if program.shape is not None or values.isdisjoint(o for o in (*step.inputs, *step.outputs) if isinstance(o, int)):
        return frozenset()
    seen = {n for o, n in zip(step.inputs, program.inputs.values()) if o in values}
    seen.update(n for o, n in zip(step.outputs, program.outputs.values()) if o in values)
    return frozenset(n for found in within(step).values() if found & seen for n in found)


def _of_program(step: Step, foreign: Set[int], cut: Set[int], often: Mapping[Any, int]
                ) -> list[tuple[list[int], float | None]]:
    """Values that a program makes lie alike, and what it gains if they lie column by column; None: they cannot."""
    program = step.program
    assert program is not None
    shapes, numbers = program.shapes, list(program.inputs.values())
    values = {n: o for o, n in (*zip(step.inputs, numbers), *zip(step.outputs, program.outputs.values()))}
    apart = {n: shapes[n][0] for o, n in zip(step.inputs, numbers) if o in cut}
    spread = {n for o, n in zip(step.inputs, numbers) if often[o] >= MANY}
    out: list[tuple[list[int], float | None]] = []
    for found in within(step).values():
        own = [values[n] for n in found if n in values]
        calls = [i for i in program.instrs if any(isinstance(a, int) and a in found for a in (*i.args, i.out))]
        fits = program.shape is None and found.isdisjoint(program.written) and all(
            isinstance(o, int) and o not in foreign for o in own) and all(
                len(shapes[a]) <= 2 for i in calls for a in (*i.args, i.out) if isinstance(a, int))
        gain = sum(_of_call(i, shapes, apart, spread) for i in calls) if fits else None
        out.append(([o for o in own if isinstance(o, int)], gain))
    return out


def _of_call(instr: Any, shapes: Sequence[Any], apart: Mapping[int, int], spread: Set[int]) -> float:
    gain = 0.0
    for arg in instr.args:
        shape = shapes[arg] if isinstance(arg, int) else arg.shape
        if instr.kind == "reduce" and _is_matrix(shape):
            gain -= COPIED * prod(shape)
        elif _is_matrix(shapes[instr.out]) and len(shape) in (1, 2) and shape[-1] > 1 and prod(shape) == shape[-1]:
            gain += (SPREAD if isinstance(arg, int) and arg in spread else -SPREAD) * prod(shapes[instr.out])
        elif isinstance(arg, int):
            gain += ROW * apart.get(arg, 0)
    return gain
