#!/usr/bin/env bash
# Runs the tests of the custom ops with several versions of TensorFlow, all with the library that `make setup` has
# built: in .venv with the version that is there, with each other in an environment of its own.
#
#   tools/compatibility_test.sh [VERSION...] [-- ARGUMENTS]   2.14 2.16 2.18 2.21 by default; the arguments go to pytest
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
. tools/other_tensorflows.sh

COPY=build/compatibility/libtfopt_ops.so

die() { printf 'compatibility-test: %s\n' "$*" >&2; exit 1; }

versions=()
while [[ $# -gt 0 && $1 != -- ]]; do
    versions+=("$1")
    shift
done
arguments=("${@:2}")
[[ ${#versions[@]} -gt 0 ]] || versions=(2.14 2.16 2.18 2.21)
oldest=$(printf '%s\n' "${versions[@]}" | sort -V | head -n 1)

built=model/tfopt/libtfopt_ops.so
[[ -f $built ]] || die "$built is not there: \`make setup\` builds it"
# A copy, which nothing that goes on meanwhile can replace between two versions.
mkdir -p "$(dirname "$COPY")"
cp "$built" "$COPY"
export TFOPT_OPS_LIBRARY=$PWD/$COPY

version_in() { "$1" -c 'import tensorflow; print(tensorflow.__version__)' 2>/dev/null; } # Python

test_with() { # Python, version
    local found options=()
    found=$(version_in "$1") || die "$1 has no TensorFlow that starts"
    [[ $found == "$2".* ]] || die "$1: expected TensorFlow $2, got $found"
    say "TensorFlow $found in $1, $(sha256sum "$TFOPT_OPS_LIBRARY" | cut -d ' ' -f 1)"
    # That the engine reads whatever bytes it is given is tested with one version: TensorFlow has little part in it.
    [[ $2 == "$oldest" ]] || options=(--deselect tests/test_ops_corrupt.py)
    # Without tests/conftest.py, which needs more of the package than the ops do.
    PYTHONPATH=model "$1" -m pytest -q --noconftest -p no:cacheprovider \
        tests/test_ops*.py "${options[@]}" "${arguments[@]}"
}
test_version() { test_with "$ENVIRONMENTS/$1/bin/python" "$1"; }

here=$(version_in .venv/bin/python) || die ".venv has no TensorFlow: \`make setup\` installs it"
others=()
for version in "${versions[@]}"; do
    [[ $here == "$version".* ]] || others+=("$version")
done
[[ ${#others[@]} -eq 0 ]] || with_each test_version "${others[@]}"
for version in "${versions[@]}"; do
    [[ $here != "$version".* ]] || test_with .venv/bin/python "$version"
done
say "One library, TensorFlow ${versions[*]}: all tests passed"
