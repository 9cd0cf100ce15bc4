"""Footprint: what a step of a plan takes, from shapes alone: which values are memory of their own, what kernels need
within themselves, and what is copied when values are handed out."""
from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence, Set
from math import prod
from typing import TYPE_CHECKING, Any

import numpy as np

from ..errors import GraphError
from ..graph.graph import Node, Tensor
from ..graph.in_blocks import room
from ..graph.in_rows import alike
from ..graph.kernel import KernelContext
from ..graph.scratch import ScratchContext, reshaped
from ..graph.shapes import Static, count
from ..graph.types import bfloat16, float16
from ..passes.taken import Taken
from .beside import side_by_side
from .memory import is_fresh, size_of, spreads
from .over import Over, lends, may_copy
from .program import FLAT
from .region_peak import ORDERED, WHOLE, hands_on, of_region
from .structured_order import Fused
from .views import Views

if TYPE_CHECKING:
    from .instr import Template
    from .plan import Operand, Plan, Step
    from .program import Program

ELIDED = frozenset({np.add, np.subtract, np.multiply, np.true_divide, np.negative})
"""Operators for which numpy writes over an array that nothing else holds."""
TEXTS = frozenset({"Add", "AsString", "DecodeBase64", "EncodeBase64", "ReduceJoin", "RegexReplace",
                   "StaticRegexReplace", "StringJoin", "StringLower", "StringStrip", "StringUpper", "Substr",
                   "UnicodeEncode", "UnicodeTranscode"})
"""Ops that make strings, whose lengths follow from values."""
MANY_TEXTS = 1 << 12
"""How many of them are more than next to nothing."""
NONE_KNOWN: Mapping[int, Any] = {}
LEAST = 1 << 14
"""Bytes of a result from which it is worth knowing what is made on the way in blocks."""
TRACED = 1 << 20
"""Bytes of a result from which it is worth knowing what an elementwise kernel makes on the way."""


def owners(steps: Sequence[Step], forms: Mapping[int, tuple[Static, Any]], into: Mapping[int, tuple[int, ...]],
           foreign: Sequence[int], values: Mapping[int, Any]) -> tuple[dict[int, int], set[int], Views]:
    """Value -> the value whose memory it is in, -1 where that is not the step's own (feeds, constants, variables); the
    values that do not lie in one piece; and how these lie."""
    out = dict.fromkeys(foreign, -1)
    loose: set[int] = set()
    views = Views(forms, values)
    for step in steps:
        made = [o for o in step.outputs if o >= 0]
        source = step.inputs[step.node.type == "Split"] if step.inputs else None
        if step.program is not None:
            copied = _copied(step, loose, views)
            numbers, becoming = list(step.program.outputs.values()), set(copied.values())
            for i, (output, at) in enumerate(zip(step.outputs, into.get(step.number, ()))):
                taken = step.inputs[at] if at >= 0 else None
                if output >= 0 and isinstance(taken, int) and numbers[i] not in becoming:
                    out[output] = out.get(taken, taken)
        elif (step.snapshot or step.products or step.region is not None
              or not hands_on(step.node) or _turns(step, values)):
            pass
        elif step.node.type not in WHOLE:
            for at, output in enumerate(step.outputs):
                if output < 0:
                    continue
                whole = views.seen(step, at, source, loose)
                if whole is None:
                    whole = (isinstance(source, int) and source not in loose
                             and not _is_loose(step, forms, values, source, output))
                if not whole and step.node.outputs[at].dtype.base_dtype is float16:
                    # kernels lay it out in one piece (graph/in_rows.py)
                    views.forget(output)
                    continue
                out[output] = out.get(source, source) if isinstance(source, int) else -1
                if not whole:
                    loose.add(output)
        elif isinstance(source, int) and source in loose:
            if len(made) == 1 and views.formed(source, made[0]):
                out[made[0]] = out.get(source, source)
                if not views.whole(made[0]):
                    loose.add(made[0])
        else:
            out.update(dict.fromkeys(made, out.get(source, source) if isinstance(source, int) else -1))
    return out, loose, views


def _copied(step: Step, loose: Set[int], views: Views) -> dict[int, int]:
    """For the numbers of inputs that a loop copies, for they do not lie in one piece: the output that the copy becomes,
    -1 for none."""
    program = step.program
    if program is None or not may_copy(program) or loose.isdisjoint(step.inputs):
        return {}
    becomes = lends(Over(program), list(program.outputs.values()), list(program.inputs.values()), {})
    return {number: becomes.get(number, -1) for operand, (key, number) in zip(step.inputs, program.inputs.items())
            if operand in loose and isinstance(key, Tensor) and (
                number in becomes or len(program.shape or ()) > 1
                and not _seen_by_blocks(program, number, operand, views))}


def _seen_by_blocks(program: Program, number: int, operand: Operand, views: Views) -> bool:
    """Whether the view of an input by blocks is one where it lies."""
    shape, split = program.shape or (), program.split
    lies, own = views.lies(operand), program.shapes[number]
    if lies is None or split == FLAT or len(own) != len(shape):
        return False
    rows, inner = prod(shape[:split]), prod(shape[split:])
    return (side_by_side(program, inner, rows) == 1 and prod(own[:split]) == rows
            and reshaped(lies, (rows, *own[split:])) is not None)


