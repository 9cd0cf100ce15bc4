"""What arrives at an output, added up: dense gradients by the device that they stand on, slices one after the other."""
from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ..graph.graph import Node, Tensor

if TYPE_CHECKING:
    from .walker import Walk


def is_slices(value: Any) -> bool:
    """Whether a gradient is IndexedSlices, by its form: ``tf1``, which has the class, lies above."""
    return hasattr(value, "indices") and hasattr(value, "dense_shape")


def total(walk: Walk, node: Node, arrived: list[Any]) -> Any:
    """The sum of the gradients of one output; None of none."""
    if len(arrived) < 2:
        return arrived[0] if arrived else None
    tf = walk.tf
    if not any(is_slices(g) for g in arrived):
        if walk.method in (1, 2):
            with walk.graph.name_scope(node.name + "_gradient_sum"):
                so_far = arrived[0]
                for grad in arrived[1:]:
                    so_far = tf.add_n([so_far, grad])
                return so_far
        return _sum_by_device(walk, arrived)
    if not all(is_slices(g) for g in arrived):
        return tf.add_n(arrived)
    kinds = {g.indices.dtype.base_dtype.name for g in arrived}
    indices = [tf.cast(g.indices, "int64") if len(kinds) > 1 else g.indices for g in arrived]
    values = []
    for i, grad in enumerate(arrived):
        value = grad.values
        if indices[i].static is None or len(indices[i].static) != 1:
            tail = tf.shape(value)[tf.rank(indices[i]):]
            value = tf.reshape(value, tf.concat([[-1], tail], 0))
            indices[i] = tf.reshape(indices[i], [-1])
        values.append(value)
    return tf.IndexedSlices(tf.concat(values, axis=0), tf.concat(indices, axis=0), arrived[0].dense_shape)


def _sum_by_device(walk: Walk, arrived: list[Tensor]) -> Any:
    """Adds first what stands on one device."""
    places: dict[str, list[Tensor]] = {}
    for grad in arrived:
        places.setdefault(grad.op.device, []).append(grad)
    sums = []
    for place in sorted(places):
        with walk.graph.scopes.colocate_with(places[place][0].op, ignore_existing=True):
            sums.append(walk.tf.add_n(places[place]))
    return sums[0] if len(sums) == 1 else walk.tf.add_n(sums)
