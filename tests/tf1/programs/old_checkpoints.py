import hashlib
import os

import graphcli.tf1 as tf


def tried(what, call):
    try:
        print(what, call())
    except tf.errors.UnimplementedError:
        print(what, "not done")
    except ValueError:
        print(what, "wrong")
    except tf.errors.NotFoundError:
        print(what, "not there")


def digest(path):
    with open(path, "rb") as file:
        return hashlib.sha256(file.read()).hexdigest()[:16]


V1 = tf.train.SaverDef.V1
a = tf.Variable([[0.0, 1.0, 2.0], [3.0, 4.0, 5.0]], name="a")
b = tf.Variable(7, name="b")
cut = tf.get_variable("cut", [5, 2], partitioner=tf.fixed_size_partitioner(2), initializer=tf.ones_initializer())
kinds = [tf.Variable(tf.cast(tf.constant([0, 1, 300]), kind), name=kind)
         for kind in ("float16", "float64", "uint8", "int8", "int16", "int64", "bool", "complex64", "complex128")]
texts = tf.Variable(["a", "", "bc" * 100], name="texts")
half = tf.Variable(tf.cast(tf.constant([0.5]), tf.bfloat16), name="half")
known = [a, b, cut, *kinds, texts]
fetched = [a, b, *cut, *kinds, texts]
saver = tf.train.Saver(known, write_version=V1, max_to_keep=2)
sharded = tf.train.Saver([a, b], write_version=V1, sharded=True, max_to_keep=1)
newer = tf.train.Saver(known)
refused = tf.train.Saver([half], write_version=V1)
print(saver.saver_def.version, sharded.to_proto().sharded, newer.saver_def.version)
for node in tf.get_default_graph().get_operations():
    if node.name.startswith(("save/", "save_1/")):
        print(node.name, node.type, [t.name for t in node.inputs], sorted(c.name for c in node.control_inputs))
with tf.Session() as session:
    session.run(tf.global_variables_initializer())
    before = session.run(fetched)
    for step in range(3):
        print(saver.save(session, "model", global_step=step, write_meta_graph=step == 2), saver.last_checkpoints)
    print(sorted(n for n in os.listdir(".") if n[:5] in ("model", "check")), digest("model-2"))
    for step in range(2):
        print(sharded.save(session, "split", global_step=step))
    print(sorted(n for n in os.listdir(".") if "split" in n), digest("split-1-00000-of-00001"))
    print(tf.train.latest_checkpoint("."), tf.train.checkpoint_exists("split-1-?????-of-00001"),
          tf.train.checkpoint_exists("split-0-?????-of-00001"), tf.train.checkpoint_exists("model-1"))
    for each, path in ((saver, "model-2"), (newer, "model-1"), (sharded, "split-1-?????-of-00001")):
        session.run(tf.variables_initializer([*known[:2], *cut, *known[3:]]))
        session.run([a.assign(-a), b.assign(0), *[part.assign(0.0 * part) for part in cut]])
        each.restore(session, path)
        print([bool((x == y).all()) for x, y in zip(before, session.run(fetched))])
    reader = tf.train.NewCheckpointReader("model-2")
    print(sorted(reader.get_variable_to_shape_map().items()), reader.get_tensor("a").tolist())
    print(reader.get_tensor("texts"))
    print(sorted(reader.debug_string().decode().splitlines()))
    tried("parts", lambda: reader.get_tensor("cut"))
    tried("bfloat16", lambda: refused.save(session, "half"))
    tried("no folder", lambda: saver.save(session, "none/model"))
    tried("of fewer", lambda: newer.restore(session, "split-1-?????-of-00001"))
    tried("no checkpoint", lambda: saver.restore(session, "model-0"))
    tf.train.remove_checkpoint("model-1", V1)
    print(tf.train.checkpoint_exists("model-1"))
