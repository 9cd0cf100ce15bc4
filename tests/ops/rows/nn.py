"""Activations, softmax and losses, normalization, candidates."""
from __future__ import annotations

import numpy as np

from ..cases import a, f, i, large, p, program, q, row, v

for name in ("Relu", "Relu6", "Elu", "Selu", "Softplus", "Softsign"):
    row(name, f(2, 3))
    row(name, f())
    row(name, f(0, 2))
    row(name, v([np.nan, np.inf, -np.inf, 0.0, 7.0, -30.0]), grad=False)
row("LeakyRelu", f(2, 3))
row("LeakyRelu", f(2, 3), alpha=0.01)
for name in ("ReluGrad", "Relu6Grad", "SoftplusGrad", "SoftsignGrad", "LeakyReluGrad", "EluGrad", "SeluGrad"):
    row(name, f(2, 3), f(2, 3))
for name in ("Softmax", "LogSoftmax"):
    row(name, f(2, 3))
    row(name, large(2, 3, 2))
    row(name, v([[np.inf, 1.0], [-np.inf, -np.inf], [100.0, -100.0]]), grad=False)
row("SoftmaxCrossEntropyWithLogits", f(2, 3), v([[0.2, 0.3, 0.5], [1.0, 0.0, 0.0]]))
row("SoftmaxCrossEntropyWithLogits", f(2, 3), v([[0.2, 0.3, 0.5]]))
row("SparseSoftmaxCrossEntropyWithLogits", f(2, 3), a([2, 0], "int64"))
row("SparseSoftmaxCrossEntropyWithLogits", f(3, 2), i(1, 0, 1))
row("BiasAdd", f(2, 3), f(3))
row("BiasAdd", f(2, 3, 2, 2), f(3), data_format="NCHW")
row("BiasAdd", f(2, 2, 2, 3), f(3))
row("BiasAddV1", f(2, 3), f(3))
row("InTopK", f(3, 4, kind="float32"), i(0, 3, 1), k=2)
row("InTopK", v([[1.0, 1.0, 0.0], [np.nan, 1.0, 2.0]], "float32"), i(1, 0), k=1)
row("InTopKV2", f(3, 4, kind="float32"), a([0, 3, 9], "int64"), a(2, "int64"))
row("LRN", f(1, 2, 2, 6), kinds="float32 float16", depth_radius=2, bias=1.5, alpha=0.3, beta=0.7)
row("LRNGrad", f(1, 2, 2, 6), f(1, 2, 2, 6), f(1, 2, 2, 6), kinds="float32", depth_radius=2, bias=1.5, alpha=0.3,
    beta=0.7)
row("ComputeAccidentalHits", a([[1, 2], [3, 4]], "int64"), a([4, 7, 1], "int64"), num_true=2)
for op in ("FusedBatchNorm", "FusedBatchNormV2", "FusedBatchNormV3"):
    row(op, f(2, 2, 2, 3), p(3, kind="float32"), f(3, kind="float32"), a([], "float32"), a([], "float32"),
        kinds="float32", outs=(0,), epsilon=0.01)
    row(op, f(2, 2, 2, 3), p(3, kind="float32"), f(3, kind="float32"), a([0.1, 0.2, 0.3], "float32"),
        a([1.0, 2.0, 0.5], "float32"), kinds="float32", outs=(0,), epsilon=0.01, is_training=False,
        same=False)
row("FusedBatchNormV3", f(1, 2, 2, 2, 3), p(3, kind="float32"), f(3, kind="float32"), a([], "float32"),
    a([], "float32"), kinds="float32", outs=(0,), data_format="NDHWC")
for op in ("FusedBatchNormGrad", "FusedBatchNormGradV2", "FusedBatchNormGradV3"):
    rest = [v([0.0, 0.0, 0.0], "float32")] if op.endswith("V3") else []
    row(op, f(2, 2, 2, 3), f(2, 2, 2, 3), p(3, kind="float32"), a([0.1, -0.2, 0.3], "float32"),
        a([1.1, 2.0, 1.5], "float32"), *rest, kinds="float32", epsilon=0.01, is_training=False)
    third = ", raw('FusedBatchNormV3', x, s, s, e, e, epsilon=0.01)[5]" if op.endswith("V3") else ""
    program(op, f"""
x = X(np.arange(16.0).reshape(2, 2, 2, 2) ** 1.5 % 5, "float32")
g, s = X(np.cos(np.arange(16.0)).reshape(2, 2, 2, 2), "float32"), X([0.7, -1.2], "float32")
e = tf.constant([], tf.float32)
m, w = tf.reduce_mean(x, [0, 1, 2]), tf.nn.moments(x, [0, 1, 2])[1]
y = raw("{op}", g, x, s, m, w{third}, epsilon=0.01)[:3]""")

WIDE = v([[-7.0, -0.3, 0.5, 0.0], [2.9, 8.0, np.inf, np.nan]], "float32")
for attrs in ({}, {"min": -1.3, "max": 2.2, "num_bits": 3}, {"min": 0.5, "max": 3.0, "narrow_range": True},
              {"min": -3.0, "max": -1.0, "num_bits": 16}):
    row("FakeQuantWithMinMaxArgs", WIDE, kinds="float32", grad=False, **attrs)
    row("FakeQuantWithMinMaxArgsGradient", f(2, 4), WIDE, kinds="float32", **attrs)
