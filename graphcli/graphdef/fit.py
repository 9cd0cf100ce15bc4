"""Whether a node of a file fits the op type that it names: its attrs, its inputs, their dtypes."""
from __future__ import annotations

from typing import Any

from ..errors import InvalidType, InvalidValue
from ..graph.graph import Tensor
from ..graph.opdef import OpDef
from ..graph.signature import Attr
from ..graph.types import DType, unknown

MOST_OUTPUTS = 100_000


def fit(opdef: OpDef, attrs: dict[str, Any], inputs: tuple[Tensor, ...]) -> OpDef | None:
    """The op type, with attrs in its form and defaults filled in; None where it is another version of the op,
    which is kept as one that is not known here."""
    for name, attr in opdef.attrs.items():
        if name not in attrs:
            if attr.default is Attr.NONE:
                raise InvalidValue(f"attr {name!r} is missing")
            attrs[name] = opdef.defaults[name]
            continue
        if _right_kind(attr, attrs[name]):
            try:
                attrs[name] = attr.check(attrs[name], opdef.name)
            except (InvalidType, InvalidValue):
                return None
        else:
            raise InvalidValue(f"attr {name!r} is {attrs[name]!r}, where a value of kind {attr.kind} is wanted")
    wanted: list[tuple[DType | None, bool]] = []
    for arg in opdef.inputs:
        if arg.type_list_attr:
            wanted += [(t, arg.is_ref) for t in attrs[arg.type_list_attr]]
            continue
        dtype = arg.dtype or attrs[arg.type_attr]
        times = attrs[arg.number_attr] if arg.number_attr else 1
        if times > len(inputs):
            wanted = []
            break
        wanted += [(dtype, arg.is_ref)] * times
    if len(wanted) != len(inputs):
        raise InvalidValue(f"it has {len(inputs)} inputs, its attrs and op ask for {len(wanted) or 'more'}")
    for i, ((dtype, is_ref), tensor) in enumerate(zip(wanted, inputs)):
        if tensor.dtype.base_dtype is unknown:
            continue
        if dtype is not tensor.dtype.base_dtype:
            raise InvalidType(f"input {i} ({tensor.name}) is {tensor.dtype.base_dtype.name}, where "
                              f"{dtype.name if dtype else '?'} is wanted")
        if is_ref and not tensor.dtype.is_ref:
            raise InvalidType(f"input {i} ({tensor.name}) is no variable, where one is written")
    outputs = sum(attrs[a.number_attr] if a.number_attr else 1 for a in opdef.outputs if not a.type_list_attr)
    if outputs > MOST_OUTPUTS:
        raise InvalidValue(f"{outputs} outputs, more than {MOST_OUTPUTS}")
    return opdef


_PYTHON: dict[str, Any] = {"int": int, "float": float, "bool": bool, "string": (str, bytes), "type": DType}


def _right_kind(attr: Attr, value: Any) -> bool:
    kind = attr.kind
    if kind.startswith("list("):
        inner = kind[5:-1]
        return isinstance(value, list) and all(_one(inner, v) for v in value)
    return _one(kind, value)


def _one(kind: str, value: Any) -> bool:
    if kind == "shape":
        return value is None or isinstance(value, tuple)
    if kind == "tensor":
        return hasattr(value, "shape") and hasattr(value, "size")
    python = _PYTHON.get(kind)
    return python is None or isinstance(value, python) and not (kind == "int" and isinstance(value, bool))
