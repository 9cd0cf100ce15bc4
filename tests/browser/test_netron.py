"""Netron, by the server of its own package, opens the GraphDef that export writes."""
from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from graphcli.spec import load_spec

SPECS = Path(__file__).parents[2] / "specs"


@pytest.fixture
def serve() -> Iterator[Any]:
    """Serves a model file on loopback: its address."""
    netron = pytest.importorskip("netron", reason="no netron: pip install '.[test]'")
    started = []

    def serve(path: Path) -> str:
        host, port = netron.serve(str(path), address=("127.0.0.1", None))
        started.append((host, port))
        return f"http://{host}:{port}/"

    yield serve
    for address in started:
        netron.stop(address)


@pytest.mark.parametrize("name", ["digits_mlp", "image_filters"])
def test_netron_draws_the_ops(invoke: Any, serve: Any, open_page: Any, tmp_path: Path, name: str) -> None:
    model = tmp_path / f"{name}.pb"
    result = invoke("export", str(SPECS / f"{name}.yaml"), "-o", str(model))
    assert result.code == 0, result.err
    page = open_page(serve(model)).page
    page.locator("#message-button").click()
    page.locator("g.node").first.wait_for()
    # one by one: Netron takes eval away, which the plural needs
    texts = page.locator("g.node-item text")
    drawn = [texts.nth(i).text_content() for i in range(texts.count())]
    graph = load_spec(SPECS / f"{name}.yaml").default.graph
    # inputs are drawn by their names; constants stand in what reads them
    expected = {n.name if n.type == "Placeholder" else n.type for n in graph if n.type != "Const"}
    assert expected <= set(drawn)
    for kind in ("VariableV2", "Relu", "MatMul", "Conv2D"):
        assert drawn.count(kind) == sum(n.type == kind for n in graph), kind