for low, high in ((-1.3, 2.2), (0.0, 0.0), (0.5, 3.0)):
    ends = a(low, "float32"), a(high, "float32")
    row("FakeQuantWithMinMaxVars", WIDE, *ends, kinds="float32", grad=False, num_bits=4)
    row("FakeQuantWithMinMaxVarsGradient", f(2, 4), WIDE, *ends, kinds="float32", num_bits=4)
ENDS = a([-1.0, 0.0, 0.2, -6.0], "float32"), a([2.0, 0.0, 0.4, -1.0], "float32")
row("FakeQuantWithMinMaxVarsPerChannel", WIDE, *ENDS, kinds="float32", grad=False, narrow_range=True)
row("FakeQuantWithMinMaxVarsPerChannel", f(4), *ENDS, kinds="float32", grad=False)
row("FakeQuantWithMinMaxVarsPerChannelGradient", f(2, 4), WIDE, *ENDS, kinds="float32", narrow_range=True)
row("FakeQuantWithMinMaxVarsPerChannelGradient", f(4), f(4), *ENDS, kinds="float32")

CELL = [f(2, 3), f(2, 3), q(5, 12), q(3), q(3), q(3), f(12)]
for peephole in (False, True):
    # of halves TensorFlow rounds on the way
    row("LSTMBlockCell", f(2, 2), *CELL, use_peephole=peephole, kinds="float32", grad=False)
    row("LSTMBlockCell", f(2, 2), *CELL, use_peephole=peephole, forget_bias=0.0, cell_clip=0.5, kinds="float16",
        grad=False, same=False)
    row("LSTMBlockCellGrad", f(2, 2), *CELL, *[q(2, 3)] * 6, f(2, 3), f(2, 3), use_peephole=peephole, kinds="float32",
        grad=False)
    row("BlockLSTM", a(4, "int64"), f(4, 2, 2), *CELL, use_peephole=peephole, cell_clip=0.0, forget_bias=0.5,
        kinds="float32")
    row("BlockLSTM", a(4, "int64"), f(4, 2, 2), *CELL, use_peephole=peephole, cell_clip=0.5, kinds="float16",
        grad=False, same=False)
    row("BlockLSTMGrad", a(3, "int64"), f(4, 2, 2), *CELL, *[q(4, 2, 3)] * 7, f(4, 2, 3), f(4, 2, 3),
        use_peephole=peephole, kinds="float32", grad=False)
# what comes after seq_len_max TensorFlow leaves as it is in all but two outputs
program("BlockLSTM", """
x, w = F(np.sin(np.arange(16.0)).reshape([4, 2, 2])), F(np.cos(np.arange(60.0)).reshape([5, 12]))
state, peephole = F(np.ones([2, 3])), F([0.5, -0.5, 1.0])
made = tf.raw_ops.BlockLSTM(seq_len_max=tf.cast(F(2), tf.int64), x=x, cs_prev=state, h_prev=state, w=w, wci=peephole,
                            wcf=peephole, wco=peephole, b=F(np.sin(np.arange(12.0))), use_peephole=True, cell_clip=0.7)
y = [made.cs, made.h, made.i[:2], made.o[:2], made.co[:2]]
""", grad=False)

BLOCKS = """
def draw(*shape, more=0.0):
    return F((np.cos(np.arange(np.prod(shape), dtype=np.float32) + len(shape)) + more).reshape(shape).astype("f"))
"""
for peephole, clip in ((False, 0.0), (True, 0.5)):
    program("BlockLSTMV2 BlockLSTMGradV2", BLOCKS + f"""
given = [tf.constant(2, tf.int64), draw(3, 2, 3), draw(2, 4), draw(2, 4, more=0.5), draw(7, 16), draw(4),
         draw(4, more=1.0), draw(4, more=-1.0), draw(16)]
made = raw("BlockLSTMV2", *given, use_peephole={peephole}, cell_clip={clip})
back = raw("BlockLSTMGradV2", *given, *made, draw(3, 2, 4), draw(3, 2, 4, more=0.5), use_peephole={peephole})
y = [made[1], made[6], *[x[:2] for x in made], *back]""", grad=False)
program("GRUBlockCell GRUBlockCellGrad", BLOCKS + """
given = [draw(2, 3), draw(2, 4), draw(7, 8), draw(7, 4, more=0.5), draw(8), draw(4)]
r, u, c, h = made = raw("GRUBlockCell", *given)
y = [*made, *raw("GRUBlockCellGrad", *given, r, u, c, draw(2, 4))]""", grad=False)
for scaled in (True, False):
    program("BatchNormWithGlobalNormalization BatchNormWithGlobalNormalizationGrad", BLOCKS + f"""
given = [draw(2, 3, 1, 4), draw(4), draw(4, more=1.5), draw(4, more=0.5), draw(4, more=2.0)]
how = dict(variance_epsilon=0.01, scale_after_normalization={scaled})
y = [raw("BatchNormWithGlobalNormalization", *given, **how),
     *raw("BatchNormWithGlobalNormalizationGrad", *given[:3], given[4], draw(2, 3, 1, 4), **how)]""", grad=False)
