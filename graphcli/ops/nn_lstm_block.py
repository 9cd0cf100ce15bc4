"""BlockLSTM with its gates in the order i, f, ci, o, as Keras has them: the other's kernels, by columns in another
order."""
from __future__ import annotations

from typing import Any

from ..graph.kernel import KernelContext
from ..graph.opdef import op, undefined_gradient
from .lstm_block import BACKWARD, MADE, STATE, BlockLSTM, BlockLSTMGrad

BLAS = True
_W, _B = 4, 8
"""Where weights and bias are among the inputs."""


def _turned(xp: Any, x: Any) -> Any:
    """A vector or matrix with its second and third quarter of columns changed for each other."""
    if x.shape[-1] % 4:
        return x
    a, b, c, d = xp.split(x, 4, axis=-1)
    return xp.concatenate([a, c, b, d], axis=-1)


def _inputs(xp: Any, args: Any) -> list[Any]:
    return [_turned(xp, x) if i in (_W, _B) else x for i, x in enumerate(args)]


class _Context:
    """The kernel's context with the attrs of the other op."""

    def __init__(self, n: KernelContext) -> None:
        self.xp, self.dtype, self.attrs = n.xp, n.dtype, {**n.attrs, "forget_bias": 0.0}


@op
class BlockLSTMV2:
    """An LSTM over a sequence whose gates are in the order i, f, ci, o, without a bias of the forget gate."""

    signature = f"seq_len_max: int64, x: T, {STATE} -> {MADE}, h: T"
    host_memory = "seq_len_max"
    attrs = "cell_clip: float = 0.0; use_peephole: bool = False; T: {float16, float32}"
    infer = BlockLSTM.infer

    def kernel(n: Any) -> Any:
        run, xp = BlockLSTM.kernel(_Context(n)), n.xp
        return lambda *args: run(*_inputs(xp, args))

    def gradient(tf: Any, op: Any, *grads: Any) -> Any:
        return [None, *tf.apply_op("BlockLSTMGradV2", None, [*op.inputs, *op.outputs, grads[1], grads[6]],
                                   {"use_peephole": op.attrs["use_peephole"]})]


@op
class BlockLSTMGradV2:
    """The gradients of BlockLSTMV2."""

    signature = (f"seq_len_max: int64, x: T, {STATE}, {MADE}, h: T, cs_grad: T, h_grad: T -> x_grad: T, "
                 "cs_prev_grad: T, h_prev_grad: T, w_grad: T, wci_grad: T, wcf_grad: T, wco_grad: T, b_grad: T")
    host_memory = "seq_len_max"
    attrs = BACKWARD
    gradient = undefined_gradient
    infer = BlockLSTMGrad.infer

    def kernel(n: Any) -> Any:
        back, xp = BlockLSTMGrad.kernel(_Context(n)), n.xp

        def run(*args: Any) -> Any:
            made = list(back(*_inputs(xp, args)))
            made[3], made[7] = _turned(xp, made[3]), _turned(xp, made[7])
            return tuple(made)

        return run
