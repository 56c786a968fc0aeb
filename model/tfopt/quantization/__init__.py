"""Static calibration of a model's 8-bit inputs, and what each compute type costs in quality.

docs/reduced-precision.md says how it is used.
"""
