"""Writes recorded/THEME.json: the graphs that TensorFlow 1.15 makes of a theme's programs, and what it answers.

    python tests/graphdef/older/record.py [THEME ...]        # in an environment with TensorFlow 1.15

A theme is a file beside this one. Each of its functions with a ``tf`` makes a graph and returns the steps that are run,
one after another in one session: a step is what is fetched, or a pair of that and of feeds. Recorded are the names,
and the values or the error of each step. In strings that are fed ``@`` stands for the folder with the theme's FILES.
"""
from __future__ import annotations

import base64
import importlib.util
import inspect
import json
import os
import sys
import tempfile
import zlib
from pathlib import Path
from typing import Any

os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
HERE = Path(__file__).parent


def plain(value: Any) -> Any:
    """A value as dtype, shape and elements; bytes as text."""
    import numpy as np

    array = np.asarray(value)
    kind = "string" if array.dtype.kind in "OSU" else array.dtype.name
    flat = array.astype(np.complex128).view(np.float64) if array.dtype.kind == "c" else array
    elements = [e.decode("latin1") if isinstance(e, bytes) else e for e in flat.reshape(-1).tolist()]
    return [kind, list(array.shape), elements]


def steps_of(tf: Any, graph: Any, steps: Any, folder: str) -> Any:
    """The steps with their answers."""
    out: Any = []
    alive: Any = []
    with tf.Session(graph=graph) as session:
        for step in steps:
            fetches, feeds = step if isinstance(step, tuple) else (step, {})
            fetches = tf.nest.flatten(fetches)
            told = {"run": [f.name for f in fetches], "feeds": {t.name: plain(v) for t, v in feeds.items()}}
            try:
                alive.append(session.run(fetches, {t: place(v, folder) for t, v in feeds.items()}))
                # a handle of a session's tensor is the string that it is
                told["values"] = [None if v is None else plain(getattr(v, "handle", v)) for v in alive[-1]]
            except tf.errors.OpError as error:
                told["error"] = type(error).__name__
            out.append(told)
    return out


def place(value: Any, folder: str) -> Any:
    """What is fed, with the folder in place of ``@``."""
    import numpy as np

    array = np.asarray(value)
    if array.dtype.kind not in "OSU":
        return array
    texts = [e.decode("latin1") if isinstance(e, bytes) else e for e in array.reshape(-1).tolist()]
    return np.array([t.replace("@", folder).encode("latin1") for t in texts], object).reshape(array.shape)


def record(tf: Any, theme: str) -> None:
    spec = importlib.util.spec_from_file_location(theme, str(HERE / (theme + ".py")))
    assert spec is not None and spec.loader is not None
    module: Any = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    files = module.files(tf) if hasattr(module, "files") else {}
    out: dict[str, Any] = {"files": {k: base64.b64encode(v).decode() for k, v in files.items()}, "programs": {}}
    with tempfile.TemporaryDirectory() as folder:
        for name, data in files.items():
            (Path(folder) / name).write_bytes(data)
        for name, program in vars(module).items():
            if name.startswith("_") or not inspect.isfunction(program) or name == "files":
                continue
            graph = tf.Graph()
            with graph.as_default():
                tf.set_random_seed(1)
                steps = program(tf)
            proto = graph.as_graph_def().SerializeToString(deterministic=True)
            out["programs"][name] = {"graph": base64.b64encode(zlib.compress(proto, 9)).decode(),
                                     "steps": steps_of(tf, graph, steps, folder)}
    lines = [f"{json.dumps(k)}: {json.dumps(v)}" for k, v in out["programs"].items()]
    text = ",\n".join(lines)
    (HERE / "recorded" / f"{theme}.json").write_text(
        f'{{"files": {json.dumps(out["files"])},\n"programs": {{\n{text}\n}}}}\n')


def main() -> None:
    import warnings

    warnings.filterwarnings("ignore")
    import tensorflow as tf  # type: ignore[import-not-found,unused-ignore]

    tf.logging.set_verbosity(tf.logging.ERROR)
    (HERE / "recorded").mkdir(exist_ok=True)
    for theme in sys.argv[1:] or sorted(p.stem for p in HERE.glob("*.py") if p.stem not in ("record", "__init__")):
        record(tf, theme)


if __name__ == "__main__":
    main()
