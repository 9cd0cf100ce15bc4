import numpy as np

import graphcli.tf1 as tf

KINDS = (tf.errors.InvalidArgumentError, tf.errors.FailedPreconditionError, tf.errors.OutOfRangeError,
         tf.errors.UnimplementedError, TypeError, ValueError, RuntimeError, KeyError)


def told(call):
    """What a call gives, or the kind of error that it raises."""
    try:
        print(call())
    except KINDS as error:
        kinds = [k.__name__.removesuffix("Error") for k in KINDS if isinstance(error, k)]
        print(*kinds, *[error.op.name for k in kinds if k == "InvalidArgument" and error.op])


x = tf.placeholder(tf.int32, [2], name="x")
y = tf.multiply(x, 2, name="y")
v = tf.Variable([1., 2.], name="v")
count = tf.Variable(0, name="count")
sess = tf.Session()
feed = {x: [1, 2]}
for fetch in ("y", "y:0", ["y", "y:0"], "y:1", "z", "z:0", "y:x", 5, [y, None]):
    told(lambda fetch=fetch: sess.run(fetch, feed))
for key in (x, "x:0", "x", "z:0", "z", x.op, 5, tf.Graph()):
    told(lambda key=key: sess.run(y, {key: [3, 4]}))
told(lambda: sess.run(y, [(x, [1, 2])]))
told(lambda: sess.run(y))
told(lambda: sess.run(v))
told(lambda: sess.run(v + 1.))
told(lambda: sess.run(tf.gather(y, 5), feed))
told(lambda: sess.run(tf.count_up_to(count, 0)))
sess.run(tf.global_variables_initializer())
told(lambda: sess.run(tf.count_up_to(count, 0)))
told(lambda: sess.run(tf.cast(tf.constant(["a", "b"]), tf.float32)))
told(lambda: sess.run(tf.image.resize_bilinear(tf.zeros([1, 2, 2, 1]), [0, 2])))
told(lambda: sess.run(tf.Assert(tf.less(x, 0), [x]), feed))
told(lambda: sess.run(tf.Assert([True], [x]), feed))
told(lambda: sess.run(tf.Assert([[True]], [x]), feed))
told(lambda: tf.assert_equal(tf.constant(1), tf.constant(2)))
print(tf.errors.InvalidArgumentError is tf.errors.FailedPreconditionError)
sess.close()
told(lambda: sess.run(v))
interactive = tf.InteractiveSession()
print(tf.constant(3).eval())
interactive.close()
print(tf.get_default_session())
print(np.float32(1).item())
