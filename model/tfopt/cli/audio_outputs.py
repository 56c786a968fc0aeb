"""Where `tfopt vocode` writes the audio of each input."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

import click

from tfopt import audio_files

STANDARD = "-"  # standard input or output


def planned(inputs: Sequence[str], out: str, form: str | None) -> tuple[list[Path | None], str]:
    """Chooses the files to write.

    Args:
        inputs: Files to read, or `STANDARD`; none is empty.
        out: A file, a folder, or `STANDARD`; not empty.
        form: One of `audio_files.FORMATS`; None goes by the ending of `out`, and is "wav" if it has none.

    Returns:
        For each input a file, or None for standard output; and the format.

    Raises:
        click.UsageError: Inputs and output do not fit together, two outputs have one name, an output is one
            of the inputs, or its ending is no format and none is given.
    """
    if out != STANDARD and Path(out).is_dir():
        form = form or "wav"
        targets = [_in_folder(Path(out), name, form) for name in inputs]
        _expect_distinct(inputs, targets)
        folder = Path(out)
    elif len(inputs) > 1:
        raise click.UsageError(
            f"--out: expected a folder that exists, as there are {len(inputs)} inputs, got {out!r}"
        )
    elif out == STANDARD:
        return [None], form or "wav"
    else:
        targets, folder = [Path(out)], Path(out).parent
        if not folder.is_dir():
            raise click.UsageError(f"--out: expected a file in a folder that exists, got {out!r}")
        form = _format_of(Path(out), form)
    special = len(targets) == 1 and targets[0].exists() and not targets[0].is_file()
    if not special and not os.access(folder, os.W_OK | os.X_OK):
        raise click.UsageError(f"--out: expected a folder that can be written to, got {folder}")
    read = {Path(name).resolve() for name in inputs if name != STANDARD}
    for target in targets:
        if target.resolve() in read:
            raise click.UsageError(f"--out: expected another file than the input, got {target}")
    return list(targets), form


def _in_folder(folder: Path, name: str, form: str) -> Path:
    if name == STANDARD:
        raise click.UsageError("--out: expected a file or -, since standard input has no name")
    return folder / f"{Path(name).stem}.{form}"


def _expect_distinct(inputs: Sequence[str], targets: Sequence[Path]) -> None:
    seen: dict[Path, str] = {}
    for name, target in zip(inputs, targets, strict=True):
        if target in seen:
            raise click.UsageError(
                f"--out: expected inputs with different names, "
                f"but {seen[target]} and {name} would both be {target}"
            )
        seen[target] = name


def _format_of(path: Path, form: str | None) -> str:
    suffix = path.suffix[1:].lower()
    if suffix in audio_files.FORMATS:
        if form not in (None, suffix):
            raise click.UsageError(f"--format {form}: expected --out to say so too, got {path}")
        return suffix
    if suffix and form is None:
        known = ", ".join(f".{one}" for one in audio_files.FORMATS)
        raise click.UsageError(f"--out: expected an ending of {known}, or --format, got {path}")
    return form or "wav"
