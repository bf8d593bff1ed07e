# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash disable=SC2034,SC2154 # run-qemu.sh's variables
# run-qemu.sh's part for --platform kvm without the monitor: postern-vmm on this machine's own KVM, or
# inside tools/kvm-machine on Debian's. Sourced by it.

# What only the monitor can do; nothing where postern-vmm will do.
kvm_wants_monitor() {
	[[ -z $vendor ]] || { echo "--vendor is the monitor's"; return; }
	[[ -z $monitor_option ]] || { echo "--monitor-option is the monitor's"; return; }
	[[ -z $kernel ]] || { echo "--kernel is the monitor's"; return; }
	[[ -z $gdb ]] || { echo "--gdb is QEMU's"; return; }
	[[ $accel == tcg ]] || { echo "--accel is QEMU's"; return; }
	[[ -z $boot || $boot == direct ]] || echo "--boot $boot is QEMU's"
}

# Prints a sentence; succeeds where this machine's own KVM runs a guest of ours.
probe_kvm() {
	if [[ -z $no_build$dry_run ]]; then
		"$root/tools/setup.sh" && "$root/tools/build.sh" kvm-probe-program || exit 2
	fi
	[[ -x $build/kvm-probe ]] || { echo "the probe of /dev/kvm is not built yet"; return 1; }
	"$build/kvm-probe" "${vm_type:-default}"
}

# Sets `mode` to hardware, nested or emulate, and `why`.
choose_kvm() {
	local monitors found
	monitors=$(kvm_wants_monitor)
	case $mode in
	emulate)
		[[ -z $vm_type ]] || die "--vm-type is postern-vmm's: it cannot go with --mode emulate"
		why="as asked"
		return ;;
	auto)
		if [[ -n $monitors ]]; then
			[[ -z $vm_type ]] || die "--vm-type is postern-vmm's, but $monitors"
			mode=emulate why=$monitors
			return
		fi ;;
	*) [[ -z $monitors ]] || die "--mode $mode: $monitors" ;;
	esac
	[[ $mode != hardware || -z $icount ]] || die "--mode hardware: --icount needs an emulated processor"
	why="as asked"
	[[ $mode != nested && -z $icount ]] || { mode=nested; return; }
	if found=$(probe_kvm); then
		[[ $mode == hardware ]] || why=$found
		mode=hardware
	elif [[ $mode == hardware && -z $dry_run ]]; then
		die "--mode hardware: $found"
	elif [[ $mode == auto ]]; then
		mode=nested why="this machine's KVM is of no use: $found"
	fi
}

# What has to be built and fetched besides, as words for setup.sh and build.sh.
kvm_needs() {
	local which=kvm-machine
	kvm_setup=() kvm_targets=(postern-vmm)
	[[ $mode == nested ]] || return 0
	kvm_setup=(nested)
	[[ $vm_type != protected ]] || { kvm_setup+=(protected); which=kvm-machine-protected; }
	kvm_targets+=("$which")
}

# vmm_options IMAGE TRACE JSON: postern-vmm's own words, in `vmm`.
vmm_options() {
	local words
	words=$(join "${icount:+icount}" "$append")
	vmm=(--memory "${mem_mib}M" --smp "$smp" --vm-type "${vm_type:-default}" --timeout "$timeout")
	[[ -z $words ]] || vmm+=(--cmdline "$words")
	[[ -z $trace ]] || vmm+=(--trace "$2" ${trace_events:+--trace-events "$trace_events"})
	[[ -z $json ]] || vmm+=(--json "$3")
	vmm+=("$1" "${workload[@]}")
}

# Sets `qemu` to the command that runs the guest, here or inside of the stock-KVM machine.
vmm_command() {
	local vmm modules=stock
	if [[ $mode == hardware ]]; then
		mkdir -p "$work/out"
		vmm_options "$guest" "$trace" "$work/out/json"
		qemu=("$build/postern-vmm" "${vmm[@]}")
		return
	fi
	[[ $vm_type != protected ]] || modules=protected
	vmm_options /host/guest.elf trace json
	qemu=("$root/tools/kvm-machine" --kvm "$modules" --mem "$mem_mib" --timeout $((timeout + 60)) --each $((timeout + 20))
		--file "$build/postern-vmm" --file "$guest=guest.elf" --out "$work/out")
	[[ -z $icount ]] || qemu+=(--icount)
	qemu+=(-- /host/postern-vmm "${vmm[@]}")
}

# Ends with the status of the run; what came back lies in $work/out, the results below a line of ours.
run_vmm() {
	local status
	run_child "${qemu[@]}"
	status=$?
	[[ ! -f $work/out/trace ]] || cat "$work/out/trace" >"$trace"
	[[ ! -f $work/out/json ]] || cat "$work/out/json" >>"$json"
	[[ $status -le 5 || $status == 124 || $status == 130 ]] || status=5
	explain $status $((status * 2 + 33))
	exit $status
}
