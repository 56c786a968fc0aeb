#!/usr/bin/env bash
# Builds a CPU TensorFlow wheel from a release's sources for one instruction set. What differs between the
# releases is in releases/; `build.sh --help` lists the options, README.md what a build takes.
set -euo pipefail

HERE=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
REPOSITORY=https://github.com/tensorflow/tensorflow.git
# Where Bazel and bazelisk, too, put what they fetch and compile.
CACHE=${XDG_CACHE_HOME:-${HOME:?}/.cache}
ISAS=(x86-64-v3 x86-64-v4 sapphirerapids native)
# Estimates: nobody has watched a build of these.
DISK_GIB=40
MEMORY_GIB=8
SERVER_GIB=3

declare -A option=([release]=2.21 [isa]="" [python]=3.11 [out]=wheels [source]="" [disk-cache]="" [memory]="" [jobs]="")
dry_run=

say() { printf '==> %s\n' "$*" >&2; }
die() { printf 'build: %s\n' "$*" >&2; exit 1; }

usage() {
    cat <<'HELP'
Builds a CPU TensorFlow wheel from a release's sources, for one instruction set.

  tensorflow_build/build.sh --isa x86-64-v3
  tensorflow_build/build.sh --isa native --release 2.14 --memory 12 --disk-cache ~/.cache/bazel-disk
  tensorflow_build/build.sh --isa sapphirerapids --python 3.12 --dry-run

  --isa ISA         x86-64-v3 (AVX2 and FMA), x86-64-v4 (AVX-512), sapphirerapids, or native: this CPU
  --release VERSION 2.21 or 2.14 (default 2.21)
  --python X.Y      what the wheel is for (default 3.11); Bazel brings its own
  --out DIR         where the wheel goes (default wheels)
  --source DIR      a checkout of the release, instead of fetching one to ~/.cache
  --disk-cache DIR  keeps what was compiled, for a second build elsewhere
  --memory GIB      what Bazel plans compilers into (default: Bazel's, two thirds of all). No limit: Bazel guesses
                    what each takes, and one may take more. Bazel's own server is held to 3 GiB besides.
  --jobs N          compilers at once (default: Bazel's, one a core)
  --dry-run         prints the Bazel command, and does nothing
HELP
}

parse() {
    local name
    while [[ $# -gt 0 ]]; do
        name=${1#--}
        case $1 in
            --help) usage; exit ;;
            --dry-run) dry_run=yes; shift; continue ;;
            --?*) [[ -v option[$name] ]] || die "no such option: $1 (--help lists them)" ;;
            *) die "takes options alone, not $1 (--help lists them)" ;;
        esac
        [[ $# -gt 1 && -n $2 && $2 != --* ]] || die "$1 needs a value"
        option[$name]=$2
        shift 2
    done
}

one_of() { # one_of WHAT VALUE CHOICE...
    local what=$1 value=$2 choice
    shift 2
    for choice; do if [[ $value == "$choice" ]]; then return; fi; done
    printf -v choice ', %s' "$@"
    die "$what must be one of ${choice#, }, not '$value'"
}

whole_number() { # whole_number OPTION
    [[ -z ${option[$1]} || ${option[$1]} =~ ^[1-9][0-9]{0,5}$ ]] ||
        die "--$1 must be a whole number above 0, not '${option[$1]}'"
}

# Sets what the release's file sets.
choose_release() {
    local file names=() release=${option[release]}
    for file in "$HERE"/releases/*.sh; do names+=("$(basename "$file" .sh)"); done
    # 2.21.0 is 2.21 written out.
    if [[ -f $HERE/releases/${release%.0}.sh ]]; then release=${release%.0}; fi
    one_of --release "$release" "${names[@]}"
    PYTHON_VERSION=${option[python]}
    # shellcheck source=tensorflow_build/releases/2.14.sh
    . "$HERE/releases/$release.sh"
    one_of "--python for TensorFlow $VERSION" "$PYTHON_VERSION" "${SUPPORTED_PYTHONS[@]}"
}

# The highest level of x86-64 that this CPU has: the C library lists them for itself, since glibc 2.33.
level_of_this_cpu() {
    local level
    level=$(/lib64/ld-linux-x86-64.so.2 --help 2>/dev/null | sed -n 's/^ *\(x86-64-v.\) (supported.*/\1/p' | sort) || true
    [[ -n $level ]] || die "--isa native needs an x86-64 CPU and glibc 2.33 or later; name the instruction set instead"
    tail -n 1 <<<"$level"
}

# What the wheel's version says after the plus, in the letters that PEP 440 allows there.
label() {
    local name=${option[isa]}
    # bash clears -e in $(...), where this is called.
    if [[ $name == native ]]; then name=native-$(level_of_this_cpu) || exit 1; fi
    printf '%s\n' "${name//-/.}"
}

# Bazel knows an object file by the flags it was made with, and -march=native is the same flag on another CPU.
disk_cache() {
    local folder
    folder=$(realpath -m "${option[disk-cache]}")
    if [[ ${option[isa]} == native ]]; then
        folder+=/native-$(grep -m 1 '^flags' /proc/cpuinfo | sha256sum | cut -c 1-12)
    fi
    printf '%s\n' "$folder"
}

compose() {
    environment=(USE_BAZEL_VERSION="$BAZEL_VERSION" BAZELISK_VERIFY_SHA256="$BAZEL_SHA256")
    command=(bazelisk)
    # Options of Bazel's server stand before what it has to do.
    if [[ -n ${option[memory]} ]]; then command+=("--host_jvm_args=-Xmx${SERVER_GIB}g"); fi
    command+=(build "$TARGET")
    # -march for the target alone: what Bazel compiles to run during the build may meet another CPU.
    flags=("${FLAGS[@]}" "--copt=-march=${option[isa]}")
    if [[ -n ${option[memory]} ]]; then flags+=("$MEMORY_FLAG=$((option[memory] * 1024))"); fi
    if [[ -n ${option[jobs]} ]]; then flags+=("--jobs=${option[jobs]}"); fi
    if [[ -n ${option[disk-cache]} ]]; then flags+=("--disk_cache=$(disk_cache)"); fi
}

print_commands() {
    printf 'cd %q\n%s %s' "$source" "${environment[*]}" "${command[*]}"
    printf ' \\\n    %q' "${flags[@]}"
    printf '\n'
    if [[ ${#PACKAGE[@]} -gt 0 ]]; then printf '%s\n' "${PACKAGE[*]}"; fi
}

check_source() {
    [[ $(cat "$source/.bazelversion" 2>/dev/null) == "$BAZEL_VERSION" ]] ||
        die "$source is no checkout of TensorFlow $VERSION: its .bazelversion is not $BAZEL_VERSION"
}

check_machine() {
    local tool memory free
    [[ $(uname -m) == x86_64 ]] || die "builds for x86-64 on x86-64, and this is $(uname -m)"
    for tool in bazelisk git python3; do
        command -v "$tool" >/dev/null || die "needs $tool, which is not on PATH (README.md says where it comes from)"
    done
    python3 -c 'import wheel' 2>/dev/null ||
        die "needs the package wheel for $(command -v python3): install it (sudo apt-get install python3-wheel," \
            "or python3 -m pip install wheel for a Python that is not the system's)"
    check_release
    memory=$(($(getconf _PHYS_PAGES) * $(getconf PAGE_SIZE) / 1024 ** 3))
    [[ $memory -ge $MEMORY_GIB ]] || die "needs $MEMORY_GIB GiB of memory, and here are $memory"
    [[ ${option[memory]:-0} -le $memory ]] || die "--memory ${option[memory]} is more than the $memory GiB there are"
    mkdir -p "$CACHE"
    free=$(($(df -Pk "$CACHE" | awk 'NR == 2 { print $4 }') / 1024 ** 2))
    [[ $free -ge $DISK_GIB ]] || die "needs $DISK_GIB GiB of disk for $CACHE, and $free are free"
    if [[ -n ${option[source]} ]]; then check_source; fi
    mkdir -p "$out" 2>/dev/null && [[ -w $out ]] || die "--out $out is no folder that can be written"
}

fetch_source() {
    if [[ -z ${option[source]} && ! -d $source ]]; then
        say "Fetching the sources of TensorFlow $VERSION to $source"
        rm -rf "$source.partial"
        git -c advice.detachedHead=false clone --depth 1 --branch "v$VERSION" "$REPOSITORY" "$source.partial" ||
            die "cannot fetch v$VERSION of $REPOSITORY"
        mv "$source.partial" "$source"
    fi
    check_source
}

# Leaves one wheel in $source/$WHEEL_FOLDER.
make_wheel() {
    cd "$source"
    # What a build for another Python left.
    rm -f "$WHEEL_FOLDER"/*.whl
    env "${environment[@]}" "${command[@]}" "${flags[@]}" || die "Bazel failed; nothing in $out was touched"
    if [[ ${#PACKAGE[@]} -gt 0 ]]; then
        "${PACKAGE[@]}" || die "${PACKAGE[0]} failed; nothing in $out was touched"
    fi
    wheels=("$WHEEL_FOLDER"/*.whl)
    [[ ${#wheels[@]} -eq 1 && -f ${wheels[0]} ]] || die "expected one wheel in $source/$WHEEL_FOLDER"
}

main() {
    parse "$@"
    choose_release
    [[ -n ${option[isa]} ]] || die "--isa is needed: one of ${ISAS[*]}"
    one_of --isa "${option[isa]}" "${ISAS[@]}"
    whole_number memory
    whole_number jobs
    source=$(realpath -m "${option[source]:-$CACHE/tfopt/tensorflow-$VERSION}")
    out=$(realpath -m "${option[out]}")
    compose
    if [[ -n $dry_run ]]; then print_commands; return; fi
    check_machine
    local wanted_label
    wanted_label=$(label)
    fetch_source
    say "Building TensorFlow $VERSION for ${option[isa]}, Python $PYTHON_VERSION, with Bazel $BAZEL_VERSION"
    say "Compiler: $COMPILER"
    make_wheel
    "$HERE/label_wheel.sh" "${wheels[0]}" "$wanted_label" "$out"
}

main "$@"
