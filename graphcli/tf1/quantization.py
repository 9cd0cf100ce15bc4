"""Numbers as a quantized net would have them, for training one (tf.quantization)."""
from __future__ import annotations

from typing import Any

from ..graph.types import as_dtype
from .calls import raw
from .framework import apply_op

EXPORTS = """
tf quantization: fake_quant_with_min_max_args fake_quant_with_min_max_args_gradient fake_quant_with_min_max_vars
tf quantization: fake_quant_with_min_max_vars_gradient fake_quant_with_min_max_vars_per_channel
tf quantization: fake_quant_with_min_max_vars_per_channel_gradient=per_channel_gradient
tf quantization: quantize dequantize quantized_concat
tf: quantize_v2
quantization: quantize_and_dequantize
nn: quantized_conv2d quantized_relu_x quantized_max_pool quantized_avg_pool
"""

fake_quant_with_min_max_args = raw("FakeQuantWithMinMaxArgs", "fake_quant_with_min_max_args")
fake_quant_with_min_max_args_gradient = raw("FakeQuantWithMinMaxArgsGradient", "fake_quant_with_min_max_args_gradient")
fake_quant_with_min_max_vars = raw("FakeQuantWithMinMaxVars", "fake_quant_with_min_max_vars")
fake_quant_with_min_max_vars_gradient = raw("FakeQuantWithMinMaxVarsGradient", "fake_quant_with_min_max_vars_gradient")
fake_quant_with_min_max_vars_per_channel = raw("FakeQuantWithMinMaxVarsPerChannel",
                                               "fake_quant_with_min_max_vars_per_channel")
per_channel_gradient = raw("FakeQuantWithMinMaxVarsPerChannelGradient",
                           "fake_quant_with_min_max_vars_per_channel_gradient")
dequantize = raw("Dequantize", "dequantize")
quantized_concat = raw("QuantizedConcat", "quantized_concat")
quantized_conv2d = raw("QuantizedConv2D", "quantized_conv2d")
quantized_relu_x = raw("QuantizedReluX", "quantized_relu_x")
quantized_max_pool = raw("QuantizedMaxPool", "quantized_max_pool")
quantized_avg_pool = raw("QuantizedAvgPool", "quantized_avg_pool")


def quantize(input: Any, min_range: Any, max_range: Any, T: Any, mode: str = "MIN_COMBINED",
             round_mode: str = "HALF_AWAY_FROM_ZERO", name: str | None = None) -> Any:
    """Numbers as whole ones of the dtype T between two ends, and the ends that they have: (output, output_min,
    output_max) (tf.quantization.quantize)."""
    return apply_op("QuantizeV2", name, [input, min_range, max_range],
                    {"T": as_dtype(T), "mode": mode, "round_mode": round_mode})


def quantize_v2(input: Any, min_range: Any, max_range: Any, T: Any, mode: str = "MIN_COMBINED",
                name: str | None = None, round_mode: str = "HALF_AWAY_FROM_ZERO") -> Any:
    """The same by its older name (tf.quantize_v2)."""
    return quantize(input, min_range, max_range, T, mode, round_mode, name)


def quantize_and_dequantize(input: Any, input_min: Any, input_max: Any, signed_input: bool = True, num_bits: int = 8,
                            range_given: bool = False, round_mode: str = "HALF_TO_EVEN", name: str | None = None,
                            narrow_range: bool = False) -> Any:
    """Numbers rounded to those that so many bits can hold (tf.quantization.quantize_and_dequantize)."""
    return apply_op("QuantizeAndDequantizeV2", name, [input, input_min, input_max], {
        "signed_input": signed_input, "num_bits": num_bits, "range_given": range_given, "round_mode": round_mode,
        "narrow_range": narrow_range})
