"""TensorFlow's protocol messages, under a package of our own: no clash where TensorFlow is imported too.

    from .wire.messages import message
    GraphDef = message("GraphDef")

The ``.proto`` files beside this one are the source; ``python -m graphcli.wire`` compiles them into
``messages.desc``, a FileDescriptorSet, from which the classes are made when first asked for. A descriptor set,
unlike generated Python, works with every release of protobuf.
"""
from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

PACKAGE = "graphcli.wire"
COMPILED = Path(__file__).with_name("messages.desc")


@cache
def _pool() -> Any:
    from google.protobuf import descriptor_pb2, descriptor_pool

    files = descriptor_pb2.FileDescriptorSet.FromString(COMPILED.read_bytes())
    pool = descriptor_pool.DescriptorPool()
    for file in files.file:
        pool.AddSerializedFile(file.SerializeToString())
    return pool


@cache
def message(name: str) -> Any:
    """The class of a message, by its name in TensorFlow (``NodeDef``, ``OpDef.ArgDef``)."""
    from google.protobuf import message_factory

    return message_factory.GetMessageClass(_pool().FindMessageTypeByName(f"{PACKAGE}.{name}"))


@cache
def enum(name: str) -> Any:
    """The numbers of an enum by name: ``enum("DataType")["DT_FLOAT"]``."""
    values = _pool().FindEnumTypeByName(f"{PACKAGE}.{name}").values
    return {v.name: v.number for v in values}
