"""The models that `tfopt download` can get, and the wheels that carry them."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Source:
    """A wheel that carries weights: what pip calls it, and the SHA-256 it must have."""

    requirement: str
    sha256: str


SOURCES = {
    "g2p_en-1.0.1": Source(
        "g2p-en==1.0.1", "ba035348e900009daf8e31d53a6cf311fe348c76d4ea0ab112b08ca57b38d38a"
    ),
    "g2p_en-2.1.0": Source(
        "g2p-en==2.1.0", "2a7aabf1fc7f270fcc3349881407988c9245173c2413debbe5432f4a4f31319f"
    ),
}
