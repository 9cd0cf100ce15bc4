"""What TensorFlow 1 has and a spec has not, with the reason and what does the work instead."""
from __future__ import annotations

import re
from functools import cache

LEFT_OUT: tuple[tuple[str, str, str], ...] = (
    (r"py_func|py_function|numpy_function", "a spec holds no Python code", "write it as a function of the spec"),
    (r"custom_gradient|RegisterGradient|NotDifferentiable|NoGradient|no_gradient|recompute_grad|grad_pass_through|function|wrap_function",
     "it wraps Python code", "write a function of the spec; stop_gradient holds gradients back"),
    (r"make_template", "it wraps Python code",
     "write a function of the spec, and call it in a scope with reuse: auto"),
    (r"np|numpy", "a spec has TensorFlow's functions, not numpy's", "zeros([2, 3]) is np.zeros([2, 3]) here"),
    (r"contrib", "tf.contrib is no part of TensorFlow's core",
     "l1_regularizer, l2_regularizer, layers and nn.rnn_cell are here"),
    (r"keras|estimator", "its objects make variables in ways that the graph does not tell",
     "layers and nn.rnn_cell are here; so is get_variable in a function of the spec, called under shared scopes"),
    (r"\w*Queue\w*|\w*queue_runners?|Coordinator|(maybe_)?(shuffle_)?batch(_join)?|\w*input_producer|limit_epochs|"
     r"\w*ConditionalAccumulator",
     "queues are fed by threads beside the graph", "feed arrays: run --feed x=@data.npz:x, or train --data"),
    (r"data|\w*Dataset|Iterator|make_\w*iterator|\w*Reader|read_file|write_file|matching_files|match_filenames_once|"
     r"TFRecordWriter|tf_record_iterator|python_io|saved_model|"
     r"decode_(?!base64|raw|csv|json_example$|png$|image$|compressed$|wav$|bmp$|gif$|(and_crop_)?jpeg$)\w+|gfile",
     "a spec reads no files", "feed arrays: run --feed x=@data.npz:x, or train --data"),
    (r"lookup", "tables have a life beside the variables", "one_hot, gather and embedding_lookup take ids"),
    (r"app|flags|logging|test|nest|errors|graph_util|version|python|core|examples|queue",
     "it serves a Python program, and is no part of a graph", "graphcli.tf1 runs programs"),
    (r"LinearOperator(Block|Circulant|Householder|Kronecker|LowRank|Permutation|Toeplitz|Tridiag|Zeros)\w*",
     "of linear operators some are left out",
     "linalg.LinearOperatorDiag, LowerTriangular, FullMatrix and Identity are here"),
    (r"SyncReplicas\w*|replica_device_setter|ClusterSpec|ChiefSession\w*|WorkerSession\w*",
     "training by several processes is left out", "one process takes the steps: graphcli train; devices: has backends"),
    (r"experimental|\w*LossScale\w*|\w*mixed_precision\w*", "loss scales and what else is experimental is left out",
     "multiply the loss, and divide the gradients of compute_gradients"),
    (r"vectorized_map|GradientTape", "it is TensorFlow 2's", "map_fn and gradients are here"),
)
"""Patterns of names, the reason, and a hint."""

EVERYDAY = frozenset("data batch function ragged keras estimator lookup app flags logging test nest errors graph_util "
                     "version python core examples queue saved_model".split())
"""Words that alone mean nothing of TensorFlow's; ``tf.data`` does."""

_PATTERNS = tuple((re.compile(rf"(?:{names})\Z"), reason, hint) for names, reason, hint in LEFT_OUT)


@cache
def reason_for(name: str) -> tuple[str, str] | None:
    """(reason, hint) for a name that is left out on purpose."""
    for pattern, reason, hint in _PATTERNS:
        if pattern.match(name):
            return reason, hint
    return None
