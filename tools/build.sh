#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Builds what is stale, quietly. Usage: build.sh [ninja target...]; the folder is build/, or
# POSTERN_BUILD. Output appears only when something is built or fails.
set -eu

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
build=${POSTERN_BUILD:-$root/build}
{ mkdir -p "$build" && exec 9>"$build/.build-lock"; } 2>/dev/null ||
	{ echo "build: $build cannot be written: does it belong to another user?" >&2; exit 2; }
flock 9
[[ -f $build/postern.elf ]] || echo "build: compiling, for the first time" >&2
if [[ ! -f $build/build.ninja ]]; then
	cmake -S "$root" -B "$build" -G Ninja >"$build/cmake.log" 2>&1 ||
		{ cat "$build/cmake.log" >&2; exit 1; }
fi
ninja -C "$build" --quiet "${@:-all}" 2>&1 | { grep -vE '^ninja: no work to do|^-- ' >&2 || true; }
exit "${PIPESTATUS[0]}"
