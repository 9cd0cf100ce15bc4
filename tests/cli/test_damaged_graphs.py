"""Whatever stands in a graph file, every verb ends in an answer or in words about what is wrong."""
from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from graphcli.formats.graphdef.write import to_bytes
from graphcli.wire.messages import message

from ..graphdef.corpus import everything

RECORDED = Path(__file__).parents[1] / "graphdef" / "recorded"
GRAPHS = ["gallery-line-line", "gallery-rnn-rnn", "flow_while", "flow_cond", "optimizer_adam", "slicing", "sorting",
          "nn_conv2d"]
VERBS = [["info", "--cost"], ["scopes"], ["scopes", "--lint"], ["nodes", "--format", "json"], ["check"],
         ["collections"], ["devices"], ["viz", "--format", "dot", "-o", "-"], ["export", "-o", "-", "--format", "yaml"],
         ["export", "-o", "-", "--format", "pbtxt"], ["diff"], ["run"], ["plan"]]


@cache
def graphs() -> list[Any]:
    out = [message("GraphDef").FromString(to_bytes(everything()[n].graph, "binary")) for n in GRAPHS]
    theirs = [(RECORDED / n).read_bytes() for n in ("resources.pb", "functions.pb")]
    return out + [message("GraphDef").FromString(data) for data in theirs]


def change(value: Any, draw: Any) -> None:
    """Another value of the same kind for an attr."""
    kind = value.WhichOneof("value")
    number = st.sampled_from([-(2**62), -1, 0, 1, 2, 7, 2**62])
    if kind == "s":
        value.s = draw(st.sampled_from([b"", b"\xff\xfe", b"x"]))
    elif kind == "i":
        value.i = draw(number)
    elif kind == "list" and value.list.s:
        value.list.s[:] = draw(st.lists(st.sampled_from([b"\xff", b"", b"loc:@x"]), max_size=3))
    elif kind == "list":
        value.list.i[:] = draw(st.lists(number, max_size=5))
    elif kind == "shape":
        value.shape.dim.add(size=draw(number))


def spoil(proto: Any, draw: Any) -> None:
    """One change that a damaged or hostile file may hold."""
    node, other = (proto.node[draw(st.integers(0, len(proto.node) - 1))] for _ in range(2))
    what = draw(st.integers(0, 11))
    names = sorted(node.attr)
    if what == 0:
        node.op = draw(st.sampled_from([other.op, "Nothing", ""]))
    elif what == 1 and names:
        del node.attr[draw(st.sampled_from(names))]
    elif what == 2 and names and other.attr:
        node.attr[draw(st.sampled_from(names))].CopyFrom(other.attr[draw(st.sampled_from(sorted(other.attr)))])
    elif what == 3 and node.input:
        node.input[draw(st.integers(0, len(node.input) - 1))] = draw(st.sampled_from(
            [other.name, f"{other.name}:1", f"{other.name}:99999", "nothing"]))
    elif what == 4 and node.input:
        del node.input[draw(st.integers(0, len(node.input) - 1))]
    elif what == 5:
        node.input.append(draw(st.sampled_from([f"^{other.name}", other.name])))
    elif what == 6:
        node.device = draw(st.sampled_from(["/gpu:0", "garbage", "/job:a/task:x", "/device:TPU:*"]))
    elif what == 7:
        node.name = draw(st.sampled_from(["a", f"{other.name}x", "", "\x1b[31m"]))
    elif what == 8 and node.attr["value"].HasField("tensor"):
        node.attr["value"].tensor.dtype = draw(st.sampled_from([0, 1, 3, 7, 10, 11, 14, 19, 20]))
    elif what == 9 and node.attr["value"].HasField("tensor"):
        node.attr["value"].tensor.tensor_shape.dim.add(size=draw(st.sampled_from([-1, 0, 1, 2, 1 << 40])))
    elif what == 11 and names:
        change(node.attr[draw(st.sampled_from(names))], draw)
    else:
        node.attr[draw(st.sampled_from(["", "T", "_x", "shape"]))].i = draw(st.integers(-(2**63), 2**63 - 1))


@settings(max_examples=120, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.data())
def test_no_verb_ends_in_a_traceback(invoke: Any, tmp_path_factory: pytest.TempPathFactory, data: Any) -> None:
    proto = message("GraphDef")()
    proto.CopyFrom(graphs()[data.draw(st.integers(0, len(graphs()) - 1))])
    for _ in range(data.draw(st.integers(1, 3))):
        spoil(proto, data.draw)
    path = tmp_path_factory.getbasetemp() / "spoiled.pb"
    path.write_bytes(proto.SerializeToString())
    verb = data.draw(st.sampled_from(VERBS))
    more = verb[1:]
    if verb[0] == "diff":
        more = [str(path)]
    elif verb[0] in ("run", "plan"):
        names = [n.name for n in proto.node if n.name]
        more = ["--fetch", data.draw(st.sampled_from(names)), "--max-bytes", "20M"]
    told = invoke(verb[0], str(path), *more)
    assert told.code in (0, 1, 2)
    assert "bug in graphcli" not in told.err and "Traceback" not in told.err
    assert (told.code == 0) == (not told.err.startswith("error: ")) or verb[0] == "diff"


