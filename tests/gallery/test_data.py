"""The data of the nets that the gallery trains are what their specs say."""
from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import graphcli

ROOT = Path(__file__).parents[2]
DATA = ROOT / "specs" / "data"


def test_the_letters_are_a_text_and_the_last_chapters_are_held_out() -> None:
    alphabet = graphcli.load(ROOT / "specs" / "char_rnn.yaml").params["alphabet"]
    with np.load(DATA / "proverbs.npz") as arrays:
        text, held_out = ("".join(alphabet[i] for i in arrays[k].reshape(-1)) for k in ("text", "held_out"))
        assert arrays["text"].shape[1] == arrays["held_out"].shape[1] == 65
    assert text.startswith("The proverbs of Solomon the son of David, king of Israel;\n")
    assert "Who can find a virtuous woman?" in held_out and "Who can find a virtuous woman?" not in text
    assert len(held_out) * 8 < len(text) < 73_000 and set(text) == set(alphabet)


def test_the_exact_solution_is_that_of_least_squares(invoke: Any) -> None:
    with open(DATA / "heights.csv", encoding="utf-8") as file:
        rows = np.array([[float(v) for v in r.values()] for r in csv.DictReader(file)])
    assert rows.shape == (934, 4) and rows[:, 3].mean() == pytest.approx(66.75, abs=0.01)
    columns = f"@{DATA}/heights.csv"
    done = invoke("run", str(ROOT / "specs" / "regression.yaml"), "--fetch", "exact", "--format", "json",
                  "--feed", f"parents={columns}:father+mother", "--feed", f"son={columns}:son",
                  "--feed", f"height={columns}:child")
    table = np.column_stack([np.ones(934), rows[:, :2] - [68, 64], rows[:, 2]])
    expected = np.linalg.lstsq(table, rows[:, 3:], rcond=None)[0]
    np.testing.assert_allclose(json.loads(done.out)["fetches"]["exact"], expected, rtol=1e-9)
