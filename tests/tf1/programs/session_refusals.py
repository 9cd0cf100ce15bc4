"""What sessions refuse, by kind, and what still runs after it."""
import graphcli.tf1 as tf

NUMBERED = (tf.errors.InvalidArgumentError, tf.errors.NotFoundError, tf.errors.CancelledError,
            tf.errors.FailedPreconditionError)
KINDS = (AttributeError, RuntimeError, TypeError, ValueError)


def told(call):
    """What a call gives, or the number of its error, or else the kind."""
    try:
        value = call()
        print(value if isinstance(value, (str, type(None))) else [float(v) for v in value] if isinstance(value, list)
              else float(value))
    except NUMBERED as error:
        print("failed:", error.error_code)
    except KINDS as error:
        print("refused:", *[k.__name__ for k in KINDS if isinstance(error, k)][:1])


x, y = tf.placeholder_with_default(1.0, []), tf.placeholder(tf.float32, [])
v = tf.Variable([1.0, 2.0], use_resource=True, name="v")
w = tf.Variable(3.0, use_resource=False, name="w")
bad = tf.check_numerics(1.0 / y, "no number")
total, sums = y + x, [x * 2.0, x + 1.0]
loss = tf.square(y)

# a callable takes the first values, and no more than it has feeds
session = tf.Session()
for feeds, values in (([x], [()]), ([x], [(3.0,), (3.0, 4.0)]), ([], [(3.0,)]), (None, [(3.0,), ()])):
    step = session.make_callable(sums, feeds)
    for given in values:
        told(lambda step=step, given=given: step(*given))
step = session.make_callable(total, [y, x])
for given in ((), (3.0,), (3.0, 4.0), (3.0, 4.0, 5.0)):
    told(lambda given=given: step(*given))
told(lambda: session.make_callable(total, y))

# handles of variables that have no value
for op in (v.assign_add([1.0, 1.0]), v.assign_sub([1.0, 1.0]), v.read_value(), tf.gather(v, [0]),
           tf.scatter_add(v, [0], [1.0]), tf.scatter_update(v, [0], [1.0]), v[:1].assign([1.0]), w.assign_add(1.0),
           tf.count_up_to(tf.Variable(1, use_resource=True), 3)):
    told(lambda op=op: session.run(op))
told(lambda: session.run(w.initializer))

# a part that fails is the session's last
told(lambda: session.partial_run_setup([], [x]))
handle = session.partial_run_setup([total, sums[0], w], [x, y])
told(lambda: session.partial_run(handle, w, {}))
told(lambda: session.partial_run(handle, w))
told(lambda: session.partial_run(handle, total, {x: 2.0}))
told(lambda: session.partial_run(handle, total, {y: 2.0, loss: 1.0}))
told(lambda: session.run(w))
handle = session.partial_run_setup([bad, sums[0]], [y])
told(lambda: session.partial_run(handle, bad, {y: 0.0}))
told(lambda: session.partial_run(handle, sums[0]))
told(lambda: session.run(w + 1.0))
told(lambda: session.make_callable(w)())
session.close()
told(lambda: session.run(w))
told(lambda: session.partial_run_setup([total], [y]))

saver = tf.train.Saver(defer_build=True)
other = tf.Session()
told(lambda: saver.save(other, "model"))
told(lambda: saver.restore(other, "model"))
told(lambda: saver.restore(other, None))
with tf.train.MonitoredSession() as watched:
    told(lambda: watched.run(w))
told(lambda: watched.run(w))
told(watched.close)
print(watched.should_stop())

# a folder is made for a checkpoint, and none for one in shards
other = tf.Session()
other.run(w.initializer)
for sharded in (False, True):
    saver = tf.train.Saver([w], sharded=sharded)
    for path in (f"new{sharded}/model", f"new{sharded}/new/model", f"none{sharded}/new/model"):
        told(lambda path=path, saver=saver: saver.save(other, path))
