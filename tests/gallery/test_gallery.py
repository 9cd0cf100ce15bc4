"""Each spec of the gallery does what its page here shows.

``NAME.txt`` belongs to ``specs/NAME.yaml``: commands and all that they print. To put in what the
program prints now: ``python docs/console.py --write tests/gallery/*.txt``, and read the diff.
"""
from __future__ import annotations

import importlib.util
import json
import shlex
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SPECS = sorted(p.stem for p in (ROOT / "specs").glob("*.yaml"))

_module = importlib.util.spec_from_file_location("console", ROOT / "docs" / "console.py")
assert _module is not None and _module.loader is not None
console = importlib.util.module_from_spec(_module)
_module.loader.exec_module(console)


@pytest.mark.parametrize("name", SPECS)
def test_output(name: str) -> None:
    difference = console.check(ROOT / "tests" / "gallery" / f"{name}.txt")
    assert not difference, "\n" + difference


def test_no_page_without_a_spec() -> None:
    assert sorted(p.stem for p in Path(__file__).parent.glob("*.txt")) == SPECS


@pytest.mark.parametrize("name", SPECS)
def test_comment_teaches(name: str) -> None:
    """A spec begins with a comment, and every command in it is one that its page runs."""
    text = (ROOT / "specs" / f"{name}.yaml").read_text(encoding="utf-8")
    comment = []
    for line in text.splitlines():
        if not line.startswith("#"):
            break
        comment.append(line[1:].strip())
    assert len(comment) >= 3
    joined = "\n".join(comment).replace("\\\n", "")
    promised = [" ".join(shlex.split(c)) for c in joined.splitlines() if c.startswith("graphcli ")]
    page = (ROOT / "tests" / "gallery" / f"{name}.txt").read_text(encoding="utf-8").replace("\\\n", "")
    run = [" ".join(shlex.split(c[2:])) for c in page.splitlines() if c.startswith("$ ")]
    assert promised and set(promised) <= set(run)


@pytest.mark.parametrize(("name", "at_least"), [("digits_mlp", 0.97), ("digits_conv", 0.97)])
def test_digits_are_read(name: str, at_least: float, tmp_path: Path) -> None:
    """500 real images that no training step has seen."""
    command = ["graphcli", "run", f"specs/{name}.yaml", "--fetch", "accuracy", "--format", "json",
               "--feeds", f"specs/data/{name}.npz",
               "--feed", "images=@specs/data/digits.npz:test_images",
               "--feed", "labels=@specs/data/digits.npz:test_labels"]
    done = subprocess.run(command, cwd=ROOT, env=console.environment(tmp_path), capture_output=True,
                          text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["fetches"]["accuracy"] > at_least


def test_shipped_data_is_what_it_says() -> None:
    import numpy as np

    with np.load(ROOT / "specs" / "data" / "digits.npz") as data:
        assert data["train_images"].shape == (1297, 8, 8) and data["test_images"].shape == (500, 8, 8)
        assert data["train_images"].max() == 16 and set(data["test_labels"]) == set(range(10))
        held_out = {image.tobytes() for image in data["test_images"]}
        assert not any(image.tobytes() in held_out for image in data["train_images"])
    assert sum(p.stat().st_size for p in (ROOT / "specs").rglob("*") if p.is_file()) < 1_000_000
