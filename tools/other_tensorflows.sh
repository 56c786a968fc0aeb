#!/usr/bin/env bash
# Sourced by the tests that need other versions of TensorFlow than .venv has: environments under
# build/tensorflow, one a version, made once for all of these tests.

# Which Python suits which TensorFlow.
. tools/setup.sh

ENVIRONMENTS=build/tensorflow

# What goes beside a TensorFlow: the tensorflow-io that fits it, which is published for x86-64 alone, and what
# the tests of features/ need; with one of them also what those of training/ need that compare with librosa's audio.
declare -A BESIDE=()
if [[ $(uname -m) == x86_64 ]]; then
    BESIDE=([2.14]='tensorflow-io==0.35.0 soundfile soxr' [2.16]='tensorflow-io==0.37.1 soundfile soxr librosa')
    BESIDE[2.16]+=' av click matplotlib pesq pystoi rich safetensors'
fi

# with_each FUNCTION VERSION...: calls the function with each version, once that has its environment, two at a
# time. The output of one is shown when it is whole. Dies if one fails.
with_each() {
    local function=$1 version failed=()
    shift
    mkdir -p "$ENVIRONMENTS"
    for version; do
        [[ $(jobs -pr | wc -l) -lt 2 ]] || wait -n || true
        touch "$ENVIRONMENTS/$version.failed"
        with_one "$function" "$version" &
    done
    wait
    for version; do [[ ! -e $ENVIRONMENTS/$version.failed ]] || failed+=("$version"); done
    [[ ${#failed[@]} -eq 0 ]] || die "the tests failed with TensorFlow ${failed[*]}"
}

with_one() { # function, version
    local log=$ENVIRONMENTS/$2.log status=0
    make_environment "$2"
    "$1" "$2" >"$log" 2>&1 || status=$?
    cat "$log"
    [[ $status -ne 0 ]] || rm "$ENVIRONMENTS/$2.failed"
}

make_environment() { # version
    local venv=$ENVIRONMENTS/$1 minors requirements beside python
    TENSORFLOW="tensorflow-cpu==$1.*"
    mapfile -t requirements < <(tools/tensorflow_requirements.sh "$TENSORFLOW")
    read -ra beside <<<"${BESIDE[$1]:-}"
    requirements+=("${beside[@]}" numpy pytest)
    [[ "$(cat "$venv/.complete" 2>/dev/null)" == "${requirements[*]}" ]] && return
    rm -f "$venv/.complete"
    read -ra minors <<<"$(supported_minors)"
    python=$(find_python) || die "TensorFlow $1 needs one of Python$(printf ' 3.%s' "${minors[@]}")"
    say "Installing ${requirements[*]} into $venv"
    "$python" -m venv --clear "$venv"
    # Not compiled: most of what comes with TensorFlow is never imported.
    "$venv/bin/python" -m pip --disable-pip-version-check --no-input -qq install --no-compile \
        "${requirements[@]}" || die "pip could not install ${requirements[*]}"
    echo "${requirements[*]}" >"$venv/.complete"
}