def _number(operand: Operand) -> int:
    return operand if isinstance(operand, int) else -1


def _turns(step: Step, values: Mapping[int, Any]) -> bool:
    """Whether what is cut out is copied, for it lies back to front."""
    return step.node.type == "StridedSlice" and bool(np.any(values.get(_number(step.inputs[3]), 1) < 0))


def _is_loose(step: Step, forms: Mapping[int, tuple[Static, Any]], values: Mapping[int, Any], source: int,
              output: int) -> bool:
    """Whether a view does not lie in one piece."""
    before, after = forms[source][0], forms[output][0]
    if before is None or after is None or spreads(step.node):
        return True
    if step.node.type == "StridedSlice" and np.any(values.get(_number(step.inputs[3]), 1) != 1):
        return True
    if step.node.type == "Transpose":
        turned = values.get(_number(step.inputs[1]))
        order = None if turned is None else [p for p in turned.tolist() if before[p] != 1]
        return order is None or order != sorted(order)
    return after[-max(0, len(before) - 1):] != before[1:] if len(before) > 1 else False


def scratch(step: Step, shape: Callable[[Tensor], Static], loose: Set[int], views: Views, threads: int,
            spent: frozenset[int] = frozenset(), values: Mapping[int, Any] = NONE_KNOWN,
            owner: Mapping[int, int] = NONE_KNOWN) -> int | None:
    """Bytes that a step takes beside its results and what programs make and keep (``keeping.py``); None where shapes do
    not tell. loose, views, owner: see ``owners``. spent: the inputs over which it writes. values: of constants."""
    if step.program is not None:
        copied = 0
        made = {-1}
        copies = _copied(step, loose, views)
        for key, number in step.program.inputs.items():
            becomes = copies.get(number)
            if becomes is not None:
                if becomes in made and isinstance(key, Tensor):
                    copied += size_of(key, shape(key)) or 0
                made.add(becomes)
        return copied
    if step.region is not None:
        return of_region(step.region, step.structured, step.exports, shape,
                         lambda node, known: of_node(node, known, threads) if not isinstance(node, Fused)
                         else node.program.scratch() if isinstance(node.program, Taken) else 0,
                         {t: values[o] for t, o in zip(step.region.outside, step.inputs)
                          if isinstance(o, int) and o in values and t.dtype.base_dtype.name == "bool"})
    if step.snapshot or step.products and step.node.type == "ApplyGradientDescent":
        return 0
    if step.contracted is not None:
        a, b = step.inputs
        return step.contracted.how.scratch(threads, a == b)
    if step.products:
        if step.products[0].type == "Pad":
            return 0
        # until it is known whether the bits are the same, each product is made
        whole = step.products[0].outputs[0]
        size = size_of(whole, shape(whole))
        if step.stack == 1 or size is None:
            return size
        each = sum(size_of(t, shape(t)) or 0 for t in step.products[0].inputs)
        rest = min(step.stack, len(step.products) - step.stack)
        return max(step.stack * each, size + rest * each if rest else 0)
    unused = 0
    if step.node.type in TEXTS and step.node.outputs[0].dtype.kind == "S" and any(
            (count(shape(t)) or 0) > MANY_TEXTS for t in (*step.node.inputs, *step.node.outputs)):
        return None
    for tensor, output in zip(step.node.outputs, step.outputs):
        if _is_cut(step.node, shape, threads):
            break
        if output < 0 and not tensor.dtype.is_ref and (not hands_on(step.node) or _parts_laid_out(step, views)):
            size = size_of(tensor, shape(tensor))
            if size is None:
                return None
            unused += size
    apart = {}
    for i, (tensor, operand) in enumerate(zip(step.node.inputs, step.inputs)):
        if operand in loose and _is_laid_out(step, views.broken(operand), shape, values):
            unused += size_of(tensor, shape(tensor)) or 0
        elif operand in loose:
            apart[i] = views.lies(operand)
    memory = [owner.get(o, o) if isinstance(o, int) else o.variable for o in step.inputs] if owner else []
    # what is not the step's own is not told apart
    memory = [] if -1 in memory else memory
    taken = of_node(step.node, shape, threads, step.winograd, spent, apart, memory)
    return None if taken is None else unused + taken


def _parts_laid_out(step: Step, views: Views) -> bool:
    """Whether parts of half precision are no views, also those that nobody wants."""
    return (step.node.type not in WHOLE and step.node.outputs[0].dtype.base_dtype is float16
            and not any(views.lies(o) is not None for o in step.outputs if o >= 0))


