"""Names for what TensorFlow, which ships no types, calls tensors."""

from typing import Any

Tensor = Any  # tf.Tensor
Tensors = tuple[Tensor, ...]
