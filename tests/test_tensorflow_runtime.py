"""Threads and versions of TensorFlow. Each case is a process of its own: TensorFlow's settings are."""

from __future__ import annotations

import subprocess
import sys

import pytest

from tfopt.tensorflow_runtime import check_version


def run(script: str) -> str:
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr[-2000:]
    return done.stdout.strip()


THREADS = """
t = tf.config.threading
print(t.get_intra_op_parallelism_threads(), t.get_inter_op_parallelism_threads())
"""


def test_threads_as_asked() -> None:
    script = "from tfopt import tensorflow_runtime; tf = tensorflow_runtime.start(3)" + THREADS
    assert run(script) == "3 3"


def test_threads_default_to_the_cpus_of_the_process() -> None:
    script = "import os; os.sched_setaffinity(0, list(os.sched_getaffinity(0))[:1])\n"
    script += "from tfopt import tensorflow_runtime; tf = tensorflow_runtime.start()" + THREADS
    assert run(script) == "1 1"


def test_own_settings_are_kept() -> None:
    script = "import tensorflow as tf; tf.config.threading.set_intra_op_parallelism_threads(5)\n"
    script += "from tfopt import tensorflow_runtime; tensorflow_runtime.start()" + THREADS
    assert run(script) == "5 0"


def test_a_running_tensorflow_keeps_its_threads() -> None:
    script = "from tfopt import g2p, tensorflow_runtime\n"
    script += "tf = tensorflow_runtime.start(1); tf.constant(1)\n"
    script += "tensorflow_runtime.start(); tensorflow_runtime.start(1)\n"
    script += "try: g2p.load(threads=2)\nexcept RuntimeError as error: print(error)\n"
    assert run(script).startswith("threads: expected 1, with which TensorFlow already runs")


def test_missing_tensorflow_names_the_remedy() -> None:
    script = "import sys; sys.modules['tensorflow'] = None\n"
    script += "from tfopt import tensorflow_runtime\n"
    script += "try: tensorflow_runtime.start()\nexcept ImportError as error: print(error)\n"
    assert run(script).endswith("install it with: pip install 'tfopt[cpu]'")


def test_importing_the_package_imports_no_tensorflow() -> None:
    assert run("import sys; from tfopt import g2p; print('tensorflow' in sys.modules)") == "False"


@pytest.mark.parametrize("version", ["2.14.0", "2.21.1"])
def test_versions_accepted(version: str) -> None:
    check_version(version)


@pytest.mark.parametrize("version", ["2.22.0-rc1", "3.0.0"])
def test_versions_that_were_not_tested(version: str) -> None:
    with pytest.warns(UserWarning, match=f"tested with TensorFlow 2.14 to 2.21, and {version}"):
        check_version(version)


@pytest.mark.parametrize("version", ["2.13.1", "1.15.5"])
def test_versions_refused(version: str) -> None:
    with pytest.raises(ImportError, match=f"needs TensorFlow 2.14 to 2.21, and {version}"):
        check_version(version)


def test_notices_are_held_back_but_not_those_of_a_failed_import() -> None:
    script = "import os, sys; os.environ['TF_CPP_MIN_LOG_LEVEL'] = sys.argv[1]\n"
    script += "from tfopt import tensorflow_runtime\n"
    script += "with tensorflow_runtime._notices_held_back():\n    os.write(2, b'notice'); "
    for level, end, expected in (
        ("2", "", ""),
        ("0", "", "notice"),
        ("2", "raise OSError(0)", "notice"),
    ):
        command = [sys.executable, "-c", script + end, level]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        assert done.stderr.startswith(expected)
        assert bool(done.stderr) == bool(expected)


def test_a_crashing_import_says_where() -> None:
    script = "import os; os.environ['TF_CPP_MIN_LOG_LEVEL'] = '2'\n"
    script += "from tfopt import tensorflow_runtime\n"
    script += "with tensorflow_runtime._notices_held_back():\n    os.abort()\n"
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=False
    )
    assert done.returncode < 0
    assert "Aborted" in done.stderr