def test_a_constant_of_a_dtype_that_only_files_have_is_drawn(invoke: Any, tmp_path: Path) -> None:
    proto = message("GraphDef")()
    proto.CopyFrom(graphs()[0])
    node = next(n for n in proto.node if n.op == "Const")
    node.attr["value"].tensor.dtype = 24
    path = tmp_path / "float8.pb"
    path.write_bytes(proto.SerializeToString())
    told = invoke("viz", str(path), "--format", "dot", "-o", "-")
    assert (told.code, told.err) == (0, "")
    assert "float8_e5m2 [" in told.out


def test_a_colocation_that_names_no_node_by_text_is_refused(invoke: Any, tmp_path: Path) -> None:
    proto = message("GraphDef")()
    proto.CopyFrom(graphs()[0])
    proto.node[0].attr["_class"].list.shape.add()
    path = tmp_path / "shapes.pb"
    path.write_bytes(proto.SerializeToString())
    told = invoke("info", str(path))
    assert told.code == 1 and "attr '_class' is [()], where a value of kind list(string) is wanted" in told.err


@pytest.mark.parametrize("field", ["i", "b"])
def test_a_number_of_another_kind_is_refused_as_tensorflow_refuses_it(field: str, invoke: Any, tmp_path: Path) -> None:
    proto = message("GraphDef")()
    proto.node.add(name="x", op="Placeholder").attr["dtype"].type = 1
    node = proto.node.add(name="y", op="LeakyRelu", input=["x"])
    setattr(node.attr["alpha"], field, 1)
    path = tmp_path / "kinds.pb"
    path.write_bytes(proto.SerializeToString())
    told = invoke("info", str(path))
    assert told.code == 1 and "where a value of kind float is wanted" in told.err


CONVOLUTIONS = """
inputs: {x: {dtype: float32, shape: [1, 8, 8, 2]}}
variables: {w: {shape: [3, 3, 2, 2], initializer: ones}, d: {shape: [3, 3, 2, 1], initializer: ones}}
ops:
  c: conv2d(x, w, [1, 1, 1, 1], 'SAME')
  e: nn.depthwise_conv2d(x, d, [1, 1, 1, 1], 'SAME')
  g: "gradients(c, x) + gradients(e, x)"
"""


@pytest.mark.parametrize(("op", "attr", "values", "said"), [
    ("Conv2D", "data_format", b"", "attr data_format of Conv2D is one of 'NHWC', 'NCHW', not ''"),
    ("Conv2DBackpropInput", "data_format", b"",
     "attr data_format of Conv2DBackpropInput is one of 'NHWC', 'NCHW', not ''"),
    ("Conv2DBackpropInput", "dilations", [-1], "dilations must be 4 positive numbers, not [-1]"),
    ("Conv2DBackpropInput", "strides", [1, 0, 0, 1], "strides must be 4 positive numbers, not [1, 0, 0, 1]"),
    ("DepthwiseConv2dNativeBackpropInput", "strides", [], "strides must be 4 positive numbers, not []"),
    ("VariableV2", "_class", [b"\xff"], None),
    ("Conv2D", "_class", [b"\xff"], None),
])
def test_attrs_that_no_call_makes_are_refused_where_they_are_met(
        invoke: Any, tmp_path: Path, op: str, attr: str, values: Any, said: str | None) -> None:
    spec, path = tmp_path / "c.yaml", tmp_path / "c.pb"
    spec.write_text(CONVOLUTIONS)
    assert invoke("export", str(spec), "-o", str(path)).code == 0
    proto = message("GraphDef").FromString(path.read_bytes())
    for node in proto.node:
        if node.op == op and isinstance(values, bytes):
            node.attr[attr].s = values
        elif node.op == op:
            node.attr[attr].list.SetInParent()
            node.attr[attr].list.s[:] = [v for v in values if isinstance(v, bytes)]
            node.attr[attr].list.i[:] = [v for v in values if isinstance(v, int)]
    path.write_bytes(proto.SerializeToString())
    name = next(n.name for n in proto.node if n.op == op)
    for words in (["run", str(path), "--fetch", name, "--random", "x"], ["plan", str(path), "--fetch", name],
                  ["export", str(path), "-o", "-", "--format", "yaml"]):
        told = invoke(*words)
        assert "bug in graphcli" not in told.err
        if words[0] != "export":
            assert (told.code, said is None) in ((1, False), (0, True)) and (said or "") in told.err
            assert said is None or name in told.err
