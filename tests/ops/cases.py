"""The table of op types: at least one row for each, with inputs that are drawn the same everywhere.

A row is an op type with its inputs and attrs, or a small program for ops that only live in company
(variables, loops, tensor arrays). Inputs are draws, which take each of the row's dtypes in turn, arrays,
which are constants, or lists of both for a list input. Nothing here knows graphcli or TensorFlow:
``record_answers.py`` asks the one, ``test_cases.py`` the other.
"""
from __future__ import annotations

import importlib
import json
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

HERE = Path(__file__).parent
FAMILIES = ("math", "array", "reduce", "linalg", "nn", "images", "training", "state", "flow", "random", "text",
            "resource", "sparse", "parse", "media", "windows", "ragged", "trees")
PLAIN = ("float32", "float64", "float16", "bfloat16", "int8", "int16", "int32", "int64", "uint8", "uint16", "uint32",
         "uint64", "bool", "complex64", "complex128")
CONTRIB = frozenset({"GatherTree", "ImageProjectiveTransform", "ImageProjectiveTransformV2", "AdjustHsvInYiq",
                     "Resampler", "ResamplerGrad", "BipartiteMatch", "ImageConnectedComponents", "PeriodicResample",
                     "PeriodicResampleOpGrad", "CompareAndBitpack", "MaskedMatmul", "WALSComputePartialLhsAndRhs",
                     "SparseFeatureCross", "SparseFeatureCrossV2", "BoostedTreesBucketize",
                     "BoostedTreesMakeStatsSummary", "BoostedTreesCalculateBestGainsPerFeature",
                     "BoostedTreesEnsembleResourceHandleOp", "BoostedTreesDeserializeEnsemble",
                     "BoostedTreesQuantileStreamResourceHandleOp"})
"""Op types of tf.contrib, and those that are gone: TensorFlow 1.15's answers (record_contrib.py), which stay when
those of another are written anew."""
FORMS = ("known", "sizes", "ranks", "fed")
"""How inputs come: draws fed with known shapes, with unknown sizes, of unknown rank; arrays fed too."""


@dataclass(frozen=True)
class Draw:
    """An input that is made of random numbers: ``how`` says in which range, ``kind`` pins its dtype."""

    shape: tuple[int, ...]
    how: str
    kind: str | None = None
    value: Any = field(default=None, compare=False)

    def array(self, seed: list[int]) -> Any:
        """Its numbers in float64, no two of them alike."""
        if self.value is not None:
            return np.asarray(self.value)
        rng = np.random.default_rng(seed)
        size = int(np.prod(self.shape, dtype=int))
        places = (rng.permutation(size) + 0.3 + 0.4 * rng.random(size)) / max(size, 1)
        if self.how in ("square", "definite"):
            square = 0.5 * rng.standard_normal(self.shape) + 2 * np.eye(self.shape[-1])
            return square if self.how == "square" else square @ np.swapaxes(square, -1, -2)
        low, high = {"any": (-2.0, 2.0), "positive": (0.3, 2.3), "unit": (-0.85, 0.85), "share": (0.1, 0.9),
                     "above": (1.2, 3.2), "large": (-9.0, 9.0)}[self.how]
        numbers = low + (high - low) * places
        if self.how in ("any", "large"):
            numbers += np.where(numbers < 0, -0.08, 0.08)
        return numbers.reshape(self.shape)


def f(*shape: int, kind: str | None = None) -> Draw:
    """Numbers of both signs, none near 0."""
    return Draw(shape, "any", kind)


def p(*shape: int, kind: str | None = None) -> Draw:
    """Positive numbers."""
    return Draw(shape, "positive", kind)


def u(*shape: int) -> Draw:
    """Numbers well inside of (-1, 1)."""
    return Draw(shape, "unit")


def q(*shape: int) -> Draw:
    """Numbers well inside of (0, 1)."""
    return Draw(shape, "share")


def above(*shape: int) -> Draw:
    """Numbers above 1."""
    return Draw(shape, "above")


def large(*shape: int) -> Draw:
    return Draw(shape, "large")


def sq(*shape: int) -> Draw:
    """Square matrices that are well conditioned."""
    return Draw(shape, "square")


def spd(*shape: int) -> Draw:
    """Symmetric positive definite matrices."""
    return Draw(shape, "definite")


def v(value: Any, kind: str | None = None) -> Draw:
    """These numbers, in each dtype of the row."""
    return Draw(np.shape(value), "given", kind, value)


def i(*values: int) -> Any:
    return np.array(values, np.int32)


def a(value: Any, kind: str = "int32") -> Any:
    return np.array(value, object if kind == "string" else kind)


@dataclass(frozen=True)
class Row:
    """One row. op: the type, or for a program the types that its graph must hold.

    kinds: dtypes of the draws. grad: whether the gradient is checked. directions: "symmetric" where only
    symmetric matrices have meaning. same: whether values are TensorFlow's (signs of eigenvectors are free).
    """

    op: str
    index: int
    inputs: tuple[Any, ...] = ()
    attrs: dict[str, Any] = field(default_factory=dict)
    kinds: tuple[str, ...] = ("float32",)
    grad: bool = True
    directions: str = ""
    same: bool = True
    program: str = ""
    outs: tuple[int, ...] | None = None

    @property
    def key(self) -> str:
        return f"{self.op.split()[0]}/{self.index}"

    def values(self, kind: str) -> list[Any]:
        """The inputs as arrays (or lists of them), draws in float64 beside their dtype."""
        seed = zlib.crc32(self.key.encode())

        def one(item: Any, at: int) -> Any:
            if isinstance(item, list):
                return [one(x, 100 * (at + 1) + k) for k, x in enumerate(item)]
            if isinstance(item, Draw):
                return cast(item.array([seed, at]), item.kind or kind), item.kind or kind
            return item

        return [one(x, n) for n, x in enumerate(self.inputs)]


