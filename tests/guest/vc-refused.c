/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A #VC that the guest cannot or must not serve ends the run by protocol, with a reason code and
 * one sentence: an unknown reason, an instruction that cannot have it, one that is not decoded, an
 * operand in private memory (the hypervisor would get our data), a jump to where a device says,
 * code that is not ours, an MSR that no hypervisor can or need intercept (it would have it left
 * out, or answered by itself). Bytes are shown of our text alone.
 * RUN: %guest-cc %s -o %t
 * RUN: %run-guest --status=3 --platform=snp %t -- test reason | FileCheck %s -check-prefix=REASON
 * RUN: %run-guest --status=3 --platform=sev-es %t -- test reason | FileCheck %s -check-prefix=REASON
 * RUN: %run-guest --status=3 --platform=snp %t -- test other | FileCheck %s -check-prefix=OTHER
 * RUN: %run-guest --status=3 --platform=snp %t -- test mmio | FileCheck %s -check-prefix=MMIO
 * RUN: %run-guest --status=3 --platform=snp %t -- test private | FileCheck %s -check-prefix=PRIVATE
 * RUN: %run-guest --status=3 --platform=tdx %t -- test mmio | FileCheck %s -check-prefix=VE
 * RUN: %run-guest --status=3 --platform=snp %t -- test jump | FileCheck %s -check-prefix=JUMP
 * RUN: %run-guest --status=3 --platform=snp %t -- test stack | FileCheck %s -check-prefix=STACK
 * RUN: %run-guest --status=3 --platform=snp %t -- test ghcb | FileCheck %s -check-prefix=MSR
 * RUN: %run-guest --status=3 --platform=sev-es %t -- test status | FileCheck %s -check-prefix=MSR
 * RUN: %run-guest --status=3 --platform=snp %t -- test base | FileCheck %s -check-prefix=MSR
 *
 * REASON: #VC 0x77 at 0x2{{[0-9a-f]+}}: exit reason not supported (0f 31 {{.*}})
 * REASON: terminated itself: reason set 0x1 code 0x6
 * OTHER: #VC 0x72 at {{.*}}: instruction cannot exit like this (0f 31 {{.*}})
 * OTHER: terminated itself: reason set 0x1 code 0x7
 * MMIO: #VC 0x400 at 0x2{{[0-9a-f]+}}: instruction not understood (df 28 {{.*}})
 * MMIO: terminated itself: reason set 0x1 code 0x7
 * VE: #VE 0x30 at 0x2{{[0-9a-f]+}}: instruction not understood (df 28 {{.*}})
 * JUMP: #VC 0x400 at 0x2{{[0-9a-f]+}}: instruction not understood (ff 20 {{.*}})
 * STACK-NOT: 8b 03
 * STACK: #VC 0x400 outside of the code: instruction not understood
 * PRIVATE: #VC 0x400 at {{.*}}: operands not supported (48 8b 03 {{.*}})
 * MSR: #VC 0x7c at {{.*}}: operands not supported
 * MSR: terminated itself: reason set 0x1 code 0x7
 * PRIVATE: terminated itself: reason set 0x1 code 0x7
 */
#include <string.h>

#include "abi/ghcb.h"
#include "abi/sev.h"
#include "kernel/workload.h"
#include "mm/mm.h"
#include "paravirt/pv_ops.h"

#define ECAM_BRIDGE 0xb0000000

static u64 secret = 0x5ec4e7;

/* What a hypervisor that lies would inject at @rip. */
static void claim_with(u64 code, const void *rip, u64 rcx)
{
	struct trap_frame frame = {
		.rcx = rcx,
		.rbx = (u64)(uintptr_t)&secret,
		.vector = VEC_VC,
		.error_code = code,
		.rip = (u64)(uintptr_t)rip,
		.cs = 8,
	};

	pv_handle_exception(&frame);
}

static void claim(u64 code, const void *rip) { claim_with(code, rip, 0); }

__asm__(".text\n"
	"insn_rdtsc: rdtsc\n"
	"insn_wrmsr: wrmsr\n"
	"insn_rdmsr: rdmsr\n"
	"insn_load: mov (%rbx), %rax\n");
extern const char insn_rdtsc[], insn_wrmsr[], insn_rdmsr[], insn_load[];

static int test(int argc, char **argv)
{
	const char *what = argc > 1 ? argv[1] : "";
	u8 on_stack[16] = { 0x8b, 0x03 };

	if (!strcmp(what, "reason"))
		claim(0x77, insn_rdtsc);
	else if (!strcmp(what, "ghcb"))
		claim_with(SVM_EXIT_MSR, insn_wrmsr, MSR_GHCB);
	else if (!strcmp(what, "status"))
		claim_with(SVM_EXIT_MSR, insn_rdmsr, MSR_SEV_STATUS);
	else if (!strcmp(what, "base"))
		claim_with(SVM_EXIT_MSR, insn_rdmsr, MSR_GS_BASE);
	else if (!strcmp(what, "other"))
		claim(SVM_EXIT_CPUID, insn_rdtsc);
	else if (!strcmp(what, "private"))
		claim(SVM_EXIT_NPF, insn_load);
	else if (!strcmp(what, "stack"))
		claim(SVM_EXIT_NPF, on_stack);
	else if (!strcmp(what, "mmio"))
		__asm__ volatile("fildll (%%rax)" ::"a"(mmio_map(pa(ECAM_BRIDGE), PAGE_SIZE)));
	else if (!strcmp(what, "jump"))
		__asm__ volatile("jmp *(%%rax)" ::"a"(mmio_map(pa(ECAM_BRIDGE), PAGE_SIZE)));
	return 0;
}

DEFINE_WORKLOAD("test", "exits that are refused", test);
