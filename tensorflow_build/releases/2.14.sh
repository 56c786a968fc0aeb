# TensorFlow 2.14.0. Sourced by build.sh, which has set PYTHON_VERSION to such as 3.11.
# shellcheck shell=bash disable=SC2034 # build.sh reads the variables

# 2.14.1 exists too; 2.14.0 is the one that vendors rebuilt (intel-tensorflow-avx512), so the one to compare with.
VERSION=2.14.0
# tensorflow/tools/toolchains/python/python_repo.bzl has 3.9 besides, which tfopt does not run on.
SUPPORTED_PYTHONS=(3.10 3.11)
# .bazelversion.
BAZEL_VERSION=6.1.0
BAZEL_SHA256=6c25a6d716545d6b672ec46f770521cd9ebb63d73617b8f4e6747825d1db1839
# Debian 12's clang-16 is 1:16.0.6-15~deb12u1. Another Clang 16 is taken too, and the build says so.
CLANG_VERSION=16.0.6
# Where Debian, Ubuntu and apt.llvm.org put it.
CLANG=${CLANG:-/usr/lib/llvm-16/bin/clang}

TARGET=//tensorflow/tools/pip_package:build_pip_package
# .bazelrc: release_cpu_linux points into TensorFlow's own build image (/dt9, /usr/lib/tf_python) and fails elsewhere.
# These are its flags that mean something elsewhere, and what ./configure writes for a CPU build with Clang.
FLAGS=(
    "--repo_env=CC=$CLANG"
    "--repo_env=BAZEL_COMPILER=$CLANG"
    # upb makes errors of warnings. The first one is new in Clang 16; later releases of TensorFlow allow both.
    --copt=-Wno-gnu-offsetof-extensions
    --copt=-Wno-error=unused-command-line-argument
    # Without it the bundled Python is 3.10, whatever runs here.
    "--repo_env=TF_PYTHON_VERSION=$PYTHON_VERSION"
)
MEMORY_FLAG=--local_ram_resources

# The target is a program that makes the wheel: tensorflow/tools/pip_package/build_pip_package.sh.
WHEEL_FOLDER=wheel_house
PACKAGE=(bazel-bin/tensorflow/tools/pip_package/build_pip_package --cpu "$WHEEL_FOLDER")

check_release() {
    local version
    version=$("$CLANG" -dumpversion 2>/dev/null) ||
        die "needs Clang $CLANG_VERSION, and $CLANG is not there: install it (sudo apt-get install clang-16) or name it in CLANG"
    [[ $version == 16.* ]] || die "needs Clang $CLANG_VERSION, and $CLANG is Clang $version: name another in CLANG"
    COMPILER="Clang $version, $CLANG"
    if [[ $version != "$CLANG_VERSION" ]]; then COMPILER+=" (expected: $CLANG_VERSION)"; fi
    # The program above edits libraries with it, and before 0.12 it damaged them.
    version=$(patchelf --version 2>/dev/null | cut -d ' ' -f 2) || true
    [[ -n $version ]] || die "needs patchelf 0.12 or later: install it (sudo apt-get install patchelf)"
    [[ $(printf '%s\n' 0.12 "$version" | sort -V | head -n 1) == 0.12 ]] ||
        die "needs patchelf 0.12 or later, and this is $version"
}
