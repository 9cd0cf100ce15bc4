"""What is drawn: which boxes, in which frames, with which words and arrows."""
from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

import graphcli.tf1 as tf
from graphcli.formats.picture import Options, Picture, picture
from graphcli.spec import load_spec

SPECS = Path(__file__).parents[3] / "specs"


def draw(name: str, **more: Any) -> Picture:
    built = load_spec(SPECS / f"{name}.yaml").default
    for key in ("fetch", "focus"):
        if key in more:
            found = [built.resolve(n) for n in more[key]]
            more[key] = [getattr(f, "op", f) for f in found]
    return picture(built, built.name, Options(**more))


def of(tmp_path: Path, text: str, **more: Any) -> Picture:
    path = tmp_path / "spec.yaml"
    path.write_text(text)
    built = load_spec(path).default
    for key in ("fetch", "focus"):
        if key in more:
            more[key] = [getattr(built.resolve(n), "op", built.resolve(n)) for n in more[key]]
    return picture(built, "spec", Options(**more))


def titles(drawn: Picture) -> list[str]:
    return [b.title for b in drawn.boxes]


def named(drawn: Picture, name: str) -> Any:
    return next(b for b in drawn.boxes if b.name == name)


def links(drawn: Picture) -> set[tuple[str, str]]:
    names = {b.id: b.name for b in drawn.boxes}
    return {(names[a.source], names[a.target]) for a in drawn.arrows}


TRAINED = """
inputs:
  x: {dtype: float32, shape: [null, 3]}
scopes:
  layer:
    variables: {w: {shape: [3, 1], initializer: glorot_uniform}}
    ops: {y: x @ w}
ops:
  loss: sqrt(reduce_mean(square(layer.y)))
  train: train.AdamOptimizer(0.1).minimize(loss)
"""


def test_a_shared_variable_is_one_box_with_all_its_users() -> None:
    drawn = draw("image_filters")
    box = named(drawn, "image_filters/conv1/weights")
    assert box.kind == "shared" and "shared by 2" in box.notes
    assert {t for s, t in links(drawn) if s == box.name} == {"image_filters/conv1/conv", "image_filters/conv1_1/conv"}


def test_a_scope_of_nothing_but_what_stands_outside_it_is_not_drawn() -> None:
    drawn = draw("towers", depth=1)
    assert [b.name for b in drawn.boxes if b.kind == "scope"] == [
        f"tower_{i}/{inner}" for i in (0, 1) for inner in ("net", "SparseSoftmaxCrossEntropyWithLogits")]
    assert sum(b.kind == "shared" for b in drawn.boxes) == 4
    ids = {b.id for b in drawn.boxes}
    assert all({a.source, a.target} <= ids for a in drawn.arrows)


def test_a_shared_variable_stands_outside_closed_scopes() -> None:
    drawn = draw("image_filters", depth=1)
    assert {b.name for b in drawn.boxes if b.kind == "shared"} == {
        f"image_filters/conv{i}/{w}" for i in (1, 2) for w in ("weights", "biases")}
    assert sum(b.kind == "scope" for b in drawn.boxes) == 4


def test_gradients_training_and_initializers_are_left_out(tmp_path: Path) -> None:
    drawn = of(tmp_path, TRAINED)
    assert titles(drawn) == ["x", "w", "y", "Square", "Mean", "loss"]
    assert set(drawn.hidden) == {"gradients", "training", "initializers"}


def test_all_draws_everything(tmp_path: Path) -> None:
    drawn = of(tmp_path, TRAINED, everything=True, limit=None)
    assert sum(b.count for b in drawn.boxes) == drawn.nodes and not drawn.hidden


def test_a_fetch_of_the_training_op_draws_what_it_needs(tmp_path: Path) -> None:
    drawn = of(tmp_path, TRAINED, fetch=["train"], limit=None)
    kinds = {b.op for b in drawn.boxes}
    assert "ApplyAdam" in kinds and "Assign" in kinds and "RandomUniform" not in kinds
    assert drawn.roots == [named(drawn, "train").id]


def test_fetch_draws_only_what_it_needs() -> None:
    assert set(titles(draw("line", fetch=["out"]))) == {"x", "w", "b", "matmul", "out"}


def test_focus_draws_the_neighbourhood() -> None:
    one = draw("line", focus=["error"], hops=1)
    assert set(titles(one)) == {"error", "add", "waited", "Square", "mul", "Mean_1"}
    assert [b.title for b in one.boxes if b.focus] == ["error"]
    assert titles(draw("line", focus=["error"], hops=0)) == ["error"]
    assert titles(draw("line", focus=["error"], hops=10**20)) == titles(draw("line", focus=["error"], hops=20))


