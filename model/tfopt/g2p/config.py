"""What a grapheme-to-phoneme model is made of, and the tensors that follow from it."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from functools import cached_property
from typing import Any

from tfopt import model_directory, models
from tfopt.g2p.vocabulary import Vocabulary
from tfopt.quantization_settings import WORDS, QuantizationSettings
from tfopt.settings_checks import constructor_arguments, expect

ARCHITECTURES = ("gru", "attention_gru")
LARGEST = (
    10_000  # for any size in a config: far above every real model, far below what fills a memory
)


@dataclass(frozen=True)
class G2pConfig:
    """The settings of a sequence-to-sequence grapheme-to-phoneme model.

    Attributes:
        architecture: `"gru"`: a GRU encoder whose last state starts a GRU decoder (g2p-en 2.x).
            `"attention_gru"`: a bidirectional GRU encoder and a GRU decoder with Bahdanau attention and
            input feeding (g2p-en 1.x).
        graphemes: Input symbols; a symbol's place is its id. Symbols of one character are letters, in
            lower case; longer ones and those named below are marks.
        phonemes: Output symbols; a symbol's place is its id.
        unknown_grapheme: The symbol read in place of a character that is not in `graphemes`.
        end_grapheme: The symbol read after the last character.
        start_phoneme: The symbol fed to the decoder's first step.
        end_phoneme: The symbol that ends a pronunciation.
        embedding: Width of the symbol embeddings of `"gru"`; 0 for `"attention_gru"`, which reads one-hot
            vectors.
        hidden: Width of every GRU state, of the attention and of its output.
        max_graphemes: The encoder reads at most this many symbols of a word, the end mark among them; 0
            means no limit.
        max_phonemes: The decoder writes at most this many phonemes.
        quantization: What is known of the model with weights of fewer bits; None if nothing is.
    """

    architecture: str
    graphemes: tuple[str, ...]
    phonemes: tuple[str, ...]
    unknown_grapheme: str
    end_grapheme: str
    start_phoneme: str
    end_phoneme: str
    embedding: int
    hidden: int
    max_graphemes: int
    max_phonemes: int
    quantization: QuantizationSettings | None = None

    def __post_init__(self) -> None:
        expect(self.architecture in ARCHITECTURES, "architecture", ARCHITECTURES, self.architecture)
        for name in ("graphemes", "phonemes"):
            symbols = getattr(self, name)
            good = bool(symbols) and all(isinstance(s, str) and s for s in symbols)
            expect(good, name, "a list of non-empty strings", symbols)
            expect(len(set(symbols)) == len(symbols), name, "no symbol twice", symbols)
            encodable = not any("\ud800" <= c <= "\udfff" for s in symbols for c in s)
            expect(encodable, name, "symbols that UTF-8 can encode", symbols)
        for name in ("unknown_grapheme", "end_grapheme"):
            expect(getattr(self, name) in self.graphemes, name, "a grapheme", getattr(self, name))
        for name in ("start_phoneme", "end_phoneme"):
            expect(getattr(self, name) in self.phonemes, name, "a phoneme", getattr(self, name))
        for name, other in (("end_grapheme", "unknown_grapheme"), ("end_phoneme", "start_phoneme")):
            same = getattr(self, name) == getattr(self, other)
            expect(not same, name, f"another symbol than {other}", getattr(self, name))
        for letter in self._letters():
            # Words are read in lower case, so that no word could ever hold it.
            expect(letter == letter.lower(), "graphemes", "lower-case letters", letter)
        for name, least in {
            "embedding": int(self.architecture == "gru"),
            "hidden": 1,
            "max_graphemes": 0,
            "max_phonemes": 1,
        }.items():
            value = getattr(self, name)
            good = isinstance(value, int) and not isinstance(value, bool)
            expected = f"an integer from {least} to {LARGEST}"
            expect(good and least <= value <= LARGEST, name, expected, value)
        if self.quantization is not None:
            self.quantization.check_unit(WORDS)

    @classmethod
    def from_dict(cls, settings: Mapping[str, Any], where: str) -> G2pConfig:
        """Makes a config from the contents of `config.json`; raises ValueError naming `where`."""
        try:
            arguments = constructor_arguments(fields(cls), settings, ("graphemes", "phonemes"))
            arguments["quantization"] = QuantizationSettings.from_config(
                arguments.get("quantization")
            )
            return cls(**arguments)
        except ValueError as error:
            raise ValueError(f"{where}: {error}") from error

    def to_dict(self) -> dict[str, Any]:
        """The settings as `config.json` holds them."""
        settings = asdict(self)
        if self.quantization is None:
            del settings["quantization"]
        return settings

    @cached_property
    def vocabulary(self) -> Vocabulary:
        """The mapping between characters, phonemes and ids."""
        return Vocabulary(
            letters=self._letters(),
            phonemes=self.phonemes,
            unknown_grapheme=self.graphemes.index(self.unknown_grapheme),
            end_grapheme=self.graphemes.index(self.end_grapheme),
            start_phoneme=self.phonemes.index(self.start_phoneme),
            end_phoneme=self.phonemes.index(self.end_phoneme),
            max_graphemes=self.max_graphemes,
        )

    def _letters(self) -> dict[str, int]:
        marks = {self.unknown_grapheme, self.end_grapheme}
        return {s: i for i, s in enumerate(self.graphemes) if len(s) == 1 and s not in marks}

    @property
    def shapes(self) -> dict[str, tuple[int, ...]]:
        """The name and shape of every tensor.

        The three gates of a GRU stand side by side in the last dimension, in the order reset, update,
        candidate.
        """
        graphemes, phonemes, hidden = len(self.graphemes), len(self.phonemes), self.hidden
        if self.architecture == "gru":
            shapes: dict[str, tuple[int, ...]] = {}
            for side, symbols in (("encoder", graphemes), ("decoder", phonemes)):
                shapes |= {
                    f"{side}.embedding": (symbols, self.embedding),
                    f"{side}.input_kernel": (self.embedding, 3 * hidden),
                    f"{side}.input_bias": (3 * hidden,),
                    f"{side}.recurrent_kernel": (hidden, 3 * hidden),
                    f"{side}.recurrent_bias": (3 * hidden,),
                }
        else:
            shapes = {}
            for side, width in (
                ("encoder.forward", graphemes),
                ("encoder.backward", graphemes),
                ("decoder", phonemes + hidden),
            ):
                shapes |= {
                    f"{side}.input_kernel": (width, 3 * hidden),
                    f"{side}.recurrent_kernel": (hidden, 3 * hidden),
                    f"{side}.bias": (3 * hidden,),
                }
            shapes |= {
                "attention.memory_kernel": (2 * hidden, hidden),
                "attention.query_kernel": (hidden, hidden),
                "attention.score": (hidden,),
                "attention.output_kernel": (3 * hidden, hidden),
            }
        return shapes | {"output.kernel": (hidden, phonemes), "output.bias": (phonemes,)}


def read(model: str | os.PathLike[str]) -> tuple[G2pConfig, model_directory.Weights]:
    """Finds a model by name or path, reads it and checks it; raises ValueError naming what is wrong."""
    directory = models.find(model, "g2p")
    where = str(directory / model_directory.CONFIG)
    config = G2pConfig.from_dict(model_directory.read_config(directory, "g2p"), where)
    return config, model_directory.read_weights(directory, config.shapes)
