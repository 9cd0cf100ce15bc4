"""What a session can run on, as TF1 code asks for it (tf.Session.list_devices)."""
from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from ..graph import devices

HOST = "/job:localhost/replica:0/task:0"


class ListedDevice(NamedTuple):
    """A device. memory_limit_bytes: what one op may make there."""

    name: str
    device_type: str
    memory_limit_bytes: int
    incarnation: int = 0


def listed(named: Iterable[str], max_bytes: int | None) -> list[ListedDevice]:
    """The first CPU, and the devices that a spec or the caller of the session named."""
    found = dict.fromkeys(devices.merge(HOST, name) for name in ("/cpu:0", *named))
    return [ListedDevice(name, name.rpartition(":")[0].rpartition(":")[2], max_bytes or 0) for name in found]
