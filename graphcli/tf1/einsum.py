"""Sums of products by Einstein's convention."""
from __future__ import annotations

import re
from collections import Counter
from typing import Any

from ..errors import InvalidType, InvalidValue
from .conversion import convert_to_tensor
from .framework import apply_op, name_scope

EXPORTS = """
tf linalg: einsum
"""


def einsum(equation: str, *inputs: Any, **kwargs: Any) -> Any:
    """``einsum('ij,jk->ik', a, b)``: labels that the output lacks are summed over (tf.einsum).

    One or two inputs make one Einsum; more are taken two by two, the cheapest pair first.
    Raises InvalidValue for an equation that does not fit the inputs.
    """
    name = kwargs.pop("name", None)
    kwargs.pop("optimize", None)
    if kwargs:
        raise InvalidType(f"einsum: no argument {next(iter(kwargs))!r}", hint="einsum takes name and optimize")
    with name_scope(name, "einsum"):
        tensors = list(inputs)
        full = resolve(equation, len(tensors))
        if len(tensors) <= 2:
            return apply_op("Einsum", None, [tensors], {"equation": full})
        sizes = _sizes(full, [convert_to_tensor(t).static for t in tensors])
        for positions, step in _path(full, sizes):
            operands = [tensors.pop(i) for i in positions]
            tensors.append(apply_op("Einsum", None, [operands], {"equation": step}))
        return tensors[0]


def resolve(equation: str, count: int) -> str:
    """The equation without blanks and with its output. Raises InvalidValue if it is none for ``count`` inputs."""
    text = equation.replace(" ", "").replace("...", "0")
    match = re.match(r"^([a-zA-Z,0]*)(->[a-zA-Z0]*)?$", text)
    if not match or re.search(r"[0-9]", equation):
        raise InvalidValue(f"einsum: {equation!r} is not an equation", hint="such as 'ij,jk->ik'")
    terms = match.group(1).split(",")
    if len(terms) != count:
        raise InvalidValue(f"einsum: {equation!r} is for {len(terms)} inputs, and {count} are given")
    if match.group(2) is None:
        seen = Counter(match.group(1))
        output = "".join(x for x in sorted(seen) if x != "," and seen[x] == 1)
        text += "->" + output
    else:
        output = match.group(2)[2:]
    twice = [x for x, n in Counter(output).items() if n > 1]
    if twice:
        raise InvalidValue(f"einsum: {twice[0].replace('0', '...')!r} stands twice in the output of {equation!r}")
    absent = [x for x in output if x != "0" and x not in match.group(1)]
    if absent:
        raise InvalidValue(f"einsum: {absent[0]!r} of the output of {equation!r} is in no input")
    return text.replace("0", "...")


def _sizes(equation: str, shapes: list[Any]) -> dict[str, int]:
    """The size of each label, 1 where it is not known; the axes of an ellipsis count as one."""
    sizes: dict[str, int] = {}
    for term, shape in zip(equation.replace("...", "0").split("->")[0].split(","), shapes):
        if shape is None:
            continue
        at = term.find("0")
        if at >= 0:
            end = at + len(shape) + 1 - len(term)
            middle = 1
            for size in shape[at:end]:
                middle *= size or 1
            shape = (*shape[:at], middle, *shape[end:])
        if len(term) != len(shape):
            raise InvalidValue(f"einsum: {term.replace('0', '...')!r} of {equation!r} meets an input of rank "
                               f"{len(shape)}")
        for label, size in zip(term, shape):
            sizes[label] = max(sizes.get(label, 1), size or 1)
    return sizes


def _path(equation: str, sizes: dict[str, int]) -> list[tuple[tuple[int, ...], str]]:
    """Which inputs meet in which order (opt_einsum's greedy path): positions to take out, and the step's equation."""
    left, output = equation.replace("...", "0").split("->")
    terms = left.split(",")
    steps = []
    for positions in _greedy([frozenset(t) for t in terms], frozenset(output), sizes):
        order = sorted(positions, reverse=True)
        taken = [terms.pop(i) for i in order]
        rest = set("".join(terms)) | set(output)
        if terms:
            made = "".join(sorted(set("".join(taken)) & rest, key="".join(taken).find))
        else:
            made = output
        terms.append(made)
        steps.append((tuple(order), f"{','.join(taken)}->{made}".replace("0", "...")))
    return steps


def _volume(labels: Any, sizes: dict[str, int]) -> int:
    total = 1
    for label in labels:
        total *= sizes.get(label, 1)
    return total


def _greedy(sets: list[frozenset[str]], output: frozenset[str], sizes: dict[str, int]) -> list[tuple[int, ...]]:
    """Positions, in the list as it then is, of the inputs of each step.

    The pair whose product is smallest against its factors goes first; equal terms are joined before,
    and what shares no label comes last, smallest first.
    """
    ids = list(range(len(sets)))
    parts = dict(enumerate(sets))
    path: list[tuple[int, int]] = []
    following = len(sets)

    def join(a: int, b: int, labels: frozenset[str]) -> int:
        nonlocal following
        del parts[a], parts[b]
        parts[following] = labels
        path.append((a, b))
        following += 1
        return following - 1

    seen: dict[frozenset[str], int] = {}
    for key, labels in list(parts.items()):
        if labels in seen:
            seen[labels] = join(seen[labels], key, labels)
        else:
            seen[labels] = key
    while len(parts) > 1:
        best: tuple[int, int, int, frozenset[str]] | None = None
        keys = list(parts)
        for i, a in enumerate(keys):
            for b in keys[i + 1:]:
                if not parts[a] & parts[b]:
                    continue
                others = frozenset().union(*(parts[k] for k in keys if k not in (a, b)))
                made = (parts[a] | parts[b]) & (output | others)
                cost = _volume(made, sizes) - _volume(parts[a], sizes) - _volume(parts[b], sizes)
                if best is None or cost < best[0]:
                    best = cost, a, b, made
        if best is None:
            a, b = sorted(keys, key=lambda k: (_volume(parts[k] & output, sizes), k))[:2]
            best = 0, a, b, (parts[a] | parts[b]) & output
        join(best[1], best[2], best[3])
    steps: list[tuple[int, ...]] = []
    for number, (a, b) in enumerate(path, len(sets)):
        steps.append((ids.index(a), ids.index(b)))
        ids = [k for k in ids if k not in (a, b)] + [number]
    return steps
