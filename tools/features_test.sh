#!/usr/bin/env bash
# Tests the mel spectrograms with TensorFlow 2.14 and 2.16, each with the tensorflow-io that fits it; beside the
# second is librosa, which the features are held against, too.
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

test_version() { # version
    local tests=(tests/features/test_dataset.py)
    [[ ${BESIDE[$1]} != *librosa* ]] || tests+=(tests/features/test_librosa.py)
    say "TensorFlow $1, ${BESIDE[$1]}"
    # Without tests/conftest.py, which needs more of the package than the features do.
    PYTHONPATH=model "$ENVIRONMENTS/$1/bin/python" -m pytest -q --noconftest -p no:cacheprovider \
        "${tests[@]}" "${arguments[@]}"
}

with_each test_version 2.14 2.16
say "The same features with both, and librosa's: all tests passed"
