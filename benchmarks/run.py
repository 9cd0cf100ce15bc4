"""Measures what the command line and the engine promise, as ratios taken in one run.

    python benchmarks/run.py                                # Markdown to stdout
    python benchmarks/run.py -o results                     # and results.md, results.json
    python benchmarks/run.py --tensorflow PATH/TO/python    # an interpreter with TensorFlow, to compare

What is compared is measured in turn (A B A B ...), so that a machine that slows down slows both;
each figure is the median of its repetitions.
"""
from __future__ import annotations

import argparse
import json
import os
import platform
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
ENTRY = "import sys; from graphcli.cli.main import main; sys.argv[0] = 'graphcli'; sys.exit(main())"

Row = dict[str, Any]


def program() -> list[str]:
    """The installed command, or the working tree run as one."""
    installed = Path(sys.executable).parent / "graphcli"
    return [str(installed)] if installed.exists() else [sys.executable, "-c", ENTRY]


# An installed program has its bytecode beside it, whatever the environment of the benchmark says.
BYTECODE = {"PYTHONDONTWRITEBYTECODE": "",
            "PYTHONPYCACHEPREFIX": os.path.join(tempfile.gettempdir(), "graphcli-bytecode")}


def process(command: list[str], env: Mapping[str, str] = {}) -> Callable[[], float]:
    def once() -> float:
        start = time.perf_counter()
        done = subprocess.run(command, cwd=ROOT, env={**os.environ, **BYTECODE, **env}, capture_output=True,
                              check=False)
        took = time.perf_counter() - start
        if done.returncode:
            raise SystemExit(f"{command}: {done.stderr.decode()}")
        return took * 1000
    return once


def interleaved(times: int, *measures: Callable[[], float]) -> list[float]:
    """The median of each, the measures taken in turn; the first round warms up and does not count."""
    rounds = [[measure() for measure in measures] for _ in range(times + 1)][1:]
    return [statistics.median(column) for column in zip(*rounds)]


def chain(ops: int) -> str:
    """A spec of `ops` named statements: a chain of additions and products, with an activation."""
    lines = ["inputs:", "  x: {dtype: float32, shape: [8]}", "ops:", "  h0: x * 0.5"]
    forms = ("h{} + x", "h{} * x", "relu(h{})", "h{} - x", "tanh(h{})")
    lines += [f"  h{i}: " + forms[i % len(forms)].format(i - 1) for i in range(1, ops - 1)]
    return "\n".join([*lines, f"  out: h{ops - 2} + x"]) + "\n"


def row(what: str, value: float, unit: str, against: str, bound: float | None) -> Row:
    return {"what": what, "value": round(value, 3), "unit": unit, "against": against, "bound": bound,
            "ok": None if bound is None else value <= bound}


def start_up(times: int) -> list[Row]:
    bare, shown = interleaved(times, process([sys.executable, "-c", "pass"]), process([*program(), "--help"]))
    spec = ROOT / "specs" / "line.yaml"
    run = [*program(), "run", str(spec), "--fetch", "out", "--feed", "x=[[2],[4.5]]"]
    numpy, ran = interleaved(times, process([sys.executable, "-c", "import numpy"]), process(run))
    return [
        row("`graphcli --help`", shown - bare, "ms above a bare interpreter", f"{bare:.0f} ms", 60),
        row("`graphcli run specs/line.yaml --fetch out`", ran / numpy, "times `import numpy`",
            f"{numpy:.0f} ms", 2),
    ]


def completion(times: int, folder: Path) -> list[Row]:
    spec = folder / "thousand.yaml"
    spec.write_text(chain(1000))
    words = f"graphcli run {spec} --fetch h9"
    env = {"_GRAPHCLI_COMPLETE": "bash_complete", "COMP_WORDS": words, "COMP_CWORD": "4"}
    bare, completed = interleaved(times, process([sys.executable, "-c", "pass"]), process(program(), env))
    return [row("TAB after `--fetch`, 1,000 nodes", completed - bare, "ms above a bare interpreter",
                f"{bare:.0f} ms", 150)]


BUILD = """
import json, resource, sys, time
start = time.perf_counter()
import graphcli
graph = graphcli.load(sys.argv[1])
took = time.perf_counter() - start
print(json.dumps([took, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024, len(graph.graph.nodes)]))
"""

BUILD_TENSORFLOW = """
import json, sys, time
import tensorflow.compat.v1 as tf
tf.disable_v2_behavior()
start = time.perf_counter()
with tf.Graph().as_default() as graph:
    x = tf.placeholder(tf.float32, [8], name="x")
    h = tf.multiply(x, 0.5, name="h0")
    ops = int(sys.argv[1])
    forms = [lambda h, n: tf.add(h, x, name=n), lambda h, n: tf.multiply(h, x, name=n),
             lambda h, n: tf.nn.relu(h, name=n), lambda h, n: tf.subtract(h, x, name=n),
             lambda h, n: tf.tanh(h, name=n)]
    for i in range(1, ops):
        h = forms[i % 5](h, f"h{i}")
print(json.dumps([time.perf_counter() - start, len(graph.get_operations())]))
"""


