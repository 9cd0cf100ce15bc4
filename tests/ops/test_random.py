"""Random ops give TensorFlow 2.21's numbers: first values and digests of whole arrays, as it drew them."""
from __future__ import annotations

import hashlib
from typing import Any

import numpy as np
import pytest

import graphcli.tf1 as tf
from graphcli.ops import _candidate_words, _candidates, _libm, _philox, _shuffle, random_counts
from graphcli.ops._drawn_classes import _ends
from graphcli.ops._philox import PART

SEED = 7
DRAWS = [
    ("u_float16", 0, [0.5439453125, 0.46484375, 0.564453125, 0.126953125], "2f3bd12d53fe0344"),
    ("u_bfloat16", 0, [0.6953125, 0.6328125, 0.578125, 0.8515625], "e4531ba9f8eb9336"),
    ("u_float32", 1, [0.8049367666244507, 0.9864101409912109, 0.05068039894104004], "dafb26d035113c6b"),
    ("u_float64", 0, [0.19064085696122168, 0.06920319947044495, 0.5378292593549563], "d7e622cf77ff17fb"),
    ("n_float32", 2, [-0.42154550552368164, 1.5671910047531128, 0.855059802532196], "149cd0cb6e4026bd"),
    ("tn_float32", 0, [1.6056036949157715, -0.5360344648361206, -0.9164999127388], "d971903272e99668"),
    ("tn_float16", 1, [0.45654296875, 0.24267578125, 1.1328125, 0.85498046875], "2486810c5828c903"),
    ("i32", 1, [613, 777, 557, 492], "b3161848d8faf9e1"),
    ("i64", 0, [541707485126, 952450522879, 687593249621, 97754769449], "22ba454346158ccd"),
    ("sh", 2, [562, 836, 193, 146], "c830380d28aa5ce7"),
    ("sh2", 0, [30, 31, 32, 0], "b8b8434b25badce5"),
    ("mult", 1, [1, 1, 1, 2], "7dfc51abf61708ea"),
    ("poi", 1, [2.0, 1.0, 35.0, 1.0], "966c188b39bcb3d7"),
]
"""Op, step of the session, first values, digest of all values as float64."""


@pytest.fixture(scope="module")
def drawn() -> list[dict[str, Any]]:
    """Three steps of one session; the order of the ops decides their seeds."""
    with tf.Graph().as_default():
        tf.set_random_seed(SEED)
        ops: dict[str, Any] = {}
        for name in ("float16", "bfloat16", "float32", "float64"):
            kind = getattr(tf, name)
            ops["u_" + name] = tf.random_uniform([1001], dtype=kind)
            ops["n_" + name] = tf.random_normal([1001], dtype=kind)
            ops["t_" + name] = tf.random_uniform([3, 7], 2, 5, dtype=kind)
            ops["tn_" + name] = tf.truncated_normal([40003], dtype=kind)
        ops["i32"] = tf.random_uniform([1003], -7, 1000, dtype=tf.int32)
        ops["i64"] = tf.random_uniform([1003], -7, 10**12, dtype=tf.int64)
        ops["big"] = tf.random_uniform([300000], seed=5)
        ops["bign"] = tf.random_normal([300001], seed=5)
        ops["sh"] = tf.random_shuffle(tf.range(1000))
        ops["sh2"] = tf.random_shuffle(tf.reshape(tf.range(60), [20, 3]))
        ops["mult"] = tf.multinomial(tf.constant([[0.1, 0.5, -1.0], [2.0, 1.0, 0.0]]), 9)
        ops["gam"] = tf.random_gamma([50], tf.constant([0.5, 1.0, 3.0]))
        ops["gam2"] = tf.random_gamma([50], tf.constant([0.5, 1.0, 3.0]), tf.constant(2.0), seed=4)
        ops["poi"] = tf.random_poisson(tf.constant([0.5, 4.0, 30.0]), [50])
        with tf.Session() as session:
            return [session.run(ops) for _ in range(3)]


