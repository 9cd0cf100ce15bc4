"""Parts of tensors by index or by condition, and the way back: gather, scatter, where, boolean_mask."""
from __future__ import annotations

from typing import Any

import numpy as np

from ..errors import InvalidType, InvalidValue, said
from ..graph.constant import static_value
from ..graph.shapes import TensorShape, compatible, show
from ..graph.types import bool_, int32
from .conversion import convert_to_tensor, is_tensor
from .framework import apply_op, name_scope

EXPORTS = """
tf: gather gather_nd batch_gather scatter_nd where where_v2 boolean_mask dynamic_partition dynamic_stitch
tf: tensor_scatter_update tensor_scatter_nd_update=tensor_scatter_update
tf: tensor_scatter_add tensor_scatter_nd_add=tensor_scatter_add
tf: tensor_scatter_sub tensor_scatter_nd_sub=tensor_scatter_sub
tf: tensor_scatter_min tensor_scatter_nd_min=tensor_scatter_min
tf: tensor_scatter_max tensor_scatter_nd_max=tensor_scatter_max
manip: gather_nd scatter_nd
"""


def gather(params: Any, indices: Any, validate_indices: Any = None, name: str | None = None, axis: Any = None,
           batch_dims: int = 0) -> Any:
    """Rows of an axis by their indices (tf.gather). A run error names an index that is out of range."""
    if axis is None:
        axis = batch_dims
    known = static_value(axis) if is_tensor(axis) else axis
    if known is not None and np.ndim(known) == 0 and known == 0 and hasattr(params, "sparse_read"):
        return params.sparse_read(indices, name=name)
    # TF1's gather forgets the batches of axis 0
    attrs = {} if known is not None and np.ndim(known) == 0 and known == 0 else {"batch_dims": batch_dims}
    return apply_op("GatherV2", name, [params, indices, axis], attrs)


def gather_nd(params: Any, indices: Any, name: str | None = None, batch_dims: Any = 0,
              bad_indices_policy: str = "") -> Any:
    """Slices by index vectors, the last axis of ``indices`` (tf.gather_nd)."""
    known = static_value(batch_dims) if is_tensor(batch_dims) else batch_dims
    batch_dims = batch_dims if known is None else int(known)
    if batch_dims == 0:
        if hasattr(params, "sparse_read"):
            return params.gather_nd(indices, name=name)
        return apply_op("GatherNd", name, [params, indices], {"bad_indices_policy": bad_indices_policy})
    return _batch_gather_nd(params, indices, batch_dims, name, bad_indices_policy)


def _batch_gather_nd(params: Any, indices: Any, batch_dims: Any, name: str | None, policy: str) -> Any:
    from . import concat, meshgrid, ones, rank, reshape, shape, stack, tile, transpose, unstack

    with name_scope(name, "BatchGatherND", [params, indices]):
        indices = convert_to_tensor(indices, name="indices")
        params = convert_to_tensor(params, name="params")
        if not isinstance(batch_dims, int):
            raise InvalidType(f"batch_dims is a whole number, not {said(batch_dims)}")
        if batch_dims < 0:
            raise InvalidValue("gather_nd takes no negative batch_dims")
        for word, tensor in (("indices", indices), ("params", params)):
            if tensor.static is not None and batch_dims >= len(tensor.static):
                raise InvalidValue(f"batch_dims {batch_dims} must be below the rank of {word}, {len(tensor.static)}")
        params_shape, indices_shape = shape(params), shape(indices)
        batch_shape = params_shape[:batch_dims]
        batch_size = apply_op("Prod", None, [batch_shape, [0]])
        inner_rank = rank(indices) - batch_dims - 1
        inner_shape = indices_shape[batch_dims:-1]
        ranges = []
        for size in unstack(batch_shape, axis=0):
            limit = apply_op("Cast", None, [size], {"DstT": int32})
            counted = apply_op("Range", None, [0, limit, 1])
            ranges.append(apply_op("Cast", None, [counted], {"DstT": indices.dtype}))
        flat = [reshape(x, shape=(-1,)) for x in meshgrid(*ranges, indexing="ij")]
        grid = transpose(stack(flat, axis=0))
        grid_shape = shape(grid)
        grid = reshape(grid, concat([grid_shape[:1], ones(inner_rank, dtype=grid_shape.dtype), grid_shape[1:]],
                                    axis=0))
        grid = tile(grid, multiples=concat(((1,), inner_shape, (1,)), axis=0))
        flat_shape = concat(([batch_size], indices_shape[batch_dims:]), axis=0)
        full = concat((grid, reshape(indices, shape=flat_shape)), axis=-1)
        out = apply_op("GatherNd", None, [params, full], {"bad_indices_policy": policy})
        return reshape(out, shape=concat((batch_shape, shape(out)[1:]), axis=0))


