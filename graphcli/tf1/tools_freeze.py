"""Frozen graphs of files: a GraphDef and a checkpoint, a meta graph, a SavedModel (python.tools.freeze_graph)."""
from __future__ import annotations

import os
from typing import Any

from ..errors import InvalidValue, NotFound
from ..graph.graph import Graph
from ..wire import checkpoints
from ..wire.messages import message
from .checkpoint_management import NewCheckpointReader
from .graph_def import import_graph_def
from .graph_util import convert_variables_to_constants
from .modules import modules

EXPORTS = """
python.tools.freeze_graph: freeze_graph freeze_graph_with_def_protos
"""

tf = modules["tf"]


def _words(text: str | None) -> list[str] | None:
    return text.replace(" ", "").split(",") if text else None


def _read(path: str, kind: str, binary: bool, what: str) -> Any:
    """A message of a file, binary or text. Raises FileNotFoundError where there is none."""
    from google.protobuf import text_format

    if not os.path.exists(path):
        raise FileNotFoundError(f"Input {what} file '{path}' does not exist!")
    proto = message(kind)()
    with open(path, "rb") as file:
        data = file.read()
    if binary:
        proto.ParseFromString(data)
    else:
        text_format.Parse(data.decode(), proto, allow_unknown_field=True)
    return proto


def freeze_graph(input_graph: str, input_saver: str, input_binary: bool, input_checkpoint: str,
                 output_node_names: str, restore_op_name: str, filename_tensor_name: str, output_graph: str,
                 clear_devices: bool, initializer_nodes: str, variable_names_whitelist: str = "",
                 variable_names_blacklist: str = "", input_meta_graph: str | None = None,
                 input_saved_model_dir: str | None = None, saved_model_tags: str = "serve",
                 checkpoint_version: int = 2) -> Any:
    """A GraphDef with constants for variables, which is written to output_graph too (freeze_graph.freeze_graph).

    input_graph, or input_meta_graph: the file of the graph, binary if ``input_binary``; input_checkpoint: of the
    values; or both of input_saved_model_dir. output_node_names: what is kept, with what it needs. restore_op_name and
    filename_tensor_name are not used. Raises FileNotFoundError, InvalidValue.
    """
    graph = meta = saver = None
    if input_saved_model_dir:
        wanted = set(saved_model_tags.replace(" ", "").split(","))
        graph = _of_saved_model(input_saved_model_dir, wanted)
    elif input_graph:
        graph = _read(input_graph, "GraphDef", input_binary, "graph")
    if input_meta_graph:
        meta = _read(input_meta_graph, "MetaGraphDef", input_binary, "meta graph")
        print(f"Loaded meta graph file '{input_meta_graph}")
    if input_saver:
        saver = _read(input_saver, "SaverDef", input_binary, "saver")
    return freeze_graph_with_def_protos(
        graph, saver, input_checkpoint, output_node_names, restore_op_name, filename_tensor_name, output_graph,
        clear_devices, initializer_nodes, variable_names_whitelist, variable_names_blacklist, meta,
        input_saved_model_dir, saved_model_tags.replace(" ", "").split(","), checkpoint_version)


def _of_saved_model(folder: str, tags: set[str]) -> Any:
    with tf.Session(graph=Graph()) as session:
        return tf.saved_model.load(session, tags, folder).graph_def


def freeze_graph_with_def_protos(input_graph_def: Any, input_saver_def: Any, input_checkpoint: str,
                                 output_node_names: str, restore_op_name: str, filename_tensor_name: str,
                                 output_graph: str, clear_devices: bool, initializer_nodes: str,
                                 variable_names_whitelist: str = "", variable_names_blacklist: str = "",
                                 input_meta_graph_def: Any = None, input_saved_model_dir: str | None = None,
                                 saved_model_tags: Any = None, checkpoint_version: int = 2) -> Any:
    """freeze_graph of messages (freeze_graph.freeze_graph_with_def_protos); the graph is imported into the default one.

    Raises InvalidValue without a checkpoint or nodes to keep, and for a graph without variables.
    """
    if not input_saved_model_dir and not checkpoints.checkpoint_there(input_checkpoint):
        raise InvalidValue(f"Input checkpoint '{input_checkpoint}' doesn't exist!")
    if not output_node_names:
        raise InvalidValue("You need to supply the name of a node to --output_node_names.")
    source = input_meta_graph_def.graph_def if input_meta_graph_def else input_graph_def
    if clear_devices and source is not None:
        for node in source.node:
            node.device = ""
    if input_graph_def:
        import_graph_def(input_graph_def, name="")
    begins = _words(initializer_nodes)
    with tf.Session() as session:
        if input_saver_def:
            tf.train.Saver(saver_def=input_saver_def, write_version=checkpoint_version).restore(session,
                                                                                               input_checkpoint)
        elif input_meta_graph_def:
            tf.train.import_meta_graph(input_meta_graph_def, clear_devices=True).restore(session, input_checkpoint)
            if begins:
                session.run(begins)
        elif input_saved_model_dir:
            tf.saved_model.load(session, saved_model_tags or [], input_saved_model_dir)
        else:
            _saver(session.graph, input_checkpoint, checkpoint_version).restore(session, input_checkpoint)
            if begins:
                session.run(begins)
        frozen = convert_variables_to_constants(session, source, _words(output_node_names) or [],
                                                _words(variable_names_whitelist), _words(variable_names_blacklist))
    if output_graph:
        with open(output_graph, "wb") as file:
            file.write(frozen.SerializeToString())
    return frozen


def _saver(graph: Any, checkpoint: str, version: int) -> Any:
    """A Saver of what the graph and a checkpoint both have. Raises InvalidValue where that is nothing."""
    found = {}
    for name in NewCheckpointReader(checkpoint).get_variable_to_shape_map():
        try:
            found[name] = graph.get_tensor_by_name(f"{name}:0")
        except (NotFound, KeyError):
            continue
    if not any(node.type.startswith("Variable") or node.type.endswith("VariableOp") for node in graph.get_operations()):
        raise InvalidValue("No variables were found in this model. It is likely the model was frozen previously. You "
                           "cannot freeze a graph twice.")
    return tf.train.Saver(var_list=found, write_version=version)
