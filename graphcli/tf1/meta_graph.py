"""MetaGraphDef: a graph with its collections and what stands beside it (tf.train.export_meta_graph and its inverse)."""
from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from typing import Any

from ..errors import GraphError, InvalidType, InvalidValue, NoFile, reason_of
from ..graph.collections import GraphKeys
from ..graph.graph import Graph, Node, Tensor
from ..wire.messages import message
from .compat import GIT_VERSION, VERSION
from .context import get_default_graph, name_scope
from .conversion import convert_to_tensor
from .flow_context import Context
from .graph_def import as_text_proto, parsed
from .meta_graph_parts import UNBOUND_KEY, keep_scope, without_savers
from .modules import modules
from .proto_functions import get_collection_proto_type, get_from_proto_function, get_to_proto_function
from .variables import Variable

EXPORTS = """
tf: MetaGraphDef
train: export_meta_graph import_meta_graph
"""

VARIABLES = (GraphKeys.GLOBAL_VARIABLES, GraphKeys.TRAINABLE_VARIABLES, GraphKeys.LOCAL_VARIABLES,
             GraphKeys.MODEL_VARIABLES, GraphKeys.MOVING_AVERAGE_VARIABLES, GraphKeys.METRIC_VARIABLES,
             GraphKeys.GLOBAL_STEP)
"""Collections whose variables TensorFlow writes as messages, and makes variables of again."""
CONTEXTS: dict[str, str] = {GraphKeys.COND_CONTEXT: "CondContextDef", GraphKeys.WHILE_CONTEXT: "WhileContextDef"}
_KINDS = {**dict.fromkeys(VARIABLES, "VariableDef"), **CONTEXTS, GraphKeys.SAVERS: "SaverDef"}


