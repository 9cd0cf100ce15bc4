"""Ragged tensors in a spec are made, fed and fetched as one value."""
from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner

from graphcli.cli.main import cli

SPEC = """
graph: rows
ops:
  made: ragged.constant([[1, 2], [], [3]])
  part: made[1:, :1]
  twice: RaggedTensor.from_row_splits([1.0, 2.5], [0, 2, 2]) * 2.0
  total: reduce_sum(made, axis=1)
  fed: ragged.placeholder(float32, 1)
  codes: strings.unicode_decode(['aé'], 'UTF-8')
"""


@pytest.mark.parametrize(("args", "shown"), [
    (["--fetch", "made"], "made  int32 [3, ?]  [[1, 2], [], [3]]\n"),
    (["--fetch", "part"], "part  int32 [2, ?]  [[], [3]]\n"),
    (["--fetch", "twice"], "twice  float32 [2, ?]  [[2.0, 5.0], []]\n"),
    (["--fetch", "total"], "total  int32 [3]  [3 0 3]\n"),
    (["--fetch", "codes"], "codes  int32 [1, ?]  [[97, 233]]\n"),
    (["--fetch", "fed", "--feed", "fed=[[0.1], [], [2]]"], "fed  float32 [3, ?]  [[0.1], [], [2.0]]\n"),
    (["--fetch", "made", "--format", "json"], '{"fetches": {"made": [[1, 2], [], [3]]}}\n'),
])
def test_ragged_tensor_is_fed_and_fetched_as_rows(args: list[str], shown: str, tmp_path: Path) -> None:
    path = tmp_path / "rows.yaml"
    path.write_text(SPEC, encoding="utf-8")
    result = CliRunner().invoke(cli, ["run", str(path), *args])
    assert result.output == shown