@pytest.mark.parametrize(("name", "step", "first", "digest"), DRAWS, ids=[d[0] for d in DRAWS])
def test_tensorflows_numbers(drawn: list[dict[str, Any]], name: str, step: int, first: list[float],
                             digest: str) -> None:
    values = np.asarray(drawn[step][name]).astype(np.float64)
    assert values.reshape(-1)[:len(first)].tolist() == first
    assert hashlib.sha256(values.tobytes()).hexdigest()[:16] == digest


def test_gamma_is_close_to_tensorflows(drawn: list[dict[str, Any]]) -> None:
    np.testing.assert_allclose(drawn[0]["gam"].reshape(-1)[:4],
                               [0.15028692781925201, 0.1929154098033905, 0.3827047049999237, 0.16475829482078552],
                               rtol=1e-6)


def test_philox_known_answer() -> None:
    """The zero and all-ones vectors of the Random123 distribution."""
    zero = _philox.Philox(0, 0)
    assert [hex(w) for w in zero.words(0, 1)[0]] == ["0x6627e8d5", "0xe169c58d", "0xbc57ac4c", "0x9b00dbd8"]
    ones = _philox.Philox(2**64 - 1, 0)
    assert [hex(w) for w in ones.words(2**128 - 1, 1)[0]] == ["0x408f276d", "0x41c83b0e", "0xa20bc7c6", "0x6d5451fd"]


@pytest.mark.parametrize("at", [0, 2**32 - 3, 2**64 - 3, 2**64 + 5, 2**128 - 2])
def test_counter_carries_into_its_upper_words(at: int) -> None:
    rng = _philox.Philox(12345, 0)
    together = rng.words(at, 7)
    single = [rng.words((at + i) % 2**128, 1)[0] for i in range(7)] if at < 2**128 - 8 else together
    np.testing.assert_array_equal(together, single)
    if at < 2**64:
        np.testing.assert_array_equal(rng.words_at(at, np.arange(7)), together)


def test_blocks_do_not_matter() -> None:
    rng = _philox.Philox(3, 4)
    whole = rng.words(0, 3 * _philox.BLOCK + 5)
    np.testing.assert_array_equal(whole[_philox.BLOCK - 2:_philox.BLOCK + 2], rng.words(_philox.BLOCK - 2, 4))


@pytest.mark.parametrize("sizes", [[10] * 40, [3, 3, 3, 5, 5, 5, 3, 3], [2000] * 4])
def test_words_that_are_made_ahead_are_those_of_each_step(sizes: list[int]) -> None:
    ahead, plain = _philox.Philox(5, 3), _philox.Philox(5, 3)
    source = _philox.Ahead(ahead)
    for size in sizes:
        source.step = size * _philox.RESERVED
        found = source.words(ahead.reserve(source.step), size)
        assert np.array_equal(found, plain.words(plain.reserve(source.step), size))
        found[...] = 0


def test_logf_and_sincosf_are_within_an_ulp() -> None:
    x = (np.arange(1, 2**16) / 2**16).astype(np.float32)
    exact = np.log(x.astype(np.float64))
    assert np.max(np.abs(_libm.logf(x) - exact) / np.spacing(np.abs(exact).astype(np.float32))) < 0.82
    turn = np.arange(0, 2**23, 171, dtype=np.uint32)
    angle = (turn * (2 * np.pi / 2**23)).astype(np.float32).astype(np.float64)
    ours = np.empty((len(turn), 2), np.float32)
    _libm.sincosf(turn, np.ones(len(turn), np.float32), ours)
    assert np.max(np.abs(ours - np.stack([np.sin(angle), np.cos(angle)], 1))) < 1e-7


