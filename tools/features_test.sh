#!/usr/bin/env bash
# Tests the mel spectrograms with TensorFlow 2.14 and 2.16, each with the tensorflow-io that fits it. Beside the second
# is librosa too, which the features are held against, and which the comparisons of trained vocoders need.
#
#   tools/features_test.sh [ARGUMENTS]   the arguments go to pytest
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
. tools/other_tensorflows.sh

die() { printf 'features-test: %s\n' "$*" >&2; exit 1; }

if [[ $(uname -m) != x86_64 ]]; then
    echo "features-test: skipped: tensorflow-io is published for x86-64 alone"
    exit 0
fi
arguments=("$@")

WITH_LIBROSA=(
    tests/features/test_librosa.py
    tests/training/test_vocoder_comparison.py
    tests/training/test_vocoder_runs.py::test_cards_compare_the_model_with_recordings
)

test_version() { # version
    local tests=(tests/features/test_dataset.py)
    if [[ ${BESIDE[$1]} == *librosa* ]]; then
        "$ENVIRONMENTS/$1/bin/python" -c 'import librosa, pesq, pystoi'  # without which tests would skip
        tests+=("${WITH_LIBROSA[@]}")
    fi
    say "TensorFlow $1, ${BESIDE[$1]}"
    # Without tests/conftest.py, which needs more packages than are there.
    PYTHONPATH=model "$ENVIRONMENTS/$1/bin/python" -m pytest -q --noconftest -p no:cacheprovider \
        "${tests[@]}" "${arguments[@]}"
}

with_each test_version 2.14 2.16
say "The same features with both, and librosa's; comparisons of vocoders: all tests passed"
