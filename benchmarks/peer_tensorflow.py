"""The other side of a row in TensorFlow: reads requests as lines of JSON, answers with times. Run by measure.py."""
from __future__ import annotations

import json
import os
import sys

os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))


def main() -> None:
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)
    threads = int(sys.argv[1])
    import tensorflow as tensorflow
    import tensorflow.compat.v1 as tf
    from measure import load, timed

    tf.disable_v2_behavior()
    config = tf.ConfigProto(intra_op_parallelism_threads=threads, inter_op_parallelism_threads=threads)
    step = None
    for line in sys.stdin:
        asked = json.loads(line)
        try:
            if asked["do"] == "version":
                told = {"version": tensorflow.__version__}
            elif asked["do"] == "prepare":
                tf.reset_default_graph()
                work = next(w for w in load(asked["family"]).ROWS if w.name == asked["name"])
                graph = tf.Graph()
                with graph.as_default():
                    fetches, feeds = work.build(tf, work.data())
                    start = tf.global_variables_initializer()
                session = tf.Session(graph=graph, config=config)
                session.run(start)
                call = session.make_callable(fetches, [f[0] for f in feeds])
                values = [f[1] for f in feeds]

                def step(call=call, values=values):
                    return call(*values)

                step()
                told = {"ready": True}
            else:
                told = {"seconds": timed(step, asked["calls"])}
        except Exception as error:
            told = {"error": f"{type(error).__name__}: {error}"}
        answers.write(json.dumps(told) + "\n")
        answers.flush()


main()
