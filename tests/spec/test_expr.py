"""The interpreter of expressions, over a small made-up vocabulary."""

from __future__ import annotations

import warnings
from contextlib import suppress
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

import graphcli.tf1 as tf
from graphcli.errors import GraphError
from graphcli.source import Source
from graphcli.spec.env import POISON, Binding, Env, PoisonUsed
from graphcli.spec.expr import evaluate
from graphcli.spec.load import load
from graphcli.spec.parse import IN_EXPRESSIONS, BadSyntax, parse
from graphcli.spec.tree import Scalar
from graphcli.spec.vocabulary import Vocabulary


class Tensor:
    """Shows how it was made."""

    dtype = SimpleNamespace(base_dtype="float32")
    shape = (2, 3)

    def __init__(self, text: str) -> None:
        self.text = text

    def __neg__(self) -> Tensor:
        return Tensor(f"-{self.text}")

    def __add__(self, other: Any) -> Tensor:
        return Tensor(f"({self.text} + {show(other)})")

    def __radd__(self, other: Any) -> Tensor:
        return Tensor(f"({show(other)} + {self.text})")

    def __getitem__(self, index: Any) -> Tensor:
        return Tensor(f"{self.text}[{show(index)}]")


class Variable:
    def __init__(self, text: str) -> None:
        self.text = text

    def value(self) -> Tensor:
        return Tensor(f"{self.text}.value")

    def assign(self, value: Any, use_locking: Any = None, name: str | None = None) -> Tensor:
        return Tensor(f"assign({self.text}, {show(value)}, name={name})")


class Optimizer:
    def __init__(self, rate: float, name: str = "SGD") -> None:
        self.rate = rate

    def minimize(self, loss: Any, name: str | None = None) -> Tensor:
        return Tensor(f"minimize({show(loss)}, {self.rate}, name={name})")


def show(value: Any) -> str:
    return value.text if isinstance(value, (Tensor, Variable)) else repr(value)


class Scope:
    def __init__(self, name: str, default: str, values: Any) -> None:
        self.name = name

    def __enter__(self) -> str:
        return self.name + "/"

    def __exit__(self, *exc: Any) -> None:
        pass


def relu(features: Any, name: str | None = None) -> Tensor:
    return Tensor(f"relu({show(features)}, name={name})")


def matmul(a: Any, b: Any, transpose_a: bool = False, name: str | None = None) -> Tensor:
    return Tensor(f"matmul({show(a)}, {show(b)}, name={name})")


def add(x: Any, y: Any, name: str | None = None) -> Tensor:
    return Tensor(f"add({show(x)}, {show(y)}, name={name})")


def greater(x: Any, y: Any, name: str | None = None) -> Tensor:
    return Tensor(f"greater({show(x)}, {show(y)}, name={name})")


def gradients(ys: Any, xs: Any, name: str = "gradients") -> Any:
    return [Tensor(f"gradients({show(ys)}, {show(xs)}, name={name})")]


def cond(pred: Any, true_fn: Any, false_fn: Any, name: str | None = None) -> Tensor:
    return Tensor(f"cond({show(true_fn())}, {show(false_fn())}, name={name})")


def broken(x: Any) -> Any:
    raise ZeroDivisionError("inside")


TF = SimpleNamespace(
    Tensor=Tensor,
    Variable=Variable,
    relu=None,
    matmul=matmul,
    add=add,
    greater=greater,
    gradients=gradients,
    cond=cond,
    broken=broken,
    name_scope=Scope,
    get_variable=None,
    negative=lambda x, name=None: Tensor(f"-{x.text}"),
    convert_to_tensor=lambda v, d, name: Tensor(f"{v}@{name}"),
    float32="float32",
    bool="bool",
    py_func=lambda *a: None,
    load_library=1,
    nn=SimpleNamespace(relu=relu),
    math=SimpleNamespace(),
    train=SimpleNamespace(Optimizer=Optimizer),
    initializers=SimpleNamespace(zeros="ZEROS"),
)


class Host:
    vocabulary = Vocabulary(TF)

    def __init__(self) -> None:
        self.graph = SimpleNamespace(scopes=SimpleNamespace(span=None))

    def function(self, name: str) -> Any:
        return None

    def function_names(self) -> list[str]:
        return []

    def other_graphs(self) -> list[str]:
        return ["other"]

    def bound_elsewhere(self, name: str) -> str | None:
        return None

    def is_lost(self, name: str) -> bool:
        return False

    def bound_below(self, name: str, span: Any) -> Any:
        return None

    def lacks_collected(self) -> bool:
        return False

    def has_failed(self) -> bool:
        return False

    def called(self, f: Any, result: Any, span: Any) -> None:
        pass


def run(text: str, name: str | None = None, plain: bool = False, initializer: bool = False, **handles: Any) -> Any:
    tree = load(Source("t.yaml", "ops:\n  h: '" + text.replace("'", "''") + "'\n"))
    scalar = tree.get("ops").pairs[0][1]  # type: ignore[union-attr]
    return evaluate_scalar(scalar, name, plain, initializer, handles)


