"""`tfopt evaluate` of g2p models: what it counts, and what it refuses."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
from evaluation_files import WORDS, Silent, write_dictionary, write_g2p

from tfopt import g2p as models
from tfopt.evaluation import g2p, pronunciations, results, subjects


def test_errors_and_words_a_second(tmp_path: Path) -> None:
    """Half of the words are listed as the first model says them; the second model says others."""
    first, second = write_g2p(tmp_path / "first"), write_g2p(tmp_path / "second", seed=5)
    said, others = (models.load(path).predict(WORDS) for path in (first, second))
    assert said != others
    data = write_dictionary(tmp_path / "words.dict", said)
    reporter = Silent()
    plan = g2p.Plan(rounds=3, batch=4, alone=3)
    made = g2p.evaluate(
        subjects.read([first, second]),
        pronunciations.read(data),
        ["float32", "bfloat16"],
        plan,
        reporter,
    )
    assert reporter.announced == reporter.done > 0
    assert made.data == "10 words"
    assert [(row.model, row.compute_type) for row in made.rows] == [
        *(("first", "float32"), ("first", "bfloat16")),
        *(("second", "float32"), ("second", "bfloat16")),
    ]
    exact = made.rows[0].qualities
    spoken = sum(map(len, said))
    assert exact["words_wrong"] == 0.5
    assert exact["phonemes_wrong"] == pytest.approx(5 / (spoken + 5))
    assert exact["words_wrong_without_stress"] == 0.5
    assert exact["words_changed"] == 0
    assert made.rows[2].qualities["words_changed"] == 0  # against itself in float32
    assert made.rows[2].qualities["words_wrong"] > 0.5
    for row in made.rows:
        assert row.sample_rate is None
        assert [len(row.speeds[name]) for name in ("words_per_s", "words_per_s_alone")] == [3, 3]
    assert made.rows[1].memory_bytes < made.rows[0].memory_bytes


def test_what_changes_is_counted_against_float32_that_is_not_asked_for(tmp_path: Path) -> None:
    model = write_g2p(tmp_path / "model")
    net = models.load(model, compute_type="int8")
    pairs = zip(net.predict(WORDS), models.load(model).predict(WORDS), strict=True)
    changed = sum(a != b for a, b in pairs)
    data = write_dictionary(tmp_path / "words.dict", net.predict(WORDS))
    listed, plan = pronunciations.read(data), g2p.Plan(rounds=1)
    made = g2p.evaluate(subjects.read([model]), listed, ["int8"], plan, Silent())
    (row,) = made.rows
    assert row.qualities["words_changed"] == changed
    assert row.qualities["words_wrong"] == 0.5
    assert made.loss(row) is None


def test_words_that_no_model_can_say_are_wrong(tmp_path: Path) -> None:
    model = write_g2p(tmp_path / "model")
    listed, plan = {"123": [["A", "B"]], "!!": [["C"]]}, g2p.Plan(rounds=1)
    made = g2p.evaluate(subjects.read([model]), listed, ["float32"], plan, Silent())
    assert made.rows[0].qualities["words_wrong"] == 1


def test_the_command(tmp_path: Path) -> None:
    """In a process of its own, since it chooses TensorFlow's threads."""
    model = write_g2p(tmp_path / "model")
    data = write_dictionary(tmp_path / "words.dict", models.load(model).predict(WORDS))
    out = tmp_path / "results" / "made"
    command = [sys.executable, "-m", "tfopt", "evaluate", str(model), str(data), "--out", str(out)]
    done = subprocess.run([*command, "--rounds", "1"], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert "measuring words a second" in done.stderr
    assert "50.00%" in done.stdout
    made = results.parse(json.loads(out.with_suffix(".json").read_text()), "made")
    assert [row.compute_type for row in made.rows] == ["float32", "bfloat16", "int16", "int8"]
