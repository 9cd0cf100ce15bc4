"""A step of word2vec by noise-contrastive estimation: 64 negatives, batch 128, 128 numbers a word."""
from __future__ import annotations

from typing import Any

import numpy as np
from measure import Step, Work

BATCH, SIZE, NEGATIVES = 128, 128, 64


def words(rows: int) -> Any:
    def data() -> dict[str, Any]:
        rng = np.random.default_rng(0)
        return {"centre": rng.integers(0, rows, BATCH).astype(np.int32),
                "context": rng.integers(0, rows, (BATCH, 1)).astype(np.int32)}

    return data


def graph(rows: int) -> Any:
    def build(tf: Any, data: dict[str, Any]) -> Any:
        tf.set_random_seed(1)
        centre, context = tf.placeholder(tf.int32, [BATCH]), tf.placeholder(tf.int32, [BATCH, 1])
        embeddings = tf.Variable(tf.random_uniform([rows, SIZE], -1.0, 1.0))
        weights = tf.Variable(tf.truncated_normal([rows, SIZE], stddev=SIZE ** -0.5))
        biases = tf.Variable(tf.zeros([rows]))
        seen = tf.nn.embedding_lookup(embeddings, centre)
        loss = tf.reduce_mean(tf.nn.nce_loss(weights, biases, context, seen, NEGATIVES, rows))
        step = tf.train.GradientDescentOptimizer(0.1).minimize(loss)
        return [step, loss], [(centre, data["centre"]), (context, data["context"])]

    return build


def by_hand(rows: int) -> Any:
    def hand(data: dict[str, Any]) -> Step:
        rng = np.random.default_rng(1)
        centre, labels = data["centre"], data["context"][:, 0]
        embeddings = rng.uniform(-1, 1, (rows, SIZE)).astype(np.float32)
        weights = (rng.standard_normal((rows, SIZE), dtype=np.float32) * np.float32(SIZE ** -0.5))
        biases = np.zeros(rows, np.float32)

        def draw() -> Any:
            """Distinct words, the frequent ones more often; how often each is expected among the draws."""
            found: dict[int, None] = {}
            tries = 0
            while len(found) < NEGATIVES:
                more = np.exp(rng.random(NEGATIVES) * np.log1p(rows)).astype(np.int64) - 1
                for word in more.tolist():
                    tries += 1
                    found[min(word, rows - 1)] = None
                    if len(found) == NEGATIVES:
                        break
            return np.fromiter(found, np.int64), tries

        def expected(ids: Any, tries: int) -> Any:
            p = np.log((ids + 2.0) / (ids + 1.0)) / np.log1p(rows)
            return -np.expm1(tries * np.log1p(-p))

        def step() -> Any:
            sampled, tries = draw()
            seen, true_w, noise_w = embeddings[centre], weights[labels], weights[sampled]
            true = (seen * true_w).sum(1) + biases[labels] - np.log(expected(labels, tries)).astype(np.float32)
            noise = seen @ noise_w.T + biases[sampled] - np.log(expected(sampled, tries)).astype(np.float32)
            loss = (np.logaddexp(0, -true).sum() + np.logaddexp(0, noise).sum()) / BATCH
            g_true = ((1 / (1 + np.exp(-true)) - 1) / BATCH).astype(np.float32)
            g_noise = (1 / (1 + np.exp(-noise)) / BATCH).astype(np.float32)
            g_seen = g_true[:, None] * true_w + g_noise @ noise_w
            rate = np.float32(0.1)
            np.subtract.at(embeddings, centre, rate * g_seen)
            np.subtract.at(weights, labels, rate * g_true[:, None] * seen)
            np.subtract.at(weights, sampled, rate * (g_noise.T @ seen))
            np.subtract.at(biases, labels, rate * g_true)
            np.subtract.at(biases, sampled, rate * g_noise.sum(0))
            return loss

        return step

    return hand


ROWS = [Work(f"word2vec step, NCE, {NEGATIVES} negatives, batch {BATCH}, {label} rows", words(rows), graph(rows),
             by_hand(rows), {}, {"numpy": 1, "tensorflow": 1.5}, calls=48, check=None)
        for rows, label in ((50_000, "50k"), (1_000_000, "1M"))]
"""The negatives are drawn, so the values differ; each side draws its own."""
