"""Bytes -> graphs: GraphDef, MetaGraphDef and SavedModel, with their variables, collections and signatures."""
from __future__ import annotations

import os
import re
from typing import Any

from ...errors import GraphError, InvalidValue, UsageError, did_you_mean
from ...graph.graph import Graph
from ...graph.types import as_dtype
from ...graphdef.read import Limits, add_nodes
from ...source import Source, Span
from ...tf1.meta_graph import add_meta_graph
from ...wire.messages import message
from ..opened import Binding, Group, OpenedFile, OpenedGraph
from .detect import binary_kind
from .scan import BYTES, Fault, fields
from .text import GRAPH, META, SAVED, text_kind
from .thaw import OF_VALUES, thaw
from .variables import find_variables

LARGEST = 2**31 - 1
"""Bytes of a protocol message, by the format."""


def read(data: bytes, name: str, kind: str | None = None, graph: str | None = None,
         limits: Limits = Limits()) -> OpenedFile:
    """The graphs of a file.

    name: of the file, for messages and the graph's name. kind: of ``detect``, found out if None. graph: the one that
    is wanted, all if None. Raises InvalidValue, with the offset or line, for bytes that are none or are damaged, and
    for a graph that is at fault; UsageError for a graph that is not there.
    """
    if len(data) > LARGEST:
        raise InvalidValue(f"{name} has {len(data):,} bytes, more than the {LARGEST:,} of a protocol message")
    as_text = text_kind(data)
    kind = kind or as_text or binary_kind(data)
    if kind is None:
        from .strange import no_graph

        what, hint = no_graph(data, name)
        raise InvalidValue(f"{name}: {what}", hint=hint)
    proto = _parse_text(data, name, kind) if as_text else _parse(data, name, kind)
    try:
        return _opened(proto, name, kind, graph, limits)
    except UsageError:
        raise
    except GraphError as error:
        error.message = f"{name}: {error.message}"
        error.args = (error.message,)
        raise


def _opened(proto: Any, name: str, kind: str, wanted: str | None, limits: Limits) -> OpenedFile:
    stem = _stem(name)
    if kind == SAVED:
        parts = {_tags(m, i): m for i, m in enumerate(proto.meta_graphs)}
        if not parts:
            raise InvalidValue("a SavedModel without a graph")
    else:
        parts = {stem: proto}
    if wanted is not None and wanted not in parts:
        raise UsageError(f"no graph {wanted!r} in {name}",
                         hint=did_you_mean(wanted, parts) or f"it has {', '.join(parts)}")
    file = OpenedFile(name, kind, {}, list(parts))
    for title, part in parts.items():
        if wanted in (None, title):
            changed = thaw(part if kind == GRAPH else part.graph_def)
            if changed:
                file.notes.append(_thawed(changed))
            file.graphs[title] = _graph(part, title if kind != SAVED or len(parts) > 1 else stem, kind, limits)
    return file


def _thawed(changed: dict[str, str]) -> str:
    kinds = ", ".join(f"{was} as {OF_VALUES[was]}" for was in dict.fromkeys(changed.values()))
    first = next((n for n, was in changed.items() if was.startswith("Assign")), next(iter(changed)))
    return (f"{first} writes to what is no variable, as if the graph was frozen with its training part; TensorFlow "
            f"refuses it, and here {len(changed)} ops are read as those of values ({kinds}), as which export "
            "writes them")


def _graph(proto: Any, title: str, kind: str, limits: Limits) -> OpenedGraph:
    graph = Graph(title)
    opened = OpenedGraph(title, graph)
    if kind == GRAPH:
        add_nodes(graph, proto, limits=limits)
    else:
        add_meta_graph(graph, proto, limits=limits)
        beside = message("MetaGraphDef")()
        beside.CopyFrom(proto)
        beside.ClearField("graph_def")
        beside.collection_def.clear()
        opened.beside = beside
        _signatures(opened, proto)
    opened.guessed = find_variables(graph)
    return opened


