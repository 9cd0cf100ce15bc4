import numpy as np

import graphcli.tf1 as tf

a = tf.constant(2.0)
v = tf.Variable(3.0)
with tf.Session() as sess:
    sess.run(tf.global_variables_initializer())
    print(tf.get_default_session() is sess, a.eval(), (v + a).eval(feed_dict={a: 10.}), v.load(7., sess), v.eval())
    print(len(sess.graph_def.node) == len(sess.graph.get_operations()), sess.graph.version > 0)
    print(sess.run(tf.IndexedSlices(a, tf.constant(1))))
print(tf.get_default_session())
try:
    sess.run(a)
except RuntimeError:
    print("closed")
g1, g2 = tf.Graph(), tf.Graph()
with g1.as_default():
    with g2.as_default():
        with g1.as_default():
            pass
        print(tf.get_default_graph() is g2, tf.get_default_graph().building_function)
    x = tf.placeholder(tf.float32, [None, 2], name="x")
    w = tf.get_variable("w", [2, 1], initializer=tf.ones_initializer())
y = tf.matmul(x, w) + 1.
train = tf.gradients(y, w)[0]
print(y.graph is g1, train.graph is g1, len(tf.get_default_graph().get_operations()) < 20)
with tf.Session(graph=g1) as sess:
    sess.run(w.initializer)
    print(sess.run([y, train], {x: np.ones([1, 2])}))


class Counting(tf.Session):
    """A session that counts its steps."""

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.steps = 0

    def run(self, *args, **kwargs):
        self.steps += 1
        return super().run(*args, **kwargs)


with tf.Graph().as_default() as counted:
    seven = tf.constant(7)
with Counting(graph=counted, config=tf.ConfigProto()) as session:
    print(session.run(seven), session.run([seven]), seven.eval(), session.steps, session.graph is counted)
    print(isinstance(session, tf.Session), isinstance(session, Counting), tf.get_default_session() is session)
