#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Compiles every header of the folders alone, as C, and as assembly where it knows __ASSEMBLER__.
# Usage: headers.sh ROOT BUILD
set -uo pipefail
cd "$1" || exit 2
lists=$2/lists

check() { # check LANGUAGE HEADER
	local flags kind=kernel only=(-fsyntax-only)
	[[ $1 == c ]] || only=(-c -o /dev/null)
	[[ $2 != kernel/workloads/* ]] || kind=workload
	[[ $2 != host/* ]] || kind=linux
	mapfile -t flags <"$lists/flags-$kind"
	clang "${flags[@]}" -Wno-unused-command-line-argument -x "$1" "${only[@]}" - <<<"#include \"$2\"" ||
		{ echo "$2 does not stand alone as $1"; return 1; }
}

status=0
shopt -s globstar nullglob
for header in {abi,lib,model,alternatives,early,paravirt,mm,kernel,monitor,host}/**/*.h; do
	check c "$header" || status=1
	! grep -q __ASSEMBLER__ "$header" || check assembler-with-cpp "$header" || status=1
done
exit $status
