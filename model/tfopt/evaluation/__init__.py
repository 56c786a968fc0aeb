"""How accurate models are in each compute type, beside how fast: what `tfopt evaluate` measures and shows.

`vocoders` and `g2p` measure the two sorts of models; `results` holds what they find, whatever the sort, and
`table`, `plot` and the report show it.
"""
