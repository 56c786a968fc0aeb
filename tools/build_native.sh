#!/usr/bin/env bash
# Builds the program tfopt-native: build/release/tfopt-native, static, of the engine alone.
#
#   tools/build_native.sh [TARGET...]     other targets of the preset `program`
#
# Needs a C++ compiler, cmake and ninja, and Debian's libcli11-dev and libutf8proc-dev, which it installs with
# apt where it may. Only what has changed is compiled.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
. tools/apt.sh
. tools/build_folder.sh
export PATH=$PWD/.venv/bin:$PATH

BUILD=build/release
LOG=$BUILD/program.log

die() { printf 'build_native: %s\n' "$*" >&2; exit 1; }

[[ $# -gt 0 ]] || set -- tfopt-native
packages=(libcli11-dev libutf8proc-dev)
[[ -n ${CXX:-} ]] || packages+=(g++)
apt_install "${packages[@]}" || true
for tool in "${CXX:-c++}" cmake ninja; do
    command -v "$tool" >/dev/null || die "needs $tool: install it"
done

options=()
if [[ " $* " == *" program_test "* ]]; then
    apt_install googletest || true
    options+=(-DTFOPT_TESTS=ON)
fi
lock_folder "$BUILD"
if ! configure "$BUILD" --preset program "${options[@]}" >"$LOG" 2>&1; then
    cat "$LOG" >&2
    die "cmake failed; it needs Debian's ${packages[*]}, or the same libraries from elsewhere"
fi
cmake --build "$BUILD" --target "$@" >"$LOG" 2>&1 || { cat "$LOG" >&2; die "it does not compile"; }
printf '==> Built %s: %s bytes\n' "$BUILD/tfopt-native" "$(stat -c %s "$BUILD/tfopt-native")"
