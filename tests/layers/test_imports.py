"""Imports tell the truth: each layer imports only what is below it, and start-up stays light."""
from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parents[2] / "graphcli"

# From the top down. Layers in one row are siblings and may not import each other.
ROWS = [
    ["__main__"],
    ["cli"],
    ["spec", "formats"],
    ["training"],
    ["engine"],
    ["tf1"],
    ["autodiff"],
    ["passes", "analysis"],
    ["ops"],
    ["graphdef"],
    ["graph"],
    ["wire"],
    ["errors"],
    ["source", "record", "uncollected", "wording"],
]
LEVEL = {layer: level for level, row in enumerate(ROWS) for layer in row}
# spec and formats say what a graph is; what runs it is none of their business.
FORBIDDEN = {("spec", "engine"), ("formats", "engine"), ("spec", "training"), ("formats", "training")}
# The package's front door: exports from any layer, imports them when asked for.
FREE = {"__init__", "api", "drawing"}


def layer_of(path: Path) -> str:
    parts = path.relative_to(PACKAGE).parts
    return parts[0] if len(parts) > 1 else path.stem


def imported_layers(path: Path) -> list[tuple[int, str]]:
    """(line, layer) of every import of this package, at any depth of the file, typing ones apart."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    typing_only = {
        id(node)
        for branch in ast.walk(tree)
        if isinstance(branch, ast.If) and "TYPE_CHECKING" in ast.dump(branch.test)
        for statement in branch.body
        for node in ast.walk(statement)
    }
    package = ["graphcli", *path.relative_to(PACKAGE).parts[:-1]]
    found = []
    for node in ast.walk(tree):
        if id(node) in typing_only:
            continue
        if isinstance(node, ast.Import):
            names = [alias.name.split(".") for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            base = package[:len(package) - node.level + 1] if node.level else []
            base = base + (node.module.split(".") if node.module else [])
            names = [[*base, alias.name] for alias in node.names]
        else:
            continue
        for name in names:
            if name[0] == "graphcli" and len(name) > 1 and name[1] in LEVEL:
                found.append((node.lineno, name[1]))
    return found


def violations() -> list[str]:
    bad = []
    for path in sorted(PACKAGE.rglob("*.py")):
        layer = layer_of(path)
        if layer in FREE:
            continue
        where = path.relative_to(PACKAGE.parent)
        if layer not in LEVEL:
            bad.append(f"{where}: '{layer}' is in no layer")
            continue
        for line, other in imported_layers(path):
            if other == layer:
                continue
            if LEVEL[other] <= LEVEL[layer] or (layer, other) in FORBIDDEN:
                bad.append(f"{where}:{line}: {layer} imports {other}")
    return bad


def test_imports_point_downward() -> None:
    assert violations() == []


def modules_after(*command: str) -> set[str]:
    code = (
        "import sys\n"
        "from graphcli.cli.main import main\n"
        f"sys.argv = ['graphcli', *{list(command)!r}]\n"
        "status = main()\n"
        "assert not status, status\n"
        "print('\\n'.join(['MODULES', *sys.modules]))\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True,
                          cwd=PACKAGE.parent, timeout=60, check=False)
    assert done.returncode == 0, done.stderr
    return {name.split(".")[0] for name in done.stdout.partition("MODULES\n")[2].split()}


@pytest.mark.parametrize("command", [["--help"], ["--version"], ["run", "--help"]], ids=" ".join)
def test_help_is_light(command: list[str]) -> None:
    heavy = {"numpy", "yaml", "graphviz", "graphviz_pure", "google", "ml_dtypes", "rich"}
    assert modules_after(*command) & heavy == set()


def test_checking_a_spec_draws_nothing() -> None:
    heavy = {"graphviz", "graphviz_pure", "google"}
    assert modules_after("check", "specs/line.yaml") & heavy == set()


def test_the_package_says_that_it_is_typed() -> None:
    assert (PACKAGE / "py.typed").exists()


def test_a_run_waits_for_no_code_that_is_written_while_it_starts() -> None:
    """``dataclass`` compiles the methods of each class; what a run needs are records."""
    modules = modules_after("run", "specs/line.yaml", "--fetch", "loss")
    assert modules & {"dataclasses", "rich", "graphviz", "google", "ml_dtypes", "threadpoolctl"} == set()
