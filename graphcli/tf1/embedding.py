"""Rows of tables by id, from one table or from several (tf.nn.embedding_lookup)."""
from __future__ import annotations

from typing import Any

from ..errors import InvalidValue, said
from ..graph.types import int32
from .conversion import constant, convert_to_tensor
from .framework import apply_op, colocate_with, device, name_scope
from .modules import modules

EXPORTS = """
nn: embedding_lookup
"""

tf = modules["tf"]


def tables(params: Any) -> list[Any]:
    """The tables of a lookup: a list of them, or one. Raises InvalidValue for none."""
    if params is None or isinstance(params, (list, tuple)) and not params:
        raise InvalidValue("embedding_lookup needs at least one table")
    if hasattr(params, "_get_variable_list"):
        return list(params)
    return params if isinstance(params, list) else [params]


def _clip(x: Any, ids: Any, max_norm: Any) -> Any:
    """Rows cut down to a norm, if one is given."""
    if max_norm is None:
        return x
    ranks = []
    for value in (ids, x):
        static = convert_to_tensor(value).static
        ranks.append(len(static) if static else tf.rank(value))
    fixed = all(isinstance(r, int) for r in ranks)
    axes = list(range(*ranks)) if fixed else tf.range(*ranks)
    return tf.clip_by_norm(x, max_norm, axes=axes)


def embedding_lookup(params: Any, ids: Any, partition_strategy: str = "mod", name: str | None = None,
                     validate_indices: bool = True, max_norm: Any = None) -> Any:
    """The rows ``ids`` of a table, or of several between which the ids are dealt out (tf.nn.embedding_lookup).

    params: [rows, ...] or a list of such; ids: int32 or int64 of any shape; gives ids.shape + [...].
    partition_strategy: 'mod' (id % tables) or 'div' (in ranges). An id outside is a run error.
    Raises InvalidValue.
    """
    given = tables(params)
    with name_scope(name, "embedding_lookup") as scope:
        many = len(given)
        # of a resource variable only the rows wanted are read
        parts = given if any(hasattr(p, "sparse_read") for p in given) else [
            convert_to_tensor(p, name=f"params_{i}") for i, p in enumerate(given)]
        ids = convert_to_tensor(ids, name="ids")
        if many == 1:
            with colocate_with(parts[0].op):
                result = _clip(tf.gather(parts[0], ids, name=scope), ids, max_norm)
            return tf.identity(result)
        flat = tf.reshape(ids, [-1])
        positions = tf.range(tf.size(flat))
        owners, rows = _dealt(parts, flat, many, partition_strategy)
        owners = tf.cast(owners, int32)
        wanted = tf.dynamic_partition(rows, owners, many)
        places = tf.dynamic_partition(positions, owners, many)
        found = []
        for part, row_ids in zip(parts, wanted):
            with device(None), colocate_with(part.op):
                found.append(tf.gather(part, row_ids))
        out = apply_op("ParallelDynamicStitch", scope, [places, found])
        row_shape = parts[0].shape[1:]
        for part in parts[1:]:
            row_shape = row_shape.merge_with(part.shape[1:])
        if row_shape.is_fully_defined():
            sizes: Any = row_shape
        else:
            with colocate_with(parts[0].op):
                sizes = tf.shape(parts[0])
            sizes = sizes[1:]
        out = tf.reshape(out, tf.concat([tf.shape(ids), sizes], 0))
        out.set_shape(ids.shape.concatenate(row_shape))
        return _clip(out, ids, max_norm)


def _dealt(parts: list[Any], flat: Any, many: int, strategy: str) -> tuple[Any, Any]:
    """Which table has each id, and in which row."""
    if strategy == "mod":
        return flat % many, flat // many
    if strategy != "div":
        raise InvalidValue(f"partition_strategy is 'mod' or 'div', not {said(strategy)}")
    sizes = [None if p.static is None else p.static[0] for p in parts]
    if None not in sizes and sum(sizes):  # type: ignore[arg-type]
        total = constant(sum(sizes), flat.dtype.base_dtype)
    else:
        rows: list[Any] = []
        for part, size in zip(parts, sizes):
            if size is not None:
                rows.append(size)
                continue
            with colocate_with(part.op):
                rows.append(tf.shape(part)[0])
        total = tf.reduce_sum(tf.cast(tf.stack(rows), flat.dtype.base_dtype))
    each = total // many
    extras = total % many
    owners = tf.maximum(flat // (each + 1), (flat - extras) // each)
    return owners, tf.where(owners < extras, flat % (each + 1), (flat - extras) % each)
