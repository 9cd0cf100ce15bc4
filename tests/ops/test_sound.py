"""Sound: what is no WAV of 16 bits is refused in TensorFlow's words, and a summary's rate may be an attr."""
from __future__ import annotations

import struct
from typing import Any

import numpy as np
import pytest

import graphcli.tf1 as tf
from graphcli.errors import InvalidArgument
from graphcli.tf1.stand_in import imported

from .rows.media import wav

GOOD = wav([1, 2])


@pytest.mark.parametrize(("data", "said"), [
    (b"RIFX" + GOOD[4:], "Expected RIFF but found RIFX"),
    (GOOD[:-1], "Data too short"),
    (GOOD[:12], "Data too short"),
    (wav([1], before=b"abcd\0\0\0\0"), "Unexpected field abcd"),
    (wav([1], form=17), "Bad format chunk size"),
    (GOOD[:20] + b"\3\0" + GOOD[22:], "Bad audio format"),
    (GOOD[:34] + b"\x08\0" + GOOD[36:], "Can only read 16-bit WAV files, but received 8"),
    (GOOD[:32] + b"\4\0" + GOOD[34:], "Bad bytes per sample"),
    (GOOD[:28] + b"\4\0" + GOOD[30:], "Bad bytes per second"),
    (GOOD + struct.pack("<4sI", b"data", 0), "More than one data chunk"),
    (GOOD[:36], "No data chunk"),
])
def test_what_is_no_wav_is_refused(data: bytes, said: str) -> None:
    with tf.Session(graph=tf.Graph()) as session, session.graph.as_default():
        with pytest.raises(InvalidArgument, match=said):
            session.run(tf.audio.decode_wav(data))


def test_junk_before_the_format_is_skipped() -> None:
    with tf.Session(graph=tf.Graph()) as session, session.graph.as_default():
        sound = session.run(tf.audio.decode_wav(wav([16384], before=b"JUNK\2\0\0\0ab")).audio)
    np.testing.assert_array_equal(sound, np.float32([[0.5]]))


def test_a_summary_has_its_rate_as_an_attr() -> None:
    def made(op: str, inputs: list[Any], **attrs: Any) -> Any:
        with tf.Session(graph=tf.Graph()) as session, session.graph.as_default():
            return session.run(tf.apply_op(op, None, ["s", np.float32([[0.5, -1.0]]), *inputs], attrs))

    assert made("AudioSummary", [], sample_rate=8000.0) == made("AudioSummaryV2", [np.float32(8000.0)])


def test_audio_ops_are_imported_as_the_tutorial_does() -> None:
    with imported():
        from tensorflow.contrib.framework.python.ops import audio_ops  # type: ignore[import-not-found]

        assert audio_ops.mfcc is tf.contrib.framework.audio_ops.mfcc
