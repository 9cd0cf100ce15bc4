"""Branches, loops, tensor arrays, and gradients of pooling that need the pooled values."""
from __future__ import annotations

from ..cases import program

program("Switch Merge", """
x = X([1.0, -2.0])
y = tf.cond(tf.reduce_sum(x) < 0, lambda: tf.square(x), lambda: tf.exp(x))""")
program("Switch Merge", """
x, z = X([0.5, 2.0]), X([[1.0], [3.0]])
y = tf.cond(F(True), lambda: x * z, lambda: tf.zeros([2, 2], tf.float64)) * x""")
program("Enter Exit NextIteration LoopCond Merge Switch", """
x = X([0.5, 1.5])
y = tf.while_loop(lambda i, z: i < 3, lambda i, z: [i + 1, z * x + tf.sin(z)], [0, x])[1]""")
program("StackV2 StackPushV2 StackPopV2 ControlTrigger", """
x = X([0.5, 1.5])
z = tf.while_loop(lambda i, z: i < 2, lambda i, z: [i + 1, tf.tanh(z) * x], [0, x])[1]
y = tf.gradients(z, x)[0]""")
program("StackCloseV2", """
s = raw("StackV2", tf.constant(-1), elem_type=tf.float32)
p = raw("StackPushV2", s, F(np.ones(2, np.float32)))
with tf.control_dependencies([p]):
    y = raw("StackPopV2", s, elem_type=tf.float32)
with tf.control_dependencies([y]):
    close = raw("StackCloseV2", s)
with tf.control_dependencies([close]):
    y = tf.identity(y)""", grad=False)
program("TensorArrayV3 TensorArrayWriteV3 TensorArrayReadV3 TensorArraySizeV3", """
x = X([0.5, 1.5])
ta = tf.TensorArray(tf.float64, size=3, clear_after_read=False)
ta = ta.write(0, x).write(2, x * x).write(1, tf.sin(x))
y = [ta.read(0) * ta.read(2), ta.read(1), tf.cast(raw("TensorArraySizeV3", ta.handle, ta.flow), tf.float64)]""")
program("TensorArrayGatherV3 TensorArrayScatterV3 TensorArrayGradV3", """
x = X([[0.5, 1.5], [2.0, -1.0], [0.3, 0.4]])
ta = tf.TensorArray(tf.float64, size=3).unstack(x)
z = tf.square(ta.gather([2, 0])) * ta.stack()[1]
y = [z, tf.gradients(z, x)[0]]""")
program("TensorArraySplitV3 TensorArrayConcatV3", """
x = X([[0.5, 1.5], [2.0, -1.0], [0.3, 0.4]])
ta = tf.TensorArray(tf.float64, size=2, infer_shape=False).split(x, [1, 2])
y = tf.square(ta.concat())""")
program("TensorArrayCloseV3", """
ta = tf.TensorArray(tf.float32, size=1).write(0, F([1.0]))
y = ta.read(0)
with tf.control_dependencies([y]):
    done = ta.close()
with tf.control_dependencies([done]):
    y = tf.identity(y)""", grad=False)
program("TensorArrayGradWithShape", """
ta = tf.TensorArray(tf.float32, size=2, element_shape=[2])
ta = ta.unstack(F([[1.0, 2.0], [3.0, 4.0]]))
h, flow = raw("TensorArrayGradWithShape", ta.handle, ta.flow, tf.constant([3]), source="g")
flow = raw("TensorArrayWriteV3", h, tf.constant(0), tf.ones([3, 2]), flow)
y = raw("TensorArrayReadV3", h, tf.constant(0), flow, dtype=tf.float32)""", grad=False)
program("TensorArrayWriteV3 Enter Exit", """
x = X([[0.5, 1.5], [2.0, -1.0], [0.3, 0.4]])
y = tf.map_fn(lambda r: tf.reduce_sum(r) * r, x)""")
program("TensorArrayReadV3 Enter Exit", """
x = X([[0.5, 1.5], [2.0, -1.0], [0.3, 0.4]])
y = tf.scan(lambda acc, r: acc * r + tf.cos(r), x)""")
program("RefSwitch RefMerge", """
w = tf.Variable([1.0, 2.0])
run_first(tf.global_variables_initializer())
ref = w._ref() if hasattr(w, "_ref") else w
no, yes = raw("RefSwitch", ref, F(True))
y = raw("RefMerge", [no, yes])[0]""", grad=False)
program("RefIdentity", """
w = tf.Variable([1.0, 2.0])
run_first(tf.global_variables_initializer())
ref = w._ref() if hasattr(w, "_ref") else w
y = raw("RefIdentity", ref)""", grad=False)
program("RefEnter RefExit RefNextIteration", """
w = tf.Variable([1.0, 2.0])
run_first(tf.global_variables_initializer())
ref = w._ref() if hasattr(w, "_ref") else w
e = raw("RefEnter", ref, frame_name="f")
n = raw("RefNextIteration", e)
y = raw("RefExit", e)""", grad=False)

