"""Every row of the table: shapes and dtypes as inferred and as they are, TensorFlow's values, second derivatives."""
from __future__ import annotations

import json
from contextlib import suppress
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import graphcli.tf1 as tf
from graphcli.errors import InvalidType, NotSupported
from graphcli.graph.opdef import get_op, no_gradient, op_types, undefined_gradient

from ..graphdef import test_older
from . import cases, check

HERE = Path(__file__).parent
NEAR = {"float64": 1e-9, "complex128": 1e-9, "float32": 1e-5, "complex64": 1e-5, "float16": 4e-3, "bfloat16": 3e-2}
OURS = check.Side(tf, lambda op, *inputs, **attrs: tf.apply_op(op, None, list(inputs), attrs))
CASES = [pytest.param(row, kind, id=f"{row.key} {kind}") for row, kind in cases.cases()]
GRADED = [p for p in CASES if check.graded(*p.values)]  # type: ignore[arg-type]


@cache
def answers() -> dict[str, list[str]]:
    blocks = (HERE / "answers.txt").read_text().rstrip("\n").split("\n\n")
    return {lines[0]: lines[1:] for lines in (b.splitlines() for b in blocks)}


def numbers(text: str) -> tuple[str, Any]:
    """(``dtype[shape]``, numbers) of a value line."""
    head, *digits = text.split(" ")
    if head.startswith("complex"):
        return head, np.array([complex(*map(float, d.split(","))) for d in digits])
    return head, digits if head.startswith("string") else np.array([float(d) for d in digits])


def close(ours: str, theirs: str, loose: float = 1) -> bool:
    """Whether two value lines say the same."""
    (head, mine), (other, wanted) = numbers(ours), numbers(theirs)
    if head != other or len(mine) != len(wanted):
        return False
    bound = NEAR.get(head.split("[")[0], 0) * loose
    if not bound or not len(mine):
        return list(mine) == list(wanted)
    scale = np.abs(wanted[np.isfinite(wanted)])
    least = bound * 0.1 * (max(scale.max(), 1e-15) if scale.size else 1)
    return np.allclose(mine, wanted, rtol=bound, atol=least, equal_nan=True)


def compatible(inferred: str, real: str) -> bool:
    """Whether a value of shape ``real`` may have the static shape ``inferred``."""
    if inferred == "?":
        return True
    ours, theirs = inferred[1:-1].split(","), real[1:-1].split(",")
    return len(ours) == len(theirs) and all(a in ("?", b) for a, b in zip(ours, theirs))


@pytest.mark.parametrize(("row", "kind"), CASES)
def test_values_and_shapes_are_tensorflows(row: cases.Row, kind: str) -> None:
    wanted = answers()[f"{row.key} {kind}"]
    if "!" in wanted:
        return
    ours = check.answer(OURS, row, kind)
    off = "off" in wanted
    mine, theirs = ([x for x in lines if x != "off"] for lines in (ours, wanted))
    for a, b in zip(mine, theirs, strict="d !" not in theirs):
        if b == "d !":
            # TensorFlow builds a gradient that its CPU cannot run
            break
        if a.startswith("shapes "):
            assert same_shapes(a, b, [x for x in wanted if x.startswith("= ")])
        elif a.startswith("= "):
            assert close(a[2:], b[2:])
        elif a.startswith("d ") and not a.endswith("none"):
            assert a[:4] == b[:4]
            if not close(a[4:], b[4:], 10):
                # the one excuse is that TensorFlow is wrong, and we are not
                assert off and check.central(OURS, row, kind)
        else:
            assert a == b or a.startswith("d ") and off or (a, b) == ("order 2", "order 1")


def same_shapes(ours: str, theirs: str, values: list[str]) -> bool:
    """Whether the static shapes are TensorFlow's wherever these are right: it refuses or mistakes some unknown ones."""
    real = [x.split(" ")[1][x.split(" ")[1].index("["):] for x in values]
    for mine, wanted in zip(ours.split(" ", 1)[1].split(" | "), theirs.split(" ", 1)[1].split(" | "), strict=True):
        right = wanted != "!" and (not real or all(compatible(w, r) for w, r in zip(wanted.split(), real)))
        if right and mine != wanted:
            return False
    return True


@pytest.mark.parametrize("form", cases.FORMS)
@pytest.mark.parametrize("row", [pytest.param(r, id=r.key) for r in cases.rows() if not r.program])
def test_inference_agrees_with_the_values_however_much_is_known(row: cases.Row, form: str) -> None:
    kind = row.kinds[0]
    if answers()[f"{row.key} {kind}"][-1] == "!":
        return
    built = check.build(OURS, row, kind, form)
    values = check.run(OURS, built, built.ys, built.feeds)
    for y, value in zip(built.ys, values, strict=True):
        assert compatible(check.static(y), str(list(np.shape(value))).replace(" ", ""))
        if y.dtype.base_dtype != tf.string:
            assert np.asarray(value).dtype == y.dtype.base_dtype.as_numpy_dtype


@pytest.mark.parametrize(("row", "kind"), GRADED)
def test_gradients_are_the_differences(row: cases.Row, kind: str) -> None:
    wanted = answers()[f"{row.key} {kind}"]
    if wanted[-1].startswith("order") and "off" not in wanted:
        order = int(wanted[-1].split()[1])
        assert check.central(OURS, row, kind, order) >= order


