#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# shellcheck disable=SC2054 # commas inside QEMU's options are meant
# Sets up what is missing, builds what is stale, boots the guest, and maps how the run ended to the
# exit statuses of docs/architecture.md. `./run-qemu.sh --help` tells the rest.
set -uo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
build=${POSTERN_BUILD:-$root/build}
qemu_binary=${POSTERN_QEMU:-qemu-system-x86_64}
# shellcheck source=tools/hardware.sh
source "$root/tools/hardware.sh"
# shellcheck source=tools/kvm.sh
source "$root/tools/kvm.sh"

usage() {
	cat <<'END'
Usage: ./run-qemu.sh [options] [-- workload [arguments...]]

Boots Postern, our small guest, and shows how a confidential guest starts. Installs what is missing
(Debian packages), builds what is stale, runs QEMU. No confidential hardware is needed: by default
QEMU runs our monitor, which plays an SEV, SEV-ES, SEV-SNP or TDX machine. With no workload: demo.

What to run
  --platform P     plain, kvm, sev, sev-es, snp (default), tdx
  --mode M         auto (default): hardware where a probe succeeds, else emulate, for kvm nested
                   emulate: under our monitor; hardware: this machine's own; nested: for kvm,
                   Debian's kernel with its own KVM inside of QEMU; kvm runs in our postern-vmm
  --boot B         rom: our own firmware image, the default for sev, sev-es, snp and tdx;
                   direct, the default otherwise; grub-bios, grub-uefi
  --kernel F       another guest than ours, under the monitor: a Linux bzImage or vmlinux, or an ELF
                   image that is entered by PVH or multiboot
  --initrd F       its initial RAM disk
  --append S       its command line (Linux's gets panic=-1 unless it says panic=); for our guest:
                   key=value words before the workload
  --firmware F     a firmware image instead of ours, under the monitor, such as Debian's OVMF.fd
  --list           the workloads, one line each
On what
  --smp N          processors (default 1; our guest takes 8 at most)
  --mem SIZE       memory, as 256M or 1G (default 256M; with --kernel 512M)
  --accel A        tcg (default), kvm, auto
  --vendor V       amd or intel: the processor that the monitor shows a kvm guest
  --vm-type T      default or protected: the VM that postern-vmm makes for a kvm guest
What to see
  --trace FILE     the transcript: every exit of the guest, a line each
  --trace-events L only those of these kinds, as vmgexit,npf; docs/architecture.md lists them
  --json FILE      the results, as JSON lines
  --icount         count instructions instead of time: the same in every run
  --quiet          the guest's console and nothing else
  --gdb            stop before the first instruction and wait for gdb
  --dry-run        print the QEMU command; install, build and run nothing
  --timeout S      give up after S seconds (default 60; nested or with --kernel 120; with --gdb never)

Examples
  ./run-qemu.sh                                     the demo as an emulated SEV-SNP guest
  ./run-qemu.sh --trace /tmp/trace -- hello         and what passed between guest and host
  ./run-qemu.sh --platform tdx --smp 4 -- smp       four processors of a TD share and check memory
  ./run-qemu.sh --platform plain --icount -- bench  exact instruction counts
  ./run-qemu.sh --kernel vmlinuz --initrd initrd --append "console=ttyS0 quiet"

Exit status: 0 the workload succeeded, 1 it failed, 2 it cannot run here, 3 the guest terminated
itself by protocol, 4 the monitor named a violation, 5 crash or panic, 124 timeout.
END
}

die() { printf 'run-qemu.sh: %s\n' "$*" >&2; exit 2; }

grey() {
	[[ -z $quiet ]] || return 0
	if [[ -t 2 ]]; then printf '\e[90m%s\e[0m\n' "$*" >&2; else printf '%s\n' "$*" >&2; fi
}

one_of() { # one_of OPTION VALUE ALLOWED...
	local option=$1 value=$2 allowed
	shift 2
	for allowed; do [[ $value == "$allowed" ]] && return; done
	die "$option $value: must be one of: $*"
}

# ---- the command line

platform=snp mode=auto boot='' smp=1 mem='' accel='' vendor='' vm_type=''
trace='' trace_events='' json='' icount='' cbit=51 gdb='' dry_run='' timeout='' quiet='' list=''
kernel='' initrd='' append='' firmware=''
# For tests: boot what is built already; another guest image than build/postern.elf; more words
# for the monitor.
no_build='' guest='' monitor_option=''
workload=()

switches=' icount gdb dry-run quiet list no-build '
options=' platform mode boot smp mem accel vendor vm-type trace trace-events json timeout kernel initrd append
 firmware guest monitor-option '

parse() {
	local name joined
	while [[ $# != 0 ]]; do
		joined=''
		[[ $1 == --*=* ]] && joined=1 && set -- "${1%%=*}" "${1#*=}" "${@:2}"
		name=${1#--}
		case $1 in
		--) shift; workload=("$@"); return ;;
		-h | --help) usage; exit 0 ;;
		--*) ;;
		-*) die "unknown option $1; see ./run-qemu.sh --help" ;;
		*) die "unexpected argument '$1'; a workload comes after --" ;;
		esac
		if [[ $switches == *" $name "* ]]; then
			[[ -z $joined ]] || die "--$name takes no value"
			printf -v "${name//-/_}" 1
		elif [[ $options =~ [[:space:]]"$name"[[:space:]] ]]; then
			[[ $# -ge 2 && ( -n $2 || $name == append ) ]] || die "--$name needs a value"
			printf -v "${name//-/_}" '%s' "$2"
			shift
		else
			die "unknown option --$name; see ./run-qemu.sh --help"
		fi
		shift
	done
}

readable() { [[ -f $2 && -r $2 ]] || die "$1 $2: no such file that can be read"; }
writable() { # an output file's folder must be there; it is made anew
	[[ -n $dry_run ]] && return
	: 2>/dev/null >"$2" || die "$1 $2: cannot be written"
}

check_values() {
	one_of --platform "$platform" plain kvm sev sev-es snp tdx
	one_of --mode "$mode" auto hardware nested emulate
	[[ -z $boot ]] || one_of --boot "$boot" direct grub-bios grub-uefi rom
	accel_given=$accel accel=${accel:-tcg}
	one_of --accel "$accel" tcg kvm auto
	[[ -z $vendor ]] || one_of --vendor "$vendor" amd intel
	[[ -z $vm_type ]] || one_of --vm-type "$vm_type" default protected
	[[ $smp =~ ^[1-9][0-9]{0,2}$ && $smp -le 255 ]] || die "--smp $smp: must be a number from 1 to 255"
	[[ -z $trace_events || $trace_events =~ ^[a-z,-]+$ ]] || die "--trace-events $trace_events: must be events with commas in between, as vmgexit,npf"
	[[ -z $timeout || $timeout =~ ^[1-9][0-9]{0,5}$ ]] || die "--timeout $timeout: must be a number of seconds from 1 to 999999"
	mem=${mem:-$([[ -n $kernel$firmware ]] && echo 512M || echo 256M)}
	[[ $mem =~ ^([1-9][0-9]{0,5})([MG])$ ]] || die "--mem $mem: must be a size such as 256M or 1G"
	mem_mib=${BASH_REMATCH[1]}
	[[ ${BASH_REMATCH[2]} == G ]] && mem_mib=$((mem_mib * 1024))
	((mem_mib >= 64)) || die "--mem $mem: must be at least 64M"
}

# The guest splits its command line at spaces, and what is behind -- is the workload.
check_words() {
	local word
	for word in "${workload[@]}"; do
		[[ -n $word && ! $word =~ [[:space:]] ]] || die "'$word': a word of a workload is not empty and has no spaces"
	done
	[[ -n $kernel || " $append " != *" -- "* ]] || die "--append $append: a workload comes after run-qemu.sh's own --"
}

check_combinations() {
	check_words
	if [[ -n $firmware ]]; then
		readable --firmware "$firmware"
		[[ -z $append$json ]] || die "--append and --json are our guest's: they cannot go with --firmware"
		[[ -z $kernel$guest && ${#workload[@]} == 0 ]] ||
			die "--firmware takes the guest's place: no --kernel, --guest or workload goes with it"
		[[ -z $boot || $boot == rom ]] || die "--firmware goes with --boot rom only"
		boot=rom
	fi
	[[ -z $vendor || $platform == kvm ]] || die "--vendor is for --platform kvm only"
	[[ -z $vm_type || $platform == kvm ]] || die "--vm-type is for --platform kvm only"
	[[ -z $icount || $accel != kvm ]] || die "--icount needs --accel tcg"
	[[ -z $icount || $smp == 1 ]] || die "--icount counts one processor: it cannot go with --smp $smp"
	[[ $mode != nested || $platform == kvm ]] || die "--mode nested is for --platform kvm only"
	[[ -z $initrd || -n $kernel ]] || die "--initrd goes with --kernel"
	[[ -z $kernel || ${#workload[@]} == 0 ]] || die "a workload is our guest's: it cannot go with --kernel"
	[[ -z $kernel || -z $guest ]] || die "--guest cannot go with --kernel"
	[[ -z $kernel || -z $json ]] || die "--json: the results are our guest's: it cannot go with --kernel"
	[[ -z $json || $json != "$trace" ]] || die "--json and --trace need a file each"
	[[ -z $list || -z $dry_run ]] || die "--dry-run: --list runs no QEMU"
	[[ -z $kernel || -z $boot || $boot == direct ]] || die "--kernel goes with --boot direct only"
	[[ -z $kernel ]] || readable --kernel "$kernel"
	[[ -z $initrd ]] || readable --initrd "$initrd"
	[[ -z $guest ]] || readable --guest "$guest"
}

# ---- how it can run here

# Sets `mode` to emulate (under our monitor), native (on QEMU as it is) or hardware, and says why.
choose_mode() {
	case $platform-$mode in
	plain-hardware) die "--mode hardware: a plain guest needs none; see --accel" ;;
	plain-auto)
		mode=native why="a plain guest needs no monitor"
		[[ -z $kernel ]] || mode=emulate why="--kernel runs under the monitor"
		[[ -z $firmware ]] || mode=emulate why="--firmware runs under the monitor" ;;
	kvm-*) choose_kvm ;;
	sev*-auto | snp-auto | tdx-auto | *-hardware) choose_hardware ;;
	*) why="as asked" ;;
	esac
	[[ -n $boot ]] || { [[ -z $kernel && $platform =~ ^(sev|sev-es|snp|tdx)$ ]] && boot=rom || boot=direct; }
	[[ -z $trace_events || -n $trace ]] || die "--trace-events $trace_events: add --trace FILE"
	[[ -z $trace || $mode == emulate ]] || by_vmm || die "--trace: the monitor writes it; add --mode emulate"
	[[ -z $monitor_option || $mode == emulate ]] || die "--monitor-option needs --mode emulate"
}

# postern-vmm, and not QEMU, makes the guest's machine.
by_vmm() { [[ $platform == kvm && $mode != emulate ]]; }

choose_accel() {
	local found
	case $accel in
	auto) accel=tcg; [[ -n $icount ]] || ! probe_kvm >/dev/null || accel=kvm ;;
	kvm) [[ -n $dry_run ]] || found=$(probe_kvm) || die "--accel kvm: $found" ;;
	esac
}

