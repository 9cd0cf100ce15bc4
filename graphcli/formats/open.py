"""Opens any file that holds a graph: the kind is found by its content."""
from __future__ import annotations

import os
import re
from typing import TYPE_CHECKING, Any

from ..errors import InvalidValue, UsageError, reason_of

if TYPE_CHECKING:
    from .opened import OpenedFile

HEAD = 65536
SAVED_MODELS = ("saved_model.pb", "saved_model.pbtxt")
EVENTS = ".tfevents."
_CONTROL = re.compile(rb"[\x00-\x08\x0e-\x1a]")
"""Control characters that are in no text: all but white space and escape."""


def is_graph(data: bytes, name: str = "") -> bool:
    """Whether bytes are to be read as a graph; if not, as a spec. A head of 64 kB is enough.

    What is neither is a graph that cannot be read, unless its name says that it is a spec.
    """
    from .graphdef.text import POINTER, text_kind

    if data.startswith(POINTER):
        return True
    if text_kind(data) or not data and name.lower().endswith((".pb", ".pbtxt", ".meta")):
        return True
    if _is_text(data):
        return False
    from .events.graphs import is_event_file
    from .graphdef.detect import binary_kind

    if is_event_file(data):
        return True
    return binary_kind(data) is not None or not name.lower().endswith((".yaml", ".yml"))


def _is_text(data: bytes) -> bool:
    if data[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return True
    try:
        data.decode()
    except UnicodeDecodeError as error:
        # the head may end within a character
        if len(data) < HEAD or error.start < HEAD - 4:
            return False
    return _CONTROL.search(data) is None


def graph_in_folder(path: str) -> str | None:
    """The file of the graph in the folder of a SavedModel or of one run's event files, None if it is neither."""
    if not os.path.isdir(path):
        return None
    found = next((p for p in (os.path.join(path, n) for n in SAVED_MODELS) if os.path.isfile(p)), None)
    if found is None:
        logs = sorted(n for n in os.listdir(path) if EVENTS in n and os.path.isfile(os.path.join(path, n)))
        found = os.path.join(path, logs[-1]) if logs else None
    return found


def open_bytes(data: bytes, name: str, graph: str | None = None, limits: Any = None) -> OpenedFile:
    """The graphs in bytes. name: of the file. graph: the one that is wanted.

    Raises GraphError for what is no graph or is at fault, UsageError for a graph that is not there.
    """
    from ..graphdef.read import Limits
    from .events.graphs import is_event_file, last_graph
    from .graphdef.read import read

    kind = None
    if is_event_file(data):
        kind, data = last_graph(data, name)
    return read(data, name, kind, graph, limits or Limits())


def open_file(path: str, graph: str | None = None, limits: Any = None) -> OpenedFile:
    """The graphs of a file, or of the folder of a SavedModel or of a run's event files.

    Raises as ``open_bytes``, and UsageError if it is not there.
    """
    file = path
    folder = os.path.isdir(path)
    if folder:
        found = graph_in_folder(path)
        if found is None:
            raise UsageError(f"{path} is a folder",
                             hint=f"a SavedModel's has {' or '.join(SAVED_MODELS)}, a run's an event file")
        file = found
    try:
        if os.path.getsize(file) > 2**31 - 1:
            raise InvalidValue(f"{path} has {os.path.getsize(file):,} bytes, more than a protocol message may have")
        with open(file, "rb") as stream:
            data = stream.read()
    except OSError as error:
        raise UsageError(f"cannot read {path}: {reason_of(error)}") from None
    opened = open_bytes(data, path, graph, limits)
    prefix = os.path.join(path, "variables", "variables")
    if folder and os.path.isfile(f"{prefix}.index"):
        for one in opened:
            one.checkpoint = prefix
    return opened