def test_focus_on_what_is_hidden_draws_it(tmp_path: Path) -> None:
    drawn = of(tmp_path, TRAINED, focus=["layer/w/Adam"], hops=1)
    assert "Adam" in titles(drawn) and any(b.op == "ApplyAdam" for b in drawn.boxes)


def test_small_constants_stand_in_their_readers() -> None:
    drawn = draw("name_scope")
    assert "y = 1.0" in named(drawn, "layer/y").notes and "x = [1.0, 2.0]" in named(drawn, "tower/layer/y").notes
    assert not any(b.kind == "constant" for b in drawn.boxes)


def test_a_slice_is_written_as_one(tmp_path: Path) -> None:
    drawn = of(tmp_path, "inputs: {x: {dtype: float32, shape: [4, 5, 6]}}\n"
               "ops:\n  y: x[1, ..., ::2]\n  z: x[None, 1:3]\n")
    assert "[1, ..., ::2]" in named(drawn, "y").notes and "[None, 1:3]" in named(drawn, "z").notes


def test_arrows_have_shapes_and_grow_with_them() -> None:
    arrows = draw("image_filters").arrows
    assert {a.label for a in arrows} >= {"[?, 8, 8, 3]", "[5, 5, 3, 32]", "[32]"}
    width = {a.label: a.width for a in arrows}
    assert width["[32]"] < width["[?, 8, 8, 3]"] < width["[?, 8, 8, 32]"] < width["[5, 5, 32, 32]"]


def test_kinds_have_forms(tmp_path: Path) -> None:
    drawn = of(tmp_path, """
inputs: {x: {dtype: float32, shape: [20]}}
variables: {v: {shape: [20], initializer: zeros}}
ops:
  c: constant([1.0, 2.0] * 10)
  r: random_uniform([20])
  up: assign_add(v, x + c + r)
  s: summary.scalar('level', reduce_mean(v))
  chosen: "cond(x[0] > 0, lambda: x, lambda: -x)"
  both: group(up, chosen)
  soft: nn.softmax(chosen)
  flat: reshape(soft, [4, 5])
""")
    kinds = {"x": "input", "v": "variable", "c": "constant", "up": "state", "level": "summary", "both": "control",
             "soft": "nn", "flat": "array"}
    assert {b.name: b.kind for b in drawn.boxes if b.name in kinds} == kinds
    assert {b.kind for b in drawn.boxes if b.op in ("Switch", "Merge")} == {"control"}
    assert set(drawn.legend.kinds) == {b.kind for b in drawn.boxes}


def test_a_series_is_folded() -> None:
    drawn = draw("rnn")
    assert "cell [1 … 7]" in titles(drawn) and "strided_slice [0 … 8]" in titles(drawn)
    box = named(drawn, "cell [1 … 7]")
    assert box.kind == "series" and box.notes == ("7 alike, 5 ops each",)
    assert (box.name, box.name) in links(drawn)
    assert not any(b.kind == "series" for b in draw("rnn", series=0).boxes)


@pytest.mark.parametrize(("body", "label"), [
    ("tanh(w) * w", None), ("tanh(a${i}) * w", "each feeds the next"),
    ("tanh(a${i - i % 3}) * w", "some feed others")])
def test_a_series_feeds_itself_where_one_of_it_reads_another(body: str, label: str | None, tmp_path: Path) -> None:
    drawn = of(tmp_path, f"""
variables: {{w: {{shape: [3, 3], initializer: ones}}}}
ops:
  - a0: w * 2.0
  - for: {{i: range(9)}}
    ops:
      - name_scope: s${{i}}
        ops:
          - "a${{i + 1}}": {body}
""")
    loops = [a.label for a in drawn.arrows if a.source == a.target]
    assert loops == ([] if label is None else [label])


def test_ops_that_have_nothing_in_common_are_no_series(tmp_path: Path) -> None:
    lines = [f"  - a{i}: zeros([20])\n  - b{i}: tanh(exp(a{i}))\n  - c{i}: exp(tanh(b{i}))" for i in range(6)]
    drawn = of(tmp_path, "ops:\n" + "\n".join(lines) + "\n")
    assert not any(b.kind == "series" for b in drawn.boxes)


def test_scopes_close_beyond_the_limit(tmp_path: Path) -> None:
    text = "ops:\n" + "".join(
        f"  - name_scope: part_{a}{b}\n    ops:\n      - x_{a}{b}: zeros([20])\n      - y_{a}{b}: relu(x_{a}{b})\n"
        f"      - z_{a}{b}: tanh(y_{a}{b})\n" for a in "abcde" for b in "uvwxyz")
    closed = of(tmp_path, text)
    assert len(closed.boxes) == 30 and closed.closed == 30 and {b.kind for b in closed.boxes} == {"scope"}
    assert len(of(tmp_path, text, depth=1).boxes) == 90
    assert len(of(tmp_path, text, limit=90).boxes) == 90


