"""A Keras model whose weights are the tensors of a tfopt model, under their names."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import keras
import numpy as np
from keras import ops

from tfopt.model_directory import Weights

Tensor = Any


class TensorModel(keras.Model):
    """Has a float32 weight for every tensor; computes large products in the policy's compute type."""

    def __init__(self, weights: Weights, dtype: str) -> None:
        """Begins with these weights. `dtype` is a Keras policy, such as `"mixed_bfloat16"`."""
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
        self.built = True

    def tensors(self) -> Weights:
        """The weights as a model directory keeps them."""
        return {
            name: np.asarray(ops.convert_to_numpy(self.tensor(name)), np.float32)
            for name in self._tensors
        }

    def tensor(self, name: str) -> Tensor:
        """A weight, float32."""
        return ops.convert_to_tensor(self._tensors[name])

    def fast(self, x: Tensor) -> Tensor:
        """A tensor in the compute type, for a product."""
        return ops.cast(x, self.compute_dtype)

    def dense(self, name: str, x: Tensor) -> Tensor:
        """A layer, x @ kernel + bias if it has one, in the compute type."""
        product = ops.matmul(self.fast(x), self.fast(self.tensor(f"{name}.kernel")))
        return self.biased(name, product)

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
