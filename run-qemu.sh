#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Sets up what is missing, builds what is stale, boots the guest, and maps how the run ended to the
# exit statuses of docs/architecture.md. `./run-qemu.sh --help` tells the rest. The work is done by
# tools/launch; this finds the Python for it, which a bare machine lacks.
set -euo pipefail

root=$(cd "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")" && pwd)
python=/usr/bin/python3
[[ -x $python ]] || python=$(type -P python3) || { "$root/tools/setup.sh" && python=/usr/bin/python3; }
exec "$python" "$root/tools/launch" "$@"