def batch_gather(params: Any, indices: Any, name: str | None = None) -> Any:
    """Rows by index in each batch: the axes before the last of ``indices`` are batches (tf.batch_gather)."""
    from . import concat, ones, reshape, shape, stack, zeros

    with name_scope(name, "BatchGather", [params, indices]):
        indices = convert_to_tensor(indices, name="indices")
        params = convert_to_tensor(params, name="params")
        if indices.static is None:
            raise InvalidValue("batch_gather needs indices of known rank")
        n = len(indices.static)
        batch_dims = n - 1
        if params.static is not None and batch_dims >= len(params.static):
            raise InvalidValue(f"batch_gather: indices of rank {n} need params of at least that rank, not "
                               f"{len(params.static)}")
        indices_shape, params_shape = shape(indices), shape(params)
        kind = indices.dtype.base_dtype
        at = indices
        step = ones((), kind)
        sizes = apply_op("Cast", None, [params_shape], {"DstT": kind})
        for dim in range(batch_dims, 0, -1):
            size = sizes[dim - 1]
            step = step * sizes[dim]
            begin, one = zeros((), kind), ones((), kind)
            offsets = apply_op("Range", None, [begin, size, one]) * step
            offset_shape = stack([1] * (dim - 1) + [size] + [1] * (n - dim), axis=0)
            at = at + reshape(offsets, offset_shape)
        flat = reshape(at, [-1])
        outer = params_shape[batch_dims + 1:]
        rows = apply_op("Prod", None, [params_shape[:batch_dims + 1], [0]], {"keep_dims": False})
        table = reshape(params, concat([[rows], outer], axis=0))
        result = reshape(gather(table, flat), concat([indices_shape, outer], axis=0))
        known = TensorShape(indices.static[:batch_dims])
        if params.static is not None:
            known = known.merge_with(params.static[:batch_dims]).concatenate(indices.static[batch_dims:])
            result.set_shape(known.concatenate(params.static[batch_dims + 1:]))
        return result


def scatter_nd(indices: Any, updates: Any, shape: Any, bad_indices_policy: str = "", name: str | None = None) -> Any:
    """Zeros with ``updates`` added at index vectors (tf.scatter_nd)."""
    return apply_op("ScatterNd", name, [indices, updates, shape], {"bad_indices_policy": bad_indices_policy})


def tensor_scatter_update(tensor: Any, indices: Any, updates: Any, name: str | None = None) -> Any:
    """A copy with ``updates`` written at index vectors (tf.tensor_scatter_update)."""
    return apply_op("TensorScatterUpdate", name, [tensor, indices, updates])


def tensor_scatter_add(tensor: Any, indices: Any, updates: Any, bad_indices_policy: str = "",
                       name: str | None = None) -> Any:
    """A copy with ``updates`` added at index vectors (tf.tensor_scatter_add)."""
    return apply_op("TensorScatterAdd", name, [tensor, indices, updates],
                    {"bad_indices_policy": bad_indices_policy})


def tensor_scatter_sub(tensor: Any, indices: Any, updates: Any, bad_indices_policy: str = "",
                       name: str | None = None) -> Any:
    """A copy with ``updates`` subtracted at index vectors (tf.tensor_scatter_sub)."""
    return apply_op("TensorScatterSub", name, [tensor, indices, updates],
                    {"bad_indices_policy": bad_indices_policy})


