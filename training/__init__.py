"""Trains the models that tfopt ships. Run from the repository root: `python -m training --help`.

Keras 3 runs the same scripts on TensorFlow, JAX and PyTorch, whichever `KERAS_BACKEND` names.
"""
