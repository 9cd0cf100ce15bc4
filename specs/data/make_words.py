"""Makes words.npz: a real text as numbers, for specs/word2vec.yaml.

    bible -f gen1:1-2ki25:30 | python specs/data/make_words.py      # the program of Debian's package bible-kjv

The text is the King James Version of 1611, in the public domain, from Genesis to the Second Book of Kings, as
Debian's package bible-kjv-text has it: one verse to a line, the place first (``Ge1:1 In the beginning ...``).

words.npz: ``vocabulary``, the words in lower case, the most frequent first, words that occur fewer than 12 times
all as ``*`` at 0; ``text``, the numbers of the words in lines of 40. The vocabulary read by the numbers gives the
text back, but for the rare words.
"""
from __future__ import annotations

import re
import sys
from collections import Counter
from pathlib import Path

import numpy as np

LEAST = 12
LINE = 40


def main() -> None:
    verses = [line.partition(" ")[2] for line in sys.stdin]
    words = re.findall(r"[a-z]+(?:'[a-z]+)?", " ".join(verses).lower())
    counts = Counter(words)
    known = [w for w, n in sorted(counts.items(), key=lambda item: (-item[1], item[0])) if n >= LEAST]
    number = {w: i for i, w in enumerate(known, 1)}
    text = np.array([number.get(w, 0) for w in words], np.int16)
    rows = len(text) // LINE
    np.savez_compressed(Path(__file__).parent / "words.npz", text=text[:rows * LINE].reshape(rows, LINE),
                        vocabulary=np.array(["*", *known]))
    print(f"{len(words)} words, {len(known) + 1} in the vocabulary, {rows} lines")


if __name__ == "__main__":
    main()
