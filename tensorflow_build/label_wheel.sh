#!/usr/bin/env bash
# Tells a rebuilt wheel from the published one by its version:
#
#   tensorflow_build/label_wheel.sh tensorflow_cpu-2.21.0-cp311-cp311-linux_x86_64.whl x86.64.v3 wheels
#
# writes wheels/tensorflow_cpu-2.21.0+x86.64.v3-cp311-cp311-linux_x86_64.whl, which replaces one of that name only
# when it is complete. pip takes 2.21.0+x86.64.v3 for a 2.21.0 (PEP 440, local version identifiers).
set -euo pipefail

die() { printf 'label_wheel: %s\n' "$*" >&2; exit 1; }

[[ $# -eq 3 ]] || die "usage: label_wheel.sh WHEEL LABEL FOLDER"
wheel=$1 label=$2 folder=$3
[[ -f $wheel ]] || die "no such wheel: $wheel"
[[ $label =~ ^[a-z0-9]+(\.[a-z0-9]+)*$ ]] || die "LABEL must be of a-z, 0-9 and single dots, not '$label'"
IFS=- read -r name version tags <<<"$(basename "$wheel" .whl)"
[[ $tags == *-*-* && $version != *+* ]] || die "$wheel is not named NAME-VERSION-PYTHON-ABI-PLATFORM.whl without label"
[[ -d $folder && -w $folder ]] || die "FOLDER must be one that can be written, not '$folder'"

# Beside the result, so that the last step is a rename.
work=$(mktemp -d "$folder/.label_wheel.XXXXXX")
trap 'rm -rf "$work"' EXIT
content=$work/content
# As `wheel unpack`, of which older versions (Debian 12's, for one) lose what is executable.
python3 - "$wheel" "$content" <<'PYTHON'
import os, sys, zipfile
try:
    with zipfile.ZipFile(sys.argv[1]) as wheel:
        for file in wheel.infolist():
            path = wheel.extract(file, sys.argv[2])
            if file.external_attr >> 16:
                os.chmod(path, file.external_attr >> 16 & 0o777)
except zipfile.BadZipFile as error:
    sys.exit(f"label_wheel: {sys.argv[1]} is no wheel, or a damaged one: {error}")
PYTHON
[[ -f $content/$name-$version.dist-info/METADATA ]] || die "$wheel has no $name-$version.dist-info/METADATA"
for part in dist-info data; do
    if [[ -d $content/$name-$version.$part ]]; then
        mv "$content/$name-$version.$part" "$content/$name-$version+$label.$part"
    fi
done
sed -i "0,/^Version: .*/s//Version: $version+$label/" "$content/$name-$version+$label.dist-info/METADATA"
python3 -m wheel pack --dest-dir "$work" "$content" >/dev/null
packed=("$work"/*.whl)
mv -f "${packed[0]}" "$folder/"
printf '%s\n' "$folder/${packed[0]##*/}"
