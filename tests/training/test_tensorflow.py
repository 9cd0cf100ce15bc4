"""Where TensorFlow is: steps of ``train`` are its steps, from the same weights, on the same rows."""
from __future__ import annotations

import os
import subprocess
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import graphcli
from graphcli.wire.bundle import Bundle

ROOT = Path(__file__).parents[2]
DIGITS = ROOT / "specs" / "data" / "digits.npz"
THEIRS = """
import sys
import numpy as np
import tensorflow.compat.v1 as tf
tf.disable_v2_behavior()
folder, digits = sys.argv[1:]
saver = tf.train.import_meta_graph(folder + "/net.meta")
data = np.load(digits)
with tf.Session() as sess:
    saver.restore(sess, folder + "/start")
    losses = []
    for at in range(0, 160, 32):
        feeds = {"images:0": data["train_images"][at:at + 32], "labels:0": data["train_labels"][at:at + 32]}
        losses.append(sess.run(["loss:0", "train"], feeds)[0])
    saver.save(sess, folder + "/theirs", write_meta_graph=False)
print(*map(repr, map(float, losses)))
"""


@pytest.mark.parametrize("net", ["mlp", "conv"])
def test_steps_are_tensorflows(invoke: Any, tensorflow_python: str, tmp_path: Path, net: str) -> None:
    import json

    import graphcli.tf1 as tf

    spec = str(ROOT / "specs" / "train_digits.yaml")
    built = graphcli.load(spec, graph=net)
    with graphcli.Session(built) as sess:
        sess.initialize()
        sess.save(str(tmp_path / "start"))
        tf.train.export_meta_graph(str(tmp_path / "net.meta"), saver_def=tf.train.Saver().saver_def)
    done = subprocess.run([tensorflow_python, "-c", THEIRS, str(tmp_path), str(DIGITS)], capture_output=True, text=True,
                          check=False, env={**os.environ, "TF_CPP_MIN_LOG_LEVEL": "3"})
    assert done.returncode == 0, done.stderr[-3000:]
    result = invoke("train", spec, "--graph", net, "--data", str(DIGITS), "--feed-map",
                    "images=train_images,labels=train_labels", "--steps", "5", "--log-every", "1", "--restore",
                    str(tmp_path / "start"), "--save", str(tmp_path / "ours"), "--format", "json")
    ours = [i["loss"] for i in json.loads(result.out)["intervals"]]
    np.testing.assert_allclose(ours, [float(x) for x in done.stdout.split()], rtol=1e-5)
    with Bundle(str(tmp_path / "theirs")) as a, Bundle(str(tmp_path / "ours" / "model-5")) as b:
        assert set(a) == set(b) - {"_graphcli/training"}
        for name in a:
            np.testing.assert_allclose(b.read(name), a.read(name), rtol=2e-4, atol=1e-6, err_msg=name)
