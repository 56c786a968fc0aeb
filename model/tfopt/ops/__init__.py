"""The custom ops as functions of tensors: what `libtfopt_ops.so` computes.

All of them run eagerly, in `tf.function`, in a `compat.v1` Session and in a SavedModel (the program that
loads one calls `load` first), from any number of threads. They have no gradients, so that asking for one
raises TensorFlow's LookupError, and XLA cannot compile them (`jit_compile=True` fails).

Arguments are tensors or what becomes one. A wrong dtype raises TypeError; a wrong rank, size or value
`tf.errors.InvalidArgumentError`, or ValueError while a function is traced. The message names the argument.
The environment variable TFOPT_ISA chooses the instruction set: see `instruction_set`.

Needs TensorFlow and NumPy alone, and imports TensorFlow at the first call.
"""

from tfopt.ops.conversion import convert_weights
from tfopt.ops.g2p import g2p_decode, g2p_pack
from tfopt.ops.layers import gated_activation, gru_cell, pack_matrix
from tfopt.ops.loading import c_functions, instruction_set, library, load
from tfopt.ops.observing import g2p_observe, wavenet_observe, wavernn_observe
from tfopt.ops.wavenet import wavenet_generate, wavenet_logits, wavenet_pack, wavenet_step
from tfopt.ops.wavernn import (
    mel_resnet,
    mel_resnet_pack,
    wavernn_generate,
    wavernn_logits,
    wavernn_pack,
    wavernn_step,
)

__all__ = [
    "c_functions",
    "convert_weights",
    "g2p_decode",
    "g2p_observe",
    "g2p_pack",
    "gated_activation",
    "gru_cell",
    "instruction_set",
    "library",
    "load",
    "mel_resnet",
    "mel_resnet_pack",
    "pack_matrix",
    "wavenet_generate",
    "wavenet_logits",
    "wavenet_observe",
    "wavenet_pack",
    "wavenet_step",
    "wavernn_generate",
    "wavernn_logits",
    "wavernn_observe",
    "wavernn_pack",
    "wavernn_step",
]
