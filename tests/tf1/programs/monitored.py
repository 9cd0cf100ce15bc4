import logging
import os
import sys
from functools import partial

import numpy as np

import graphcli.tf1 as tf

FOLDER = "run"
lines = []


class Told(logging.Handler):
    def emit(self, record):
        lines.append(record.getMessage())


class Teller(tf.train.SessionRunHook):
    def begin(self):
        print("begin", tf.get_default_graph().finalized)

    def after_create_session(self, session, coord):
        print("created", type(coord).__name__, session.graph.finalized, coord.should_stop())

    def before_run(self, run_context):
        print("before", run_context.original_args.fetches is not None, run_context.stop_requested)
        return tf.train.SessionRunArgs({"w": "w:0", "pair": ["double:0", "x:0"]}, {"x:0": 3.0})

    def after_run(self, run_context, run_values):
        results = run_values.results
        print("after", sorted(results), float(results["pair"][0]), float(results["pair"][1]))

    def end(self, session):
        print("end", round(float(session.run("w:0")), 5))


class Listener(tf.train.CheckpointSaverListener):
    def begin(self):
        print("listener begins")

    def before_save(self, session, global_step_value):
        print("before save", global_step_value)

    def after_save(self, session, global_step_value):
        print("after save", global_step_value)
        return global_step_value >= 5

    def end(self, session, global_step_value):
        print("listener ends", global_step_value)


def build():
    x = tf.placeholder(tf.float32, [], name="x")
    w = tf.get_variable("w", [], initializer=tf.constant_initializer(4.0))
    seen = tf.get_variable("seen", [], initializer=tf.zeros_initializer(), collections=["local_variables"])
    double = tf.multiply(x, 2.0, name="double")
    loss = tf.square(w - double, name="loss")
    tf.summary.scalar("loss", loss)
    step = tf.train.get_or_create_global_step()
    train = tf.train.GradientDescentOptimizer(0.25).minimize(loss, global_step=step)
    return loss, tf.group(train, tf.assign_add(seen, 1.0)), step, seen


def nodes(graph, known):
    for node in graph.get_operations():
        if node.name not in known and "gradients" not in node.name:
            shapes = [t.shape.as_list() if t.shape.ndims is not None else None for t in node.outputs]
            print(" ", node.name, node.type, [t.name for t in node.inputs], sorted(c.name for c in node.control_inputs),
                  node.device, shapes)


def tags(folder):
    for name in sorted(os.listdir(folder)):
        if "events" in name:
            for event in tf.train.summary_iterator(os.path.join(folder, name)):
                for value in event.summary.value:
                    print(" ", event.step, value.tag, "" if value.tag.endswith("sec") else round(value.simple_value, 4))
                if event.session_log.status:
                    print(" ", event.step, "log", event.session_log.status, event.session_log.checkpoint_path)
                if event.graph_def or event.meta_graph_def:
                    print("  graph" if event.graph_def else "  meta graph")


def refused(what):
    try:
        what()
        print("no error")
    except Exception as error:
        kinds = (ValueError, RuntimeError, TypeError, KeyError, StopIteration)
        print("error", [k.__name__ for k in kinds if isinstance(error, k)], str(error)[:40])


logger = tf.get_logger()
logger.setLevel(logging.INFO)
logger.handlers = [Told()]

print("# a training that saves, is stopped by its hook, and goes on")
for last in (3, 6):
    with tf.Graph().as_default() as graph:
        loss, train, step, seen = build()
        known = {n.name for n in graph.get_operations()}
        hooks = [tf.train.StopAtStepHook(last_step=last), Teller(),
                 tf.train.LoggingTensorHook({"loss": loss, "again": "loss"}, every_n_iter=2),
                 tf.train.LoggingTensorHook(["w"], at_end=True, formatter=lambda v: f"at the end {len(v)}")]
        if last == 6:
            hooks = hooks[:1]
        with tf.train.MonitoredTrainingSession(checkpoint_dir=FOLDER, hooks=hooks, save_checkpoint_steps=2,
                                               save_summaries_steps=2, log_step_count_steps=2) as session:
            print(graph.finalized, session.graph is graph)
            while not session.should_stop():
                value, at = session.run([loss, step], {"x:0": 1.0} if last == 6 else None)
                session.run(train, {"x:0": 1.0} if last == 6 else None)
            print("stopped", session.should_stop())
        print(graph.finalized, session.should_stop())
        nodes(graph, known)
        print([(k, len(graph.get_collection(k))) for k in sorted(graph.get_all_collection_keys())
               if isinstance(k, str) and not k.startswith("__")])
        refused(session.close)
    print(tf.train.latest_checkpoint(FOLDER), sorted(n for n in os.listdir(FOLDER) if "events" not in n))
tf.summary.FileWriterCache.clear()
tags(FOLDER)
aside = ("sec", "listeners", "all_hooks", "deprecated", "not been increased")
print([line for line in lines if not any(word in line for word in aside)])

