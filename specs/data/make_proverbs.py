"""Makes proverbs.npz: a text letter by letter, for specs/char_rnn.yaml.

    bible -f pr1:1-pr31:31 | python specs/data/make_proverbs.py      # the program of Debian's package bible-kjv

The text is the Book of Proverbs in the King James Version of 1611, in the public domain, as Debian's package
bible-kjv-text has it: one verse to a line, the place first (``Prv1:7 The fear of the LORD is ...``), which is left out.

proverbs.npz: ``text`` and ``held_out``, rows of 65 letters, each letter as its place in the alphabet of the spec;
rows go on where the row before them ends. Held out are the last tenth: chapters 29 to 31, and some of 28.
"""
from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import yaml

ROW = 65
HELD_OUT = 10
HERE = Path(__file__).parent


def main() -> None:
    text = "".join(line.partition(" ")[2] for line in sys.stdin)
    alphabet = yaml.safe_load((HERE.parent / "char_rnn.yaml").read_text())["params"]["alphabet"]
    if sorted(set(text)) != list(alphabet):
        sys.exit(f"the alphabet of this text is {''.join(sorted(set(text)))!r}")
    letters = np.array([alphabet.index(c) for c in text], np.uint8)
    rows = letters[:len(letters) // ROW * ROW].reshape(-1, ROW)
    held_out = len(rows) // HELD_OUT
    np.savez_compressed(HERE / "proverbs.npz", text=rows[:-held_out], held_out=rows[-held_out:])
    print(f"{len(text)} letters of {len(alphabet)}, {len(rows)} rows, {held_out} held out")


if __name__ == "__main__":
    main()
