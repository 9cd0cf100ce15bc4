"""Resource variables: what reads and writes by a handle."""
from __future__ import annotations

from ..cases import opdefs, program


def call(name: str, *args: str, **attrs: str) -> str:
    """``raw(...)`` with every attr that does not follow from the inputs, for TensorFlow's side fills in no defaults."""
    known = opdefs()[name]
    inferred = {part for arg in known["inputs"] for part in arg[2:5]}
    for key, attr in known["attrs"].items():
        if key not in inferred and key not in attrs:
            attrs[key] = repr(attr["default"]) if attr["type"] != "type" else f"tf.{attr['default']}"
    return f"raw({', '.join([repr(name), *args, *(f'{k}={v}' for k, v in attrs.items())])})"


def handle(name: str) -> str:
    return call("VarHandleOp", dtype="tf.float32", shape="[3, 2]", shared_name=repr(name))


def made(name: str, values: str) -> str:
    """The lines that make a variable and give it values."""
    return f"\n{name} = {handle(name)}\nrun_first({call('AssignVariableOp', name, f'tf.constant({values})')})"


def read(name: str) -> str:
    return call("ReadVariableOp", name, dtype="tf.float32")


def after(done: str, reads: str) -> str:
    return f"\ndone = {done}\nwith tf.control_dependencies([done]):\n    y = {reads}"


VALUES = "[[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]]"
W = made("w", VALUES)
ROWS = ("tf.constant([2, 0])", "tf.constant([[4.0, 3.0], [2.0, 8.0]])")
POINTS = ("tf.constant([[2, 0], [0, 1]])", "tf.constant([4.0, 8.0])")

program("VarHandleOp AssignVariableOp ReadVariableOp", f"{W}\ny = {read('w')}", grad=False)
program("VarIsInitializedOp", f"w = {handle('w')}\ny = {call('VarIsInitializedOp', 'w')}", grad=False)
program("VarIsInitializedOp VariableShape", f"{W}\ny = [{call('VarIsInitializedOp', 'w')}, "
        f"{call('VariableShape', 'w', out_type='tf.int64')}]", grad=False)
program("DestroyResourceOp", W + after(call("DestroyResourceOp", "w"), call("VarIsInitializedOp", "w")), grad=False)
for name in ("AssignAddVariableOp", "AssignSubVariableOp"):
    program(name, W + after(call(name, "w", "tf.constant([[0.5, 1.0], [2.0, -1.0], [0.25, 8.0]])"), read("w")),
            grad=False)
program("DisableCopyOnRead", W + after(call("DisableCopyOnRead", "w"), read("w")), grad=False)
counter = made("w", "3").replace("tf.float32", "tf.int32").replace("[3, 2]", "[]")
for limit in (5, 3):
    program("ResourceCountUpTo", counter + after(call("ResourceCountUpTo", "w", limit=str(limit), T="tf.int32"),
                                                 call("ReadVariableOp", "w", dtype="tf.int32")), grad=False)
for indices in ("[[2, 0], [1, 1]]", "[3]"):
    program("ResourceGather", f"{W}\ny = {call('ResourceGather', 'w', f'tf.constant({indices})', dtype='tf.float32')}",
            grad=False)
program("ResourceGatherNd", f"{W}\ny = {call('ResourceGatherNd', 'w', POINTS[0], dtype='tf.float32')}", grad=False)
for name in ("Add", "Sub", "Mul", "Div", "Min", "Max", "Update"):
    program(f"ResourceScatter{name}", W + after(call(f"ResourceScatter{name}", "w", *ROWS), read("w")), grad=False)
for name in ("Update", "Add", "Sub", "Min", "Max"):
    program(f"ResourceScatterNd{name}", W + after(call(f"ResourceScatterNd{name}", "w", *POINTS), read("w")),
            grad=False)

CUT = ("tf.constant([1, 0])", "tf.constant([3, 1])", "tf.constant([1, 1])")
program("ResourceStridedSliceAssign", W + after(
    call("ResourceStridedSliceAssign", "w", *CUT, "tf.constant([8.0, 9.0])", shrink_axis_mask="2"), read("w")),
        grad=False)

SCALARS = {"lr": 0.1, "alpha": 0.1, "rho": 0.9, "momentum": 0.9, "epsilon": 0.001, "l1": 0.01, "l2": 0.02,
           "lr_power": -0.5, "beta1_power": 0.9, "beta2_power": 0.99, "beta1": 0.9, "beta2": 0.99, "l2_shrinkage": 0.01,
           "logbase": 0.7, "sign_decay": 0.9, "beta": 0.8}
STATES = ("[[0.5, 0.25], [1.0, 2.0], [0.75, 4.0]]", "[[0.3, 0.6], [0.9, 0.2], [0.4, 0.8]]",
          "[[2.0, 1.0], [0.5, 3.0], [1.5, 0.75]]")


def update(name: str, sparse: bool) -> None:
    """A program that makes an op's variables, runs it, and reads them all."""
    text, args, handles = "", [], []
    for arg, dtype, *_ in opdefs()[name]["inputs"]:
        if dtype == "resource":
            values = VALUES if not handles else {"ms": "[[9.0, 9.0], [9.0, 9.0], [9.0, 9.0]]"}.get(
                arg, STATES[len(handles) - 1])
            text += made(arg, values)
            handles.append(arg)
            args.append(arg)
        elif arg in ("grad", "delta"):
            rows = "[[0.5, -1.0], [2.0, 0.25]" + ("]" if sparse else ", [-0.75, 1.5]]")
            args.append(f"tf.constant({rows})")
        elif arg == "indices":
            args.append("tf.constant([2, 0])")
        elif arg == "global_step":
            args.append("tf.constant(3, tf.int64)")
        else:
            args.append(f"tf.constant({SCALARS[arg]})")
    program(name, text + after(call(name, *args), f"[{', '.join(map(read, handles))}]"), grad=False)


for name in ("GradientDescent Momentum Adagrad AdagradV2 AdagradDA Adadelta RMSProp CenteredRMSProp Adam Ftrl FtrlV2 "
             "ProximalGradientDescent ProximalAdagrad AdaMax AddSign PowerSign AdamWithAmsgrad KerasMomentum").split():
    update(f"ResourceApply{name}", False)
    if name not in ("GradientDescent", "Adam", "AdaMax", "AddSign", "PowerSign", "AdamWithAmsgrad"):
        update(f"ResourceSparseApply{name}", True)
