"""Checkpoints of TensorFlow's V1 format: what a tf.train.Saver of write_version V1 puts into a graph."""
from __future__ import annotations

from typing import Any

import numpy as np

from ..errors import InvalidArgument, NothingThere
from ..graph.opdef import op, undefined_gradient
from .checkpoint import _texts, path_of

CPU_ONLY = True


def _named(n: Any, filename: Any, count: int, *vectors: Any) -> Any:
    """Checks a file's name and vectors that have something of each tensor."""
    n.with_rank(filename, 0, "the file's name")
    for vector in vectors:
        found = n.with_rank(vector, 1, "the names")[0]
        if found is not None and found != count:
            n.fail(f"{found} names are given for {count} tensors")
    return []


def _written(path: str, names: list[str], parts: list[str], data: Any) -> None:
    from ..wire.bundle import write_slices
    from ..wire.bundle.slices import FULL, bounds, parse_slice

    out = []
    for name, part, value in sorted(zip(names, parts, map(np.asarray, data)), key=lambda item: item[0]):
        shape, extents = parse_slice(part) if part else (value.shape, (FULL,) * value.ndim)
        if tuple(b.stop - b.start for b in bounds(shape, extents)) != value.shape:
            raise InvalidArgument("Slice in shape_and_slice specification does not match the shape of the tensor to  "
                                  f"save: {part}, tensor: [{','.join(map(str, value.shape))}]")
        out.append((name, shape, extents, value))
    write_slices(path, out)


@op
class Save:
    """Writes whole tensors to a checkpoint of the V1 format."""

    signature = "filename: string, tensor_names: string, data: list(T) -> "
    attrs = "T: list(type) >= 1"
    stateful = True
    gradient = undefined_gradient

    def infer(n: Any, filename: Any, tensor_names: Any, data: Any) -> Any:
        return _named(n, filename, len(data), tensor_names)

    def kernel(n: Any) -> Any:
        def save(filename: Any, names: Any, data: Any) -> Any:
            _written(path_of(n, filename), _texts(names), [""] * len(data), data)
            return []

        return save


@op
class SaveSlices:
    """Writes tensors, or parts of them, to a checkpoint of the V1 format (tf.train.Saver(write_version=V1))."""

    signature = "filename: string, tensor_names: string, shapes_and_slices: string, data: list(T) -> "
    attrs = "T: list(type) >= 1"
    stateful = True
    gradient = undefined_gradient

    def infer(n: Any, filename: Any, tensor_names: Any, shapes_and_slices: Any, data: Any) -> Any:
        return _named(n, filename, len(data), tensor_names, shapes_and_slices)

    def kernel(n: Any) -> Any:
        def save(filename: Any, names: Any, parts: Any, data: Any) -> Any:
            _written(path_of(n, filename), _texts(names), _texts(parts), data)
            return []

        return save


def _restored(n: Any, pattern: Any, name: Any, part: str = "") -> Any:
    from ..wire.bundle import SavedSlices
    from ..wire.bundle.slices import parse_slice

    name, dtype = _texts(name)[0], n.attrs["dt"]
    with SavedSlices(path_of(n, pattern, reading=True)) as there:
        if name not in there:
            raise NothingThere(f"Tensor name \"{name}\" not found in checkpoint files {there.prefix}")
        kind = there.entry(name).dtype_name
        if kind != dtype.name:
            raise InvalidArgument(f"Expected to restore a tensor of type {dtype.name}, got a tensor of type {kind} "
                                  f"instead: tensor_name = {name}")
        value = there.read_slice(name, *parse_slice(part)) if part else there.read(name)
    return value if n.xp is np or value.dtype == object else n.xp.asarray(value)


@op
class Restore:
    """A tensor of a checkpoint of the V1 format, whole."""

    signature = "file_pattern: string, tensor_name: string -> tensor: dt"
    attrs = "dt: type; preferred_shard: int = -1"
    takes = "file_pattern: []; tensor_name: []"
    stateful = True
    fresh = True
    gradient = undefined_gradient

    def infer(n: Any, file_pattern: Any, tensor_name: Any) -> Any:
        return None

    def kernel(n: Any) -> Any:
        return lambda pattern, name: _restored(n, pattern, name)


@op
class RestoreSlice:
    """A tensor of a checkpoint of the V1 format, or the part of it that ``"4 3 0,2:-"`` says."""

    signature = "file_pattern: string, tensor_name: string, shape_and_slice: string -> tensor: dt"
    attrs = "dt: type; preferred_shard: int = -1"
    takes = "file_pattern: []; tensor_name: []; shape_and_slice: []"
    stateful = True
    fresh = True
    gradient = undefined_gradient

    def infer(n: Any, file_pattern: Any, tensor_name: Any, shape_and_slice: Any) -> Any:
        from ..wire.bundle.slices import bounds, parse_slice

        part = n.value(2)
        text = "" if part is None else _texts(part)[0]
        return tuple(b.stop - b.start for b in bounds(*parse_slice(text))) if text else None

    def kernel(n: Any) -> Any:
        return lambda pattern, name, part: _restored(n, pattern, name, _texts(part)[0])


@op
class ShardedFilespec:
    """``basename-?????-of-00003``: the pattern of the files of several devices."""

    signature = "basename: string, num_shards: int32 -> filename: string"
    takes = "basename: []; num_shards: []"
    gradient = undefined_gradient

    def infer(n: Any, basename: Any, num_shards: Any) -> Any:
        return ()

    def kernel(n: Any) -> Any:
        def name(basename: Any, num_shards: Any) -> Any:
            return np.array(_texts(basename)[0].encode() + f"-?????-of-{int(num_shards):05d}".encode(), object)

        return name
