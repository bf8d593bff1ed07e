#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Sets up what is missing, builds what is stale, runs every test (or those that the arguments, which
# are lit's, choose). The last line is always `N passed, N failed, N skipped`.
#   ./run-tests.sh --filter style       tests whose name contains `style`
#   ./run-tests.sh tests/guest -v       one folder, with the output of what fails
#   ./run-tests.sh --long               what takes minutes, tests/long, and nothing else
#   ./run-tests.sh --qemu newest        all of them on another QEMU than the machine's, as run-qemu.sh takes it
# Exit status: 0 nothing failed, 1 a test or the build failed, 2 it cannot run here.
set -uo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
build=${POSTERN_BUILD:-$root/build}
cd "$root" || exit 2

finish() { # finish STATUS PASSED FAILED SKIPPED
	printf '%d passed, %d failed, %d skipped\n' "$2" "$3" "$4"
	exit "$1"
}

# Prints `passed failed skipped` of lit's results, and on stderr what is skipped and why; a test that
# lit gave no verdict has failed.
count() {
	python3 - "$1" <<'END'
import collections, json, sys
kinds = {"PASS": 0, "FLAKYPASS": 0, "XFAIL": 0, "UNSUPPORTED": 2, "SKIPPED": 2, "EXCLUDED": None}
tests = json.load(open(sys.argv[1]))["tests"]
for test in tests:
    if test["code"] == "UNSUPPORTED":
        print(f"run-tests: skipped {test['name']}: {test['output']}", file=sys.stderr)
counts = collections.Counter(kinds.get(test["code"], 1) for test in tests)
print(counts[0], counts[1], counts[2])
END
}

# Takes --qemu and --long out of the arguments.
arguments=() qemu=''
while [[ $# != 0 ]]; do
	case $1 in
	--qemu) qemu=${2-} && shift ;;
	--qemu=*) qemu=${1#--qemu=} ;;
	--long) arguments+=(-D long=1 tests/long) ;;
	*) arguments+=("$1") ;;
	esac
	shift
done
set -- "${arguments[@]}"
case $qemu in
'') setup=() ;;
*/*) setup=() POSTERN_QEMU=$(realpath -m "$qemu") ;;
*)
	setup=("qemu:$qemu")
	POSTERN_QEMU=$(tools/newer-qemu --path "$qemu" 2>&1) || {
		echo "run-tests: --qemu $qemu: $POSTERN_QEMU" >&2
		finish 2 0 0 0
	} ;;
esac
[[ -z $qemu ]] || export POSTERN_QEMU

tools/setup.sh grub tests protected "${setup[@]}" || finish 2 0 0 0
if [[ -n $qemu ]] && ! "$POSTERN_QEMU" --version >&2; then
	echo "run-tests: --qemu $qemu: $POSTERN_QEMU cannot be run" >&2
	finish 2 0 0 0
fi
machine=()
[[ ! -f $build/linux/package ]] || machine=(kvm-machine)
[[ ! -f $build/linux/protected/.built ]] || machine+=(kvm-machine-protected)
tools/build.sh all native iso "${machine[@]}" || { echo "run-tests: the build failed" >&2; finish 1 0 1 0; }

lit=$(printf '%s\n' /usr/lib/llvm-*/build/utils/lit/lit.py | sort -V | tail -n 1)
results=$build/test-results.json
rm -f "$results" "$build/tests/boots-again"
where=()
[[ " $* " =~ \ (\./)?tests(/[^ ]*)?\  ]] || where=(tests) # lit's own arguments come without a folder
python3 "$lit" -j2 --output "$results" -v "${where[@]}" "$@"
status=$?
[[ -s $results ]] || finish 2 0 0 0
again=$(grep -c '^QEMU' "$build/tests/boots-again" 2>/dev/null)
[[ ${again:-0} == 0 ]] || echo "run-tests: boots of Linux that were made again, for a breakpoint that QEMU kept: $again ($build/tests/boots-again)" >&2
read -r passed failed skipped < <(count "$results")
if [[ $((passed + failed + skipped)) == 0 ]]; then
	echo "run-tests: no test was chosen" >&2
	finish 2 0 0 0
fi
[[ $failed != 0 || $status == 0 ]] || failed=1
finish $((failed != 0)) "$passed" "$failed" "$skipped"
