"""Numbers as a quantized net would have them, for training one (tf.quantization)."""
from __future__ import annotations

from .calls import raw

EXPORTS = """
tf quantization: fake_quant_with_min_max_args fake_quant_with_min_max_args_gradient fake_quant_with_min_max_vars
tf quantization: fake_quant_with_min_max_vars_gradient fake_quant_with_min_max_vars_per_channel
tf quantization: fake_quant_with_min_max_vars_per_channel_gradient=per_channel_gradient
"""

fake_quant_with_min_max_args = raw("FakeQuantWithMinMaxArgs", "fake_quant_with_min_max_args")
fake_quant_with_min_max_args_gradient = raw("FakeQuantWithMinMaxArgsGradient", "fake_quant_with_min_max_args_gradient")
fake_quant_with_min_max_vars = raw("FakeQuantWithMinMaxVars", "fake_quant_with_min_max_vars")
fake_quant_with_min_max_vars_gradient = raw("FakeQuantWithMinMaxVarsGradient", "fake_quant_with_min_max_vars_gradient")
fake_quant_with_min_max_vars_per_channel = raw("FakeQuantWithMinMaxVarsPerChannel",
                                               "fake_quant_with_min_max_vars_per_channel")
per_channel_gradient = raw("FakeQuantWithMinMaxVarsPerChannelGradient",
                           "fake_quant_with_min_max_vars_per_channel_gradient")
