"""Ops at their edges: NaN, infinities, empty axes, integers at their limits, numbers outside, little that is known of
shapes. Inputs are arrays with how they come, a letter: ``k`` fed with a known shape, ``s`` of unknown sizes, ``r`` of
unknown rank, ``c`` a constant.

``record_edges.py`` asks TensorFlow, ``test_edges.py`` graphcli.
"""
from __future__ import annotations

import importlib
from dataclasses import dataclass, field
from functools import cache
from typing import Any

import numpy as np

from . import cases, check

FILES = ("arrays", "numbers", "nets", "texts")


@dataclass(frozen=True)
class Given:
    """An input: its value, how it comes, and its dtype."""

    value: Any
    form: str
    kind: str


def _given(form: str, value: Any, kind: str | None) -> Given:
    array = np.asarray(value, None if kind in (None, "bfloat16", "string") else kind)
    if kind is None:
        kind = {"f": "float32", "i": "int32", "c": "complex64", "S": "string", "b": "bool", "O": "string"}[
            array.dtype.kind]
    return Given(array.astype(object if kind == "string" else "float32" if kind == "bfloat16" else kind), form, kind)


def k(value: Any, kind: str | None = None) -> Given:
    return _given("k", value, kind)


def s(value: Any, kind: str | None = None) -> Given:
    return _given("s", value, kind)


def r(value: Any, kind: str | None = None) -> Given:
    return _given("r", value, kind)


def c(value: Any, kind: str | None = None) -> Given:
    return _given("c", value, kind)


def z(*shape: int) -> Any:
    """Numbers of no meaning in this shape."""
    return (np.arange(np.prod(shape, dtype=int)) % 7 - 2.5).reshape(shape)


@dataclass(frozen=True)
class Edge:
    """One node. grad: whether the nodes and values of its gradients by the fed inputs are asked for too."""

    op: str
    index: int
    inputs: tuple[Any, ...]
    attrs: dict[str, Any] = field(default_factory=dict)
    grad: bool = False

    @property
    def key(self) -> str:
        return f"{self.op}/{self.index}"


_made: list[Edge] = []
_counts: dict[str, int] = {}


def edge(op: str, *inputs: Any, grad: bool = False, **attrs: Any) -> None:
    _counts[op] = _counts.get(op, -1) + 1
    _made.append(Edge(op, _counts[op], inputs, attrs, grad))


@cache
def edges() -> tuple[Edge, ...]:
    for name in FILES:
        importlib.import_module(f"{__package__}.edge_rows.{name}")
    return tuple(_made)


CODES = {3: "INVALID_ARGUMENT", 5: "NOT_FOUND", 8: "RESOURCE_EXHAUSTED", 9: "FAILED_PRECONDITION", 11: "OUT_OF_RANGE",
         12: "UNIMPLEMENTED", 13: "INTERNAL"}


def _why(error: Exception) -> str:
    """The kind of a refusal, in Python's words."""
    words = {c.__name__ for c in type(error).__mro__}
    return next((w for w in ("LookupError", "NotImplementedError", "TypeError", "ValueError") if w in words), "other")


def answer(side: check.Side, edge: Edge) -> list[str]:
    """What a library says: static shapes, values and, if asked for, gradients with the nodes that make them."""
    tf, feeds = side.tf, {}

    def tensor(given: Any) -> Any:
        if isinstance(given, list):
            return [tensor(x) for x in given]
        if given.form == "c":
            return tf.constant(given.value, given.kind, given.value.shape)
        shape = {"k": given.value.shape, "s": [None] * given.value.ndim, "r": None}[given.form]
        out = tf.placeholder(given.kind, shape)
        feeds[out] = given.value.astype(out.dtype.as_numpy_dtype)
        return out

    with tf.Graph().as_default() as graph:
        inputs = [tensor(x) for x in edge.inputs]
        try:
            made = side.raw(edge.op, *inputs, **edge.attrs)
        except Exception as error:
            return [f"! {_why(error)}"]
        ys = [y for y in check.flat(made) if hasattr(y, "dtype")]
        out = ["shapes " + " ".join(check.static(y) for y in ys)]
        with tf.Session(graph=graph) as session:
            try:
                values = session.run(ys, feeds)
            except tf.errors.OpError as error:
                return [*out, f"! {CODES.get(error.error_code, error.error_code)}"]
            out += [f"= {check.line(x)}" for x in values]
            return out + _gradients(tf, session, ys, feeds) if edge.grad else out


def _gradients(tf: Any, session: Any, ys: list[Any], feeds: dict[Any, Any]) -> list[str]:
    before = {n.name for n in session.graph.get_operations()}
    xs = [x for x in feeds if check.differentiable(x)]
    try:
        found = tf.gradients([y for y in ys if check.differentiable(y)], xs)
    except Exception as error:
        return [f"! {_why(error)}"]
    nodes = sorted(f"{n.name.removeprefix('gradients/')}={n.type}" for n in session.graph.get_operations()
                   if n.name not in before)
    lines = ["nodes " + " ".join(n for n in nodes if not n.startswith("grad_ys"))]
    for at, g in enumerate(found):
        value = "none" if g is None else check.line(session.run(tf.convert_to_tensor(g), feeds))
        lines.append(f"d {at} {value}")
    return lines


@cache
def recorded() -> dict[str, list[str]]:
    blocks = (cases.HERE / "edges.txt").read_text().rstrip("\n").split("\n\n")
    return {lines[0]: lines[1:] for lines in (b.splitlines() for b in blocks)}
