"""Names of TensorFlow 1 that programs use and that are not here: what to do instead."""
from __future__ import annotations

from collections.abc import Iterable

from ..errors import did_you_mean

_ONE = "one process takes the steps here; tf.device places ops"
_EAGER = "calls make graphs here, and a tf.Session runs them"
INSTEAD = {
    "data.experimental.make_csv_dataset": "tf.data.experimental.CsvDataset(names, defaults, header=True) has the rows",
    **dict.fromkeys(("train.Server", "train.SyncReplicasOptimizer"), _ONE),
    "keras": "tf.layers has layers, tf.train optimizers, tf.losses losses",
    "estimator": "call the function of the model, and run the train_op that it makes in a "
                 "tf.train.MonitoredTrainingSession",
    "contrib": "of it layers, slim, framework, seq2seq, crf and recurrent cells are here, in part: docs/names.md has "
               "them; what else it has in Python runs from a copy of your own",
    "py_function": "tf.py_func and tf.numpy_function call a function of arrays",
    "distribute": "one process runs a graph here; tf.device places its ops",
    "tpu": "there are no TPUs here",
    "eager": _EAGER, "contrib.eager": _EAGER, "GradientTape": "tf.gradients differentiates here", "function": _EAGER,
}


def instead(name: str, known: Iterable[str] = ()) -> str:
    """What to do where there is no ``name`` (``data``, ``contrib.seq2seq``), or where it is told what there is.

    known: the names beside it, of which one may be meant.
    """
    above = name
    while above:
        if above in INSTEAD:
            return INSTEAD[above]
        above = above.rpartition(".")[0]
    last = name.rpartition(".")[2]
    near = None if last.startswith("_") else did_you_mean(last, known)
    return near or "docs/names.md has what there is"
