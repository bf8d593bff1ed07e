#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Brings this machine to where Postern builds and runs: packages, newlib, GRUB's multiboot2.h,
# BearSSL; with the argument `grub` also what an ISO needs, with `efi` what an EFI system partition does, with `nested`
# what the stock-KVM machine needs, with `protected` also its rebuilt KVM, with `tests` also what the tests
# need, with `qemu:NAME` the QEMU that tools/newer-qemu knows by that name. Called by run-qemu.sh and
# run-tests.sh. What is there is probed by looking for it, so nothing goes stale.
# Exit status 2 and one sentence when it cannot be done.
set -euo pipefail
umask 022

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
build=${POSTERN_BUILD:-$root/build}
[[ $build == /* ]] || build=$PWD/$build
want=" base $* "
missing=()

say() { printf 'set-up: %s\n' "$*" >&2; }
die() { say "$*"; exit 2; }
wants() { [[ $want == *" $1 "* ]]; }
exists() { compgen -G "$1" >/dev/null; }

# need PACKAGE THING...: the package is missing when one THING (a command, or a path pattern) is.
need() {
	local package=$1 thing
	shift
	for thing; do
		case $thing in
		/*) exists "$thing" && continue ;;
		*) type -P "$thing" >/dev/null && continue ;;
		esac
		missing+=("$package")
		return
	done
}

# The llvm-N-tools package carries the number of the default clang.
llvm_version() {
	if type -P clang >/dev/null; then
		clang -dumpversion | cut -d. -f1
	else
		apt-cache depends clang 2>/dev/null | sed -n 's/.*Depends: clang-\([0-9]*\)$/\1/p' | grep . || echo 14
	fi
}

# The compiler that Debian built its kernel with is the one that its headers ask for.
linux_gcc() {
	apt-cache depends "linux-headers-$(newest_linux | sed 's/^linux-image-//')" 2>/dev/null |
		sed -n 's/.*Depends: gcc-\([0-9]*\)$/\1/p' | grep . || echo 12
}

# What KVM's rebuilt modules are made of.
protected_key() { printf '%s %s' "$(<"$build/linux/package")" "$(sha256sum <"$root/tools/kvm-machine-modules")"; }

protected_is_built() {
	local built=$build/linux/protected/.built
	[[ -f $build/linux/package && -f $built && $(<"$built") == "$(protected_key)" ]]
}

find_missing() {
	missing=()
	need clang clang
	need lld ld.lld
	need llvm llvm-ar llvm-ranlib llvm-nm llvm-objdump llvm-objcopy
	need cmake cmake
	need ninja-build ninja
	need python3 python3
	need make make
	need xz-utils xz
	need libc6-dev '/usr/include/*/sys/cdefs.h'
	need newlib-source '/usr/src/newlib/newlib-*.tar.xz'
	need qemu-system-x86 qemu-system-x86_64
	if wants grub || wants tests; then
		need grub-common grub-mkrescue
		need grub-pc-bin /usr/lib/grub/i386-pc/multiboot2.mod
		need grub-efi-amd64-bin /usr/lib/grub/x86_64-efi/multiboot2.mod
		need xorriso xorriso
	fi
	if wants grub || wants efi || wants tests; then
		need mtools mformat
		need ovmf /usr/share/ovmf/OVMF.fd
	fi
	if wants tests; then
		need "llvm-$(llvm_version)-tools" '/usr/lib/llvm-*/bin/FileCheck' '/usr/lib/llvm-*/build/utils/lit/lit.py'
		need libclang-rt-dev '/usr/lib/llvm-*/lib/clang/*/lib/linux/libclang_rt.asan-x86_64.a'
		need clang-format clang-format
		need clang-tidy clang-tidy
		need shellcheck shellcheck
		need mypy mypy
		need gdb gdb # stops at --break
		need openssl openssl # judges our certificates
		need nodejs node     # runs a verifier of quotes
		need python3-cryptography /usr/lib/python3/dist-packages/cryptography # tools/key-broker's AES
		need npm npm
		need chromium-headless-shell chromium-headless-shell # looks at pages that we make
		need gnuplot-nox gnuplot # of bench/report
		need libcapstone-dev /usr/include/capstone/capstone.h
		need libzydis-dev /usr/include/Zydis/Zydis.h
	fi
	if wants nested || wants tests; then
		need busybox-static /bin/busybox
		need cpio cpio
		need zstd zstd
	fi
	if wants protected && ! protected_is_built; then # to ask apt for its number takes seconds
		need "gcc-$(linux_gcc)" "x86_64-linux-gnu-gcc-$(linux_gcc)"
	fi
}

# Sets `sudo` to what makes a command root's, or ends with the one command to run.
become_root() {
	sudo=()
	[[ $EUID == 0 ]] && return
	if type -P sudo >/dev/null && { sudo -n true 2>/dev/null || [[ -t 0 ]]; }; then
		sudo=(sudo)
		return
	fi
	say "packages are missing and this is not root. Run once, as root:"
	printf '  apt-get update && apt-get install -y --no-install-recommends %s\n' "${missing[*]}" >&2
	exit 2
}

install_packages() {
	local log=$build/apt.log sudo
	find_missing
	[[ ${#missing[@]} == 0 ]] && return
	type -P apt-get >/dev/null ||
		die "this is no Debian: please install what these Debian packages hold: ${missing[*]}"
	become_root
	say "installing ${missing[*]} (log: $log)"
	"${sudo[@]}" apt-get update >"$log" 2>&1 || true # a dead third-party list must not stop us
	find_missing # the lists may have taught us the version of a name
	"${sudo[@]}" apt-get install -s --no-install-recommends "${missing[@]}" >>"$log" 2>&1 ||
		die "apt cannot install them, nothing was changed: $(grep '^E:' "$log" | tail -n 1)"
	"${sudo[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends \
		"${missing[@]}" >>"$log" 2>&1 </dev/null || die "apt-get install failed: see $log"
	find_missing
	[[ ${#missing[@]} == 0 ]] || die "installed, but these still lack what is looked for: ${missing[*]}"
}

# newlib for x86_64-elf. No red zone: its code runs on stacks that take interrupts.
newlib_make() {
	local tarball=$1 source
	local cflags="-O2 -g0 -mno-red-zone -fno-omit-frame-pointer"
	cflags+=" -Wno-implicit-function-declaration -Wno-int-conversion -Wno-implicit-int"
	work=$(mktemp -d) # not local, for the trap; newlib's makefiles cannot stand in a folder with a space in its name
	trap 'rm -rf "$work"' EXIT
	source=$work/source
	rm -rf "$build/newlib-prefix"
	mkdir "$source" "$work/build"
	tar -C "$source" --strip-components=1 -xf "$tarball"
	cd "$work/build"
	CC=clang CFLAGS=-O1 "$source/configure" --target=x86_64-elf --prefix="$work/prefix" \
		--disable-multilib --disable-libgloss --disable-newlib-supplied-syscalls \
		--enable-newlib-io-long-long --enable-newlib-io-c99-formats \
		CC_FOR_TARGET="clang --target=x86_64-unknown-none-elf -ffreestanding" \
		AR_FOR_TARGET=llvm-ar RANLIB_FOR_TARGET=llvm-ranlib LD_FOR_TARGET=ld.lld \
		CFLAGS_FOR_TARGET="$cflags"
	make -j"$(nproc)" MAKEINFO=true all-target-newlib
	make MAKEINFO=true install-target-newlib
	mv "$work/prefix" "$build/newlib-prefix"
}

build_newlib() {
	local tarballs=(/usr/src/newlib/newlib-*.tar.xz) stamp=$build/newlib-prefix/.built key
	key="${tarballs[-1]} $(readlink -f "$(type -P clang)") 1"
	[[ -f $stamp && $(<"$stamp") == "$key" ]] && return
	say "building newlib, once, in about a minute (log: $build/newlib.log)"
	(set -e; newlib_make "${tarballs[-1]}") >"$build/newlib.log" 2>&1 &
	wait $! || die "newlib did not build: see $build/newlib.log"
	printf '%s\n' "$key" >"$stamp"
}

# The machine's own package sources, as sources of source packages, one file for each.
private_sources() {
	local to=$1 file
	for file in /etc/apt/sources.list /etc/apt/sources.list.d/*.list; do
		[[ -f $file ]] || continue
		sed -n 's/^[[:space:]]*deb[[:space:]]/deb-src /p' "$file" >"$to/$(basename "$file" .list).list"
	done
	for file in /etc/apt/sources.list.d/*.sources; do
		[[ -f $file ]] || continue
		sed 's/^Types:.*/Types: deb-src/' "$file" >"$to/${file##*/}"
	done
}

# fetch_source PACKAGE WHAT: its upstream tarball, whose path is in `tar`.
fetch_source() {
	say "fetching $2 from the $1 source package"
	# the tarball alone: a mirror that lags may have lost the rest
	(cd "$work" && apt-get "${options[@]}" source --download-only --tar-only "$1") >>"$build/source.log" 2>&1 ||
		die "the $1 source package, which holds $2, could not be fetched: see $build/source.log"
	tar=$(compgen -G "$work/$1_*.orig.tar.*" | grep -v '\.asc$' | head -n 1)
}

# What no binary package has: multiboot2.h, and BearSSL for a machine without vector registers. The
# system's own lists are left alone.
fetch_sources() {
	local header=$build/grub-include/multiboot2.h bearssl=$build/bearssl work=$build/source tar options
	[[ -f $header && -d $bearssl ]] && return
	rm -rf "$work"
	mkdir -p "$work"/{parts,lists/partial,bearssl} "${header%/*}"
	private_sources "$work/parts"
	options=(-o Dir::Etc::sourcelist=/dev/null -o "Dir::Etc::sourceparts=$work/parts"
		-o "Dir::State::Lists=$work/lists" -o Dir::Cache::pkgcache= -o Dir::Cache::srcpkgcache=
		-o APT::Sandbox::User= -o APT::Get::List-Cleanup=0)
	apt-get "${options[@]}" update >"$build/source.log" 2>&1 || true # judged by what can be fetched
	if [[ ! -f $header ]]; then
		fetch_source grub2 multiboot2.h
		tar -xOf "$tar" --wildcards '*/include/multiboot2.h' >"$header.new"
		mv "$header.new" "$header"
	fi
	if [[ ! -d $bearssl ]]; then
		fetch_source bearssl "the monitor's cryptography"
		tar -C "$work/bearssl" --strip-components=1 -xf "$tar"
		mv "$work/bearssl" "$bearssl"
	fi
	rm -rf "$work"
}

# Debian's newest 6.12 kernel; where there is none, the one that linux-image-amd64 stands for.
newest_linux() {
	{
		apt-cache depends linux-image-amd64 | sed -n 's/.*Depends: \(linux-image-[0-9.]*.*-amd64\)$/\1/p'
		apt-cache pkgnames linux-image-6.12 | grep -E '^linux-image-6\.12\.[0-9.]+\+deb[0-9]+(\+[0-9]+)?-amd64$' | sort -V
	} 2>/dev/null | tail -n 1
}

# download SIZE PACKAGE...: into $work, not to be installed.
download() {
	local size=$1
	shift
	say "fetching $* (about $size MB, not installed)"
	(cd "$work" && apt-get -o APT::Sandbox::User= download "$@") >"$build/linux-fetch.log" 2>&1 ||
		die "$1 could not be fetched: see $build/linux-fetch.log"
}

# The kernel, the modules that KVM needs, those of a disk that a test makes slow, of virtio devices, and of
# confidential guests.
fetch_linux_image() {
	local image
	[[ -f $linux/vmlinuz && -f $linux/modules/gcm.ko && -f $linux/package ]] && return
	image=$(newest_linux) || true
	if [[ -z $image ]]; then
		wants tests || die "apt offers no linux-image-amd64, which the stock-KVM machine boots"
		say "apt offers no linux-image-amd64: the tests with Linux are skipped"
		return
	fi
	download 110 "$image"
	dpkg-deb --fsys-tarfile "$work"/linux-image-*.deb | tar -C "$work" -x --wildcards './boot/vmlinuz-*' \
		'*/kvm.ko*' '*/kvm-amd.ko*' '*/ccp.ko*' '*/irqbypass.ko*' '*/null_blk.ko*' '*/configfs.ko*' \
		'*/virtio_blk.ko*' '*/virtio_net.ko*' '*/failover.ko*' '*/net_failover.ko*' '*/netfs.ko*' '*/9pnet.ko*' \
		'*/9pnet_virtio.ko*' '*/9p.ko*' '*/virtio-rng.ko*' '*/vsock.ko*' '*/vmw_vsock_virtio_transport*.ko*' \
		'*/tsm.ko*' '*/sev-guest.ko*' '*/tdx-guest.ko*' '*/gf128mul.ko*' '*/ghash-generic.ko*' '*/crypto_null.ko*' '*/gcm.ko*'
	[[ -f $linux/package && $(<"$linux/package") == "$image" ]] || rm -rf "$linux/headers" "$linux/protected"
	rm -rf "$linux/modules"
	mkdir -p "$linux/modules.new"
	# usr/lib since Debian 13
	find "$work" -name '*.ko*' -exec mv {} "$linux/modules.new/" \;
	! exists "$linux/modules.new/*.xz" || xz -d "$linux"/modules.new/*.xz
	mv "$work"/boot/vmlinuz-* "$linux/vmlinuz"
	printf '%s\n' "$image" >"$linux/package"
	mv "$linux/modules.new" "$linux/modules"
}

# Sets `headers` to the packages of the kernel's headers.
name_headers() {
	headers=$(sed 's/image/headers/' "$linux/package")
	headers="$headers ${headers%-amd64}-common"
}

fetch_linux_headers() {
	local headers
	[[ -d $linux/headers || ! -f $linux/package ]] && return
	name_headers
	# shellcheck disable=SC2086 # two words
	download 15 $headers
	dpkg-deb -x "$work"/linux-headers-*-common_*.deb "$work/common"
	dpkg-deb -x "$work"/linux-headers-*-amd64_*.deb "$work/amd64"
	rm -rf "$linux/headers.new"
	mkdir -p "$linux/headers.new/arch/x86"
	cp -r "$work"/common/usr/src/linux-headers-*/include "$linux/headers.new/"
	cp -r "$work"/common/usr/src/linux-headers-*/arch/x86/include "$linux/headers.new/arch/x86/"
	cp -rn "$work"/amd64/usr/src/linux-headers-*/include "$work"/amd64/usr/src/linux-headers-*/arch "$linux/headers.new/"
	mv "$linux/headers.new" "$linux/headers"
}

# KVM of the same version with the protected VMs that Debian's binary leaves out.
build_protected_kvm() {
	local headers source
	[[ -f $linux/package ]] || return 0
	protected_is_built && return
	name_headers
	source=$(sed -E 's/^linux-image-([0-9]+\.[0-9]+)\..*/linux-source-\1/' "$linux/package")
	# shellcheck disable=SC2086 # two words
	download 170 $headers "$(sed -E 's/image/kbuild/; s/-amd64$//' "$linux/package")" "$source"
	say "rebuilding KVM with KVM_SW_PROTECTED_VM, once, in about a minute (log: $build/kvm-protected.log)"
	"$root/tools/kvm-machine-modules" "$work" "$linux/protected" >"$build/kvm-protected.log" 2>&1 ||
		die "KVM did not build: see $build/kvm-protected.log"
	printf '%s\n' "$(protected_key)" >"$linux/protected/.built"
}

fetch_linux() {
	local linux=$build/linux work=$build/linux-fetch
	rm -rf "$work"
	mkdir -p "$work" "$linux"
	fetch_linux_image
	if wants tests; then
		[[ $linux/initrd -nt $root/tools/initramfs ]] || "$root/tools/initramfs" "$linux/initrd"
		[[ $linux/initrd-devices -nt $root/tools/initramfs || ! -f $linux/package ]] ||
			"$root/tools/initramfs" "$linux/initrd-devices" "$linux/modules"
		fetch_linux_headers
	fi
	if wants protected; then
		(build_protected_kvm) || { wants tests && say "the tests of protected VMs are skipped"; } || exit 2
	fi
	rm -rf "$work"
}

# What only Debian's newest suite has, for the tests of it.
fetch_newer() { # fetch_newer NAME SIZE [--with-libraries] PACKAGE...: build/newer/NAME
	local name=$1 size=$2 libraries=()
	shift 2
	[[ $1 != --* ]] || { libraries=("$1"); shift; }
	[[ -f $build/newer/$name/packages ]] && return
	mkdir -p "$build/newer"
	say "fetching $* of Debian sid (about $size MB, not installed)"
	"$root/tools/newer" "${libraries[@]}" sid "$build/newer/$name" "$@" >"$build/newer-$name.log" 2>&1 </dev/null ||
		say "they could not be fetched: the tests with them are skipped (log: $build/newer-$name.log)"
}

# Verifiers of evidence, and the program that runs those in Go, anew when it changed.
fetch_verifiers() {
	local newer=$build/newer log=$build/verifiers.log program=$build/newer/verifiers/verify
	mkdir -p "$newer"
	: >"$log"
	if [[ ! -d $newer/dcap-qvl ]]; then
		say "fetching @phala/dcap-qvl from the npm registry (about 4 MB, not installed)"
		"$root/tools/verifiers" npm >>"$log" 2>&1 </dev/null ||
			say "it could not be fetched: the tests with it are skipped (log: $log)"
	fi
	[[ ! -x $program || -n $(find "$root/tests/evidence/Inputs/verify" -newer "$program") ]] || return 0
	[[ -f $newer/go/packages ]] ||
		say "fetching go-sev-guest, go-tdx-guest and Go of Debian sid (about 60 MB, not installed), to build in a minute"
	"$root/tools/verifiers" go >>"$log" 2>&1 </dev/null ||
		say "they could not be built: the tests with them are skipped (log: $log)"
}

# A test does without it; who asked for it does not.
fetch_qemu() { # fetch_qemu NAME
	local path log=$build/newer-qemu-$1.log
	path=$("$root/tools/newer-qemu" --path "$1")
	[[ -x $path ]] && return
	say "fetching the $1 QEMU of Debian with its libraries (about 45 MB, not installed)"
	"$root/tools/newer-qemu" "$1" >"$log" 2>&1 </dev/null && return
	! wants "qemu:$1" || die "it could not be fetched: see $log"
	say "it could not be fetched: the tests with it are skipped (log: $log)"
}

fetch_newest_linux() {
	local path log=$build/newer-linux.log
	path=$("$root/tools/newer-linux" --path newest)
	[[ -f $path/version ]] && exists "$path/modules/tdx-guest.ko*" && return
	say "fetching Debian sid's kernel (about 145 MB, not installed)"
	"$root/tools/newer-linux" newest >"$log" 2>&1 </dev/null ||
		say "it could not be fetched: the tests with it are skipped (log: $log)"
}

{ mkdir -p "$build" && exec 9>"$build/.setup-lock"; } 2>/dev/null ||
	die "$build cannot be written: does it belong to another user?"
flock -n 9 || { say "waiting for another set-up in $build to end"; flock 9; }
install_packages
build_newlib
fetch_sources
if wants nested || wants protected || wants tests; then fetch_linux; fi
if wants tests; then
	fetch_newer ovmf 20 ovmf-generic ovmf-amdsev ovmf-inteltdx efi-shell-x64
	fetch_qemu newest
	fetch_newest_linux
	fetch_newer snphost 12 --with-libraries snphost
	fetch_verifiers
fi
for word in $want; do
	[[ $word != qemu:* ]] || fetch_qemu "${word#qemu:}"
done