print("# sessions of one kind and another")
with tf.Graph().as_default():
    loss, train, step, seen = build()
    final = tf.train.FinalOpsHook([seen, step])
    feed = tf.train.FeedFnHook(lambda: {"x:0": 2.0})
    with tf.train.SingularMonitoredSession(hooks=[tf.train.StopAtStepHook(num_steps=2), final, feed]) as session:
        print(type(session.raw_session()).__name__ == type(tf.Session()).__name__)
        while not session.should_stop():
            session.run(train)
        refused(lambda: session.run(train))
    print([float(v) for v in final.final_ops_values])

with tf.Graph().as_default():
    loss, train, step, seen = build()
    scaffold = tf.train.Scaffold(init_fn=lambda scaffold, session: session.run("w/Assign", {"w:0": 0.0}, None)
                                 if False else print("init_fn", type(scaffold).__name__))
    saver = tf.train.CheckpointSaverHook("other", save_steps=2, scaffold=scaffold, listeners=[Listener()],
                                         checkpoint_basename="m")
    creator = tf.train.ChiefSessionCreator(scaffold)
    with tf.train.MonitoredSession(creator, [saver, tf.train.NanTensorHook(loss)]) as session:
        print(float(session.run_step_fn(lambda step_context: step_context.session.run("w:0"))))
        print(float(session.run_step_fn(lambda step_context: step_context.run_with_hooks(loss, {"x:0": 1.0}))))
        while not session.should_stop():
            session.run(train, {"x:0": 1.0})
        refused(lambda: session.run_step_fn(lambda a: 1))
    print(sorted(n for n in os.listdir("other") if "events" not in n))

print("# what stops, and what fails")
for fails in (True, False):
    with tf.Graph().as_default():
        x = tf.placeholder(tf.float32, [])
        hook = tf.train.NanTensorHook(x, fail_on_nan_loss=fails)
        session = tf.train.MonitoredSession(hooks=[hook])
        print(float(session.run(x, {x: 1.0})), session.should_stop())
        refused(partial(session.run, x, {x: np.nan}))
        print(session.should_stop())
        session.close()
with tf.Graph().as_default():
    x = tf.placeholder(tf.float32, [])
    with tf.train.MonitoredSession() as session:
        for _ in range(3):
            if session.run(x, {x: 1.0}):
                raise StopIteration
        print("not here")

    def out_of_range():
        with tf.train.MonitoredSession() as session:
            session.run_step_fn(lambda step_context: step_context.request_stop())

    refused(out_of_range)

    def error_inside():
        with tf.train.MonitoredSession():
            raise KeyError("mine")

    refused(error_inside)
    refused(lambda: tf.train.MonitoredSession(hooks=[tf.train.FeedFnHook(lambda: {x: 1.0})] * 2).run(x))
    refused(lambda: tf.train.MonitoredSession(hooks=[tf.train.FeedFnHook(lambda: {x: 1.0})]).run(x, {x: 2.0}))
    refused(lambda: tf.train.MonitoredTrainingSession(checkpoint_dir="nowhere"))
    refused(lambda: tf.train.MonitoredSession(hooks=[tf.train.StopAtStepHook(num_steps=1)]))
refused(lambda: tf.train.StopAtStepHook())
refused(lambda: tf.train.StopAtStepHook(1, 2))
refused(lambda: tf.train.LoggingTensorHook([x]))
refused(lambda: tf.train.LoggingTensorHook([x], every_n_iter=0))
refused(lambda: tf.train.SecondOrStepTimer())
refused(lambda: tf.train.SecondOrStepTimer(1, 2))
refused(lambda: tf.train.SummarySaverHook())
refused(lambda: tf.train.StepCounterHook(None))
refused(lambda: tf.train.CheckpointSaverHook("d", save_steps=1, saver=1, scaffold=2))

timer = tf.train.SecondOrStepTimer(every_steps=3)
print([timer.should_trigger_for_step(i) for i in (0, 1)], timer.update_last_triggered_step(1),
      [timer.should_trigger_for_step(i) for i in (1, 2, 3, 4)], timer.last_triggered_step(),
      timer.update_last_triggered_step(5)[1])

print("# a session manager")
with tf.Graph().as_default():
    v = tf.get_variable("v", [], initializer=tf.ones_initializer())
    ready = tf.report_uninitialized_variables()
    manager = tf.train.SessionManager(ready_op=ready)
    refused(lambda: manager.prepare_session("", init_op=tf.no_op()))
    refused(lambda: manager.prepare_session(""))
    session = manager.prepare_session("", init_op=tf.global_variables_initializer(), init_fn=lambda s: print("init_fn"))
    saver = tf.train.Saver()
    os.makedirs("managed", exist_ok=True)
    saver.save(session, "managed/m")
    print(float(session.run(v)), manager.recover_session("", saver, "empty")[1],
          manager.recover_session("", saver, "managed")[1])
    refused(lambda: tf.train.SessionManager(ready_for_local_init_op=ready))
    refused(lambda: manager.wait_for_session("", max_wait_secs=0.0))
sys.stdout.flush()
