"""Writes edges.txt: what TensorFlow makes of ops at their edges (edges.py).

    python tests/ops/record_edges.py        # in an environment with TensorFlow
"""
from __future__ import annotations

import sys
from pathlib import Path

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE.parent.parent))

from tests.ops import edges, record_answers  # noqa: E402


def main() -> None:
    side = record_answers.theirs()
    blocks = ["\n".join([edge.key, *edges.answer(side, edge)]) for edge in edges.edges()]
    (HERE / "edges.txt").write_text("\n\n".join(blocks) + "\n")


if __name__ == "__main__":
    main()
