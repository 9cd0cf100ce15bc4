import os

import numpy as np

import graphcli.tf1 as tf

tf.reset_default_graph()
tf.set_random_seed(1)
rng = np.random.RandomState(0)
X = rng.rand(50, 8).astype("f4")
Y = (X.sum(1) > 4).astype("i4")
x = tf.placeholder(tf.float32, [None, 8], name="x")
y = tf.placeholder(tf.int32, [None], name="y")
is_training = tf.placeholder_with_default(False, [], name="is_training")


def dense(x, n, name, act=None):
    with tf.variable_scope(name):
        w = tf.get_variable(
            "w", [x.get_shape()[1].value, n], initializer=tf.glorot_uniform_initializer(seed=3)
        )
        b = tf.get_variable("b", [n], initializer=tf.constant_initializer(0.1))
        z = tf.nn.xw_plus_b(x, w, b)
        return act(z) if act else z


with tf.variable_scope("net"):
    h = dense(x, 16, "l1", tf.nn.relu)
    logits = dense(h, 2, "l2")
with tf.name_scope("loss"):
    xent = tf.nn.sparse_softmax_cross_entropy_with_logits(labels=y, logits=logits)
    loss = tf.reduce_mean(xent, name="mean")
    tf.summary.scalar("loss", loss)
    tf.summary.histogram("h", h)
pred = tf.argmax(logits, 1, output_type=tf.int32)
acc = tf.reduce_mean(tf.to_float(tf.equal(pred, y)))
gs = tf.Variable(0, trainable=False, name="global_step")
lr = tf.train.exponential_decay(0.1, gs, 10, 0.5, staircase=True)
opt = tf.train.AdamOptimizer(lr)
gv = opt.compute_gradients(loss)
gv = [(tf.clip_by_value(g, -1.0, 1.0), v) for g, v in gv]
train = opt.apply_gradients(gv, global_step=gs)
merged = tf.summary.merge_all()
print([v.name for v in tf.global_variables()])
print(
    [v.op.name for v in tf.trainable_variables("net/l1")],
    loss.name,
    loss.shape,
    logits.shape.as_list(),
    logits.get_shape().ndims,
)
print(
    tf.get_default_graph().get_tensor_by_name("loss/mean:0") is loss,
    len(tf.get_default_graph().get_operations()) > 100,
)
saver = tf.train.Saver(max_to_keep=2)
d = "logs"
os.mkdir(d)
with tf.Session() as sess:
    sess.run(tf.global_variables_initializer())
    writer = tf.summary.FileWriter(d, sess.graph)
    for i in range(20):
        _, l, s = sess.run([train, loss, merged], feed_dict={x: X, y: Y})
        writer.add_summary(s, i)
        if i % 5 == 0:
            p = saver.save(sess, os.path.join(d, "model.ckpt"), global_step=i)
            print(i, f"{l:.4f}", os.path.basename(p))
    writer.close()
    print(f"acc {acc.eval({x: X, y: Y}):.3f}", sess.run(gs), f"{sess.run(lr):.5f}")
    final = sess.run("net/l2/b:0")
    print([os.path.basename(c) for c in saver.last_checkpoints])
with tf.Session() as sess:
    ck = tf.train.latest_checkpoint(d)
    print(os.path.basename(ck))
    saver.restore(sess, ck)
    print(sess.run(gs), f"{sess.run(loss, {x: X, y: Y}):.4f}")
    try:
        sess.run(loss)
    except tf.errors.InvalidArgumentError:
        print("refused")
    a = tf.assign_add(gs, 1)
    print(sess.run(a), gs.eval())
    with tf.control_dependencies([a]):
        b = gs + 0
    print(sess.run(b))
print(sorted(f for f in os.listdir(d) if "events" not in f))
