import numpy as np

import graphcli.tf1 as tf

g = tf.Graph()
with g.as_default(), tf.device("/cpu:0"):
    q = tf.constant([[1, 2, 3], [4, 5, 6]], dtype=tf.float32)
    print(q, q.op.type, q.dtype, q.dtype.name, q.dtype == tf.float32)
    i = tf.constant(0)
    r = tf.while_loop(lambda i, a: i < 5, lambda i, a: (i + 1, a * 2), [i, q])
    c = tf.cond(tf.reduce_sum(q) > 3, lambda: q + 1, lambda: q - 1)
    m = tf.map_fn(lambda r: tf.reduce_max(r), q)
    s = tf.scan(lambda a, v: a + v, q)
    t = tf.transpose(q)
    mm = tf.matmul(q, t)
    u, idx = tf.unique(tf.constant([1, 1, 2, 3, 3]))
    sp = tf.split(q, 3, axis=1)
    st = tf.stack(sp)
    us = tf.unstack(q)
    oh = tf.one_hot([0, 2], 3)
    wh = tf.where(q > 2.5)
    bm = tf.boolean_mask(q, [True, False])
    e = tf.einsum("ij,kj->ik", q, q)
    tk = tf.nn.top_k(q, 2)
    st2 = tf.strings.join(["a", "b"], separator="-") if hasattr(tf, "strings") else None
    sj = tf.string_join(["x", "y"])
    v = tf.Variable(tf.zeros([3]), name="v")
    up = tf.scatter_add(v, [0, 2], [1.0, 2.0])
    pl = tf.placeholder(tf.float32, shape=(None, 2))
    sz = tf.shape(pl)[0]
    rs = tf.reshape(pl, [-1, 2, 1])
    print(rs.shape, sz, tf.shape(pl).name)
    arr = tf.TensorArray(tf.float32, 3).unstack(tf.constant([1.0, 2.0, 3.0]))
    ar = arr.stack()
    print([o.name for o in g.get_operations()][:12])
    reg = tf.nn.l2_loss(v)
    gr = tf.gradients(reg, [v])[0]
    tf.add_to_collection("mine", reg)
    print(tf.get_collection("mine"), sorted(g.get_all_collection_keys()))
    print(tf.get_variable_scope().name, tf.is_variable_initialized(v).op.type)
    with tf.variable_scope("a") as sc:
        with tf.variable_scope("b", reuse=tf.AUTO_REUSE):
            w = tf.get_variable("w", [2])
        print(sc.name, w.name, w, w.op.name, w.initializer.name, w.value().name, sc.original_name_scope)
    try:
        tf.get_variable("a/b/w", [3])
    except ValueError:
        print("refused")
    try:
        with tf.variable_scope("a/b"):
            tf.get_variable("w", [2])
    except ValueError:
        print("refused")
    try:
        q + tf.constant(1)
    except (TypeError, ValueError):
        print("refused")
    try:
        tf.matmul(q, q)
    except (TypeError, ValueError):
        print("refused")
    init = tf.global_variables_initializer()
with tf.Session(graph=g, config=tf.ConfigProto(allow_soft_placement=True)) as sess:
    sess.run(init)
    for n, z in list(
        dict(
            r=r,
            c=c,
            m=m,
            s=s,
            mm=mm,
            u=u,
            idx=idx,
            st=st,
            us=us,
            oh=oh,
            wh=wh,
            bm=bm,
            e=e,
            tk=tk,
            sj=sj,
            up=up,
            ar=ar,
            gr=gr,
        ).items()
    ):
        print(
            n,
            np.array2string(
                np.array(sess.run(z)[0] if isinstance(z, (tuple,)) else sess.run(z), dtype=object).astype(str)
                if n == "sj"
                else np.asarray(sess.run(z)[1] if n in ("r", "tk") else sess.run(z)),
                precision=3,
            ).replace("\n", ""),
        )
    print(
        sess.run({"a": mm, "b": [u, idx]})["b"][0].dtype,
        v.eval(session=sess),
        sess.run(sz, {pl: np.zeros((4, 2))}),
    )
    print(sess.run([reg, gr]), type(sess.run(reg)).__name__)
sess = tf.InteractiveSession(graph=g)
print(q.eval()[0])
sess.close()
