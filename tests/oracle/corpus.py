"""The corpus: specs with TensorFlow's recorded answers, and how ours are compared with them."""
from __future__ import annotations

import base64
import json
import math
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

FOLDERS = (Path(__file__).parent / "cases", Path(__file__).parent / "more")


@dataclass
class Case:
    """One graph of one spec, and what TensorFlow answered for it."""

    id: str
    path: Path
    graph: str | None
    expected: dict[str, Any]
    params: dict[str, Any] = field(default_factory=dict)


def cases() -> list[Case]:
    """Every graph of the corpus, refused specs included."""
    out = []
    for path in sorted(p for folder in FOLDERS for p in folder.glob("*.expected.json")):
        name = path.name.removesuffix(".expected.json")
        answer = json.loads(path.read_text(encoding="utf-8"))
        spec = path.with_name(f"{name}.yaml")
        params = answer.get("set", {})
        if "graphs" in answer:
            out += [Case(f"{name}-{g}", spec, g, part, params) for g, part in answer["graphs"].items()]
        else:
            out.append(Case(name, spec, None, answer, params))
    return out


def forward_nodes(answer: dict[str, Any]) -> list[dict[str, Any]]:
    return [n for n in answer["nodes"] if n["forward"]]


def our_nodes(graph: Any) -> list[dict[str, Any]]:
    """Our nodes in the form of the corpus; ``forward`` is false where gradients and the like made them."""
    out = []
    for node in graph:
        entry = {"name": node.name, "op": node.type, "inputs": node.input_names(), "device": node.device,
                 "forward": node.origin is None}
        if "seed2" in node.attrs:
            entry["seeds"] = [node.attrs["seed"], node.attrs["seed2"]]
        out.append(entry)
    return out


def comparable(node: dict[str, Any], backward: set[str]) -> dict[str, Any]:
    """A node without the inputs whose names are free."""
    inputs = ["*" if i.lstrip("^").split(":")[0] in backward else i for i in node["inputs"]]
    data = [i for i in inputs if not i.startswith("^")]
    control = sorted(i for i in inputs if i.startswith("^"))
    return {**node, "inputs": data + control}


TOLERANCE = {"float64": (1e-9, 1e-12), "complex128": (1e-9, 1e-12), "float32": (1e-5, 1e-6), "complex64": (1e-5, 1e-6),
             "float16": (2e-3, 1e-3), "bfloat16": (1e-2, 1e-2)}


def decode(value: Any) -> Any:
    """A value of the corpus as Python numbers and strings."""
    if isinstance(value, list):
        return [decode(v) for v in value]
    if isinstance(value, dict):
        if set(value) == {"base64"}:
            return base64.b64decode(value["base64"])
        if set(value) == {"real", "imag"}:
            return complex(decode(value["real"]), decode(value["imag"]))
        return {k: decode(v) for k, v in value.items()}
    return {"NaN": math.nan, "Infinity": math.inf, "-Infinity": -math.inf}.get(value, value) if isinstance(
        value, str) else value


def differences(ours: Any, theirs: Any, where: str) -> list[str]:
    """What differs between a fetched value and TensorFlow's, in words."""
    if isinstance(theirs, dict) and theirs.get("random"):
        array = np.asarray(ours)
        return [] if list(array.shape) == theirs["shape"] else [f"{where}: shape {array.shape}"]
    if theirs is None:
        return [] if ours is None else [f"{where}: {ours!r} where TensorFlow gives nothing"]
    if isinstance(theirs, dict) and not set(theirs) <= {"base64", "real", "imag"}:
        if not isinstance(ours, dict) or set(ours) != set(theirs):
            return [f"{where}: {ours!r} is not a structure of {sorted(theirs)}"]
        return [d for k in theirs for d in differences(ours[k], theirs[k], f"{where}.{k}")]
    if isinstance(ours, (list, tuple)):
        if not isinstance(theirs, list) or len(ours) != len(theirs):
            return [f"{where}: {len(ours)} values, TensorFlow's are {theirs!r}"]
        return [d for i, (a, b) in enumerate(zip(ours, theirs)) for d in differences(a, b, f"{where}[{i}]")]
    array = np.asarray(ours, dtype=object if isinstance(ours, bytes) else None)  # bytes may end in zeros
    if array.dtype.kind in "OSU":
        def text(v: Any) -> Any:
            return v.decode("utf-8") if isinstance(v, bytes) and _utf8(v) else v
        flat = [text(v) for v in array.reshape(-1)]
        wanted = _flat(theirs)
        same = flat == [base64.b64decode(w["base64"]) if isinstance(w, dict) else w for w in wanted]
        return [] if same else [f"{where}: {flat!r}, TensorFlow's {wanted!r}"]
    wanted = np.asarray(decode(theirs))
    if array.shape != wanted.shape:
        return [f"{where}: shape {array.shape}, TensorFlow's {wanted.shape}"]
    if array.dtype.kind in "iub":
        return [] if np.array_equal(array, wanted) else [f"{where}: {array!r}, TensorFlow's {wanted!r}"]
    rtol, atol = TOLERANCE.get(array.dtype.name, (1e-5, 1e-6))
    wide = np.complex128 if array.dtype.kind == "c" else np.float64
    a, b = array.astype(wide), wanted.astype(wide)
    if np.allclose(a, b, rtol=rtol, atol=atol, equal_nan=True):
        return []
    worst = np.nanmax(np.abs(a - b))
    return [f"{where}: differs by up to {worst:.3g}: {str(array)[:200]}, TensorFlow's {str(wanted)[:200]}"]


def _flat(value: Any) -> list[Any]:
    return [x for v in value for x in _flat(v)] if isinstance(value, list) else [value]


def _utf8(value: bytes) -> bool:
    try:
        value.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True