# ---- QEMU's command line

escape() { printf '%s' "${1//,/,,}"; } # a comma in a QEMU option's value is doubled

join() { # join WORDS...: with single spaces, empty words dropped
	local word text=
	for word; do [[ -z $word ]] || text+=${text:+ }$word; done
	printf '%s' "$text"
}

guest_command_line() {
	if [[ -n $kernel$firmware ]]; then
		printf '%s' "$append"
	else
		join "${json:+json}" "${icount:+icount}" "$append" "${workload[@]+--}" "${workload[@]}"
	fi
}

# What QEMU and KVM do not mind and the monitor would name: docs/limits.md
foreign_firmware="lenient=convert lenient=device lenient=version lenient=psc"
monitor_command_line() {
	local kind=$platform
	[[ $vendor != intel ]] || kind=kvm-intel
	join "platform=$kind" "${trace:+trace${trace_events:+=$trace_events}}" ${firmware:+$foreign_firmware} "$monitor_option"
}

# The guest's words as a file: whatever their length, none of the monitor's are in their way.
command_line_file() {
	local words
	words=$(guest_command_line)
	[[ -z $words ]] || qemu+=(-fw_cfg "name=opt/postern/cmdline,string=$(escape "$words")")
}

machine_options() {
	local machine=q35 cpu=EPYC,phys-bits=52,+la57,+svm
	# OVMF as an SNP guest finds no PCI devices on q35, and Linux asks each of its 256 buses
	[[ -z $firmware && -z $kernel ]] || machine=pc
	[[ $accel == kvm ]] && cpu=host
	[[ $mode != hardware ]] || hardware_machine
	qemu=("$qemu_binary" -nodefaults -no-user-config -display none -no-reboot
		-machine "$machine" -accel "$accel" -cpu "$cpu" -smp "$smp" -m "${mem_mib}M"
		-chardev stdio,id=console,signal=on -serial chardev:console
		-device isa-debug-exit,iobase=0xf4,iosize=0x04)
	[[ -z $trace ]] || qemu+=(-chardev "file,id=trace,path=$(escape "$trace")"
		-device isa-debugcon,iobase=0x406,chardev=trace)
	[[ -z $json ]] || qemu+=(-chardev "file,id=json,path=$(escape "$json"),append=on"
		-device isa-debugcon,iobase=0x404,chardev=json)
	[[ -z $icount ]] || qemu+=(-icount shift=0,sleep=off -rtc base=2020-01-01,clock=vm -seed 1)
	[[ -z $gdb ]] || qemu+=(-S -gdb "tcp:127.0.0.1:$gdb_port")
}

