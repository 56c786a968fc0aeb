"""Every example in the documentation does what it says."""

from __future__ import annotations

import doctest
import re
import shlex
from pathlib import Path

import click
import pytest

import tfopt.g2p
from tfopt.cli import cli

ROOT = Path(__file__).parents[1]
PAGES = sorted(
    page
    for page in ROOT.rglob("*.md")
    if not page.relative_to(ROOT).parts[0].startswith((".", "build"))
)


def test_docstrings() -> None:
    result = doctest.testmod(tfopt.g2p)
    assert result.attempted > 0
    assert result.failed == 0


@pytest.mark.parametrize(
    "page",
    [
        *("README.md", "docs/g2p.md", "docs/wavenet.md", "docs/wavernn.md", "docs/vocode.md"),
        "docs/reduced-precision.md",
    ],
)
def test_python_examples(page: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Examples share one namespace, in order; lines with `>>>` print what follows them."""
    monkeypatch.chdir(tmp_path)
    text = (ROOT / page).read_text(encoding="utf-8")
    blocks = re.findall(r"```python\n(.*?)```", text, re.DOTALL)
    assert blocks
    namespace: dict[str, object] = {}
    for number, block in enumerate(blocks):
        test = doctest.DocTestParser().get_doctest(block, namespace, f"{page}[{number}]", page, 0)
        assert test.examples, f"{page}: example {number} has no >>> line"
        runner = doctest.DocTestRunner()
        result = runner.run(test, clear_globs=False)
        namespace = test.globs
        assert result.failed == 0


@pytest.mark.parametrize("page", PAGES, ids=lambda p: p.relative_to(ROOT).as_posix())
def test_links_lead_somewhere(page: Path) -> None:
    text = re.sub(r"```.*?```", "", page.read_text(encoding="utf-8"), flags=re.DOTALL)
    for target in re.findall(r"\]\(([^)#:]+)\)", text):
        assert (page.parent / target).exists(), f"{page.name}: {target}"


def shell_commands() -> list[tuple[str, list[str]]]:
    """The commands of every `sh` block, without comments."""
    found = []
    for page in PAGES:
        for block in re.findall(r"```sh\n(.*?)```", page.read_text(encoding="utf-8"), re.DOTALL):
            for line in block.splitlines():
                words = shlex.split(line, comments=True)
                if words:
                    found.append((page.name, words))
    return found


def test_shell_examples_name_what_exists() -> None:
    """Every make target, command and option in the documentation is there."""
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    seen = set()
    for page, words in shell_commands():
        if words[0] == "make":
            targets = [word for word in words[1:] if "=" not in word]
            assert all(re.search(rf"^{t}:", makefile, re.MULTILINE) for t in targets), (page, words)
        elif Path(words[0]).name == "tfopt" or words[1:2] == ["profile.py"]:
            name = "profile" if "profile.py" in words else words[1]
            command = cli.get_command(click.Context(cli), name)
            assert command is not None, (page, words)
            known = {option for parameter in command.params for option in parameter.opts}
            options = {word for word in words if word.startswith("--")} - {"--help"}
            assert options <= known, (page, words)
        seen.add(Path(words[0]).name)
    assert {"make", "tfopt", "docker"} <= seen


def test_results_are_there() -> None:
    """What results/README.md lists is committed."""
    text = (ROOT / "results" / "README.md").read_text(encoding="utf-8")
    named = set(re.findall(r"`([a-z0-9_]+)\.(?:json|png|\*)`", text))
    there = {path.stem for path in (ROOT / "results").iterdir()}
    assert named - {"profile", "compare"} <= there
