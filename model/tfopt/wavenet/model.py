"""A loaded WaveNet."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any, overload

import numpy as np
from numpy.typing import ArrayLike, NDArray

from tfopt import compute_types, model_directory, saved_model
from tfopt.compute_types import DEFAULT_COMPUTE_TYPE
from tfopt.features.recording import HearsRecordings
from tfopt.generation import backends, teacher_forcing
from tfopt.generation.arguments import (
    Array,
    Batch,
    expect_pieces,
    expect_progress,
    integer,
    is_list,
    signals,
)
from tfopt.generation.arguments import frames as checked_frames
from tfopt.generation.pieces import CHUNK, regrouped
from tfopt.generation.upsampling import Upsampling
from tfopt.wavenet import arguments, export
from tfopt.wavenet.arguments import Start
from tfopt.wavenet.backends import BACKENDS, Backend, State
from tfopt.wavenet.conditioning import NoRows, Rows, upsampled
from tfopt.wavenet.config import WavenetConfig
from tfopt.wavenet.generation import audio_parts
from tfopt.wavenet.utterances import generate_all


class Wavenet(HearsRecordings):
    """Raw audio from a WaveNet (van den Oord et al. 2016) on one backend. Made by `tfopt.wavenet.load`.

    Safe to use from several threads at a time.

    Attributes:
        config: The model's settings.
        backend: The name of the backend; or the backend, if a ready one was given.
        compute_type: What the products with its weights are computed in; of `"auto"` what that chose.
    """

    config: WavenetConfig

    def __init__(
        self,
        config: WavenetConfig,
        weights: model_directory.Weights,
        backend: str | Backend,
        threads: int | None = None,
        *,
        compute_type: str = DEFAULT_COMPUTE_TYPE,
    ) -> None:
        """Makes a model of arrays; `load` says what the arguments are and which errors are raised.

        Instead of a backend's name there may be a ready backend of the same config and weights; the compute
        type is then `"float32"`.
        """
        model_directory.check_weights(weights, config.shapes, "weights")
        self.config = config
        self.backend = backend
        self.compute_type = compute_types.chosen(compute_type, backend, config.quantization)
        self._weights = weights
        self._backend = backends.chosen(
            backend, BACKENDS, config, weights, threads, self.compute_type
        )
        self._upsampling = Upsampling(weights, config.upsample_factors, config.local_channels)

    @overload
    def generate(
        self,
        conditioning: list[NDArray[Any]] | tuple[NDArray[Any], ...],
        *,
        samples: None = ...,
        batch: int | None = ...,
        seed: int = ...,
        temperature: float = ...,
        prompt: None = ...,
        speaker: int | Sequence[int] | None = ...,
        streams: Sequence[int] | None = ...,
        progress: Callable[[int], None] | None = ...,
    ) -> list[Array]: ...

    @overload
    def generate(
        self,
        conditioning: ArrayLike | None = ...,
        *,
        samples: int | None = ...,
        batch: int | None = ...,
        seed: int = ...,
        temperature: float = ...,
        prompt: ArrayLike | None = ...,
        speaker: int | Sequence[int] | None = ...,
        streams: Sequence[int] | None = ...,
        progress: Callable[[int], None] | None = ...,
    ) -> Array: ...

    def generate(
        self,
        conditioning: ArrayLike | list[NDArray[Any]] | tuple[NDArray[Any], ...] | None = None,
        *,
        samples: int | None = None,
        batch: int | None = None,
        seed: int = 0,
        temperature: float = 1.0,
        prompt: ArrayLike | None = None,
        speaker: int | Sequence[int] | None = None,
        streams: Sequence[int] | None = None,
        progress: Callable[[int], None] | None = None,
    ) -> Array | list[Array]:
        """Generates audio.

        What is fed first is the prompt, or a sample of silence; then each sample is drawn from what the
        network says, and fed. Equal arguments give equal samples, whatever the number of threads and (but
        for near-ties, where rounding decides) the backend and the batch.

        Args:
            conditioning: With local conditioning, [batch, frames, local_channels], or [frames,
                local_channels] for one stream. Every sample that is fed has one row of it, `hop_length` rows
                a frame; so the audio has frames * hop_length samples, less one for every sample of the
                prompt behind its first. A list (or tuple) of arrays [frames, local_channels] may have them
                of different lengths; then there is neither `samples` nor a prompt, and `native` keeps its
                lanes busy: a stream begins when another has ended. Lists within lists are one array.
            samples: The length of the audio; needed without local conditioning, and with it at most as
                many as the conditioning is enough for.
            batch: The number of streams, where no other argument says it; 1 by default.
            seed: For the random numbers, from 0 to 2**64 - 1.
            temperature: Divides the logits of classes and components, and multiplies the scales of
                amplitudes. 0 takes the most likely class, or the mean of the most likely component.
            prompt: Audio to go on from, amplitudes in [-1, 1], [batch, samples], or [samples] for all
                streams. It is not part of the result.
            speaker: With global conditioning, the number of a speaker, or one for each stream.
            streams: For each stream the number that tells its random numbers from those of others; by
                default 0, 1, …
            progress: Called now and then with the number of samples done; of a list, of all streams together.

        Returns:
            Amplitudes in [-1, 1], float32 [batch, samples]; of a list a list of [samples].

        Raises:
            ValueError: An argument is not as said above; the message names it.
        """
        claims, start = self._start(batch, seed, temperature, prompt, speaker, streams)
        expect_progress(progress)
        if is_list(conditioning):
            for name, value in {"samples": samples, "prompt": prompt}.items():
                if value is not None:
                    raise ValueError(f"{name}: expected None with a list of conditioning")
            ended = self._utterances(claims, start, conditioning, progress)
            return [audio for _, audio in sorted(ended, key=lambda of: of[0])]
        chunks = self._chunks(claims, None if conditioning is None else [conditioning])
        frames = list(chunks)
        if frames:
            samples = self._length(samples, frames[0].shape[1], start)
        elif samples is None:
            raise ValueError("samples: expected the length of the audio, got None")
        length = integer("samples", samples, 0)
        result = np.empty([claims.size, length], np.float32)
        done = 0
        for part in self._parts(claims, start, iter(frames), length, CHUNK):
            result[:, done : done + part.shape[1]] = part
            done += part.shape[1]
            if progress is not None:
                progress(done)
        return result

    def stream(
        self,
        conditioning_chunks: Iterable[ArrayLike] | None = None,
        *,
        samples: int | None = None,
        chunk: int | None = None,
        batch: int | None = None,
        seed: int = 0,
        temperature: float = 1.0,
        prompt: ArrayLike | None = None,
        speaker: int | Sequence[int] | None = None,
        streams: Sequence[int] | None = None,
    ) -> Iterator[Array]:
        """Generates audio piece by piece: the samples of `generate`, to the last bit.

        Args:
            conditioning_chunks: Conditioning in pieces of any number of frames, taken when they are needed.
                A frame's audio comes when those frames are there that the upsampling network looks ahead
                at: one of its own at each stage.
            samples: The length of the audio. By default as long as the conditioning lasts, and without local
                conditioning as long as the caller goes on.
            chunk: Samples in each piece but the last. By default pieces are as long as the conditioning
                there is allows, and at most 4096 samples.
            batch: As of `generate`, and so are those that follow.
            seed: For the random numbers.
            temperature: Of the distribution.
            prompt: Audio to go on from.
            speaker: The number of a speaker.
            streams: The number of each stream.

        Returns:
            An iterator over amplitudes in [-1, 1], float32 [batch, time].

        Raises:
            ValueError: An argument is not as said; a piece of conditioning is not, when it is taken.
        """
        claims, start = self._start(batch, seed, temperature, prompt, speaker, streams)
        length = None if samples is None else integer("samples", samples, 0)
        size = CHUNK if chunk is None else integer("chunk", chunk, 1)
        if conditioning_chunks is not None:
            expect_pieces("conditioning_chunks", conditioning_chunks)
        frames = self._chunks(claims, conditioning_chunks)
        parts = self._parts(claims, start, frames, length, min(size, CHUNK))
        return parts if chunk is None else regrouped(parts, size)

    def utterances(
        self,
        conditioning: ArrayLike | list[NDArray[Any]] | tuple[NDArray[Any], ...],
        *,
        seed: int = 0,
        temperature: float = 1.0,
        speaker: int | Sequence[int] | None = None,
        streams: Sequence[int] | None = None,
        progress: Callable[[int], None] | None = None,
    ) -> Iterator[tuple[int, Array]]:
        """Generates audio, and gives each stream's as soon as it is complete.

        Args:
            conditioning: As of `generate`, and so are those that follow.
            seed: For the random numbers.
            temperature: Of the distribution.
            speaker: The number of a speaker.
            streams: The number of each stream.
            progress: Called with the number of samples done.

        Returns:
            An iterator over (place in the batch or list, amplitudes [time]), which are those of `generate`.

        Raises:
            ValueError: An argument is not as said; the message names it.
        """
        claims, start = self._start(None, seed, temperature, None, speaker, streams)
        expect_progress(progress)
        return self._utterances(claims, start, conditioning, progress)

    def _utterances(
        self,
        claims: Batch,
        start: Start,
        conditioning: Any,
        progress: Callable[[int], None] | None,
    ) -> Iterator[tuple[int, Array]]:
        self._expect_conditioning(conditioning)
        given = signals("conditioning", claims, conditioning, self.config.local_channels)
        of = self.config, self._upsampling, self._backend
        return generate_all(*of, start, given, progress)

    def logits(
        self,
        samples: ArrayLike,
        conditioning: ArrayLike | None = None,
        speaker: int | Sequence[int] | None = None,
    ) -> Array:
        """Teacher-forced outputs, for scoring and for comparing implementations.

        Args:
            samples: What is fed, [batch, time] or [time]: integer class numbers if the output is categorical,
                else amplitudes.
            conditioning: As of `generate`, with at least as many rows as there are samples.
            speaker: As of `generate`.

        Returns:
            float32 [batch, time, outputs]. Row t is the output after `samples[:, t]` was fed, from the zero
            state; `WavenetConfig.outputs` says what it holds.

        Raises:
            ValueError: An argument is not as said above; the message names it.
        """
        claims = Batch()
        fed = arguments.fed_samples(self.config, claims, samples)
        embedding = arguments.speaker_rows(self.config, self._weights, claims, speaker)
        frames = list(self._chunks(claims, None if conditioning is None else [conditioning]))
        time = fed.shape[1]
        if frames and frames[0].shape[1] * self.config.hop_length < time:
            wanted = f"at least {time} rows (frames of {self.config.hop_length})"
            raise ValueError(f"conditioning: expected {wanted}, got {frames[0].shape[1]} frames")
        embedding = np.repeat(embedding, claims.size // len(embedding), axis=0)
        rows = self._rows(claims, iter(frames))

        def logits(state: State, begin: int, piece: Array) -> tuple[Array, State]:
            now = slice(begin, begin + piece.shape[1])
            return self._backend.logits(state, fed[:, now], piece, embedding)

        shape = claims.size, time, self.config.outputs
        start = self._backend.start(claims.size)
        return teacher_forcing.outputs(shape, start, rows.take, logits)

    def export(self, directory: str | os.PathLike[str], *, replace: bool = False) -> None:
        """Writes a SavedModel that needs no tfopt (see `tfopt.wavenet.export`).

        Args:
            directory: Where to write it; complete under a temporary name first, then renamed.
            replace: Replace `directory` if it exists.

        Raises:
            ValueError: `directory` exists and `replace` is false, or it is not a SavedModel.
        """
        function = export.function(self.config, self._weights)
        saved_model.write(function, "generate", directory, replace=replace)

    def _start(
        self,
        batch: Any,
        seed: Any,
        temperature: Any,
        prompt: Any,
        speaker: Any,
        streams: Any,
    ) -> tuple[Batch, Start]:
        claims = Batch()
        if batch is not None:
            claims.claim("batch", integer("batch", batch, 1))
        start = arguments.start(
            self.config,
            self._weights,
            claims,
            seed=seed,
            temperature=temperature,
            prompt=prompt,
            speaker=speaker,
            streams=streams,
        )
        return claims, start

    def _chunks(self, claims: Batch, conditioning: Any) -> Iterator[Array]:
        """The pieces of conditioning, checked when they are taken; none without local conditioning."""
        self._expect_conditioning(conditioning)
        channels = self.config.local_channels
        return (
            checked_frames("conditioning", claims, piece, channels) for piece in conditioning or ()
        )

    def _expect_conditioning(self, conditioning: Any) -> None:
        """Conditioning is there if the model has any, and else not."""
        channels = self.config.local_channels
        if (conditioning is None) == bool(channels):
            wanted = f"[batch, frames, {channels}]" if channels else "None, as the model has none"
            given = "None" if conditioning is None else type(conditioning).__name__
            raise ValueError(f"conditioning: expected {wanted}, got {given}")

    def _length(self, samples: Any, frames: int, start: Start) -> int:
        """The length of the audio that so many frames are enough for, or less if less is asked for."""
        prompt = start.fed.shape[1]
        most = frames * self.config.hop_length - (prompt - 1)
        if most < 0:
            raise ValueError(
                f"conditioning: expected a row for each of the {prompt} samples of the prompt, "
                f"got {frames} frames of {self.config.hop_length}"
            )
        length = most if samples is None else integer("samples", samples, 0)
        if length > most:
            raise ValueError(
                f"samples: expected at most the {most} that the conditioning is enough for, "
                f"got {length}"
            )
        return length

    def _parts(
        self, claims: Batch, start: Start, frames: Iterator[Array], length: int | None, most: int
    ) -> Iterator[Array]:
        rows = self._rows(claims, frames)  # takes the first piece, which says the number of streams
        yield from audio_parts(self.config, self._backend, claims.size, start, rows, length, most)

    def _rows(self, claims: Batch, frames: Iterator[Array]) -> Rows:
        if self.config.local_channels:
            return upsampled(self._upsampling, frames)
        return NoRows(claims.size)
