"""A loaded WaveRNN."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any, overload

import numpy as np
from numpy.typing import ArrayLike, NDArray

from tfopt import compute_types, model_directory, saved_model
from tfopt.compute_types import DEFAULT_COMPUTE_TYPE
from tfopt.features.recording import HearsRecordings
from tfopt.generation import arguments as common
from tfopt.generation import backends, teacher_forcing
from tfopt.generation.arguments import Array, Batch
from tfopt.generation.pieces import CHUNK, regrouped
from tfopt.generation.window import Part
from tfopt.wavernn import arguments, export, folding
from tfopt.wavernn.backends import BACKENDS, Backend, Conditioning, State, mel_resnet
from tfopt.wavernn.conditioning import arriving, upsampled
from tfopt.wavernn.config import WavernnConfig
from tfopt.wavernn.folded import fold as fold_weights
from tfopt.wavernn.folding import Fold
from tfopt.wavernn.generation import Generation, Track, generate_all
from tfopt.wavernn.upsampling import UpsamplingNetwork


class Wavernn(HearsRecordings):
    """Raw audio of mel spectrograms from a WaveRNN on one backend. Made by `tfopt.wavernn.load`.

    The model is Kalchbrenner et al.'s (2018) with the network that fatchord/WaveRNN put around it. Safe to
    use from several threads at a time.

    Attributes:
        config: The model's settings.
        backend: The name of the backend; or the backend, if a ready one was given.
        compute_type: What the products with its weights are computed in; of `"auto"` what that chose.
    """

    config: WavernnConfig

    def __init__(
        self,
        config: WavernnConfig,
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
        fold_weights(config, weights)  # one error for all backends, of which some fold nothing
        self.config = config
        self.backend = backend
        self.compute_type = compute_types.chosen(compute_type, backend, config.quantization)
        self._weights = weights
        self._backend = backends.chosen(
            backend, BACKENDS, config, weights, threads, self.compute_type
        )
        self._upsampling = UpsamplingNetwork(
            config, weights, mel_resnet(self._backend, config, weights)
        )

    @property
    def look_ahead(self) -> int:
        """Frames that have to come behind a frame before `stream` gives its audio."""
        return self._upsampling.look_ahead

    @overload
    def generate(
        self,
        mel: list[NDArray[Any]] | tuple[NDArray[Any], ...],
        *,
        seed: int = ...,
        temperature: float = ...,
        streams: Sequence[int] | None = ...,
        fold: tuple[int, int] | None = ...,
        progress: Callable[[int], None] | None = ...,
    ) -> list[Array]: ...

    @overload
    def generate(
        self,
        mel: ArrayLike,
        *,
        seed: int = ...,
        temperature: float = ...,
        streams: Sequence[int] | None = ...,
        fold: tuple[int, int] | None = ...,
        progress: Callable[[int], None] | None = ...,
    ) -> Array: ...

    def generate(
        self,
        mel: ArrayLike | list[NDArray[Any]] | tuple[NDArray[Any], ...],
        *,
        seed: int = 0,
        temperature: float = 1.0,
        streams: Sequence[int] | None = None,
        fold: tuple[int, int] | None = None,
        progress: Callable[[int], None] | None = None,
    ) -> Array | list[Array]:
        """Generates the audio of mel spectrograms.

        Equal arguments give equal samples, whatever the number of threads and (but for near-ties, where
        rounding decides) the backend. On `"native"` a stream of a batch has exactly the samples that it has
        alone, under the same number; on other backends so but for near-ties.

        Args:
            mel: A batch, [batch, frames, mel_channels]; one spectrogram, [frames, mel_channels]; or a list
                (or tuple) of arrays [frames, mel_channels], of different lengths if need be. Lists within
                lists are one array.
            seed: For the random numbers, from 0 to 2**64 - 1.
            temperature: Divides the logits of classes and components, and multiplies the scales of
                amplitudes. 0 takes the most likely class, or the mean of the most likely component.
            streams: For each stream the number that tells its random numbers from those of others; by
                default 0, 1, …
            fold: (target, overlap) in samples: each utterance is cut into pieces of target + 2 * overlap
                samples that overlap, which are generated side by side and cross-faded. 1 <= target, and
                0 <= overlap <= target; the target is rounded up so that pieces begin with a frame. Sounds
                other than the whole does; see `docs/wavernn.md` for what it costs.
            progress: Called now and then with the number of samples done, of all streams together.

        Returns:
            Amplitudes in [-1, 1], float32 [batch, frames * hop_length]; of a list a list of [time].

        Raises:
            ValueError: An argument is not as said above; the message names it.
        """
        ended = self.utterances(
            mel,
            seed=seed,
            temperature=temperature,
            streams=streams,
            fold=fold,
            progress=progress,
        )
        audio = [audio for _, audio in sorted(ended, key=lambda of: of[0])]
        return audio if common.is_list(mel) else np.stack(audio)

    def utterances(
        self,
        mel: ArrayLike | list[NDArray[Any]] | tuple[NDArray[Any], ...],
        *,
        seed: int = 0,
        temperature: float = 1.0,
        streams: Sequence[int] | None = None,
        fold: tuple[int, int] | None = None,
        progress: Callable[[int], None] | None = None,
    ) -> Iterator[tuple[int, Array]]:
        """Generates audio, and gives each stream's as soon as it is complete.

        Args:
            mel: As of `generate`, and so are those that follow.
            seed: For the random numbers.
            temperature: Of the distribution.
            streams: The number of each stream.
            fold: Cuts utterances into pieces.
            progress: Called with the number of samples done.

        Returns:
            An iterator over (place in the batch or list, amplitudes [time]), which are those of `generate`.

        Raises:
            ValueError: An argument is not as said; the message names it.
        """
        claims = Batch()
        seed, temperature = common.seed(seed), common.temperature(temperature)
        given = common.streams(claims, streams)
        signals = common.signals("mel", claims, mel, self.config.mel_channels)
        common.expect_progress(progress)
        folded = None if fold is None else folding.checked(fold, self.config.hop_length)
        numbers = range(claims.size) if given is None else given
        return self._ended(signals, numbers, folded, seed, temperature, progress)

    def stream(
        self,
        mel_chunks: Iterable[ArrayLike],
        *,
        chunk: int | None = None,
        seed: int = 0,
        temperature: float = 1.0,
        streams: Sequence[int] | None = None,
    ) -> Iterator[Array]:
        """Generates audio piece by piece: the samples of `generate`, to the last bit.

        Args:
            mel_chunks: The spectrogram in pieces of any number of frames, [batch, frames, mel_channels] or
                [frames, mel_channels], taken when they are needed. A frame's audio comes when `look_ahead`
                frames behind it are there, or the end.
            chunk: Samples in each piece but the last. By default pieces are as long as the frames there are
                allow, and at most 4096 samples.
            seed: As of `generate`, and so are those that follow.
            temperature: Of the distribution.
            streams: The number of each stream.

        Returns:
            An iterator over amplitudes in [-1, 1], float32 [batch, time].

        Raises:
            ValueError: An argument is not as said; a piece of the spectrogram is not, when it is taken.
        """
        claims = Batch()
        seed, temperature = common.seed(seed), common.temperature(temperature)
        numbers = common.streams(claims, streams)
        size = CHUNK if chunk is None else common.integer("chunk", chunk, 1)
        common.expect_pieces("mel_chunks", mel_chunks)
        channels = self.config.mel_channels
        pieces = (common.frames("mel", claims, piece, channels) for piece in mel_chunks)

        def parts() -> Iterator[Array]:
            # Takes the first piece, which says the number of streams.
            rows = upsampled(self._upsampling, arriving(pieces, self.config.pad))
            streams = [(number, 0) for number in numbers or range(claims.size)]
            generation = Generation(self.config, self._backend, seed, temperature, streams)
            while (conditioning := rows.take(min(size, CHUNK))) is not None:
                yield generation.advance(conditioning)

        return parts() if chunk is None else regrouped(parts(), size)

    def logits(self, fed: ArrayLike, mel: ArrayLike, targets: ArrayLike | None = None) -> Array:
        """Teacher-forced outputs, for scoring and for comparing implementations.

        Args:
            fed: What is fed at each step, numbers in [-1, 1], [batch, time] or [time]; with a split output
                [batch, time, 2] or [time, 2]. `tfopt.wavernn.samples.feedback` makes it of samples.
            mel: As of `generate`, but no list; frames for at least as many samples.
            targets: With a split output, the classes that are to follow, [batch, time] or [time]: the fine
                logits of row t are those given the coarse class of `targets[:, t]`. Else None.

        Returns:
            float32 [batch, time, outputs]. Row t is the output after `fed[:, t]` was fed, from the zero
            state; `WavernnConfig.outputs` says what it holds.

        Raises:
            ValueError: An argument is not as said above; the message names it.
        """
        config, claims = self.config, Batch()
        rows = arguments.fed(config, claims, fed)
        batch, time = rows.shape[:2]
        classes = arguments.targets(config, claims, targets, time)
        frames = common.frames("mel", claims, mel, config.mel_channels)
        if frames.shape[1] * config.hop_length < time:
            wanted = f"frames of {config.hop_length} samples for at least {time} samples"
            raise ValueError(f"mel: expected {wanted}, got {frames.shape[1]} frames")
        conditioning = upsampled(self._upsampling, arriving(iter([frames]), config.pad))

        def logits(state: State, begin: int, piece: Conditioning) -> tuple[Array, State]:
            now = slice(begin, begin + piece.mels.shape[1])
            following = None if classes is None else classes[:, now]
            return self._backend.logits(state, rows[:, now], following, piece)

        shape, start = (batch, time, config.outputs), self._backend.start(batch)
        return teacher_forcing.outputs(shape, start, conditioning.take, logits)

    def export(self, directory: str | os.PathLike[str], *, replace: bool = False) -> None:
        """Writes a SavedModel that needs no tfopt (see `tfopt.wavernn.export`).

        Args:
            directory: Where to write it; complete under a temporary name first, then renamed.
            replace: Replace `directory` if it exists.

        Raises:
            ValueError: `directory` exists and `replace` is false, or it is not a SavedModel.
        """
        function = export.function(self.config, self._weights)
        saved_model.write(function, "generate", directory, replace=replace)

    def _ended(
        self,
        utterances: Sequence[Array],
        numbers: Sequence[int],
        fold: Fold | None,
        seed: int,
        temperature: float,
        progress: Callable[[int], None] | None,
    ) -> Iterator[tuple[int, Array]]:
        """The audio of each utterance when it is complete; all their pieces are generated side by side."""
        hop, pad = self.config.hop_length, self.config.pad
        times = [len(frames) * hop for frames in utterances]
        cuts = [folding.whole(time) if fold is None else fold.pieces(time) for time in times]
        tracks = []
        for frames, number, cut in zip(utterances, numbers, cuts, strict=True):
            padded = np.pad(frames, ((pad, pad), (0, 0)))
            for piece in cut:
                tracks.append(Track(Part(padded, piece.begin // hop), number, piece))
        owners = [n for n, cut in enumerate(cuts) for _ in cut]
        firsts = [owners.index(n) for n in range(len(cuts))]
        parts: dict[int, Array] = {}
        missing = [len(cut) for cut in cuts]
        model = self.config, self._upsampling, self._backend
        for i, audio in generate_all(*model, seed, temperature, tracks, progress):
            parts[i], owner = audio, owners[i]
            missing[owner] -= 1
            if not missing[owner]:
                pieces = [parts.pop(firsts[owner] + k) for k in range(len(cuts[owner]))]
                yield owner, pieces[0] if fold is None else fold.join(pieces)
