"""Base64 of strings of any length, whether they are taken whole or in pieces, is the standard library's."""
from __future__ import annotations

import base64

import numpy as np
import pytest

import graphcli.tf1 as tf
from graphcli.errors import RunError
from graphcli.ops.string_base64 import PIECE


@pytest.mark.parametrize("pad", [True, False])
@pytest.mark.parametrize("size", [0, 1, 2, 3, PIECE - 1, PIECE, PIECE + 1, PIECE + 2, 2 * PIECE + 5])
def test_there_and_back(size: int, pad: bool) -> None:
    text = np.random.default_rng(size).bytes(size)
    with tf.Graph().as_default(), tf.Session() as session:
        encoded = tf.encode_base64(tf.constant(text), pad=pad)
        found, back = session.run([encoded, tf.decode_base64(encoded)])
    expected = base64.urlsafe_b64encode(text)
    assert found == (expected if pad else expected.rstrip(b"=")) and back == text


@pytest.mark.parametrize("text", [b"a", b"ab=c", b"ab+d", b"A" * (PIECE + 1), b"A" * PIECE + b"=A", b"\n"])
def test_what_is_no_base64_is_refused(text: bytes) -> None:
    with tf.Graph().as_default(), tf.Session() as session, pytest.raises(RunError, match="Invalid character"):
        session.run(tf.decode_base64(tf.constant(text)))
