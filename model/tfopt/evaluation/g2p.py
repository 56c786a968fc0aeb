"""Evaluates grapheme-to-phoneme models on a dictionary."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from tfopt import g2p
from tfopt.evaluation import metrics, pronunciations
from tfopt.evaluation.pronunciations import Listed
from tfopt.evaluation.results import Evaluation, Row
from tfopt.evaluation.subjects import Subject
from tfopt.profiler.progress import Reporter

_REFERENCE = "float32"


@dataclass(frozen=True)
class Plan:
    """How much is timed.

    Attributes:
        backend: How the models run.
        rounds: How often everything is timed.
        threads: For TensorFlow and the models, as `tfopt.g2p.load` takes them.
        batch: The most words that are pronounced together when batches are timed.
        alone: The most words that are pronounced one at a time when that is timed.
    """

    backend: str = "native"
    rounds: int = 5
    threads: int | None = None
    batch: int = 4096
    alone: int = 256


@dataclass
class _Candidate:
    """A model in a compute type, and what was found of it."""

    subject: Subject
    compute_type: str
    net: Any
    said: list[list[str]] = field(default_factory=list)
    together: list[float] = field(default_factory=list)
    alone: list[float] = field(default_factory=list)


def evaluate(
    subjects: Sequence[Subject],
    listed: Listed,
    types: Sequence[str],
    plan: Plan,
    reporter: Reporter,
) -> Evaluation:
    """Evaluates models on the words of a dictionary, each in some compute types.

    All take turns: in every round each is timed once.

    Args:
        subjects: g2p models.
        listed: Words with the pronunciations that are right, at least one.
        types: Compute types; none for all that a model has.
        plan: How.
        reporter: Is told how far it has come.

    Raises:
        ValueError: A model has not such a type.
    """
    words = list(listed)
    candidates = [
        _Candidate(subject, compute_type, _load(subject, compute_type, plan))
        for subject in subjects
        for compute_type in subject.types(types, plan.backend)
    ]
    reporter.begin("pronouncing", len(candidates))
    for candidate in candidates:
        candidate.said = candidate.net.predict(words)
        reporter.step("pronouncing")
    references = {
        subject.name: _reference(subject, candidates, words, plan) for subject in subjects
    }
    together, singles = (
        [_spread(words, plan.batch)],
        [[word] for word in _spread(words, plan.alone)],
    )
    reporter.begin("words a second", len(candidates) * plan.rounds)
    for _ in range(plan.rounds):
        for candidate in candidates:
            candidate.together.append(_rate(candidate.net, together))
            candidate.alone.append(_rate(candidate.net, singles))
            reporter.step("words a second")
    reporter.begin("errors and sizes", len(candidates))
    rows = []
    for candidate in candidates:
        rows.append(_row(candidate, listed, references[candidate.subject.name], plan))
        reporter.step("errors and sizes")
    return Evaluation(metrics.G2P, f"{len(words):,} words", tuple(rows))


def _row(candidate: _Candidate, listed: Listed, reference: list[list[str]], plan: Plan) -> Row:
    pairs = list(zip(listed, candidate.said, strict=True))
    errors = pronunciations.count(listed, pairs)
    bare = pronunciations.count(listed, pairs, stress=False)
    changed = sum(a != b for a, b in zip(candidate.said, reference, strict=True))
    qualities = {
        "words_wrong": errors.of_words,
        "phonemes_wrong": errors.of_phonemes,
        "words_wrong_without_stress": bare.of_words,
        "phonemes_wrong_without_stress": bare.of_phonemes,
        "words_changed": float(changed),
    }
    speeds = {
        "words_per_s": tuple(candidate.together),
        "words_per_s_alone": tuple(candidate.alone),
    }
    return candidate.subject.row(candidate.compute_type, plan.backend, qualities, speeds)


def _load(subject: Subject, compute_type: str, plan: Plan) -> Any:
    return g2p.load(
        subject.directory, backend=plan.backend, threads=plan.threads, compute_type=compute_type
    )


def _reference(
    subject: Subject, candidates: Sequence[_Candidate], words: list[str], plan: Plan
) -> list[list[str]]:
    """What a model says in float32, whether or not that is evaluated."""
    for candidate in candidates:
        if candidate.subject is subject and candidate.compute_type == _REFERENCE:
            return candidate.said
    said: list[list[str]] = _load(subject, _REFERENCE, plan).predict(words)
    return said


def _spread(words: Sequence[str], most: int) -> list[str]:
    """So many words, or all if they are fewer, from all over the dictionary."""
    return list(words[:: -(-len(words) // most)])


def _rate(net: Any, batches: Sequence[list[str]]) -> float:
    """Words a second; all words in batches of the caller's."""
    started = time.perf_counter()
    for batch in batches:
        net.predict(batch)
    return sum(map(len, batches)) / (time.perf_counter() - started)
