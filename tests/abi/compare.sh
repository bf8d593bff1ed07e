#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Compiles both sides of a list of constants, ours with the native flags and Linux's as the kernel's
# own build would, and compares them. Usage: compare.sh ROOT BUILD LIST OUT
set -euo pipefail
root=$1 build=$2 list=$3 out=$4
here=$root/tests/abi
linux=${POSTERN_BUILD:-$root/build}/linux/headers

python3 "$here/constants.py" "$list" ours abi/{bits,acpi,x86,sev,ghcb,vmcb,tdx,vmx,kvm_para,pvh,elf,linux_boot}.h >"$out.ours.c"
python3 "$here/constants.py" "$list" theirs linux/{types,stddef,errno,efi,acpi}.h asm/pgtable_types.h \
	asm/{svm,vmx,sev-common,sev,tdx,msr-index,processor-flags,trapnr,apicdef,pvclock-abi}.h \
	uapi/asm/vmx.h uapi/{asm,linux}/kvm_para.h xen/interface/hvm/start_info.h \
	linux/elf.h uapi/asm/bootparam.h >"$out.theirs.c"
mapfile -t flags <"$build/lists/flags-native"
clang "${flags[@]}" -c "$out.ours.c" -o "$out.ours.o"
(
	cd "$linux"
	clang -nostdinc -D__KERNEL__ -std=gnu11 -w -mno-red-zone -mcmodel=kernel \
		-I arch/x86/include -I arch/x86/include/generated -I include \
		-I arch/x86/include/uapi -I arch/x86/include/generated/uapi \
		-I include/uapi -I include/generated/uapi -include include/linux/compiler-version.h \
		-include include/linux/kconfig.h -include include/linux/compiler_types.h \
		-fno-sanitize=all -fpie -mcmodel=small -c "$out.theirs.c" -o "$out.theirs.o"
)
clang "${flags[@]}" "$here/Inputs/main.c" "$out.ours.o" "$out.theirs.o" -o "$out"
"$out"
