"""Writes the .stderr of every case (or of those named) as the program says it now. Read the diff."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path
from types import ModuleType

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE.parents[1]))


def load(path: Path) -> ModuleType:
    spec = importlib.util.spec_from_file_location(path.stem, path)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[path.stem] = module
    spec.loader.exec_module(module)
    return module


if __name__ == "__main__":
    cases, shell = load(HERE / "test_commands.py"), load(HERE.parent / "conftest.py")
    for name in sys.argv[1:] or cases.NAMES:
        (cases.CASES / f"{name}.stderr").write_text(cases.told(shell.run, name), encoding="utf-8")
