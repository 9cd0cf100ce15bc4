"""Index vectors that do not index into a tensor: refused, or left out where an op's ``bad_indices_policy`` says so."""
from __future__ import annotations

from typing import Any

import numpy

from ..errors import InvalidValue, RunError, said
from ._extremes import greatest, least


def ignores(n: Any) -> bool:
    """Whether a node leaves out what does not index into its tensor; a policy that is unknown is refused."""
    policy = n.attrs.get("bad_indices_policy") or "DEFAULT"
    if policy not in ("DEFAULT", "ERROR", "IGNORE"):
        raise InvalidValue(f"bad_indices_policy is DEFAULT, ERROR or IGNORE, not {said(policy)}")
    return bool(policy == "IGNORE")


UNSIGNED = {"<i4": numpy.dtype("<u4"), "<i8": numpy.dtype("<u8"), ">i4": numpy.dtype(">u4"), ">i8": numpy.dtype(">u8")}
"""What a negative index of a dtype is a large one in."""


def all_below(indices: Any, limit: int) -> bool:
    """Whether all indices of an array, which has some, lie in [0, limit)."""
    unsigned = UNSIGNED.get(indices.dtype.str) if isinstance(indices, numpy.ndarray) else None
    if unsigned is None:
        return bool(indices.min() >= 0 and indices.max() < limit)
    return bool(indices.view(unsigned).max() < limit)


def within(xp: Any, indices: Any, shape: Any, ignore: bool, into: str = "shape") -> Any:
    """Which index vectors (the last axis) index into a shape: None for all of them, else, where what does not is
    ignored, a mask; RunError names the first that does not."""
    depth = indices.shape[-1]
    if all(least(indices[..., i], 0) >= 0 and greatest(indices[..., i], -1) < shape[i] for i in range(depth)):
        return None
    good = ((indices >= 0) & (indices < xp.asarray(shape[:depth]))).all(-1)
    if good.all():
        return None
    if not ignore:
        where = [int(i) for i in xp.argwhere(~good)[0]]
        raise RunError(f"indices{where} = {indices[tuple(where)].tolist()} does not index into {into} {list(shape)}")
    return good
