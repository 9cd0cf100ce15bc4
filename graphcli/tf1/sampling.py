"""Samplers of candidate classes and the losses that use them (tf.nn.nce_loss and its like)."""
from __future__ import annotations

from typing import Any

from ..errors import InvalidType, InvalidValue, NotSupported, said
from ..graph.types import int32, int64
from .conversion import is_tensor
from .embedding import embedding_lookup, tables
from .framework import apply_op, name_scope
from .modules import modules
from .nn_softmax import sigmoid_cross_entropy_with_logits, softmax_cross_entropy_with_logits_v2

EXPORTS = """
nn random: uniform_candidate_sampler log_uniform_candidate_sampler learned_unigram_candidate_sampler
nn random: fixed_unigram_candidate_sampler all_candidate_sampler
nn: compute_accidental_hits nce_loss sampled_softmax_loss
"""

tf = modules["tf"]


def _seeds(seed: int | None) -> dict[str, int]:
    first, second = tf.get_seed(seed)
    return {"seed": first or 0, "seed2": second or 0}


def _sampler(op_type: str, doc: str) -> Any:
    def sampler(true_classes: Any, num_true: int, num_sampled: int, unique: bool, range_max: int,
                seed: int | None = None, name: str | None = None) -> Any:
        return apply_op(op_type, name, [true_classes],
                        {"num_true": num_true, "num_sampled": num_sampled, "unique": unique, "range_max": range_max,
                         **_seeds(seed)})

    sampler.__doc__ = (f"{doc}: sampled classes int64 [num_sampled], expected counts of true_classes "
                       "(int64 [batch, num_true]) and of the sample.")
    return sampler


uniform_candidate_sampler = _sampler("UniformCandidateSampler", "Classes below range_max, all alike")
log_uniform_candidate_sampler = _sampler("LogUniformCandidateSampler", "Classes below range_max by Zipf's law")
learned_unigram_candidate_sampler = _sampler("LearnedUnigramCandidateSampler",
                                             "Classes below range_max by how often they were true so far")


def fixed_unigram_candidate_sampler(true_classes: Any, num_true: int, num_sampled: int, unique: bool, range_max: int,
                                    vocab_file: str = "", distortion: float = 1.0, num_reserved_ids: int = 0,
                                    num_shards: int = 1, shard: int = 0, unigrams: Any = (), seed: int | None = None,
                                    name: str | None = None) -> Any:
    """Classes by given counts (tf.nn.fixed_unigram_candidate_sampler). Raises NotSupported for a vocab_file."""
    if vocab_file:
        raise NotSupported("fixed_unigram_candidate_sampler does not read files", hint="give the counts as unigrams")
    return apply_op("FixedUnigramCandidateSampler", name, [true_classes],
                    {"num_true": num_true, "num_sampled": num_sampled, "unique": unique, "range_max": range_max,
                     "distortion": distortion, "num_reserved_ids": num_reserved_ids, "num_shards": num_shards,
                     "shard": shard, "unigrams": unigrams, **_seeds(seed)})


def all_candidate_sampler(true_classes: Any, num_true: int, num_sampled: int, unique: bool, seed: int | None = None,
                          name: str | None = None) -> Any:
    """All the classes (tf.nn.all_candidate_sampler)."""
    return apply_op("AllCandidateSampler", name, [true_classes],
                    {"num_true": num_true, "num_sampled": num_sampled, "unique": unique, **_seeds(seed)})


def compute_accidental_hits(true_classes: Any, sampled_candidates: Any, num_true: int, seed: int | None = None,
                            name: str | None = None) -> Any:
    """Rows, places and weights of true classes among the sampled ones (tf.nn.compute_accidental_hits)."""
    return apply_op("ComputeAccidentalHits", name, [true_classes, sampled_candidates],
                    {"num_true": num_true, **_seeds(seed)})


def _sum_rows(x: Any) -> Any:
    """Sums of the rows, by a product with ones, as TF1 has it."""
    columns = tf.shape(x)[1]
    ones = tf.ones(tf.stack([columns, 1]), x.dtype.base_dtype)
    return tf.reshape(tf.matmul(x, ones), [-1])


