"""Variables and what writes to them; what an op checks or prints."""
from __future__ import annotations

from ..cases import program

program("VariableV2 Assign IsVariableInitialized", """
w = tf.Variable([[1.0, 2.0], [3.0, 4.0]])
before = tf.is_variable_initialized(w)
with tf.control_dependencies([before]):
    y = [before, tf.assign(w, [[5.0, 6.0], [7.0, 8.0]])]""", grad=False)
program("VariableV2 MatMul", """
w = tf.Variable(np.array([[1.0, 2.0], [3.0, 4.0]]))
run_first(tf.global_variables_initializer())
y = tf.matmul(X([[0.5, -1.0]]), w)""")
program("Variable", """
w = raw("Variable", shape=[2], dtype=tf.float32)
y = raw("Assign", w, tf.constant([1.0, 2.0]))""", grad=False)
for name in ("AssignAdd", "AssignSub"):
    program(name, f"""
w = tf.Variable([[1.0, 2.0], [3.0, 4.0]])
run_first(tf.global_variables_initializer())
y = raw("{name}", w, tf.constant([[0.5, 1.0], [2.0, -1.0]]))""", grad=False)
program("CountUpTo", """
w = tf.Variable(3)
run_first(tf.global_variables_initializer())
y = raw("CountUpTo", w, limit=5)""", grad=False)
for name in ("ScatterAdd", "ScatterSub", "ScatterMul", "ScatterDiv", "ScatterMin", "ScatterMax", "ScatterUpdate"):
    for kind in ("float32", "float64", "int32"):
        if (name, kind) == ("ScatterDiv", "int32"):
            continue
        program(name, f"""
w = tf.Variable(np.array([[1, 2], [3, 4], [5, 6]], "{kind}"))
run_first(tf.global_variables_initializer())
y = raw("{name}", w, tf.constant([2, 0{'' if name == 'ScatterUpdate' else ', 2'}]),
        tf.constant([[4, 3], [2, 8]{'' if name == 'ScatterUpdate' else ', [1, 7]'}], tf.{kind}))""", grad=False)
    program(name, f"""
w = tf.Variable([[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]])
run_first(tf.global_variables_initializer())
y = raw("{name}", w, tf.constant([[0, 1]], tf.int64), tf.constant([[[4.0, 3.0], [2.0, 8.0]]]))""", grad=False)
for name in ("ScatterNdUpdate", "ScatterNdAdd", "ScatterNdSub", "ScatterNdMin", "ScatterNdMax"):
    program(name, f"""
w = tf.Variable([[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]])
run_first(tf.global_variables_initializer())
y = raw("{name}", w, tf.constant([[2, 0], [0, 1]]), tf.constant([4.0, 8.0]))""", grad=False)
for cut, value in (("2, 1", "4.0"), ("1:, ::-1", "[[4.0, 3.0], [2.0, 8.0]]"), ("..., 0", "[7.0, 8.0, 9.0]"),
                   ("3:", "np.zeros([0, 2])")):
    program("StridedSliceAssign", f"""
w = tf.Variable([[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]])
run_first(tf.global_variables_initializer())
y = w[{cut}].assign({value})""", grad=False)
program("Assert NoOp", """
x = X([1.0, 2.0])
with tf.control_dependencies([tf.group(tf.Assert(tf.reduce_all(x > 0), [x]))]):
    y = tf.identity(x)""")
program("Assert", """
x = X([1.0, -2.0])
with tf.control_dependencies([tf.Assert(tf.reduce_all(x > 0), [x])]):
    y = tf.identity(x)""", grad=False)
program("ImmutableConst", """
with open(folder + "/ten", "wb") as file:
    file.write(np.arange(10, dtype=np.float32).tobytes())
y = raw("ImmutableConst", dtype=tf.float32, shape=[2, 5], memory_region_name=folder + "/ten")""", grad=False)
