"""The words of specs/word2vec.yaml: a real text, neighbours that make sense, training that finds them."""
from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

ROOT = Path(__file__).parents[2]
WORDS = np.load(ROOT / "specs" / "data" / "words.npz")
VOCABULARY = f"vocabulary=@{ROOT}/specs/data/words.npz:vocabulary"
SPEC = str(ROOT / "specs" / "word2vec.yaml")

KIN = {"mother", "sister", "brother", "daughter", "son", "wife", "father", "master", "servant", "brethren", "kindred"}
NUMBERS = {"two", "three", "four", "five", "six", "eight", "nine", "ten", "eleven", "twelve", "thirteen", "fourteen",
           "fifteen", "twenty", "thirty", "forty", "fifty", "sixty", "seventy", "seventh"}
PLACES = {"west", "east", "south", "eastward", "southward", "westward", "northward", "side", "sides"}
MEN = {"saul", "jonathan", "absalom", "joab", "gideon", "abimelech", "solomon", "abner", "jacob", "uriah", "samuel"}


def neighbours(invoke: Any, words: list[str], *weights: str) -> dict[str, list[str]]:
    done = invoke("run", SPEC, *weights, "--feed", VOCABULARY, "--feed", f"word={json.dumps(words)}", "--fetch", "near",
                  "--format", "json")
    assert done.code == 0, done.err
    return dict(zip(words, json.loads(done.out)["fetches"]["near"]))


def test_the_numbers_are_a_text() -> None:
    vocabulary, text = WORDS["vocabulary"], WORDS["text"]
    assert text.shape[1] == 40 and text.size > 290_000 and text.max() == len(vocabulary) - 1
    assert " ".join(vocabulary[text[0, :10]]) == "in the beginning god created the heaven and the earth"


@pytest.mark.parametrize(("word", "kind"), [("father", KIN), ("seven", NUMBERS), ("north", PLACES), ("david", MEN)])
def test_neighbours_make_sense(invoke: Any, word: str, kind: set[str]) -> None:
    found = neighbours(invoke, [word], "--feeds", str(ROOT / "specs" / "data" / "word2vec.npz"))[word]
    assert len(set(found) & kind) >= 4, found


def test_training_finds_neighbours(invoke: Any, tmp_path: Path) -> None:
    """A few epochs from nothing: most neighbours of a number are numbers by then."""
    done = invoke("train", SPEC, "--data", str(ROOT / "specs" / "data" / "words.npz"), "--batch-size", "16", "--epochs",
                  "4", "--seed", "1", "--shuffle", "--save", str(tmp_path / "run"), "--log-every", "455")
    losses = [float(line.rpartition("loss ")[2]) for line in done.out.splitlines() + done.err.splitlines()
              if "loss " in line]
    assert losses[-1] < losses[0] / 2
    found = neighbours(invoke, ["seven"], "--restore", str(tmp_path / "run"))["seven"]
    assert len(set(found) & NUMBERS) >= 3, found
