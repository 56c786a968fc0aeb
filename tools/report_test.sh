#!/usr/bin/env bash
# Opens the report in headless Chromium: tests/browser. Arguments go to pytest.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
. tools/apt.sh

apt_install chromium chromium-driver || true
for program in chromium chromedriver; do
    command -v "$program" >/dev/null && continue
    echo "report-test: needs $program: sudo apt-get install chromium chromium-driver" >&2
    exit 1
done
exec .venv/bin/python -m pytest tests/browser "$@"
