"""Losses and decoders of labels against all paths through a few steps, each counted."""
from __future__ import annotations

from itertools import groupby, product
from typing import Any

import numpy as np
import pytest

import graphcli.tf1 as tf

STEPS, CLASSES = 5, 4


def said(path: tuple[int, ...], merge: bool) -> tuple[int, ...]:
    """The labels that a path says."""
    labels = [label for label, _ in groupby(path)] if merge else path
    return tuple(label for label in labels if label != CLASSES - 1)


def chances(logits: Any, merge: bool = True) -> dict[tuple[int, ...], float]:
    """How likely are the labels that steps can say."""
    y = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
    out: dict[tuple[int, ...], float] = {}
    for path in product(range(CLASSES), repeat=len(y)):
        labels = said(path, merge)
        out[labels] = out.get(labels, 0) + float(np.prod(y[np.arange(len(y)), path]))
    return out


def losses(logits: Any, rows: list[list[int]], lengths: list[int], **options: Any) -> Any:
    places = [(i, j) for i, row in enumerate(rows) for j in range(len(row))]
    with tf.Graph().as_default(), tf.Session() as session:
        labels = tf.SparseTensor(places, tf.constant([x for row in rows for x in row], tf.int32), [len(rows), STEPS])
        x = tf.constant(logits)
        loss = tf.nn.ctc_loss(labels, x, lengths, **options)
        return session.run([loss, tf.gradients(loss, x)[0]])


@pytest.mark.parametrize("merge", [True, False])
def test_losses_are_over_all_paths(merge: bool) -> None:
    rng = np.random.default_rng(0)
    logits = rng.normal(size=(STEPS, 6, CLASSES))
    rows = [[0], [1, 2], [1, 1], [2, 0, 2], [2, 2, 2], [0, 1, 2, 1]]
    lengths = [5, 4, 3, 5, 5, 4]
    found, slope = losses(logits, rows, lengths, ctc_merge_repeated=merge)
    for i, row in enumerate(rows):
        assert found[i] == pytest.approx(-np.log(chances(logits[:lengths[i], i], merge)[tuple(row)]), rel=1e-12)
    for place in ((0, 0, 0), (1, 1, 3), (2, 2, 1), (4, 3, 2), (3, 5, 3), (3, 2, 0)):
        step = np.zeros_like(logits)
        step[place] = 1e-5
        there, here = (losses(logits + way * step, rows, lengths, ctc_merge_repeated=merge)[0] for way in (1, -1))
        assert slope[place] == pytest.approx((there - here).sum() / 2e-5, abs=1e-8)


def test_wide_beams_find_the_likeliest_labels() -> None:
    rng = np.random.default_rng(1)
    logits = rng.normal(size=(STEPS, 3, CLASSES))
    with tf.Session() as session:
        found, logs = session.run(tf.nn.ctc_beam_search_decoder(tf.constant(logits), [5, 3, 4], 500, 3, False))
    for i, length in enumerate([5, 3, 4]):
        best = sorted(chances(logits[:length, i]).items(), key=lambda item: -item[1])[:3]
        assert logs[i] == pytest.approx([np.log(chance) for _, chance in best], rel=1e-12)
        for sparse, (labels, _) in zip(found, best):
            assert tuple(sparse.values[sparse.indices[:, 0] == i]) == labels


def test_labels_out_of_order_and_rows_without_are_told() -> None:
    logits = np.zeros((STEPS, 2, CLASSES), np.float32)
    with tf.Session() as session:
        for places, told in (([[0, 1], [0, 0], [1, 0]], r"\[0,0\] is out of order"),
                             ([[0, 0], [0, 1], [2, 0]], "bounds"),
                             ([[0, 0], [0, 1], [0, 2]], "Labels length is zero in batch 1")):
            labels = tf.SparseTensor(places, tf.constant([0, 1, 2]), [2, 3])
            with pytest.raises(tf.errors.InvalidArgumentError, match=told):
                session.run(tf.nn.ctc_loss(labels, logits, [5, 5]))