@pytest.mark.parametrize("rows", [2, 300, 8193, 20000])
def test_elements_change_places_as_one_after_the_other(rows: int) -> None:
    steps = np.random.default_rng(rows).integers(0, 2**32, rows - 1, dtype=np.uint32) % np.arange(rows, 1, -1)
    found, wanted = np.arange(rows), list(range(rows))
    for first in range(0, rows - 1, _philox.BLOCK):
        _shuffle.exchange(found, first, steps[first:first + _philox.BLOCK])
    for i, step in enumerate(steps.tolist()):
        wanted[i], wanted[i + step] = wanted[i + step], wanted[i]
    assert found.tolist() == wanted


@pytest.mark.parametrize("width", [1, 3, 5, 6, 7, 11, 64, 65])
def test_rows_of_any_width_change_places_alike(width: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_shuffle, "SOME", 10)
    rows = np.random.default_rng(0).integers(0, 256, (3, 71, width), np.uint8)
    with tf.Graph().as_default(), tf.Session() as session:
        order, *found = session.run([tf.random_shuffle(x, seed=SEED) for x in (np.arange(71), *rows)])
    assert all((x[order] == y).all() for x, y in zip(rows, found))


def seeds(node: Any) -> tuple[int, int]:
    return node.op.get_attr("seed"), node.op.get_attr("seed2")


def test_seeds_of_ops() -> None:
    with tf.Graph().as_default():
        assert seeds(tf.random_shuffle([1, 2])) == (0, 0)
        assert seeds(tf.random_shuffle([1, 2], seed=9)) == (87654321, 9)
        tf.set_random_seed(0)
        assert seeds(tf.random_shuffle([1, 2])) == (0, 2**31 - 1)
        assert seeds(tf.random_shuffle([1, 2])) == (0, 1)
        assert seeds(tf.random_shuffle([1, 2], seed=5)) == (0, 5)
        assert seeds(tf.random_shuffle([1, 2])) == (0, 2)


def test_without_seeds_two_sessions_differ_and_a_session_seed_makes_them_equal() -> None:
    from graphcli.engine import Session

    with tf.Graph().as_default() as graph:
        u, v = tf.random_uniform([8]), tf.random_uniform([8])
        free = [Session(graph).run(u) for _ in range(2)]
        given = [Session(graph, seed=1).run([u, v]) for _ in range(2)]
    assert not np.array_equal(*free)
    np.testing.assert_array_equal(given[0], given[1])
    assert not np.array_equal(given[0][0], given[0][1])


def test_empty_and_refused() -> None:
    with tf.Graph().as_default(), tf.Session() as session:
        assert session.run(tf.random_normal([0, 3])).shape == (0, 3)
        with pytest.raises(Exception, match="minval must be below maxval"):
            session.run(tf.random_uniform([2], 5, 5, dtype=tf.int32))
        with pytest.raises(ValueError, match="needs maxval"):
            tf.random_uniform([2], dtype=tf.int32)


MANY_CLASSES = [
    ("UniformCandidateSampler", 200_000, True, "c9f96f467bb61251"),
    ("UniformCandidateSampler", 1 << 40, True, "a64074fae1a7ce05"),
    ("UniformCandidateSampler", 200_000, False, "eee46084ef7f13ad"),
    ("LogUniformCandidateSampler", 200_000, True, "41dac601e6e5a407"),
    ("LogUniformCandidateSampler", 1_000_000, True, "d8160b14ac7cc2fa"),
    ("LogUniformCandidateSampler", 200_000, False, "cb09c05bae51d7cb"),
    ("LearnedUnigramCandidateSampler", 200_000, True, "cd654771f7f3f6cc"),
    ("LearnedUnigramCandidateSampler", 1_000_000, True, "92fd820b6dd528c2"),
    ("LearnedUnigramCandidateSampler", 200_000, False, "553ca163dde95c99")]
"""Sampler, classes, whether all of 20,000 differ, digest of those of TensorFlow's second step."""


