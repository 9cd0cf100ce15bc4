"""Single calls: TensorFlow's recorded refusals, dtypes and static shapes (calls.txt, written by record_calls.py)."""
from __future__ import annotations

from pathlib import Path

import pytest

from graphcli.errors import GraphError
from graphcli.graph.graph import Tensor
from graphcli.spec import load_spec

HERE = Path(__file__).parent
LINES = [line.rpartition(" | ") for line in (HERE / "calls.txt").read_text().splitlines()]


@pytest.mark.parametrize(("expression", "wanted"), [(e, w) for e, _, w in LINES], ids=[e for e, _, _ in LINES])
def test_a_call_is_refused_or_gives_what_tensorflow_says(expression: str, wanted: str, tmp_path: Path) -> None:
    path = tmp_path / "calls.yaml"
    path.write_text((HERE / "calls.yaml").read_text() + "- r: '" + expression.replace("'", "''") + "'\n")
    if wanted == "refused":
        with pytest.raises(GraphError):
            load_spec(path)
        return
    made = dict(next(iter(load_spec(path).graphs.values())).flat_handles())["r"]
    if wanted != "taken":
        assert isinstance(made, Tensor)
        sizes = "?" if made.static is None else "[" + ", ".join("?" if s is None else str(s) for s in made.static) + "]"
        assert f"{made.dtype.base_dtype.name} {sizes}" == wanted
