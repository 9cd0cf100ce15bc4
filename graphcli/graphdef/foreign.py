"""Ops that are not known here: how many outputs they have, and of which dtypes."""
from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ..graph.graph import Tensor
from ..graph.types import DType, as_dtype, unknown

TYPES = ("dtype", "T", "out_type", "DstT", "output_type", "Tout", "component_types", "output_types", "Toutput_types")
"""Attrs in which ops of TensorFlow name the dtypes of what they yield, the likelier first."""


def output_dtypes(op: str, attrs: dict[str, Any], inputs: Sequence[Tensor], least: int,
                  signature: Any = None, told: bool = False) -> list[DType]:
    """The dtypes of a node's outputs.

    least: how many outputs must be there; there are just so many where that is ``told``. signature: the OpDef of the
    op, where the file brings it.
    """
    if signature is not None:
        found = _by_signature(signature, attrs)
        if found is not None and len(found) >= least:
            return found
    for name in TYPES:
        given = attrs.get(name)
        if isinstance(given, DType):
            return [given] * least
        if isinstance(given, list) and all(isinstance(g, DType) for g in given) \
                and (len(given) == least if told else len(given) >= least):
            return list(given)
    if inputs and least == 1:
        return [inputs[0].dtype.base_dtype]
    return [unknown] * least


def _by_signature(signature: Any, attrs: dict[str, Any]) -> list[DType] | None:
    out: list[DType] = []
    for arg in signature.output_arg:
        if arg.type_list_attr:
            types = attrs.get(arg.type_list_attr)
            if not isinstance(types, list):
                return None
            out += types
            continue
        dtype = attrs.get(arg.type_attr) if arg.type_attr else as_dtype(int(arg.type))
        times = attrs.get(arg.number_attr) if arg.number_attr else 1
        if not isinstance(dtype, DType) or not isinstance(times, int) or not 0 <= times <= 100_000:
            return None
        out += [dtype.ref if arg.is_ref else dtype] * times
    return out
