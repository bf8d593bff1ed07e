#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Runs clang-tidy with .clang-tidy over every C file of ours. Usage: tidy.sh BUILD
set -uo pipefail
list=$(sed -n 's/^ *"file": "\(.*\.c\)",*$/\1/p' "$1/compile_commands.json" | grep -vF "$1/" | sort -u)
[[ -n $list ]] || { echo "tidy.sh: no C file in $1/compile_commands.json"; exit 1; }
xargs -P 2 -n 4 clang-tidy -p "$1" --quiet <<<"$list" 2>/dev/null
