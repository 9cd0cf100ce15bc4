"""Start-up, completion, reading and building: the command line's own promises, and whole processes."""
from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
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


def row(what: str, value: float, unit: str, against: str, bound: float | None, least: bool = False) -> Row:
    """A figure; ``bound`` is the most that it may be, or the least."""
    ok = None if bound is None else value >= bound if least else value <= bound
    return {"what": what, "value": round(value, 3), "unit": unit, "against": against, "bound": bound,
            "least": least, "ok": ok}


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


PLAN = """
import json, sys, time
import numpy as np
import graphcli.tf1 as tf

def gradient(x, count):
    y = x
    for _ in range(count):
        y = tf.tanh(y * x + 1.0)
    return tf.gradients(y, x)

def assignments(x, count):
    variable = tf.Variable(tf.zeros([8]))
    last = [x]
    for _ in range(count):
        with tf.control_dependencies(last):
            last = [tf.assign_add(variable, x)]
    return last

def conditions(x, count):
    y = tf.reduce_sum(x)
    for _ in range(count // 10):
        y = tf.cond(y > 0.0, lambda: y + 1.0, lambda: y - 1.0)
    return y

took = []
for count in (2000, 8000):
    with tf.Graph().as_default() as graph, tf.Session() as session:
        x = tf.placeholder(tf.float32, [int(sys.argv[2])])
        fetch = globals()[sys.argv[1]](x, count)
        session.run(tf.global_variables_initializer())
        start = time.perf_counter()
        session.run(fetch, {x: np.ones(x.shape[0])})
        took.append((time.perf_counter() - start) / len(graph.get_operations()))
print(json.dumps(took))
"""
PLANNED = {"gradients through 8,000 steps of 8 numbers": ("gradient", "8"),
           "the same of 40,000 numbers": ("gradient", "40000"),
           "8,000 assignments in a line": ("assignments", "8"), "800 conditions in a line": ("conditions", "8")}


def planning() -> list[Row]:
    """What a first step takes for each node, of a graph and of a fourth of it."""
    rows = []
    for what, how in PLANNED.items():
        fourth, whole = answer([sys.executable, "-c", PLAN, *how])
        rows.append(row(f"time a node of a first step, {what}", whole / fourth, "times that of a fourth of them",
                        f"{whole * 1e3:.3f} ms a node", 1.5))
    return rows


RUN_TENSORFLOW = """
import tensorflow.compat.v1 as tf
tf.disable_v2_behavior()
x = tf.placeholder(tf.float32, [None, 1], name="x")
w = tf.get_variable("w", [1, 1]); b = tf.get_variable("b", [1], initializer=tf.zeros_initializer())
out = tf.matmul(x, w) + b
with tf.Session() as s:
    s.run(tf.global_variables_initializer())
    print(s.run(out, {x: [[2.0], [4.5]]}))
"""

RUN_CHAIN = """
import sys
import numpy as np
import graphcli
graph = graphcli.load(sys.argv[1])
with graphcli.Session(graph) as session:
    print(session.run("out", {"x": np.full(8, 0.1, np.float32)}))
"""

RUN_CHAIN_TENSORFLOW = BUILD_TENSORFLOW.split("print(")[0] + """
    with tf.Session() as s:
        print(s.run(h, {x: [0.1] * 8}))
"""


def whole(times: int, folder: Path, tensorflow: str | None) -> list[Row]:
    """Whole processes against the same in TensorFlow; the bound is of our time over TensorFlow's."""
    if tensorflow is None:
        return []
    spec = ROOT / "specs" / "line.yaml"
    run = [*program(), "run", str(spec), "--fetch", "out", "--feed", "x=[[2],[4.5]]"]
    few = max(2, times // 4)
    theirs, our = interleaved(few, process([tensorflow, "-c", RUN_TENSORFLOW]), process(run))
    chained = folder / "whole100k.yaml"
    chained.write_text(chain(100_000))
    theirs_chain, our_chain = interleaved(1, process([tensorflow, "-c", RUN_CHAIN_TENSORFLOW, "100000"]),
                                          process([sys.executable, "-c", RUN_CHAIN, str(chained)]))
    return [row("`graphcli run specs/line.yaml`, whole process", theirs / our, "times faster than TensorFlow",
                f"{our:.0f} ms against {theirs:.0f} ms", 15, least=True),
            row("build and run 100,000 ops, whole process", theirs_chain / our_chain, "times faster than TensorFlow",
                f"{our_chain / 1000:.1f} s against {theirs_chain / 1000:.1f} s", 4, least=True)]


def rows(times: int, folder: Path, tensorflow: str | None) -> list[Row]:
    return [*start_up(times), *completion(times, folder), *building(folder, tensorflow), *planning(),
            *whole(times, folder, tensorflow)]
