#!/usr/bin/env bash
# Makes .venv: the package (editable), the tools that check it, TensorFlow, the custom ops and the weights.
#
#   tools/setup.sh          everything
#   tools/setup.sh tools    only the package and the tools: enough for `make check`
#
# Environment:
#   TENSORFLOW   a requirement (tensorflow-cpu==2.14.0) or the path of a wheel
#   PYTHON       the interpreter to use, instead of the first suitable one on PATH
#
# A second run changes nothing and needs no network; an interrupted one is taken up again.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
. tools/apt.sh

TENSORFLOW=${TENSORFLOW:-tensorflow-cpu==2.21.*}
VENV=.venv
# What the venv holds: one line for the tools and one for TensorFlow, each with a hash of its inputs.
STAMP=$VENV/.setup
# There while pip writes. A venv in which pip was cut off is made anew; pip's cache makes that cheap.
INCOMPLETE=$VENV/.incomplete

say() { printf '==> %s\n' "$*"; }
die() { printf 'setup: %s\n' "$*" >&2; exit 1; }
pip() { "$VENV/bin/python" -m pip --disable-pip-version-check --no-input "$@"; }

# The minor versions of Python 3 for which this TensorFlow has wheels.
supported_minors() {
    if [[ $TENSORFLOW =~ -cp3([0-9]+)-[^/]*\.whl$ ]]; then
        echo "${BASH_REMATCH[1]}"
    elif [[ $TENSORFLOW =~ ==\ *2\.1[45](\.|$) ]]; then
        echo 10 11
    elif [[ $TENSORFLOW =~ ==\ *2\.1[6-9](\.|$) ]]; then
        echo 10 11 12
    else
        echo 10 11 12 13
    fi
}

# Prints the interpreter behind a candidate: outside any venv, since --clear would delete the one
# inside. Candidates are run, as a pyenv shim on PATH may lead nowhere. Fails where the version does
# not suit, or where venv cannot install pip (Debian packs ensurepip apart).
probe() {
    "$1" - "${minors[@]}" 2>/dev/null <<'PYTHON'
import ensurepip, os, sys, venv
assert sys.version_info[0] == 3 and str(sys.version_info[1]) in sys.argv[1:]
print(os.path.realpath(getattr(sys, "_base_executable", sys.executable)))
PYTHON
}

find_python() {
    local candidate
    if [[ -n ${PYTHON:-} ]]; then
        probe "$PYTHON"
        return
    fi
    for candidate in python3 python3.13 python3.12 python3.11 python3.10 /usr/bin/python3; do
        if probe "$candidate"; then return; fi
    done
    return 1
}

# True for a venv of a suitable Python, left whole by pip, and not moved here from another folder.
venv_usable() {
    [[ ! -e $INCOMPLETE ]] &&
        head -n 2 "$VENV/bin/pip" 2>/dev/null | grep -qF "$PWD/$VENV/bin/" &&
        probe "$VENV/bin/python" >/dev/null &&
        { [[ -z ${PYTHON:-} ]] || [[ $(probe "$PYTHON") == "$(probe "$VENV/bin/python")" ]]; }
}

make_venv() {
    local python wanted
    wanted=$(printf ', 3.%s' "${minors[@]}")
    wanted="one of Python ${wanted#, } with its venv module"
    if ! python=$(find_python); then
        [[ -z ${PYTHON:-} ]] || die "PYTHON=$PYTHON is not $wanted"
        apt_install python3 python3-venv || true
        python=$(find_python) ||
            die "needs $wanted: install it (sudo apt-get install python3 python3-venv)" \
                "or name it (make PYTHON=/path/to/python3)"
    fi
    say "Making $VENV with $python"
    "$python" -m venv --clear "$VENV"
}

ensure_compiler() {
    local compiler=${CXX:-c++}
    command -v "$compiler" >/dev/null && return
    [[ -n ${CXX:-} ]] || apt_install g++ || true
    command -v "$compiler" >/dev/null ||
        die "needs a C++ compiler, and $compiler is not there: install one (sudo apt-get install g++)"
}

