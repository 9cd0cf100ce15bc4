"""Rows in TensorFlow: Session.make_callable in graph mode. Run by measure.py with an interpreter that has it."""
from __future__ import annotations

import os
import sys

os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

import peer  # noqa: E402
import tensorflow  # noqa: E402
import tensorflow.compat.v1 as tf  # noqa: E402
from measure import Step, Work  # noqa: E402

THREADS = int(sys.argv[1])


def prepare(work: Work) -> Step:
    tf.reset_default_graph()
    graph = tf.Graph()
    with graph.as_default():
        fetches, feeds = work.build(tf, work.data())
        start = tf.global_variables_initializer()
    config = tf.ConfigProto(intra_op_parallelism_threads=THREADS, inter_op_parallelism_threads=THREADS)
    session = tf.Session(graph=graph, config=config)
    session.run(start)
    call = session.make_callable(fetches, [f[0] for f in feeds])
    values = [f[1] for f in feeds]
    return lambda: call(*values)


tf.disable_v2_behavior()
peer.serve(tensorflow.__version__, prepare)
