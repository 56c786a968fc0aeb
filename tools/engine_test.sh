#!/usr/bin/env bash
# Builds and runs the tests of the C++ engine, on this CPU and on others.
#
#   tools/engine_test.sh [RUN...] [-- ARGUMENTS]      all runs by default; arguments go to GoogleTest
#
#   native    as shipped, with every instruction set that this CPU has
#   asan      with AddressSanitizer and UndefinedBehaviorSanitizer
#   tsan      with ThreadSanitizer: the tests that start threads
#   nehalem   as shipped, on an emulated CPU without AVX
#   haswell   as shipped, on an emulated CPU with AVX2 and without AVX-512
#   aarch64   for AArch64, emulated
#
# An emulated CPU runs the tests of its best level, without some that are long there.
#
# Installs what is missing with apt where it may. The emulated CPUs are for x86-64 machines; on others `native`
# is all that is shipped.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
. tools/apt.sh
. tools/build_folder.sh
export PATH=$PWD/.venv/bin:$PATH

# Steps that threads share in whole tiles, whose layout no level changes; words by the thousand, of whom others test that
# a level's columns change no bit; and allocations, of which kernels make none.
LONG_IF_EMULATED='*Shared*:*AnySplitOfABatch*:*Allocat*'

say() { printf '==> %s\n' "$*"; }
die() { printf 'engine-test: %s\n' "$*" >&2; exit 1; }

# need PACKAGE THING: installs the package, unless the thing (a command or a path) is there.
need() {
    if command -v "$2" >/dev/null || [[ -e $2 ]]; then return; fi
    apt_install "$1" || true
    if command -v "$2" >/dev/null || [[ -e $2 ]]; then return; fi
    die "needs $2: install it (sudo apt-get install $1)"
}

# Sets `preset`, what to build; `level`, the instruction set that must then be the best one; and `emulator`.
describe() {
    preset=release level="" emulator=()
    case $1 in
        native) ;;
        asan | tsan) preset=$1 ;;
        nehalem) level=baseline emulator=(qemu-x86_64 -cpu Nehalem) ;;
        # Without what the emulator lacks, of which it would warn.
        haswell)
            level=avx2
            emulator=(qemu-x86_64 -cpu "Haswell,-pcid,-x2apic,-tsc-deadline,-hle,-invpcid,-rtm")
            ;;
        aarch64) preset=aarch64 level=neon emulator=(qemu-aarch64 -L /usr/aarch64-linux-gnu) ;;
        *) die "no run is called $1: expected native, asan, tsan, nehalem, haswell or aarch64" ;;
    esac
}

build() { # preset
    local start=$SECONDS log=build/$1.log
    lock_folder "build/$1"
    if ! configure "build/$1" --preset "$1" >"$log" 2>&1 ||
        ! cmake --build "build/$1" --target engine_test >"$log" 2>&1; then
        cat "$log" >&2
        die "cannot build build/$1/engine_test"
    fi
    unlock_folder
    say "build/$1/engine_test: $((SECONDS - start)) s"
}

run() { # name
    local start=$SECONDS status=0
    describe "$1"
    local command=("${emulator[@]}" "build/$preset/engine_test") options=(--gtest_brief=1)
    if [[ -n $level ]]; then
        export TFOPT_EXPECTED_ISA=$level
        options+=("--gtest_filter=-$LONG_IF_EMULATED")
    fi
    "${command[@]}" "${options[@]}" "${arguments[@]}" >"build/$1.log" 2>&1 || status=$?
    say "$1: ${command[*]}: $((SECONDS - start)) s"
    cat "build/$1.log"
    [[ $status -ne 0 ]] || rm "build/$1.failed"
}

runs=()
while [[ $# -gt 0 && $1 != -- ]]; do
    runs+=("$1")
    shift
done
arguments=("${@:2}")
if [[ ${#runs[@]} -eq 0 ]]; then
    # The longest first, so that no CPU waits at the end.
    runs=(asan tsan)
    if [[ $(uname -m) == x86_64 ]]; then runs+=(aarch64 haswell nehalem); fi
    runs+=(native)
fi

mkdir -p build
need g++ "${CXX:-c++}"
need googletest /usr/src/googletest
declare -A built
for name in "${runs[@]}"; do
    describe "$name"
    [[ ${#emulator[@]} -eq 0 ]] || need qemu-user "${emulator[0]}"
    [[ $preset != aarch64 ]] || need g++-aarch64-linux-gnu aarch64-linux-gnu-g++
    [[ -n ${built[$preset]:-} ]] || build "$preset"
    built[$preset]=yes
done

# As many at a time as there are CPUs.
for name in "${runs[@]}"; do
    [[ $(jobs -pr | wc -l) -lt $(nproc) ]] || wait -n || true
    touch "build/$name.failed"
    run "$name" &
done
wait
failed=()
for name in "${runs[@]}"; do [[ ! -e build/$name.failed ]] || failed+=("$name"); done
[[ ${#failed[@]} -eq 0 ]] || die "the tests failed: ${failed[*]}"
say "All tests passed: ${runs[*]}"
