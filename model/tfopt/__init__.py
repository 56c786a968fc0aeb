"""Trained autoregressive TensorFlow models, generating at hardware speed on CPUs.

`from tfopt import g2p` gives grapheme-to-phoneme conversion; `tfopt --help` lists the commands.
Importing this package imports neither TensorFlow nor a model.
"""

__version__ = "0.1.0"
