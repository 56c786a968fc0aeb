"""Every example in the documentation does what it says."""

from __future__ import annotations

import doctest
import re
from pathlib import Path

import pytest

import tfopt.g2p

ROOT = Path(__file__).parents[1]
PAGES = sorted(p for p in ROOT.rglob("*.md") if not p.relative_to(ROOT).parts[0].startswith("."))


def test_docstrings() -> None:
    result = doctest.testmod(tfopt.g2p)
    assert result.attempted > 0
    assert result.failed == 0


@pytest.mark.parametrize("page", ["README.md", "docs/g2p.md"])
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
