"""Copies with values scattered into them at index vectors."""
from __future__ import annotations

from math import prod
from typing import Any

from ..errors import RunError
from ..graph.opdef import op
from ..graph.shapes import compatible, show
from ._extremes import greatest
from ._index_vectors import ignores, within
from ._rows import at_tuples, taken

COMMON = "T: type; Tindices: {int32, int64}; bad_indices_policy: string = ''"


def scattered(n: Any, target: Any, indices: Any, updates: Any) -> Any:
    """Checks the shapes of a scatter into ``target``; its shape is what comes out."""
    if indices is not None and not indices:
        n.fail("indices must have at least rank 1")
    if indices is None or updates is None:
        return target
    depth = indices[-1]
    if depth is None or target is None:
        if (updates or depth is None) and not compatible(indices[:-1], updates[:len(indices) - 1]):
            n.fail(f"updates must have a shape that begins with {show(indices[:-1])}, not {show(updates)}")
        return target
    if depth > len(target) and not n.built:
        n.fail(f"index vectors of {depth} entries, the tensor has rank {len(target)}")
    wanted = indices[:-1] + target[depth:]
    if not compatible(wanted, updates):
        n.fail(f"updates must have shape {show(wanted)}, not {show(updates)}")
    return target


def places(xp: Any, shape: Any, indices: Any, updates: Any, ignore: bool) -> tuple[Any, Any]:
    """A numpy index from index vectors, all checked, and the updates for it: those that are not ignored."""
    depth = indices.shape[-1] if indices.ndim else 0
    if indices.ndim == 0 or depth > len(shape):
        raise RunError(f"index vectors of {depth} entries do not fit the shape {list(shape)}")
    wanted = indices.shape[:-1] + tuple(shape[depth:])
    if updates.shape != wanted:
        raise RunError(f"updates must have shape {list(wanted)}, not {list(updates.shape)}")
    if depth:
        good = within(xp, indices, shape, ignore)
        if good is not None:
            indices, updates = indices[good], updates[good]
    return tuple(xp.moveaxis(indices, -1, 0)), updates


def scattering(n: Any, how: str) -> Any:
    """A kernel: copy, then update, add, subtract, minimum or maximum at the places."""
    xp, real, ignore = n.xp, n.out().is_floating, ignores(n)

    def scatter(x: Any, indices: Any, updates: Any) -> Any:
        out = xp.array(x)
        at, updates = places(xp, out.shape, indices, updates, ignore)
        if not at:
            # Index vectors of no entries: every update is for the whole tensor.
            for row in updates.reshape((-1,) + out.shape):
                out[...] = row if how == "update" else _METHODS[how](xp)(out, row)
        elif how == "update":
            out[at] = updates
        else:
            if how in ("min", "max") and real and xp.isnan(greatest(updates, 0)):
                # NaN is neither greater nor less, so that it replaces nothing
                updates = xp.where(xp.isnan(updates), xp.inf if how == "min" else -xp.inf, updates)
            at_tuples(_METHODS[how](xp), out, at, updates)
        return out

    return scatter


def _taken(n: Any) -> Any:
    return taken(n, 2, prod(n.shapes[1][:-1]))


_METHODS = {"add": lambda xp: xp.add, "sub": lambda xp: xp.subtract, "min": lambda xp: xp.minimum,
            "max": lambda xp: xp.maximum}


def _extreme_gradient(tf: Any, op: Any, grad: Any) -> Any:
    x, indices, y = op.inputs
    result = op.outputs[0]
    from_x = tf.cast(tf.equal(x, result), grad.dtype)
    from_y = tf.cast(tf.equal(y, tf.gather_nd(result, indices)), grad.dtype)
    total = from_x + tf.scatter_nd(indices, from_y, tf.shape(x, out_type=indices.dtype))
    return [grad * from_x / total, None, tf.gather_nd(grad / total, indices) * from_y]


def _copied(n: Any, target: Any, indices: Any, updates: Any) -> Any:
    return scattered(n, n.at_least_rank(target, 1, "the tensor"), indices, updates)


@op
class TensorScatterUpdate:
    """A copy with elements replaced at index vectors (tf.tensor_scatter_update)."""

    signature = "tensor: T, indices: Tindices, updates: T -> output: T"
    attrs = "T: type; Tindices: {int16, int32, int64, uint16}; bad_indices_policy: string = ''"
    no_kernel = "Tindices: int16, uint16"
    infer = _copied

    def kernel(n: Any) -> Any:
        return scattering(n, "update")

    def gradient(tf: Any, op: Any, grad: Any) -> Any:
        _, indices, updates = op.inputs
        kept = tf.tensor_scatter_update(tf.identity(grad), indices, tf.zeros_like(updates, dtype=grad.dtype))
        return [kept, None, tf.gather_nd(grad, indices)]


