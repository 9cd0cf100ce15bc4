"""The updates of optimizers: three steps on a variable that is fed nothing, dense and by rows."""
from __future__ import annotations

from ..cases import program

DENSE = {
    "GradientDescent": ("", "a(0.1), G"),
    "Momentum": ("s", "a(0.1), G, a(0.9)"),
    "Momentum ": ("s", "a(0.1), G, a(0.9)", "use_nesterov=True"),
    "Adagrad": ("s", "a(0.1), G"),
    "Adagrad ": ("s", "a(0.1), G", "update_slots=False"),
    "AdagradV2": ("s", "a(0.1), a(0.01), G"),
    "AdagradDA": ("st", "G, a(0.1), a(0.02), a(0.03), tf.constant(5, tf.int64)"),
    "Adadelta": ("st", "a(0.1), a(0.9), a(0.01), G"),
    "RMSProp": ("st", "a(0.1), a(0.9), a(0.5), a(0.01), G"),
    "CenteredRMSProp": ("zst", "a(0.1), a(0.9), a(0.5), a(0.01), G"),
    "Adam": ("st", "a(0.9), a(0.99), a(0.1), a(0.9), a(0.99), a(0.01), G"),
    "Adam ": ("st", "a(0.9), a(0.99), a(0.1), a(0.9), a(0.99), a(0.01), G", "use_nesterov=True"),
    "Ftrl": ("st", "G, a(0.1), a(0.05), a(0.03), a(-0.5)"),
    "Ftrl ": ("st", "G, a(0.1), a(0.05), a(0.03), a(-0.3)"),
    "FtrlV2": ("st", "G, a(0.1), a(0.05), a(0.03), a(0.02), a(-0.5)"),
    "AdaMax": ("st", "a(0.9), a(0.1), a(0.9), a(0.99), a(0.01), G"),
    "AddSign": ("s", "a(0.1), a(1.5), a(0.9), a(0.8), G"),
    "PowerSign": ("s", "a(0.1), a(0.7), a(0.9), a(0.8), G"),
    "ProximalGradientDescent": ("", "a(0.1), a(0.2), a(0.3), G"),
    "ProximalAdagrad": ("s", "a(0.1), a(0.2), a(0.3), G"),
}
"""Slots (``z`` begins at 0, the others above it), inputs after them (``G`` the gradient), attrs."""

STEPS = """
v = [tf.Variable(np.array(b, "{kind}"), name="v") for b in {begin}]
def a(x): return tf.constant(x, tf.{kind})
y = []
for k in range(3):
    with tf.control_dependencies([t.op if hasattr(t, "op") else t for t in y]):
        y = y + [tf.identity(raw("{op}", {inputs}{attrs}))]
        with tf.control_dependencies(y[-1:]):
            y = y + [tf.identity(s._ref() if hasattr(s, "_ref") else s) for s in v[1:]]
run_first(tf.global_variables_initializer())
"""
BEGIN = "[[0.5, -1.0], [2.0, 0.25], [-0.5, 1.5]]"


def steps(op: str, slots: str, inputs: str, attrs: str, kind: str) -> None:
    zero = "[[0.0, 0.0], [0.0, 0.0], [0.0, 0.0]]"
    begin = "[" + ", ".join([BEGIN, *(zero if s == "z" else
                                      "[[0.4, 0.3], [0.2, 0.5], [0.1, 0.6]]" for s in slots)]) + "]"
    # what TensorFlow shows of a variable by reference is its last value, unless it is copied
    copied = op in ("ApplyAdaMax", "ApplyAddSign", "ApplyPowerSign")
    text = STEPS.replace("tf.identity(", "a(1) * tf.identity(") if copied else STEPS
    program(op, text.format(kind=kind, begin=begin, op=op, inputs=inputs, attrs=attrs), grad=False)


for name, (slots, inputs, *attrs) in DENSE.items():
    name = name.strip()
    refs = ", ".join(f"v[{n}]" for n in range(len(slots) + 1))
    more = "".join(", " + x for x in attrs)
    full = "a([[0.3, -0.7], [1.1, 0.2], [-0.4, 0.05]])"
    for kind in ("float32", "float64"):
        steps(f"Apply{name}", slots, f"{refs}, {inputs.replace('G', full)}", more, kind)
        if name in ("GradientDescent", "Adam", "AdaMax", "AddSign", "PowerSign"):
            continue
        part = "a([[0.3, -0.7], [1.1, 0.2]]), tf.constant([2, 0])"
        steps(f"SparseApply{name}", slots, f"{refs}, {inputs.replace('G', part)}", more, kind)
        twice = "a([[0.3, -0.7], [1.1, 0.2]]), tf.constant([1, 1], tf.int64)"
        steps(f"SparseApply{name}", slots, f"{refs}, {inputs.replace('G', twice)}", more, kind)
