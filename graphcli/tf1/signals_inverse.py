"""Signals back from their spectra, and the features of speech that are made of spectra (tf.signal.inverse_stft)."""
from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ..errors import InvalidValue
from ..graph.constant import static_value
from ..graph.types import as_dtype, float32
from .conversion import convert_to_tensor
from .framework import name_scope
from .modules import modules
from .signals import fft_length_of, frame, hann_window, overlap_and_add

EXPORTS = """
signal contrib.signal: inverse_stft inverse_stft_window_fn linear_to_mel_weight_matrix
signal contrib.signal: mfccs_from_log_mel_spectrograms
"""

tf = modules["tf"]


def inverse_stft_window_fn(frame_step: Any, forward_window_fn: Callable[..., Any] = hann_window,
                           name: str | None = None) -> Callable[..., Any]:
    """The window with which ``inverse_stft`` gives back what ``stft`` was given (tf.signal.inverse_stft_window_fn)."""
    def inverse(frame_length: Any, dtype: Any) -> Any:
        with name_scope(name, "inverse_stft_window_fn", [forward_window_fn]):
            step = convert_to_tensor(frame_step, name="frame_step")
            length = convert_to_tensor(frame_length, name="frame_length")
            window = forward_window_fn(length, dtype=dtype)
            power = tf.square(window)
            overlaps = -(-length // step)
            power = tf.pad(power, [(0, overlaps * step - length)])
            power = tf.reduce_sum(tf.reshape(power, [overlaps, step]), 0, keepdims=True)
            power = tf.reshape(tf.tile(power, [overlaps, 1]), [overlaps * step])
            power = power[:length]
            return tf.where(tf.equal(power, 0.0), tf.zeros_like(window), window / power)

    return inverse


def inverse_stft(stfts: Any, frame_length: Any, frame_step: Any, fft_length: Any = None,
                 window_fn: Callable[..., Any] | None = hann_window, name: str | None = None) -> Any:
    """Spectra […, frames, fft_length // 2 + 1] as a signal […, samples] (tf.signal.inverse_stft).

    Raises InvalidValue where the rank is below 2, or where neither fft_length nor frame_length is known.
    """
    with name_scope(name, "inverse_stft", [stfts]):
        stfts = convert_to_tensor(stfts, name="stfts")
        if stfts.static is not None and len(stfts.static) < 2:
            raise InvalidValue(f"spectra have at least rank 2, not {len(stfts.static)}")
        length = convert_to_tensor(frame_length, name="frame_length")
        step = convert_to_tensor(frame_step, name="frame_step")
        frames = tf.signal.irfft(stfts, [fft_length_of(length, fft_length)])
        known, size = static_value(length), frames.get_shape()[-1].value
        if known is None or size is None:
            frames = frames[..., :length]
            rank, shape = tf.rank(frames), tf.shape(frames)
            outer = tf.zeros([rank - 1, 2], "int32")
            frames = tf.pad(frames, tf.concat([outer, [[0, tf.maximum(0, length - shape[-1])]]], 0))
        elif size > known:
            frames = frames[..., :known]
        elif size < known:
            frames = tf.pad(frames, [[0, 0]] * (frames.get_shape().ndims - 1) + [[0, int(known) - size]])
        if window_fn is not None:
            frames *= window_fn(length, dtype=stfts.dtype.real_dtype)
        return overlap_and_add(frames, step)


def _hertz_to_mel(frequencies: Any) -> Any:
    with name_scope(None, "hertz_to_mel", [frequencies]):
        return 1127.0 * tf.log(1.0 + frequencies / 700.0)


def linear_to_mel_weight_matrix(num_mel_bins: int = 20, num_spectrogram_bins: int = 129, sample_rate: Any = 8000,
                                lower_edge_hertz: float = 125.0, upper_edge_hertz: float = 3800.0,
                                dtype: Any = float32, name: str | None = None) -> Any:
    """[num_spectrogram_bins, num_mel_bins]: triangles that are as wide on the mel scale
    (tf.signal.linear_to_mel_weight_matrix).

    Raises InvalidValue for bins, rates and edges that do not fit each other.
    """
    with name_scope(name, "linear_to_mel_weight_matrix") as scope:
        dtype = as_dtype(dtype)
        rate = static_value(sample_rate) if hasattr(sample_rate, "op") else sample_rate
        if num_mel_bins <= 0:
            raise InvalidValue(f"num_mel_bins must be positive, and is {num_mel_bins}")
        if lower_edge_hertz < 0.0:
            raise InvalidValue(f"lower_edge_hertz must not be negative, and is {lower_edge_hertz}")
        if lower_edge_hertz >= upper_edge_hertz:
            raise InvalidValue(f"lower_edge_hertz {lower_edge_hertz} must be below upper_edge_hertz {upper_edge_hertz}")
        if rate is not None and (rate <= 0.0 or upper_edge_hertz > rate / 2):
            raise InvalidValue(f"upper_edge_hertz {upper_edge_hertz} must be at most half of the sample_rate {rate}, "
                               "which must be positive")
        if not dtype.is_floating:
            raise InvalidValue(f"dtype must be of real numbers, and is {dtype.name}")
        samples = tf.cast(sample_rate, dtype, name="sample_rate")
        lower = convert_to_tensor(lower_edge_hertz, dtype, name="lower_edge_hertz")
        upper = convert_to_tensor(upper_edge_hertz, dtype, name="upper_edge_hertz")
        zero = convert_to_tensor(0.0, dtype)
        # the band of frequency 0 belongs to no triangle
        bands = tf.linspace(zero, samples / 2.0, num_spectrogram_bins)[1:]
        bands = tf.expand_dims(_hertz_to_mel(bands), 1)
        edges = frame(tf.linspace(_hertz_to_mel(lower), _hertz_to_mel(upper), num_mel_bins + 2), 3, 1)
        left, center, right = [tf.reshape(t, [1, num_mel_bins]) for t in tf.split(edges, 3, axis=1)]
        rising = (bands - left) / (center - left)
        falling = (right - bands) / (right - center)
        weights = tf.maximum(zero, tf.minimum(rising, falling))
        return tf.pad(weights, [[1, 0], [0, 0]], name=scope)


def mfccs_from_log_mel_spectrograms(log_mel_spectrograms: Any, name: str | None = None) -> Any:
    """Cepstral coefficients of log spectra on the mel scale […, bins] (tf.signal.mfccs_from_log_mel_spectrograms).

    Raises InvalidValue where the last size is 0.
    """
    with name_scope(name, "mfccs_from_log_mel_spectrograms", [log_mel_spectrograms]):
        spectra = convert_to_tensor(log_mel_spectrograms)
        bins = None
        if spectra.static is not None and spectra.static[-1] is not None:
            bins = spectra.static[-1]
            if bins == 0:
                raise InvalidValue("num_mel_bins must be positive, and is 0")
        else:
            bins = tf.shape(spectra)[-1]
        return tf.signal.dct(spectra, type=2) * tf.rsqrt(tf.cast(bins, spectra.dtype) * 2.0)
