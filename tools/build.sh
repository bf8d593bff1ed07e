#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Builds what is stale, quietly. Usage: build.sh [ninja target...]; the folder is build/, or
# POSTERN_BUILD. Output appears only when something is built or fails; on a terminal, how far it is.
set -eu

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
build=${POSTERN_BUILD:-$root/build}
[[ $build == /* ]] || build=$PWD/$build
{ mkdir -p "$build" && exec 9>"$build/.build-lock"; } 2>/dev/null ||
	{ echo "build: $build cannot be written: does it belong to another user?" >&2; exit 2; }
flock -n 9 || { echo "build: waiting for another build in $build to end" >&2; flock 9; }
# What was built names the place of its sources, which were moved or copied since.
if [[ -f $build/CMakeCache.txt ]] && ! grep -qxF "CMAKE_HOME_DIRECTORY:INTERNAL=$root" "$build/CMakeCache.txt"; then
	echo "build: what is in $build was built elsewhere, and is built anew" >&2
	rm -rf "$build"/{CMakeCache.txt,CMakeFiles,build.ninja,.ninja_deps,.ninja_log,postern.elf}
fi
[[ -f $build/postern.elf ]] || echo "build: compiling, for the first time" >&2
if [[ ! -f $build/build.ninja ]]; then
	cmake -S "$root" -B "$build" -G Ninja >"$build/cmake.log" 2>&1 ||
		{ cat "$build/cmake.log" >&2; exit 1; }
fi
if [[ -t 2 ]]; then
	cd "$build"
	[[ $(ninja -n "${@:-all}" 2>&1) == "ninja: no work to do." ]] || exec ninja "${@:-all}" >&2
	exit 0
fi
ninja -C "$build" --quiet "${@:-all}" 2>&1 | { grep -vE '^ninja: no work to do|^-- ' >&2 || true; }
exit "${PIPESTATUS[0]}"
