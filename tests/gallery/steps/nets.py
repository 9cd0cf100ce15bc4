"""The nets of the gallery, the rows of their first steps, and what of a variable is recorded. numpy alone."""
from __future__ import annotations

import csv
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

ROOT = Path(__file__).parents[3]
STEPS = 3
WHOLE = 48
"""Elements up to which a variable is recorded as it is."""


@dataclass(frozen=True)
class Net:
    """name: of the record. maps: input -> array of the data's file, as --feed-map has it. feeds: the same each step."""

    name: str
    spec: str
    graph: str | None = None
    data: str | None = None
    maps: dict[str, str] = field(default_factory=dict)
    batch: int = 32
    feeds: dict[str, float] = field(default_factory=dict)

    def rows(self) -> dict[str, Any]:
        """Input -> all rows of it."""
        if self.data is None:
            return {}
        path = ROOT / "specs" / "data" / self.data
        if path.suffix == ".npz":
            with np.load(path) as arrays:
                return {k: arrays[v] for k, v in self.maps.items()}
        with open(path, encoding="utf-8") as file:
            table = list(csv.DictReader(file))
        return {k: np.array([[float(r[c]) for c in v.split("+")] for r in table]) for k, v in self.maps.items()}


DIGITS = {"images": "train_images", "labels": "train_labels"}
NETS = [
    Net("mlp", "train_digits", "mlp", "digits.npz", DIGITS, feeds={"keep_prob": 0.8}),
    Net("conv", "train_digits", "conv", "digits.npz", DIGITS),
    Net("word2vec", "word2vec", None, "words.npz", {"text": "text"}, 16),
    Net("xor", "xor", None, "xor.csv", {"x": "a+b", "y": "xor"}),
    Net("regression", "regression", None, "heights.csv",
        {"parents": "father+mother", "son": "son", "height": "child"}, 934),
    Net("adding", "adding"),
    Net("batch_norm", "batch_norm", "told", "digits.npz", DIGITS, feeds={"training": True}),
    Net("batch_norm_forgotten", "batch_norm", "forgotten", "digits.npz", DIGITS, feeds={"training": True}),
    Net("autoencoder", "autoencoder", None, "digits.npz", {"images": "train_images"}),
    Net("gan", "gan"),
    Net("towers", "towers", None, "digits.npz", DIGITS, 64),
    Net("char_rnn", "char_rnn", None, "proverbs.npz", {"text": "text"}, 16),
]


def digest(value: Any, at: list[int] | None = None) -> dict[str, Any]:
    """All of a small array; of a large one its norm, its sum with signs that mix the places, and its largest elements.

    One wrong element shows in the norm or the sum, one in a wrong place in the sum. at: the places to look at, those
    of the largest elements if None.
    """
    flat = np.asarray(value, np.float64).reshape(-1)
    if flat.size <= WHOLE:
        return {"values": [_short(v) for v in flat]}
    mixed = np.arange(flat.size, dtype=np.uint64) * np.uint64(2654435761) >> np.uint64(13)
    signs = np.where(mixed & np.uint64(1), -1.0, 1.0)
    if at is None:
        at = np.sort(np.argsort(-np.abs(flat), kind="stable")[:8]).tolist()
    return {"norm": _short(np.linalg.norm(flat)), "sum": _short(flat @ signs), "at": at,
            "values": [_short(v) for v in flat[at]]}


def _short(value: float) -> float:
    return float(f"{value:.9g}")
