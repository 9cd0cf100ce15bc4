"""Draws the pictures of the docs: runs the `graphcli viz ... -o NAME` commands of docs/pictures.md.

    python docs/draw.py            # writes docs/pictures/NAME
    python docs/draw.py --check    # says which one is out of date
"""
from __future__ import annotations

import importlib.util
import re
import shlex
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
PAGE = ROOT / "docs" / "pictures.md"
_spec = importlib.util.spec_from_file_location("console", ROOT / "docs" / "console.py")
assert _spec is not None and _spec.loader is not None
console = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(console)

# How long a node took differs from run to run: of a picture that says it, these words are left out.
TIME = re.compile(r"[\d.]+ (?:µs|ms|s)\b")


def pictures() -> dict[str, str]:
    """The pictures of the page: file -> the command that draws it."""
    found = {}
    for block in console.FENCE.findall(PAGE.read_text(encoding="utf-8")):
        for command in console.commands(block):
            words = shlex.split(command[2:])
            if "viz" in words and "-o" in words:
                found[words[words.index("-o") + 1]] = command[2:]
    return found


def drawn() -> dict[str, bytes]:
    """The pictures as the program draws them now. The page's other commands run before, in the page's order."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        shutil.copytree(ROOT / "specs", folder / "specs")
        for block in console.FENCE.findall(PAGE.read_text(encoding="utf-8")):
            for command in console.commands(block):
                subprocess.run(["bash", "-c", command[2:]], cwd=folder, env=console.environment(folder), check=True,
                               stdin=subprocess.DEVNULL, capture_output=True, timeout=120)
        return {path: (folder / path).read_bytes() for path in pictures()}


def words(svg: bytes) -> list[str]:
    """What is written in an SVG, times left out: these are all that may differ where a run was measured."""
    texts = re.findall(r"<text[^>]*>([^<]*)</text>", svg.decode("utf-8"))
    return sorted(TIME.sub("#", t) for t in texts if not t.startswith("up to "))


def stale() -> list[str]:
    """The pictures that are not as the program draws them."""
    commands = pictures()
    out = []
    for path, data in drawn().items():
        there = ROOT / "docs" / "pictures" / path
        old = there.read_bytes() if there.exists() else b""
        if old != data and not ("--run" in commands[path] and words(old) == words(data)):
            out.append(path)
    return out


def main(arguments: list[str]) -> int:
    if "--check" in arguments:
        found = stale()
        for path in found:
            print(f"docs/pictures/{path} is out of date")
        return int(bool(found))
    wrong = stale()
    for path, data in drawn().items():
        if path in wrong:
            (ROOT / "docs" / "pictures" / path).write_bytes(data)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
