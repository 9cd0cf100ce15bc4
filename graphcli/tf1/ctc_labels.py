"""Rows of labels made ready for CTC: without repeats, and each once (tf.nn.collapse_repeated, ctc_unique_labels)."""
from __future__ import annotations

from typing import Any

from ..graph.types import bool_, int32, int64
from .conversion import convert_to_tensor
from .framework import name_scope
from .modules import modules

EXPORTS = """
nn: collapse_repeated ctc_unique_labels
"""

tf = modules["tf"]


def _size(x: Any, axis: int) -> Any:
    """A size of a tensor: a number where it is known."""
    known = x.get_shape().as_list()[axis]
    return tf.shape(x)[axis] if known is None else known


def collapse_repeated(labels: Any, seq_length: Any, name: str | None = None) -> tuple[Any, Any]:
    """Labels that come again at once count once, and the lengths of the rows then (tf.nn.collapse_repeated).

    labels: [batch, steps]; seq_length: [batch]. Returns labels [batch, the longest], 0 where a row has ended, and the
    lengths in the dtype of ``seq_length``.
    """
    with name_scope(name, "collapse_repeated_labels"):
        labels = convert_to_tensor(labels, name="labels")
        seq_length = convert_to_tensor(seq_length, name="seq_length")
        first = tf.ones_like(labels[:, :1], bool_)
        kept = tf.concat([first, tf.not_equal(labels[:, 1:], labels[:, :-1])], axis=1)
        kept = tf.logical_and(kept, tf.sequence_mask(seq_length, maxlen=_size(labels, 1)))
        lengths = tf.reduce_sum(tf.cast(kept, int32), axis=1)
        longest = tf.reduce_max(lengths)
        room = tf.sequence_mask(lengths, maxlen=longest)
        flat, kept, room = tf.reshape(labels, [-1]), tf.reshape(kept, [-1]), tf.reshape(room, [-1])
        places = tf.range(_size(room, 0))
        flat = tf.scatter_nd(indices=tf.expand_dims(tf.boolean_mask(places, room), axis=1),
                             updates=tf.boolean_mask(flat, kept), shape=tf.shape(room))
        return tf.reshape(flat, [_size(labels, 0), longest]), tf.cast(lengths, seq_length.dtype)


def ctc_unique_labels(labels: Any, name: str | None = None) -> Any:
    """The labels that each row has, 0 after them, and where among them each label is (tf.nn.ctc_unique_labels).

    labels: [batch, labels]. Returns int64 and int32 of that shape.
    """
    def of_row(row: Any) -> list[Any]:
        found = tf.unique(row)
        distinct = tf.pad(found.y, [[0, _size(found.idx, 0) - _size(found.y, 0)]])
        return [tf.cast(distinct, int64), found.idx]

    with name_scope(name, "ctc_unique_labels"):
        labels = convert_to_tensor(labels, name="labels")
        return tf.map_fn(of_row, labels, dtype=[int64, int32])