def test_a_flat_graph_is_folded_too(tmp_path: Path) -> None:
    text = "inputs: {x: {dtype: float32, shape: [8]}}\nops:\n  h0: x * 0.5\n" + "".join(
        f"  h{i}: " + ("h{} + x", "h{} * x", "relu(h{})")[i % 3].format(i - 1) + "\n" for i in range(1, 500))
    drawn = of(tmp_path, text)
    assert len(drawn.boxes) <= 60 and sum(b.count for b in drawn.boxes) == 501


def test_frames_that_hold_only_a_frame_are_one(tmp_path: Path) -> None:
    drawn = of(tmp_path, "ops:\n  - name_scope: a\n    ops:\n      - name_scope: b\n        ops:\n"
               "          - y: zeros([20])\n          - z: relu(y)\n")
    assert [f.label for f in drawn.frames] == ["a/b"]


@pytest.mark.parametrize(("by", "labels"), [
    ("device", ["/device:CPU:0", "/device:GPU:0", "no device asked for"]),
    ("dtype", ["float32"]),
])
def test_colours_by_category(by: str, labels: list[str]) -> None:
    drawn = draw("devices", color_by=by)
    assert set(labels) <= {s.label for s in drawn.legend.swatches}
    assert {b.paint for b in drawn.boxes} <= {s.paint for s in drawn.legend.swatches}


def test_colours_by_memory_order_by_size() -> None:
    drawn = draw("image_filters", color_by="memory")
    assert named(drawn, "image_filters/conv2/weights").paint == "s4"
    assert named(drawn, "difference").paint < named(drawn, "image_filters/conv1/weights").paint


def test_dashed_arrows_are_control_inputs() -> None:
    drawn = draw("line")
    names = {b.id: b.name for b in drawn.boxes}
    assert {(names[a.source], names[a.target]) for a in drawn.arrows if a.control} == {
        ("AssignSub", "train"), ("AssignSub_1", "train")}
    assert "dashed: runs after" in drawn.legend.remarks


def after_all(ops: str, many: int) -> str:
    return (f"inputs: {{x: {{dtype: float32, shape: [2]}}}}\nops:\n{ops}"
            f"- control_dependencies: [{', '.join(f'c{i}' for i in range(many))}]\n  ops: {{done: no_op()}}\n")


def test_of_many_dashed_arrows_those_that_follow_from_others_are_not_drawn(tmp_path: Path) -> None:
    line = "- c0: exp(x)\n" + "".join(f"- c{i}: {('exp', 'tanh', 'sin')[i % 3]}(c{i - 1})\n" for i in range(1, 7))
    drawn = of(tmp_path, after_all(line, 7), depth=9, series=0)
    assert {a for a in links(drawn) if a[1] == "done"} == {("c6", "done")}
    few = of(tmp_path, after_all(line, 3), depth=9, series=0)
    assert {a for a in links(few) if a[1] == "done"} == {(f"c{i}", "done") for i in range(3)}


def test_of_boxes_that_lead_to_each_other_one_dashed_arrow_stays() -> None:
    with tf.Graph().as_default() as graph:
        x, ys, zs = tf.placeholder(tf.float32, (2,)), [], []
        for i in range(6):
            with tf.name_scope(f"part{i}/"):
                ys.append(tf.tanh(x))
        for i in range(6):
            with tf.name_scope(f"part{i}/"):
                zs.append(tf.exp(ys[(i + 1) % 6]))
        with tf.control_dependencies(zs):
            tf.no_op("done")
    built = SimpleNamespace(graph=graph, declarations=[], flat_handles=dict)
    drawn = picture(built, "ring", Options(depth=0, series=0))
    assert len([a for a in drawn.arrows if a.control]) == 1
    assert len([a for a in drawn.arrows if not a.control]) == 12


def test_what_runs_after_very_many_says_so_itself(tmp_path: Path) -> None:
    ops = "".join(f"- c{i}: {('exp', 'tanh', 'sin')[i % 3]}(x)\n" for i in range(12))
    drawn = of(tmp_path, after_all(ops, 12), depth=9, series=0)
    assert "runs after 12 others" in named(drawn, "done").notes
    assert not any(a.control for a in drawn.arrows)


def net(names: list[tuple[str, str]]) -> str:
    layers = "".join(f"      {name}: {{ops: {{y: {op}(x)}}}}\n" for name, op in names)
    return f"inputs: {{x: {{dtype: float32, shape: [2]}}}}\nscopes:\n  net:\n    scopes:\n{layers}"


OPS = {"grow": "exp", "bend": "tanh", "turn": "sin", "root": "sqrt"}


