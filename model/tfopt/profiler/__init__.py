"""Measures the backends of a model against one another on this machine, and compares such runs."""
