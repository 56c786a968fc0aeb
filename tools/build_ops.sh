#!/usr/bin/env bash
# Builds the custom ops for the TensorFlow of an environment: model/tfopt/libtfopt_ops.so, where tfopt.ops
# finds it in an editable install and where a wheel takes it from.
#
#   tools/build_ops.sh [PYTHON]    PYTHON: of the environment with TensorFlow, .venv/bin/python by default
#
# Needs a C++ compiler, and cmake and ninja, which the environment may have too. Only what has changed is
# compiled, and the library is not touched when it would stay the same.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
. tools/build_folder.sh

PYTHON=${1:-.venv/bin/python}
BUILD=build/release
LIBRARY=model/tfopt/libtfopt_ops.so
LOG=$BUILD/ops.log

die() { printf 'build_ops: %s\n' "$*" >&2; exit 1; }

# Where TensorFlow is, without the seconds that importing it takes.
tensorflow=$("$PYTHON" - <<'PYTHON'
from importlib.util import find_spec
spec = find_spec("tensorflow")
print(*((spec and spec.submodule_search_locations) or [])[:1])
PYTHON
) || die "$PYTHON does not run"
[[ -n $tensorflow ]] || die "$PYTHON has no TensorFlow to build the ops against"
[[ -f $tensorflow/include/tensorflow/c/ops.h ]] ||
    die "$tensorflow has no C headers (include/tensorflow/c) to build the ops against: install it anew"

bin=$(dirname "$(realpath -s "$(command -v "$PYTHON")")")
export PATH=$bin:$PATH
for tool in cmake ninja; do
    command -v "$tool" >/dev/null || die "needs $tool: install it ($PYTHON -m pip install cmake ninja)"
done
compiler=${CXX:-c++}
command -v "$compiler" >/dev/null ||
    die "needs a C++ compiler, and $compiler is not there: install one (sudo apt-get install g++)"

lock_folder "$BUILD"
configure "$BUILD" --preset ops -DTFOPT_TENSORFLOW="$tensorflow" >"$LOG" 2>&1 ||
    { cat "$LOG" >&2; die "cmake failed"; }
# Through cmake, which knows the ninja that it configured for; another's log would make it compile anew.
cmake --build "$BUILD" --target tfopt_ops >"$LOG" 2>&1 ||
    { cat "$LOG" >&2; die "the ops do not compile"; }

if ! cmp -s "$BUILD/libtfopt_ops.so" "$LIBRARY"; then
    # By renaming: a process that has the old library open keeps it.
    cp "$BUILD/libtfopt_ops.so" "$LIBRARY.$$"
    mv "$LIBRARY.$$" "$LIBRARY"
    printf '==> Built %s\n' "$LIBRARY"
fi
