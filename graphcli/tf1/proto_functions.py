"""How a program writes what it keeps in a collection of its own into a MetaGraphDef, and reads it back."""
from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

from ..errors import InvalidType

EXPORTS = """
python.framework.ops: register_proto_function get_collection_proto_type get_to_proto_function get_from_proto_function
"""


class ProtoFunctions(NamedTuple):
    """The class of the messages, what makes one of an object, and what makes an object of one."""

    proto_type: Any = None
    to_proto: Callable[..., Any] | None = None
    from_proto: Callable[..., Any] | None = None


NONE = ProtoFunctions()
REGISTERED: dict[str, ProtoFunctions] = {}


def register_proto_function(collection_name: str, proto_type: Any = None, to_proto: Any = None,
                            from_proto: Any = None) -> None:
    """What stands for the objects of a collection in a file (ops.register_proto_function).

    Raises InvalidType for functions that cannot be called.
    """
    for name, function in (("to_proto", to_proto), ("from_proto", from_proto)):
        if function and not callable(function):
            raise InvalidType(f"{name} must be callable.")
    REGISTERED[collection_name] = ProtoFunctions(proto_type, to_proto, from_proto)


def get_collection_proto_type(collection_name: str) -> Any:
    """The class of a collection's messages, None where none was registered (ops.get_collection_proto_type)."""
    return REGISTERED.get(collection_name, NONE).proto_type


def get_to_proto_function(collection_name: str) -> Any:
    """What makes a message of an object of the collection (ops.get_to_proto_function)."""
    return REGISTERED.get(collection_name, NONE).to_proto


def get_from_proto_function(collection_name: str) -> Any:
    """What makes an object of a message of the collection (ops.get_from_proto_function)."""
    return REGISTERED.get(collection_name, NONE).from_proto
