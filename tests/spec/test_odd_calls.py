"""A call of any word of the vocabulary with odd arguments builds and runs, or is refused in words of ours."""
from __future__ import annotations

import inspect
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import graphcli.tf1 as tf
from graphcli import Session
from graphcli.errors import GraphError
from graphcli.spec.load import decode_source
from graphcli.spec.spec import load_spec
from graphcli.tf1._names import NAMES

HEAD = """inputs:
  x: {shape: [null, 3], default: [[1.0, -2.0, 0.5]]}
  u: {default: [2.0, 3.0]}
  i: {dtype: int32, shape: [2], default: [0, 1]}
  s: {dtype: string, shape: [], default: a}
  b: {dtype: bool, shape: [2], default: [true, false]}
  c: {dtype: complex64, shape: [2, 2], default: [[1, 2], [3, 4]]}
  d: {dtype: float64, shape: [3, 3], default: [[1, 2, 0], [0, 1, 3], [0, 0, 2]]}
variables:
  w: {shape: [3, 2], initializer: ones}
ops:
  q: reshape(linspace(0.0, 1.0, 32), [1, 4, 4, 2])
"""
TENSORS = ["x", "u", "i", "s", "b", "c", "d", "q", "w"]
VALUES = [*TENSORS, "1", "0", "-1", "2.5", "'a'", "'SAME'", "None", "True", "[1, 2]", "[x, x]", "[]", "[[1.0, 2.0]]",
          "'float32'", "[None, 3]", "lambda a: a", "lambda: x", "lambda a, b: a", "float32", "10**30", "[x, i]",
          "(1, 2)", "x.shape", "'NHWC'", "w.op", "[1, 1, 1, 1]", "[1, 2, 2, 1]"]
# Words that write a file or look at one, and those that need minutes for a large argument.
LEFT_OUT = {"Session", "InteractiveSession"}
WORDS = sorted(name if module == "tf" else f"{module}.{name}"
               for module, names in NAMES.items() for name in names if name not in LEFT_OUT)


def parameters(word: str) -> list[inspect.Parameter]:
    found: Any = tf
    for part in word.split("."):
        found = getattr(found, part)
    try:
        return list(inspect.signature(found).parameters.values())
    except (TypeError, ValueError):
        return []


@st.composite
def calls(draw: Any) -> str:
    word = draw(st.sampled_from(WORDS))
    every = [p for p in parameters(word) if p.name != "name"]
    tensors, values = st.sampled_from(TENSORS), st.sampled_from(VALUES)
    args = [draw(tensors | values) for p in every if p.default is p.empty and p.kind in (0, 1)]
    chosen = draw(st.lists(st.sampled_from([p for p in every if p.default is not p.empty]), max_size=2,
                           unique_by=lambda p: p.name)) if any(p.default is not p.empty for p in every) else []
    return f"tf.{word}({', '.join([*args, *(f'{p.name}={draw(values)}' for p in chosen)])})"


@settings(max_examples=400, deadline=None, suppress_health_check=list(HealthCheck))
@given(call=calls())
def test_odd_calls(call: str) -> None:
    text = f'{HEAD}  y: "{call}"\n  z: reduce_sum(cast(y, float32))\n  g: gradients(z, [x, w, d])\n'
    try:
        load_spec(decode_source(text.encode(), "odd.yaml"))
        built = next(iter(load_spec(decode_source(f'{HEAD}  y: "{call}"\n'.encode(), "odd.yaml")).graphs.values()))
        with Session(built, max_bytes=10**7) as session:
            session.initialize()
            if isinstance(built.resolve("y"), tf.Tensor):
                session.run("y")
    except GraphError as error:
        for one in error.errors():
            assert "bug in graphcli" not in one.message, one.render()
            assert " object at 0x" not in one.message, one.render()
