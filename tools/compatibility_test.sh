#!/usr/bin/env bash
# Runs the tests of the custom ops with other versions of TensorFlow than .venv has, each in an environment of its
# own, and all with the library that `make setup` has built, which `make test` tests with the version in .venv.
#
#   tools/compatibility_test.sh [VERSION...] [-- ARGUMENTS]   2.14 2.16 2.18 by default; the arguments go to pytest
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
[[ ${#versions[@]} -gt 0 ]] || versions=(2.14 2.16 2.18)

built=model/tfopt/libtfopt_ops.so
[[ -f $built ]] || die "$built is not there: \`make setup\` builds it"
# A copy, which nothing that goes on meanwhile can replace between two versions.
mkdir -p "$(dirname "$COPY")"
cp "$built" "$COPY"
export TFOPT_OPS_LIBRARY=$PWD/$COPY

test_version() { # version
    say "TensorFlow $1, $(sha256sum "$TFOPT_OPS_LIBRARY" | cut -d ' ' -f 1)"
    # Without tests/conftest.py, which needs more of the package than the ops do; and without what TensorFlow has no
    # part in: that the engine reads whatever bytes it is given.
    PYTHONPATH=model "$ENVIRONMENTS/$1/bin/python" -m pytest -q --noconftest -p no:cacheprovider \
        tests/test_ops*.py --deselect tests/test_ops_corrupt.py "${arguments[@]}"
}

with_each test_version "${versions[@]}"
say "One library, TensorFlow ${versions[*]}: all tests passed"
