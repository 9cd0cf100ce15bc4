"""Parts of networks that TensorFlow's core has not: dropout for selu, losses by samples (tf.contrib.nn)."""
from __future__ import annotations

from typing import Any

from ..errors import InvalidValue
from ..graph.constant import static_value
from ..graph.types import int64
from .conversion import convert_to_tensor
from .framework import apply_op, name_scope
from .modules import modules
from .nn_transposed import conv1d_transpose
from .sampling import _sampled_logits, sampled_softmax_loss

EXPORTS = """
contrib.nn: alpha_dropout nth_element scaled_softplus conv1d_transpose sampled_sparse_softmax_loss
contrib.nn: rank_sampled_softmax_loss deprecated_flipped_softmax_cross_entropy_with_logits=flipped_softmax
contrib.nn: deprecated_flipped_sparse_softmax_cross_entropy_with_logits=flipped_sparse
contrib.nn: deprecated_flipped_sigmoid_cross_entropy_with_logits=flipped_sigmoid
"""

__all__ = ["conv1d_transpose"]

tf = modules["tf"]
ALPHA = -1.7580993408473766
"""Where selu ends on the left."""


def alpha_dropout(x: Any, keep_prob: Any, noise_shape: Any = None, seed: int | None = None,
                  name: str | None = None) -> Any:
    """Dropout that keeps mean and variance of what selu gives (tf.contrib.nn.alpha_dropout).

    keep_prob: the chance to stay. Raises InvalidValue for one not in (0, 1].
    """
    with name_scope(name, "alpha_dropout"):
        x = convert_to_tensor(x, name="x")
        if isinstance(keep_prob, (int, float)) and not 0 < keep_prob <= 1.0:
            raise InvalidValue(f"keep_prob is above 0 and at most 1, not {keep_prob:g}")
        keep_prob = convert_to_tensor(keep_prob, x.dtype, name="keep_prob")
        keep_prob.get_shape().assert_has_rank(0)
        if static_value(keep_prob) == 1:
            return x
        drawn = tf.random_uniform(tf.shape(x) if noise_shape is None else noise_shape, seed=seed, dtype=x.dtype)
        kept = tf.cast(apply_op("GreaterEqual", None, [drawn, 1 - keep_prob]), x.dtype)
        x = x * kept + ALPHA * (1 - kept)
        a = (keep_prob + keep_prob * (1 - keep_prob) * ALPHA ** 2) ** -0.5
        b = -a * ALPHA * (1 - keep_prob)
        return a * x + b


def nth_element(input: Any, n: Any, reverse: bool = False, name: str | None = None) -> Any:
    """The n-th smallest of each last axis, the n-th largest with ``reverse`` (tf.contrib.nn.nth_element)."""
    return apply_op("NthElement", name, [input, n], {"reverse": reverse})


def scaled_softplus(x: Any, alpha: Any, clip: Any = None, name: str | None = None) -> Any:
    """``alpha * softplus(x / alpha)``, at most ``clip`` (tf.contrib.nn.scaled_softplus)."""
    with name_scope(name, "scaled_softplus"):
        x = convert_to_tensor(x, name="x")
        alpha = convert_to_tensor(alpha, x.dtype, name="alpha")
        y = alpha * tf.nn.softplus(x / alpha)
        return y if clip is None else tf.minimum(y, convert_to_tensor(clip, x.dtype, name="clip"))


def sampled_sparse_softmax_loss(weights: Any, biases: Any, labels: Any, inputs: Any, num_sampled: int,
                                num_classes: int, sampled_values: Any = None, remove_accidental_hits: bool = True,
                                partition_strategy: str = "mod", name: str = "sampled_sparse_softmax_loss") -> Any:
    """sampled_softmax_loss of one true class each (tf.contrib.nn.sampled_sparse_softmax_loss)."""
    logits, _ = _sampled_logits(weights, biases, labels, inputs, num_sampled, num_classes, 1, sampled_values,
                                remove_accidental_hits, partition_strategy, name)
    labels = tf.zeros([tf.shape(logits)[0], 1], dtype=int64)
    return tf.nn.sparse_softmax_cross_entropy_with_logits(labels=tf.squeeze(labels), logits=logits)


def _likeliest(weights: Any, biases: Any, inputs: Any, sampled_values: Any, count: int, temperature: Any,
               partition_strategy: str) -> tuple[Any, Any, Any]:
    """Of the sampled classes those with the greatest logits over all inputs, and the expected counts."""
    sampled, of_true, of_sampled = sampled_values
    sampled = tf.cast(tf.stop_gradient(sampled), int64)
    of_true, of_sampled = tf.stop_gradient(of_true), tf.stop_gradient(of_sampled)
    cooled = inputs / temperature
    rows = tf.nn.embedding_lookup(weights, sampled, partition_strategy)
    logits = tf.reduce_logsumexp(tf.matmul(rows, cooled, transpose_b=True), axis=1, keepdims=False)
    logits += tf.reshape(tf.nn.embedding_lookup(biases, sampled, partition_strategy), [-1]) / temperature
    _, chosen = tf.nn.top_k(logits, k=count, sorted=False)
    return tf.gather(sampled, indices=chosen), of_true, tf.gather(of_sampled, indices=chosen)


def rank_sampled_softmax_loss(weights: Any, biases: Any, labels: Any, inputs: Any, num_sampled: int,
                              num_resampled: int, num_classes: int, num_true: int, sampled_values: Any,
                              resampling_temperature: Any, remove_accidental_hits: bool, partition_strategy: str,
                              name: str | None = None) -> Any:
    """sampled_softmax_loss over the likeliest of the sampled classes (tf.contrib.nn.rank_sampled_softmax_loss).

    num_resampled: how many of ``num_sampled`` count. Raises InvalidValue where more are asked for than there are.
    """
    if num_sampled > num_classes or num_sampled <= num_resampled:
        raise InvalidValue(f"num_resampled ({num_resampled}) is below num_sampled ({num_sampled}), and that at most "
                           f"num_classes ({num_classes})")
    if partition_strategy not in ("div", "mod"):
        raise InvalidValue(f"partition_strategy is 'div' or 'mod', not {partition_strategy!r}")
    with name_scope(name, "rank_sampled_softmax_loss") as scope:
        sampled_values = sampled_values or tf.nn.learned_unigram_candidate_sampler(
            true_classes=labels, num_true=num_true, num_sampled=num_sampled, unique=True, range_max=num_classes)
        again = _likeliest(weights, biases, inputs, sampled_values, num_resampled, resampling_temperature,
                           partition_strategy)
        return sampled_softmax_loss(weights, biases, labels, inputs, num_resampled, num_classes, num_true, again,
                                    remove_accidental_hits, partition_strategy, scope)


def flipped_softmax(logits: Any, labels: Any, dim: int = -1, name: str | None = None) -> Any:
    """tf.nn.softmax_cross_entropy_with_logits with the logits first."""
    return tf.nn.softmax_cross_entropy_with_logits(labels=labels, logits=logits, dim=dim, name=name)


def flipped_sparse(logits: Any, labels: Any, name: str | None = None) -> Any:
    """tf.nn.sparse_softmax_cross_entropy_with_logits with the logits first."""
    return tf.nn.sparse_softmax_cross_entropy_with_logits(labels=labels, logits=logits, name=name)


def flipped_sigmoid(logits: Any, targets: Any, name: str | None = None) -> Any:
    """tf.nn.sigmoid_cross_entropy_with_logits with the logits first."""
    return tf.nn.sigmoid_cross_entropy_with_logits(labels=targets, logits=logits, name=name)
