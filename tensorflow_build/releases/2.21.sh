# TensorFlow 2.21.0. Sourced by build.sh, which has set PYTHON_VERSION to such as 3.11.
# shellcheck shell=bash disable=SC2034 # build.sh reads the variables

VERSION=2.21.0
# WORKSPACE: requirements_lock_3_10.txt to requirements_lock_3_13.txt.
SUPPORTED_PYTHONS=(3.10 3.11 3.12 3.13)
# .bazelversion. The table on tensorflow.org/install/source still says 7.4.1.
BAZEL_VERSION=7.7.0
BAZEL_SHA256=fe7e799cbc9140f986b063e06800a3d4c790525075c877d00a7112669824acbf

TARGET=//tensorflow/tools/pip_package:wheel
# .bazelrc: release_cpu_linux is what TensorFlow's own CPU wheels are built with, -mavx and -mf16c among it. It
# compiles with Clang 18.1.8 against glibc 2.27, both of which Bazel downloads and checks (WORKSPACE,
# rules_ml_toolchain: cc/deps/cc_toolchain_deps.bzl), so the machine needs no compiler, and its own does not matter.
FLAGS=(
    --config=release_cpu_linux
    --repo_env=WHEEL_NAME=tensorflow_cpu
    # tensorflow/tf_version.bzl: the version is 2.21.0, with no date and no commit behind it.
    --repo_env=ML_WHEEL_TYPE=release
    "--repo_env=HERMETIC_PYTHON_VERSION=$PYTHON_VERSION"
)
MEMORY_FLAG=--local_resources=memory

# The target is the wheel itself: tensorflow/tools/pip_package/utils/tf_wheel.bzl.
PACKAGE=()
WHEEL_FOLDER=bazel-bin/tensorflow/tools/pip_package/wheel_house

check_release() { COMPILER="Clang 18.1.8, which Bazel fetches"; }
