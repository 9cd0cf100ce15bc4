"""What --help shows can be pasted in a clone, from the first verb that makes files to those that read them."""
from __future__ import annotations

import re
import shlex
from pathlib import Path
from typing import Any

import pytest

from graphcli.cli.main import VERBS

ROOT = Path(__file__).parents[2]
DIFFERS = 1
"""The status of ``diff`` where there is a difference."""


def examples(invoke: Any) -> list[list[str]]:
    """The words of each verb's example, those of ``train`` first, whose checkpoints and logs others look at."""
    out = []
    for verb in sorted(VERBS, key=lambda v: v != "train"):
        pages = [[verb]]
        text = invoke(verb, "--help").out
        for title in ("Parts:", "Verbs:"):
            if title in text:
                pages += [[verb, part] for part in re.findall(r"^  ([a-z]+)  ", text.partition(title)[2], re.M)]
        for page in pages:
            example = invoke(*page, "--help").out.partition("Example: graphcli ")[2]
            if example:
                # where a shell puts the output is no part of the command
                out.append(shlex.split(re.split(" >>? ", example.replace("\\\n", " "))[0]))
    return out


@pytest.mark.slow
def test_every_example_of_help_runs_as_it_stands(invoke: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "specs").symlink_to(ROOT / "specs")
    monkeypatch.chdir(tmp_path)
    found = examples(invoke)
    assert len(found) >= len(VERBS)
    for words in found:
        result = invoke(*words)
        assert result.code == (DIFFERS if words[0] == "diff" else 0), (words, result.err)
