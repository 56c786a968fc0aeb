"""Which runs the page shows as ladders, and which of them stands for a model."""

from __future__ import annotations

from dataclasses import dataclass

from tfopt.profiler.results import Measured, ModelResult, Profile
from tfopt.report.folder import Contents, File


@dataclass(frozen=True)
class Ladder:
    """One model of one run.

    Attributes:
        file: that it is from.
        run: the whole run.
        model: its backends.
    """

    file: File
    run: Profile
    model: ModelResult

    @property
    def base(self) -> tuple[str, Measured]:
        """The backend that others are compared with: naive, or the slowest rung there is."""
        measured = self.model.measured
        return next((one for one in measured if one[0] == "naive"), measured[0])

    @property
    def fastest(self) -> tuple[str, Measured]:
        """The backend with the shortest latency."""
        return min(self.model.measured, key=lambda one: one[1].latency_s.median)


def of(contents: Contents) -> list[Ladder]:
    """Returns every model of every run, by model; of one model, the run that stands for it first."""
    found = [
        Ladder(file, run, model)
        for file, run in contents.of(Profile)
        for model in run.models.values()
    ]
    found.sort(key=_is_compared)
    order = list(dict.fromkeys(ladder.model.name for ladder in found))
    found.sort(key=lambda ladder: str(ladder.file.content.get("created", "")), reverse=True)
    return sorted(found, key=lambda ladder: (order.index(ladder.model.name), *_worth(ladder)))


def _worth(ladder: Ladder) -> tuple[bool, bool, int]:
    return _is_compared(ladder), ladder.run.quick, -len(ladder.model.measured)


def _is_compared(ladder: Ladder) -> bool:
    """Whether it was measured in one of several environments, to be compared with the others."""
    return bool(ladder.file.content.get("environment"))


def best(contents: Contents) -> list[Ladder]:
    """Returns for each model the run that stands for it, as docs/report.md says."""
    found: dict[str, Ladder] = {}
    for ladder in of(contents):
        if ladder.model.measured:
            found.setdefault(ladder.model.name, ladder)
    return list(found.values())


def steps(contents: Contents) -> list[Ladder]:
    """Returns the ladders of two rungs or more."""
    return [ladder for ladder in of(contents) if len(ladder.model.entries) > 1]


def single(contents: Contents) -> list[Ladder]:
    """Returns the runs of one backend alone."""
    return [ladder for ladder in of(contents) if len(ladder.model.entries) == 1]
