#!/usr/bin/env bash
# Profiles the same models with two builds of TensorFlow, as `tfopt profile --tensorflow` does it, and checks
# what was written: the published 2.14 and its rebuild with AVX-512. The environments are kept under build/.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

FOLDER=build/environments
export TFOPT_CACHE=$PWD/$FOLDER

if ! grep -qw avx512f /proc/cpuinfo; then
    echo "environments-test: skipped: the rebuild needs AVX-512, which this CPU lacks"
    exit 0
fi
rm -rf "$FOLDER/results"
.venv/bin/tfopt profile --quick --name builds --out "$FOLDER/results" \
    --tensorflow tensorflow-cpu==2.14.0 --tensorflow rebuilt=intel-tensorflow-avx512==2.14.0 \
    --wavenet small --model g2p_en-2.1.0

.venv/bin/python - "$FOLDER/results" <<'PYTHON'
import json
import sys
from pathlib import Path

from tfopt.profiler import kinds, results

folder = Path(sys.argv[1])
stock, rebuilt = (
    results.read(folder / f"builds-{label}.json") for label in ("tensorflow-cpu-2.14.0", "rebuilt")
)
builds = [run.software["tensorflow"] for run in (stock, rebuilt)]
assert [build["version"] for build in builds] == ["2.14.0", "2.14.0"], builds
assert builds[0]["distributions"] == ["tensorflow-cpu"], builds[0]
assert builds[1]["distributions"] == ["intel-tensorflow-avx512"], builds[1]
compiled = [build["instruction_sets"]["compiled_with"] for build in builds]
assert "AVX512F" not in compiled[0], compiled
assert {"AVX2", "FMA", "AVX512F"} <= set(compiled[1]), compiled
# What each TensorFlow says itself is what inspect-test found in the code of its wheel.
for build, name in zip(builds, ("stock", "rebuilt")):
    inspected = Path("build/inspect", f"{name}.json")
    if not inspected.exists():
        print(f"==> {name}: not compared with its code: run make inspect-test before")
        continue
    used, said = set(json.loads(inspected.read_text())["used"]), build["instruction_sets"]
    assert set(said["compiled_with"]) <= used | {"SSE4.1", "SSE4.2"}, (name, said, used)
    assert not set(said["not_compiled_with"]) & used, (name, said, used)
for one in ("python", "numpy"):
    assert stock.software[one] == rebuilt.software[one], one

compared = json.loads((folder / "builds.json").read_text())
assert [one["field"] for one in compared["allowed_differences"]] == ["tensorflow-build"]
for model in ("g2p_en-2.1.0", "wavenet-small"):
    groups = compared["models"][model]
    assert [group["group"] for group in groups] == list(kinds.LADDER)
    for group in groups:
        rows = group["rows"]
        assert [row["status"] for row in rows] == ["ok", "ok"], rows
        assert rows[1]["latency_s"]["ratio"] > 0
        assert rows[1]["throughput"]["ratio"] > 0
assert (folder / "builds.png").read_bytes().startswith(b"\x89PNG")
PYTHON
echo "==> Two builds of TensorFlow profiled in turns, and compared"