def __getattr__(name: str) -> Any:
    if name == "MetaGraphDef":
        return message(name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


# -- writing

def meta_graph_def(graph: Graph, saver_def: Any = None, keys: Iterable[str] | None = None, add_shapes: bool = True,
                   beside: Any = None) -> Any:
    """The MetaGraphDef of a graph.

    saver_def: of its Saver. keys: the collections to write; None for all. beside: a MetaGraphDef whose signatures,
    assets, tags and saver are taken over. A collection of what has no message is left out, as TensorFlow leaves it.
    """
    from ..graphdef.signatures import op_list
    from ..graphdef.write import graph_def

    made = message("MetaGraphDef")()
    if beside is not None:
        made.CopyFrom(beside)
    else:
        made.meta_info_def.tensorflow_version, made.meta_info_def.tensorflow_git_version = VERSION, GIT_VERSION
    made.graph_def.CopyFrom(graph_def(graph, add_shapes))
    made.meta_info_def.stripped_op_list.CopyFrom(op_list(graph, made.meta_info_def.stripped_op_list))
    if saver_def is not None:
        made.saver_def.CopyFrom(parsed(saver_def, "SaverDef"))
    made.collection_def.clear()
    for key in graph.get_all_collection_keys() if keys is None else keys:
        items = graph.get_collection(key)
        if items:
            put_collection(made.collection_def, key, items)
    return made


def put_collection(proto: Any, key: str, items: list[Any]) -> bool:
    """Writes one collection into the map; False if it holds what a CollectionDef cannot."""
    from . import flow_proto, variable_proto

    if (to_proto := get_to_proto_function(key)) is not None:
        try:
            protos = [to_proto(i, export_scope=None) for i in items]
        except (TypeError, ValueError, AttributeError):
            return False
        proto[key].bytes_list.value.extend([_bytes(p) for p in protos if p])
    elif key in CONTEXTS and all(isinstance(i, Context) for i in items):
        proto[key].bytes_list.value.extend([_bytes(flow_proto.to_proto(i)) for i in items])
    elif key in VARIABLES and all(isinstance(i, Variable) for i in items):
        proto[key].bytes_list.value.extend([_bytes(variable_proto.to_proto(i)) for i in items])
    elif all(isinstance(i, message("AnyMessage")) for i in items):
        proto[key].any_list.value.extend(items)
    elif all(isinstance(i, int) and -2**63 <= i < 2**63 for i in items):
        proto[key].int64_list.value.extend(map(int, items))
    elif all(isinstance(i, float) for i in items):
        proto[key].float_list.value.extend(items)
    elif all(isinstance(i, (str, bytes)) for i in items):
        proto[key].bytes_list.value.extend([i.encode() if isinstance(i, str) else i for i in items])
    elif all(hasattr(i, "to_proto") and not isinstance(i, Variable) for i in items):
        # a Saver of nothing has none
        proto[key].bytes_list.value.extend([_bytes(p) for p in (i.to_proto() for i in items) if p is not None])
    elif all(isinstance(i, (Tensor, Node)) or hasattr(i, "name") and hasattr(i, "_as_tensor") for i in items):
        proto[key].node_list.value.extend([i.name for i in items])
    else:
        return False
    return True


def _bytes(proto: Any) -> bytes:
    data: bytes = proto.SerializeToString(deterministic=True)
    return data


def export_meta_graph(filename: str | None = None, meta_info_def: Any = None, graph_def: Any = None,
                      saver_def: Any = None, collection_list: Iterable[str] | None = None, as_text: bool = False,
                      graph: Graph | None = None, export_scope: str | None = None, clear_devices: bool = False,
                      clear_extraneous_savers: bool = False, strip_default_attrs: bool = False,
                      save_debug_info: bool = False, **kwargs: Any) -> Any:
    """The MetaGraphDef of a graph, written to ``filename`` if there is one (tf.train.export_meta_graph).

    graph: the default graph if None. export_scope: only what stands below it, with names without it.
    clear_devices: without devices. clear_extraneous_savers: without the nodes of other Savers than saver_def's.
    Raises InvalidValue for an attr or collection that does not go in, UsageError if the file cannot be written.
    """
    graph = get_default_graph() if graph is None else graph
    made = meta_graph_def(graph, saver_def, collection_list)
    if graph_def is not None:
        made.graph_def.CopyFrom(parsed(graph_def))
    if meta_info_def is not None:
        made.meta_info_def.MergeFrom(parsed(meta_info_def, "MetaGraphDef.MetaInfoDef"))
    if clear_extraneous_savers:
        without_savers(made.graph_def, saver_def)
    if export_scope:
        keep_scope(made, export_scope, _KINDS)
    if clear_devices:
        for node in made.graph_def.node:
            node.device = ""
    if filename is not None:
        from ..wire.files import write_whole

        data = as_text_proto(made).encode() if as_text else _bytes(made)
        write_whole(filename, lambda file: file.write(data))
    return made


# -- reading

def import_meta_graph(meta_graph_or_file: Any, clear_devices: bool = False, import_scope: str | None = None,
                      input_map: Mapping[str, Any] | None = None, **kwargs: Any) -> Any:
    """Adds a MetaGraphDef, or the file of one, to the default graph; returns its Saver, None if it has no variables
    (tf.train.import_meta_graph).

    import_scope: a name scope to put it under. input_map: tensors in place of the file's, by name. Raises NoFile for a
    file that is not there, InvalidValue for one that is no MetaGraphDef and for names that are not in the graph.
    """
    proto = read_meta_graph(meta_graph_or_file) if isinstance(meta_graph_or_file, (str, os.PathLike)) else parsed(
        meta_graph_or_file, "MetaGraphDef")
    if clear_devices:
        plain = message("MetaGraphDef")()
        plain.CopyFrom(proto)
        proto = plain
        for node in proto.graph_def.node:
            node.device = ""
    unbound = [d.decode() for d in proto.collection_def[UNBOUND_KEY].bytes_list.value] \
        if UNBOUND_KEY in proto.collection_def else []
    if any(name not in (input_map or {}) for name in unbound):
        raise InvalidValue(f"the part of a graph reads {', '.join(unbound)}", hint="input_map= gives tensors for them")
    graph = get_default_graph()
    if import_scope:
        with name_scope(import_scope) as scope:
            _add(graph, proto, scope, input_map)
    else:
        scope = ""
        _add(graph, proto, "", input_map)
    if "Saver" not in modules["train"]:
        return None
    if proto.HasField("saver_def"):
        return modules["train"].Saver(saver_def=proto.saver_def, name=scope.rstrip("/") or None)
    if graph.get_collection(GraphKeys.GLOBAL_VARIABLES, scope or None):
        return modules["train"].Saver()
    return None


def _add(graph: Graph, proto: Any, prefix: str, input_map: Mapping[str, Any] | None) -> None:
    given = {k: v if isinstance(v, Node) else convert_to_tensor(v) for k, v in (input_map or {}).items()}
    add_meta_graph(graph, proto, prefix, input_map=given, ordered=True)


def read_meta_graph(path: str | os.PathLike[str]) -> Any:
    """The MetaGraphDef of a file, binary or text. Raises NoFile or InvalidValue."""
    try:
        with open(path, "rb") as file:
            data = file.read()
    except OSError as error:
        raise NoFile(f"cannot read {path}: {reason_of(error)}") from None
    from google.protobuf import text_format
    from google.protobuf.message import DecodeError

    try:
        return message("MetaGraphDef").FromString(data)
    except DecodeError:
        pass
    try:
        return text_format.Parse(data.decode(), message("MetaGraphDef")(), allow_unknown_field=True)
    except (text_format.ParseError, UnicodeDecodeError, RecursionError):
        raise InvalidValue(f"{path} is no MetaGraphDef") from None


def add_meta_graph(graph: Graph, proto: Any, prefix: str = "", limits: Any = None,
                   input_map: Mapping[str, Tensor | Node] | None = None, ordered: bool = False) -> Mapping[str, Node]:
    """Adds the nodes and collections of a MetaGraphDef to a graph; returns the nodes by the file's names.

    prefix: put before every name, with a final ``/``. The others: of ``graphdef.read``.
    """
    from ..graphdef.read import Limits, add_nodes

    signatures = {o.name: o for o in proto.meta_info_def.stripped_op_list.op}
    made = add_nodes(graph, proto.graph_def, prefix, input_map, signatures, limits or Limits(), ordered)
    known: dict[bytes, Any] = {}
    for key in sorted(set(proto.collection_def) - {UNBOUND_KEY}):
        try:
            _add_collection(graph, key, proto.collection_def[key], prefix, known)
        except GraphError as error:
            raise InvalidValue(f"collection {key!r}: {error.message}", hint=error.hint) from None
    return made


def _add_collection(graph: Graph, key: str, proto: Any, prefix: str, known: dict[bytes, Any]) -> None:
    from google.protobuf.message import DecodeError

    from . import flow_proto, variable_proto

    kind = proto.WhichOneof("kind")
    if kind is None:
        return
    values = getattr(proto, kind).value
    if kind == "node_list":
        for name in values:
            graph.add_to_collection(key, _element(graph, prefix + name))
        return
    if kind == "bytes_list" and (from_proto := get_from_proto_function(key)) is not None:
        made = get_collection_proto_type(key)
        for data in values:
            graph.add_to_collection(key, from_proto(made.FromString(data), import_scope=prefix.removesuffix("/")))
        return
    if kind == "bytes_list" and (key in CONTEXTS or key in VARIABLES):
        for data in values:
            try:
                if key in CONTEXTS:
                    inner = message(CONTEXTS[key]).FromString(data)
                    graph.add_to_collection(key, flow_proto.from_proto(graph, inner, prefix))
                    continue
                if data not in known:
                    known[data] = variable_proto.from_proto(graph, message("VariableDef").FromString(data), prefix)
            except DecodeError:
                raise InvalidValue("its bytes are no message of a variable or context") from None
            if key == GraphKeys.TRAINABLE_VARIABLES:
                known[data].trainable = True
            graph.add_to_collection(key, known[data])
        return
    for value in values:
        # TensorFlow takes a text for a name
        graph.add_to_collection(key, _text(value, prefix) if isinstance(value, bytes) else value)


def _text(data: bytes, prefix: str) -> str | bytes:
    try:
        return prefix + data.decode()
    except UnicodeDecodeError:
        return data


def _element(graph: Graph, name: str) -> Any:
    try:
        return graph.as_graph_element(name)
    except (KeyError, InvalidType, InvalidValue):
        raise InvalidValue(f"{name!r} is not in the graph") from None
