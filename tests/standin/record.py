"""Records what cupy has: ``python -m tests.standin.record`` where cupy is installed; a GPU is not needed.

surface.json: for each namespace its names, with the names of the parameters of functions, "ufunc" for ufuncs,
and null for what is neither.
"""
from __future__ import annotations

import inspect
import json
import re
from pathlib import Path
from typing import Any

NAMESPACES = ("", "linalg", "fft", "random", "lib.stride_tricks")


def told(value: Any, ufunc: type) -> Any:
    """How one name is recorded."""
    if isinstance(value, ufunc):
        return "ufunc"
    if isinstance(value, type) or not callable(value):
        return None
    try:
        return list(inspect.signature(value).parameters)
    except (TypeError, ValueError):
        return None


def method(value: Any) -> Any:
    """The parameters of a method, which compiled code tells in its first line: ``ndarray.max(self, axis=None)``."""
    first = (getattr(value, "__doc__", None) or "").split("\n")[0]
    if not callable(value) or not (first := re.match(r"[\w.]+\((.*)\)", first)):
        return None
    return [re.split("[=:]", part)[0].split()[-1].lstrip("*") for part in first[1].split(", ") if part != "self"]


def main() -> None:
    import cupy

    found: dict[str, Any] = {"version": cupy.__version__}
    for name in NAMESPACES:
        space = cupy
        for part in name.split(".") if name else ():
            space = getattr(space, part)
        found[name or "cupy"] = {k: told(v, cupy.ufunc) for k, v in sorted(vars(space).items())
                                 if k[0] != "_" and not inspect.ismodule(v)}
    found["ndarray"] = sorted(k for k in dir(cupy.ndarray) if k[0] != "_")
    found["dunder"] = sorted(k for k in dir(cupy.ndarray) if k[:2] == "__" and k not in dir(object))
    found["methods"] = {k: method(getattr(cupy.ndarray, k)) for k in found["ndarray"]}
    found["types"] = {k: sorted({t.split("->")[0] for t in v.types}) for k, v in vars(cupy).items()
                      if isinstance(v, cupy.ufunc)}
    found["ufunc"] = sorted(k for k in dir(cupy.ufunc) if k[0] != "_")
    Path(__file__).with_name("surface.json").write_text(json.dumps(found, indent=0) + "\n")


if __name__ == "__main__":
    main()
