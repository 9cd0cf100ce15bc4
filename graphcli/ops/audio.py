"""Sound as files, as spectra and as what speech is told by (tf.audio, the ops of the speech commands tutorial)."""
from __future__ import annotations

from math import prod
from typing import Any

import numpy as np

from ..errors import DataLoss, InvalidArgument
from ..graph.inference import scalar_shape
from ..graph.opdef import op, undefined_gradient
from ..wire import wav
from ..wire.encode import joined
from ..wire.wav import read, write
from .summary import as_tensor

CPU_ONLY = True
PART = 1 << 16
"""Numbers of windows that are transformed at a time."""
FLOOR = 1e-12
"""The least energy of a band: logarithms are taken."""


@op
class DecodeWav:
    """The samples of a WAV file of 16 bits, [samples, channels] in -1 to 1, and their rate (tf.audio.decode_wav)."""

    signature = "contents: string -> audio: float32, sample_rate: int32"
    takes = "contents: []"
    attrs = "desired_channels: int = -1; desired_samples: int = -1"
    gradient = undefined_gradient

    def infer(n: Any, contents: Any) -> Any:
        wanted = []
        for name in ("samples", "channels"):
            size = n.attrs[f"desired_{name}"]
            if size < -1:
                n.fail(f"{name} must be non-negative, not {size}")
            wanted.append(None if size == -1 else size)
        return [tuple(wanted), ()]

    def kernel(n: Any) -> Any:
        wanted = n.attrs["desired_samples"], n.attrs["desired_channels"]

        def run(contents: Any) -> Any:
            try:
                samples, rate = read(np.asarray(contents, object).item())
            except DataLoss as error:
                raise InvalidArgument(error.message) from error
            frames, channels = (have if want == -1 else want for have, want in zip(samples.shape, wanted))
            # of more channels than there are the last is repeated; missing samples are silence
            which = np.minimum(np.arange(channels), samples.shape[1] - 1)
            out = np.zeros((frames, channels), np.float32)
            some = samples[:frames]
            out[:len(some)] = some[:, which]
            return [out, np.asarray(rate, np.uint32).astype(np.int32)]

        return run


