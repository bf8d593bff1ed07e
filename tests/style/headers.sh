#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Compiles every header of the folders alone, as C, and as assembly where it knows __ASSEMBLER__.
# Usage: headers.sh ROOT BUILD
set -uo pipefail
cd "$1" || exit 2
lists=$2/lists
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# As C, all of a kind in one process, as the driver would call it for each: to start it takes longer than a header.
check_c() { # check_c KIND HEADER...
	local flags words sources=() kind=$1 header
	shift
	for header; do
		sources+=("$work/${header//\//-}.c")
		echo "#include \"$PWD/$header\"" >"${sources[-1]}"
	done
	mapfile -t flags <"$lists/flags-$kind"
	words=$(clang "${flags[@]}" -Wno-unused-command-line-argument -fsyntax-only -### "${sources[0]}" 2>&1 | grep -- ' "-cc1" ') || return
	eval "words=(${words/"\"${sources[0]}\""/})"
	"${words[@]}" "${sources[@]}"
}

check_assembly() { # check_assembly KIND HEADER
	local flags
	mapfile -t flags <"$lists/flags-$1"
	clang "${flags[@]}" -Wno-unused-command-line-argument -x assembler-with-cpp -c -o /dev/null - <<<"#include \"$PWD/$2\""
}

status=0
declare -A headers=([kernel]='' [workload]='' [linux]='')
shopt -s globstar nullglob
for header in {abi,lib,model,alternatives,early,paravirt,mm,kernel,monitor,host}/**/*.h; do
	kind=kernel
	[[ $header != kernel/workloads/* ]] || kind=workload
	[[ $header != host/* ]] || kind=linux
	headers[$kind]+=" $header"
	! grep -q __ASSEMBLER__ "$header" || check_assembly "$kind" "$header" ||
		{ echo "$header does not stand alone as assembly"; status=1; }
done
for kind in "${!headers[@]}"; do
	# shellcheck disable=SC2086 # words
	check_c "$kind" ${headers[$kind]} || { echo "a header named above does not stand alone as C"; status=1; }
done
exit $status
