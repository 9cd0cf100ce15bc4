"""Documentation is run: the console blocks of a page are executed and their output compared.

    python docs/console.py README.md ...           # says which block differs, and how
    python docs/console.py --write README.md ...   # puts in what the program prints

A block is fenced as ``console``; in a .txt file the whole file is one block. A line that begins with
``$ `` is a command, one that ends in a backslash goes on in the next; what follows is what it prints,
stdout and stderr together, then ``[exit N]`` if it ended with a status other than 0.
Blocks run in a folder of their own that holds specs/ and a SavedModel, so what they write is thrown away.
"""
from __future__ import annotations

import difflib
import math
import os
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
FENCE = re.compile(r"(?<=^```console\n)(.*?)(?=^```$)", re.M | re.S)


def environment(folder: Path) -> dict[str, str]:
    programs = Path(sys.executable).parent
    if not (programs / "graphcli").exists():
        # Not installed: the working tree itself is the program.
        programs = folder / ".bin"
        programs.mkdir(exist_ok=True)
        shim = programs / "graphcli"
        shim.write_text(
            f"#!{sys.executable}\nimport sys\nsys.path[0] = {str(ROOT)!r}\nsys.argv[0] = 'graphcli'\n"
            "from graphcli.cli.main import main\nsys.exit(main())\n")
        shim.chmod(0o755)
    # Widths, colours and times must not depend on who runs it, and when.
    fixed = {"COLUMNS": "100", "NO_COLOR": "1", "TERM": "dumb", "LC_ALL": "C.UTF-8", "PYTHONUTF8": "1",
             "SOURCE_DATE_EPOCH": "1735689600"}
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("GRAPHCLI_", "FORCE_COLOR"))}
    path = os.pathsep.join([str(programs), str(Path(sys.executable).parent), kept["PATH"]])
    return {**kept, **fixed, "PATH": path}


def commands(block: str) -> list[str]:
    found: list[str] = []
    going_on = False
    for line in block.splitlines():
        if going_on:
            found[-1] += "\n" + line
        elif line.startswith("$ "):
            found.append(line)
        else:
            continue
        going_on = line.endswith("\\")
    return found


def run_block(block: str, folder: Path) -> str:
    out = []
    for command in commands(block):
        done = subprocess.run(["bash", "-c", command[2:]], cwd=folder, env=environment(folder), text=True,
                              stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                              timeout=120, check=False)
        text = "\n".join(line.rstrip() for line in done.stdout.splitlines())
        out += [command] + ([text] if text else [])
        if done.returncode:
            out.append(f"[exit {done.returncode}]")
    return "\n".join(out) + "\n"


def run_page(text: str, *, whole: bool) -> str:
    """The page with every block's output as the program prints it now."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        shutil.copytree(ROOT / "specs", folder / "specs")
        shutil.copytree(ROOT / "tests/graphdef/recorded/saved", folder / "saved_model")
        if whole:
            return run_block(text, folder)
        return FENCE.sub(lambda match: run_block(match[1], folder), text)


NUMBER = re.compile(r"-?\d+\.\d*(?:e[-+]?\d+)?")


def same(said: str, told: str) -> bool:
    """Equal but for the last digits of numbers with a point: sums round differently from CPU to CPU."""
    if said == told:
        return True
    squeezed = [" ".join(NUMBER.sub("#", text).split()) for text in (said, told)]
    pairs = zip(NUMBER.findall(said), NUMBER.findall(told), strict=False)
    return squeezed[0] == squeezed[1] and all(
        math.isclose(float(a), float(b), rel_tol=1e-5, abs_tol=1e-6) for a, b in pairs)


def check(path: Path) -> str:
    """A unified diff, empty if the page tells the truth."""
    said = path.read_text(encoding="utf-8")
    told = run_page(said, whole=path.suffix == ".txt")
    if same(said, told):
        return ""
    return "".join(difflib.unified_diff(
        said.splitlines(keepends=True), told.splitlines(keepends=True),
        f"{path.name} says", "the program prints"))


def main(arguments: list[str]) -> int:
    write = "--write" in arguments
    bad = 0
    for argument in arguments:
        if argument == "--write":
            continue
        path = Path(argument)
        if write:
            text = path.read_text(encoding="utf-8")
            path.write_text(run_page(text, whole=path.suffix == ".txt"), encoding="utf-8")
        elif difference := check(path):
            print(difference)
            bad = 1
    return bad


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
