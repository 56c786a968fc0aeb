"""A worker program with a made-up model, whose backend says how it behaves.

Run as a program it is the real worker with one more kind of model, with WaveNets and WaveRNNs that NumPy
runs, and with a made-up machine. The right output for a word is its letters. Arguments such as
`tensorflow=2.14.0` say what is different in this environment.
"""

from __future__ import annotations

import os
import signal
import sys
import time
from collections.abc import Sequence
from typing import Any

# What ends the process or goes wrong does so from this call on: late enough to be mid-round.
LATE = 24
# What a compilation takes.
COMPILING_S = 0.05
# How much longer a word takes in this environment.
DELAY_S = 0.0


class Fake:
    def __init__(self, backend: str) -> None:
        self.backend = backend
        self.calls = 0
        self.lengths: set[int] = set()

    def run(self, items: Sequence[str]) -> list[list[str]]:
        self.calls += 1
        time.sleep(DELAY_S * len(items))
        outputs = [list(word) for word in items]
        late = self.calls > LATE
        if self.backend == "wrong" or (self.backend == "wrong-late" and late):
            outputs[-1] = ["?"]
        if self.backend == "near-tie":
            outputs = [[letter.replace("e", "3") for letter in output] for output in outputs]
        if self.backend == "short":
            outputs = outputs[:-1]
        if self.backend == "raises" and late:
            raise ValueError("no such\nthing")
        if self.backend == "killed" and late:
            os.kill(os.getpid(), signal.SIGKILL)
        if self.backend == "exits" and late:
            print("the last words", file=sys.stderr, flush=True)
            os._exit(3)
        if self.backend == "compiles-each-length" and len(items) == 1:
            if len(items[0]) not in self.lengths:
                time.sleep(COMPILING_S)
            self.lengths.add(len(items[0]))
        if self.backend == "hangs" and late:
            time.sleep(600)
        if self.backend == "chatty":
            print("this must not reach the answers", flush=True)
            os.write(1, b"nor this\n")
            os.write(2, b"x" * 200_000 + b"\n")  # more than a pipe holds
        return outputs

    def outputs(self, result: list[list[str]]) -> list[list[str]]:
        return result

    def measure(self, what: str, **arguments: Any) -> dict[str, Any]:
        return {"what": what, **arguments}


def import_framework() -> None:
    pass


def load(model: str, backend: str, threads: int, compute_type: str) -> Fake:
    if backend == "not-loading":
        raise ImportError("the framework is missing")
    return Fake(backend)


def main(
    tensorflow: str = "2.21.0",
    tfopt: str = "0",
    lacks: str = "",
    protocol: str = "1",
    rates: str = "yes",
    delay: str = "0",
) -> None:
    """Runs the worker.

    Args:
        tensorflow: the version that it says it has.
        tfopt: the same of tfopt.
        lacks: a backend that its tfopt does not have.
        protocol: the version of the protocol that it says it speaks; "older" for one without versions.
        rates: whether it can measure what a core does.
        delay: seconds that each word takes longer.
    """
    import fake_surroundings
    import fake_wavenet
    import fake_workload

    from tfopt.profiler import worker, workloads

    workloads.KINDS["fake"] = "fake_workload"
    workloads.KINDS["wavenet"] = "fake_wavenet"
    workloads.KINDS["wavernn"] = "fake_wavernn"
    fake_wavenet.LACKS.append(lacks)
    fake_workload.DELAY_S = float(delay)
    software = dict(fake_surroundings.SOFTWARE)
    software["tensorflow"] = {**software["tensorflow"], "version": tensorflow}
    described = {
        "tfopt": {"version": tfopt},
        "machine": fake_surroundings.MACHINE,
        "software": software,
    }
    worker.describe = lambda: described
    if rates == "yes":
        worker.rates = fake_wavenet.rates
    else:
        worker.rates = fake_wavenet.no_rates
    if protocol == "older":
        answer = worker.Worker.answer
        worker.Worker.answer = lambda self, request: (  # type: ignore[method-assign]
            answer(self, {"command": "dance"} if request == {"command": "protocol"} else request)
        )
    else:
        worker.PROTOCOL = int(protocol)
    worker.main()


if __name__ == "__main__":
    main(**dict(argument.split("=") for argument in sys.argv[1:]))
