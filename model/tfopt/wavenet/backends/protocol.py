"""What a backend is: it brings streams forward in time."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Protocol, runtime_checkable

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float32]
State = Any  # what a backend remembers of the samples fed


class Backend(Protocol):
    """A WaveNet on one rung of the ladder.

    All arrays are float32; samples are class numbers or amplitudes. The conditioning has a row a step, and
    no column without local conditioning; the speaker is an embedding [batch, global_channels].
    """

    def start(self, batch: int) -> State:
        """The zero state of some streams: nothing was fed yet."""
        ...

    def advance(
        self,
        state: State,
        last: Array,
        forced: Array,
        conditioning: Array,
        speaker: Array,
        uniforms: Array,
        temperature: float,
    ) -> tuple[Array, State]:
        """Generates samples.

        Args:
            state: As `start` or the call before gave it; may be used once only.
            last: The sample fed first, [batch].
            forced: [batch, n]: the first n samples are these, not drawn ones.
            conditioning: [batch, time, local_channels], time at least 1 and n.
            speaker: [batch, global_channels].
            uniforms: [batch, time, numbers a sample].
            temperature: At least 0.

        Returns:
            samples, [batch, time]; the new state, in which all of them but the last were fed.
        """
        ...

    def logits(
        self, state: State, samples: Array, conditioning: Array, speaker: Array
    ) -> tuple[Array, State]:
        """Feeds given samples, [batch, time]; the outputs after each, [batch, time, outputs]."""
        ...


@runtime_checkable
class Joining(Backend, Protocol):
    """A backend whose streams need neither begin nor end together."""

    @property
    def lanes(self) -> int:
        """As many streams side by side as keep it busy."""
        ...

    def select(self, state: State, rows: Sequence[int]) -> State:
        """The state of some of the streams, in the order given; the state given is used up."""
        ...

    def join(self, state: State, count: int) -> State:
        """The state of the streams, and behind them of `count` to which nothing was fed yet."""
        ...
