"""A step in parts: what one part gives is looked at before more is fed."""
import numpy as np

import graphcli.tf1 as tf

tf.set_random_seed(3)
a, b, c = (tf.placeholder(tf.float32, [], name=n) for n in "abc")
noise = tf.random_uniform([], seed=2)
first = a + b + noise
second = first * c
v = tf.Variable(1.0, use_resource=False)
count = v.assign_add(2.0)

with tf.Session() as sess:
    sess.run(v.initializer)
    handle = sess.partial_run_setup([first, second, noise, count], [a, b, c])
    one = sess.partial_run(handle, first, {a: 1.0, b: 2.0})
    two = sess.partial_run(handle, [second, noise], {c: 10.0})
    print(np.allclose(two[0], one * 10), np.allclose(one, 3 + two[1]))
    print(sess.partial_run(handle, count), sess.run(v))
    handle = sess.partial_run_setup([first, second], [a, b, c])
    print(round(float(sess.partial_run(handle, second, {a: 0.0, b: 1.0, c: 0.0})), 3))
    for fetch, feeds in ((second, {}), (first, {a: 1.0}), (noise, {})):
        try:
            sess.partial_run(handle, fetch, feeds)
            print("went")
        except (tf.errors.InvalidArgumentError, ValueError):
            print("refused")
    handle = sess.partial_run_setup([first], [a, b])
    try:
        sess.partial_run(handle, first, {a: 1.0})
    except tf.errors.InvalidArgumentError:
        print("not all is fed")

# a part that comes after what an earlier one did
x, y = tf.placeholder(tf.float32, []), tf.placeholder(tf.float32, [])
r = tf.Variable(1.0, use_resource=True)
added, added_too = v.assign_add(x), r.assign_add(x)
with tf.control_dependencies([added, added_too]):
    doubled, later, later_too = y * 2.0, v.read_value() + y, r.read_value() + y
    nothing = tf.no_op()
with tf.control_dependencies([nothing]):
    again = v.assign_add(y)
queue = tf.FIFOQueue(3, tf.float32, [[]])
put = queue.enqueue(x)
with tf.control_dependencies([put]):
    taken = queue.dequeue()
with tf.control_dependencies([noise]):
    beside = y + 1.0
PARTS = ([added, doubled], [added, later], [added, later_too], [added_too, later_too], [added, again],
         [added, added * y], [taken, taken + y], [noise, beside])
with tf.Session() as sess:
    sess.run([v.initializer, r.initializer])
    for parts in PARTS:
        handle = sess.partial_run_setup(parts, [x, y])
        given = [{x: 1.0}, {y: 2.0}, {}]
        print(*[sess.partial_run(handle, part, feed) for part, feed in zip(parts, given)], *sess.run([v, r]))
    handle = sess.partial_run_setup([put], [x])
    try:
        sess.partial_run(handle, put, {x: 1.0})
    except RuntimeError:
        print("an operation has no value")

print(isinstance(later.op.outputs, list), later.op.outputs + [3] == [later, 3], isinstance(later.op.values(), tuple))

# what writes to a variable and waits for no feed runs with the first part
with tf.Session() as sess:
    sess.run([v.initializer, r.initializer])
    handle = sess.partial_run_setup([added, again, doubled], [x, y])
    print(sess.partial_run(handle, added, {x: 1.0}), sess.run(v))
    print(sess.partial_run(handle, doubled, {y: 3.0}), sess.run(v), sess.partial_run(handle, again))
    handle = sess.partial_run_setup([x * 2.0, added_too], [x])
    print(sess.partial_run(handle, added_too, {x: 4.0}), sess.run(r))
    handle = sess.partial_run_setup([beside, added_too], [x, y])
    print(sess.partial_run(handle, beside, {x: 1.0, y: 1.0}), sess.partial_run(handle, added_too), sess.run(r))