def test_a_series_is_told_by_the_number_that_differs(tmp_path: Path) -> None:
    drawn = of(tmp_path, net([(f"block_{i}_{kind}_1", op) for i in range(30) for kind, op in OPS.items()]))
    assert [t for t in titles(drawn) if "…" in t] == [f"block [0 … 29]_{kind}_1" for kind in OPS]


def test_scopes_that_are_alike_and_far_apart_are_drawn_one_by_one_while_there_is_room(tmp_path: Path) -> None:
    calls = {"conv": "exp", "turn": "sin", "pool": "tanh"}
    layers, last = "", "x"
    for i in range(6):
        for name, op in calls.items():
            layers += f"  {name}_{i}: {{ops: {{y: {op}({last}), z: square(y)}}}}\n"
            last = f"{name}_{i}.z"
    spec = f"inputs: {{x: {{dtype: float32, shape: [2]}}}}\nscopes:\n{layers}"
    assert not [t for t in titles(of(tmp_path, spec)) if "…" in t]
    assert [t for t in titles(of(tmp_path, spec, limit=9)) if "…" in t] == [f"{name} [0 … 5]" for name in calls]


def test_a_scope_that_holds_everything_is_opened_and_folded_harder(tmp_path: Path) -> None:
    names = [(f"c{i}_b{j}_{kind}", op) for i in range(10) for j in range(10) for kind, op in OPS.items()]
    drawn = of(tmp_path, net(names))
    assert [f.name for f in drawn.frames] == ["net"]
    assert [b.title for b in drawn.boxes if b.frame] == [f"c [0 … 9]_b [0 … 9]_{kind}" for kind in OPS]
    words = of(tmp_path, net([(f"{kind}_{chr(97 + i)}{chr(97 + j)}", op) for i in range(8) for j in range(8)
                              for kind, op in OPS.items()]))
    assert [b.title for b in words.boxes if b.frame] == [f"64 × {kind} …" for kind in OPS]


@pytest.mark.parametrize("name", sorted(p.stem for p in SPECS.glob("*.yaml") if "refused" not in p.stem))
def test_the_same_picture_each_time(name: str) -> None:
    drawn = draw(name)
    assert drawn == draw(name)
    assert len({b.id for b in drawn.boxes}) == len(drawn.boxes) <= 60
    ids = {b.id for b in drawn.boxes}
    assert all(a.source in ids and a.target in ids for a in drawn.arrows)


BEFORE = """
graph: before
inputs: {x: {dtype: float32, shape: [null, 8]}}
variables: {w: {shape: [8, 16], initializer: zeros}, b: {shape: [16], initializer: zeros}}
ops:
  h: relu(x @ w + b)
  out: softmax(h * 0.5)
"""
AFTER = """
graph: after
inputs: {x: {dtype: float32, shape: [null, 8]}}
variables: {w: {shape: [8, 16], initializer: zeros}}
ops:
  h: tanh(x @ w)
  out: softmax(clip_by_value(h, 0.0, 1.0) * 0.25)
"""


def test_a_difference_is_drawn(tmp_path: Path) -> None:
    from graphcli.formats.picture.compare import compared

    graphs = []
    for name, text in (("a.yaml", BEFORE), ("b.yaml", AFTER)):
        (tmp_path / name).write_text(text)
        graphs.append(load_spec(tmp_path / name).default)
    drawn = compared(*graphs, "difference", Options())
    status = {b.title: b.status for b in drawn.boxes}
    assert {t for t, s in status.items() if s == "removed"} == {"b", "add"}
    assert {t for t, s in status.items() if s == "added"} == {"clip_by_value", "Minimum"}
    assert status["x"] == status["w"] == "" and status["h"] == "changed" and "was Relu" in named(drawn, "h").notes
    assert status["mul"] == "changed", "its constant, which stands inside it, has another value"
    titles = {b.id: b.title for b in drawn.boxes}
    arrows = {(titles[a.source], titles[a.target]): a.status for a in drawn.arrows}
    assert arrows["matmul", "h"] == arrows["clip_by_value", "mul"] == "added"
    assert arrows["add", "h"] == arrows["b", "add"] == arrows["matmul", "add"] == "removed"
    assert arrows["x", "matmul"] == ""
    assert [s.label for s in drawn.legend.swatches] == ["added", "removed", "changed", "same"]


def test_a_graph_does_not_differ_from_itself() -> None:
    from graphcli.formats.picture.compare import compared

    built = [load_spec(SPECS / "image_filters.yaml").default for _ in range(2)]
    drawn = compared(*built, "same", Options())
    assert {b.paint for b in drawn.boxes} == {"same"} and {a.status for a in drawn.arrows} == {""}
