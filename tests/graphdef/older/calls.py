"""Functions of TensorFlow 1 (Defun): calls, gradients, loops, maps."""
from __future__ import annotations

from typing import Any


def _defun(*kinds: Any, **more: Any) -> Any:
    from tensorflow.python.framework import function  # type: ignore[import-not-found,unused-ignore]

    return function.Defun(*kinds, **more)


def called(tf: Any) -> Any:
    @_defun(tf.float32, tf.float32, func_name="Mixed")
    def mixed(x: Any, y: Any) -> Any:
        return x * y + tf.sin(x), y * 2.

    @_defun(tf.float32, func_name="Twice")
    def twice(x: Any) -> Any:
        return mixed(x, x)[0] * 2.

    x = tf.placeholder(tf.float32, [2])
    a, b = mixed(x, x * 3.)
    c = twice(x) * b
    return [([a, b, c, *tf.gradients([a, b], [x]), *tf.gradients(c, [x])], {x: [1., 2.]}), ([a], {x: [3., -1.]})]


def own_gradient(tf: Any) -> Any:
    @_defun(tf.float32, tf.float32, func_name="Back")
    def back(x: Any, dy: Any) -> Any:
        return 100. * dy + x

    @_defun(tf.float32, func_name="Forth", grad_func=back)
    def forth(x: Any) -> Any:
        return tf.square(x)

    x = tf.placeholder(tf.float32, [2])
    y = forth(x)
    return [([y, tf.gradients(3. * y, x)[0]], {x: [1., 2.]})]


def with_variables(tf: Any) -> Any:
    w = tf.Variable([2., 3.], use_resource=True)

    @_defun(tf.float32, func_name="Weighed")
    def weighed(x: Any) -> Any:
        return w.read_value() * x

    x = tf.placeholder(tf.float32, [2])
    return [[w.initializer], ([weighed(x)], {x: [1., 4.]})]


def symbolic(tf: Any) -> Any:
    from tensorflow.python.ops import functional_ops  # type: ignore[import-not-found,unused-ignore]

    @_defun(tf.float32, tf.float32, tf.int32, func_name="Three")
    def three(x: Any, y: Any, n: Any) -> Any:
        return tf.matmul(x, y), tf.tanh(x), n + 1

    x, y = tf.placeholder(tf.float32, [2, 2]), tf.constant([[1., 2.], [-1., .5]])
    three(x, y, 3)
    dx, dy, dn = functional_ops.symbolic_gradient(
        input=[x, y, tf.constant(3), tf.ones([2, 2]), .5 * tf.ones([2, 2]), tf.constant(0)],
        Tout=[tf.float32, tf.float32, tf.int32], f=three)
    return [([dx, dy], {x: [[1., 2.], [3., 4.]]})]


def loops(tf: Any) -> Any:
    from tensorflow.python.ops import functional_ops

    @_defun(tf.int32, tf.float32, tf.float32, func_name="Body")
    def body(i: Any, a: Any, b: Any) -> Any:
        return a + tf.cast(i, tf.float32) * b, b * 2.

    start, limit, delta = (tf.placeholder(tf.int32, []) for _ in range(3))
    end = functional_ops.For(start, limit, delta, [tf.constant(1.), tf.constant(.5)], body)
    return [(list(end), {start: s, limit: e, delta: d})
            for s, e, d in ((0, 4, 1), (5, -2, -3), (0, 0, 1), (3, 1, 1), (1, 2, 0), (2, 2, 0), (1, 3, -1))]


def remote(tf: Any) -> Any:
    from tensorflow.python.ops import functional_ops

    @_defun(tf.float32, func_name="There")
    def there(x: Any) -> Any:
        return x * 2., tf.shape(x)

    x = tf.placeholder(tf.float32)
    target = "/job:localhost/replica:0/task:0/device:CPU:0"
    return [(functional_ops.remote_call(args=[x], Tout=[tf.float32, tf.int32], f=there, target=target), {x: [1., 5.]})]


def mapped(tf: Any) -> Any:
    @_defun(tf.float32, tf.int32, tf.float32, func_name="Row")
    def row(x: Any, n: Any, shift: Any) -> Any:
        return x * tf.cast(n, tf.float32) + shift, tf.reshape(n, [1])

    x, n = tf.placeholder(tf.float32, [None, 2]), tf.placeholder(tf.int32, [None])
    row(tf.zeros([2]), 1, 0.)
    found, loose = (tf.raw_ops.MapDefun(arguments=[x, n], captured_inputs=[tf.constant(10.)],
                                        output_types=[tf.float32, tf.int32], output_shapes=shapes, f=row)
                    for shapes in ([[2], [1]], [None, [None]]))
    return [(list(found), {x: [[1., 2.], [3., 4.], [5., 6.]], n: [1, 0, 2]}), (list(found), {x: [[1., 2.]], n: [1, 0]}),
            (list(loose), {x: [[1., 2.], [3., 4.]], n: [1, 2]})]
