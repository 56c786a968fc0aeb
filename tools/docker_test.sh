#!/usr/bin/env bash
# Builds the image and runs the documented commands in it, with any docker engine: local, remote or
# rootless. IMAGE and NATIVE name other tags than `tfopt` and `tfopt-native`; arguments go to `docker build`. The two
# images stay, and the engine's cache for building them again; all else that the test made goes.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

IMAGE=${IMAGE:-tfopt}
NATIVE=${NATIVE:-tfopt-native}
PREDICT='from tfopt import g2p; print(g2p.predict("aardvark"))'
AARDVARK="[['AA1', 'R', 'D', 'V', 'AA2', 'R', 'K']]"

equal() { # what, expected, actual
    if [[ $2 != "$3" ]]; then
        printf 'FAIL  %s: expected %s, got %s\n' "$1" "$2" "$3" >&2
        exit 1
    fi
    printf 'PASS  %s: %s\n' "$1" "$3"
}
run() { docker run --rm "$@"; }
# As root, past the entrypoint: to prepare folders, look into them and tidy up.
as_root() { run --network none --user 0 --entrypoint "" "$@"; }

if ! docker version >/dev/null 2>&1; then
    echo "docker-test: no docker engine answers: install docker, start it, or set DOCKER_HOST" >&2
    exit 1
fi

# What the two tags name so far: images that lose their last name to the new ones go at the end.
former=$(docker image inspect -f '{{.Id}}' "$IMAGE" "$NATIVE" 2>/dev/null || true)
# A step that fails leaves no container either.
build() { docker build --force-rm "$@" .; }

printf '==> docker build -t %s .\n' "$IMAGE"
build -t "$IMAGE" "$@"
printf 'PASS  docker build: %s MB\n' $(($(docker image inspect -f '{{.Size}}' "$IMAGE") / 1000000))

# Results folders are folders of this machine, or volumes where the engine cannot mount those.
scratch=$(mktemp -d)
volume=tfopt-test-$$-
clean_up() {
    local image
    as_root -v "$scratch:/scratch" "$IMAGE" sh -c 'rm -rf /scratch/*' >/dev/null 2>&1 || true
    rm -rf "$scratch"
    docker volume ls -q -f "name=$volume" | xargs -r docker volume rm >/dev/null
    for image in $former; do
        [[ $(docker image inspect -f '{{len .RepoTags}}' "$image" 2>/dev/null) != 0 ]] ||
            docker image rm "$image" >/dev/null || true
    done
}
trap clean_up EXIT
touch "$scratch/here"
if as_root -v "$scratch:/scratch" "$IMAGE" test -e /scratch/here; then
    folder() { echo "$scratch/$1"; }
else
    echo "==> This engine does not see $scratch: testing with volumes"
    folder() { echo "$volume$1"; }
fi
owned() { # name, owner: makes a results folder (the engine creates it) and prints where it is
    as_root -v "$(folder "$1"):/results" "$IMAGE" chown "$2" /results
    folder "$1"
}

echo "==> Predict"
equal "predict" "$AARDVARK" "$(run -i "$IMAGE" python <<<"$PREDICT")"
equal "predict, no network" "$AARDVARK" "$(run -i --network none "$IMAGE" python <<<"$PREDICT")"
equal "predict, --user 4321" "$AARDVARK" "$(run -i --user 4321 "$IMAGE" python <<<"$PREDICT")"
equal "predict, read-only" "$AARDVARK" \
    "$(run -i --read-only --tmpfs /tmp "$IMAGE" python <<<"$PREDICT")"

echo "==> Custom ops"
equal "ops load" "True" "$(run -i "$IMAGE" python <<'PYTHON'
from tfopt import ops
print(ops.instruction_set() in ("baseline", "avx2", "avx512", "avx512_vnni", "avx512_bf16", "neon"))
PYTHON
)"
equal "compilers in the image" none \
    "$(run "$IMAGE" sh -c 'cd /usr/bin && ls c++ g++ cc gcc 2>/dev/null || echo none')"

echo "==> User"
WRITE='touch /results/x && stat -c %u:%g /results/x'
equal "user without a results folder" 1000 "$(run "$IMAGE" id -u)"
equal "who writes root's folder" 1000:1000 \
    "$(run -v "$(owned root 0:0):/results" "$IMAGE" sh -c "$WRITE")"
equal "who writes uid 1234's folder" 1234:2345 \
    "$(run -v "$(owned other 1234:2345):/results" "$IMAGE" sh -c "$WRITE")"
equal "who writes with --user 4321" 4321:4321 \
    "$(run -v "$(owned given 4321:4321):/results" --user 4321:4321 "$IMAGE" sh -c "$WRITE")"
