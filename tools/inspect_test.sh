#!/usr/bin/env bash
# Inspects real builds of TensorFlow: a published wheel, a rebuilt one, and the one in .venv; and starts tfopt on
# emulated CPUs that lack what those need. Downloads are kept in build/inspect. No arguments.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
. tools/apt.sh

FOLDER=build/inspect
PYTHON=$PWD/.venv/bin/python
HASWELL="Haswell,-pcid,-x2apic,-tsc-deadline,-hle,-invpcid,-rtm" # without what the emulator would warn of

say() { printf '==> %s\n' "$*"; }
die() { printf 'inspect-test: %s\n' "$*" >&2; exit 1; }

# wheel NAME VERSION: downloads it, whatever Python runs here, and prints its path.
wheel() {
    local pattern="$FOLDER/${1//-/_}-$2-*.whl"
    if ! compgen -G "$pattern" >/dev/null; then
        "$PYTHON" -m pip --disable-pip-version-check --no-input -qq download --no-deps --only-binary :all: \
            --python-version 3.11 --platform manylinux2014_x86_64 --dest "$FOLDER" "$1==$2" ||
            die "cannot download $1 $2"
    fi
    compgen -G "$pattern"
}

# inspect NAME [WHEEL]: shows the tables, and checks what was found with the Python code on standard input. There
# `used`, `compiled` and `dispatching` are the file's, and `count` sums up instructions of a set.
inspect() {
    local start=$SECONDS status=0 json=$FOLDER/$1.json
    "$PYTHON" -m tfopt inspect-tensorflow "${@:2}" --json "$json" || status=$?
    say "$1: $((SECONDS - start)) s, exit status $status"
    {
        cat <<'PYTHON'
import json, pathlib, sys
path, status = pathlib.Path(sys.argv[1]), int(sys.argv[2])
found = json.loads(path.read_text())
used, compiled, dispatching = found["used"], found["compiled"], found["dispatching"]
def count(name, libraries):
    return sum(library["instructions"].get(name, 0) for library in libraries.values())
def total(key, libraries):
    return sum(library[key] for library in libraries.values())
assert status == bool(found["missing_on_this_cpu"]), (status, found["missing_on_this_cpu"])
assert total("text_bytes", compiled | dispatching) > 0.95 * found["text_bytes"] > 250e6
PYTHON
        cat
    } | "$PYTHON" - "$json" "$status" || die "$1: not what was expected"
}

# refused CPU PATTERN: what tfopt says on a CPU instead of importing the TensorFlow that Python's path names.
refused() {
    local output status=0
    output=$(qemu-x86_64 -cpu "$1" "$PYTHON" -m tfopt predict aardvark 2>&1) || status=$?
    say "${1%%,*}: $output"
    [[ $status -eq 1 && $output =~ ^Error:\ $2$ ]] || die "expected one line, and exit status 1, got $status"
}

mkdir -p "$FOLDER"
stock=$(wheel tensorflow-cpu 2.14.0)
rebuilt=$(wheel intel-tensorflow-avx512 2.14.0)

inspect stock "$stock" <<'PYTHON'
assert found["verdict"] == "Compiled with AVX; without FMA, AVX2, AVX-512."
assert found["level"] is None
for name in ("FMA", "AVX2", "AVX-512", "AMX_TILE"):
    assert count(name, compiled) == 0, name
assert total("fused_multiply_adds", compiled) == 0
assert compiled["Eigen"]["functions_using"]["AVX"] > 0.5 * compiled["Eigen"]["functions"]
assert count("FMA", dispatching) and count("AVX2", dispatching) and count("AVX-512", dispatching)
PYTHON

inspect rebuilt "$rebuilt" <<'PYTHON'
from tfopt.instruction_sets import LEVELS
assert found["level"] == "x86-64-v4"
assert set(used) >= set(LEVELS["x86-64-v4"][5:])  # beyond SSE
assert not any(name in used for name in ("AVX512_VNNI", "AVX512_BF16", "AMX_TILE"))
for library in ("Eigen", "TensorFlow", "LLVM and MLIR", "other C++ libraries"):
    for name in ("AVX2", "AVX-512"):
        share = compiled[library]["functions_using"][name] / compiled[library]["functions"]
        assert share > 0.01, (library, name, share)
fused = total("fused_multiply_adds", compiled)
assert fused > 0.2 * total("separate_multiplications_additions_subtractions", compiled)
PYTHON

[[ $(uname -m) == x86_64 ]] || { say "All tests passed; the others are for x86-64 machines"; exit 0; }

# What its own log says must be what was found.
inspect installed <<'PYTHON'
said = found["tensorflow"]["instruction_sets"]
assert set(said["compiled_with"]) <= {*used, "SSE4.1", "SSE4.2"}, (said, used)
assert not set(said["not_compiled_with"]) & set(used), (said, used)
PYTHON

command -v qemu-x86_64 >/dev/null || apt_install qemu-user || true
command -v qemu-x86_64 >/dev/null || die "needs qemu-x86_64: install it (sudo apt-get install qemu-user)"
status=0
{ qemu-x86_64 -cpu Nehalem "$PYTHON" -c 'import tensorflow'; } >/dev/null 2>&1 || status=$?
[[ $status -eq 132 ]] || die "expected TensorFlow to be ended by an illegal instruction, got status $status"
refused Nehalem '.* needs AVX.*; this CPU has not; .*'
qemu-x86_64 -cpu "$HASWELL" "$PYTHON" -c 'from tfopt import tensorflow_runtime; tensorflow_runtime.check_cpu()' ||
    die "a Haswell has all that the published TensorFlow needs"
# Its METADATA alone goes on the path: nothing else of it is looked at.
"$PYTHON" - "$rebuilt" "$FOLDER/rebuilt" <<'PYTHON'
import sys, zipfile
with zipfile.ZipFile(sys.argv[1]) as wheel:
    wheel.extract("intel_tensorflow_avx512-2.14.0.dist-info/METADATA", sys.argv[2])
PYTHON
PYTHONPATH=$FOLDER/rebuilt refused "$HASWELL" 'intel-tensorflow-avx512\ 2\.14\.0\ needs\ AVX512F,.*'
say "All tests passed"