direct_options() {
	if [[ $mode == native ]]; then
		qemu+=(-kernel "$guest" -append "$(guest_command_line)")
		return
	fi
	qemu+=(-kernel "$build/postern-monitor.elf" -append "$(monitor_command_line)"
		-fw_cfg "name=opt/postern/guest,file=$(escape "${kernel:-$guest}")")
	command_line_file
	[[ -z $initrd ]] || qemu+=(-fw_cfg "name=opt/postern/initrd,file=$(escape "$initrd")")
}

# The menu reads its entry and command line from the SMBIOS system's family and SKU: one ISO serves
# every run.
grub_options() {
	local entry=native words
	words=$(guest_command_line)
	[[ $mode == native ]] || entry=monitor words=$(join "$(monitor_command_line)" -- "$words")
	[[ $boot == grub-bios ]] || qemu+=(-bios /usr/share/ovmf/OVMF.fd)
	qemu+=(-smbios "type=1,family=postern-$entry,sku=$(escape "$words")"
		-drive "if=none,id=cd,media=cdrom,format=raw,readonly=on,file=$(escape "$iso")"
		-device ide-cd,drive=cd,bus=ide.0)
}

# Firmware gets no command line from QEMU: it is a file that the guest asks for.
rom_options() {
	if [[ $mode == emulate ]]; then
		qemu+=(-kernel "$build/postern-monitor.elf" -append "$(monitor_command_line)"
			-fw_cfg "name=opt/postern/firmware,file=$(escape "$rom")")
	elif [[ $mode == hardware ]]; then
		hardware_options
	else
		qemu+=(-bios "$rom")
	fi
	command_line_file
}