def _context(node: Node, shape: Callable[[Tensor], Static], threads: int, winograd: bool = False,
             spent: frozenset[int] = frozenset(), apart: Mapping[int, Any] = NONE_KNOWN,
             memory: Sequence[Any] = ()) -> ScratchContext | None:
    """What an op may know; None where some sizes are not known."""
    shapes, outs = [shape(t) for t in node.inputs], [shape(t) for t in node.outputs]
    if any(size_of(t, s) is None for t, s in zip((*node.inputs, *node.outputs), (*shapes, *outs))):
        return None
    return ScratchContext(node, shapes, outs, threads, winograd, spent, apart, memory)


def _is_cut(node: Node, shape: Callable[[Tensor], Static], threads: int) -> bool:
    """Whether a node is taken in parts, and makes nothing that nobody wants."""
    parts = None if node.opdef is None or node.opdef.parts is None else node.opdef.parts(node.attrs)
    context = None if parts is None else _context(node, shape, threads)
    return parts is not None and context is not None and parts.of(context)[0] > 0


def _is_laid_out(step: Step, broken: bool, shape: Callable[[Tensor], Static], values: Mapping[int, Any]) -> bool:
    """Whether a kernel gets a copy of an input that is not in one piece. broken: nor are its rows."""
    node = step.node
    opdef = node.opdef
    if opdef is None or opdef.elementwise:
        return False
    if opdef.alike_from:
        a, b = (shape(t) for t in node.inputs)
        if a is not None and b is not None and None not in (*a, *b) and alike(a, b, opdef.alike_from):
            return False
    if node.type in ORDERED:
        # some rows at a time are where the first axis is kept
        axes, full = values.get(_number(step.inputs[1])), shape(node.inputs[0])
        return axes is None or full is None or len(full) < 2 or bool(np.any(axes % len(full) == 0))
    return opdef.one_piece or opdef.blas and broken


def of_node(node: Node, shape: Callable[[Tensor], Static], threads: int, winograd: bool = False,
            spent: frozenset[int] = frozenset(), apart: Mapping[int, Any] = NONE_KNOWN,
            memory: Sequence[Any] = ()) -> int | None:
    """Bytes that the kernel of a node takes within itself: what its op declares, or what its calls make."""
    opdef = node.opdef
    if opdef is None or opdef.scratch is None and not opdef.elementwise:
        return 0
    context = _context(node, shape, threads, winograd, spent, apart, memory)
    if context is None:
        return None
    if opdef.scratch is not None:
        try:
            return int(opdef.scratch(context))
        except (ZeroDivisionError, GraphError):  # what is empty takes nothing; the kernel tells what is wrong with it
            return 0
    made = sum(context.out_bytes(i) for i in range(len(context.outs)))
    if any(t.dtype.base_dtype.kind == "c" or t.dtype.base_dtype is bfloat16 for t in (*node.inputs, *node.outputs)):
        # in blocks (graph/in_blocks.py)
        return room(opdef.kernel(KernelContext(node)), context.made(), context.out_width(), threads) if (
            made > LEAST and opdef.kernel is not None) else 0
    if made < TRACED:
        return 0
    from .trace import trace

    template = trace(node, context.shapes, [None] * len(context.shapes))
    return 0 if template is None else _of_calls(template)


def _of_calls(template: Template) -> int:
    """What the calls of a kernel make at most beside its results; as numpy, a call writes over what dies with it."""
    sizes: list[int] = [prod(s) * d.itemsize for s, d in zip(template.shapes, template.dtypes)]
    last = {a: i for i, instr in enumerate(template.instrs) for a in (*instr.args, instr.out) if isinstance(a, int)}
    results = set(template.outputs)
    alive: dict[int, int] = {}
    most = 0
    for i, instr in enumerate(template.instrs):
        met = [a for a in instr.args if isinstance(a, int)]
        dies = [a for a in met if last[a] == i and a in alive and a not in results]
        if instr.out >= template.inputs and instr.out not in alive:
            over = next((a for a in dies if instr.kind == "call" and instr.fn in ELIDED and met.count(a) == 1
                         and sizes[a] == sizes[instr.out]), None)
            if over is not None:
                del alive[over]
            alive[instr.out] = sizes[instr.out]
        most = max(most, sum(alive.values()))
        for a in dies:
            alive.pop(a, None)
    return max(0, most - sum(sizes[r] for r in results))


def handed_out(plan: Plan, sizes: Mapping[int, int | None], owner: Mapping[int, int], loose: Set[int]) -> int:
    """Bytes of the copies that are made of what is fetched when all else is done: of variables, and of what is not
    memory of its own or is given out already. owner, loose: see ``owners``."""
    given: set[int] = set()
    total = 0
    fresh = {o for s in plan.steps if is_fresh(s) for o in s.outputs}
    seen = Counter(owner.get(r, r) for r in {*plan.results} if isinstance(r, int))
    for result in plan.results:
        if isinstance(result, Node):
            total += size_of(result.outputs[0], plan.shape(result.outputs[0])) or 0
        elif result is not None:
            memory = owner.get(result, result)
            part = (sizes.get(result) or 0) < (sizes.get(memory) or 0)
            others = result not in fresh and seen[memory] > 1
            if memory < 0 or memory in given or others or result in loose or result in plan.turned or part:
                total += sizes.get(result) or 0
            else:
                given.add(memory)
    return total
