"""Our messages are TensorFlow's: every field has the name, number, type and label that TensorBoard's copy has."""
from __future__ import annotations

from importlib import import_module
from typing import Any

import pytest

from graphcli.wire.checksum import crc32c, masked, unmasked
from graphcli.wire.messages import PACKAGE, _pool, enum, message

PROTOS = ["graph", "meta_graph", "checkpoint", "event", "projector"]
THEIRS = (
    "graph node_def attr_value tensor tensor_shape types op_def function versions saver variable "
    "meta_graph saved_model event summary step_stats config tensor_description allocation_description tensor_slice"
).split()


def theirs() -> dict[str, Any]:
    """TensorBoard's descriptors by name."""
    pytest.importorskip("tensorboard")
    found: dict[str, Any] = {}

    def add(descriptor: Any) -> None:
        found[descriptor.full_name.split(".", 1)[1]] = descriptor
        for nested in descriptor.nested_types:
            add(nested)

    modules = []
    for name in THEIRS:
        try:
            modules.append(import_module(f"tensorboard.compat.proto.{name}_pb2"))
        except ImportError:
            continue
    for module in [*modules, import_module("tensorboard.plugins.projector.projector_config_pb2")]:
        for descriptor in module.DESCRIPTOR.message_types_by_name.values():
            add(descriptor)
    return found


def ours() -> list[Any]:
    """All message descriptors of ours, nested ones too."""
    out: list[Any] = []

    def add(descriptor: Any) -> None:
        out.append(descriptor)
        for nested in descriptor.nested_types:
            add(nested)

    for name in PROTOS:
        for descriptor in _pool().FindFileByName(f"{name}.proto").message_types_by_name.values():
            add(descriptor)
    return out


def form(field: Any) -> tuple[int, int, bool]:
    repeated = field.is_repeated if hasattr(field, "is_repeated") else field.label == field.LABEL_REPEATED
    return field.number, field.type, repeated


def test_every_field_has_tensorflows_number_type_and_label() -> None:
    known = theirs()
    compared = 0
    for descriptor in ours():
        other = known.get(descriptor.full_name.removeprefix(f"{PACKAGE}."))
        if other is None:
            continue
        for field in descriptor.fields:
            same = other.fields_by_name[field.name]
            assert (field.full_name, form(field)) == (field.full_name, form(same))
            compared += 1
    assert compared > 200


def test_dtype_numbers_are_tensorflows() -> None:
    types = pytest.importorskip("tensorboard.compat.proto.types_pb2")
    numbers = enum("DataType")
    for name, number in types.DataType.items():
        if name in numbers:
            assert (name, numbers[name]) == (name, number)


def test_unknown_fields_survive_a_round_trip() -> None:
    data = message("NodeDef")(name="n", op="X").SerializeToString() + b"\xfa\x06\x03abc"
    assert message("NodeDef").FromString(data).SerializeToString() == data


@pytest.mark.parametrize(("data", "crc"), [(b"", 0), (b"123456789", 0xE3069283), (bytes(32), 0x8A9136AA)])
def test_crc32c_has_the_values_of_rfc_3720(data: bytes, crc: int) -> None:
    assert crc32c(data) == crc
    assert unmasked(masked(crc)) == crc
