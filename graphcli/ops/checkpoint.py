"""Checkpoints of TensorFlow's V2 format: what tf.train.Saver puts into a graph."""
from __future__ import annotations

import os
import re
from typing import Any

import numpy as np

from ..errors import InvalidType, InvalidValue, NotFound, RunError, nearest
from ..graph.opdef import op, undefined_gradient

CPU_ONLY = True


def _texts(value: Any) -> list[str]:
    return [v.decode() if isinstance(v, bytes) else str(v) for v in np.asarray(value, object).reshape(-1).tolist()]


def path_of(n: Any, value: Any, reading: bool = False) -> str:
    """The path in a prefix. Raises RunError for one that the session's ops may not touch."""
    path = _texts(value)[0]
    allowed, folder = getattr(n.state, "files", None), getattr(n.state, "folder", None)
    inside = reading and folder is not None and not os.path.relpath(path, folder).startswith(os.pardir)
    # the parts of a sharded checkpoint stand in PREFIX_temp, of the V1 format beside it
    if not (allowed is None or inside or path in allowed
            or os.path.dirname(path).removesuffix("_temp") in allowed or re.sub(r"-\d+-of-\d+$", "", path) in allowed):
        raise RunError(f"the graph asks for the file {path!r}, which the command line does not name",
                       hint="feed it: --feed save/Const=PATH, as a Saver's is called")
    return path


def _vectors(n: Any, prefix: Any, tensor_names: Any, shape_and_slices: Any) -> int | None:
    """Checks what SaveV2 and RestoreV2 have in common; the number of tensors."""
    n.with_rank(prefix, 0, "the prefix")
    names = n.merge(n.with_rank(tensor_names, 1, "the names"), n.with_rank(shape_and_slices, 1, "the slices"),
                    "numbers of names and slices")
    return names[0]  # type: ignore[no-any-return]


@op
class SaveV2:
    """Writes tensors to a checkpoint, whole or not at all (tf.train.Saver)."""

    signature = "prefix: string, tensor_names: string, shape_and_slices: string, tensors: list(dtypes) -> "
    attrs = "dtypes: list(type) >= 1"
    stateful = True
    gradient = undefined_gradient

    def infer(n: Any, prefix: Any, tensor_names: Any, shape_and_slices: Any, tensors: Any) -> Any:
        count = _vectors(n, prefix, tensor_names, shape_and_slices)
        if count is not None and count != len(tensors):
            n.fail(f"{count} names are given for {len(tensors)} tensors")
        return []

    def kernel(n: Any) -> Any:
        def save(prefix: Any, names: Any, slices: Any, tensors: Any) -> Any:
            from ..wire.bundle import BundleWriter
            from ..wire.bundle.slices import parse_slice

            path = path_of(n, prefix)
            order = sorted(zip(_texts(names), _texts(slices), range(len(tensors))), key=lambda item: item[0])
            with BundleWriter(path) as writer:
                for name, part, i in order:
                    if part:
                        writer.add_slice(name, *parse_slice(part), tensors[i])
                    else:
                        writer.add(name, tensors[i])
            return []

        return save


@op
class RestoreV2:
    """Reads tensors from a checkpoint (tf.train.Saver)."""

    signature = "prefix: string, tensor_names: string, shape_and_slices: string -> tensors: list(dtypes)"
    attrs = "dtypes: list(type) >= 1"
    stateful = True
    fresh = True
    gradient = undefined_gradient

    def infer(n: Any, prefix: Any, tensor_names: Any, shape_and_slices: Any) -> Any:
        _vectors(n, prefix, tensor_names, shape_and_slices)
        slices = n.value(2)
        outputs: list[Any] = [None] * len(n.attrs["dtypes"])
        if slices is None or len(slices) != len(outputs):
            return outputs
        from ..wire.bundle.slices import bounds, parse_slice

        for i, text in enumerate(_texts(slices)):
            if text:
                shape, extents = parse_slice(text)
                outputs[i] = tuple(b.stop - b.start for b in bounds(shape, extents))
        return outputs

    def kernel(n: Any) -> Any:
        dtypes, xp = n.attrs["dtypes"], n.xp

        def restore(prefix: Any, names: Any, slices: Any) -> Any:
            from ..wire.bundle import open_checkpoint
            from ..wire.bundle.slices import parse_slice

            out = []
            with open_checkpoint(path_of(n, prefix, reading=True)) as bundle:
                wanted = _texts(names)
                missing = [name for name in wanted if name not in bundle]
                if missing:
                    raise _missing(bundle, missing)
                for name, part, dtype in zip(wanted, _texts(slices), dtypes, strict=True):
                    kind = bundle.entry(name).dtype_name
                    if kind != dtype.name:
                        raise InvalidType(f"{name} is {kind} in {bundle.prefix}, {dtype.name} is wanted")
                    value = bundle.read_slice(name, *parse_slice(part)) if part else bundle.read(name)
                    out.append(value if xp is np or value.dtype == object else xp.asarray(value))
            return out

        return restore


def _missing(bundle: Any, missing: list[str]) -> NotFound:
    error = NotFound(f"{bundle.prefix} has no tensor {missing[0]!r}" + (
        f", nor {len(missing) - 1} more of those wanted" if len(missing) > 1 else ""),
        hint="is it a checkpoint of this graph?")
    for name in missing[:8]:
        near = nearest(name, bundle.entries)
        error.note(f"{name}: {f'did you mean {near!r}?' if near else 'nothing like it is there'}")
    return error


@op
class MergeV2Checkpoints:
    """One checkpoint of several, whose data files become its shards."""

    signature = "checkpoint_prefixes: string, destination_prefix: string -> "
    attrs = "delete_old_dirs: bool = True; allow_missing_files: bool = False"
    stateful = True
    gradient = undefined_gradient

    def infer(n: Any, checkpoint_prefixes: Any, destination_prefix: Any) -> Any:
        n.with_rank(checkpoint_prefixes, 1, "the prefixes")
        n.with_rank(destination_prefix, 0, "the destination")
        return []

    def kernel(n: Any) -> Any:
        def merge(prefixes: Any, destination: Any) -> Any:
            from ..wire.bundle import bundle_exists, merge_bundles

            sources = [path_of(n, source) for source in _texts(prefixes)]
            if n.attrs["allow_missing_files"]:
                sources = [s for s in sources if bundle_exists(s)]
            if not sources:
                raise InvalidValue("there are no checkpoints to merge")
            merge_bundles(sources, path_of(n, destination))
            return []

        return merge


@op
class ShardedFilename:
    """``basename-00001-of-00003`` (the name of a shard)."""

    signature = "basename: string, shard: int32, num_shards: int32 -> filename: string"
    gradient = undefined_gradient

    def infer(n: Any, basename: Any, shard: Any, num_shards: Any) -> Any:
        for what, shape in (("the name", basename), ("the shard", shard), ("the number of shards", num_shards)):
            n.with_rank(shape, 0, what)
        return ()

    def kernel(n: Any) -> Any:
        def name(basename: Any, shard: Any, num_shards: Any) -> Any:
            return np.array(basename.item() + f"-{int(shard):05d}-of-{int(num_shards):05d}".encode(), object)

        return name
