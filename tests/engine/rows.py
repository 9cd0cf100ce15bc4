"""Every row of the table of op types on other devices than numpy's."""
from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from graphcli.engine import Session

from ..ops import cases, check
from ..ops.test_cases import OURS, answers, close

ROWS: dict[str, list[tuple[cases.Row, str]]] = {}
for _row, _kind in cases.cases():
    ROWS.setdefault(_row.op, []).append((_row, _kind))


def off(op: str, devices: Mapping[str, Any], loose: Mapping[str, float] = {}) -> list[str]:
    """What of the rows of an op is not TensorFlow's. loose: how many times the bound a dtype may be away."""
    found = []
    for row, kind in ROWS[op]:
        wanted = answers()[f"{row.key} {kind}"]
        if "!" in wanted:
            continue
        built = check.build(OURS, row, kind)
        with Session(built.graph, devices=devices) as session:
            for before in built.before:
                session.run(before)
            got = session.run(built.ys, built.feeds)
        theirs = [x[2:] for x in wanted if x.startswith("= ")]
        for ours, line in zip(map(check.line, got), theirs, strict=row.same) if theirs else ():
            if not close(ours, line, loose.get(line.split("[")[0], 1)):
                found.append(f"{row.key} {kind}: {ours} for {line}")
    return found
