"""The HTML page as bytes: what is in it, how large it is, and that it is the same each time."""
from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from graphcli.formats.html.data import page_data
from graphcli.formats.html.page import json_for_script, to_html
from graphcli.spec import load_spec

SPECS = Path(__file__).parents[2] / "specs"
CORPUS = SPECS.parent / "tests/oracle/cases"
OVERHEAD = 60_000
NAMES = sorted(p.stem for p in SPECS.glob("*.yaml") if "refused" not in p.stem)


def spec(name: str) -> Any:
    return load_spec(SPECS / f"{name}.yaml").default


def data_in(page: bytes) -> dict[str, Any]:
    found = re.search(rb'<script id="data" type="application/json">(.*?)</script>', page, re.DOTALL)
    assert found
    return dict(json.loads(found[1]))


@pytest.mark.parametrize("name", NAMES)
def test_the_same_bytes_each_time(name: str) -> None:
    assert to_html(spec(name)) == to_html(spec(name))


@pytest.mark.parametrize("name", NAMES)
def test_the_page_adds_little_to_the_data(name: str) -> None:
    built = spec(name)
    page = to_html(built)
    assert len(page) - len(json_for_script(page_data(built)).encode()) <= OVERHEAD


def test_the_page_asks_for_nothing() -> None:
    page = to_html(spec("line")).decode()
    assert "default-src 'none'" in page
    addresses = set(re.findall(r"\b(?:https?:)?//[\w.-]+\.\w+[^\s\"']*", page))
    assert addresses == {"http://www.w3.org/2000/svg"}
    assert not re.search(r"\b(?:src|href)=(?!\"data:)", page) and "@import" not in page and "fetch(" not in page


def test_nothing_in_the_data_ends_its_script(tmp_path: Path) -> None:
    path = tmp_path / "odd.yaml"
    path.write_text("graph: \"</script><script>alert(1)</script>{{data}}<!-- &amp;\"\n"
                    "ops: {a: \"constant('</script><!--<script>')\"}\n")
    built = load_spec(path).default
    page = to_html(built)
    assert page.count(b"<script") == 2 and page.count(b"</script") == 2 and b"<!--" not in page
    data = data_in(page)
    assert data["graph"] == built.name
    assert any("</script><!--<script>" in text for rows in data["attrs"] for _, text in rows)


def test_every_node_is_in_the_data_with_what_is_known_of_it() -> None:
    built = spec("image_filters")
    data = data_in(to_html(built))
    nodes = data["nodes"]
    graph = built.graph
    assert nodes["name"] == [n.name for n in graph]
    at = {name: i for i, name in enumerate(nodes["name"])}
    for n in graph:
        i = at[n.name]
        assert data["ops"][nodes["op"][i]] == n.type
        assert [data["tensors"][t][0] for t in nodes["out"][i]] == [t.dtype.base_dtype.name for t in n.outputs]
        sources = [s if isinstance(s, list) else [s, 0] for s in nodes["in"][i]]
        assert sources == [[at[t.op.name], t.value_index] for t in n.inputs]
        assert len(data["args"][nodes["args"][i]]) == len(n.inputs)
        assert dict(data["attrs"][nodes["attrs"][i]]).keys() == n.attrs.keys()
    members = [m for g in data["groups"] for m in g[3] if m >= 0]
    assert sorted(members) == list(range(len(graph)))


def test_a_shared_variable_lists_its_users_and_lines() -> None:
    data = data_in(to_html(spec("image_filters")))
    facts = data["variables"][str(data["nodes"]["name"].index("image_filters/conv1/weights"))]
    assert [made for _, _, made, _, _ in facts["uses"]] == [True, False]
    calls = [(function, data["places"][at][1].strip()) for *_, [[function, at]] in facts["uses"]]
    assert calls == [("my_image_filter", "- result1: my_image_filter(image1)"),
                     ("my_image_filter", "- result2: my_image_filter(image2)")]
    names = [data["nodes"]["name"][i] for i in facts["read"]]
    assert names == ["image_filters/conv1/conv", "image_filters/conv1_1/conv"]
    assert "image_filters.yaml:23" in data["places"][facts["uses"][0][1]][0]


def test_what_is_hidden_is_there_and_marked() -> None:
    data = data_in(to_html(spec("line")))
    owner = dict(zip(data["nodes"]["name"], data["nodes"]["owner"]))
    at = data["nodes"]["name"].index
    assert owner["w/Assign"] == -1 and owner["w/read"] == at("w") and owner["w"] == at("w")
    assert data["look"]["everything"] is False


def test_some_nodes_only() -> None:
    built = spec("image_filters")
    inside = {n for n in built.graph if n.name.startswith("image_filters/conv1/")}
    data = data_in(to_html(built, inside))
    assert len(data["nodes"]["name"]) == len(inside)
    assert "image1" in [s for row in data["nodes"]["in"] for s in row]


@pytest.mark.parametrize("name", sorted(p.stem for p in CORPUS.glob("*.yaml") if not p.stem.startswith("error_")))
def test_every_graph_has_its_page(name: str) -> None:
    built = load_spec(CORPUS / f"{name}.yaml").default
    assert data_in(to_html(built))["nodes"]["name"] == [n.name for n in built.graph]


def test_an_unpaired_surrogate_is_an_escape() -> None:
    assert json.loads(json_for_script({"a": "\ud800"}).encode("utf-8", "backslashreplace")) == {"a": "\ud800"}


def test_viz_says_how_it_looks_at_first(invoke: Any, tmp_path: Path) -> None:
    path = tmp_path / "rnn.html"
    flags = ["--all", "--depth", "2", "--boxes", "30", "--color-by", "op", "--direction", "up", "--theme", "dark",
             "--no-legend", "--series", "0"]
    assert invoke("viz", str(SPECS / "rnn.yaml"), "-o", str(path), *flags).code == 0
    data = data_in(path.read_bytes())
    assert data["look"] == {"everything": True, "depth": 2, "boxes": 30, "color_by": "op", "direction": "up",
                            "theme": "dark", "legend": False}
    assert {kind for _, _, kind, _ in data["groups"]} == {"scope"}


def test_viz_writes_it(invoke: Any, tmp_path: Path) -> None:
    path = tmp_path / "pair.html"
    result = invoke("viz", str(SPECS / "two_graphs.yaml"), "--graph", "to_celsius", "--set", "factor=1.5",
                    "-o", str(path))
    assert result.code == 0, result.err
    data = data_in(path.read_bytes())
    assert data["graph"] == "to_celsius"
    assert data["look"] == {"everything": False, "depth": None, "boxes": 60, "color_by": "kind", "direction": "",
                            "theme": "auto", "legend": True}
    assert data["command"] == [str(SPECS / "two_graphs.yaml"), " --set=factor=1.5 --graph=to_celsius"]
