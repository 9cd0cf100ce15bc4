"""The pages tell the truth: console blocks print what they show, generated pages are up to date."""
from __future__ import annotations

import importlib.util
import re
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).parents[2]


def load(path: str) -> ModuleType:
    spec = importlib.util.spec_from_file_location(Path(path).stem, ROOT / path)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


PAGES = ["README.md", *sorted(str(p.relative_to(ROOT)) for p in (ROOT / "docs").glob("*.md"))]


@pytest.mark.parametrize("page", [p for p in PAGES if "```console" in (ROOT / p).read_text(encoding="utf-8")])
def test_console_blocks(page: str) -> None:
    difference = load("docs/console.py").check(ROOT / page)
    assert not difference, "\n" + difference


def test_generated_pages_are_up_to_date() -> None:
    """In a process of its own: tests of the engine register op types that are in no page."""
    done = subprocess.run([sys.executable, "docs/generate.py", "--check"], cwd=ROOT, capture_output=True, text=True,
                          check=False)
    assert done.stdout == "" and done.returncode == 0, f"{done.stdout}python docs/generate.py writes it again"


def test_links_lead_somewhere() -> None:
    missing = []
    for page in PAGES:
        for target in re.findall(r"\]\(([^)#\s]+)[^)]*\)", (ROOT / page).read_text(encoding="utf-8")):
            if "://" not in target and not (ROOT / page).parent.joinpath(target).exists():
                missing.append(f"{page}: {target}")
    assert missing == []


def test_readme_promises_two_commands() -> None:
    """.ci/run takes the first two lines of the README's `sh` blocks."""
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    blocks = [part.partition("```")[0].strip() for part in text.split("```sh\n")[1:]]
    assert len(blocks) >= 2 and all("\n" not in block for block in blocks[:2])
    assert blocks[0].startswith("pip install . && graphcli run ")
    assert blocks[1].startswith("pip install '.[test]' && pytest")


@pytest.mark.parametrize(("page", "blocks"), [("README.md", 1), ("docs/tf1.md", 1), ("docs/pictures.md", 1),
                                               ("docs/python.md", 6)])
def test_python_blocks_print_what_their_comments_say(page: str, blocks: int, tmp_path: Path) -> None:
    """The first ``blocks`` of a page, as one program."""
    text = (ROOT / page).read_text(encoding="utf-8")
    code = "".join(block.partition("```")[0] for block in text.split("```python\n")[1:blocks + 1])
    said = [line.partition("  # ")[2] for line in code.splitlines() if "  # " in line]
    (tmp_path / "specs").symlink_to(ROOT / "specs")
    done = subprocess.run([sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert said and done.stdout.splitlines() == said
