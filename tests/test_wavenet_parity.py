"""Every backend says what the original implementations say, on the weights that they ran with."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from conftest import REFERENCE

from tfopt import mu_law, wavenet
from tfopt.convert import ibab_wavenet, pytorch_wavenet

IBAB = REFERENCE / "wavenet_ibab_small"
HERRMANN = REFERENCE / "wavenet_herrmann_small"

pytestmark = pytest.mark.skipif(
    not REFERENCE.is_dir(),
    reason="the original implementations' outputs are not beside this checkout",
)


@pytest.fixture(scope="module")
def ibab(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("ibab") / "model"
    config = IBAB / "wavenet_params.json"
    ibab_wavenet.convert(IBAB / "model.ckpt-1000", out, config=config)
    return out


@pytest.fixture(scope="module")
def herrmann(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("herrmann") / "model"
    pytorch_wavenet.convert(HERRMANN / "model.pt", out, config=HERRMANN / "config.json")
    return out


@pytest.mark.parametrize("backend", wavenet.BACKENDS)
def test_ibab_probabilities(ibab: Path, backend: str) -> None:
    """tensorflow-wavenet stores the probabilities of every 7th step."""
    with np.load(IBAB / "io.npz") as stored:
        ids, expected, every = stored["ids"], stored["probabilities"], int(stored["every"])
    logits = wavenet.load(ibab, backend=backend).logits(ids)[0, ::every].astype(np.float64)
    powers = np.exp(logits - logits.max(-1, keepdims=True))
    found = powers / powers.sum(-1, keepdims=True)
    assert found.shape == expected.shape
    np.testing.assert_allclose(found, expected, rtol=0, atol=1e-4 * expected.max())
    # The same in logits, which the probabilities tell but for a constant a row.
    constant = np.log(expected).mean(-1, keepdims=True) - logits.mean(-1, keepdims=True)
    np.testing.assert_allclose(
        logits + constant, np.log(expected), rtol=0, atol=1e-4 * np.abs(logits).max()
    )


@pytest.mark.parametrize("backend", wavenet.BACKENDS)
def test_herrmann_logits_and_greedy_run(herrmann: Path, backend: str) -> None:
    """pytorch-wavenet: the logits of every 7th step, and 400 steps of the most likely class."""
    with np.load(HERRMANN / "io.npz") as stored:
        ids, expected, every = stored["ids"], stored["logits"], int(stored["logits_every"])
        greedy, first = stored["greedy"], int(stored["greedy_first"])
    net = wavenet.load(herrmann, backend=backend)
    found = net.logits(ids)[0, ::every]
    assert found.shape == expected.shape
    np.testing.assert_allclose(found, expected, rtol=0, atol=1e-4 * np.abs(expected).max())

    prompt = mu_law.decode([first], net.config.classes)
    audio = net.generate(prompt=prompt, samples=len(greedy), temperature=0)
    assert mu_law.encode(audio[0], net.config.classes).tolist() == greedy.tolist()
