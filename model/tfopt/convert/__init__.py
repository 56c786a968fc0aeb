"""Importers: weights published by other projects, made into model directories.

Importers read data only; no code of the other project runs, and no pickle is ever executed.
"""
