"""What ``run --out`` writes, ``--feed`` and ``--feeds`` take."""
from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

SPEC = """
inputs:
  f: {dtype: float32, shape: [2], default: [1.5, -.inf]}
  c: {dtype: complex64, shape: [2], default: [0, 1]}
  s: {dtype: string, shape: [2], default: ["'a, b'", "''"]}
ops: {f2: f * 2, c2: "c * complex(constant(1.0), constant([0.5, -3.0]))", s2: "string_join([s, s])",
      bytes: decode_base64(constant('_w'))}
"""


@pytest.fixture
def spec(tmp_path: Path) -> Path:
    (tmp_path / "s.yaml").write_text(SPEC)
    return tmp_path


@pytest.mark.parametrize("ending", ["npy", "npz", "csv", "json"])
@pytest.mark.parametrize(("name", "value"), [("f", "[  3. -inf]"), ("c", "[0.+0.j 1.-3.j]"), ("s", "['a, ba, b' '']")])
def test_one_value(spec: Path, invoke: Any, name: str, value: str, ending: str) -> None:
    assert invoke("run", "s.yaml", "--fetch", f"{name}2", "-o", f"o.{ending}", cwd=spec).code == 0
    told = invoke("run", "s.yaml", "--fetch", name, "--feed", f"{name}=@o.{ending}", cwd=spec)
    assert (told.code, told.err) == (0, "") and told.out.endswith(f"[2]  {value}\n")


def test_several_values(spec: Path, invoke: Any) -> None:
    assert invoke("run", "s.yaml", "--fetch", "f,c,s", "-o", "o.json", cwd=spec).code == 0
    again = invoke("run", "s.yaml", "--fetch", "f,c,s", "--feeds", "o.json", "-o", "p.json", cwd=spec)
    assert again.code == 0 and (spec / "o.json").read_bytes() == (spec / "p.json").read_bytes()
    assert "-inf" in invoke("run", "s.yaml", "--fetch", "f", "--feed", "f=@o.json:f", cwd=spec).out


@pytest.mark.parametrize(("args", "said"), [
    (["--fetch", "f", "--feed", "f=@o.json"], "error: --feed f: o.json holds f, c; name one: @o.json:f\n"),
    (["--fetch", "f", "--feed", "f=@o.json:g"], "error: --feed f: o.json has no value 'g'; it holds f, c\n"),
    (["--fetch", "f", "--feed", "f=@named.json"], "error: --feed f: named.json holds f, g; name one: @named.json:f\n"),
    (["--fetch", "bytes", "-o", "b.csv"],
     "error: b.csv holds text, and a string here is none that UTF-8 has; write .npy, .npz or .json\n"),
])
def test_what_is_refused(spec: Path, invoke: Any, args: list[str], said: str) -> None:
    invoke("run", "s.yaml", "--fetch", "f,c", "-o", "o.json", cwd=spec)
    (spec / "named.json").write_text('{"f": [1, 2], "g": [3]}')
    told = invoke("run", "s.yaml", *args, cwd=spec)
    assert (told.code, told.err) == (2, said) and not (spec / "b.csv").exists()
