"""A Keras model whose weights are the tensors of a tfopt model, under their names."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

import keras
import numpy as np
from keras import ops

from tfopt.model_directory import Weights
from training.quantization import ROUNDINGS, Rounding

Tensor = Any


class TensorModel(keras.Model):
    """Has a float32 weight for every tensor; computes large products in the policy's compute type.

    It is what `training.pruning.Maskable` asks for.
    """

    def __init__(
        self,
        weights: Weights,
        dtype: str,
        rounding: Rounding = ROUNDINGS["none"],
        pruned: Collection[str] = (),
    ) -> None:
        """Begins with these weights.

        Args:
            weights: The tensors, by name.
            dtype: A Keras policy, such as `"mixed_bfloat16"`.
            rounding: What is lost on the way into a product that the engine makes in integers.
            pruned: The tensors that get masks.
        """
        # A name of its own would be another for each model of a process, and its checkpoints another's.
        super().__init__(name=type(self).__name__.lower(), dtype=dtype, autocast=False)
        self._tensors = {
            name: self.add_weight(
                name=name.replace(".", "_"),
                shape=tensor.shape,
                initializer=keras.initializers.Constant(tensor),
                dtype="float32",
            )
            for name, tensor in weights.items()
        }
        self.masks = {
            name: self.add_weight(
                name=f"{name.replace('.', '_')}_mask",
                shape=weights[name].shape,
                initializer="ones",
                dtype="float32",
                trainable=False,
            )
            for name in sorted(pruned)
        }
        self._rounding = rounding
        self.built = True

    def get_tensors(self) -> Weights:
        """The weights as a model directory keeps them; zero where the masks are."""
        return {
            name: np.array(ops.convert_to_numpy(self.tensor(name)), np.float32)
            for name in self._tensors
        }

    def set_tensors(self, weights: Weights) -> None:
        """Takes over weights, by name."""
        for name, variable in self._tensors.items():
            variable.assign(weights[name])

    def tensor(self, name: str) -> Tensor:
        """A weight, float32, zero where its mask is."""
        tensor = ops.convert_to_tensor(self._tensors[name])
        return tensor * self.masks[name] if name in self.masks else tensor

    def kernel(self, kernel: Tensor) -> Tensor:
        """A matrix of the engine's, [inputs, outputs], rounded as it stores it, in the compute type."""
        return self.fast(self._rounding.weights(kernel))

    def rounded(self, x: Tensor) -> Tensor:
        """Vectors [..., inputs], rounded as the engine does before a product, in the compute type."""
        return self.fast(self._rounding.inputs(x))

    def fast(self, x: Tensor) -> Tensor:
        """A tensor in the compute type, for a product."""
        return ops.cast(x, self.compute_dtype)

    def dense(self, name: str, x: Tensor) -> Tensor:
        """A layer of rounded inputs, x @ kernel + bias if it has one, in the compute type."""
        return self.biased(name, ops.matmul(x, self.kernel(self.tensor(f"{name}.kernel"))))

    def biased(self, name: str, x: Tensor) -> Tensor:
        """A layer's output, in the compute type, with the bias if it has one."""
        bias = f"{name}.bias"
        return x + self.fast(self.tensor(bias)) if bias in self._tensors else x


def softened(weights: Weights, outputs: str) -> Weights:
    """Weights to begin with: the layer `outputs` says next to nothing yet, and no layer is biased."""
    return {
        name: np.zeros_like(tensor)
        if name.endswith("bias")
        else tensor * np.float32(0.1 if name == f"{outputs}.kernel" else 1)
        for name, tensor in weights.items()
    }


def floats(inputs: Mapping[str, Tensor], name: str) -> Tensor:
    """One of a model's inputs as float32."""
    return ops.cast(inputs[name], "float32")
