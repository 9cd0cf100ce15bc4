"""docs/json.md names the keys that the program prints, all of them and no others."""
from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]
ROWS = dict(re.findall(r"^\| `([^`]+)` \| (.*) \|$", (ROOT / "docs" / "json.md").read_text(encoding="utf-8"), re.M))
BY_NAME = {"fetches", "eval", "ops", "devices", "collections", "by_op", "bytes_by_op", "attrs", "only", "graphs",
           "functions", "tensors", "renamed", "dtypes"}
"""Objects whose own keys are names of the graph's, not the program's."""
XOR = "train specs/xor.yaml --data specs/data/xor.csv --feed-map x=a+b,y=xor"
CASES = {
    "run": ["run specs/line.yaml --fetch train,loss"],
    "run --check-gradients": ["run specs/line.yaml --check-gradients loss"],
    "train": [
        f"{XOR} --eval right --eval-data specs/data/xor.csv --steps 20 --log-every 10 --save OUT/two"],
    "scopes": ["scopes specs/siamese.yaml", "scopes specs/sharing.yaml"],
    "scopes --why": ["scopes specs/sharing.yaml --why variable_scope_y/var2_1"],
    "scopes --same": ["scopes specs/image_filters.yaml --same image_filters/conv1 image_filters/conv2"],
    "scopes --lint": ["scopes OUT/unread.yaml --lint"],
    "feeds": ["feeds specs/line.yaml --fetch out"],
    "info": ["info specs/digits_mlp.yaml"],
    "info --cost": ["info specs/digits_mlp.yaml --cost"],
    "nodes": ["nodes specs/line.yaml"],
    "node": ["node specs/line.yaml w", "node specs/xor.yaml train"],
    "collections": ["collections specs/regularizer.yaml"],
    "devices": ["devices specs/devices.yaml"],
    "check": ["check OUT/unread.yaml", "check specs/image_filters_refused.yaml"],
    "plan": ["plan specs/line.yaml --fetch loss --run", "plan specs/line.yaml --fetch out"],
    "diff": ["diff specs/digits_mlp.yaml specs/digits_conv.yaml", "diff specs/line.yaml OUT/unread.yaml"],
    "ckpt ls": ["ckpt ls OUT/one"],
    "ckpt show": ["ckpt show OUT/one"],
    "ckpt stats": ["ckpt stats OUT/one"],
    "ckpt diff": ["ckpt diff OUT/one OUT/other"],
    "ckpt rename": ["ckpt rename OUT/one -o OUT/named --map w=v"],
    "ckpt strip": ["ckpt strip OUT/one -o OUT/small"],
    "ckpt export": ["ckpt export OUT/one -o OUT/one.npz"],
    "ops": ["ops"],
    "ops NAME": ["ops relu", "ops MatMul"],
}
UNSEEN = {"run --check-gradients": {"input", "gradient", "difference", "missing", "op", "line"}}
"""Keys of what a right graph does not show: of a gradient that is off."""
ONLY_BESIDE = {"info --cost": "info", "node": "nodes"}


@pytest.fixture(scope="session")
def out(invoke: Any, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder: Path = tmp_path_factory.mktemp("json")
    (folder / "unread.yaml").write_text("variables: {v: {shape: [2]}}\nops: {y: constant(1.0)}\n")
    for name, steps in (("one", "1"), ("other", "2")):
        assert invoke("run", str(ROOT / "specs" / "line.yaml"), "--fetch", "train", "--steps", steps,
                      "--save", str(folder / name)).code == 0
    return folder


def keys(value: Any, by_name: bool = False) -> set[str]:
    if isinstance(value, list):
        return set().union(*map(keys, value))
    if not isinstance(value, dict):
        return set()
    own = set() if by_name else set(value)
    return own.union(*(keys(v, k in BY_NAME and not by_name) for k, v in value.items()))


def documented(row: str) -> set[str]:
    return set(re.findall(r'"(\w+)"', " ".join(re.findall(r"`([^`]*)`", row))))


def test_every_verb_that_prints_json_has_its_row() -> None:
    assert set(CASES) == set(ROWS)


@pytest.mark.parametrize("row", CASES)
def test_the_keys_are_those_of_the_page(row: str, invoke: Any, out: Path) -> None:
    found: set[str] = set()
    for line in CASES[row]:
        words = [w.replace("OUT", str(out)) for w in line.split()]
        result = invoke(*words, "--format", "json", cwd=ROOT)
        value = json.loads(result.out)
        found |= keys(value, row == "collections")
    told = documented(ROWS[row])
    if row in ONLY_BESIDE:
        told |= documented(ROWS[ONLY_BESIDE[row]])
    if row == "ops NAME":
        told |= documented(ROWS["ops"]) - {"calls", "ops", "module"}
    assert found | UNSEEN.get(row, set()) == told
