"""Which TensorFlow packages are installed and what CPU they need, without importing any."""

from __future__ import annotations

import importlib.metadata
import re
from collections.abc import Collection
from dataclasses import dataclass

from tfopt import instruction_sets

# Names under which TensorFlow itself is published; all install the one folder `tensorflow`.
NAMES = (
    "tensorflow",
    "tensorflow-cpu",
    "intel-tensorflow",
    "intel-tensorflow-avx512",
    "tensorflow-rocm",
    "tf-nightly",
    "tf-nightly-cpu",
)
# What `tfopt inspect-tensorflow` finds in TensorFlow's wheels of 2.14 to 2.20, of 2.21, and in a rebuilt one.
_AVX = (*instruction_sets.LEVELS["x86-64-v2"], "AVX")
_AVX_AND_F16C = (*_AVX, "F16C")
_F16C_SINCE = (2, 21)
_REBUILT = {"intel-tensorflow-avx512": instruction_sets.LEVELS["x86-64-v4"]}

# Of a process that SIGILL has ended.
ILLEGAL_INSTRUCTION = (
    "TensorFlow used an instruction that this CPU lacks, see tfopt inspect-tensorflow"
)


@dataclass(frozen=True)
class Distribution:
    """An installed package, or one that a wheel's name tells of.

    Attributes:
        name: as on PyPI, for example `tensorflow-cpu`.
        version: with its local label, if any: `2.21.0+x86.64.v3`.
    """

    name: str
    version: str

    def __str__(self) -> str:
        return f"{self.name} {self.version}"

    @property
    def level(self) -> str | None:
        """The level that the local label names, as `tensorflow_build` writes it: `x86-64-v3`.

        A build for `native` is labelled with the highest level of the CPU it was built on.
        """
        label = self.version.partition("+")[2].replace(".", "-").lower()
        label = label.removeprefix("native-")
        return label if label in instruction_sets.LEVELS else None

    @property
    def needed(self) -> tuple[str, ...]:
        """The instruction sets that it needs, by its name and label.

        Whatever else it is called, it needs what TensorFlow's own wheels do.
        """
        if self.level is not None:
            return instruction_sets.LEVELS[self.level]
        return _REBUILT.get(self.name, self._published)

    @property
    def _published(self) -> tuple[str, ...]:
        release = re.match(r"(\d+)\.(\d+)", self.version)
        newer = release is not None and (int(release[1]), int(release[2])) >= _F16C_SINCE
        return _AVX_AND_F16C if newer else _AVX


def installed() -> list[Distribution]:
    """The TensorFlow packages of this environment, usually one."""
    found = []
    for name in NAMES:
        try:
            found.append(Distribution(name, importlib.metadata.version(name)))
        except importlib.metadata.PackageNotFoundError:
            continue
    return found


def providing(package: str) -> Distribution | None:
    """Returns the installed distribution that an importable package is from, whatever its name.

    Takes some tenths of a second, as the files of all distributions are looked at.
    """
    names = importlib.metadata.packages_distributions().get(package)
    return Distribution(names[0], importlib.metadata.version(names[0])) if names else None


def check(distribution: Distribution, flags: Collection[str]) -> None:
    """Raises ImportError if a CPU with these flags lacks what the distribution needs by its name.

    Args:
        distribution: What would be imported.
        flags: The CPU's flags as /proc/cpuinfo names them.
    """
    if missing := instruction_sets.lacking(distribution.needed, flags):
        raise ImportError(
            f"{distribution} needs {', '.join(missing)}; this CPU has not; {_remedy(distribution, flags)}"
        )


def _remedy(distribution: Distribution, flags: Collection[str]) -> str:
    version = distribution.version.partition("+")[0]
    published = Distribution("tensorflow-cpu", version)
    # Of pre-releases, nightly ones above all, there may be none.
    exactly = f"=={version}" if re.fullmatch(r"\d+(\.\d+)*", version) else ""
    if not instruction_sets.lacking(published.needed, flags):
        return (
            f"install the published build: pip uninstall --yes {distribution.name} && "
            f"pip install tensorflow-cpu{exactly}"
        )
    if not instruction_sets.lacking(_AVX, flags):
        return "install a release before 2.21: pip install 'tensorflow-cpu<2.21'"
    return "every TensorFlow published for x86-64 needs AVX: use another CPU"
