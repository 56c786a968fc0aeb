#!/usr/bin/env bash
# Runs the tests of the custom ops with several versions of TensorFlow, each in an environment of its own under
# build/compatibility, and all with one and the same library: the one that `make setup` has built.
#
#   tools/compatibility_test.sh [VERSION...] [-- ARGUMENTS]   2.14 2.16 2.18 2.21 by default; the arguments
#                                                             go to pytest
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
# Which Python suits which TensorFlow.
. tools/setup.sh

FOLDER=build/compatibility

die() { printf 'compatibility-test: %s\n' "$*" >&2; exit 1; }

make_environment() { # version
    local venv=$FOLDER/$1 minors requirements python
    TENSORFLOW="tensorflow-cpu==$1.*"
    mapfile -t requirements < <(tools/tensorflow_requirements.sh "$TENSORFLOW")
    requirements+=(numpy pytest)
    [[ "$(cat "$venv/.complete" 2>/dev/null)" == "${requirements[*]}" ]] && return
    rm -f "$venv/.complete"
    read -ra minors <<<"$(supported_minors)"
    python=$(find_python) || die "TensorFlow $1 needs one of Python$(printf ' 3.%s' "${minors[@]}")"
    say "Installing ${requirements[*]} into $venv"
    "$python" -m venv --clear "$venv"
    "$venv/bin/python" -m pip --disable-pip-version-check --no-input -qq install \
        "${requirements[@]}" || die "pip could not install TensorFlow $1"
    echo "${requirements[*]}" >"$venv/.complete"
}

versions=()
while [[ $# -gt 0 && $1 != -- ]]; do
    versions+=("$1")
    shift
done
arguments=("${@:2}")
[[ ${#versions[@]} -gt 0 ]] || versions=(2.14 2.16 2.18 2.21)

built=model/tfopt/libtfopt_ops.so
[[ -f $built ]] || die "$built is not there: \`make setup\` builds it"
mkdir -p "$FOLDER"
# A copy, which nothing that goes on meanwhile can replace between two versions.
cp "$built" "$FOLDER/"
export TFOPT_OPS_LIBRARY=$PWD/$FOLDER/libtfopt_ops.so

# The output of one version is shown when it is whole, since two run at a time.
test_version() { # version
    make_environment "$1"
    local log=$FOLDER/$1.log status=0
    # Without tests/conftest.py, which needs more of the package than the ops do.
    PYTHONPATH=model "$FOLDER/$1/bin/python" -m pytest -q --noconftest -p no:cacheprovider \
        tests/test_ops*.py "${arguments[@]}" >"$log" 2>&1 || status=$?
    say "TensorFlow $1, $(sha256sum "$TFOPT_OPS_LIBRARY" | cut -d ' ' -f 1)"
    cat "$log"
    [[ $status -ne 0 ]] || rm "$FOLDER/$1.failed"
}

for version in "${versions[@]}"; do
    [[ $(jobs -pr | wc -l) -lt 2 ]] || wait -n || true
    touch "$FOLDER/$version.failed"
    test_version "$version" &
done
wait
failed=()
for version in "${versions[@]}"; do [[ ! -e $FOLDER/$version.failed ]] || failed+=("$version"); done
[[ ${#failed[@]} -eq 0 ]] || die "the tests failed with TensorFlow ${failed[*]}"
say "One library, ${#versions[@]} versions of TensorFlow: all tests passed"
