"""What a graph does in silence that was not meant is told; what was meant is not."""
from __future__ import annotations

import pytest

from graphcli.analysis.lint import lint
from graphcli.analysis.traps import traps
from graphcli.formats.graphdef.read import read
from graphcli.formats.graphdef.write import to_bytes
from graphcli.source import Source
from graphcli.spec import load_spec

LINE = """
inputs: {x: {dtype: float32, shape: [null, 3]}, y: {dtype: float32, shape: [null]}, k: {dtype: int32, shape: [null]}}
variables: {w: {shape: [3, 1]}, v: {shape: [3, 1]}}
ops:
  out: x @ w
  flat: reshape(out, [-1])
"""
TOWER = """
inputs: {x: {dtype: float32, shape: [2, 3]}}
functions:
  layer:
    inputs: [a]
    scopes:
      fc:
        variables: {w: {shape: [3, 3]}}
        ops:
          - FIELDS
          - y: a @ w + b
    returns: fc.y
scopes:
  - {scope: net, reuse: auto, ops: [{one: layer(x)}, {two: layer(x)}]}
"""
MEANT = {
    "pairs": LINE + "  loss: reduce_mean(square(flat - y))\n",
    "columns": LINE + "  loss: reduce_mean(square(out - expand_dims(y, 1)))\n",
    "every with every": LINE + "  far: out - y\n  near: reduce_min(abs(far), 1)\n",
    "sums of rows": LINE + "  far: reduce_sum(square(out - y), 1)\n",
    "one row": LINE + "  loss: reduce_mean(square(out - constant([1.0])))\n",
    "logits": LINE + "  l: sparse_softmax_cross_entropy_with_logits(labels=k, logits=x)\n",
    "all trained": LINE + "  t: train.GradientDescentOptimizer(0.1).minimize(reduce_sum(x @ (w + v)))\n",
    "some asked for": LINE + "  loss: reduce_sum(x @ (w + v))\n"
                             "  t: train.GradientDescentOptimizer(0.1).minimize(loss, var_list=[w])\n",
    "two optimizers": LINE + "  loss: reduce_sum(out)\n  t: train.GradientDescentOptimizer(0.1).minimize(loss)\n"
                             "  other: train.GradientDescentOptimizer(0.1).minimize(reduce_sum(x @ v))\n",
    "zeros for None": LINE + "  g: gradients(out, [v], unconnected_gradients='zero')\n",
    "updates that are waited for": """
variables: {w: {shape: [2]}, m: {shape: [2], trainable: false}}
ops:
  - {add_to_collection: update_ops, value: "assign(m, w * 0.5)"}
  - control_dependencies: get_collection('update_ops')
    ops: [{t: train.GradientDescentOptimizer(0.1).minimize(reduce_sum(w + m))}]
""",
    "updates beside training": """
variables: {w: {shape: [2]}, m: {shape: [2], trainable: false}}
ops:
  - {add_to_collection: update_ops, value: "assign(m, w * 0.5)"}
  - t: train.GradientDescentOptimizer(0.1).minimize(reduce_sum(w + m))
  - both: "group(t, get_collection('update_ops')[0])"
""",
    "penalties that are added": """
variables: {w: {shape: [2], regularizer: l2_regularizer(0.1)}}
ops:
  loss: reduce_sum(w) + add_n(get_collection('regularization_losses'))
  t: train.GradientDescentOptimizer(0.1).minimize(loss)
""",
    "no training": "variables: {w: {shape: [2], regularizer: l2_regularizer(0.1)}}\nops: {y: w + 1.0}\n",
    "all of a call shared": TOWER.replace("FIELDS", "{get_variable: b, shape: [3]}"),
    "nothing of a call shared": TOWER.replace("FIELDS", "{Variable: b, initial_value: 'zeros([3])'}").replace(
        "reuse: auto, ops: [{one: layer(x)}, {two: layer(x)}]", "ops: [{one: layer(x)}]"),
}
SILENT = {
    "every row with every row": (
        LINE + "  error: out - y\n  loss: reduce_mean(square(error))\n", "crossed", "error", 7,
        "error (Sub) makes [?, ?] of out [?, 1] and y [?], and all of it goes into one number: each row meets every "
        "row; squeeze of the column or expand_dims of the row pairs them"),
    "hits of every row": (
        LINE + "  hit: equal(y, out)\n  accuracy: reduce_mean(cast(hit, float32))\n", "crossed", "hit", 7,
        "hit (Equal) makes [?, ?] of out [?, 1] and y [?], and all of it goes into one number: each row meets every "
        "row; squeeze of the column or expand_dims of the row pairs them"),
    "probabilities for logits": (
        LINE + "  p: softmax(x)\n  l: sparse_softmax_cross_entropy_with_logits(labels=k, logits=p)\n",
        "softmax-twice", "l/l", 8,
        "l/l takes logits and makes their softmax itself, and p is a Softmax already; give it x"),
    "a variable without a gradient": (
        LINE + "  t: train.GradientDescentOptimizer(0.1).minimize(reduce_sum(out))\n", "no-gradient", "v", 7,
        "training leaves v as it is: Sum:0 does not depend on v:0"),
    "a way that ends": (
        LINE + "  far: reduce_sum(out) + cast(argmax(x @ v, 0)[0], float32)\n"
               "  t: train.GradientDescentOptimizer(0.1).minimize(far)\n", "no-gradient", "v", 8,
        "training leaves v as it is: far:0 depends on v:0 through ArgMax (ArgMax), which lets no gradient through: it "
        "gives int64; the way is v -> v/read -> matmul -> ArgMax -> strided_slice -> ... -> far"),
    "a way that is stopped": (
        LINE + "  g: gradients(stop_gradient(out) + x[0, 0], [w])\n", "no-gradient", "w", 7,
        "the gradient with respect to w is None: add:0 depends on w:0 through StopGradient (StopGradient), which lets "
        "no gradient through; the way is w -> w/read -> out -> StopGradient -> add"),
    "a way of which only the shape is wanted": (
        LINE + "  g: gradients(zeros_like(out) * x, [w])\n", "no-gradient", "w", 7,
        "the gradient with respect to w is None: mul:0 depends on w:0 through zeros_like (ZerosLike), which lets no "
        "gradient through; the way is w -> w/read -> out -> zeros_like -> mul"),
    "updates that nothing runs": ("""
variables: {w: {shape: [2]}, m: {shape: [2], trainable: false}}
ops:
  - moved: assign(m, w * 0.5)
  - {add_to_collection: update_ops, value: moved}
  - t: train.GradientDescentOptimizer(0.1).minimize(reduce_sum(w + m))
""", "updates-not-run", "moved", 4,
        "no training op runs moved of the collection update_ops; control_dependencies of get_collection('update_ops') "
        "around the training op would"),
    "penalties that nothing adds": ("""
variables: {w: {shape: [2], regularizer: l2_regularizer(0.1)}}
ops: {t: train.GradientDescentOptimizer(0.1).minimize(reduce_sum(w))}
""", "penalty-not-added", "w/Regularizer/l2_regularizer", 2,
        "nothing reads w/Regularizer/l2_regularizer of the collection regularization_losses: training does without; "
        "loss + add_n(get_collection('regularization_losses')) has them"),
    "a variable made again where the rest is shared": (
        TOWER.replace("FIELDS", "{Variable: b, initial_value: 'zeros([3])'}"), "new-in-call", "net/fc_1/b", 10,
        "a further call at line 14 shares net/fc/w, and makes net/fc_1/b beside net/fc/b: Variable "
        "always makes a new one; get_variable would share"),
    "a value of very many bytes": (
        "inputs: {x: {dtype: float32, shape: [100000, 1]}}\nops: {far: x - transpose(x)}\n", "large", "far", 2,
        "far (Sub) makes far [100000, 100000], 37.3 GiB, of x [100000, 1] and transpose [1, 100000]"),
}