# Removes any TensorFlow: `tensorflow`, `tensorflow-cpu` and the vendors' builds share one folder, so
# two of them break each other, and pip would keep one whose version equals that of the new wheel.
remove_tensorflow() {
    local installed scratch
    installed=$("$VENV/bin/python" - <<'PYTHON'
import re
from importlib.metadata import distributions
names = {re.sub(r"[-_.]+", "-", d.metadata["Name"]).lower() for d in distributions()}
print(*sorted(n for n in names if re.fullmatch(r"(intel-)?tensorflow(-(cpu|intel|rocm|avx512))*|tf-nightly(-cpu)?", n)))
PYTHON
    )
    [[ -n $installed ]] || return 0
    # The new one has to be within reach before the old one goes.
    scratch=$(mktemp -d)
    pip -qq download --no-deps --dest "$scratch" "${requirements[0]}" ||
        { rm -rf "$scratch"; die "cannot get ${requirements[0]}; $installed is left as it was"; }
    rm -rf "$scratch"
    say "Removing $installed"
    sed -i '/^tensorflow /d' "$STAMP" 2>/dev/null || true
    touch "$INCOMPLETE"
    # shellcheck disable=SC2086  # a list of names
    pip -qq uninstall --yes $installed
}

install() {
    say "Installing $*"
    touch "$INCOMPLETE"
    # A pip that ends by itself leaves the venv whole, only one that is cut off does not.
    local status=0 conflicts
    pip -qq install "$@" || status=$?
    rm -f "$INCOMPLETE"
    [[ $status -eq 0 ]] || die "pip could not install $*"
    conflicts=$(pip check) || die "the packages in $VENV contradict each other: $conflicts"
}

hash() { cat "$@" | sha256sum | cut -c 1-16; }
stamped() { grep -qxF "$1" "$STAMP" 2>/dev/null; }

main() {
    local goal=${1:-all} tools_line tensorflow_line log
    [[ $goal == all || $goal == tools ]] || die "usage: tools/setup.sh [tools]"
    # Two set-ups at once take turns. A Ctrl-C that pip answers by itself has to end the script too.
    exec 9<tools/setup.sh
    flock 9
    trap 'exit 130' INT

    [[ $goal == all ]] || TENSORFLOW=""
    if [[ $TENSORFLOW == *.whl && ! -f $TENSORFLOW ]]; then die "no such wheel: $TENSORFLOW"; fi
    read -ra minors <<<"$(supported_minors)"
    tools_line="tools $(hash pyproject.toml tools/setup.sh tools/apt.sh tools/tensorflow_requirements.sh)"
    tensorflow_line="tensorflow $TENSORFLOW"
    if [[ -f $TENSORFLOW ]]; then tensorflow_line+=" $(hash "$TENSORFLOW")"; fi

    venv_usable || make_venv
    if [[ $goal == tools ]]; then
        if ! stamped "$tools_line"; then
            tensorflow_line=$(grep '^tensorflow ' "$STAMP" 2>/dev/null || true)
            install -e '.[dev]'
            printf '%s\n' "$tools_line" "$tensorflow_line" >"$STAMP"
        fi
        return
    fi
    # Before the long downloads.
    ensure_compiler
    if ! stamped "$tools_line" || ! stamped "$tensorflow_line"; then
        mapfile -t requirements < <(tools/tensorflow_requirements.sh "$TENSORFLOW")
        stamped "$tensorflow_line" || remove_tensorflow
        # In one go, so that pip finds versions (of NumPy above all) that suit both.
        install "${requirements[@]}" -e '.[dev]'
        log=$("$VENV/bin/python" -c 'import tensorflow' 2>&1) ||
            die "TensorFlow is installed but does not start here (published wheels need AVX):" \
                "$(tail -n 1 <<<"$log") (for more: $VENV/bin/python -c 'import tensorflow')"
        printf '%s\n' "$tools_line" "$tensorflow_line" >"$STAMP"
    fi
    tools/build_ops.sh "$VENV/bin/python"
    "$VENV/bin/tfopt" download --all
    say "$VENV is ready ($TENSORFLOW)"
}

# Sourced, by the tests, it only defines the functions.
if [[ ${BASH_SOURCE[0]} == "$0" ]]; then main "$@"; fi