@pytest.mark.parametrize(("op", "size", "unique", "digest"), MANY_CLASSES)
def test_many_candidates_are_tensorflows(op: str, size: int, unique: bool, digest: str) -> None:
    with tf.Graph().as_default(), tf.Session() as session:
        drawn = tf.apply_op(op, None, [tf.constant([[1, 3], [0, 7]], tf.int64)], {
            "num_true": 2, "num_sampled": 20_000, "unique": unique, "range_max": size, "seed": 3, "seed2": 7})
        classes = [session.run(drawn[0]) for _ in range(2)][1]
    assert hashlib.sha256(classes.tobytes()).hexdigest()[:16] == digest


def test_candidates_come_in_blocks_as_they_come_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    def drawn(make: Any, unique: bool) -> tuple[bytes, int]:
        picked, tries = _candidates.sample(make(), _candidate_words.Words(_philox.Philox(3, 7), 0), 2000, unique)
        return picked.tobytes(), tries

    for make in (lambda: _candidates.Weighted([1.0 + i % 7 for i in range(3000)]), lambda: _candidates.Uniform(2001),
                 lambda: _candidates.Learned(5000)):
        at_once = [drawn(make, unique) for unique in (True, False)]
        for name, value in (("BLOCK", 64), ("MANY", 0), ("FEW", 0)):
            monkeypatch.setattr(_candidates, name, value)
        assert [drawn(make, unique) for unique in (True, False)] == at_once
        monkeypatch.undo()


@pytest.mark.parametrize("op", ["Betainc", "Igamma", "Igammac"])
def test_a_number_of_a_fraction_does_not_depend_on_those_beside_it(op: str) -> None:
    x = np.random.default_rng(0).random((3, 300)) * np.array([[9], [9], [1]])
    with tf.Graph().as_default(), tf.Session() as session:
        given = [tf.placeholder(tf.float64, [None]) for _ in range(3 if op == "Betainc" else 2)]
        y = tf.apply_op(op, None, given)
        whole = session.run(y, dict(zip(given, x)))
        apart = [session.run(y, dict(zip(given, x[:, i:i + 1])))[0] for i in range(300)]
    assert whole.tolist() == apart


@pytest.mark.parametrize("op", ["RandomGamma", "RandomPoissonV2"])
def test_an_output_has_its_stretch_of_the_stream_whatever_is_drawn_beside_it(
        op: str, monkeypatch: pytest.MonkeyPatch) -> None:
    given = np.array([0.0, 0.3, 1.0, 2.0, 9.9, 10.0, 50.0, -1.0, np.nan, np.inf], np.float32)

    def drawn() -> bytes:
        with tf.Graph().as_default(), tf.Session() as session:
            y = tf.apply_op(op, None, [tf.constant([7]), tf.constant(given)], {
                "seed": 3, "seed2": 7, **({"dtype": tf.float32} if op == "RandomPoissonV2" else {})})
            return bytes(session.run(y).tobytes())

    at_once = drawn()
    monkeypatch.setattr(random_counts, "BLOCK", 3)
    assert drawn() == at_once


def test_classes_of_a_long_row_are_those_of_running_totals_as_a_whole() -> None:
    logits = np.random.default_rng(0).standard_normal((2, 2 * PART + 7))
    logits[1, 5:9] = [np.nan, np.inf, -np.inf, 30.0]
    for row in logits:
        finite = np.isfinite(row)
        shares = np.where(finite, np.exp(row - row[finite].max()), 0.0)
        assert _ends(row, np.empty(len(row))).tobytes() == np.cumsum(shares).tobytes()


def test_a_row_of_many_samples_has_the_numbers_that_follow_on_the_stream() -> None:
    with tf.Graph().as_default(), tf.Session() as session:
        logits = tf.constant(np.zeros((3, 5), np.float32))
        many = session.run(tf.multinomial(logits, PART + 1, seed=4))
        flat = session.run(tf.random_uniform([3 * (PART + 1)], dtype=tf.float64, seed=4))
    assert (many.reshape(-1) == np.floor(flat * 5)).all()
