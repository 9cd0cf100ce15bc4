"""Writes misfits.txt: what TensorFlow refuses when it is built, of the table's rows with inputs that do not fit.

    python tests/ops/record_misfits.py        # in an environment with TensorFlow

A line per row: its key, and after a colon each misfit (the input, how it differs) that is refused.
"""
from __future__ import annotations

import sys
from pathlib import Path

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE.parent.parent))

from tests.ops import misfits, record_answers  # noqa: E402


def main() -> None:
    side = record_answers.theirs()
    lines = []
    for row in misfits.rows():
        told = [m.key for m in misfits.misfits(row) if misfits.refused(side.tf, side.raw, m)]
        lines.append(f"{row.key}: {', '.join(told)}".rstrip())
    (HERE / "misfits.txt").write_text("\n".join(lines) + "\n")


if __name__ == "__main__":
    main()
