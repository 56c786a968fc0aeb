#!/usr/bin/env bash
# Builds tfopt-native and tests it: by itself, with sanitizers, and against the package, whose samples and
# phonemes it has to give to the last bit.
#
#   tools/native_test.sh [ARGUMENTS]     arguments go to pytest
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
. tools/build_folder.sh
export PATH=$PWD/.venv/bin:$PATH

# The engine test's folder: the engine and GoogleTest are compiled once for both.
SANITIZED=build/asan

say() { printf '==> %s\n' "$*"; }
die() { printf 'native-test: %s\n' "$*" >&2; exit 1; }

tools/build_native.sh tfopt-native tfopt-native-shared program_test
for name in tfopt-native tfopt-native-shared; do
    say "$name: $(stat -c %s "build/release/$name") bytes"
done
if ldd build/release/tfopt-native >/dev/null 2>&1; then
    die "build/release/tfopt-native needs shared libraries: $(ldd build/release/tfopt-native)"
fi
[[ $(stat -c %s build/release/tfopt-native) -lt 10000000 ]] || die "tfopt-native has 10 MB or more"
say "program_test"
build/release/program_test --gtest_brief=1

say "program_test with AddressSanitizer and UndefinedBehaviorSanitizer"
lock_folder "$SANITIZED"
if ! configure "$SANITIZED" --preset program-asan >"$SANITIZED/build.log" 2>&1 ||
    ! cmake --build "$SANITIZED" --target tfopt-native program_test >"$SANITIZED/build.log" 2>&1; then
    cat "$SANITIZED/build.log" >&2
    die "cannot build $SANITIZED"
fi
unlock_folder
"$SANITIZED/program_test" --gtest_brief=1

say "Against the package"
TFOPT_NATIVE=$PWD/build/release/tfopt-native python -m pytest -q tests/test_native_*.py "$@"
say "With sanitizers, on good and bad input"
TFOPT_NATIVE=$PWD/$SANITIZED/tfopt-native python -m pytest -q -m "not same_bits" tests/test_native_*.py "$@"
say "All tests of tfopt-native passed"
