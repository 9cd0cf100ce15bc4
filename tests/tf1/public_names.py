"""Which public names TensorFlow has that graphcli.tf1 has not.

    python tests/tf1/public_names.py NAMES.json       # where TensorFlow is, 1.15 or later: writes its names down
    python -m tests.tf1.public_names NAMES.json       # where it is not: what is missing here, by module
"""
from __future__ import annotations

import inspect
import json
import sys
from collections import defaultdict
from importlib.util import find_spec
from pathlib import Path
from typing import Any

BESIDE = set("keras estimator contrib lite tpu compat app flags distribute autograph profiler mlir tools core python "
             "experimental compiler examples mixed_precision raw_ops pywrap_tensorflow types xla config "
             "resource_loader".split())
"""Modules that are absent by design, are looked at elsewhere, or are of TensorFlow's own workings."""


def public(tf: Any) -> dict[str, str]:
    """Each public name below ``tf``: a class, a function or a value."""
    found: dict[str, str] = {}
    seen: set[int] = set()

    def walk(module: Any, path: str) -> None:
        seen.add(id(module))
        for name in dir(module):
            value, whole = getattr(module, name, None), f"{path}.{name}" if path else name
            if name.startswith("_") or whole.split(".")[0] in BESIDE:
                continue
            if not inspect.ismodule(value):
                found[whole] = "class" if inspect.isclass(value) else "function" if callable(value) else "value"
            elif id(value) not in seen and "tensorflow" in (getattr(value, "__file__", None) or ""):
                walk(value, whole)

    walk(tf, "")
    return found


def missing(names: dict[str, str]) -> dict[str, list[str]]:
    """The names that are not here, by their module."""
    from graphcli.tf1.absent import Absent
    from graphcli.tf1.modules import modules

    out: dict[str, list[str]] = defaultdict(list)
    for whole, kind in sorted(names.items()):
        module, _, name = whole.rpartition(".")
        here = modules.get(module or "tf")
        try:
            found = here is not None and not isinstance(getattr(here, name), Absent)
        except (AttributeError, ImportError):
            found = False
        if not found:
            out[module or "tf"].append(name + ("()" if kind == "function" else ""))
    return out


def main() -> None:
    path = Path(sys.argv[1])
    if find_spec("tensorflow") is None:
        lacking = missing(json.loads(path.read_text()))
        for module, names in lacking.items():
            print(f"{module}: {' '.join(names)}")
        print(sum(map(len, lacking.values())), "names")
        return
    import tensorflow  # type: ignore[import-not-found,unused-ignore]

    later = not tensorflow.__version__.startswith("1.")
    path.write_text(json.dumps(public(tensorflow.compat.v1 if later else tensorflow), indent=0, sort_keys=True))


if __name__ == "__main__":
    main()
