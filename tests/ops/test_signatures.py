"""Every op type has TensorFlow's own signature: arguments, attrs, defaults, allowed dtypes."""
from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from graphcli.graph.opdef import get_op, op_types
from graphcli.graph.signature import Attr
from graphcli.graph.types import DTYPES, DType, as_dtype
from graphcli.wire.messages import message

RECORDED = json.loads((Path(__file__).parent / "opdefs.json").read_text())
OURS = set(DTYPES)


def plain(value: Any) -> Any:
    if isinstance(value, DType):
        return value.name
    if isinstance(value, (list, tuple)):
        return [plain(v) for v in value]
    if isinstance(value, np.ndarray):
        return [value.dtype.name, list(value.shape), value.tolist()]
    return value


def tensor(text: str) -> list[Any]:
    """A recorded TensorProto as ``plain`` shows an array."""
    from google.protobuf import text_format

    proto = text_format.Parse(text, message("TensorProto")())
    return [as_dtype(proto.dtype).name, [d.size for d in proto.tensor_shape.dim], list(proto.int_val)]


def argument(arg: Any) -> list[Any]:
    return [arg.name, arg.dtype.name if arg.dtype else "", arg.type_attr, arg.number_attr, arg.type_list_attr,
            arg.is_ref]


@pytest.mark.parametrize("name", sorted(set(op_types()) & set(RECORDED)))
def test_signature_is_tensorflows(name: str) -> None:
    ours, theirs = get_op(name), RECORDED[name]
    assert [argument(a) for a in ours.inputs] == theirs["inputs"]
    assert [argument(a) for a in ours.outputs] == theirs["outputs"]
    assert set(ours.attrs) == set(theirs["attrs"])
    for key, wanted in theirs["attrs"].items():
        attr = ours.attrs[key]
        assert (key, attr.kind) == (key, wanted["type"])
        default = None if attr.default is Attr.NONE else plain(attr.default)
        expected = wanted.get("default")
        if wanted["type"] == "tensor" and expected is not None:
            expected = tensor(expected)
        assert (key, default) == (key, pytest.approx(expected) if isinstance(expected, float) else expected)
        if wanted["type"] in ("type", "list(type)") and "allowed" in wanted:
            allowed = set(DTYPES) if attr.allowed is None else {a.name for a in attr.allowed}
            # quantized dtypes are asked of the ops that are of them alone
            theirs_too = OURS & set(wanted["allowed"])
            assert (key, allowed & OURS if theirs_too else allowed) == (key, theirs_too or set(wanted["allowed"]))
        if wanted["type"] == "string" and "allowed" in wanted:
            assert attr.allowed is not None and set(attr.allowed) <= set(wanted["allowed"])


def test_every_op_type_is_one_of_tensorflows() -> None:
    assert set(op_types()) - set(RECORDED) == set()
