"""Finds out which instruction sets a TensorFlow was compiled with, by disassembling its libraries."""