def tensor_scatter_min(tensor: Any, indices: Any, updates: Any, bad_indices_policy: str = "",
                       name: str | None = None) -> Any:
    """A copy with the smaller of value and update at index vectors (tf.tensor_scatter_min)."""
    return apply_op("TensorScatterMin", name, [tensor, indices, updates],
                    {"bad_indices_policy": bad_indices_policy})


def tensor_scatter_max(tensor: Any, indices: Any, updates: Any, bad_indices_policy: str = "",
                       name: str | None = None) -> Any:
    """A copy with the larger of value and update at index vectors (tf.tensor_scatter_max)."""
    return apply_op("TensorScatterMax", name, [tensor, indices, updates],
                    {"bad_indices_policy": bad_indices_policy})


def where(condition: Any, x: Any = None, y: Any = None, name: str | None = None) -> Any:
    """The places where a condition holds, or x where it holds and y elsewhere (tf.where of TF1: a Select)."""
    if x is None and y is None:
        return _places(condition, name)
    if x is None or y is None:
        raise InvalidValue("where takes both x and y or neither")
    return apply_op("Select", name, [condition, x, y])


def where_v2(condition: Any, x: Any = None, y: Any = None, name: str | None = None) -> Any:
    """As ``where``, but condition, x and y broadcast (tf.where_v2: a SelectV2)."""
    if x is None and y is None:
        return _places(condition, name)
    if x is None or y is None:
        raise InvalidValue("where_v2 takes both x and y or neither")
    return apply_op("SelectV2", name, [condition, x, y])


def _places(condition: Any, name: str | None) -> Any:
    with name_scope(name, "Where", [condition]) as scope:
        return apply_op("Where", scope, [convert_to_tensor(condition, preferred_dtype=bool_, name="condition")])


def boolean_mask(tensor: Any, mask: Any, name: str = "boolean_mask", axis: Any = None) -> Any:
    """What stands where the mask holds, in rows (tf.boolean_mask). The rank of the mask must be known."""
    from . import concat, reshape, shape, squeeze

    with name_scope(name, values=[tensor, mask]):
        tensor = convert_to_tensor(tensor, name="tensor")
        mask = convert_to_tensor(mask, name="mask")
        if mask.static == ():
            raise InvalidValue("the mask of boolean_mask cannot be a scalar")
        if mask.static is None:
            raise InvalidValue("the rank of the mask must be known", hint="shape: [null] is known, no shape is not")
        n = len(mask.static)
        axis = 0 if axis is None else axis
        known = static_value(axis) if is_tensor(axis) else axis
        static = tensor.shape
        if known is not None:
            axis = int(known)
            part = static[axis:axis + n]
            if not compatible(part.tuple, mask.static):
                raise InvalidValue(f"the mask has shape {show(mask.static)}, the axes that it masks "
                                   f"{show(part.tuple)}")
        rows = apply_op("Prod", None, [shape(tensor)[axis:axis + n], [0]])
        tensor = reshape(tensor, concat([shape(tensor)[:axis], [rows], shape(tensor)[axis + n:]], 0))
        if known is not None and static.tuple is not None:
            first = static[axis:axis + n].num_elements()
            tensor.set_shape(static[:axis].concatenate([first]).concatenate(static[axis + n:]))
        mask = reshape(mask, [-1])
        return gather(tensor, squeeze(where_v2(mask), axis=[1]), axis=axis)


def dynamic_partition(data: Any, partitions: Any, num_partitions: int, name: str | None = None) -> Any:
    """Rows by the number of their part, a list of parts (tf.dynamic_partition)."""
    return apply_op("DynamicPartition", name, [data, partitions], {"num_partitions": num_partitions})


def dynamic_stitch(indices: Any, data: Any, name: str | None = None) -> Any:
    """Rows of several tensors at their places in one (tf.dynamic_stitch)."""
    return apply_op("DynamicStitch", name, [indices, data])
