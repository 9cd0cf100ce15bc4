"""``gpu``: the module cupy for a test, the real one where there is a GPU, else what stands in for it."""
from __future__ import annotations

import importlib
import sys
from functools import cache
from pathlib import Path
from typing import Any

STANDIN = Path(__file__).parents[1] / "standin"


@cache
def real() -> bool:
    """Whether this machine has cupy and a GPU."""
    try:
        import cupy
    except ImportError:
        return False
    try:
        return bool(cupy.cuda.runtime.getDeviceCount())
    except cupy.cuda.runtime.CUDARuntimeError:
        return False


@cache
def modules() -> dict[str, Any]:
    """The modules of the stand-in by name; none of them stays behind."""
    before = {k: sys.modules.pop(k) for k in list(sys.modules) if k.split(".")[0] == "cupy"}
    sys.path.insert(0, str(STANDIN))
    try:
        importlib.import_module("cupy")
        return {k: sys.modules.pop(k) for k in list(sys.modules) if k.split(".")[0] == "cupy"}
    finally:
        sys.path.remove(str(STANDIN))
        sys.modules.update(before)