def evaluate_scalar(scalar: Any, name: str | None, plain: bool, initializer: bool, handles: dict[str, Any]) -> Any:
    assert isinstance(scalar, Scalar)
    values = {"x": Tensor("x"), "v": Variable("v"), "n": 3, "layers": [2, 3, 1]} | handles
    env = Env(None, {k: Binding(v, None) for k, v in values.items()})
    return evaluate(Host(), scalar, env, name, plain=plain, initializer=initializer)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("1 + 2 * 3", 7),
        ("7 // 2", 3),
        ("2 ** 10", 1024),
        ("-n", -3),
        ("not n", False),
        ("1 < n <= 3", True),
        ("1 < 2 and n", 3),
        ("0 or n", 3),
        ("[1, (2, n)]", [1, (2, 3)]),
        ("layers[1:]", [3, 1]),
        ("layers[-1]", 1),
        ("True", True),
        ("None", None),
        ('"a" + "b"', "ab"),
        ("7 % 4", 3),
        ("~5", -6),
        ("6 & 3", 2),
        ("[0] * 3", [0, 0, 0]),
        ("len(layers)", 3),
        ("range(n)", [0, 1, 2]),
        ("max(1, n)", 3),
        ("1 == 1.0", True),
        ("1e-3", 1e-3),
        ("é", 9),
    ],
)
def test_python_values(text: str, value: Any) -> None:
    got = run(text, plain=True, é=9)
    assert got == value and type(got) is type(value)


@pytest.mark.parametrize(
    ("text", "made"),
    [
        ("relu(x)", "relu(x, name=h)"),
        ("nn.relu(x)", "relu(x, name=h)"),
        ("tf.nn.relu(x)", "relu(x, name=h)"),
        ('relu(x, name="r")', "relu(x, name=r)"),
        ('relu(x, "r")', "relu(x, name=r)"),
        ("relu(relu(x))", "relu(relu(x, name=None), name=h)"),
        ("x + 1", "add(x, 1, name=h/)"),
        ("1 + x", "add(1@x, x, name=h/)"),
        ("v + 1", "add(v.value, 1, name=h/)"),
        ("2 < x", "greater(x, 2, name=h)"),
        ("relu(x + 1)", "relu((x + 1), name=h)"),
        ("train.Optimizer(0.1).minimize(x)", "minimize(x, 0.1, name=h)"),
        ("v.assign(2)", "assign(v, 2, name=h)"),
        ("gradients(x, v)[0]", "gradients(x, v, name=gradients)"),
        ("cond(x, lambda: x + 1, lambda: relu(x))", "cond((x + 1), relu(x, name=None), name=h)"),
    ],
)
def test_names(text: str, made: str) -> None:
    assert run(text, "h").text == made


def test_lists_are_paired() -> None:
    x = Tensor("x")
    assert run("zip([x], layers[:1])", x=x) == [(x, 2)] and run("zip()") == []


def test_bare_reference_makes_nothing() -> None:
    x = Tensor("x")
    assert run("x", "h", x=x) is x


def test_initializer_names_come_first() -> None:
    assert run("zeros", initializer=True) == "ZEROS"


def test_structure_attribute() -> None:
    assert run("pair.a", pair={"a": 5}) == 5


@pytest.mark.parametrize(
    ("text", "words", "place", "width"),
    [
        ("rellu(x)", "unknown function 'rellu'", 7, 5),
        ("relu(x) + rellu(x)", "unknown function 'rellu'", 17, 5),
        ("relu(é, yy)", "unknown name 'yy'", 15, 2),
        ("nn.rellu(x)", "unknown function 'nn.rellu'", 10, 5),
        ("relu(x, axis=1)", "relu has no argument 'axis'", 15, 6),
        ("matmul(x)", "missing a required argument", 7, 9),
        ("broken(x)", "inside", 7, 9),
        ("[q for q in x]", "a comprehension is not part", 7, 14),
        ("1 if x else 2", "if ... else", 7, 13),
        ("py_func(x)", "a spec holds no Python code", 7, 7),
        ("variable_scope(x)", "is no function of a spec", 7, 14),
        ("other.a", "another graph", 7, 5),
        ("x.__class__", "not part of the language", 9, 9),
        ("x.text", "not part of the language", 9, 4),
        ("relu.__globals__", "not part of the language", 12, 11),
        ("tf.__builtins__", "unknown name", 10, 12),
        ("layers.append(1)", "not part of the language", 14, 6),
        ("1 / 0", "division by zero", 7, 5),
        ("x and n", "for Python values", 7, 7),
        ("1 < x < 2", "chained", 7, 9),
        ("relu(*layers)", "not part of the expression", 12, 7),
        ("relu(**n)", "** in a call", 12, 3),
        ("n(1)", "not a function", 7, 1),
        ("layers[9]", "no element 9", 7, 9),
        ("2 ** 10 ** 9", "bits", 7, 12),
        ('"a" * 10 ** 9', "items", 7, 13),
        ("[0] * 10000000", "items", 7, 14),
        ('"%1000000000d" % 1', "does not format", 7, 18),
        ("load_library(x)", "unknown function", 7, 12),
        ('f"{x}"', "f-string", 7, 6),
        ("x +", "not an expression", None, None),
        ("relu(x", "not an expression", None, None),
        ("1; 2", "not an expression", None, None),
        ("lambda *a: a", "plain arguments", 7, 12),
        ("zip(layers, [1])", "zip of 3 and 1 values", 7, 16),
        ("zip(layers, n)", "zip is of lists, not 3", 7, 14),
        ("x := 1", "not an expression", None, None),
    ],
)
def test_refused(text: str, words: str, place: int | None, width: int | None) -> None:
    with pytest.raises(GraphError) as e:
        run(text, "h", é=1)
    error = e.value
    assert words in error.message
    assert error.span is not None and error.span.line == 2
    if place is not None:
        assert (error.span.column, error.span.end - error.span.start) == (place, width)


