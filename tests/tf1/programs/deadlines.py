"""Steps that may not wait for ever, and what they leave behind."""
import threading

import graphcli.tf1 as tf

SOON = tf.RunOptions(timeout_in_ms=100)


def told(call):
    try:
        print(call())
    except tf.errors.DeadlineExceededError as error:
        print("late:", error.message.splitlines()[-1], error.op, error.error_code)
    except tf.errors.OpError as error:
        print("failed:", error.error_code, error.op and error.op.type)


queue = tf.FIFOQueue(3, tf.int32, [], name="queue")
shuffled = tf.RandomShuffleQueue(5, 2, tf.int32, [])
padded = tf.PaddingFIFOQueue(5, tf.int32, [[None]])
x = tf.placeholder(tf.int32, [None])
put, one, size = queue.enqueue_many(x), queue.dequeue(), queue.size()
all_of_four, four_or_fewer = queue.dequeue_many(4), queue.dequeue_up_to(4)
count = tf.Variable(0)
with tf.control_dependencies([count.assign_add(1)]):
    waits = queue.dequeue()
with tf.control_dependencies([waits]):
    after = count.assign_add(10)
chosen = tf.cond(tf.constant(True), queue.dequeue, lambda: tf.constant(1))
turns = tf.while_loop(lambda i: i < 3, lambda i: i + queue.dequeue(), [0])
put_shuffled, put_padded = shuffled.enqueue_many([[1, 2, 3]]), padded.enqueue([[4, 5]])
never = threading.Event()
slow = tf.py_func(lambda: never.wait(0.3) or 7, [], tf.int64)
with tf.control_dependencies([slow]):
    after_slow = count.assign_add(100)

session = tf.Session()
session.run(count.initializer)
told(lambda: session.run(one, options=SOON))
told(lambda: session.run(after, options=SOON))
print(session.run(count))
told(lambda: session.run(put, {x: [1, 2, 3, 4]}, options=SOON))
print(session.run(size))
told(lambda: session.run(all_of_four, options=SOON))
print(session.run(size))
session.run(put, {x: [5]})
told(lambda: session.run(four_or_fewer, options=SOON))
print(session.run(size))
for fetch in (chosen, turns, [tf.constant(3), one], tf.gradients(tf.cast(one, tf.float32) * 2., [])):
    told(lambda fetch=fetch: session.run(fetch, options=SOON) or "nothing waits")
session.run([put_shuffled, put_padded])
told(lambda: session.run(shuffled.dequeue_many(2), options=SOON))
told(lambda: session.run(padded.dequeue_many(2), options=SOON))
print(session.run(shuffled.size()), session.run(padded.size()))
told(lambda: session.run(slow, options=SOON))
told(lambda: session.run(after_slow, options=SOON))
print(session.run(count))
told(lambda: session.make_callable(one, accept_options=True)(options=SOON))

# others wait on while one gives up
found = []
waiting = threading.Thread(target=lambda: found.append(session.run(all_of_four).tolist()))
waiting.start()
told(lambda: session.run(queue.dequeue_many(5), options=SOON))
session.run(put, {x: [1, 2, 3]})
session.run(put, {x: [4]})
waiting.join()
print(found, session.run(size))
session.run(queue.close())
told(lambda: session.run(one, options=SOON))

config = tf.ConfigProto(operation_timeout_in_ms=700)
with tf.Session(config=config) as session:
    told(lambda: session.run(one))
    told(session.make_callable(all_of_four))
    told(lambda: session.run(one, options=SOON))
    session.run(put, {x: [6]})
    told(lambda: session.run(one, options=tf.RunOptions()))
    y = tf.placeholder(tf.int32, [])
    sums = [one + y, y * 2]
    handle = session.partial_run_setup(sums, [y])
    told(lambda: session.partial_run(handle, sums[1], {y: 4}))
    told(lambda: session.partial_run(handle, sums[0]))
    told(lambda: session.partial_run(handle, sums[0]))
    told(lambda: session.run(sums[1], {y: 1}))
with tf.train.MonitoredSession() as session:
    told(lambda: session.run(one, options=SOON))
    print(session.run(size), session.should_stop())
