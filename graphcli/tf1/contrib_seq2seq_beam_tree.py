"""What beams kept step by step, in the order of the sentences that they have come to."""
from __future__ import annotations

from typing import Any

from ..graph.constant import static_value
from ..graph.types import int32
from . import logging
from .framework import apply_op, control_dependencies
from .modules import modules
from .tensor_array import TensorArray

EXPORTS = """
contrib.seq2seq: gather_tree
contrib.seq2seq.python.ops.beam_search_decoder: gather_tree_from_array
"""

tf = modules["tf"]


def gather_tree(step_ids: Any, parent_ids: Any, max_sequence_lengths: Any, end_token: Any,
                name: str | None = None) -> Any:
    """The ids [steps, batch, beams] of each beam from its last step back to its first, by their parents."""
    return apply_op("GatherTree", name, [step_ids, parent_ids, max_sequence_lengths, end_token])


def _of_beams(t: TensorArray, batch: int | None, width: int) -> bool:
    """Whether elements may be of all beams, as far as is known; says so where they are not."""
    shape = t.element_shape
    if not shape.tuple:
        logging.warn(f"The TensorArray {t.handle.name} in the cell state cannot be put in the order of the beams: the "
                     f"shape of its elements is {shape}")
        return False
    sizes = shape.tuple
    split = len(sizes) >= 2 and sizes[1] is not None and sizes[:2] != (batch, width)
    if batch is not None and sizes[0] is not None and (sizes[0] != batch * width or split):
        logging.warn(f"The elements of {t.handle.name} are not of {batch} x {width} beams, but of shape {shape}: "
                     "reorder_tensor_arrays=False leaves them as they are")
        return False
    return True


def sorted_beams(t: Any, parent_ids: Any, lengths: Any, batch_size: Any, width: int) -> Any:
    """An array of the state stacked, each beam's steps in the order of its sentence; anything else as it is."""
    if not isinstance(t, TensorArray):
        return t
    known = static_value(batch_size)
    if not _of_beams(t, None if known is None else int(known), width):
        return t
    stacked = t.stack()
    message = (f"TensorArray reordering expects elements to be reshapable to [batch_size, beam_size, -1] which is "
               f"incompatible with the dynamic shape of {stacked.name} elements. Consider setting "
               "reorder_tensor_arrays to False to disable TensorArray reordering during the beam search.")
    sizes = tf.shape(stacked)
    if stacked.static is not None and len(stacked.static) == 2:
        fits = tf.equal(sizes[1], batch_size * width)
    else:
        fits = tf.logical_or(tf.equal(sizes[1], batch_size * width),
                             tf.logical_and(tf.equal(sizes[1], batch_size), tf.equal(sizes[2], width)))
    with control_dependencies([tf.Assert(fits, [message])]):
        return gather_tree_from_array(stacked, parent_ids, lengths)


def gather_tree_from_array(t: Any, parent_ids: Any, sequence_length: Any) -> Any:
    """t [steps, batch * beams, …] of the beams that each sentence came through."""
    steps, batch, width = (size or tf.shape(parent_ids)[i] for i, size in enumerate(parent_ids.static))
    beams = tf.tile(tf.expand_dims(tf.expand_dims(tf.range(width), 0), 0), [steps, batch, 1])
    longest = tf.cast(tf.reduce_max(sequence_length, axis=1), int32)
    through = gather_tree(step_ids=beams, parent_ids=parent_ids, max_sequence_lengths=longest, end_token=width + 1)
    within = tf.transpose(tf.sequence_mask(sequence_length, maxlen=steps), perm=[2, 0, 1])
    through = tf.where(within, x=through, y=beams)
    time = tf.tile(tf.reshape(tf.range(steps), [-1, 1, 1]), [1, batch, width])
    row = tf.transpose(tf.tile(tf.reshape(tf.range(batch), [-1, 1, 1]), [1, steps, width]), perm=[1, 0, 2])
    indices = tf.stack([time, row, through], -1)
    shape = tf.shape(t)
    ordered = tf.gather_nd(tf.reshape(t, [steps, batch, width, -1]), indices)
    return tf.reshape(ordered, shape)
