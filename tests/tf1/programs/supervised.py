import os

import graphcli.tf1 as tf


def told(call):
    """What a call gives, or the kind of error that it raises."""
    try:
        print(call())
    except (RuntimeError, ValueError) as error:
        print(next(k.__name__ for k in (RuntimeError, ValueError) if isinstance(error, k)))


def files(folder):
    return sorted(f for f in os.listdir(folder) if "events" not in f)


def model():
    v = tf.Variable(1., name="v")
    step = tf.train.get_or_create_global_step()
    tf.summary.scalar("value", v)
    return v, step, tf.group(v.assign_add(1.), step.assign_add(1))


with tf.Graph().as_default() as graph:
    v, step, train = model()
    first = len(graph.get_operations())
    sv = tf.train.Supervisor(logdir="logs", save_model_secs=0, save_summaries_secs=0)
    print([n.name for n in graph.get_operations()][first:])
    print({k: len(graph.get_collection(k)) for k in sorted(graph.get_all_collection_keys())})
    print(sv.global_step.name, sv.summary_op.name, sv.save_path, graph.finalized, sv.is_chief)
    with sv.managed_session() as sess:
        for _ in range(3):
            if not sv.should_stop():
                sess.run(train)
        sv.summary_computed(sess, sess.run(sv.summary_op))
        sv.saver.save(sess, sv.save_path, global_step=step)
        told(lambda: sess.run(v))
    print(sv.should_stop(), files("logs"))
    event = [e for f in os.listdir("logs") if "events" in f for e in tf.train.summary_iterator("logs/" + f)]
    print([(e.step, s.tag, s.simple_value) for e in event for s in e.summary.value])
    print([(e.step, e.session_log.status) for e in event if e.WhichOneof("what") == "session_log"])

with tf.Graph().as_default():
    v, step, train = model()
    sv = tf.train.Supervisor(logdir="logs", save_model_secs=600, save_summaries_secs=600)
    with sv.managed_session() as sess:
        told(lambda: sess.run([v, step]))
    print(len(files("logs")) >= 5)

with tf.Graph().as_default():
    v, step, train = model()
    sv = tf.train.Supervisor(summary_op=None, saver=None, init_fn=lambda s: print("init_fn"))
    sess = sv.prepare_or_wait_for_session()
    told(lambda: sess.run(v))
    told(lambda: sv.summary_computed(sess, b""))
    told(lambda: sv.start_standard_services(sess))
    turns = []
    looper = sv.loop(None, lambda: (turns.append(1), len(turns) > 2 and sv.request_stop()))
    looper.join()
    print(len(turns), sv.should_stop(), sv.save_path, sv.summary_writer)
    sv.stop()
    sess.close()


def fails(error):
    with tf.Graph().as_default():
        tf.Variable(1., name="v")
        sv = tf.train.Supervisor(logdir="failed", save_model_secs=0, save_summaries_secs=0)
        with sv.managed_session():
            raise error
        return "went on"


told(lambda: fails(ValueError("inside")))
told(lambda: fails(tf.errors.OutOfRangeError(None, None, "no more data")))
with tf.Graph().as_default():
    v = tf.Variable(1., name="v")
    tf.Variable(1., name="w")
    sv = tf.train.Supervisor(logdir="lacking", init_op=v.initializer, save_model_secs=0, save_summaries_secs=0)
    told(lambda: sv.managed_session().__enter__())
