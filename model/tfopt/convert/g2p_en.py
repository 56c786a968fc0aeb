"""Imports g2p-en (github.com/Kyubyong/g2p, Apache-2.0): version 1.x's TF1 checkpoint, 2.x's NumPy archive."""

from __future__ import annotations

import tempfile
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tfopt import model_directory
from tfopt.g2p.config import G2pConfig

_LETTERS = tuple("abcdefghijklmnopqrstuvwxyz")
# ARPAbet with lexical stress, in the order of g2p-en's output layers.
PHONEMES = (
    *("AA0", "AA1", "AA2", "AE0", "AE1", "AE2", "AH0", "AH1", "AH2", "AO0", "AO1", "AO2"),
    *("AW0", "AW1", "AW2", "AY0", "AY1", "AY2", "B", "CH", "D", "DH", "EH0", "EH1", "EH2"),
    *("ER0", "ER1", "ER2", "EY0", "EY1", "EY2", "F", "G", "HH", "IH0", "IH1", "IH2"),
    *("IY0", "IY1", "IY2", "JH", "K", "L", "M", "N", "NG", "OW0", "OW1", "OW2"),
    *("OY0", "OY1", "OY2", "P", "R", "S", "SH", "T", "TH", "UH0", "UH1", "UH2"),
    *("UW", "UW0", "UW1", "UW2", "V", "W", "Y", "Z", "ZH"),
)
_GRU: dict[str, Any] = {
    "architecture": "gru",
    "graphemes": ("<pad>", "<unk>", "</s>", *_LETTERS),
    "phonemes": ("<pad>", "<unk>", "<s>", "</s>", *PHONEMES),
    "unknown_grapheme": "<unk>",
    "end_grapheme": "</s>",
    "start_phoneme": "<s>",
    "end_phoneme": "</s>",
    "max_graphemes": 0,
    "max_phonemes": 20,
}
_ATTENTION_GRU: dict[str, Any] = {
    "architecture": "attention_gru",
    "graphemes": ("<pad>", "</s>", "<unk>", *_LETTERS),  # "P", "E", "U" there
    "phonemes": ("<PAD>", "<EOS>", *PHONEMES),
    "unknown_grapheme": "<unk>",
    "end_grapheme": "</s>",
    "start_phoneme": "<PAD>",
    "end_phoneme": "<EOS>",
    "embedding": 0,
    "max_graphemes": 20,
    "max_phonemes": 20,
}
_CARD = """# {name}

Grapheme-to-phoneme conversion for English: {description}

- Origin: the Python package `g2p-en` {version} (https://github.com/Kyubyong/g2p), Kyubyong Park and
  Jongseok Kim. Converted by `tfopt convert g2p-en`; the values are unchanged.
- Licence: Apache-2.0.
- Trained by its authors on the CMU Pronouncing Dictionary; output: ARPAbet with lexical stress.
- Parameters: {parameters:,} (float32).
"""


def convert(source: Path, out: Path, *, replace: bool = False) -> None:
    """Makes a model directory of g2p-en's weights.

    Args:
        source: The wheel of g2p-en (`.whl`), its unpacked `g2p_en` folder, the NumPy archive of version
            2.x (`.npz`), or the checkpoint prefix of version 1.x (the path without `.index`).
        out: The directory to write.
        replace: Replace `out` if it exists.

    Raises:
        ValueError: The source is missing, damaged, or not g2p-en's; or `out` exists.
    """
    if source.suffix == ".whl":
        with tempfile.TemporaryDirectory() as folder:
            convert(_unpack(source, Path(folder)), out, replace=replace)
        return
    if source.is_dir():
        source = _find_weights(source)
    if source.suffix == ".npz":
        config, weights, version = *_import_archive(source), "2.x"
        description = "a GRU encoder whose last state starts a GRU decoder."
    else:
        config, weights, version = *_import_checkpoint(source), "1.x"
        description = "a bidirectional GRU encoder and a GRU decoder with Bahdanau attention."
    model_directory.check_weights(weights, config.shapes, str(source))
    card = _CARD.format(
        name=out.name,
        description=description,
        version=version,
        parameters=sum(tensor.size for tensor in weights.values()),
    )
    model_directory.write(
        out, kind="g2p", config=config.to_dict(), weights=weights, card=card, replace=replace
    )


def _unpack(wheel: Path, folder: Path) -> Path:
    """Extracts a wheel's weight files, and only these, into `folder`."""
    try:
        with zipfile.ZipFile(wheel) as archive:
            for name in archive.namelist():
                if name == "g2p_en/checkpoint20.npz" or name.startswith("g2p_en/logdir/"):
                    archive.extract(name, folder)
    except (OSError, zipfile.BadZipFile) as error:
        raise ValueError(f"{wheel}: cannot read it as a wheel: {error}") from error
    return folder / "g2p_en"


def _find_weights(folder: Path) -> Path:
    """The archive or checkpoint prefix inside g2p-en's package folder."""
    archives = sorted(folder.glob("checkpoint*.npz"))
    indices = sorted([*folder.glob("logdir/*.index"), *folder.glob("*.index")])
    found = archives or [path.with_suffix("") for path in indices]
    if len(found) != 1:
        raise ValueError(
            f"{folder}: expected one checkpoint*.npz or one checkpoint in logdir, found {len(found)}"
        )
    return found[0]


