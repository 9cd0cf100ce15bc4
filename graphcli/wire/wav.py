"""WAV of 16 bits, as tensorflow/core/lib/wav/wav_io.cc writes and reads it.

    RIFF size WAVE, then chunks: id, size, data
    "fmt " 1 (PCM) channels rate bytes-a-second bytes-a-frame bits; "data" samples, channel by channel
"""
from __future__ import annotations

import struct
from typing import Any

import numpy as np

from ..errors import DataLoss

PART = 1 << 15
"""Samples that are looked at at a time."""
_SKIPPED = (b"JUNK", b"bext", b"iXML", b"qlty", b"mext", b"levl", b"link", b"axml")
"""What may come before the format."""


def write(samples: Any, rate: int) -> list[bytes]:
    """Samples of shape [frames, channels] in -1 to 1 as a file, in pieces."""
    frames, channels = samples.shape
    align = 2 * channels
    form = struct.pack("<4sIHHIIHH", b"fmt ", 16, 1, channels, rate, rate * align & 0xFFFFFFFF, align, 16)
    head = b"WAVE" + form + struct.pack("<4sI", b"data", align * frames)
    many = max(1, PART // max(1, channels))
    return [struct.pack("<4sI", b"RIFF", len(head) + align * frames) + head,
            *(_whole(samples[i:i + many]) for i in range(0, frames, many))]


def _whole(samples: Any) -> bytes:
    scaled = samples * np.float32(1 << 15)
    # halves are rounded away from zero
    rounded = np.trunc(scaled + np.copysign(np.float32(0.5), scaled))
    data: bytes = np.clip(rounded, -32768, 32767).astype("<i2").tobytes()
    return data


class _Reader:
    def __init__(self, data: bytes) -> None:
        self.data, self.at = data, 0

    def take(self, size: int) -> bytes:
        if self.at + size > len(self.data):
            raise DataLoss("Data too short when trying to read string")
        self.at += size
        return self.data[self.at - size:self.at]

    def number(self, size: int) -> int:
        return int.from_bytes(self.take(size), "little")

    def expect(self, text: bytes) -> None:
        found = self.take(len(text))
        if found != text:
            raise DataLoss(f"Header mismatch: Expected {text.decode()} but found {found.decode('latin-1')}")


def read(data: bytes) -> tuple[Any, int]:
    """(float32 [frames, channels] in -1 to 1, the rate). Raises DataLoss for what is no WAV of 16 bits."""
    file = _Reader(data)
    file.expect(b"RIFF")
    file.take(4)
    file.expect(b"WAVE")
    while (chunk := file.take(4)) != b"fmt ":
        if chunk not in _SKIPPED:
            raise DataLoss(f"Unexpected field {chunk.decode('latin-1')}")
        file.take(file.number(4))
    channels, rate = _format(file)
    samples = None
    while file.at < len(data):
        chunk, size = file.take(4), file.number(4)
        if size > 0x7FFFFFFF:
            raise DataLoss(f"WAV data chunk {chunk.decode('latin-1')!r} is too large: {size} bytes")
        if chunk != b"data":
            file.at += size
            continue
        if samples is not None:
            raise DataLoss("More than one data chunk found in WAV")
        frames = size // (2 * channels)
        samples = np.frombuffer(file.take(2 * frames * channels), "<i2").reshape(frames, channels)
    if samples is None:
        raise DataLoss("No data chunk found in WAV")
    return samples * np.float32(1 / (1 << 15)), rate


def _format(file: _Reader) -> tuple[int, int]:
    size = file.number(4)
    if size not in (16, 18):
        raise DataLoss(f"Bad format chunk size for WAV: Expected 16 or 18, but got {size}")
    kind, channels, rate, speed, align, bits = struct.unpack("<HHIIHH", file.take(16))
    if kind != 1:
        raise DataLoss(f"Bad audio format for WAV: Expected 1 (PCM), but got {kind}")
    if channels < 1:
        raise DataLoss(f"Bad number of channels for WAV: Expected at least 1, but got {channels}")
    if bits != 16:
        raise DataLoss(f"Can only read 16-bit WAV files, but received {bits}")
    if align != 2 * channels:
        raise DataLoss(f"Bad bytes per sample in WAV header: Expected {2 * channels} but got {align}")
    if speed != align * rate & 0xFFFFFFFF:
        raise DataLoss(f"Bad bytes per second in WAV header: Expected {align * rate} but got {speed}")
    if size == 18:
        file.at += 2
    return channels, rate
