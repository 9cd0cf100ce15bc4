"""Tests of a small layer library, as owners have them."""
import collections
import os
import sys

import numpy as np

import graphcli.tf1 as tf


def dense(x, n, name):
    with tf.variable_scope(name):
        w = tf.get_variable("w", [int(x.shape[-1]), n])
        b = tf.get_variable("b", [n], initializer=tf.zeros_initializer())
        return tf.matmul(x, w) + b

class DenseTest(tf.test.TestCase):
    def setUp(self):
        super().setUp()
        self.x = np.arange(6, dtype=np.float32).reshape(2, 3)

    def testShape(self):
        y = dense(tf.constant(self.x), 4, "d")
        self.assertEqual(y.shape.as_list(), [2, 4])
        self.assertEqual(y.op.name, "d/add")
        self.assertShapeEqual(np.zeros([2, 4]), y)
        print("device", repr(y.op.device))

    def testValues(self):
        with self.test_session() as sess:
            y = dense(tf.constant(self.x), 4, "d")
            sess.run(tf.global_variables_initializer())
            v = sess.run(y)
            print(np.round(v, 4).tolist())
            self.assertAllClose(v, y.eval())
            self.assertAllEqual([2, 4], v.shape)
            self.assertIs(sess, tf.get_default_session())

    def testAgain(self):
        with self.cached_session() as sess:
            a = sess
        with self.cached_session() as sess:
            self.assertIs(a, sess)
        with self.assertRaises(ValueError):
            with self.cached_session(graph=tf.Graph()):
                pass

    def testOpError(self):
        with self.session() as sess:
            v = tf.Variable(1.0)
            with self.assertRaisesOpError(lambda e: e.op is None or e.op.name == "Variable"):
                sess.run(v)
            with self.assertRaises(tf.errors.FailedPreconditionError):
                sess.run(v)
            x = tf.placeholder(tf.float32, [])
            checked = tf.assert_positive(x, message="rates are above zero")
            with self.assertRaisesOpError("rates are above zero"):
                sess.run(checked, {x: -1.0})
            with self.assertRaisesRegex(tf.errors.InvalidArgumentError, "rates are above zero"):
                sess.run(checked, {x: -1.0})

    def testNest(self):
        P = collections.namedtuple("P", "a b")
        nested = P(1.0, [2.0, (3.0, [4.0, 5.0])])
        self.assertAllClose({"x": [1.0, 2.0], "y": nested}, {"x": np.array([1.0, 2.0 + 1e-7]), "y": nested})
        with self.assertRaises(AssertionError) as c:
            self.assertAllClose([1.0, 2.0], [1.0, 2.1])
        print(str(c.exception).split("\n")[1:9])
        with self.assertRaises(ValueError) as c:
            self.assertAllClose({"x": 1}, [1])
        print(c.exception)
        with self.assertRaises(AssertionError) as c:
            self.assertAllEqual([1, 2], [1, 3])
        print(str(c.exception).split("\n")[1:4])
        with self.assertRaises(AssertionError) as c:
            self.assertAllEqual([1, 2], [1, 3, 4])
        print(str(c.exception).split("Contents")[0])
        with self.assertRaises(AssertionError) as c:
            self.assertAllClose([1, 2], [1, 3, 4])
        print(str(c.exception))
        with self.assertRaises(AssertionError) as c:
            self.assertAllInRange(np.array([1., 2., 9.]), 1, 3, open_lower_bound=True)
        print(str(c.exception))
        with self.assertRaises(AssertionError) as c:
            self.assertNear(1., 2., 0.5, "far")
        self.assertAllCloseAccordingToType(np.float16([1.0]), np.float16([1.0005]))
        self.assertItemsEqual([1, 2], [2, 1])
        self.assertAllInSet([1, 2], {1, 2, 3})
        self.assertDeviceEqual("/cpu:0", "/device:CPU:0")
        self.assertNotAllClose([1.], [2.])
        self.assertDTypeEqual(np.float32(1), np.float32)
        self.assertLen([1, 2], 2)

    def testSeeds(self):
        with self.test_session():
            print(np.random.rand(2).round(5).tolist(), tf.random_uniform([2]).eval().round(5).tolist())

    def testGradient(self):
        with self.test_session():
            x = tf.constant([[1., 2., 3.]])
            w = tf.constant([[1., 0.], [2., 1.], [0., -1.]])
            y = tf.tanh(tf.matmul(x, w) * 0.1)
            err = tf.test.compute_gradient_error(x, [1, 3], y, [1, 2])
            self.assertLess(err, 1e-3)
            jt, jn = tf.test.compute_gradient(x, [1, 3], y, [1, 2], x_init_value=np.array([[1., 2., 3.]], np.float32))
            print(jt.round(4).tolist(), jn.shape)
            emb = tf.constant(np.arange(8.).reshape(4, 2))
            g = tf.gather(emb, [1, 1, 3])
            jt, jn = tf.test.compute_gradient(emb, (4, 2), g, (3, 2))
            print(jt.tolist(), np.abs(jt - jn).max() < 1e-6)
            r = tf.test.compute_gradient_error([x, w], [[1, 3], [3, 2]], y, [1, 2])
            self.assertLess(r, 1e-3)

    def testEvaluate(self):
        print(self.evaluate([tf.constant([3]), [tf.constant([1., 2.])]]))

    def testThread(self):
        t = self.checkedThread(target=lambda: None)
        t.start()
        t.join()

        def bad():
            raise ValueError("oh")

        t = self.checkedThread(target=bad)
        t.start()
        with self.assertRaisesRegex(AssertionError, "Error in checkedThread: oh"):
            t.join()

    def testProto(self):
        g = tf.GraphDef()
        n = g.node.add()
        n.name, n.op = "a", "NoOp"
        self.assertProtoEquals("node { name: 'a' op: 'NoOp' }", g)
        tf.test.assert_equal_graph_def(g, g)

    def testTemp(self):
        d = self.get_temp_dir()
        self.assertTrue(os.path.isdir(d))
        self.assertStartsWith(d, tf.test.get_temp_dir())

    @tf.test.mock.patch.object(os.path, "exists", autospec=True)
    def testMock(self, m):
        m.return_value = True
        self.assertTrue(os.path.exists("/no/such"))

    def testV1(self):
        self.assertFalse(tf.test.is_gpu_available())

    def testCapture(self):
        with self.captureWritesToStream(sys.stderr) as captured:
            sys.stderr.write("hello there")
        self.assertStartsWith(captured.contents(), "hello")

if __name__ == "__main__":
    tf.test.main()
