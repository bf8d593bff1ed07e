# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash disable=SC2034,SC2054,SC2154 # run-qemu.sh's variables; commas are meant
# run-qemu.sh's part for real machines: is there one, and what QEMU must be told. Sourced by it.

# What only the monitor, or a boot that is no firmware image, can do; nothing where hardware could.
hardware_excludes() {
	[[ -z $trace ]] || { echo "--trace is the monitor's"; return; }
	[[ -z $monitor_option ]] || { echo "--monitor-option is the monitor's"; return; }
	[[ -z $kernel ]] || { echo "--kernel runs under the monitor"; return; }
	[[ -z $firmware ]] || { echo "--firmware runs under the monitor"; return; }
	[[ -z $icount ]] || { echo "--icount needs an emulated processor"; return; }
	[[ $accel_given != tcg ]] || { echo "--accel tcg emulates the processor"; return; }
	[[ -z $gdb ]] || { echo "--gdb would see ciphertext"; return; }
	[[ -z $boot || $boot == rom ]] || echo "hardware boots the firmware image, --boot rom, and nothing else"
}

# Prints the C-bit's position; or what is missing here.
probe_hardware() {
	type -P python3 >/dev/null || { echo "python3, which would look for it, is not there"; return 1; }
	"$root/tools/hardware" "$platform" "$qemu_binary"
}

# Sets `mode`, and `why`: the sentence that says what is missing here, or that nothing is.
choose_hardware() {
	local excluded found
	excluded=$(hardware_excludes)
	if [[ $mode == hardware ]]; then
		[[ -z $excluded ]] || die "--mode hardware: $excluded"
		why="as asked"
		[[ -z $dry_run ]] || return
	fi
	if [[ -n $excluded ]]; then
		mode=emulate why=$excluded
	elif found=$(probe_hardware); then
		[[ $mode == hardware ]] || why="this machine can launch it"
		mode=hardware
		cbit=$found
	elif [[ $mode == hardware ]]; then
		die "--mode hardware: $found"
	else
		mode=emulate why=$found
	fi
}

# The machine and processor; what differs is what QEMU insists on.
hardware_machine() {
	machine=q35,smm=off,confidential-guest-support=cgs0 accel=kvm
	case $platform in
	sev | sev-es) cpu=EPYC ;;
	snp) cpu=EPYC-Milan ;;
	tdx) machine+=,pic=off accel+=,kernel-irqchip=split cpu=host ;;
	esac
}

# A guest loses one address bit at most, whatever the host loses (CPUID 0x8000001f has the host's).
# Policies: no debugging; SEV-ES demanded; SNP's reserved bit, with SMT allowed. QEMU encrypts only
# flash for SEV and SEV-ES, and takes only -bios for the others.
hardware_options() {
	local place=cbitpos=$cbit,reduced-phys-bits=1
	case $platform in
	sev) qemu+=(-object "sev-guest,id=cgs0,$place,policy=0x1") ;;
	sev-es) qemu+=(-object "sev-guest,id=cgs0,$place,policy=0x5") ;;
	snp) qemu+=(-object "sev-snp-guest,id=cgs0,$place,policy=0x30000") ;;
	tdx) qemu+=(-object "tdx-guest,id=cgs0") ;;
	esac
	case $platform in
	sev | sev-es) qemu+=(-drive "if=pflash,unit=0,format=raw,readonly=on,file=$(escape "$rom")") ;;
	*) qemu+=(-bios "$rom") ;;
	esac
	qemu+=(-action panic=exit-failure)
}

# QEMU stops a guest whose processor KVM gives up, and waits, which nobody else does for it.
# hardware_watch PID STDERR-FILE: ends QEMU then; it has printed the registers.
hardware_watch() {
	while kill -0 "$1" 2>/dev/null; do
		if grep -qsE '^[ER]AX=' "$2"; then
			sleep 0.5
			kill -TERM "$1" 2>/dev/null
			return
		fi
		sleep 0.2
	done
}

# hardware_status STATUS STDERR-FILE: prints what QEMU's status would be where it told. A guest that
# ended itself by protocol is a panic to newer ones (a TD, with 11 an SEV-ES guest too), and a reason to
# stop that older ones do not know. That KVM failed is said in words.
hardware_status() {
	if [[ $1 == 1 ]] && ! grep -v ': warning:' "$2" | grep -q '^qemu[^ ]*: '; then
		echo 39
	elif ! grep -qE '^[ER]AX=' "$2"; then
		echo "$1"
	elif grep -qE '^(error: kvm run failed|KVM internal error|KVM: entry failed)' "$2"; then
		echo 43
	else
		echo 39
	fi
}
