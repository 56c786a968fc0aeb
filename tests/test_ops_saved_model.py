"""A SavedModel that holds ops, in this program and in another.

Needs TensorFlow, NumPy and pytest alone, so that any TensorFlow can be tried.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")

import numpy as np
import tensorflow as tf
from ops_checks import assert_same, pack_g2p, pack_wavenet, pack_wavernn
from ops_models import G2PS, WAVENETS
from ops_wavernn import WAVERNNS

from tfopt import ops


class Model(tf.Module):  # type: ignore[misc]
    """All ops that run a network, as a SavedModel holds them."""

    def __init__(self) -> None:
        super().__init__()
        self.model = WAVENETS["one_hot"]
        self.packed, self.g2p = pack_wavenet(self.model), pack_g2p(G2PS["gru"])
        self.wavernn = pack_wavernn(WAVERNNS["split"])

    @tf.function(input_signature=[tf.TensorSpec([None], tf.float32), tf.TensorSpec([], tf.int32)])
    def generate(self, last: Any, time: Any) -> Any:
        batch = tf.shape(last)[0]
        uniforms = tf.fill([batch, time, 1], 0.3)
        empty = tf.zeros([batch, 0])
        return ops.wavenet_generate(
            self.packed,
            tf.zeros([batch, 0], tf.uint8),
            last,
            empty,
            tf.zeros([batch, time, 0]),
            empty,
            uniforms,
            0.8,
        )

    @tf.function(input_signature=[tf.TensorSpec([None, None, None])] * 3)
    def vocode(self, mels: Any, aux: Any, uniforms: Any) -> Any:
        batch = tf.shape(mels)[0]
        start = tf.zeros([batch, 0], tf.uint8), tf.zeros([batch, 2])
        given = mels, aux, 0, uniforms, 0.8
        return ops.wavernn_generate(self.wavernn, *start, *given, hop_length=4)

    @tf.function(
        input_signature=[tf.TensorSpec([None, None], tf.int32), tf.TensorSpec([None], tf.int32)]
    )
    def decode(self, ids: Any, lengths: Any) -> Any:
        return ops.g2p_decode(self.g2p, ids, lengths)


def test_saved_model(tmp_path: Path) -> None:
    model = Model()
    tf.saved_model.save(model, str(tmp_path / "saved"))
    loaded = tf.saved_model.load(str(tmp_path / "saved"))
    last, words = tf.constant([1.0, 4.0]), [tf.constant(w) for w in G2PS["gru"].words(3, 4)]
    expected = model.generate(last, 12)
    assert_same(loaded.generate(last, 12), expected)
    assert_same(loaded.decode(*words), model.decode(*words))
    given = WAVERNNS["split"].inputs(2, 8, offset=0)
    rows = [tf.constant(given[name]) for name in ("mels", "aux", "uniforms")]
    assert_same(loaded.vocode(*rows), model.vocode(*rows))
    # Another program needs the ops alone.
    np.save(tmp_path / "samples.npy", expected[0].numpy())
    script = (
        "import sys, numpy as np; from tfopt import ops; ops.load(); import tensorflow as tf\n"
        "model = tf.saved_model.load(sys.argv[1] + '/saved')\n"
        "given = model.generate(tf.constant([1.0, 4.0]), 12)[0]\n"
        "np.testing.assert_array_equal(given, np.load(sys.argv[1] + '/samples.npy'))\n"
    )
    subprocess.run([sys.executable, "-c", script, str(tmp_path)], check=True)
