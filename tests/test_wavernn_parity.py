"""WaveRNN says what the original implementation says, on the weights that it ran with."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from conftest import REFERENCE

from tfopt import wavernn
from tfopt.convert import fatchord_wavernn
from tfopt.wavernn import reference

pytestmark = pytest.mark.skipif(
    not REFERENCE.is_dir(),
    reason="the original implementation's outputs are not beside this checkout",
)
MODELS = ("raw9", "mol")


def folder(name: str) -> Path:
    return REFERENCE / f"wavernn_fatchord_{name}_small"


@pytest.fixture(scope="module", params=MODELS)
def model(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An imported model, its directory named after it."""
    out: Path = tmp_path_factory.mktemp("fatchord") / request.param
    source = folder(request.param)
    fatchord_wavernn.convert(source / "model.pt", out, config=source / "config.json")
    return out


def test_upsampling(model: Path) -> None:
    """WaveRNN stores the upsampling network's two outputs at every 7th sample."""
    net = reference.load(model)
    with np.load(folder(model.name) / "io.npz") as stored:
        mel, bands, aux = stored["mel"].T, stored["mel_upsampled"], stored["aux_upsampled"]
    rows = net.rows(mel, len(mel) * net.config.hop_length)[::7]
    assert len(rows) == len(bands) == len(aux) == 472
    for found, expected in (
        ([row.mel for row in rows], bands),
        ([row.aux.ravel() for row in rows], aux),
    ):
        # Sums of some hundred products and ten layers, each rounded to 6e-8.
        tolerance = 1e-5 * np.abs(expected).max()
        np.testing.assert_allclose(found, expected, rtol=0, atol=tolerance)


def test_reference_logits(model: Path) -> None:
    """WaveRNN stores the logits of every 11th sample, other samples being fed."""
    net = reference.load(model)
    with np.load(folder(model.name) / "io.npz") as stored:
        mel, fed, expected = stored["mel"].T, stored["x_prev"], stored["logits"]
        every = int(stored["logits_every"])
    found = net.logits(fed, mel)[::every]
    assert found.shape == expected.shape == (300, net.config.outputs)
    np.testing.assert_allclose(found, expected, rtol=0, atol=1e-4 * np.abs(expected).max())


@pytest.mark.parametrize("backend", wavernn.BACKENDS)
def test_logits(model: Path, backend: str) -> None:
    """The same of every backend, from the spectrogram on."""
    with np.load(folder(model.name) / "io.npz") as stored:
        mel, fed, expected = stored["mel"].T, stored["x_prev"], stored["logits"]
        every = int(stored["logits_every"])
    found = wavernn.load(model, backend=backend).logits(fed, mel)[0, ::every]
    assert found.shape == expected.shape
    np.testing.assert_allclose(found, expected, rtol=0, atol=1e-4 * np.abs(expected).max())
