#!/usr/bin/env bash
# Tests the mel spectrograms in two environments under build/features: TensorFlow 2.14 and 2.16, each with the
# tensorflow-io that fits it; the second has librosa, which the features are held against, too.
#
#   tools/features_test.sh [ARGUMENTS]   the arguments go to pytest
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
# Which Python suits which TensorFlow.
. tools/setup.sh

FOLDER=build/features
declare -A WITH=(
    [2.14]='tensorflow-io==0.35.0'
    [2.16]='tensorflow-io==0.37.1 librosa'
)

die() { printf 'features-test: %s\n' "$*" >&2; exit 1; }

make_environment() { # version
    local venv=$FOLDER/$1 minors requirements others python
    TENSORFLOW="tensorflow-cpu==$1.*"
    mapfile -t requirements < <(tools/tensorflow_requirements.sh "$TENSORFLOW")
    read -ra others <<<"${WITH[$1]} soundfile soxr numpy pytest"
    requirements+=("${others[@]}")
    [[ "$(cat "$venv/.complete" 2>/dev/null)" == "${requirements[*]}" ]] && return
    rm -f "$venv/.complete"
    read -ra minors <<<"$(supported_minors)"
    python=$(find_python) || die "TensorFlow $1 needs one of Python$(printf ' 3.%s' "${minors[@]}")"
    say "Installing ${requirements[*]} into $venv"
    "$python" -m venv --clear "$venv"
    "$venv/bin/python" -m pip --disable-pip-version-check --no-input -qq install \
        "${requirements[@]}" || die "pip could not install ${requirements[*]}"
    echo "${requirements[*]}" >"$venv/.complete"
}

if [[ $(uname -m) != x86_64 ]]; then
    echo "features-test: skipped: tensorflow-io is published for x86-64 alone"
    exit 0
fi
mkdir -p "$FOLDER"
for version in 2.14 2.16; do
    make_environment "$version" &
done
wait
for version in 2.14 2.16; do
    [[ -f $FOLDER/$version/.complete ]] || die "there is no environment with TensorFlow $version"
    tests=(tests/features/test_dataset.py)
    [[ ${WITH[$version]} != *librosa* ]] || tests+=(tests/features/test_librosa.py)
    say "TensorFlow $version, ${WITH[$version]}"
    # Without tests/conftest.py, which needs more of the package than the features do.
    PYTHONPATH=model "$FOLDER/$version/bin/python" -m pytest -q --noconftest -p no:cacheprovider \
        "${tests[@]}" "$@" || die "the tests failed with TensorFlow $version"
done
say "The same features with both, and librosa's: all tests passed"