def test_tensorflow_was_asked_about_every_row() -> None:
    """A row that it refuses says nothing: only what it has removed, or has no kernel of, may be one."""
    refused = {key.split("/")[0] for key, lines in answers().items() if lines[0] == "shapes ! | ! | ! | !"}
    assert refused <= {"AdjustContrast", "AudioSummary", "MatrixExponential", "Mod", "RandomCrop", "TopK",
                       "TruncateMod"}


CALLS = {"PartitionedCall", "StatefulPartitionedCall", "If", "While", "StatelessIf", "StatelessWhile", "Case",
         "StatelessCase"}
"""They need functions: tests/graphdef has graphs with them, and TensorFlow's answers."""


def of_programs(name: str) -> bool:
    """Whether it is one of tf.data's or tf.lookup's, of files or of quantized nets: tests/tf1/recorded has programs
    with them."""
    words = ("uantiz", "Dataset", "Iterator", "Optional", "Queue", "Reader", "Table", "Accumulator", "Jpeg")
    return any(word in name for word in words) or name in (
        "DecodePng", "DecodeImage", "EncodePng", "DecodeBmp", "DecodeGif", "ReadFile", "WriteFile", "MatchingFiles")


def test_every_op_type_has_a_row() -> None:
    covered = {t for row in cases.rows() for t in row.op.split()} | CALLS
    wanted = {name for name in op_types() if not of_programs(name)}
    assert (covered - wanted, wanted - covered - test_older.op_types()) == (set(), set())


@pytest.mark.parametrize("row", [r for r in cases.rows() if r.program], ids=lambda r: r.key)
def test_a_program_holds_the_ops_that_it_is_there_for(row: cases.Row) -> None:
    built = check.build(OURS, row, "-")
    with built.graph.as_default():
        if row.grad:
            with suppress(NotSupported, InvalidType):
                tf.gradients([y for y in built.ys if check.differentiable(y)], built.xs)
    assert set(row.op.split()) <= {n.type for n in built.graph}


@pytest.mark.parametrize("name", op_types())
def test_what_has_a_gradient_has_one_in_tensorflow(name: str) -> None:
    registry = json.loads((HERE / "gradients.json").read_text())
    theirs = next(k for k, names in registry.items() if name in names)
    formula = get_op(name).gradient
    if formula is no_gradient and theirs == "gradient":
        # TensorFlow's formula for these gives None for each input: as the rows say, or there is none to ask for
        said = {line.split()[2] for key, lines in answers().items() if key.startswith(f"{name}/")
                for line in lines if line.startswith("d ")}
        assert said <= {"none"}
        return
    if name in ("SparseSparseMaximum", "SparseSparseMinimum", "SparseDenseCwiseAdd"):
        # TensorFlow's formulas for these only refuse
        assert formula is undefined_gradient
        return
    if name in ("RaggedTensorToTensor", "RaggedTensorFromVariant"):
        # TensorFlow 1.15 has no formula for these
        assert formula is undefined_gradient
        return
    if name.endswith("PartitionedCall"):
        # TensorFlow has no formula for these: its walker knows them
        return
    assert theirs == {no_gradient: "not differentiable", undefined_gradient: "none", None: "forgotten"}.get(
        formula, "gradient")


def _planted(name: str, monkeypatch: pytest.MonkeyPatch, wrong: Any) -> None:
    right = get_op(name).gradient
    assert right is not None

    def gradient(tf_: Any, op: Any, *grads: Any) -> Any:
        out = right(tf_, op, *grads)
        return wrong(tf_, list(out) if isinstance(out, (list, tuple)) else [out])

    monkeypatch.setattr(get_op(name), "gradient", gradient)


SCALED = ["Mul", "Tanh", "MatMul", "Conv2D", "GatherV2", "Softmax", "Cholesky", "LRN", "Prod", "Switch",
          "TensorArrayWriteV3", "Exit"]


@pytest.mark.parametrize("name", SCALED)
def test_a_planted_factor_is_caught(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    _planted(name, monkeypatch, lambda tf_, grads: [None if g is None else tf_.convert_to_tensor(g) * 1.1
                                                    for g in grads])
    with pytest.raises(AssertionError, match="derivative along a line"):
        for row, kind in cases.cases():
            if name in row.op.split() and check.graded(row, kind):
                check.central(OURS, row, kind, 1 if name.startswith("Tensor") else 2)


@pytest.mark.parametrize(("name", "row_of"), [("TanhGrad", "Tanh"), ("SigmoidGrad", "Sigmoid"), ("Mul", "Exp"),
                                              ("Conv2DBackpropInput", "Conv2D")])
def test_a_factor_in_the_second_derivative_is_caught(name: str, row_of: str, monkeypatch: pytest.MonkeyPatch) -> None:
    _planted(name, monkeypatch, lambda tf_, grads: [None if g is None else g * 1.001 for g in grads])
    row = next(r for r in cases.rows() if r.op == row_of)
    with pytest.raises(AssertionError, match="second derivative"):
        check.central(OURS, row, "float64")


def test_a_forgotten_input_is_caught(monkeypatch: pytest.MonkeyPatch) -> None:
    _planted("Mul", monkeypatch, lambda tf_, grads: [grads[0], tf_.zeros_like(grads[1])])
    row = next(r for r in cases.rows() if r.op == "Mul")
    with pytest.raises(AssertionError, match="first derivative"):
        check.central(OURS, row, "float64")
