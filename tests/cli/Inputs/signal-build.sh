#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Usage: signal-build.sh RUN-QEMU FOLDER: interrupts run-qemu.sh while it builds, says what is left.
set -u
mkdir -p "$2/tmp" "$2/build"
cp -r "${POSTERN_BUILD:?}"/{newlib-prefix,grub-include,bearssl} "$2/build/"
POSTERN_BUILD=$2/build TMPDIR=$2/tmp "$1" --platform plain -- hello >/dev/null 2>&1 &
script=$!
below() { pgrep -P "$1" | while read -r child; do echo "$child"; below "$child"; done; }
for ((i = 0; i < 600; i++)); do
	mapfile -t children < <(below "$script")
	[[ " $(ps -o comm= -p "${children[*]:-0}" 2>/dev/null | tr '\n' ' ')" == *" ninja "* ]] && break
	kill -0 "$script" 2>/dev/null || break
	sleep 0.1
done
echo "building"
kill -TERM "$script"
wait "$script"
echo "status $?"
for ((i = 0; i < 300; i++)); do
	ps -o comm= -p "${children[*]}" 2>/dev/null | grep -q ninja || { echo "ninja is gone"; break; }
	sleep 0.1
done
echo "left: $(ls "$2/tmp")."
