"""`compat.v1` sessions, whose calls cost less than those of a `tf.function`."""

from __future__ import annotations

from typing import Any

import tensorflow as tf


def session(graph: Any) -> Any:
    """A session with the threads that TensorFlow runs with in this process."""
    threading = tf.config.threading
    return tf.compat.v1.Session(
        graph=graph,
        config=tf.compat.v1.ConfigProto(
            intra_op_parallelism_threads=threading.get_intra_op_parallelism_threads(),
            inter_op_parallelism_threads=threading.get_inter_op_parallelism_threads(),
        ),
    )
