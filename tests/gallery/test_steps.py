"""The first steps of each net of the gallery are TensorFlow's: from the same seed, on the same rows (``steps/``)."""
from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import graphcli
from graphcli.wire.bundle import Bundle

from .steps.nets import NETS, ROOT, STEPS, Net, digest


def test_every_net_that_the_gallery_trains_is_here() -> None:
    pages = "".join(p.read_text(encoding="utf-8").replace("\\\n", "") for p in Path(__file__).parent.glob("*.txt"))
    trained = {(m[1], m[2]) for m in re.finditer(r"\$ graphcli train specs/(\w+)\.yaml(?: --graph (\w+))?", pages)}
    assert trained == {(net.spec, net.graph) for net in NETS}


def theirs(net: Net) -> dict[str, Any]:
    path = Path(__file__).parent / "steps" / f"{net.name}.json"
    recorded: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return recorded


def started(net: Net) -> dict[str, Any]:
    """Variables as their initializers make them."""
    with graphcli.Session(graphcli.load(ROOT / "specs" / f"{net.spec}.yaml", graph=net.graph)) as session:
        session.initialize()
        return {v.op.name: np.array(session.value(v)) for v in session.variables()}


def trained(net: Net, invoke: Any, folder: Path) -> tuple[list[float], dict[str, Any]]:
    """The losses of the first steps of ``graphcli train``, and the variables after the first."""
    flags = ["--graph", net.graph] if net.graph else []
    if net.data:
        flags += ["--data", str(ROOT / "specs" / "data" / net.data), "--batch-size", str(net.batch),
                  "--feed-map", ",".join(f"{k}={v}" for k, v in net.maps.items())]
    for name, value in net.feeds.items():
        flags += ["--feed", f"{name}={value}"]
    done = invoke("train", str(ROOT / "specs" / f"{net.spec}.yaml"), *flags, "--steps", str(STEPS), "--log-every", "1",
                  "--save", str(folder), "--save-every", "1", "--format", "json")
    assert done.code == 0, done.err
    with Bundle(str(folder / "model-1")) as bundle:
        after = {name: bundle.read(name) for name in bundle if name != "_graphcli/training"}
    return [i["loss"] for i in json.loads(done.out)["intervals"]], after


@pytest.mark.parametrize("net", NETS, ids=[n.name for n in NETS])
def test_steps_are_tensorflows(net: Net, invoke: Any, tmp_path: Path) -> None:
    expected = theirs(net)
    start = started(net)
    losses, after = trained(net, invoke, tmp_path / "run")
    assert start.keys() == after.keys() == expected["variables"].keys()
    np.testing.assert_allclose(losses, expected["losses"], rtol=1e-5)
    for name, told in expected["variables"].items():
        assert list(start[name].shape) == told["shape"]
        agree(start[name], told["start"], 2e-6, f"{name} at the start")
        agree(after[name].astype(np.float64) - start[name], told["change"], 5e-5, f"the change of {name}")


def agree(value: Any, recorded: dict[str, Any], within: float, what: str) -> None:
    """Everything within a fraction of the norm of what it belongs to."""
    ours = digest(value, recorded.get("at"))
    norm = recorded.get("norm") or float(np.linalg.norm(recorded["values"]))
    for part in ours:
        np.testing.assert_allclose(ours[part], recorded[part], rtol=0, atol=within * norm, err_msg=f"{what}: {part}")