def answer(command: list[str]) -> list[float]:
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    if done.returncode:
        raise SystemExit(done.stderr)
    result: list[float] = json.loads(done.stdout.splitlines()[-1])
    return result


def building(folder: Path, tensorflow: str | None) -> list[Row]:
    rows, per_op = [], {}
    for ops in (1_000, 10_000, 100_000):
        spec = folder / f"chain{ops}.yaml"
        spec.write_text(chain(ops))
        tries = [answer([sys.executable, "-c", BUILD, str(spec)]) for _ in range(3 if ops < 100_000 else 1)]
        seconds, megabytes, nodes = min(tries)
        per_op[ops] = seconds / nodes
        rows.append(row(f"reading and building {ops:,} ops", seconds, "s",
                        f"{seconds / nodes * 1e3:.3f} ms a node", 10 if ops == 100_000 else None))
        if ops == 100_000:
            rows.append(row("its peak memory", megabytes, "MB", "", 1000))
    rows.append(row("time a node, 100,000 against 10,000 ops", per_op[100_000] / per_op[10_000], "times",
                    "1 is linear", 1.3))
    if tensorflow:
        seconds, nodes = answer([tensorflow, "-c", BUILD_TENSORFLOW, "10000"])
        rows.append(row("time a node, against TensorFlow's Python API", per_op[10_000] / (seconds / nodes),
                        "times", f"{seconds / nodes * 1e3:.3f} ms a node", 1))
    return rows


def tiny_ops(times: int, folder: Path) -> list[Row]:
    import numpy as np

    import graphcli

    count = 1000
    forms = (("h{} + x", "np.add(h, x)"), ("h{} * x", "np.multiply(h, x)"), ("h{} - x", "np.subtract(h, x)"),
             ("maximum(h{}, x)", "np.maximum(h, x)"), ("tanh(h{})", "np.tanh(h)"))
    spec = ["inputs: {x: {dtype: float32, shape: [8]}}", "ops:", "  h0: x + x"]
    hand = ["def by_hand(x):", "    h = np.add(x, x)"]
    for i in range(1, count):
        ours, theirs = forms[i % len(forms)]
        spec.append(f"  h{i}: " + ours.format(i - 1))
        hand.append(f"    h = {theirs}")
    path = folder / "tiny.yaml"
    path.write_text("\n".join(spec) + "\n")
    space: dict[str, Any] = {"np": np}
    exec("\n".join([*hand, "    return h"]), space)  # straight-line code, written by this file
    by_hand = space["by_hand"]
    x = np.linspace(-0.5, 0.5, 8, dtype=np.float32)
    last = f"h{count - 1}"

    def timed(call: Callable[[], Any]) -> Callable[[], float]:
        def once() -> float:
            start = time.perf_counter()
            for _ in range(10):
                call()
            return (time.perf_counter() - start) * 100
        return once

    with graphcli.Session(graphcli.load(str(path))) as session:
        np.testing.assert_allclose(session.run(last, {"x": x}), by_hand(x), rtol=1e-5)
        hand_ms, ours_ms = interleaved(times * 3, timed(lambda: by_hand(x)),
                                       timed(lambda: session.run(last, {"x": x})))
    return [row("1,000 dependent ops on 8 floats", ours_ms / hand_ms, "times the numpy calls by hand",
                f"{hand_ms:.2f} ms", 1.5)]


def logging() -> list[Row]:
    """Nothing where tensorboardX is not installed."""
    import events

    found = events.row(3)
    return [] if found is None else [found]


def markdown(rows: list[Row], machine: str) -> str:
    lines = [f"{machine}", "", "| what | measured | | against | at most | |", "|---|--:|---|--:|--:|---|"]
    for r in rows:
        bound = "" if r["bound"] is None else f"{r['bound']:g}"
        mark = {None: "", True: "ok", False: "**over**"}[r["ok"]]
        lines.append(f"| {r['what']} | {r['value']:g} | {r['unit']} | {r['against']} | {bound} | {mark} |")
    return "\n".join(lines) + "\n"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("-o", "--out", help="writes OUT.md and OUT.json")
    parser.add_argument("--times", type=int, default=11, help="repetitions of each measure")
    parser.add_argument("--tensorflow", metavar="PYTHON", help="an interpreter that has TensorFlow")
    arguments = parser.parse_args()
    sys.path.insert(0, str(ROOT))
    folder = Path(tempfile.mkdtemp())
    from training import checkpoints, digits

    try:
        rows = start_up(arguments.times) + completion(arguments.times, folder)
        rows += building(folder, arguments.tensorflow) + tiny_ops(arguments.times, folder) + logging()
        rows += digits(arguments.times, row, arguments.tensorflow)
        rows += checkpoints(min(arguments.times, 5), folder, row, interleaved)
    finally:
        shutil.rmtree(folder)
    import numpy

    machine = f"Python {platform.python_version()}, numpy {numpy.__version__}, {os.cpu_count()} cores"
    text = markdown(rows, machine)
    print(text, end="")
    if arguments.out:
        Path(arguments.out + ".md").write_text(text)
        told = json.dumps({"machine": machine, "rows": rows}, indent=1)
        Path(arguments.out + ".json").write_text(told + "\n")
    return int(any(r["ok"] is False for r in rows))


if __name__ == "__main__":
    sys.exit(main())
