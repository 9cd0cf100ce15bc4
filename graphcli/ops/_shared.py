"""What ops hold in a session: for a node alone, or for all that say the same ``shared_name``."""
from __future__ import annotations

from collections.abc import Callable
from typing import Any


def shared(n: Any, kind: str, make: Callable[[], Any]) -> Any:
    """What ``make()`` made for this node, or for the first of its kind that says its shared_name."""
    name = n.attrs["shared_name"]
    if not name and n.attrs.get("use_node_name_sharing"):
        name = n.node.name
    if not name:
        return n.state.private(n.node, make)
    return n.state.resource(f"{kind} {n.attrs['container']}/{name}", make)
