"""Of a text that is no YAML from some place on, no error is told that follows from the break."""
from __future__ import annotations

from pathlib import Path

import pytest

from graphcli.errors import GraphError
from graphcli.source import Source
from graphcli.spec import load_spec

ROOT = Path(__file__).parents[2]
SPECS = [p for p in sorted((ROOT / "specs").glob("*.yaml")) + sorted((ROOT / "tests/oracle/cases").glob("*.yaml"))
         if "refused" not in p.stem and not p.stem.startswith("error_")]
BREAKS = ("{indent}bad: [1, 2}}", " it's 'a", "@x", " {indent}q: 1", '{indent}"x": y": 2', "{line} '", "\t{line}",
          "- x", "- {{a: 1")


@pytest.mark.parametrize("path", SPECS, ids=lambda p: p.stem)
def test_what_stands_before_a_break_is_not_blamed_for_it(path: Path) -> None:
    lines = path.read_text(encoding="utf-8").split("\n")
    start = next(i for i, line in enumerate(lines) if line and line[0] != "#")
    broke = 0
    for number, how in enumerate(BREAKS):
        at = start + (len(lines) - start) * number // len(BREAKS)
        line = lines[at]
        broken = how.format(line=line, indent=line[: len(line) - len(line.lstrip())])
        try:
            load_spec(Source(str(path), "\n".join([*lines[:at], broken, *lines[at:]])))
        except GraphError as error:
            told = error.errors()
        else:
            continue
        if any("not YAML" in e.message or "a tab" in e.message for e in told):
            broke += 1
            assert [e.render() for e in told if "not YAML" not in e.message and e.span and e.span.line <= at] == []
    assert broke > 2
