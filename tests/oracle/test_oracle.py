"""TensorFlow's recorded answers: names, ops, inputs, devices, shapes, collections, values, refusals."""
from __future__ import annotations

from functools import cache
from typing import Any

import pytest

from graphcli.errors import GraphError
from graphcli.spec import load_spec

from .corpus import Case, cases, comparable, differences, forward_nodes, our_nodes

ALL = cases()
GOOD = [c for c in ALL if "error" not in c.expected]
BAD = [c for c in ALL if "error" in c.expected]
RUNS = [(c, i) for c in GOOD for i in range(len(c.expected.get("runs", [])))]


@cache
def built(index: int) -> Any:
    case = GOOD[index]
    spec = load_spec(case.path, graph=case.graph, params=case.params)
    return next(iter(spec.graphs.values())) if case.graph is None else spec.graphs[case.graph]


def good() -> Any:
    return pytest.mark.parametrize("index", [pytest.param(i, id=c.id) for i, c in enumerate(GOOD)])


@good()
def test_forward_nodes_are_tensorflows(index: int) -> None:
    expected = GOOD[index].expected
    theirs = forward_nodes(expected)
    nodes = our_nodes(built(index).graph)
    ours = [n for n in nodes if n["forward"]]
    backward = {n["name"] for n in expected["nodes"] if not n["forward"]}
    backward |= {n["name"] for n in nodes if not n["forward"]}
    assert [n["name"] for n in ours] == [n["name"] for n in theirs]
    for a, b in zip(ours, theirs):
        assert comparable(a, backward) == comparable(b, backward)


@good()
def test_static_shapes_and_dtypes_are_tensorflows(index: int) -> None:
    expected, graph = GOOD[index].expected, built(index).graph
    for name, shape in expected["shapes"].items():
        tensor = graph.get_tensor_by_name(name)
        static = None if tensor.static is None else list(tensor.static)
        assert (name, static) == (name, shape)
        assert (name, tensor.dtype.base_dtype.name) == (name, expected["dtypes"][name])


def name_of(value: Any) -> Any:
    if isinstance(value, (list, tuple)):
        return [name_of(v) for v in value]
    if isinstance(value, dict):
        return {k: name_of(v) for k, v in value.items()}
    return getattr(value, "name", None) if hasattr(value, "graph") else None


@good()
def test_collections_variables_and_handles_are_tensorflows(index: int) -> None:
    expected, part = GOOD[index].expected, built(index)
    graph = part.graph
    keys = [k for k in graph.get_all_collection_keys() if k not in ("cond_context", "while_context")]
    ours = {k: [getattr(i, "name", None) for i in graph.get_collection(k)] for k in sorted(keys)}
    assert {k: v for k, v in ours.items() if v and None not in v} == expected["collections"]
    variables = {v.name: v for k in keys for v in graph.get_collection(k) if hasattr(v, "initializer")}
    handles = dict(part.flat_handles())
    for entry in expected["variables"]:
        variable = variables[entry["name"]]
        assert list(variable.shape.as_list()) == entry["shape"]
        assert variable.dtype.base_dtype.name == entry["dtype"]
        assert (variable in graph.get_collection("trainable_variables")) == entry["trainable"]
        assert sorted(h for h, v in handles.items() if v is variable) == sorted(entry["handles"])
    backward = {n["name"] for n in expected["nodes"] if not n["forward"]}
    for handle, name in expected["handles"].items():
        assert handle in handles
        if isinstance(name, str) and name.split(":")[0] not in backward:
            assert (handle, name_of(handles[handle])) == (handle, name)


@pytest.mark.parametrize(("index", "number"), [
    pytest.param(GOOD.index(c), i, id=f"{c.id}-{i}") for c, i in RUNS])
def test_values_are_tensorflows(index: int, number: int) -> None:
    from graphcli.engine import Session

    part = built(index)
    run = GOOD[index].expected["runs"][number]
    names = list(run["fetches"])

    def answer() -> dict[str, Any]:
        fetches = {n: part.resolve(n) for n in names}
        feeds = {part.resolve(n): v for n, v in run.get("feeds", {}).items()}
        with Session(part, soft_placement=True) as session:
            session.initialize()
            for _ in range(run.get("steps", 1)):
                values = session.run(fetches, feeds)
        return values

    if "error" in run:
        with pytest.raises(GraphError):
            answer()
        return
    values = answer()
    assert [d for n in names for d in differences(values[n], run["fetches"][n], n)] == []


@pytest.mark.parametrize("case", BAD, ids=[c.id for c in BAD])
def test_what_tensorflow_refuses_is_refused_at_the_same_line(case: Case) -> None:
    with pytest.raises(GraphError) as info:
        load_spec(case.path, params=case.params)
    error = info.value.errors()[0]
    line = case.expected["error"].get("line")
    if line is not None and error.span is not None:
        assert error.span.line == line