@op
class EncodeWav:
    """Samples [samples, channels] in -1 to 1 as a WAV file of 16 bits (tf.audio.encode_wav)."""

    signature = "audio: float32, sample_rate: int32 -> contents: string"
    takes = "audio: [?, ?]; sample_rate: []"
    infer = scalar_shape
    gradient = undefined_gradient

    def kernel(n: Any) -> Any:
        def run(audio: Any, sample_rate: Any) -> Any:
            rate = int(sample_rate)
            if not rate > 0:
                raise InvalidArgument(f"sample_rate must be in (0, 2^32), got: {rate}")
            if not 0 < audio.shape[1] < 1 << 16:
                raise InvalidArgument(f"num_channels must be in (0, 2^16), got: {audio.shape[1]}")
            return as_tensor(joined(write(audio, rate)))

        return run

    def scratch(n: Any) -> Any:
        # the file, and the room that it grows into; before that its last piece
        samples = prod(n.shapes[0] or (0,))
        return max(9 * samples // 4, 2 * samples + 12 * min(samples, wav.PART))


def _bins(window: int) -> int:
    return 1 + (1 << max(0, window - 1).bit_length()) // 2


def _check_windows(window: int, stride: int) -> None:
    if window <= 1 or stride < 1:
        raise InvalidArgument(f"window_size must be above 1 and stride above 0, not {window} and {stride}")


@op
class AudioSpectrogram:
    """How strong each frequency is over time: magnitudes [channels, windows, bins] of Hann windows."""

    signature = "input: float32 -> spectrogram: float32"
    takes = "input: [?, ?]"
    attrs = "window_size: int; stride: int; magnitude_squared: bool = False"
    gradient = undefined_gradient

    def infer(n: Any, input: Any) -> Any:
        window, stride = n.attrs["window_size"], n.attrs["stride"]
        if stride < 1:
            n.fail(f"stride must be above 0, not {stride}")
        samples, channels = input or (None, None)
        windows = None if samples is None else max(0, 1 + (samples - window) // stride)
        return (channels, windows, _bins(window))

    def kernel(n: Any) -> Any:
        window, stride, squared = (n.attrs[k] for k in ("window_size", "stride", "magnitude_squared"))
        _check_windows(window, stride)
        taper = 0.5 - 0.5 * np.cos(2 * np.pi * np.arange(window) / window)
        bins = _bins(window)
        many = max(1, PART // (2 * bins))

        def run(samples: Any) -> Any:
            frames, channels = samples.shape
            out = np.zeros((channels, max(0, 1 + (frames - window) // stride), bins), np.float32)
            if out.size:
                cut = np.lib.stride_tricks.sliding_window_view(samples.T, window, axis=1)[:, ::stride]
                for sound, spectra in zip(cut, out):
                    for i in range(0, len(spectra), many):
                        found = np.fft.rfft(sound[i:i + many] * taper, 2 * bins - 2)
                        spectra[i:i + many] = found.real**2 + found.imag**2
            return out if squared else np.sqrt(out, out=out)

        return run

    def scratch(n: Any) -> Any:
        return 6 * 8 * PART


def _mel(hertz: Any) -> Any:
    return 1127.0 * np.log1p(hertz / 700.0)


def _bands(bins: int, rate: float, bands: int, low: float, high: float) -> Any:
    """What each bin of a spectrum gives to each band, [bins, bands]: triangles that are evenly spaced in mels."""
    ends = _mel(low), _mel(high)
    centers = ends[0] + (ends[1] - ends[0]) / (bands + 1) * np.arange(1, bands + 2)
    width = 0.5 * rate / (bins - 1)
    first, last = int(1.5 + low / width), int(high / width)
    weights = np.zeros((bins, bands))
    for i in range(first, min(last, bins - 1) + 1):
        mel = _mel(i * width)
        # the band whose center is the last below
        band = int(np.searchsorted(centers[:bands], mel)) - 1
        below = centers[band] if band >= 0 else ends[0]
        falling = (centers[band + 1] - mel) / (centers[band + 1] - below)
        if band >= 0:
            weights[i, band] += falling
        if band + 1 < bands:
            weights[i, band + 1] += 1 - falling
    return weights


@op
class Mfcc:
    """Of spectra [channels, windows, bins] the coefficients by which speech is told, [channels, windows, coefficients].
    """

    signature = "spectrogram: float32, sample_rate: int32 -> output: float32"
    takes = "spectrogram: [?, ?, ?]; sample_rate: []"
    attrs = ("upper_frequency_limit: float = 4000.0; lower_frequency_limit: float = 20.0; "
             "filterbank_channel_count: int = 40; dct_coefficient_count: int = 13")
    gradient = undefined_gradient

    def infer(n: Any, spectrogram: Any, sample_rate: Any) -> Any:
        return (*(spectrogram or (None,) * 3)[:2], n.attrs["dct_coefficient_count"])

    def kernel(n: Any) -> Any:
        high, low = n.attrs["upper_frequency_limit"], n.attrs["lower_frequency_limit"]
        bands, wanted = n.attrs["filterbank_channel_count"], n.attrs["dct_coefficient_count"]

        def run(spectrogram: Any, sample_rate: Any) -> Any:
            channels, windows, bins = spectrogram.shape
            rate = int(sample_rate)
            told = f"for channel count {bins}, sample rate {rate}, lower limit {low:g}, upper limit {high:g}"
            if bins < 2 or not rate > 0 or not 0 <= low < high or bands < 1 or not 1 <= wanted <= bands:
                raise InvalidArgument(f"Mfcc initialization failed {told}: there must be at least 2 bins, rates above "
                                      f"0, limits that rise from 0 and no more than {bands} coefficients")
            filters = _bands(bins, rate, bands, low, high)
            turns = np.cos(np.arange(wanted) * (np.pi / bands) * (np.arange(bands)[:, None] + 0.5))
            turns *= np.sqrt(2.0 / bands)
            out = np.empty((channels * windows, wanted), np.float32)
            rows = spectrogram.reshape(-1, bins)
            many = max(1, PART // bins)
            for i in range(0, len(rows), many):
                energies = np.sqrt(rows[i:i + many].astype(np.float64)) @ filters
                out[i:i + many] = np.log(np.maximum(energies, FLOOR)) @ turns
            return out.reshape(channels, windows, wanted)

        return run

    def scratch(n: Any) -> Any:
        return 4 * 8 * PART
