"""Parts of graphs are exported by their scope, and graphs without their savers."""
import graphcli.tf1 as tf

with tf.variable_scope("a"):
    x = tf.placeholder(tf.float32, [2], name="x")
    v = tf.get_variable("v", [2], initializer=tf.ones_initializer())
    z = tf.multiply(x, v, name="z")
with tf.device("/cpu:0"), tf.variable_scope("b"):
    w = tf.get_variable("w", [2], initializer=tf.ones_initializer())
    u = tf.add(z, w, name="u")
    c = tf.cond(tf.reduce_sum(u) > 0, lambda: u, lambda: w, name="c")
    with tf.colocate_with(z):
        k = tf.constant(1.0, name="k")
for key, items in {"strings": ["a", "b/w"], "ints": [1, 2], "tensors": [z, u], "ops": [u.op]}.items():
    for item in items:
        tf.add_to_collection(key, item)
saver = tf.train.Saver()

for scope in ("a", "nothing", "b", "b/", "b/c", "a/z"):
    part = tf.train.export_meta_graph(export_scope=scope, clear_devices=scope == "b/")
    print(scope, [o.name for o in part.meta_info_def.stripped_op_list.op])
    for node in part.graph_def.node:
        print("  ", node.name, list(node.input), node.device, list(node.attr["_class"].list.s))
    for key in sorted(part.collection_def):
        kind = part.collection_def[key].WhichOneof("kind")
        if kind:
            values = list(getattr(part.collection_def[key], kind).value)
            print("  ", key, len(values) if key.endswith(("variables", "context")) else values)

part = tf.train.export_meta_graph(export_scope="b")
with tf.Graph().as_default() as graph:
    try:
        tf.train.import_meta_graph(part, import_scope="q")
    except ValueError as error:
        print("refused", "$unbound_inputs_a/z" in str(error))
    tf.train.import_meta_graph(part, import_scope="r", input_map={"$unbound_inputs_a/z": tf.ones([2])})
    print([n.name for n in graph.as_graph_def().node])
    print(sorted((k, [i.name for i in graph.get_collection(k)]) for k in ("variables", "tensors", "unbound_inputs")))
    with tf.Session() as session:
        session.run(tf.global_variables_initializer())
        print(session.run("r/c/Merge:0"))

other = tf.train.Saver(name="other")
for made in (tf.train.export_meta_graph(clear_extraneous_savers=True),
             saver.export_meta_graph(clear_extraneous_savers=True),
             other.export_meta_graph("o.meta", clear_extraneous_savers=True), other.export_meta_graph()):
    print(len(made.graph_def.node), sorted({n.name.partition("/")[0] for n in made.graph_def.node}))
