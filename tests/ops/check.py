"""Asks a row of the table of a library that speaks tf.compat.v1, and checks its gradients by central differences."""
from __future__ import annotations

import tempfile
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from . import cases
from .cases import Row

WIDE = ("float64", "complex128")
STEP = {"float64": 1e-5, "complex128": 1e-5, "float32": 3e-2}
BOUND = {"float64": 2e-7, "complex128": 2e-7, "float32": 1e-2}


@dataclass
class Side:
    """A library: its vocabulary, and how it makes one node of a type."""

    tf: Any
    raw: Callable[..., Any]


@dataclass
class Built:
    """A row as a graph. xs: what may vary; ys: the outputs; before: to be run first; scratch: a folder."""

    graph: Any
    xs: list[Any]
    ys: list[Any]
    feeds: dict[Any, Any]
    before: list[Any] = field(default_factory=list)
    scratch: Any = field(default_factory=tempfile.TemporaryDirectory)


def flat(value: Any) -> list[Any]:
    if isinstance(value, (list, tuple)):
        return [x for v in value for x in flat(v)]
    return [value]


def differentiable(tensor: Any) -> bool:
    return tensor.dtype.base_dtype.name.startswith(("float", "complex", "bfloat"))


def build(side: Side, row: Row, kind: str, form: str = "known") -> Built:
    """The graph of a row in a form of cases.FORMS."""
    graph = side.tf.Graph()
    with graph.as_default():
        if row.program:
            return _program(side, row, graph)
        inputs, feeds, drawn = cases.placeholders(side.tf, row, kind, form)
        outputs = side.raw(row.op, *inputs, **row.attrs)
        ys = flat(outputs)
        return Built(graph, [x for x in drawn if differentiable(x)], [y for y in ys if hasattr(y, "dtype")], feeds)


def _program(side: Side, row: Row, graph: Any) -> Built:
    tf = side.tf
    built = Built(graph, [], [], {})

    def fed(value: Any) -> Any:
        array = np.asarray(value)
        tensor = tf.placeholder(array.dtype.name, array.shape)
        built.feeds[tensor] = array
        return tensor

    def varied(value: Any, kind: str = "float64") -> Any:
        tensor = fed(np.asarray(value, kind))
        built.xs.append(tensor)
        return tensor

    space = {"tf": tf, "np": np, "raw": side.raw, "F": lambda x: fed(np.asarray(x, "float32") if np.asarray(
        x).dtype == np.float64 else x), "X": varied, "feed": built.feeds.__setitem__, "run_first": built.before.append,
        "folder": tempfile.mkdtemp(dir=built.scratch.name)}
    exec(row.program, space)
    built.ys = flat(space["y"])
    return built


def gradients(side: Side, built: Built, row: Row, values: list[Any]) -> Gradients | None:
    """The symbolic gradients of projections of the outputs, and of projections of these; None if there are none."""
    tf = side.tf
    outs = [n for n, y in enumerate(built.ys) if differentiable(y) and (row.outs is None or n in row.outs)]
    if not built.xs or not outs:
        return None
    ws, feeds = [], {}
    for n in outs:
        value = values[n]
        w = tf.placeholder(built.ys[n].dtype.base_dtype, np.shape(value))
        feeds[w] = cases.weights(np.shape(value), n, w.dtype.base_dtype.name)
        ws.append(w)
    try:
        first = tf.gradients([built.ys[n] for n in outs], built.xs, grad_ys=ws)
    except (LookupError, NotImplementedError, TypeError, ValueError) as error:
        return Gradients(outs, ws, feeds, [], [], [], 0, error)
    first = [None if g is None else tf.convert_to_tensor(g) for g in first]
    found = Gradients(outs, ws, feeds, first, [], [], 1)
    kept = [g for g in first if g is not None]
    if not kept:
        return found
    for n, (x, g) in enumerate(zip(built.xs, first)):
        if g is not None:
            v = tf.placeholder(g.dtype.base_dtype, built.feeds[x].shape)
            feeds[v] = cases.weights(built.feeds[x].shape, n + 5, g.dtype.base_dtype.name)
            found.vs.append(v)
    try:
        second = tf.gradients(kept, [*built.xs, *ws], grad_ys=found.vs)
    except (LookupError, NotImplementedError, TypeError, ValueError) as error:
        found.error = error
        return found
    found.second = [None if g is None else tf.convert_to_tensor(g) for g in second]
    found.order = 2
    return found


@dataclass
class Gradients:
    """outs: which outputs are projected by ws; first: by xs; second: of first projected by vs, by xs and ws."""

    outs: list[int]
    ws: list[Any]
    feeds: dict[Any, Any]
    first: list[Any]
    vs: list[Any]
    second: list[Any]
    order: int
    error: Exception | None = None


def element(x: Any) -> str:
    if isinstance(x, bytes):
        return repr(x)[1:]
    if isinstance(x, complex):
        return f"{x.real:.16g},{x.imag:.16g}"
    return str(int(x)) if isinstance(x, (bool, int)) else f"{x:.16g}"


def line(value: Any) -> str:
    """A value as text: ``dtype[shape] elements``."""
    array = np.asarray(value)
    kind = "string" if array.dtype.kind in "OSU" else array.dtype.name
    wide = array.astype(np.float64) if array.dtype.name == "bfloat16" else array
    digits = [element(x) for x in wide.reshape(-1).tolist()]
    if kind in ("float32", "float16", "bfloat16"):
        digits = [f"{float(d):.9g}" for d in digits]
    return " ".join([f"{kind}[{','.join(map(str, array.shape))}]", *digits])