POOL = """
x = X({x}, "{kind}")
o = raw("MaxPool{d}", x, ksize={k}, strides={k}, padding="VALID")
"""
X2 = "np.random.RandomState(3).permutation(32).reshape(1, 4, 4, 2) / 7.0"
X3 = "np.random.RandomState(4).permutation(32).reshape(1, 2, 4, 4, 1) / 7.0"
K2, K3 = [1, 2, 2, 1], [1, 1, 2, 2, 1]
for d, source, k, shape in (("", X2, K2, [1, 2, 2, 2]), ("3D", X3, K3, [1, 2, 2, 2, 1])):
    kind = "float32" if d else "float64"
    program(f"MaxPool{d}Grad", POOL.format(x=source, d=d, k=k, kind=kind) + f"""
g = X(np.arange(8.0).reshape({shape}) - 3.5, "{kind}")
y = raw("MaxPool{d}Grad", x, o, g, ksize={k}, strides={k}, padding="VALID")""")
    program(f"MaxPool{d}GradGrad", POOL.format(x=source, d=d, k=k, kind=kind) + f"""
g = X(np.arange(32.0).reshape({[1, 4, 4, 2] if not d else [1, 2, 4, 4, 1]}) - 3.5, "{kind}")
y = raw("MaxPool{d}GradGrad", x, o, g, ksize={k}, strides={k}, padding="VALID")""")
program("PyFunc PyFuncStateless", """
x = F(np.array([[0.5, 1.5, -2.0]]))
z = tf.py_func(lambda a, n: [a.T * n, np.zeros((0, 2), np.int32)], [x, 3.0], [tf.float32, tf.int32])
y = [z[0], z[1], tf.py_func(lambda a: a.sum(), [z[0]], tf.float32, stateful=False)]""", grad=False)

program("EmptyTensorList TensorListPushBack TensorListPopBack TensorListLength TensorListElementShape", """
x = X([[0.5, 1.5], [2.0, -1.0]])
made = raw("EmptyTensorList", tf.constant([-1, 2]), tf.constant(-1), element_dtype=tf.float64)
one = raw("TensorListPushBack", made, tf.sin(x))
two = raw("TensorListPushBack", one, x[:1] * x[1:])
other = raw("TensorListPushBack", one, tf.exp(x))
rest, last = raw("TensorListPopBack", two, tf.constant(-1), element_dtype=tf.float64)
_, before = raw("TensorListPopBack", rest, tf.constant([2, 2]), element_dtype=tf.float64)
y = [last, before * before, raw("TensorListPopBack", other, tf.constant([-1, -1]), element_dtype=tf.float64)[1],
     raw("TensorListLength", two), raw("TensorListLength", rest),
     raw("TensorListElementShape", two, shape_type=tf.int64)]""")
program("TensorListReserve TensorListSetItem TensorListGetItem", """
x = X([[0.5, 1.5], [2.0, -1.0]])
made = raw("TensorListReserve", tf.constant([2]), tf.constant(3), element_dtype=tf.float64)
put = raw("TensorListSetItem", made, tf.constant(2), x[0] * x[1])
put = raw("TensorListSetItem", put, tf.constant(0), tf.sin(x[0]))
again = raw("TensorListSetItem", put, tf.constant(0), tf.cos(x[0]))
get = lambda given, i, shape=-1: raw("TensorListGetItem", given, tf.constant(i), tf.constant(shape),
                                     element_dtype=tf.float64)
y = [get(put, 0) * get(put, 2), get(put, 1), get(again, 0, [2]), get(again, 2, [-1])]""")
program("TensorListFromTensor TensorListStack TensorListGather", """
x = X([[0.5, 1.5], [2.0, -1.0], [0.3, 0.4]])
made = raw("TensorListFromTensor", x * x, tf.constant([2]))
y = [raw("TensorListStack", made, tf.constant(-1), element_dtype=tf.float64, num_elements=3),
     raw("TensorListGather", made, tf.constant([2, 0, 2]), tf.constant([-1]), element_dtype=tf.float64)]""")