@pytest.mark.parametrize("text", ["open(1)", "x + 1", "relu(1)", "range(10 ** 9)", "tensor(1)", "nn"])
def test_refused_of_params(text: str) -> None:
    with pytest.raises((GraphError,)):
        value = run(text, plain=True)
        if text == "x + 1":
            raise GraphError(str(value))


@pytest.mark.parametrize(
    "text",
    [
        "(" * 300 + ")" * 300,
        "-" * 5000 + "1",
        "1" + "+1" * 5000,
        "a" + ".a" * 5000,
        "[" * 100 + "]" * 100,
        "9" * 5000,
        "x[" * 150 + "0" + "]" * 150,
        "\0",
        "\\",
    ],
)
def test_deep_and_long(text: str) -> None:
    scalar = Scalar(Source("t.yaml", "x"), 0, 1, text, text, "")
    try:
        evaluate_scalar(scalar, None, False, False, {})
    except GraphError as e:
        assert e.render()


def test_suggestion() -> None:
    with pytest.raises(GraphError) as e:
        run("rellu(x)")
    assert e.value.render().splitlines() == [
        "error: t.yaml:2:7: unknown function 'rellu'; did you mean 'relu'?",
        "    2 |   h: 'rellu(x)'",
        "      |       ^^^^^",
    ]


def test_poison_is_silent() -> None:
    with pytest.raises(PoisonUsed):
        run("relu(bad)", bad=POISON)


TOKENS = [
    "x",
    "v",
    "n",
    "layers",
    "relu",
    "nn",
    "tf",
    ".",
    "(",
    ")",
    "[",
    "]",
    ",",
    "+",
    "-",
    "*",
    "**",
    "@",
    "<",
    "==",
    "1",
    "2.5",
    "'s'",
    "lambda",
    ":",
    " and ",
    "not ",
    "None",
    "...",
    "cond",
    "=",
    "name",
    "é",
    "~",
    "&",
    "for",
    "in",
]


class RealHost(Host):
    """The vocabulary of specs itself: of a made-up one, an expression would ask for what it has not."""

    vocabulary = Vocabulary(tf)

    def __init__(self, graph: Any) -> None:
        self.graph = graph


def evaluated(text: str, plain: bool) -> None:
    scalar = Scalar(Source("t.yaml", text), 0, len(text), text, text, "")
    with tf.Graph().as_default() as graph:
        handles = {"x": tf.placeholder(tf.float32, [2, 3]), "v": tf.get_variable("v", [3]), "n": 3,
                   "layers": [2, 3, 1]}
        env = Env(None, {k: Binding(v, None) for k, v in handles.items()})
        try:
            evaluate(RealHost(graph), scalar, env, "h", plain=plain)
        except GraphError as e:
            assert e.render()


@settings(deadline=None)
@example("x<x")
@example("-x")
@example("~x")
@example("x&x")
@example("x**v")
@example("x[1,...]")
@given(st.lists(st.sampled_from(TOKENS), max_size=15).map("".join))
def test_any_expression(text: str) -> None:
    evaluated(text, False)


@settings(deadline=None)
@given(st.text(max_size=40))
def test_any_text(text: str) -> None:
    evaluated(text, True)


@pytest.mark.parametrize("number", ["0", "12", "0x1", "0xf", "0b1", "0o7", "1.", "1.5", "1e5", "1j", "1_0", ".5"])
def test_what_pythons_parser_warns_about_is_not_told(number: str) -> None:
    with warnings.catch_warnings(record=True) as told:
        warnings.simplefilter("always")
        for word in IN_EXPRESSIONS:
            for text in (f"{number}{word} x", f"x if {number}{word} 2", f"{number}{word}x", f"[{number}{word} 1]"):
                with suppress(BadSyntax):
                    parse(text)
    assert [str(w.message) for w in told] == []
