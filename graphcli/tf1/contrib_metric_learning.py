"""Losses of distances between embeddings (tf.contrib.losses.metric_learning)."""
from __future__ import annotations

from typing import Any

from ..graph.types import float32
from .modules import modules

EXPORTS = """
contrib.losses.metric_learning: contrastive_loss triplet_semihard_loss npairs_loss lifted_struct_loss
contrib.slim.losses.metric_learning: contrastive_loss triplet_semihard_loss npairs_loss lifted_struct_loss
contrib.losses.python.metric_learning.metric_loss_ops: contrastive_loss triplet_semihard_loss npairs_loss
contrib.losses.python.metric_learning.metric_loss_ops: lifted_struct_loss pairwise_distance masked_maximum
contrib.losses.python.metric_learning.metric_loss_ops: masked_minimum
"""

tf = modules["tf"]


def pairwise_distance(feature: Any, squared: bool = False) -> Any:
    """The distances between the rows of [n, size]: [n, n] (metric_loss_ops.pairwise_distance)."""
    squares = tf.add(tf.reduce_sum(tf.square(feature), axis=[1], keepdims=True),
                     tf.reduce_sum(tf.square(tf.transpose(feature)), axis=[0], keepdims=True)
                     ) - 2.0 * tf.matmul(feature, tf.transpose(feature))
    squares = tf.maximum(squares, 0.0)
    same = tf.less_equal(squares, 0.0)
    # the root of 0 has no gradient
    distances = squares if squared else tf.sqrt(squares + tf.cast(same, float32) * 1e-16)
    distances = tf.multiply(distances, tf.cast(tf.logical_not(same), float32))
    number = tf.shape(feature)[0]
    return tf.multiply(distances, tf.ones_like(distances) - tf.diag(tf.ones([number])))


def masked_maximum(data: Any, mask: Any, dim: int = 1) -> Any:
    """The greatest along an axis of what the mask has as 1."""
    least = tf.reduce_min(data, dim, keepdims=True)
    return tf.reduce_max(tf.multiply(data - least, mask), dim, keepdims=True) + least


def masked_minimum(data: Any, mask: Any, dim: int = 1) -> Any:
    """The least along an axis of what the mask has as 1."""
    most = tf.reduce_max(data, dim, keepdims=True)
    return tf.reduce_min(tf.multiply(data - most, mask), dim, keepdims=True) + most


def contrastive_loss(labels: Any, embeddings_anchor: Any, embeddings_positive: Any, margin: float = 1.0) -> Any:
    """Pairs of label 1 shall be near, those of label 0 ``margin`` apart
    (tf.contrib.losses.metric_learning.contrastive_loss)."""
    distances = tf.sqrt(tf.reduce_sum(tf.squared_difference(embeddings_anchor, embeddings_positive), 1))
    near = tf.cast(labels, distances.dtype) * tf.square(distances)
    apart = (1.0 - tf.cast(labels, distances.dtype)) * tf.square(tf.maximum(margin - distances, 0.0))
    return tf.reduce_mean(near + apart, name="contrastive_loss")


def _column(labels: Any) -> Any:
    shape = tf.shape(labels)
    assert shape.shape == 1
    return tf.reshape(labels, [shape[0], 1])


def triplet_semihard_loss(labels: Any, embeddings: Any, margin: float = 1.0) -> Any:
    """Each pair of one label against the nearest of another label that is farther than it
    (tf.contrib.losses.metric_learning.triplet_semihard_loss). labels: [n]; embeddings: [n, size], of length 1."""
    labels = _column(labels)
    distances = pairwise_distance(embeddings, squared=True)
    same = tf.equal(labels, tf.transpose(labels))
    other = tf.logical_not(same)
    number = tf.size(labels)
    tiled = tf.tile(distances, [number, 1])
    farther = tf.logical_and(tf.tile(other, [number, 1]),
                             tf.greater(tiled, tf.reshape(tf.transpose(distances), [-1, 1])))
    some = tf.reshape(tf.greater(tf.reduce_sum(tf.cast(farther, dtype=float32), 1, keepdims=True), 0.0),
                      [number, number])
    some = tf.transpose(some)
    other, farther = tf.cast(other, dtype=float32), tf.cast(farther, dtype=float32)
    outside = tf.transpose(tf.reshape(masked_minimum(tiled, farther), [number, number]))
    inside = tf.tile(masked_maximum(distances, other), [1, number])
    negatives = tf.where(some, outside, inside)
    losses = tf.add(margin, distances - negatives)
    positives = tf.cast(same, dtype=float32) - tf.diag(tf.ones([number]))
    count = tf.reduce_sum(positives)
    return tf.truediv(tf.reduce_sum(tf.maximum(tf.multiply(losses, positives), 0.0)), count,
                      name="triplet_semihard_loss")


def npairs_loss(labels: Any, embeddings_anchor: Any, embeddings_positive: Any, reg_lambda: float = 0.002,
                print_losses: bool = False) -> Any:
    """Cross entropy of the products of anchors and positives, and their lengths
    (tf.contrib.losses.metric_learning.npairs_loss)."""
    anchors = tf.reduce_mean(tf.reduce_sum(tf.square(embeddings_anchor), 1))
    positives = tf.reduce_mean(tf.reduce_sum(tf.square(embeddings_positive), 1))
    lengths = tf.multiply(0.25 * reg_lambda, anchors + positives, name="l2loss")
    similar = tf.matmul(embeddings_anchor, embeddings_positive, transpose_a=False, transpose_b=True)
    labels = _column(labels)
    same = tf.cast(tf.equal(labels, tf.transpose(labels)), float32)
    same /= tf.reduce_sum(same, 1, keepdims=True)
    entropy = tf.reduce_mean(tf.nn.softmax_cross_entropy_with_logits(logits=similar, labels=same), name="xentropy")
    if print_losses:
        entropy = tf.Print(entropy, ["cross entropy:", entropy, "l2loss:", lengths])
    return lengths + entropy


def lifted_struct_loss(labels: Any, embeddings: Any, margin: float = 1.0) -> Any:
    """Each pair of one label against all that are nearer than ``margin`` and of another label
    (tf.contrib.losses.metric_learning.lifted_struct_loss)."""
    labels = _column(labels)
    distances = pairwise_distance(embeddings)
    same = tf.equal(labels, tf.transpose(labels))
    other = tf.logical_not(same)
    number = tf.size(labels)
    near = margin - distances
    mask = tf.cast(other, dtype=float32)
    least = tf.reduce_min(near, 1, keepdims=True)
    rows = tf.reduce_max(tf.multiply(near - least, mask), 1, keepdims=True) + least
    most = tf.maximum(rows, tf.transpose(rows))
    tiled, masks = tf.tile(near, [number, 1]), tf.tile(mask, [number, 1])
    column = tf.reshape(tf.transpose(most), [-1, 1])
    left = tf.reshape(tf.reduce_sum(tf.multiply(tf.exp(tiled - column), masks), 1, keepdims=True), [number, number])
    losses = most + tf.log(left + tf.transpose(left))
    losses += distances
    positives = tf.cast(same, dtype=float32) - tf.diag(tf.ones([number]))
    count = tf.reduce_sum(positives) / 2.0
    return tf.truediv(0.25 * tf.reduce_sum(tf.square(tf.maximum(tf.multiply(losses, positives), 0.0))), count,
                      name="liftedstruct_loss")
