"""The pictures of some specs as DOT, Mermaid and text, word for word.

    python tests/formats/picture/goldens.py      # writes them as the program draws them now; read the diff
"""
from __future__ import annotations

import sys
from pathlib import Path

HERE = Path(__file__).parent
ROOT = HERE.parents[2]

# file -> arguments of viz
GOLDENS = {
    "line.dot": ("specs/line.yaml",),
    "image_filters.dot": ("specs/image_filters.yaml", "--depth", "1"),
    "devices.dot": ("specs/devices.yaml", "--color-by", "device", "--theme", "dark", "--direction", "right"),
    "line.mmd": ("specs/line.yaml", "--fetch", "out"),
    "rnn.mmd": ("specs/rnn.yaml",),
    "siamese.mmd": ("specs/siamese.yaml", "--color-by", "memory", "--theme", "dark", "--no-legend"),
    "line.txt": ("specs/line.yaml",),
    "rnn.txt": ("specs/rnn.yaml",),
    "rnn_unfolded.txt": ("specs/rnn.yaml", "--series", "0", "--fetch", "parity"),
    "image_filters.txt": ("specs/image_filters.yaml",),
    "digits_conv_flow.txt": ("specs/digits_conv.yaml", "--fetch", "accuracy"),
    "loop.txt": ("tests/oracle/cases/flow_while.yaml", "--fetch", "total"),
}
FORMATS = {".dot": "dot", ".mmd": "mermaid", ".txt": "text"}


def told(name: str) -> str:
    """What the program draws now."""
    from tests.conftest import run

    result = run("viz", *GOLDENS[name], "-o", "-", "--format", FORMATS[Path(name).suffix], cwd=ROOT)
    assert result.code == 0, result.err
    return result.out


if __name__ == "__main__":
    sys.path.insert(0, str(ROOT))
    (HERE / "golden").mkdir(exist_ok=True)
    for name in GOLDENS:
        (HERE / "golden" / name).write_text(told(name), encoding="utf-8")
