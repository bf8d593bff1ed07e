#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Usage: signal.sh RUN-QEMU IMAGE: starts a guest that hangs, ends run-qemu.sh, says what is left.
set -u

qemu() { pgrep -P "$1" | while read -r child; do echo "$child"; qemu "$child"; done; }

"$1" --no-build --quiet --platform plain --timeout 50 --guest "$2" >/dev/null 2>&1 &
script=$!
for ((i = 0; i < 100; i++)); do
	mapfile -t children < <(qemu "$script")
	[[ " $(ps -o comm= -p "${children[*]:-0}" 2>/dev/null | tr '\n' ' ')" == *" qemu-system"* ]] && break
	sleep 0.1
done
echo started
kill -TERM "$script"
wait "$script"
echo "status $?"
for ((i = 0; i < 50; i++)); do
	ps -o comm= -p "${children[*]}" 2>/dev/null | grep -q qemu-system || { echo "QEMU is gone"; exit; }
	sleep 0.1
done
echo "QEMU is still there"