def cast(numbers: Any, kind: str) -> Any:
    """Numbers as an array of a dtype; bfloat16 stays float32 with the digits that it can hold."""
    numbers = np.asarray(numbers)
    if kind == "string" or numbers.dtype == object:
        return numbers.astype(object)
    if kind.startswith("complex") and numbers.dtype.kind != "c":
        return (numbers + 0.6j * np.roll(numbers, 1)).astype(kind)
    if kind == "bool":
        return numbers > 0
    if kind == "bfloat16":
        return (numbers.astype(np.float32).view(np.uint32) & np.uint32(0xFFFF0000)).view(np.float32)
    if "int" in kind and numbers.dtype.kind == "f":
        numbers = np.round(3 * np.nan_to_num(numbers, posinf=7, neginf=-7))
        return (np.abs(numbers) if kind.startswith("u") else numbers).astype(kind)
    with np.errstate(over="ignore"):
        return numbers.astype(kind)


def weights(shape: tuple[int, ...], at: int, kind: str) -> Any:
    """A fixed projection of an output."""
    size = int(np.prod(shape, dtype=int))
    real = (np.cos(0.7 * np.arange(size) + 0.4 + at) + 0.2).reshape(shape)
    return (real + 0.5j * real[::-1] if kind.startswith("complex") and shape else real).astype(kind)


@cache
def opdefs() -> Any:
    return json.loads((HERE / "opdefs.json").read_text())


def allowed(op: str, inputs: tuple[Any, ...]) -> tuple[str, ...]:
    """The dtypes that the first draw of a row may take."""
    definition = opdefs()[op]
    for (_, fixed, attr, _, _, _), item in zip(definition["inputs"], inputs):
        first = item[0] if isinstance(item, list) and item else item
        if isinstance(first, Draw) and first.kind is None:
            if fixed:
                return (fixed,)
            found = definition["attrs"].get(attr, {}).get("allowed", PLAIN)
            return tuple(k for k in PLAIN if k in found)
    return ("float32",)


class Table:
    """Collects rows: ``row`` and ``program`` are called by the files of ``rows/``."""

    def __init__(self) -> None:
        self.rows: list[Row] = []
        self.counts: dict[str, int] = {}

    def _index(self, op: str) -> int:
        self.counts[op] = self.counts.get(op, -1) + 1
        return self.counts[op]

    def row(self, op: str, *inputs: Any, kinds: str = "", grad: bool = True, directions: str = "", same: bool = True,
            outs: tuple[int, ...] | None = None, **attrs: Any) -> None:
        """The first row of an op takes all of its dtypes, the others the usual floats, unless ``kinds`` says which."""
        index = self._index(op)
        found = allowed(op, inputs)
        if kinds:
            found = tuple(kinds.split())
        elif index:
            found = tuple(k for k in found if k in ("float32", "float64")) or found[:1]
        self.rows.append(Row(op, index, inputs, attrs, found, grad, directions, same, outs=outs))

    def program(self, ops: str, source: str, grad: bool = True, same: bool = True) -> None:
        """A program in the form of tests/tf1/snippets.py; ``ops`` are the types that its graph holds."""
        self.rows.append(Row(ops, self._index(ops.split()[0]), kinds=("-",), grad=grad, same=same,
                             program=source.strip()))


TABLE = Table()
row, program = TABLE.row, TABLE.program


@cache
def rows() -> tuple[Row, ...]:
    for family in FAMILIES:
        importlib.import_module(f"{__package__ or 'tests.ops'}.rows.{family}")
    return tuple(TABLE.rows)


def cases() -> Iterator[tuple[Row, str]]:
    """Every row in each of its dtypes."""
    for each in rows():
        for kind in each.kinds:
            yield each, kind


def placeholders(tf: Any, row: Row, kind: str, form: str) -> tuple[list[Any], dict[Any, Any], list[Any]]:
    """(inputs as tensors and arrays, feeds, the tensors that are drawn) in a form of FORMS."""
    feeds: dict[Any, Any] = {}
    drawn: list[Any] = []

    def fed(value: Any, dtype: Any) -> Any:
        shape = {"known": value.shape, "sizes": [None] * value.ndim, "ranks": None, "fed": value.shape}[form]
        tensor = tf.placeholder(dtype, shape)
        feeds[tensor] = value.astype(tf.as_dtype(dtype).as_numpy_dtype)
        return tensor

    def one(item: Any) -> Any:
        if isinstance(item, list):
            return [one(x) for x in item]
        if isinstance(item, tuple):
            tensor = fed(*item)
            drawn.append(tensor)
            return tensor
        return fed(item, "string" if item.dtype == object else item.dtype.name) if form in ("fed", "ranks") \
            else tf.constant(item)

    return [one(x) for x in row.values(kind)], feeds, drawn