@pytest.mark.parametrize("name", MEANT)
def test_what_may_be_meant_is_not_told(name: str) -> None:
    assert traps(load_spec(Source("t.yaml", MEANT[name])).default) == []


@pytest.mark.parametrize("name", SILENT)
def test_what_is_hardly_meant_is_told_once(name: str) -> None:
    text, *wanted = SILENT[name]
    found = traps(load_spec(Source("t.yaml", str(text))).default)
    assert [[f.rule, f.name, f.span.line if f.span else None, f.message] for f in found] == [wanted]


@pytest.mark.parametrize("name", ["every row with every row", "probabilities for logits", "a value of very many bytes"])
def test_what_a_graph_alone_tells_is_told_of_a_file(name: str) -> None:
    text, rule, node, _, message = SILENT[name]
    graph = load_spec(Source("t.yaml", str(text))).default.graph
    built = read(to_bytes(graph, "binary"), "t.pb").default
    assert [(f.rule, f.name, f.message) for f in traps(built)] == [(rule, node, message)]


def test_what_reads_a_variable_behind_a_switch_reads_it() -> None:
    text = """
variables: {a: {initializer: [1.0]}}
ops:
  - {Variable: b, initial_value: a.initialized_value() * 2.0}
  - y: b + 1.0
"""
    assert lint(load_spec(Source("t.yaml", text)).default) == []
