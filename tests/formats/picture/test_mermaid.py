"""Mermaid: any label stays a label, and the text holds what the picture does."""
from __future__ import annotations

import re
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from graphcli.formats.mermaid import FORMS, heading, text, to_mermaid
from graphcli.formats.picture import Arrow, Box, Frame, Options, Picture, picture, words
from graphcli.formats.picture.model import Legend
from graphcli.formats.picture.themes import KINDS
from graphcli.formats.picture.words import clean, title
from graphcli.spec import load_spec

SPECS = Path(__file__).parents[3] / "specs"
ANY = st.text(st.characters(codec="utf-8"), max_size=60) | st.text("\"'\\<>&;[]{}|-`#$\n an", max_size=30)


def shown(label: str) -> str:
    """What a reader of Mermaid makes of a label."""
    out = label.replace("<br/>", "\n").replace("\u200b", "")
    return re.sub(r"#(\d+);", lambda m: chr(int(m[1])), out)


@settings(max_examples=300, deadline=None)
@given(ANY)
def test_a_label_means_nothing_to_mermaid(label: str) -> None:
    out = text(label)
    assert not re.search(r"[\"`\\\n*_~$]|<(?!br/>)|#(?!\d+;)|\\\\n", out)
    assert shown(out) == (clean(label).replace("\u200b", "") or " ")


@settings(max_examples=100, deadline=None)
@given(ANY)
def test_no_label_adds_a_line(label: str) -> None:
    def lines(word: str) -> int:
        drawn = Picture(word, [Box("n0", title(word), "math", "math", 1, (title(word),)),
                               Box("n1", "b", "variable", "variable", None)],
                        [Arrow("n0", "n1", title(word) or "x")], [Frame(1, title(word), None, word)],
                        Legend(["math", "variable"]))
        return len(to_mermaid(drawn).splitlines())

    assert lines(label) == lines("plain")


@settings(max_examples=100, deadline=None)
@given(ANY)
def test_a_heading_is_one_line_of_yaml(label: str) -> None:
    import yaml

    assert yaml.safe_load(f"title: {heading(label)}")["title"].replace("‹", "<").replace("›", ">") == words.heading(
        label).replace("‹", "<").replace("›", ">")


def test_every_kind_has_a_form() -> None:
    assert FORMS.keys() == set(KINDS)


@pytest.mark.parametrize("name", sorted(p.stem for p in SPECS.glob("*.yaml") if "refused" not in p.stem))
def test_it_holds_what_the_picture_does(name: str) -> None:
    built = load_spec(SPECS / f"{name}.yaml").default
    drawn = picture(built, built.name, Options())
    out = to_mermaid(drawn, legend=False)
    assert out == to_mermaid(drawn, legend=False)
    assert len(re.findall(r"^ +n\d+[\[({>]", out, re.M)) == len(drawn.boxes)
    assert len(re.findall(r"^  n\d+ -\.?->?", out, re.M)) == len(drawn.arrows)
    assert out.count("subgraph ") == len(drawn.frames) == len(re.findall(r"^ +end$", out, re.M))