def _sampled_logits(weights: Any, biases: Any, labels: Any, inputs: Any, num_sampled: int, num_classes: int,
                    num_true: int, sampled_values: Any, remove_accidental_hits: bool, partition_strategy: str,
                    name: str | None, seed: int | None = None) -> tuple[Any, Any]:
    """Logits and labels [batch, num_true + num_sampled] of the true and the sampled classes."""
    for what, value in (("labels", labels), ("inputs", inputs)):
        if not is_tensor(value):
            raise InvalidType(f"{what} must be a tensor, not {said(value)}", hint="constant() makes one")
    weights = tables(weights)
    with name_scope(name, "compute_sampled_logits"):
        kind = inputs.dtype.base_dtype
        labels = tf.cast(labels, int64)
        flat = tf.reshape(labels, [-1])
        if sampled_values is None:
            sampled_values = log_uniform_candidate_sampler(labels, num_true, num_sampled, True, num_classes, seed=seed)
        if not isinstance(sampled_values, (list, tuple)) or len(sampled_values) != 3:
            raise InvalidValue("sampled_values are three: the sampled classes, the expected counts of the true ones "
                               "and of the sampled ones")
        sampled, true_count, sampled_count = [tf.stop_gradient(s) for s in sampled_values]
        sampled = tf.cast(sampled, int64)
        ids = tf.concat([flat, sampled], 0)
        rows = tf.cast(embedding_lookup(weights, ids, partition_strategy=partition_strategy), kind)
        true_w = tf.slice(rows, [0, 0], tf.stack([tf.shape(flat)[0], -1]))
        sampled_w = tf.slice(rows, tf.stack([tf.shape(flat)[0], 0]), [-1, -1])
        sampled_logits = tf.matmul(inputs, sampled_w, transpose_b=True)
        bias = tf.cast(embedding_lookup(biases, ids, partition_strategy=partition_strategy), kind)
        true_b = tf.slice(bias, [0], tf.shape(flat))
        sampled_b = tf.slice(bias, tf.shape(flat), [-1])
        size = tf.shape(true_w)[1:2]
        true_shape = tf.concat([[-1, num_true], size], 0)
        products = tf.multiply(tf.expand_dims(inputs, 1), tf.reshape(true_w, true_shape))
        matrix = tf.reshape(products, tf.concat([[-1], size], 0))
        true_logits = tf.reshape(_sum_rows(matrix), [-1, num_true])
        true_b = tf.reshape(true_b, [-1, num_true])
        true_logits += true_b
        sampled_logits += sampled_b
        if remove_accidental_hits:
            sampled_logits += _hits(labels, sampled, num_true, num_sampled, sampled_logits.dtype.base_dtype)
        true_logits -= tf.log(true_count)
        sampled_logits -= tf.log(sampled_count)
        logits = tf.concat([true_logits, sampled_logits], 1)
        wanted = tf.concat([tf.ones_like(true_logits) / num_true, tf.zeros_like(sampled_logits)], 1)
        return logits, wanted


def _hits(labels: Any, sampled: Any, num_true: int, num_sampled: int, kind: Any) -> Any:
    """What makes the sampled classes impossible that are a row's own true ones."""
    rows, ids, weights = compute_accidental_hits(labels, sampled, num_true=num_true)
    rows = tf.reshape(rows, [-1, 1])
    ids = tf.reshape(tf.cast(ids, int32), [-1, 1])
    indices = tf.concat([rows, ids], 1, "sparse_indices")
    shape = tf.concat([tf.shape(labels)[:1], tf.expand_dims(num_sampled, 0)], 0)
    return apply_op("SparseToDense", None, [indices, shape, tf.cast(weights, kind), 0.0], {"validate_indices": False})


def nce_loss(weights: Any, biases: Any, labels: Any, inputs: Any, num_sampled: int, num_classes: int,
             num_true: int = 1, sampled_values: Any = None, remove_accidental_hits: bool = False,
             partition_strategy: str = "mod", name: str = "nce_loss") -> Any:
    """The noise-contrastive loss of each example, [batch] (tf.nn.nce_loss).

    weights: [classes, dim] or a list of parts; biases: [classes]; labels: int64 [batch, num_true];
    inputs: [batch, dim]; sampled_values: what a candidate sampler gives, log-uniform by default.
    """
    logits, wanted = _sampled_logits(weights, biases, labels, inputs, num_sampled, num_classes, num_true,
                                     sampled_values, remove_accidental_hits, partition_strategy, name)
    losses = sigmoid_cross_entropy_with_logits(labels=wanted, logits=logits, name="sampled_losses")
    return _sum_rows(losses)


def sampled_softmax_loss(weights: Any, biases: Any, labels: Any, inputs: Any, num_sampled: int, num_classes: int,
                         num_true: int = 1, sampled_values: Any = None, remove_accidental_hits: bool = True,
                         partition_strategy: str = "mod", name: str = "sampled_softmax_loss",
                         seed: int | None = None) -> Any:
    """The softmax cross entropy over the true and some sampled classes, [batch] (tf.nn.sampled_softmax_loss)."""
    logits, wanted = _sampled_logits(weights, biases, labels, inputs, num_sampled, num_classes, num_true,
                                     sampled_values, remove_accidental_hits, partition_strategy, name, seed)
    wanted = tf.stop_gradient(wanted, name="labels_stop_gradient")
    return softmax_cross_entropy_with_logits_v2(labels=wanted, logits=logits)