def _import_archive(path: Path) -> tuple[G2pConfig, model_directory.Weights]:
    """Reads the archive of 2.x: PyTorch's GRU layout, kernels as [3 * hidden, inputs]."""
    names = {
        f"{side}.{ours}": (f"{short}_{theirs}", kernel)
        for side, short in (("encoder", "enc"), ("decoder", "dec"))
        for ours, theirs, kernel in (
            ("embedding", "emb", False),
            ("input_kernel", "w_ih", True),
            ("input_bias", "b_ih", False),
            ("recurrent_kernel", "w_hh", True),
            ("recurrent_bias", "b_hh", False),
        )
    } | {"output.kernel": ("fc_w", True), "output.bias": ("fc_b", False)}
    try:
        with path.open("rb") as file, np.load(file, allow_pickle=False) as archive:
            arrays = {name: archive[name] for name in archive.files}
    except (OSError, ValueError, zipfile.BadZipFile, EOFError) as error:
        raise ValueError(f"{path}: cannot read it as a NumPy archive: {error}") from error
    _expect_names(path, arrays, {theirs for theirs, _ in names.values()})
    weights = {
        ours: arrays[theirs].T if kernel else arrays[theirs]
        for ours, (theirs, kernel) in names.items()
    }
    embedding, hidden = arrays["enc_emb"].shape[-1], arrays["enc_w_hh"].shape[-1]
    return G2pConfig(**_GRU, embedding=embedding, hidden=hidden), weights


def _import_checkpoint(prefix: Path) -> tuple[G2pConfig, model_directory.Weights]:
    """Reads the checkpoint of 1.x: TensorFlow 1's `GRUCell`, kernels as [inputs + hidden, gates]."""
    from tfopt import tensorflow_runtime

    tf = tensorflow_runtime.start()
    try:
        reader = tf.train.load_checkpoint(str(prefix))
        shapes = reader.get_variable_to_shape_map()
        wanted = [name for name in shapes if not _is_training_state(name)]
        arrays = {name: reader.get_tensor(name) for name in wanted}
    except (ValueError, IndexError, RuntimeError, tf.errors.OpError) as error:
        reason = str(error).splitlines()[0]
        raise ValueError(f"{prefix}: cannot read it as a checkpoint: {reason}") from error

    wrapper = "rnn/attention_wrapper"
    cells = {
        "encoder.forward": "bidirectional_rnn/fw/gru_cell",
        "encoder.backward": "bidirectional_rnn/bw/gru_cell",
        "decoder": f"{wrapper}/gru_cell",
    }
    parts = {f"{layer}/{part}" for layer in ("gates", "candidate") for part in ("kernel", "bias")}
    others = {
        "attention.memory_kernel": "memory_layer/kernel",
        "attention.query_kernel": f"{wrapper}/bahdanau_attention/query_layer/kernel",
        "attention.score": f"{wrapper}/bahdanau_attention/attention_v",
        "attention.output_kernel": f"{wrapper}/attention_layer/kernel",
        "output.kernel": "dense/kernel",
        "output.bias": "dense/bias",
    }
    expected = {f"{cell}/{part}" for cell in cells.values() for part in parts} | set(
        others.values()
    )
    _expect_names(prefix, arrays, expected)
    weights = {ours: arrays[theirs] for ours, theirs in others.items()}
    hidden = arrays["memory_layer/kernel"].shape[-1]
    for ours, theirs in cells.items():
        # TensorFlow 1 keeps reset and update gate in one kernel and the candidate in another, each over
        # input and state together.
        kernel = np.concatenate(
            [arrays[f"{theirs}/gates/kernel"], arrays[f"{theirs}/candidate/kernel"]], axis=1
        )
        weights[f"{ours}.input_kernel"] = kernel[:-hidden]
        weights[f"{ours}.recurrent_kernel"] = kernel[-hidden:]
        weights[f"{ours}.bias"] = np.concatenate(
            [arrays[f"{theirs}/gates/bias"], arrays[f"{theirs}/candidate/bias"]]
        )
    return G2pConfig(**_ATTENTION_GRU, hidden=hidden), weights


def _is_training_state(name: str) -> bool:
    """Whether a variable belongs to the optimiser rather than to the model."""
    return name in ("beta1_power", "beta2_power", "global_step") or "/Adam" in name


def _expect_names(path: Path, arrays: dict[str, NDArray[Any]], names: set[str]) -> None:
    missing, unknown = sorted(names - set(arrays)), sorted(set(arrays) - names)
    if missing or unknown:
        raise ValueError(f"{path}: not a g2p-en model: missing {missing}, not known {unknown}")
    for name, array in arrays.items():
        if array.dtype != np.float32 or not 1 <= array.ndim <= 2:
            raise ValueError(
                f"{path}: {name}: expected a float32 vector or matrix, "
                f"got {array.dtype} of rank {array.ndim}"
            )