program("TensorListScatter TensorListScatterV2 TensorListScatterIntoExistingList", """
x = X([[0.5, 1.5], [2.0, -1.0]])
where, shape = tf.constant([3, 1]), tf.constant([2])
one = raw("TensorListScatter", x, where, shape)
two = raw("TensorListScatterV2", x * x, where, shape, tf.constant(6))
three = raw("TensorListScatterIntoExistingList", one, tf.sin(x), tf.constant([0, 1]))
stack = lambda given: raw("TensorListStack", given, tf.constant(-1), element_dtype=tf.float64)
y = [stack(one), stack(two), stack(three)]""")
program("TensorListSplit TensorListConcat TensorListConcatV2", """
x = X([[0.5, 1.5], [2.0, -1.0], [0.3, 0.4]])
made = raw("TensorListSplit", x * x, tf.constant([-1, 2]), tf.constant([1, 0, 2], tf.int64))
a, b = raw("TensorListConcat", made, element_dtype=tf.float64)
c, d = raw("TensorListConcatV2", made, tf.constant([-1, 2]), tf.constant([], tf.int64), element_dtype=tf.float64)
y = [a, b, c * c, d]""")
program("TensorListConcatV2", """
made = raw("TensorListReserve", tf.constant([-1, 2]), tf.constant(3), element_dtype=tf.float32)
made = raw("TensorListSetItem", made, tf.constant(1), F(np.ones((2, 2), np.float32)))
y = raw("TensorListConcatV2", made, tf.constant([-1, 2]), tf.constant([1, 9, 2], tf.int64), element_dtype=tf.float32)
y = [y[0], y[1]]""", grad=False)
program("TensorListResize", """
x = X([[0.5, 1.5], [2.0, -1.0]])
made = raw("TensorListFromTensor", x * x, tf.constant([2]))
more, less = (raw("TensorListResize", made, tf.constant(n)) for n in (3, 1))
stack = lambda given: raw("TensorListStack", given, tf.constant([2]), element_dtype=tf.float64)
y = [stack(more), stack(less), raw("TensorListLength", more)]""")
program("TensorListConcatLists", """
made = raw("TensorListFromTensor", F(np.ones((3, 2), np.float32)), tf.constant([2]))
other = raw("TensorListReserve", tf.constant([2]), tf.constant(2), element_dtype=tf.float32)
both = raw("TensorListConcatLists", made, other, element_dtype=tf.float32)
y = raw("TensorListStack", both, tf.constant(-1), element_dtype=tf.float32)""", grad=False)
program("TensorListPushBackBatch", """
made = raw("EmptyTensorList", tf.constant([2]), tf.constant(-1), element_dtype=tf.float32)
other = raw("TensorListPushBack", made, F(np.ones(2, np.float32)))
both = raw("TensorListPushBackBatch", tf.stack([made, other]), F(np.arange(4, dtype=np.float32).reshape(2, 2)))
y = [raw("TensorListStack", one, tf.constant(-1), element_dtype=tf.float32) for one in tf.unstack(both)]""",
        grad=False)
program("AddN ZerosLike TensorListStack", """
x = X([[0.5, 1.5], [2.0, -1.0]])
made = raw("TensorListFromTensor", x, tf.constant([2]))
unset = raw("TensorListReserve", tf.constant([2]), tf.constant(2), element_dtype=tf.float64)
stack = lambda given: raw("TensorListStack", given, tf.constant([2]), element_dtype=tf.float64)
y = [stack(raw("AddN", [made, made, unset])), stack(raw("ZerosLike", made)), stack(made) * stack(made)]""")
program("TensorListStack TensorListGetItem", """
text = raw("TensorListFromTensor", tf.constant([b"a", b"bc"]), tf.constant([], tf.int32))
y = [raw("TensorListStack", text, tf.constant([], tf.int32), element_dtype=tf.string),
     raw("TensorListGetItem", text, tf.constant(1), tf.constant(-1), element_dtype=tf.string)]""", grad=False)
program("EmptyTensorList TensorListStack", """
none = raw("EmptyTensorList", tf.constant([2, 3]), tf.constant(-1), element_dtype=tf.int32)
other = raw("EmptyTensorList", tf.constant(-1), tf.constant(-1), element_dtype=tf.int32)
y = [raw("TensorListStack", none, tf.constant(-1), element_dtype=tf.int32),
     *[raw("TensorListElementShape", x, shape_type=kind) for x, kind in ((none, tf.int32), (other, tf.int64))]]""",
        grad=False)
