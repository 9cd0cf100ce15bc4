"""What a program can do without a name of TensorFlow 1 that is not here."""
from __future__ import annotations

import re

INSTEAD: tuple[tuple[str, str], ...] = (
    (r"py_function$", "tf.py_func and tf.numpy_function call a function of arrays"),
    (r"train\.(Example|Features?|SequenceExample|FeatureLists?|BytesList|FloatList|Int64List)$|parse_\w*example$|"
     r"io\.parse_\w+$|(FixedLen|VarLen|Sparse)\w*Feature$|python_io|TFRecord",
     "read the records before, and feed arrays: session.run(train, {x: rows})"),
    (r"(image|io)?\.?(decode_(?!base64)\w+|encode_(jpeg|png))$|read_file$|write_file$|matching_files$|\w*Reader$",
     "read files in Python (Pillow reads pictures), and feed arrays; tf.py_func calls it from the graph"),
    (r"data($|\.)|\w*Queue\w*|queue($|\.)|train\.((maybe_)?(shuffle_)?batch|\w*input_producer|limit_epochs|add_queue)|"
     r"\w*ConditionalAccumulator",
     "feed arrays, a batch a step: session.run(train, {x: rows}); tf.py_func can call next(batches) from the graph"),
    (r"estimator($|\.)|train\.Supervisor$|train\.basic_train_loop$",
     "call the model's function, and take the steps with tf.train.MonitoredTrainingSession"),
    (r"train\.(SyncReplicas\w*|Server\w*|Cluster\w*|replica_device_setter)|distribute|tpu",
     "one process takes the steps here; tf.device places ops on its devices"),
    (r"keras($|\.)|feature_column", "tf.layers, tf.nn.rnn_cell, tf.losses and tf.metrics are here"),
    (r"contrib\.(slim|layers|framework|metrics|losses)",
     "the package tf-slim is tf.contrib.slim and tf.contrib.layers"),
    (r"contrib($|\.)", "tf.contrib is no part of TensorFlow's core; take what is used into the program"),
    (r"test($|\.)", "unittest and numpy.testing test programs of graphs too"),
    (r"saved_model($|\.)", "tf.train.Saver saves and restores; graphcli.load opens a SavedModel"),
    (r"lookup($|\.)", "look words up in Python, and feed their numbers"),
    (r"sparse($|[._])|Sparse\w*|ragged|Ragged\w*|sets($|\.)|string_split$|\w*_sparse$",
     "dense tensors with tf.gather, tf.segment_sum and tf.sequence_mask do it"),
    (r"GradientTape$|function$|autograph|switch_case$|vectorized_map$",
     "it is TensorFlow 2's; graphs are made by calls here"),
    (r"load_op_library$|load_library$", "tf.py_func calls a function of Python"),
)
"""Patterns of names behind ``tf.``, and what does the work."""


def advice(name: str) -> str:
    """What does the work of ``name``, ': …' or ''."""
    return next((f": {text}" for pattern, text in INSTEAD if re.match(pattern, name)), "")
