"""Frozen graphs made smaller (tensorflow.python.tools.optimize_for_inference_lib, strip_unused_lib)."""
from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np

from ..errors import InvalidValue, NotFound
from ..wire.messages import message
from .graph_util import extract_sub_graph, remove_training_nodes
from .logging import warning
from .tensor_proto import make_ndarray, make_tensor_proto

EXPORTS = """
python.tools.optimize_for_inference_lib: optimize_for_inference fold_batch_norms ensure_graph_is_valid
python.tools.optimize_for_inference_lib: node_name_from_input node_from_map values_from_const
python.tools.strip_unused_lib: strip_unused
"""

INPUTS = {"BatchNormWithGlobalNormalization": ("conv", "mean", "var", "beta", "gamma"),
          "FusedBatchNorm": ("conv", "gamma", "beta", "mean", "var")}
EPSILON = {"BatchNormWithGlobalNormalization": "variance_epsilon", "FusedBatchNorm": "epsilon"}
CONVOLUTIONS = ("Conv2D", "DepthwiseConv2dNative")


def optimize_for_inference(input_graph_def: Any, input_node_names: list[str], output_node_names: list[str],
                           placeholder_type_enum: Any, toco_compatible: bool = False) -> Any:
    """The part of a frozen GraphDef between some nodes, without what is for training, batch normalization in the
    weights before it (optimize_for_inference_lib.optimize_for_inference).

    placeholder_type_enum: the dtype of each input, or of all. A resizing before a convolution stays a node of its own.
    Raises InvalidValue where a node or an input is not right, NotFound for an input that is not there.
    """
    ensure_graph_is_valid(input_graph_def)
    made = strip_unused(input_graph_def, input_node_names, output_node_names, placeholder_type_enum)
    made = fold_batch_norms(remove_training_nodes(made, output_node_names))
    ensure_graph_is_valid(made)
    return made


def node_name_from_input(node_name: str) -> str:
    """The node of an input: ``^name`` and ``name:1`` without what is around the name."""
    name, colon, index = node_name.removeprefix("^").rpartition(":")
    return name if colon and index.isdigit() else node_name.removeprefix("^")


def _by_name(graph_def: Any) -> dict[str, Any]:
    nodes: dict[str, Any] = {}
    for node in graph_def.node:
        if node.name in nodes:
            raise InvalidValue(f"Duplicate node names detected for {node.name}")
        nodes[node.name] = node
    return nodes


def ensure_graph_is_valid(graph_def: Any) -> None:
    """Raises InvalidValue for a name that comes twice, and for an input that is not there."""
    nodes = _by_name(graph_def)
    for node in graph_def.node:
        for name in node.input:
            if node_name_from_input(name) not in nodes:
                raise InvalidValue(f"Input for {node.name} not found: {name}")


def node_from_map(node_map: dict[str, Any], name: str) -> Any:
    """The node of an input. Raises InvalidValue where there is none."""
    found = node_map.get(node_name_from_input(name))
    if found is None:
        raise InvalidValue(f"No node named '{name}' found in map.")
    return found


def values_from_const(node_def: Any) -> Any:
    """The array of a Const. Raises InvalidValue for another op."""
    if node_def.op != "Const":
        raise InvalidValue(f"Node named '{node_def.name}' should be a Const op for values_from_const.")
    return make_ndarray(node_def.attr["value"].tensor)


def strip_unused(input_graph_def: Any, input_node_names: Iterable[str], output_node_names: Iterable[str],
                 placeholder_type_enum: Any) -> Any:
    """What the outputs need, with placeholders for the inputs (strip_unused_lib.strip_unused).

    Raises InvalidValue for the name of a tensor, NotFound for an input that is not there.
    """
    inputs = list(input_node_names)
    for name in inputs:
        if ":" in name:
            raise InvalidValue(f"Name '{name}' appears to refer to a Tensor, not a Operation.")
    missing = set(inputs) - {node.name for node in input_graph_def.node}
    if missing:
        raise NotFound(f"The following input nodes were not found: {missing}")
    made = message("GraphDef")()
    for node in input_graph_def.node:
        kept = made.node.add()
        if node.name not in inputs:
            kept.CopyFrom(node)
            continue
        kept.op, kept.name = "Placeholder", node.name
        kinds = placeholder_type_enum
        kind = kinds[inputs.index(node.name)] if isinstance(kinds, list) else kinds
        kept.attr["dtype"].type = getattr(kind, "as_datatype_enum", kind)
        for attr in ("_output_shapes", "shape"):
            if attr in node.attr:
                kept.attr[attr].CopyFrom(node.attr[attr])
    return extract_sub_graph(made, output_node_names)


