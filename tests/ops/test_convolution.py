"""Convolutions and pools however they are cut: the same numbers, and the same bits on any number of threads."""
from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import graphcli.tf1 as tf
from graphcli.engine import Session
from graphcli.ops import (
    _blocks,
    _convolution_filter,
    _convolution_input,
    _joined_groups,
    _pooling,
    _pooling_runs,
    _runs,
    _strips,
)

CASES: list[tuple[tuple[int, ...], tuple[int, ...], tuple[int, ...], tuple[int, ...], Any, str]] = [
    # x, w, strides, dilations, padding, layout
    ((3, 9, 11, 4), (3, 3, 4, 5), (1, 1), (1, 1), "SAME", "NHWC"),
    ((3, 9, 11, 4), (3, 2, 4, 5), (2, 3), (1, 1), "SAME", "NHWC"),
    ((2, 10, 13, 3), (3, 4, 3, 2), (2, 1), (1, 1), "VALID", "NHWC"),
    ((2, 10, 13, 3), (3, 3, 3, 2), (1, 1), (2, 3), "SAME", "NHWC"),
    ((2, 7, 8, 3), (3, 3, 3, 2), (2, 2), (1, 1), [[0, 0], [3, 1], [0, 4], [0, 0]], "NHWC"),
    ((2, 4, 9, 11), (3, 3, 4, 5), (2, 2), (1, 1), "SAME", "NCHW"),
    ((3, 9, 11, 4), (1, 1, 4, 5), (2, 2), (1, 1), "SAME", "NHWC"),
    ((3, 9, 11, 6), (3, 3, 2, 9), (1, 1), (1, 1), "SAME", "NHWC"),
    ((2, 5, 6, 7, 3), (3, 3, 3, 3, 4), (1, 1, 1), (1, 1, 1), "SAME", "NDHWC"),
    ((2, 5, 6, 7, 3), (3, 2, 3, 3, 4), (2, 2, 2), (1, 1, 1), "SAME", "NDHWC"),
    ((1, 6, 7, 8, 2), (2, 3, 3, 2, 4), (1, 2, 3), (1, 1, 1), "VALID", "NDHWC"),
    ((2, 3, 5, 6, 7), (3, 3, 3, 3, 4), (2, 1, 2), (1, 1, 1), "SAME", "NCDHW"),
]


def run(case: Any, threads: int, kind: type = np.float32) -> list[Any]:
    """A convolution and its gradients for its input and its filter."""
    shape, window, strides, dilations, padding, layout = case
    rng = np.random.default_rng(0)
    first = layout.startswith("NC")

    def full(values: tuple[int, ...]) -> list[int]:
        return [1, 1, *values] if first else [1, *values, 1]

    attrs: dict[str, Any] = {"strides": full(strides), "dilations": full(dilations), "data_format": layout,
                             "padding": padding if isinstance(padding, str) else "EXPLICIT"}
    if not isinstance(padding, str):
        attrs["explicit_paddings"] = [p for pair in padding for p in pair]
    d, second = ("3D", "V2") if len(shape) == 5 else ("2D", "")
    with tf.Graph().as_default() as graph:
        x, w = (tf.constant(rng.standard_normal(s).astype(kind)) for s in (shape, window))
        y = tf.apply_op(f"Conv{d}", None, [x, w], attrs)
        g = tf.constant(rng.standard_normal(y.shape.as_list()).astype(kind))
        sizes, taps = (tf.constant(np.array(s, np.int32)) for s in (shape, window))
        to_x = tf.apply_op(f"Conv{d}BackpropInput{second}", None, [sizes, w, g], attrs)
        to_w = tf.apply_op(f"Conv{d}BackpropFilter{second}", None, [x, taps, g], attrs)
    with Session(graph, threads=threads, passes=[]) as session:
        return list(session.run([y, to_x, to_w]))


@pytest.mark.parametrize("case", CASES, ids=str)
@pytest.mark.parametrize("block", [1, 40, 400])
@pytest.mark.parametrize("apart", [False, True])
def test_blocks_of_any_size_give_the_same_numbers(case: Any, block: int, apart: bool,
                                                  monkeypatch: pytest.MonkeyPatch) -> None:
    whole = run(case, 1)
    for name in ("BLOCK", "LARGE", "VOLUME"):
        monkeypatch.setattr(_blocks, name, block)
    monkeypatch.setattr(_blocks, "WORK", 0)
    monkeypatch.setattr(_blocks, "LEAST", 1)
    monkeypatch.setattr(_blocks, "STRIPS", (3 * block, 3 * block))
    monkeypatch.setattr(_strips, "SHARED", 0)
    monkeypatch.setattr(_runs, "MOST", 0)
    if apart:
        monkeypatch.setattr(_convolution_filter, "LARGEST", 0)
        monkeypatch.setattr(_convolution_filter, "NARROW", 4)
        monkeypatch.setattr(_convolution_filter, "TALL", block)
    cut = [run(case, threads) for threads in (1, 2, 4)]
    for one, other, wanted in zip(cut[0], cut[1], whole):
        assert np.allclose(one, wanted, rtol=1e-4, atol=1e-4)
        assert one.tobytes() == other.tobytes()
    assert [a.tobytes() for a in cut[0]] == [a.tobytes() for a in cut[2]]


