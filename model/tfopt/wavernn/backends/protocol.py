"""What a backend is: it brings streams forward in time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol, runtime_checkable

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float32]
Classes = NDArray[np.int32]
State = Any  # what a backend remembers of the samples fed


@dataclass(frozen=True)
class Conditioning:
    """What the samples of some steps depend on, besides the samples before them.

    Attributes:
        mels: The mel bands of every step, [batch, time, mel_channels].
        aux: The residual network's output for every frame that one of the steps is in,
            [batch, frames, aux_parts * aux_channels].
        offset: The first step's place in its frame, below hop_length: step t is in frame
            (offset + t) // hop_length.
    """

    mels: Array
    aux: Array
    offset: int


class Backend(Protocol):
    """A WaveRNN on one rung of the ladder.

    All arrays are float32 unless it says otherwise. Samples are classes, of a split output
    coarse * 2 ** fine_bits + fine, or amplitudes.
    """

    def start(self, batch: int) -> State:
        """The zero state of some streams: nothing was fed yet."""
        ...

    def select(self, state: State, rows: Sequence[int]) -> State:
        """The state of some of the streams, in the order given; the state given is used up."""
        ...

    def advance(
        self,
        state: State,
        last: Array,
        conditioning: Conditioning,
        uniforms: Array,
        temperature: float,
    ) -> tuple[Array, State]:
        """Generates samples.

        Args:
            state: As `start`, `select` or the call before gave it; may be used once only.
            last: What is fed first, [batch, fed_back]: `samples.feedback` of the sample before, zeros at the
                beginning.
            conditioning: Of as many steps as there are samples to generate, at least one.
            uniforms: In [0, 1), [batch, time, numbers a sample].
            temperature: At least 0.

        Returns:
            samples, [batch, time]; the new state, in which all of them but the last were fed.
        """
        ...

    def logits(
        self, state: State, fed: Array, targets: Classes | None, conditioning: Conditioning
    ) -> tuple[Array, State]:
        """Feeds given samples.

        Args:
            state: As for `advance`.
            fed: What is fed at each step, [batch, time, fed_back], time at least 1.
            targets: Of a split output the classes that are to follow, int32 [batch, time]: the fine logits of
                a step are those given its target's coarse class. Else None.
            conditioning: Of the steps.

        Returns:
            The outputs after each, [batch, time, outputs]; the state in which all were fed.
        """
        ...


@runtime_checkable
class Joining(Backend, Protocol):
    """A backend whose streams need not begin together."""

    @property
    def lanes(self) -> int:
        """As many streams side by side as keep it busy."""
        ...

    def join(self, state: State, count: int) -> State:
        """The state of the streams, and behind them of `count` to which nothing was fed yet."""
        ...
