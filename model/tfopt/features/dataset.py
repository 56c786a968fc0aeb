"""Mel spectrograms of audio files as a `tf.data` pipeline: decoded, resampled and transformed in the graph.

Decoding and resampling are tensorflow-io's (`pip install 'tfopt[io]'`). Its own mel scale has no
normalisation and its spectrogram no padding at the start, so those are made of `tf.signal`, in float64 as in
`tfopt.features.mel`. The features are the same: to float32's rounding for files at the model's rate;
docs/vocode.md says what tensorflow-io's resampler changes.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import Any

import numpy as np
import tensorflow as tf

from tfopt.features.filterbank import filterbank
from tfopt.features.mel import hann_window
from tfopt.features.settings import MelSettings

_HEADER = 36  # bytes that are read of a file before it is decoded
_FLOAT = 3  # the format tag of a WAV file
# What decoders are there for: a file's bits a sample, and the type that it becomes.
_BITS = {16: tf.int16, 24: tf.int32}
_TAPS = 64  # of Speex's filter at the quality (4) that tensorflow-io takes


def mel_dataset(
    paths: Sequence[str | os.PathLike[str]], settings: MelSettings, sample_rate: int
) -> Any:
    """Makes a dataset of mel spectrograms.

    Args:
        paths: WAV files (16 or 24 bits, or float32) and FLAC files (16 or 24 bits), of any rate; of
            several channels the mean is taken.
        settings: Of the spectrograms.
        sample_rate: The model's, in Hz.

    Returns:
        A `tf.data.Dataset` of pairs, in the order of the paths: the path, a string, and its mel spectrogram,
        float32 [frames, bands]. Its iterator raises `tf.errors.InvalidArgumentError` for a file of another
        format, or a damaged one.

    Raises:
        ValueError: The settings do not fit the rate.
        ImportError: There is no tensorflow-io that fits this TensorFlow.
    """
    settings.check_fit(sample_rate, settings.hop_length, settings.bands)
    tfio = _tensorflow_io()

    def features(path: Any) -> tuple[Any, Any]:
        audio, rate = _decode(tfio, path, tf.io.read_file(path))
        resampled = tf.cond(
            tf.equal(rate, sample_rate),
            lambda: audio,
            lambda: _resampled(tfio, audio, rate, sample_rate),
        )
        return path, _mel(resampled, settings, sample_rate)

    # The type is said for an empty list, which would else become numbers.
    names = tf.constant([os.fspath(path) for path in paths], tf.string)
    files = tf.data.Dataset.from_tensor_slices(names)
    return files.map(features, num_parallel_calls=tf.data.AUTOTUNE)


def _tensorflow_io() -> Any:
    try:
        import tensorflow_io as tfio

        # Where the two do not fit together, the import succeeds and the first op fails.
        tfio.audio.resample(tf.zeros([4, 1]), 2, 1)
    except (ImportError, NotImplementedError, AttributeError) as error:
        raise ImportError(
            "the pipeline needs tensorflow-io and a TensorFlow that it fits: 0.35.0 fits 2.14, "
            f"0.37.1 fits 2.16; this is TensorFlow {tf.__version__} ({error})"
        ) from error
    return tfio


def _decode(tfio: Any, path: Any, contents: Any) -> tuple[Any, Any]:
    """Amplitudes, float32 [samples], and their rate, int64."""
    magic = tf.strings.substr(contents, 0, 4)
    is_wav, is_flac = tf.equal(magic, b"RIFF"), tf.equal(magic, b"fLaC")
    whole = tf.strings.length(contents) >= _HEADER
    good = (is_wav | is_flac) & whole
    with tf.control_dependencies([_expect(good, path, "expected WAV or FLAC")]):
        audio, rate = tf.cond(
            is_wav,
            lambda: _decode_wav(tfio, path, contents),
            lambda: _decode_flac(tfio, path, contents),
        )
    with tf.control_dependencies([_expect(tf.size(audio) > 0, path, "expected samples")]):
        return tf.identity(audio), rate


def _decode_wav(tfio: Any, path: Any, contents: Any) -> tuple[Any, Any]:
    # The decoder looks for one more chunk behind a padded last one, and fails where the file ends.
    contents = tf.strings.join([contents, b"\0" * 8])
    # The chunk `fmt ` begins with the format's tag, the channels and the rate.
    first = _expect(
        tf.equal(tf.strings.substr(contents, 12, 4), b"fmt "), path, "expected WAV with fmt first"
    )
    with tf.control_dependencies([first]):
        tag, rate = _integer(contents, 20, 2), _integer(contents, 24, 4)
    bits = _integer(contents, 34, 2)
    decoders = {
        one: lambda kind=kind: _amplitudes(tfio.audio.decode_wav(contents, dtype=kind))
        for one, kind in _BITS.items()
    }
    audio = tf.cond(
        tf.equal(tag, _FLOAT) & tf.equal(bits, 32),
        lambda: _amplitudes(tfio.audio.decode_wav(contents, dtype=tf.float32)),
        lambda: _decode_bits(path, bits, decoders),
    )
    return audio, rate


def _decode_flac(tfio: Any, path: Any, contents: Any) -> tuple[Any, Any]:
    # 20 bits of the rate, 3 of the channels, less 1; 5 of the bits a sample, less 1; 4 of the length.
    head = _integer(contents, 18, 4, big_endian=True)
    rate, bits = head // 2**12, head // 2**4 % 2**5 + 1
    decoders = {
        one: lambda kind=kind: _amplitudes(tfio.audio.decode_flac(contents, dtype=kind))
        for one, kind in _BITS.items()
    }
    return _decode_bits(path, bits, decoders), rate


def _decode_bits(path: Any, bits: Any, decoders: dict[int, Any]) -> Any:
    """What the decoder for this many bits a sample gives."""
    known = list(decoders)
    index = tf.argmax(tf.cast(tf.equal(bits, tf.constant(known, tf.int64)), tf.int32))
    good = tf.reduce_any(tf.equal(bits, tf.constant(known, tf.int64)))
    with tf.control_dependencies([_expect(good, path, f"expected samples of {known} bits")]):
        return tf.switch_case(tf.cast(index, tf.int32), list(decoders.values()))


def _amplitudes(samples: Any) -> Any:
    """[samples, channels] of any type as float32 [samples]."""
    scale = 1.0 if samples.dtype == tf.float32 else -1.0 / samples.dtype.min
    return tf.reduce_mean(tf.cast(samples, tf.float32), axis=1) * scale


def _integer(contents: Any, start: int, count: int, *, big_endian: bool = False) -> Any:
    data = tf.io.decode_raw(tf.strings.substr(contents, start, count), tf.uint8)
    places = [256**place for place in range(count)]
    weights = tf.constant(places[::-1] if big_endian else places, tf.int64)
    return tf.reduce_sum(tf.cast(data, tf.int64) * weights)


def _expect(good: Any, path: Any, expected: str) -> Any:
    return tf.debugging.Assert(good, [tf.strings.join([path, f": {expected}"])])


def _resampled(tfio: Any, audio: Any, given: Any, rate: int) -> Any:
    """At another rate, and not later: tensorflow-io leaves the delay of Speex's filter in the audio."""
    taps = tf.maximum(_TAPS * given // rate, _TAPS)  # of a lower rate the filter is as much longer
    delay = (taps + 7) // 8 * 8 // 2  # samples at the given rate
    padded = tf.pad(audio, [[0, delay]])
    resampled = tfio.audio.resample(padded[:, tf.newaxis], given, rate)[:, 0]
    start = (2 * delay * rate + given) // (2 * given)  # rounded
    length = -(-tf.size(audio, tf.int64) * rate // given)
    return resampled[start : start + length]


def _mel(audio: Any, settings: MelSettings, sample_rate: int) -> Any:
    """As `tfopt.features.mel_spectrogram`."""
    frames = tf.signal.frame(_padded(audio, settings), settings.fft_size, settings.hop_length)
    spectrum = tf.abs(tf.signal.rfft(frames * hann_window(settings)))
    if settings.spectrum == "power":
        spectrum = spectrum**2
    bands = tf.maximum(spectrum @ filterbank(settings, sample_rate), settings.floor)
    level = tf.math.log(bands)
    if settings.log != "ln":
        level /= np.log(10)
    if settings.log == "db":
        level *= 20 if settings.spectrum == "magnitude" else 10
    if settings.min_level_db is not None:
        level = tf.clip_by_value(1 - level / settings.min_level_db, 0, 1)
    mel = tf.cast(level, tf.float32)
    mel.set_shape([None, settings.bands])
    return mel


def _padded(audio: Any, settings: MelSettings) -> Any:
    """With half a transform more on each side, float64; reflected as often as short audio needs it."""
    half, count = settings.fft_size // 2, tf.size(audio)
    samples = tf.cast(audio, tf.float64)
    if settings.padding == "zeros":
        return tf.pad(samples, [[half, half]])
    period = tf.maximum(2 * (count - 1), 1)
    place = tf.math.floormod(tf.range(-half, count + half), period)
    return tf.gather(samples, tf.minimum(place, period - place))
