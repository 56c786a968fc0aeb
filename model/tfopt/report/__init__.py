"""The report: one HTML page of everything that a folder of results holds.

`folder` reads the files, `sections` makes a part of the page of each kind, `page` puts them together. Nothing
is measured here. The page needs no network: scripts, styles, charts and audio are inside.
"""