def _signatures(opened: OpenedGraph, proto: Any) -> None:
    """Handles of the signatures; the outputs of the first that is served are fetched where nothing is asked for."""
    for name in sorted(proto.signature_def, key=lambda n: (n != "serving_default", n)):
        signature = proto.signature_def[name]
        if name.startswith("__"):
            continue
        handles = {}
        for side in (signature.inputs, signature.outputs):
            for key in sorted(side):
                if side[key].WhichOneof("encoding") == "name" and side[key].name:
                    try:
                        handles[key] = Binding(opened.graph.as_graph_element(side[key].name))
                    except (GraphError, KeyError, ValueError):
                        raise InvalidValue(f"signature {name!r} names {side[key].name!r}, which is not in the "
                                           "graph") from None
                    as_dtype(int(side[key].dtype))
        opened.handles[name] = Binding(Group(name, handles))
        if not opened.outputs:
            opened.outputs = [f"{name}.{k}" for k in sorted(signature.outputs) if k in handles]


def _tags(meta: Any, index: int) -> str:
    return ",".join(meta.meta_info_def.tags) or f"graph{index}"


def _stem(name: str) -> str:
    stem = os.path.basename(name.rstrip("/"))
    for ending in (".pb", ".pbtxt", ".meta", ".txt"):
        stem = stem.removesuffix(ending)
    return stem if stem not in ("", "-", "<stdin>") else "graph"


# -- bytes that are at fault

def _parse(data: bytes, name: str, kind: str) -> Any:
    from google.protobuf.message import DecodeError

    try:
        return message(kind).FromString(data)
    except DecodeError:
        pass
    raise InvalidValue(f"{name} is a damaged {kind}: {_fault(data, kind)}")


def _fault(data: bytes, kind: str) -> str:
    """Where a message cannot be read."""
    place = _first_fault(data, 0, len(data), kind, 0)
    if place is None:
        return "its messages are nested too deeply, or hold text that is no UTF-8"
    return f"byte {place.at:,}: {place.message}"


PARTS = {GRAPH: {1: "NodeDef", 2: "FunctionDefLibrary", 4: "VersionDef"}, META: {2: GRAPH, 3: "SaverDef"},
         SAVED: {2: META}, "NodeDef": {}, "FunctionDefLibrary": {1: "FunctionDef"}, "FunctionDef": {3: "NodeDef"}}


def _first_fault(data: bytes, start: int, end: int, kind: str, depth: int) -> Fault | None:
    from google.protobuf.message import DecodeError

    for item in fields(data, start, end):
        if isinstance(item, Fault):
            return _told(item, kind)
        inner = PARTS.get(kind, {}).get(item.number)
        if inner is None or item.wire != BYTES or depth > 10:
            continue
        try:
            message(inner).FromString(data[item.start:item.end])
        except DecodeError:
            found = _first_fault(data, item.start, item.end, inner, depth + 1)
            return found or Fault(item.at, f"this {inner} cannot be read")
    return None


def _told(fault: Fault, kind: str) -> Fault:
    """A fault with the name of the message in place of its field's number."""
    def name(match: re.Match[str]) -> str:
        inner = PARTS.get(kind, {}).get(int(match[1]))
        return f"a {inner}" if inner else match[0]

    return Fault(fault.at, re.sub(r"\bfield (\d+)", name, fault.message))


def _parse_text(data: bytes, name: str, kind: str) -> Any:
    from google.protobuf import text_format

    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise InvalidValue(f"{name}: byte {error.start:,} is no UTF-8") from None
    try:
        return text_format.Parse(text, message(kind)(), allow_unknown_field=True)
    except text_format.ParseError as error:
        raise _text_error(error, text, name, kind) from None
    except RecursionError:
        raise InvalidValue(f"{name} is no {kind}: nested too deeply") from None


def _text_error(error: Any, text: str, name: str, kind: str) -> InvalidValue:
    source = Source(name, text)
    line, column = error.GetLine(), error.GetColumn()
    words = str(error)
    if line:
        words = words.partition(" : ")[2] or words
        at = source.starts[min(line, len(source.starts)) - 1] + max((column or 1) - 1, 0)
        return InvalidValue(f"no {kind}: {_plain(words)}", Span(source, at, at + 1))
    return InvalidValue(f"{name} is no {kind}: {_plain(words)}")


def _plain(words: str) -> str:
    """The parser's words on one line, without the text that it repeats."""
    _, quoted, rest = words.partition("': ")
    return " ".join((rest if quoted else words).split()).rstrip(".").replace("graphcli.wire.", "")
