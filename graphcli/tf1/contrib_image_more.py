"""More of tf.contrib.image, tf.contrib.resampler and tf.contrib.periodic_resample."""
from __future__ import annotations

from typing import Any

from ..errors import InvalidType
from ..graph.types import int32
from .conversion import convert_to_tensor
from .framework import apply_op, name_scope
from .modules import modules

EXPORTS = """
contrib.image: bipartite_match connected_components
contrib.resampler: resampler
contrib.periodic_resample: periodic_resample
"""

tf = modules["tf"]


def bipartite_match(distance_mat: Any, num_valid_rows: Any, top_k: int = -1,
                    name: str | None = "bipartite_match") -> Any:
    """(the column of each row, the row of each column), the nearest pair first, -1 for none
    (tf.contrib.image.bipartite_match). num_valid_rows: of the first so many rows, all if it is negative."""
    return apply_op("BipartiteMatch", name, [distance_mat, num_valid_rows], {"top_k": top_k})


def connected_components(images: Any) -> Any:
    """The pieces that neighbours of one value make, numbered from 1 in the order of their first pixels; 0 where that is
    0 (tf.contrib.image.connected_components). images: [height, width], or a batch of these."""
    with name_scope("connected_components"):
        given = convert_to_tensor(images)
        rank = None if given.static is None else len(given.static)
        if rank not in (2, 3):
            raise InvalidType(f"images should have rank 2 (HW) or 3 (NHW). Static shape is {given.shape}")
        batch = given[None, :, :] if rank == 2 else given
        components = apply_op("ImageConnectedComponents", None, [batch], {})
        ids, places = tf.unique(tf.reshape(components, [-1]))
        zeros = tf.where_v2(tf.equal(ids, 0))[:, 0]
        following = tf.range(tf.shape(ids)[0] - tf.shape(zeros)[0]) + 1

        def with_zero() -> Any:
            at = tf.cast(zeros[0], int32)
            return tf.concat([following[:at], [0], following[at:]], axis=0)

        numbers = tf.cond(tf.equal(tf.shape(zeros)[0], 0), lambda: following, with_zero)
        components = tf.reshape(tf.gather(numbers, places), tf.shape(components))
        return components[0, :, :] if rank == 2 else components


def resampler(data: Any, warp: Any, name: str | None = "resampler") -> Any:
    """data [batch, height, width, channels] at places [batch, ..., 2] of (x, y), linear between pixels
    (tf.contrib.resampler.resampler)."""
    with name_scope(name, "resampler"):
        return apply_op("Resampler", None, [convert_to_tensor(data, name="data"), convert_to_tensor(warp, name="warp")],
                        {})


def periodic_resample(values: Any, shape: Any, name: str | None = None) -> Any:
    """Values in another shape, in which None stands for the size that is left to them
    (tf.contrib.periodic_resample.periodic_resample)."""
    return apply_op("PeriodicResample", name, [values], {"shape": shape})
