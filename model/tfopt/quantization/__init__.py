"""Static calibration of a model's 8-bit inputs, and what each compute type costs in quality.

    from pathlib import Path
    from tfopt.quantization import quantize

    result = quantize("./my-model", [Path("recordings")], Path("my-model-quantized"))
    print(result.settings.losses)

`observers` choose the scales. docs/reduced-precision.md says how all that is used.
"""

from __future__ import annotations

import dataclasses
import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from tfopt import model_directory, model_kinds, models, tensorflow_runtime
from tfopt.quantization import observers
from tfopt.quantization.audio import AudioModel
from tfopt.quantization.subject import Subject
from tfopt.quantization.words import WordModel
from tfopt.quantization_settings import QuantizationSettings
from tfopt.settings_checks import expect

__all__ = ["DEFAULT_SECONDS", "Quantized", "quantize"]

DEFAULT_SECONDS = 10.0

Progress = Callable[[int, int], object]


@dataclass(frozen=True)
class Quantized:
    """What was found out.

    Attributes:
        settings: What the new model's config says of it.
        data: What was used of the data, in a few words.
        enough: Whether there was enough of it for the losses to tell types apart.
    """

    settings: QuantizationSettings
    data: str
    enough: bool


def quantize(
    model: str | os.PathLike[str],
    data: Sequence[str | os.PathLike[str]],
    out: str | os.PathLike[str],
    *,
    observer: str = observers.DEFAULT,
    percentile: float = observers.DEFAULT_PERCENTILE,
    seconds: float = DEFAULT_SECONDS,
    speaker: int | None = None,
    replace: bool = False,
    progress: Progress | None = None,
) -> Quantized:
    """Writes a model that knows the scales of `int8_static`, and the loss of each compute type.

    Its weights are those of the given one, in float32: other types are made of them when it is loaded.

    Args:
        model: The name of an installed model, or a path to a model directory.
        data: Of a WaveNet or WaveRNN audio files, and folders of them; of a g2p model text files with one
            word a line. Losses are measured on the last fifth of the audio, or every fifth word, and scales
            chosen on the rest.
        out: The directory to write; complete under a temporary name first, then renamed.
        observer: How scales are chosen, one of `observers.NAMES`.
        percentile: Of `"percentile"`, above 0 and at most 100.
        seconds: Audio to use in all, above 0.
        speaker: The number of a speaker, of a WaveNet with global conditioning.
        replace: Replace `out` if it exists and is a model directory.
        progress: Called now and then with how much of the work is done, and how much there is.

    Raises:
        ValueError: There is no such model, an argument is not as said above, or the data cannot be read or is
            too little.
        ImportError: TensorFlow, soundfile or soxr is missing.
        RuntimeError: The library of custom ops is missing.
    """
    expect(not isinstance(data, (str, os.PathLike)), "data", "a list of paths", data)
    paths, out = [Path(one) for one in data], Path(out)
    model_directory.check_target(out, model_directory.CONFIG, replace=replace)
    observe = observers.observer(observer, percentile)
    good = isinstance(seconds, (int, float)) and 0 < seconds < float("inf")
    expect(good, "seconds", "a number above 0", seconds)
    expect(bool(paths), "data", "at least one file", data)
    directory = models.find(model)
    given = model_kinds.read(directory)
    card = model_directory.read_card(directory)
    kind, config, weights = given.kind, given.config, given.weights
    expect(kind == "wavenet" or speaker is None, "speaker", f"None of a {kind}", speaker)
    subject: Subject = (
        WordModel(config, weights, paths)
        if kind == "g2p"
        else AudioModel(config, weights, paths, name=str(model), seconds=seconds, speaker=speaker)
    )
    tensorflow_runtime.start()
    settings = _settings(subject, observer, observe, progress)
    model_directory.write(
        out,
        kind=kind,
        config={**given.settings, "quantization": dataclasses.asdict(settings)},
        weights=weights,
        card=card,
        replace=replace,
    )
    return Quantized(settings, subject.described, subject.enough)


def _settings(
    subject: Subject, name: str, observe: observers.Observer, progress: Progress | None
) -> QuantizationSettings:
    done = 0

    def more(work: int) -> None:
        nonlocal done
        done += work
        if progress is not None:
            progress(done, subject.work)

    scales = observers.scales(subject.observe(more).of_matrices(), observe)
    calibrated = QuantizationSettings(
        observer=name, input_scales=scales, losses={}, unit=subject.unit
    )
    return dataclasses.replace(calibrated, losses=subject.losses(calibrated, more))