equal "without the right to change user" "tfopt: cannot change to uid 1000 in this container; \
start it with --user 1000:1000" "$(run --cap-drop ALL "$IMAGE" id -u 2>&1 || true)"

echo "==> Profile"
results=$(owned profile 0:0)
run --cpus=1 --memory=4G -v "$results:/results" "$IMAGE" python /src/profile.py
equal "profile: results" "JSON, threads 1, PNG" "$(run -i -v "$results:/results" "$IMAGE" python <<'PYTHON'
import json, pathlib
folder = pathlib.Path("/results")
result = json.loads((folder / "profile.json").read_text())
png = (folder / "profile.png").read_bytes()[:8] == b"\x89PNG\r\n\x1a\n"
print(f"JSON, threads {result['settings']['threads']}, {'PNG' if png else 'not a PNG'}")
PYTHON
)"

echo "==> Profile from outside"
# With the engine that `docker` speaks to, which may be another one than the SDK's usual one.
host=${DOCKER_HOST:-$(docker context inspect -f '{{.Endpoints.docker.Host}}' 2>/dev/null || true)}
DOCKER_HOST=$host .venv/bin/tfopt profile --quick --image "one=$IMAGE" "two=$IMAGE" --cpus 1 --memory 4G \
    --wavenet small --model g2p_en-2.1.0 --backend graph native --name images --out "$scratch/images"
equal "profile --image" "2 models, 8 figures, 1 CPU, 4 GiB, nothing else differs" \
    "$(.venv/bin/python - "$scratch/images" <<'PYTHON'
import json, pathlib, sys
one, two, images = (
    json.loads(pathlib.Path(sys.argv[1], f"{name}.json").read_text())
    for name in ("images-one", "images-two", "images")
)
limits = one["machine"]["cgroup"]
rows = [row for groups in images["models"].values() for group in groups for row in group["rows"]]
print(
    f"{len(images['models'])} models, {sum(row['status'] == 'ok' for row in rows)} figures, "
    f"{limits['cpus']:g} CPU, {limits['memory_bytes'] >> 30} GiB,",
    images["allowed_differences"] or "nothing else differs",
)
PYTHON
)"
containers() { docker ps -aq --filter label=tfopt.run | wc -l; }
equal "containers left" 0 "$(containers)"
DOCKER_HOST=$host .venv/bin/tfopt profile --quick --image "one=$IMAGE" "two=$IMAGE" \
    --wavenet small --name ended --out "$scratch/ended" >/dev/null 2>&1 &
profiling=$!
# Other steps of CI may run beside.
for _ in {1..1500}; do
    [[ $(containers) -eq 0 ]] || break
    sleep 0.2
done
kill -TERM "$profiling"
status=0
wait "$profiling" || status=$?
equal "profile --image, told to end among its containers" 143 "$status"
equal "containers left" 0 "$(containers)"
echo "==> tfopt-native"
build -t "$NATIVE" "$@" --target native
bytes=$(docker image inspect -f '{{.Size}}' "$NATIVE")
equal "under 10 MB" yes "$([[ $bytes -lt 10000000 ]] && echo yes)"
printf 'PASS  docker build --target native: %s bytes\n' "$bytes"
models=$(owned models 0:0)
native() { run --network none --cap-drop ALL --read-only -v "$models:/models:ro" "$@"; }
samples=$(as_root -i -v "$models:/models" "$IMAGE" python <<'PYTHON'
from hashlib import sha256
from pathlib import Path

from tfopt import model_directory, wavenet
from tfopt.pack import pack
from tfopt.wavenet.presets import PRESETS

models = Path("/models")
pack("g2p_en-2.1.0", models / "g2p.tfopt")
config = PRESETS["small"]
weights = wavenet.random_weights(config, seed=0)
model_directory.write(
    models / "small", kind="wavenet", config=config.to_dict(), weights=weights, card=""
)
pack(models / "small", models / "small.tfopt")
print(sha256(wavenet.load(models / "small").generate(samples=12000)).hexdigest())
PYTHON
)
LINE=$'aardvark\tAA1 R D V AA2 R K'
equal "native predict" "$LINE" "$(native "$NATIVE" predict /models/g2p.tfopt aardvark)"
equal "native predict, streamed" "$LINE" "$(native -i "$NATIVE" predict /models/g2p.tfopt <<<aardvark)"
equal "native predict, model through a pipe" "$LINE" "$(
    as_root -v "$models:/models" "$IMAGE" cat /models/g2p.tfopt |
        run -i "$NATIVE" predict /dev/stdin aardvark)"
generate=(generate /models/small.tfopt --samples 12000 --format f32le)
equal "native generate: samples of the op" "$samples" \
    "$(native "$NATIVE" "${generate[@]}" | sha256sum | cut -d ' ' -f 1)"
echo "==> All docker tests passed"
