"""Rows of benchmarks/run.py about checkpoints and training; also by itself: ``python benchmarks/training.py``.

A checkpoint is compared with a plain copy of a file of its size, which like it is on the disk when it is done.
"""
from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
BLOCK = 1 << 21
Row = dict[str, Any]


def seconds(call: Callable[[], object]) -> float:
    start = time.perf_counter()
    call()
    return time.perf_counter() - start


def copy(source: Path, target: Path) -> None:
    block = memoryview(bytearray(BLOCK))
    with open(source, "rb", buffering=0) as old, open(target, "wb", buffering=0) as new:
        while count := old.readinto(block):
            new.write(block[:count])
        os.fsync(new.fileno())


def checkpoints(times: int, folder: Path, row: Callable[..., Row], interleaved: Callable[..., list[float]],
                size: int = 1 << 30) -> list[Row]:
    """A session's variables of 1 GB saved and restored, against a copy of the file."""
    import resource

    import numpy as np

    import graphcli.tf1 as tf
    from graphcli import Session

    count = size // (1 << 26)
    with tf.Graph().as_default() as graph:
        for i in range(count):
            tf.get_variable(f"v{i:02d}", [1 << 24], initializer=tf.zeros_initializer())
    source = Session(graph)
    for i in range(count):
        source.load(f"v{i:02d}", np.random.default_rng(i).standard_normal(1 << 24, np.float32))
    prefix = folder / "model"
    data = folder / "model.data-00000-of-00001"
    source.save(str(prefix))

    def removed(call: Callable[[], object], path: Path) -> Callable[[], float]:
        def once() -> float:
            took = seconds(call)
            for left in folder.glob(path.name + "*"):
                left.unlink()
            os.sync()
            return took
        return once

    def restored() -> float:
        with Session(graph) as target:
            return seconds(lambda: target.restore(str(prefix)))

    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    wrote, copied, loosely = interleaved(
        times, removed(lambda: source.save(str(folder / "again")), folder / "again"),
        removed(lambda: copy(data, folder / "copy"), folder / "copy"),
        removed(lambda: shutil.copyfile(data, folder / "loose"), folder / "loose"))
    more = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024
    source.close()
    read, copied_again = interleaved(times, restored, removed(lambda: copy(data, folder / "copy"), folder / "copy"))
    gigabytes = size / 2**30
    return [
        row(f"saving {gigabytes:g} GB of variables", wrote / copied, "times a copy of the file", f"{copied:.2f} s", 2),
        row("the same, which is then on the disk", wrote / loosely, "times a copy that need not be",
            f"{loosely:.2f} s", 2),
        row("memory that it takes besides", more, "MB", "", 64),
        row(f"restoring {gigabytes:g} GB", read / copied_again, "times a copy of the file", f"{copied_again:.2f} s", 2),
    ]


TENSORFLOW = """
import json, sys, time
import numpy as np
import tensorflow.compat.v1 as tf
tf.disable_v2_behavior()
tf.disable_resource_variables()
data = np.load(sys.argv[1])
images, labels = data["train_images"], data["train_labels"]
x, y = tf.placeholder(tf.uint8, [None, 8, 8]), tf.placeholder(tf.uint8, [None])
w1, b1 = tf.get_variable("w1", [64, 96]), tf.get_variable("b1", [96])
w2, b2 = tf.get_variable("w2", [96, 10]), tf.get_variable("b2", [10])
hidden = tf.nn.relu(tf.reshape(tf.cast(x, tf.float32) / 16, [-1, 64]) @ w1 + b1)
logits = tf.nn.dropout(hidden, 0.8) @ w2 + b2
loss = tf.reduce_mean(tf.nn.sparse_softmax_cross_entropy_with_logits(labels=tf.cast(y, tf.int32), logits=logits))
train = tf.train.AdamOptimizer(2e-3).minimize(loss)
with tf.Session() as session:
    session.run(tf.global_variables_initializer())
    step = session.make_callable([train, loss], [x, y])
    took = []
    for epoch in range(12):
        order = np.random.permutation(len(images))
        start = time.perf_counter()
        for at in range(0, len(images), 32):
            step(images[order[at:at + 32]], labels[order[at:at + 32]])
        took.append(time.perf_counter() - start)
print(json.dumps(sorted(took)[len(took) // 2] / 41 * 1000))
"""


def digits(times: int, row: Callable[..., Row], tensorflow: str | None) -> list[Row]:
    """A step of the gallery's perceptron, batches and all, in ms."""
    import numpy as np

    import graphcli
    from graphcli.training.batches import Batches
    from graphcli.training.data import Data
    from graphcli.training.loop import Training

    built = graphcli.load(ROOT / "specs" / "train_digits.yaml", graph="mlp")
    path = ROOT / "specs" / "data" / "digits.npz"
    with np.load(path) as file, graphcli.Session(built) as session:
        session.initialize()
        data = Data({built.resolve("images"): file["train_images"], built.resolve("labels"): file["train_labels"]})
        batches = Batches(data.rows, 32, shuffle=True)
        run = Training(session, built.resolve("train"), built.resolve("loss"), data, batches, 0,
                       {built.resolve("keep_prob"): np.float32(0.8)})
        took = []
        for _ in range(max(times, 12)):
            run.steps += batches.per_epoch
            took.append(seconds(run.run) / batches.per_epoch * 1000)
    ours = sorted(took)[len(took) // 2]
    if tensorflow is None:
        return [row("a training step of the digits perceptron", ours, "ms", f"{32 / ours * 1000:,.0f} rows/s", None)]
    done = subprocess.run([tensorflow, "-c", TENSORFLOW, str(path)], capture_output=True, text=True, check=True)
    theirs = json.loads(done.stdout.splitlines()[-1])
    return [row("a training step of the digits perceptron", ours / theirs, "times TensorFlow's", f"{theirs:.2f} ms", 1)]


def main() -> None:
    sys.path[:0] = [str(ROOT), str(ROOT / "benchmarks")]
    from families.startup import interleaved, row
    from run import limits_table

    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--times", type=int, default=5, help="repetitions of each measure")
    parser.add_argument("--tensorflow", metavar="PYTHON", help="an interpreter that has TensorFlow")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        rows = digits(arguments.times, row, arguments.tensorflow)
        rows += checkpoints(arguments.times, Path(name), row, interleaved)
    sys.stdout.write("\n".join([f"{os.cpu_count()} cores", *limits_table(rows)]) + "\n")


if __name__ == "__main__":
    main()
