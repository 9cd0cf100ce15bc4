import sys
import threading
import time
from functools import partial

import graphcli.tf1 as tf


def refused(what, text=True):
    try:
        what()
        print("no error")
    except Exception as error:
        kinds = (ValueError, RuntimeError, TypeError, KeyError, StopIteration)
        print("error", [k.__name__ for k in kinds if isinstance(error, k)], str(error)[:60] if text else "")


def started(coord, work):
    threads = [threading.Thread(target=work, args=(coord, i), name=f"t{i}") for i in range(3)]
    for thread in threads:
        thread.start()
    return threads


def counting(coord, i):
    n = 0
    while not coord.should_stop():
        n += 1
        if n > 3 and i == 1:
            coord.request_stop()
        time.sleep(0.001)


def failing(coord, i):
    with coord.stop_on_exception():
        if i == 1:
            raise ValueError("thread one")
        while not coord.should_stop():
            time.sleep(0.001)


def ended(coord, i):
    try:
        if i == 1:
            raise tf.errors.OutOfRangeError(None, None, "the end")
        while not coord.should_stop():
            time.sleep(0.001)
    except Exception as error:
        coord.request_stop(error)


def stubborn(coord, i):
    time.sleep(1.0 if i == 1 else 0.0)


for work in (counting, failing, ended):
    coord = tf.train.Coordinator()
    threads = started(coord, work)
    refused(partial(coord.join, threads))
    print(work.__name__, coord.joined, coord.should_stop(), [t.is_alive() for t in threads])
    refused(coord.raise_requested_exception)
    coord.clear_stop()
    print(coord.should_stop(), coord.joined, coord.wait_for_stop(0.01))

coord = tf.train.Coordinator()
threads = started(coord, stubborn)
coord.request_stop()
refused(lambda: coord.join(threads, stop_grace_period_secs=0.1))
coord.join(threads, stop_grace_period_secs=0.1, ignore_live_threads=True)

coord = tf.train.Coordinator(clean_stop_exception_types=(KeyError,))
try:
    raise KeyError("clean")
except KeyError as error:
    coord.request_stop(error)
refused(coord.join)
coord = tf.train.Coordinator([])
try:
    raise tf.errors.OutOfRangeError(None, None, "told")
except tf.errors.OutOfRangeError:
    coord.request_stop(sys.exc_info())
refused(coord.join)
coord = tf.train.Coordinator()
coord.request_stop()
coord.join()
try:
    raise TypeError("late")
except TypeError as error:
    late = error
    refused(lambda: coord.request_stop(sys.exc_info()))

turns = []
coord = tf.train.Coordinator()
looper = tf.train.LooperThread.loop(coord, 0.001, target=lambda a, b: turns.append(a + b), args=(1,), kwargs={"b": 2})
while len(turns) < 4:
    time.sleep(0.001)
coord.request_stop()
coord.join()
print(turns[:4], looper.daemon, looper.is_alive())


class Looper(tf.train.LooperThread):
    count = 0

    def start_loop(self):
        print("start")

    def run_loop(self):
        self.count += 1
        if self.count == 3:
            self._coord.request_stop()

    def stop_loop(self):
        print("stop", self.count)


coord = tf.train.Coordinator()
Looper(coord, None).start()
coord.join()
refused(lambda: tf.train.LooperThread(None, None), False)
refused(lambda: tf.train.LooperThread(coord, None, args=(1,)), False)
with tf.Graph().as_default():
    refused(tf.train.start_queue_runners)
    tf.logging.set_verbosity(tf.logging.ERROR)
    with tf.Session() as session:
        print(tf.train.start_queue_runners(coord=coord))
    refused(lambda: tf.train.start_queue_runners(sess="none"), False)
for kind in ("OutOfRangeError", "InvalidArgumentError", "NotFoundError", "AbortedError", "DataLossError",
             "DeadlineExceededError", "UnknownError"):
    error = getattr(tf.errors, kind)(None, None, "as made by a program")
    print(kind, error, error.message, error.node_def, error.op, error.error_code, isinstance(error, tf.errors.OpError))
