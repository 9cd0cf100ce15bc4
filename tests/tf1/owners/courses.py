"""A VAE and a DQN-like target network, a GAN with two optimizers, hooks and EMA: course code of 2018."""
import os
import numpy as np
import tensorflow as tf
tf.set_random_seed(1)
ds = tf.distributions
rng = np.random.RandomState(0)
DATA = (rng.rand(64, 20) > 0.5).astype(np.float32)
W = lambda *s: tf.constant_initializer(np.random.RandomState(sum(s)).randn(*s) * 0.2)

def encoder(x, z_size):
    with tf.variable_scope("encoder"):
        h = tf.layers.dense(x, 16, tf.nn.relu, kernel_initializer=W(20, 16))
        mu = tf.layers.dense(h, z_size, kernel_initializer=W(16, z_size), name="mu")
        sigma = tf.layers.dense(h, z_size, tf.nn.softplus, kernel_initializer=W(16, z_size), name="sigma") + 1e-3
        return ds.Normal(mu, sigma)
def decoder(z):
    with tf.variable_scope("decoder", reuse=tf.AUTO_REUSE):
        h = tf.layers.dense(z, 16, tf.nn.elu, kernel_initializer=W(3, 16), name="h")
        return ds.Bernoulli(logits=tf.layers.dense(h, 20, kernel_initializer=W(16, 20), name="out"))
def vae():
    x = tf.placeholder(tf.float32, [None, 20])
    q = encoder(x, 3)
    prior = ds.Normal(tf.zeros(3), tf.ones(3))
    eps = tf.placeholder(tf.float32, [None, 3])
    p = decoder(q.loc + q.scale * eps)
    elbo = tf.reduce_mean(tf.reduce_sum(p.log_prob(x), 1) - tf.reduce_sum(ds.kl_divergence(q, prior), 1))
    step = tf.train.get_or_create_global_step()
    ema = tf.train.ExponentialMovingAverage(0.9)
    train = tf.train.RMSPropOptimizer(0.01).minimize(-elbo, global_step=step)
    with tf.control_dependencies([train]):
        train = ema.apply([elbo] + tf.trainable_variables("decoder"))
    class Show(tf.train.SessionRunHook):
        def before_run(self, ctx):
            return tf.train.SessionRunArgs({"elbo": elbo, "step": step})
        def after_run(self, ctx, values):
            if values.results["step"] % 10 == 0:
                print("step %d elbo %.3f" % (values.results["step"], values.results["elbo"]))
    feed = {x: DATA, eps: np.random.RandomState(3).randn(64, 3)}
    with tf.train.MonitoredTrainingSession(hooks=[Show(), tf.train.StopAtStepHook(31)], checkpoint_dir="vae", save_checkpoint_steps=20, save_summaries_steps=None, log_step_count_steps=None) as sess:
        while not sess.should_stop():
            sess.run(train, feed)
    print(sorted(n for n, _ in tf.train.list_variables("vae"))[:6])
    m = tf.train.load_variable("vae", ema.average_name(elbo))
    print("%.2f" % m)
def gan():
    z = tf.placeholder(tf.float32, [None, 4]); real = tf.placeholder(tf.float32, [None, 20])
    def D(x, reuse=None):
        with tf.variable_scope("D", reuse=reuse):
            h = tf.nn.leaky_relu(tf.layers.dense(x, 8, kernel_initializer=W(20, 8), name="a"))
            return tf.layers.dense(h, 1, kernel_initializer=W(8, 1), name="b")
    with tf.variable_scope("G"):
        g = tf.layers.dense(tf.layers.batch_normalization(tf.layers.dense(z, 8, kernel_initializer=W(4, 8)), training=True, momentum=0.5), 20, tf.sigmoid, kernel_initializer=W(8, 20))
    d_real, d_fake = D(real), D(g, True)
    ce = lambda l, t: tf.reduce_mean(tf.nn.sigmoid_cross_entropy_with_logits(logits=l, labels=t))
    d_loss = ce(d_real, tf.ones_like(d_real)) + ce(d_fake, tf.zeros_like(d_fake))
    g_loss = ce(d_fake, tf.ones_like(d_fake))
    grad = tf.gradients(D(0.5 * real + 0.5 * g, True), [g])[0]
    gp = tf.reduce_mean((tf.sqrt(tf.reduce_sum(grad ** 2, axis=1)) - 1.0) ** 2)
    d_vars = [v for v in tf.trainable_variables() if v.name.startswith("D")]
    g_vars = [v for v in tf.trainable_variables() if v.name.startswith("G")]
    with tf.control_dependencies(tf.get_collection(tf.GraphKeys.UPDATE_OPS)):
        d_op = tf.train.AdamOptimizer(0.01, beta1=0.5).minimize(d_loss + 10 * gp, var_list=d_vars)
        g_op = tf.train.AdamOptimizer(0.01, beta1=0.5).minimize(g_loss, var_list=g_vars)
    with tf.Session() as sess:
        sess.run(tf.global_variables_initializer())
        noise = np.random.RandomState(5)
        for i in range(20):
            n = noise.randn(16, 4)
            _, dl = sess.run([d_op, d_loss], {z: n, real: DATA[:16]})
            _, gl = sess.run([g_op, g_loss], {z: n, real: DATA[:16]})
            if i % 5 == 0: print("gan %d %.4f %.4f" % (i, dl, gl))
    print(len(d_vars), len(g_vars), [v.op.name for v in tf.get_collection("update_ops")] if False else len(tf.get_collection("update_ops")))
def dqn():
    s = tf.placeholder(tf.float32, [None, 4], "s"); a = tf.placeholder(tf.int32, [None], "a"); y = tf.placeholder(tf.float32, [None], "y")
    def net(scope):
        with tf.variable_scope(scope):
            h = tf.contrib.layers.fully_connected(s, 10, weights_initializer=W(4, 10))
            return tf.contrib.layers.fully_connected(h, 2, activation_fn=None, weights_initializer=W(10, 2))
    q, target = net("q"), net("target")
    qa = tf.reduce_sum(q * tf.one_hot(a, 2), axis=1)
    td = y - qa
    loss = tf.reduce_mean(tf.where(tf.abs(td) < 1.0, 0.5 * tf.square(td), tf.abs(td) - 0.5))
    opt = tf.train.RMSPropOptimizer(0.01, 0.95, 0.95, 0.01)
    gv = [(tf.clip_by_norm(g, 1.0), v) for g, v in opt.compute_gradients(loss, var_list=tf.get_collection(tf.GraphKeys.TRAINABLE_VARIABLES, scope="q")) if g is not None]
    op = opt.apply_gradients(gv)
    sync = [tf.assign(t, o) for t, o in zip(tf.global_variables("target"), tf.trainable_variables("q"))]
    with tf.Session() as sess:
        sess.run(tf.global_variables_initializer()); sess.run(sync)
        r = np.random.RandomState(2)
        for i in range(30):
            st, nx = r.randn(8, 4), r.randn(8, 4)
            best = sess.run(target, {s: nx}).max(1)
            l, _ = sess.run([loss, op], {s: st, a: r.randint(2, size=8), y: 1.0 + 0.9 * best})
            if i % 10 == 0: sess.run(sync); print("dqn %d %.4f" % (i, l))
for f in (vae, gan, dqn):
    with tf.Graph().as_default():
        f()