@op
class TensorScatterAdd:
    """A copy with updates added at index vectors (tf.tensor_scatter_add)."""

    signature = "tensor: T, indices: Tindices, updates: T -> output: T"
    attrs = COMMON
    no_kernel = "T: bool, string"
    infer = _copied

    def kernel(n: Any) -> Any:
        return scattering(n, "add")

    scratch = _taken

    def gradient(tf: Any, op: Any, grad: Any) -> Any:
        return [tf.identity(grad), None, tf.gather_nd(grad, op.inputs[1])]


@op
class TensorScatterSub:
    """A copy with updates subtracted at index vectors (tf.tensor_scatter_sub)."""

    signature = "tensor: T, indices: Tindices, updates: T -> output: T"
    attrs = COMMON
    no_kernel = "T: bool, string"
    infer = _copied

    def kernel(n: Any) -> Any:
        return scattering(n, "sub")

    scratch = _taken

    def gradient(tf: Any, op: Any, grad: Any) -> Any:
        return [tf.identity(grad), None, -tf.gather_nd(grad, op.inputs[1])]


@op
class TensorScatterMin:
    """A copy with the smaller of value and update at index vectors (tf.tensor_scatter_min)."""

    signature = "tensor: T, indices: Tindices, updates: T -> output: T"
    attrs = COMMON
    no_kernel = "T: complex64, complex128, bool, string"
    infer = _copied

    def kernel(n: Any) -> Any:
        return scattering(n, "min")

    scratch = _taken

    gradient = _extreme_gradient


@op
class TensorScatterMax:
    """A copy with the larger of value and update at index vectors (tf.tensor_scatter_max)."""

    signature = "tensor: T, indices: Tindices, updates: T -> output: T"
    attrs = COMMON
    no_kernel = "T: complex64, complex128, bool, string"
    infer = _copied

    def kernel(n: Any) -> Any:
        return scattering(n, "max")

    scratch = _taken

    gradient = _extreme_gradient


@op
class ScatterNdNonAliasingAdd:
    """A tensor with updates added at index vectors."""

    signature = "input: T, indices: Tindices, updates: T -> output: T"
    attrs = "T: {numbertype, bool}; Tindices: {int32, int64}; bad_indices_policy: string = ''"
    infer = _copied

    def kernel(n: Any) -> Any:
        return scattering(n, "add")

    scratch = _taken

    def gradient(tf: Any, op: Any, grad: Any) -> Any:
        return [grad, None, tf.gather_nd(grad, op.inputs[1])]


@op
class ScatterNd:
    """Zeros with updates added at index vectors (tf.scatter_nd)."""

    signature = "indices: Tindices, updates: T, shape: Tindices -> output: T"
    host_memory = "shape"
    attrs = "T: type; Tindices: {int16, int32, int64}; bad_indices_policy: string = ''"
    no_kernel = "Tindices: int16"

    def infer(n: Any, indices: Any, updates: Any, shape: Any) -> Any:
        n.with_rank(shape, 1, "shape")
        return scattered(n, n.shape_value(2), indices, updates)

    def kernel(n: Any) -> Any:
        xp, text, ignore = n.xp, n.out().kind == "S", ignores(n)

        def scatter(indices: Any, updates: Any, shape: Any) -> Any:
            sizes = tuple(shape.tolist())
            if any(s < 0 for s in sizes):
                raise RunError(f"shape must not be negative, but is {list(sizes)}")
            if not sizes:
                raise RunError("Output must be at least 1-D, got shape: []")
            out = xp.full(sizes, b"", object) if text else xp.zeros(sizes, updates.dtype)
            at, updates = places(xp, sizes, indices, updates, ignore)
            if text or at:
                at_tuples(xp.add, out, at, updates)
            elif out.size:
                out = out + updates.reshape((-1,) + sizes).sum(0, dtype=out.dtype)
            return out

        return scatter

    def scratch(n: Any) -> Any:
        return taken(n, 1, prod(n.shapes[0][:-1]))

    def gradient(tf: Any, op: Any, grad: Any) -> Any:
        return [None, tf.gather_nd(grad, op.inputs[0]), None]
