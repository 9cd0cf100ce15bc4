"""Writes partial.txt: the shapes that TensorFlow infers of rows whose inputs are told in part.

    python tests/ops/record_partial.py        # in an environment with TensorFlow

A line per row: its key, and after a colon what is said of each case of partial.py, between ``|``.
"""
from __future__ import annotations

import sys
from pathlib import Path

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE.parent.parent))

from tests.ops import partial, record_answers  # noqa: E402


def main() -> None:
    side = record_answers.theirs()
    lines = []
    for row in partial.rows():
        told = [partial.shapes(side, row, inputs) for inputs in partial.drawn(row)]
        lines.append(f"{row.key}: {' | '.join(told)}")
    (HERE / "partial.txt").write_text("\n".join(lines) + "\n")


if __name__ == "__main__":
    main()
