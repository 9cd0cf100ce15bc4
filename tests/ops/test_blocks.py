"""Ops that take their operands a block at a time give TensorFlow's answers, however small blocks are."""
from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import graphcli.tf1 as tf
from graphcli.engine import Session
from graphcli.ops import (
    _unicode_blocks,
    image_matching,
    image_resampler,
    nn_fractional_pool,
    quantized_pool,
    quantized_resize,
)

from . import cases, test_cases

SIZES = {image_matching: "SOME", nn_fractional_pool: "SOME", image_resampler: "SOME", quantized_pool: "PIECE",
         quantized_resize: "PIECE", _unicode_blocks: "SOME"}
OPS = ("ImageConnectedComponents", "FractionalMaxPool", "FractionalAvgPool", "FractionalAvgPoolGrad", "ResamplerGrad",
       "QuantizedMaxPool", "QuantizedAvgPool", "QuantizedResizeBilinear", "UnicodeDecode", "UnicodeDecodeWithOffsets",
       "UnicodeTranscode", "UnicodeEncode")


def smaller(monkeypatch: Any, size: int) -> None:
    for module, name in SIZES.items():
        monkeypatch.setattr(module, name, size)


@pytest.mark.parametrize("size", [1, 9])
@pytest.mark.parametrize(("row", "kind"), [pytest.param(*found, id=f"{found[0].key} {found[1]}")
                                           for found in cases.cases() if found[0].op in OPS])
def test_blocks_of_a_few_elements_give_tensorflows_answers(row: cases.Row, kind: str, size: int,
                                                           monkeypatch: Any) -> None:
    smaller(monkeypatch, size)
    test_cases.test_values_and_shapes_are_tensorflows(row, kind)


def pieces(images: Any) -> Any:
    """The pieces of images, each with the number of its first pixel, one pixel after the other."""
    found = np.zeros(images.shape, np.int64)
    for at in np.ndindex(images.shape):
        if images[at] and not found[at]:
            number, reached = int(np.ravel_multi_index(at, images.shape)) + 1, [at]
            while reached:
                i, row, column = here = reached.pop()
                if found[here]:
                    continue
                found[here] = number
                beside = (i, row - 1, column), (i, row + 1, column), (i, row, column - 1), (i, row, column + 1)
                reached += [p for p in beside if 0 <= p[1] < images.shape[1] and 0 <= p[2] < images.shape[2]
                            and images[p] == images[here]]
    return found


def made(op: str, inputs: list[Any], attrs: dict[str, Any]) -> list[Any]:
    with tf.Graph().as_default() as graph:
        out = tf.apply_op(op, None, [tf.constant(x) if isinstance(x, np.ndarray) else x for x in inputs], attrs)
    out = out if isinstance(out, (list, tuple)) else [out]
    return [np.asarray(r) for r in Session(graph, threads=2, passes=[]).run(list(out))]


@pytest.mark.parametrize("size", [1, 20, 1 << 15])
def test_pieces_of_images_go_on_from_block_to_block(size: int, monkeypatch: Any) -> None:
    spiral = np.ones((1, 11, 11), np.int32)
    spiral[0, 1:10:2, 1:10] = spiral[0, 1:9, 9] = 0
    drawn = np.random.default_rng(0).integers(0, 3, (3, 9, 7)).astype(np.int32)
    smaller(monkeypatch, size)
    for images in (spiral, drawn, drawn[:, :0], np.ones((2, 5, 1), np.int32), drawn > 0):
        assert np.array_equal(made("ImageConnectedComponents", [images], {})[0], pieces(images))


NUMBERS = np.random.default_rng(1).random((3, 13, 11, 2)).astype(np.float32)
CUT = {"pooling_ratio": [1.0, 1.5, 1.7, 1.0], "overlapping": True, "deterministic": True, "seed": 1, "seed2": 2}


@pytest.mark.parametrize(("op", "inputs", "attrs"), [
    ("FractionalMaxPool", [NUMBERS], CUT), ("FractionalAvgPool", [NUMBERS], CUT),
    ("FractionalAvgPool", [(100 * NUMBERS - 50).astype(np.int32)], CUT),
    ("FractionalAvgPoolGrad", [np.array([3, 13, 11, 2]), NUMBERS[:, :4, :3], np.array([0, 3, 3, 7, 12]),
                               np.array([0, 4, 5, 11])], {"overlapping": True})])
@pytest.mark.parametrize("size", [1, 40])
def test_windows_are_the_same_in_blocks_of_any_size(op: str, inputs: list[Any], attrs: dict[str, Any], size: int,
                                                    monkeypatch: Any) -> None:
    whole = made(op, inputs, attrs)
    smaller(monkeypatch, size)
    assert all(np.array_equal(a, b) for a, b in zip(whole, made(op, inputs, attrs), strict=True))


TEXTS = ["", "größe", "a\x01b\x1f", "日本", "𝄞 x", "plain"]


@pytest.mark.parametrize("encoding", ["UTF-8", "UTF-16-BE", "UTF-16-LE", "UTF-16", "UTF-32-BE", "UTF-32", "latin1"])
@pytest.mark.parametrize("errors", ["replace", "ignore"])
@pytest.mark.parametrize("size", [3, 10, 1 << 14])
def test_texts_in_blocks_are_those_that_go_character_by_character(encoding: str, errors: str, size: int,
                                                                  monkeypatch: Any) -> None:
    texts = [t.encode(encoding.replace("latin1", "utf-8")) for t in TEXTS]
    texts[3:3] = [b"\xfe\xff\0a\0b", b"bad \xff", "é".encode("utf-16-le")]
    attrs = {"input_encoding": encoding, "errors": errors, "replace_control_characters": True}
    asked = [np.array(texts, object)]

    def answers() -> list[Any]:
        return [*made("UnicodeDecodeWithOffsets", asked, attrs),
                *made("UnicodeTranscode", asked, {**attrs, "output_encoding": "UTF-16-BE"}),
                *made("UnicodeTranscode", asked, {"input_encoding": encoding, "output_encoding": "UTF-8"})]

    with monkeypatch.context() as slow:
        slow.setattr(_unicode_blocks, "_known", lambda python: "")
        wanted = answers()
    smaller(monkeypatch, size)
    assert all(np.array_equal(a, b) for a, b in zip(wanted, answers(), strict=True))
