"""What the scripts in `benchmarks/` write, made by them: of made-up programs, and of tiny timings."""

from __future__ import annotations

import importlib
import json
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any, cast

from tfopt.model_kinds import Model

BENCHMARKS = Path(__file__).parents[1] / "benchmarks"
SIZES = {"WaveNet default": ("128x64", "256x256"), "WaveRNN default": ("1536x512",)}
# For each way of a library its time by tfopt's.
WAYS: dict[str, Mapping[str, float]] = {
    "Eigen": {"by columns": 1.2, "by rows": 3.0},
    "oneDNN": {"matmul": 0.9},
}
# For each type and shape of blocks its time by that of the first shape.
BLOCKS: dict[str, Mapping[str, float | None]] = {
    "float32": {"16x1": 1.0, "8x1": 1.5, "32x1": None},
    "int8": {"8x4": 1.0, "16x4": 0.75},
}
# Of tfopt's repetitions, and of the libraries'.
REPETITIONS = (1.0, 1.02, 0.99)


def script(name: str) -> Any:
    """One of the scripts, as a module."""
    folder = str((BENCHMARKS / name).parent)
    sys.path.insert(0, folder)
    try:
        return importlib.import_module(Path(name).stem)
    finally:
        sys.path.remove(folder)


def kernels(folder: Path) -> dict[str, Any]:
    """What `benchmarks/kernels/run.py` writes, of programs that write what Google Benchmark does."""
    run = script("kernels/run.py")
    programs = [_program(folder / f"kernels_{name}", name, ways) for name, ways in WAYS.items()]
    made: dict[str, Any] = run.described(
        [run.run(program, []) for program in programs],
        {"mkl": "not found; it needs mkl-devel"},
        0.0,
    )
    return made


def study() -> dict[str, Any]:
    """What `benchmarks/quantization_study.py` writes, of ways that compute hardly anything."""
    script_of = script("quantization_study.py")
    rows = []
    for cpus in (1, 2):
        for name, size in (("PyTorch float32", 9000), ("tfopt float32", 3000), ("tfopt int8", 500)):
            timed = script_of.timed({"way": lambda size=size: sum(range(size))}, 3)["way"]
            rows.append(
                {
                    "name": name,
                    "cpus": cpus,
                    **({} if name == "tfopt int8" else {"generate": timed}),
                    "cached": timed,
                    **({} if name == "PyTorch float32" else {"conversion": timed}),
                    "bytes": 100 * size,
                    "as_float32": 0.9 if name == "tfopt int8" else 1.0,
                }
            )
    made = {**script_of.described("small", 4000, 20), "rows": rows}
    return cast(dict[str, Any], json.loads(json.dumps(made)))


def blocks(model: Model) -> dict[str, Any]:
    """What `benchmarks/kernels/block_shapes.py` writes of a model, of made-up timings."""
    timings = [
        {
            "type": kind,
            "model": "g2p",
            "size": size,
            "function": f"{block} at 0.2",
            **({} if ratio is None else {"seconds": [1e-6 * ratio * one for one in REPETITIONS]}),
        }
        for size in ("64x64", "128x64")
        for kind, shapes in BLOCKS.items()
        for block, ratio in shapes.items()
    ]
    rows = script("kernels/block_shapes.py").rows(timings, {"mine": model})
    return {"timings": timings, "rows": rows}


def _program(path: Path, library: str, ways: Mapping[str, float]) -> Path:
    results: list[dict[str, Any]] = []
    for model, sizes in SIZES.items():
        for size in sizes:
            for name, function, ratio in (
                ("tfopt", "matmul", 1.0),
                *((library, function, ratio) for function, ratio in ways.items()),
            ):
                for kind in ("float32", "int8"):
                    missing = (name, kind) == ("oneDNN", "int8")
                    results += [
                        {
                            "run_name": f"{name}/{function}/{kind}/{model}/{size}",
                            "family_index": len(results),
                            "run_type": "iteration",
                            **(
                                {"error_occurred": True, "error_message": "none"} if missing else {}
                            ),
                            "real_time": 1000.0 * ratio * factor,
                        }
                        for factor in REPETITIONS
                    ]
    content = {"context": {"library_version": "1.0"}, "benchmarks": results}
    program = f"""#!{sys.executable}
import sys
out = next(a for a in sys.argv if a.startswith("--benchmark_out=")).partition("=")[2]
open(out, "w").write({json.dumps(content)!r})
"""
    path.write_text(program)
    path.chmod(0o755)
    return path
