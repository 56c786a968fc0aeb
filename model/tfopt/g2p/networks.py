"""What a network is to a backend: encode a batch of words, then one decoder step at a time.

Everything that does not depend on the last phoneme is done once: the product of a symbol's embedding
and the input kernel is a row of a table, biases are folded into it, and the encoder's memory goes through
the attention's projections before the loop. The weights become constants of the graph being built.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Protocol

from tfopt.g2p.attention_gru import AttentionGru
from tfopt.g2p.config import G2pConfig
from tfopt.g2p.gru import Gru
from tfopt.model_directory import Weights
from tfopt.tensors import Tensor, Tensors


class Network(Protocol):
    """What a backend needs of a network; all tensors are float32 unless said."""

    def encode(self, ids: Tensor, lengths: Tensor) -> Tensors:
        """Encodes ids, int32 [batch, time], of which the first `lengths`, int32 [batch], count."""
        ...

    def start(self, memory: Tensors) -> Tensors:
        """The decoder's state before its first step."""
        ...

    def step(self, phonemes: Tensor, state: Tensors, memory: Tensors) -> tuple[Tensor, Tensors]:
        """Feeds one phoneme a word, int32 [batch]; returns logits [batch, phonemes] and the new state."""
        ...


def build(config: G2pConfig, weights: Weights) -> Network:
    """The network of a config."""
    return Gru(config, weights) if config.architecture == "gru" else AttentionGru(config, weights)


@dataclass(frozen=True)
class Model:
    """A config with its weights, and the network that they make, once somebody asks for it.

    Attributes:
        config: The model's settings.
        weights: Its tensors.
        compute_type: What `native` computes in.
    """

    config: G2pConfig
    weights: Weights
    compute_type: str

    @cached_property
    def network(self) -> Network:
        """The network in TensorFlow's own operations."""
        return build(self.config, self.weights)
