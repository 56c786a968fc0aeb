"""How much work a run does: the user's wishes, and the caps that keep slow rungs from dominating.

Words are for models that read words, samples for those that generate audio.
"""

from __future__ import annotations

from dataclasses import dataclass

SMALLEST_BATCH = 64
FEWEST_WORDS = 8
FEWEST_SAMPLES = 4


@dataclass(frozen=True)
class Plan:
    """What each round does, before it is fitted to what the rungs turn out to cost.

    Attributes:
        rounds: rounds, in each of which every rung is timed once.
        words: words timed one at a time in a round, the same for every rung.
        batch: words in a batch.
        check: words compared with the reference before anything is timed.
        words_cap_s: the slowest rung's time for the words of a round; beyond it every rung gets
            fewer words, because medians over different words could not be compared.
        batch_cap_s: one batch of a rung; beyond it this rung gets smaller batches, which the
            results state beside its figure.
        fill_s: faster rungs repeat words and batches within a round until this is used up.
        repeats_cap: or until they did so this often.
        samples: samples of a stream that is generated alone; an eighth of it in a batch.
        takes: streams generated alone in a round.
        streams: streams in a batch.
        call_cap_s: one call that generates; beyond it a rung generates fewer samples.
    """

    rounds: int = 7
    words: int = 64
    batch: int = 1024
    check: int = 256
    words_cap_s: float = 8.0
    batch_cap_s: float = 4.0
    fill_s: float = 0.4
    repeats_cap: int = 5
    samples: int = 4096
    takes: int = 2
    streams: int = 16
    call_cap_s: float = 4.0

    @property
    def batch_samples(self) -> int:
        """Samples of a stream in a batch."""
        return max(FEWEST_SAMPLES, self.samples // 8)

    def fitted_words(self, seconds_per_word: float) -> int:
        """Returns the words a round has when the slowest rung needs this long for one."""
        affordable = int(self.words_cap_s / max(seconds_per_word, 1e-9))
        return min(self.words, max(FEWEST_WORDS, affordable))

    def fitted_batch(self, seconds_per_word: float) -> int:
        """Returns the batch of a rung that needs this long for each word of a batch.

        Smaller ones are halves, quarters … of the batch asked for.
        """
        batch = self.batch
        while batch >= 2 * SMALLEST_BATCH and batch * seconds_per_word > self.batch_cap_s:
            batch //= 2
        return batch

    def fitted_samples(self, seconds_per_sample: float) -> int:
        """Returns the samples of a stream on a rung that needs this long for each.

        Shorter ones are halves, quarters … of the samples asked for.
        """
        samples = self.samples
        while samples >= 2 * FEWEST_SAMPLES and samples * seconds_per_sample > self.call_cap_s:
            samples //= 2
        return samples

    def repeats(self, seconds: float) -> int:
        """Returns how often work that takes this long is repeated within a round."""
        return max(1, min(self.repeats_cap, int(self.fill_s / max(seconds, 1e-9))))


QUICK = Plan(
    rounds=2,
    words=8,
    batch=64,
    check=200,
    words_cap_s=2.0,
    fill_s=0.1,
    repeats_cap=2,
    samples=256,
    takes=1,
    streams=4,
    call_cap_s=0.3,
)
