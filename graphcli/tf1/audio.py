"""Sound: WAV files, spectra and the coefficients of speech (tf.audio, tf.contrib.framework's audio_ops)."""
from __future__ import annotations

from .calls import raw

EXPORTS = """
audio contrib.framework.audio_ops: decode_wav encode_wav
contrib.framework.audio_ops: audio_spectrogram mfcc
"""

decode_wav = raw("DecodeWav", "decode_wav")
encode_wav = raw("EncodeWav", "encode_wav")
audio_spectrogram = raw("AudioSpectrogram", "audio_spectrogram")
mfcc = raw("Mfcc", "mfcc")