# ---- what has to be there

prepare() {
	[[ -n $no_build ]] && return
	local more=() kvm_setup=() kvm_targets=()
	[[ $boot != grub-* ]] || more=(grub)
	! by_vmm || kvm_needs
	"$root/tools/setup.sh" "${more[@]}" "${kvm_setup[@]}" || exit $?
	"$root/tools/build.sh" all "${kvm_targets[@]}" || exit 2
}

check_images() { # only what was not built just now can be missing
	local image images=("${kernel:-$guest}" "$build/postern-monitor.elf")
	! by_vmm || images=("$guest" "$build/postern-vmm")
	for image in "${images[@]}"; do
		[[ -f $image ]] || die "$image is not there: run without --no-build"
	done
}

prepare_iso() {
	iso=$build/postern.iso
	if [[ $guest != "$build/postern.elf" ]]; then
		iso=$work/guest.iso
		[[ -n $dry_run ]] || "$root/tools/iso" "$guest" "$build/postern-monitor.elf" "$iso" || die "no ISO could be made"
	elif [[ -z $no_build$dry_run ]]; then
		"$root/tools/build.sh" iso || exit 2
	fi
}

prepare_rom() {
	rom=${firmware:-$build/postern.fd}
	[[ -z $firmware && $guest != "$build/postern.elf" ]] || return
	rom=$work/guest.fd
	[[ -n $dry_run ]] || "$root/tools/rom" "$guest" "$(<"$build/lists/rom")" "$rom" || die "no firmware image could be made"
}

# ---- the run

print_command() { # so that a shell reads it back
	local word
	for word in "${qemu[@]}"; do
		if [[ $word =~ ^[A-Za-z0-9_./:=,+@-]+$ ]]; then printf '%s ' "$word"; else printf '%s ' "${word@Q}"; fi
	done
	echo
}

