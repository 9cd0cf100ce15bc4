"""What programs import of TensorFlow's own files and TF1 has under no name of its own."""
from __future__ import annotations

import os
from typing import Any, NamedTuple

from ..graph.default import get_default_graph

EXPORTS = """
python.client.device_lib: list_local_devices
python.framework.ops: get_name_scope
"""


class LocalDevice(NamedTuple):
    """A device of this machine."""

    name: str
    device_type: str
    memory_limit: int
    incarnation: int = 1
    physical_device_desc: str = ""


def list_local_devices(session_config: Any = None) -> list[LocalDevice]:
    """The devices of this machine: its CPU, with the memory that it has (device_lib.list_local_devices)."""
    return [LocalDevice("/device:CPU:0", "CPU", os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES"))]


def get_name_scope() -> str:
    """The name scope in which ops are made, without a slash at its end (ops.get_name_scope)."""
    return get_default_graph().get_name_scope()