def static(tensor: Any) -> str:
    try:
        return "[" + ",".join("?" if d is None else str(d) for d in tensor.shape.as_list()) + "]"
    except ValueError:
        return "?"


def run(side: Side, built: Built, fetches: Any, feeds: dict[Any, Any]) -> Any:
    with side.tf.Session(graph=built.graph) as session:
        for op in built.before:
            session.run(op)
        return session.run(fetches, feeds)


def shapes(side: Side, row: Row, kind: str) -> str:
    """The static shapes of the outputs in each form."""
    found = []
    for form in cases.FORMS:
        try:
            found.append(" ".join(static(y) for y in build(side, row, kind, form).ys))
        except Exception:
            found.append("!")
    return "shapes " + " | ".join(found)


def graded(row: Row, kind: str) -> bool:
    """Whether the gradient of a row is looked at in this dtype: the widest that it has."""
    floats = [k for k in row.kinds if k.startswith(("float", "complex"))]
    return row.grad and (row.program != "" or kind in WIDE or kind == "float32" and "float64" not in floats)


def answer(side: Side, row: Row, kind: str) -> list[str]:
    """All lines of a row's answer but the first."""
    out = [] if row.program else [shapes(side, row, kind)]
    try:
        built = build(side, row, kind)
        values = run(side, built, built.ys, built.feeds)
    except Exception:
        return [*out, "!"]
    if row.same:
        out += [f"= {line(x)}" for x in values]
    if not graded(row, kind):
        return out
    with built.graph.as_default():
        found = gradients(side, built, row, values)
    if found is None:
        return out
    if found.order and row.same:
        try:
            first = run(side, built, [g for g in found.first if g is not None], {**built.feeds, **found.feeds})
        except Exception:
            return [*out, "d !"]
        rest = iter(first)
        out += [f"d {n} {'none' if g is None else line(next(rest))}" for n, g in enumerate(found.first)]
    return [*out, f"order {found.order}"]


def central(side: Side, row: Row, kind: str, order: int = 2) -> int:
    """Compares a row's gradients up to an order with central differences; returns to which order they exist.

    Raises AssertionError where a projection of the symbolic gradient is not the difference.
    """
    built = build(side, row, kind)
    with built.graph.as_default():
        values = run(side, built, built.ys, built.feeds)
        found = gradients(side, built, row, values)
    if found is None or found.order == 0 or all(g is None for g in found.first):
        return 0 if found is None else found.order
    base = {**built.feeds, **found.feeds}
    moving = [x for x, g in zip(built.xs, found.first) if g is not None]
    rng = np.random.default_rng(11)
    with side.tf.Session(graph=built.graph) as session:
        for op in built.before:
            session.run(op)
        _compare(session, base, moving, [g for g in found.first if g is not None], row,
                 [(built.ys[n], w) for n, w in zip(found.outs, found.ws)], rng, "first")
        if min(order, found.order) == 2:
            gs = [g for g in found.first if g is not None]
            both = [*moving, *found.ws]
            second = [g for x, g in zip([*built.xs, *found.ws], found.second) if x in set(both)]
            _compare(session, base, both, second, row, list(zip(gs, found.vs)), rng, "second")
    return found.order


def _compare(session: Any, base: dict[Any, Any], moving: list[Any], grads: list[Any], row: Row,
             projected: list[tuple[Any, Any]], rng: Any, what: str) -> None:
    sums = [p for p, _ in projected]

    def total(feeds: dict[Any, Any]) -> float:
        got = session.run(sums, feeds)
        return float(sum(np.sum(np.real(np.conj(base[w]) * np.asarray(y, wide(y))))
                         for (_, w), y in zip(projected, got)))

    values = iter(session.run([g for g in grads if g is not None], base))
    slopes = [None if g is None else next(values) for g in grads]
    for _ in range(2):
        along = [direction(base[x], row, rng) for x in moving]
        kind = max((b.dtype.name for b in (base[x] for x in moving)), key=lambda k: STEP.get(k, 0))
        step = STEP[kind]
        ends = [total({**base, **{x: (base[x] + s * step * d).astype(base[x].dtype) for x, d in zip(moving, along)}})
                for s in (1, -1)]
        measured = (ends[0] - ends[1]) / (2 * step)
        parts = [0.0 if g is None else float(np.sum(np.real(np.conj(g) * d))) for g, d in zip(slopes, along)]
        size = sum(0.0 if g is None else float(np.sum(np.abs(g) * np.abs(d))) for g, d in zip(slopes, along))
        noise = 1e-15 if kind in WIDE else 1e-6
        bound = BOUND[kind] * (size + abs(measured)) + 40 * noise * (1 + abs(ends[0])) / step
        assert abs(measured - sum(parts)) <= bound, \
            f"{row.key}: the {what} derivative along a line is {measured}, the gradient says {sum(parts)}"


def wide(value: Any) -> str:
    return "complex128" if np.iscomplexobj(value) else "float64"


def direction(value: Any, row: Row, rng: Any) -> Any:
    """A direction to move an input in, of size 1 at most."""
    found = rng.uniform(-1, 1, value.shape)
    if np.iscomplexobj(value):
        found = found + 1j * rng.uniform(-1, 1, value.shape)
    if row.directions == "symmetric" and found.ndim >= 2 and found.shape[-1] == found.shape[-2]:
        found = (found + np.conj(np.swapaxes(found, -1, -2))) / 2
    return found