def fold_batch_norms(input_graph_def: Any) -> Any:
    """A GraphDef whose batch normalization of convolutions with constant weights is in these weights, and a BiasAdd
    (optimize_for_inference_lib.fold_batch_norms)."""
    nodes = _by_name(input_graph_def)
    gone: set[str] = set()
    added: list[Any] = []
    for node in input_graph_def.node:
        parts = _foldable(node, nodes) if node.op in INPUTS else None
        if parts is None:
            continue
        conv, weights = parts.pop("conv"), parts.pop("weights")
        gone.update((node.name, conv.name, weights.name, *(part.name for part in parts.values())))
        mean, var, beta, gamma = (values_from_const(parts[name]) for name in ("mean", "var", "beta", "gamma"))
        scale = 1.0 / np.sqrt(var.astype(np.float64) + node.attr[EPSILON[node.op]].f)
        if node.op == "FusedBatchNorm" or node.attr["scale_after_normalization"].b:
            scale = scale * gamma
        kernel = values_from_const(weights)
        by = scale if conv.op == "Conv2D" else scale.reshape(kernel.shape[2:])
        scaled = _constant(weights.name, (kernel * by).astype(kernel.dtype), weights)
        offset = _constant(f"{conv.name}_bn_offset", (beta - mean * scale).astype(mean.dtype), parts["mean"])
        biased = message("NodeDef")(name=node.name, op="BiasAdd", input=[conv.name, offset.name])
        for attr in ("T", "data_format"):
            biased.attr[attr].CopyFrom(conv.attr[attr])
        added += [scaled, conv, offset, biased]
    made = message("GraphDef")()
    made.node.extend([*(node for node in input_graph_def.node if node.name not in gone), *added])
    return made


def _constant(name: str, value: Any, like: Any) -> Any:
    node = message("NodeDef")(name=name, op="Const")
    node.attr["dtype"].CopyFrom(like.attr["dtype"])
    node.attr["value"].tensor.CopyFrom(make_tensor_proto(value))
    return node


def _foldable(norm: Any, nodes: dict[str, Any]) -> dict[str, Any] | None:
    """The convolution, its weights and the statistics of a normalization; None, and a warning, where these are none."""
    parts = {name: node_from_map(nodes, norm.input[i]) for i, name in enumerate(INPUTS[norm.op])}
    conv = parts["conv"]
    if conv.op not in CONVOLUTIONS:
        warning("Didn't find expected Conv2D or DepthwiseConv2dNative input to '%s'", norm.name)
        return None
    weights = parts["weights"] = node_from_map(nodes, conv.input[1])
    if weights.op != "Const":
        warning("Didn't find expected conv Constant input to '%s', found %s instead. Maybe because freeze_graph "
                "wasn't run first?", conv.name, weights)
        return None
    shape = values_from_const(weights).shape
    channels = shape[3] if conv.op == "Conv2D" else shape[2] * shape[3]
    for name in ("mean", "var", "beta", "gamma"):
        if parts[name].op != "Const":
            warning("Didn't find expected %s Constant input to '%s', found %s instead. Maybe because freeze_graph "
                    "wasn't run first?", name, norm.name, parts[name])
            return None
        found = values_from_const(parts[name]).shape
        if found != (channels,):
            warning("Incorrect shape for %s, found %s, expected %s, for node %s", name, found, (channels,), norm.name)
            return None
    return parts
