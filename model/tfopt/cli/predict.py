"""`tfopt predict`."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Sequence
from contextlib import nullcontext
from pathlib import Path
from typing import TextIO

import click
from rich.console import Console
from rich.progress import track

from tfopt import g2p
from tfopt.cli.compute_types import compute_type_option, report_compute_type
from tfopt.cli.paths import PATH
from tfopt.files import writing_text
from tfopt.g2p.text import split

# Words converted between two updates of the progress bar.
_CHUNK = 4096


@click.command(
    epilog="Examples: tfopt predict aardvark    tfopt predict --file words.txt --out pronounced.tsv",
)
@click.argument("text", nargs=-1)
@click.option(
    "--file",
    "source",
    type=click.File(encoding="utf-8-sig"),
    help="Read one word a line from this file; - is standard input.",
)
@click.option("--model", default=g2p.DEFAULT_MODEL, show_default=True, help="Name or directory.")
@click.option(
    "--backend",
    type=click.Choice(g2p.BACKENDS),
    default=g2p.DEFAULT_BACKEND,
    show_default=True,
    help="How the model runs; the result is the same.",
)
@compute_type_option
@click.option(
    "--threads", type=click.IntRange(min=1), help="Default: the CPUs this process may use."
)
@click.option(
    "--format",
    "form",
    type=click.Choice(["tsv", "json"]),
    default="tsv",
    show_default=True,
    help="tsv: word, tab, phonemes. json: one object a line.",
)
@click.option("--out", type=PATH, help="Write to this file instead.")
def command(
    text: Sequence[str],
    source: TextIO | None,
    model: str,
    backend: str,
    compute_type: str,
    threads: int | None,
    form: str,
    out: Path | None,
) -> None:
    """Pronounce the words of TEXT, or of a file with one word a line."""
    if bool(text) == (source is not None):
        raise click.UsageError("give either TEXT or --file")
    words = _read(source) if source is not None else _split(" ".join(text))
    if out is not None and (out.is_dir() or not out.parent.is_dir()):
        raise ValueError(f"--out: expected a file in a folder that exists, got {str(out)!r}")
    net = g2p.load(model, backend=backend, threads=threads, compute_type=compute_type)
    report_compute_type(compute_type, net.compute_type)
    with writing_text(out) if out else nullcontext(sys.stdout) as file:
        for chunk in _chunks(words, show=out is not None):
            for word, phonemes in zip(chunk, net.predict(chunk), strict=True):
                file.write(_line(form, word, phonemes))


def _read(file: TextIO) -> list[str]:
    words = []
    try:
        for number, line in enumerate(file, start=1):
            words.append(line.strip())
            if len(line.split()) > 1:
                raise click.UsageError(
                    f"--file: {file.name}, line {number}: expected one word, got {words[-1]!r}"
                )
    except UnicodeDecodeError as error:
        raise ValueError(f"--file: {file.name}: expected UTF-8 text: {error}") from error
    return words


def _split(text: str) -> list[str]:
    if any("\ud800" <= character <= "\udfff" for character in text):
        raise click.UsageError(
            "TEXT: expected UTF-8, got bytes that are not; see the locale's encoding"
        )
    return split(text)


def _chunks(words: list[str], *, show: bool) -> Iterator[list[str]]:
    console = Console(stderr=True)
    starts = range(0, len(words), _CHUNK)
    show = show and console.is_terminal
    for start in track(starts, "Pronouncing", console=console, transient=True, disable=not show):
        yield words[start : start + _CHUNK]


def _line(form: str, word: str, phonemes: list[str]) -> str:
    if form == "json":
        return json.dumps({"word": word, "phonemes": phonemes}, ensure_ascii=False) + "\n"
    return f"{word}\t{' '.join(phonemes)}\n"
