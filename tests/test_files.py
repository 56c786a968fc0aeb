"""Files appear complete or not at all."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tfopt import files


def test_text_and_bytes(tmp_path: Path) -> None:
    with files.writing_text(tmp_path / "text") as text:
        text.write("é\n")
    with files.writing(tmp_path / "bytes") as binary:
        binary.write(b"\x00\xff")
    assert (tmp_path / "text").read_bytes() == "é\n".encode()
    assert (tmp_path / "bytes").read_bytes() == b"\x00\xff"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["bytes", "text"]


def test_permissions_are_those_of_a_new_file(tmp_path: Path) -> None:
    old = os.umask(0o027)
    try:
        with files.writing(tmp_path / "file"):
            pass
    finally:
        os.umask(old)
    assert (tmp_path / "file").stat().st_mode & 0o777 == 0o640


def test_the_old_file_stays_until_the_new_one_is_whole(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_text("old")
    with files.writing_text(path) as file:
        file.write("new")
        file.flush()
        assert path.read_text() == "old"
    assert path.read_text() == "new"


@pytest.mark.parametrize("writing", [files.writing, files.writing_text])
@pytest.mark.parametrize("error", [ValueError, KeyboardInterrupt])
def test_a_failure_changes_nothing(
    tmp_path: Path, writing: Callable[..., Any], error: type[BaseException]
) -> None:
    path = tmp_path / "file"
    path.write_text("old")
    with pytest.raises(error), writing(path):
        raise error
    assert path.read_text() == "old"
    assert [p.name for p in tmp_path.iterdir()] == ["file"]


def test_links_and_devices_stay_what_they_are(tmp_path: Path) -> None:
    target, link, pipe = tmp_path / "target", tmp_path / "link", tmp_path / "pipe"
    link.symlink_to(target)
    with files.writing(link) as file:
        file.write(b"through")
    assert link.is_symlink()
    assert target.read_bytes() == b"through"
    os.mkfifo(pipe)
    reader = os.open(pipe, os.O_RDONLY | os.O_NONBLOCK)
    with files.writing(pipe) as file:
        file.write(b"down")
    assert os.read(reader, 9) == b"down"
    os.close(reader)
    assert pipe.is_fifo()
    with pytest.raises(IsADirectoryError), files.writing(tmp_path):
        pass


def test_a_folder_that_is_not_there(tmp_path: Path) -> None:
    path = tmp_path / "nonesuch" / "file"
    with pytest.raises(FileNotFoundError) as caught, files.writing(path):
        pass
    assert caught.value.filename == str(path)


def test_a_full_device_is_named() -> None:
    with pytest.raises(OSError, match="'/dev/full'"), files.writing(Path("/dev/full")) as file:
        file.write(b"more")


def test_another_file_s_error_keeps_its_name(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError) as caught, files.writing(tmp_path / "file"):
        (tmp_path / "input").read_bytes()
    assert caught.value.filename == str(tmp_path / "input")
