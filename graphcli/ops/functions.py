"""Calls of functions of the graph's library: PartitionedCall, If, Case and While.

The body is made a graph of its own when the call is planned, and its kernels run in the order of its edges. For
gradients the bodies are laid into the graph, as tf.cond and tf.while_loop of nodes, and run once more with them.
"""
from __future__ import annotations

from typing import Any

from ..errors import RunError
from ..graph.opdef import op
from ._bodies import Body
from ._inlined import lowered

BLAS = True  # what is called may

_CALL = "Tin: list(type) >= 0; Tout: list(type) >= 0; f: func; config: string = ''; config_proto: string = ''; " \
        "executor_type: string = ''"
_IF = "Tcond: type; Tin: list(type) >= 0; Tout: list(type) >= 0; then_branch: func; else_branch: func; " \
      "output_shapes: list(shape) = []"
_CASE = "Tin: list(type) >= 0; Tout: list(type) >= 0; branches: list(func) >= 1; output_shapes: list(shape) = []"
_WHILE = "T: list(type); cond: func; body: func; output_shapes: list(shape) = []; parallel_iterations: int = 10"


def _unknown(n: Any, *inputs: Any) -> Any:
    shapes = n.attrs.get("output_shapes") or []
    outputs = n.node.outputs
    return list(shapes) if len(shapes) == len(outputs) else [None] * len(outputs)


def _call(n: Any) -> Any:
    body = Body(n, n.attrs["f"])
    return lambda args: body(args)


def _branch(n: Any) -> Any:
    bodies = Body(n, n.attrs["else_branch"]), Body(n, n.attrs["then_branch"])
    return lambda cond, args: bodies[_truth(cond)](args)


def _truth(value: Any) -> bool:
    """A condition that is no scalar is true if it has elements (If of TensorFlow); a string if it is not empty."""
    if getattr(value, "ndim", 0):
        return bool(value.size)
    item = value.item() if hasattr(value, "item") else value
    return bool(item)


def _case(n: Any) -> Any:
    bodies = [Body(n, f) for f in n.attrs["branches"]]
    last = len(bodies) - 1

    def run(index: Any, args: Any) -> Any:
        at = int(index)
        return bodies[at if 0 <= at < last else last](args)

    return run


def _loop(n: Any) -> Any:
    cond, body = Body(n, n.attrs["cond"]), Body(n, n.attrs["body"])

    def run(values: Any) -> Any:
        while True:
            answer = cond(values)
            if len(answer) != 1:
                raise RunError(f"the condition of a loop gives {len(answer)} values")
            if not _truth(answer[0]):
                return values
            values = body(values)

    return run


def _slopes(tf: Any, ys: Any, xs: Any, grads: Any) -> list[Any]:
    """The gradients of ys that have one, for xs, and not for what these come from."""
    pairs = [(y, g) for y, g in zip(ys, grads) if g is not None and y.dtype.base_dtype.is_floating
             or g is not None and y.dtype.base_dtype.is_complex]
    if not pairs or not xs:
        return [None] * len(xs)
    return list(tf.gradients([y for y, _ in pairs], xs, grad_ys=[g for _, g in pairs], stop_gradients=xs))


def _gradient(tf: Any, op: Any, *grads: Any) -> Any:
    """That of the bodies laid into the graph, which run once more with it."""
    args = list(op.inputs)
    return _slopes(tf, lowered(tf, op, args), args, grads)


def _op(name: str, doc: str, signature: str, attrs: str, kernel: Any) -> None:
    op(type(name, (), {"__doc__": doc, "__module__": __name__, "signature": signature, "attrs": attrs,
                       "stateful": True, "infer": _unknown, "kernel": kernel, "gradient": _gradient}))


_op("PartitionedCall", "What a function gives.", "args: list(Tin) -> output: list(Tout)", _CALL, _call)
_op("StatefulPartitionedCall", "What a function gives, which may write to variables.",
    "args: list(Tin) -> output: list(Tout)", _CALL, _call)
for _prefix in ("", "Stateless"):
    _op(f"{_prefix}If", "What one of two functions gives.", "cond: Tcond, input: list(Tin) -> output: list(Tout)", _IF,
        _branch)
    _op(f"{_prefix}Case", "What one of several functions gives, by its number; the last for a number that none has.",
        "branch_index: int32, input: list(Tin) -> output: list(Tout)", _CASE, _case)
    _op(f"{_prefix}While", "Values that a function changes for as long as another says so.",
        "input: list(T) -> output: list(T)", _WHILE, _loop)