FEW: list[Any] = [
    ((2, 32, 32, 16), (3, 3, 16, 64), (1, 1), (1, 1), "SAME", "NHWC"),
    ((2, 16, 16, 8), (5, 5, 8, 64), (1, 1), (1, 1), "VALID", "NHWC"),
    ((4, 17, 16, 8), (3, 3, 8, 16), (2, 2), (1, 1), "SAME", "NHWC"),
    ((4, 9, 8, 8), (1, 1, 8, 16), (3, 2), (1, 1), "SAME", "NHWC"),
    ((16, 24, 24, 1), (5, 5, 1, 6), (1, 1), (1, 1), "VALID", "NHWC"),
]


@pytest.mark.parametrize("case", FEW, ids=str)
def test_few_patches_give_the_numbers_of_blocks_and_the_same_bits_on_any_number_of_threads(
        case: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    found = [run(case, threads) for threads in (1, 2, 4)]
    assert len({tuple(a.tobytes() for a in arrays) for arrays in found}) == 1
    monkeypatch.setattr(_runs, "MOST", 0)
    for one, wanted in zip(found[0], run(case, 1)):
        assert np.allclose(one, wanted, rtol=1e-4, atol=1e-3)


@pytest.mark.parametrize("value", [np.inf, -np.inf, np.nan])
def test_what_is_not_finite_stays_in_its_windows(value: float) -> None:
    x = np.ones((16, 24, 24, 1), np.float32)
    x[3, 5, 7] = value
    with tf.Graph().as_default() as graph:
        y = tf.nn.conv2d(tf.constant(x), np.ones((5, 5, 1, 6), np.float32), 1, "VALID")
    with Session(graph, passes=[]) as session:
        found = session.run(y)
    wrong = np.zeros(found.shape, bool)
    wrong[3, 1:6, 3:8] = True
    assert np.array_equal(~np.isfinite(found), wrong)
    assert (found[~wrong] == 25).all()


@pytest.mark.parametrize("case", CASES, ids=str)
def test_half_precision_is_summed_in_single_precision(case: Any) -> None:
    for one, wanted in zip(run(case, 2, np.float16), run(case, 2)):
        assert one.dtype == np.float16
        assert np.allclose(one.astype(np.float32), wanted, rtol=2e-2, atol=5e-2)


@pytest.mark.parametrize("kind", ["MaxPool", "AvgPool", "MaxPoolGrad", "AvgPoolGrad", "MaxPoolGradGrad", "MaxPool3D",
                                  "MaxPool3DGrad", "AvgPool3DGrad", "MaxPoolWithArgmax"])
@pytest.mark.parametrize("layout", ["NHWC", "NCHW"])
@pytest.mark.parametrize(("taps", "stride", "padding"), [
    (2, 2, "VALID"), (3, 2, "SAME"), (3, 1, "SAME"), (2, 3, "SAME")])
def test_pools_in_parts_give_the_same_bits(kind: str, layout: str, taps: int, stride: int, padding: str,
                                           monkeypatch: pytest.MonkeyPatch) -> None:
    deep, first = "3D" in kind, layout == "NCHW"
    if kind == "MaxPoolWithArgmax" and first:
        pytest.skip("it knows no channels first")
    inner = (7, 9, 8) if deep else (9, 8)
    out = tuple(-(-s // stride) if padding == "SAME" else (s - taps) // stride + 1 for s in inner)
    full = [1, 1, *[taps] * len(inner)] if first else [1, *[taps] * len(inner), 1]
    attrs: dict[str, Any] = {"ksize": full, "padding": padding, "strides": [stride if k > 1 else 1 for k in full]}
    if kind != "MaxPoolWithArgmax":
        attrs["data_format"] = ("NCDHW" if first else "NDHWC") if deep else layout

    def shaped(sizes: tuple[int, ...]) -> Any:
        rng = np.random.default_rng(len(sizes) + sizes[0])
        return rng.integers(0, 5, (3, 2, *sizes) if first else (3, *sizes, 2)).astype(np.float32)

    def pooled(threads: int) -> list[bytes]:
        with tf.Graph().as_default() as graph:
            x, g = tf.constant(shaped(inner)), tf.constant(shaped(out))
            rank = "3D" if deep else ""
            y = tf.apply_op(f"MaxPool{rank}", None, [x], {k: v for k, v in attrs.items()})
            inputs = {"MaxPoolGrad": [x, y, g], "MaxPool3DGrad": [x, y, g], "MaxPoolGradGrad": [x, y, x],
                      "AvgPoolGrad": [tf.shape(x), g], "AvgPool3DGrad": [tf.shape(x), g]}.get(kind, [x])
            found = tf.apply_op(kind, None, inputs, attrs)
        with Session(graph, threads=threads, passes=[]) as session:
            return [a.tobytes() for a in session.run(list(found) if isinstance(found, (list, tuple)) else [found])]

    whole = pooled(1)
    for lines in (1, 60, 400):
        monkeypatch.setattr(_pooling, "SMALL", 0)
        monkeypatch.setattr(_pooling, "LINES", lines)
        assert [pooled(1), pooled(2)] == [whole, whole]


@pytest.mark.parametrize(("taps", "stride", "padding"), [
    (2, 2, "VALID"), (2, 2, "SAME"), (3, 2, "SAME"), (3, 1, "SAME"), (2, 3, "SAME"), (3, 2, "VALID")])
@pytest.mark.parametrize("value", [1.0, np.nan, -np.inf])
def test_taps_side_by_side_give_what_windows_give(taps: int, stride: int, padding: str, value: float,
                                                    monkeypatch: pytest.MonkeyPatch) -> None:
    rng = np.random.default_rng(taps)
    images = rng.integers(1, 5, (3, 9, 8, 2)).astype(np.float32)
    images[1, :4, 2:7] = value
    images[2, 3, 3] = value
    ksize, strides = [1, taps, taps, 1], [1, stride, stride, 1]

    def pooled() -> tuple[list[bytes], Any]:
        with tf.Graph().as_default() as graph:
            x = tf.constant(images)
            found = []
            for pool in (tf.nn.max_pool, tf.nn.avg_pool):
                y = pool(x, ksize, strides, padding)
                found += [y, *tf.gradients(y, x, tf.ones_like(y) * 3.0)]
        with Session(graph, passes=[]) as session:
            *others, mean = session.run(found)
            return [a.tobytes() for a in others], mean

    side_by_side, to_mean = pooled()
    monkeypatch.setattr(_pooling_runs, "fits", lambda *_: False)
    windows, of_windows = pooled()
    assert windows == side_by_side
    # the shares of windows are added up along one size after the other
    np.testing.assert_allclose(of_windows, to_mean, rtol=3e-7)


GROUPED = [case for case in [*CASES, ((2, 9, 8, 16), (3, 3, 4, 32), (2, 2), (1, 1), "SAME", "NHWC"),
                             ((2, 8, 9, 11), (3, 2, 2, 4), (1, 2), (1, 1), "VALID", "NCHW")]
           if case[0][1 if case[5].startswith("NC") else -1] != case[1][-2]]


@pytest.mark.parametrize("case", GROUPED, ids=str)
@pytest.mark.parametrize("kind", [np.float16, np.float32, np.float64])
def test_joined_groups_have_the_numbers_of_each_group_alone(case: Any, kind: type,
                                                            monkeypatch: pytest.MonkeyPatch) -> None:
    joined = run(case, 1, kind)
    monkeypatch.setattr(_joined_groups, "MANY", 0)
    for some, others in zip(joined, run(case, 1, kind)):
        assert some.dtype == others.dtype
        assert np.allclose(some, others, rtol=2e-3 if kind == np.float16 else 1e-4, atol=1e-4)


@pytest.mark.parametrize("value", [np.inf, np.nan])
def test_what_is_not_finite_stays_in_its_group(value: float) -> None:
    x, w = np.ones((1, 5, 5, 8), np.float32), np.ones((3, 3, 4, 8), np.float32)
    x[0, 2, 2, 1] = value
    with tf.Graph().as_default() as graph:
        made = [tf.apply_op("Conv2D", None, [tf.constant(x), tf.constant(w)], {"strides": [1] * 4, "padding": "SAME"}),
                tf.apply_op("Conv2DBackpropInput", None, [tf.constant(np.array(x.shape, np.int32)), tf.constant(w),
                                                          tf.constant(x)], {"strides": [1] * 4, "padding": "SAME"})]
    with Session(graph) as session:
        for found in session.run(made):
            assert np.isfinite(found[..., 4:]).all() and not np.isfinite(found[..., :4]).any(axis=-1)[:, 1:4, 1:4].any()


@pytest.mark.parametrize(("images", "window", "filters"), [((16, 8, 8, 64), 5, 64), ((4, 9, 7, 40), 3, 200)])
def test_products_added_where_few_outputs_meet_many_inputs_are_the_turned_convolution(
        images: Any, window: int, filters: int, monkeypatch: pytest.MonkeyPatch) -> None:
    rng = np.random.default_rng(0)
    sizes = [s - window + 1 for s in images[1:3]]
    assert _convolution_input.scattered(images[1:3], filters, sizes)
    with tf.Graph().as_default() as graph:
        w = tf.placeholder(tf.float32, (window, window, images[-1], filters))
        g = tf.placeholder(tf.float32, (images[0], *sizes, filters))
        y = tf.nn.conv2d_backprop_input(images, w, g, [1, 1, 1, 1], "VALID")
    feeds = {t: rng.standard_normal(t.shape.as_list()).astype(np.float32) for t in (w, g)}

    def gradient(threads: int) -> Any:
        with Session(graph, passes=[], threads=threads) as session:
            return session.run(y, feeds)

    found = gradient(1)
    np.testing.assert_array_equal(gradient(2), found)
    monkeypatch.setattr(_convolution_input, "scattered", lambda *_: False)
    np.testing.assert_allclose(gradient(1), found, rtol=1e-4, atol=1e-3)