describe() {
	local how="on QEMU as it is" what="the demo"
	[[ $mode != emulate ]] || how="under postern-monitor"
	[[ $mode != hardware ]] || how="on this machine's own"
	[[ $mode != nested ]] || how="on stock KVM inside of QEMU's emulation"
	[[ $mode-$vm_type != nested-protected ]] || how="on stock KVM, rebuilt with protected VMs, inside of QEMU's emulation"
	[[ ${#workload[@]} == 0 ]] || what=${workload[0]}
	[[ -z $kernel ]] || what=${kernel##*/}
	[[ -z $firmware ]] || what=${firmware##*/}
	grey "run-qemu: $what, platform $platform, $how ($mode: $why), $boot boot, $smp processor(s), $mem_mib MiB, $accel"
	[[ -z $gdb ]] || printf "run-qemu: waiting for gdb: gdb -ex 'target remote :%s' %s%s\n" "$gdb_port" "$guest" \
		"$([[ $mode == native ]] || printf " -ex 'add-symbol-file %s'" "$build/postern-monitor.elf")" >&2
}

# QEMU leaves with (code << 1) | 1 of abi/exit_code.h; any other status is a crash, its own 0 too.
map_status() {
	case $1 in
	33) echo 0 ;;
	35) echo 1 ;;
	37) echo 2 ;;
	39) echo 3 ;;
	41) echo 4 ;;
	43) echo 5 ;;
	124 | 137) echo 124 ;;
	130) echo 130 ;;
	1) if grep -v ': warning:' "$work/stderr" | grep -q '^qemu[^ ]*: '; then echo 2; else echo 5; fi ;;
	*) echo 5 ;;
	esac
}

explain() {
	case $1-$2 in
	0-*) ;;
	1-*) grey "run-qemu: exit status 1: the workload failed" ;;
	2-37) grey "run-qemu: exit status 2: it cannot run here" ;;
	2-*) grey "run-qemu: exit status 2: QEMU did not start" ;;
	3-*) grey "run-qemu: exit status 3: the guest terminated itself by protocol" ;;
	4-*) grey "run-qemu: exit status 4: the monitor named a violation" ;;
	5-43) grey "run-qemu: exit status 5: crash, panic or reset" ;;
	5-0) grey "run-qemu: exit status 5: the machine was reset or shut down without a verdict (by a panic, or a triple fault?)" ;;
	5-*) grey "run-qemu: exit status 5: QEMU ended with status $2" ;;
	124-*) grey "run-qemu: exit status 124: no end after $timeout seconds" ;;
	esac
}

# shellcheck disable=SC2317 # by trap
stop() {
	kill -TERM "$child" 2>/dev/null
	wait "$child"
	exit "$1"
}

# In the background, so that a signal to this script ends QEMU now and not when QEMU ends.
run_child() {
	exec 3<&0
	"$@" <&3 &
	child=$!
	[[ $mode != hardware ]] || by_vmm || hardware_watch "$child" "$work/stderr" &
	trap 'stop 130' INT
	trap 'stop 143' TERM HUP
	wait "$child"
}

run() {
	local status limit=()
	[[ -z $timeout ]] || limit=(timeout --foreground --kill-after=5 "$timeout")
	[[ -z $json ]] || printf '{"kind":"run","platform":"%s","mode":"%s","boot":"%s","smp":%d,"mem_mib":%d}\n' \
		"$platform" "$mode" "$boot" "$smp" "$mem_mib" >"$json"
	! by_vmm || run_vmm
	run_child "${limit[@]}" "${qemu[@]}" 2>"$work/stderr"
	status=$?
	[[ $mode != hardware ]] || status=$(hardware_status "$status" "$work/stderr")
	grep -vE "warning: TCG doesn't support requested feature|terminating on signal" "$work/stderr" >&2
	set -- "$(map_status "$status")"
	explain "$1" "$status"
	exit "$1"
}

choose_timeout() {
	[[ -z $timeout && -z $gdb ]] || return 0
	timeout=60
	[[ -z $kernel$firmware && $mode != nested ]] || timeout=120
}

main() {
	parse "$@"
	check_values
	check_combinations
	# The probe for hardware is written in Python, which a bare machine lacks.
	type -P python3 >/dev/null || [[ -n $no_build$dry_run ]] || "$root/tools/setup.sh" || exit $?
	choose_mode
	choose_timeout
	gdb_port=$((25000 + $(id -u) % 5000))
	guest=${guest:-$build/postern.elf}
	if [[ -n $list ]]; then
		prepare
		exec "$root/tools/workloads.py" "$guest"
	fi
	[[ -z $trace ]] || writable --trace "$trace"
	[[ -z $json ]] || writable --json "$json"
	[[ -n $dry_run ]] || { prepare; check_images; }
	choose_accel
	work=$(mktemp -d "${TMPDIR:-/tmp}/postern.XXXXXX") || die "no temporary folder could be made"
	trap 'rm -rf "$work"' EXIT
	trap 'exit 130' INT
	if by_vmm; then
		vmm_command
	else
		machine_options
		case $boot in
		direct) direct_options ;;
		rom) prepare_rom; rom_options ;;
		*) prepare_iso; grub_options ;;
		esac
	fi
	if [[ -n $dry_run ]]; then
		print_command
		exit 0
	fi
	describe
	run
}

main "$@"
