/* SPDX-License-Identifier: Apache-2.0 */
/*
 * In 32-bit code of long mode what the monitor does in the processor's place has addresses of 32
 * bits: LMSW's word in memory, the APIC's register of a store, and the page of PVALIDATE and
 * RMPADJUST, whatever the registers' high halves hold. So has prefix 67 in 64-bit code.
 * RUN: %guest-cc %s -o %t
 * RUN: %run-guest --platform=plain %t | FileCheck %s --check-prefixes=CHECK,APIC
 * RUN: %run-guest --platform=plain --mode=emulate %t | FileCheck %s --check-prefixes=CHECK,APIC
 * RUN: %run-guest --platform=kvm --mode=emulate --vendor=intel %t | \
 * RUN:   FileCheck %s --check-prefixes=CHECK,APIC
 * RUN: %run-guest --platform=sev %t | FileCheck %s
 * RUN: %run-guest --platform=sev-es %t | FileCheck %s
 * RUN: %run-guest --platform=snp %t | FileCheck %s --check-prefixes=CHECK,SNP
 * RUN: %run-guest --platform=tdx %t | FileCheck %s
 * CHECK: lmsw: 4 of 4
 * APIC-NEXT: apic: 3 of 3
 * SNP-NEXT: pvalidate: 0, 0, by 67: 0, 0
 * SNP-NEXT: rmpadjust: 0, by 67: 0
 * CHECK: exit status 0
 */
#include <malloc.h>
#include <stdio.h>

#include "../Inputs/must.h"
#include "early/entry.h"
#include "early/platform.h"
#include "kernel/workload.h"
#include "lib/cpu.h"
#include "mm/mm.h"

#define JUNK    U64_C(0x7654321000000000)
#define VMPL1_R 0x101 /* RMPADJUST: VMPL 1 may read */

struct registers {
	u64 rax, rbx, rcx, rdx;
	u64 carry;
};

#define STRING(x) #x
#define VALUE(x)  STRING(x)
#define CODE64    VALUE(SEL_CODE64)
#define DATA      VALUE(SEL_DATA)

/* run(registers, code, selector): without interrupts; the code uses neither the stack nor RBP. */
__asm__("run:\n\tpushfq\n\tcli\n\tpush %rbx\n\tpush %rbp\n\tmov %rdi, %rbp\n\t"
	"mov %ds, %eax\n\tpush %rax\n\tmov $" DATA ", %eax\n\tmov %eax, %ds\n\t"
	"push %rdx\n\tpush %rsi\n\t"
	"mov (%rbp), %rax\n\tmov 8(%rbp), %rbx\n\tmov 16(%rbp), %rcx\n\tmov 24(%rbp), %rdx\n\t"
	"lretq\n"
	"run_back:\n\tmov %rax, (%rbp)\n\tsetc 32(%rbp)\n\tpop %rax\n\tmov %eax, %ds\n\t"
	"pop %rbp\n\tpop %rbx\n\tpopfq\n\tret\n");
void run(struct registers *registers, const char *code, u64 selector);

#define CODE_32(name, insn)                                                                        \
	__asm__(#name ":\n\t.code32\n\t" insn "\n\tljmp $" CODE64 ", $run_back\n\t.code64\n");     \
	extern const char name[]
#define CODE_64(name, insn)                                                                        \
	__asm__(#name ":\n\t" insn "\n\tjmp run_back\n");                                          \
	extern const char name[]

CODE_32(lmsw_base, "lmsw (%eax)");
CODE_32(lmsw_sib, "lmsw -4(%ebx, %ecx, 4)");
CODE_32(lmsw_cs, "lmsw %cs:4(%edx)");
CODE_64(lmsw_67, "lmsw (%eax)");
CODE_32(store_direct, "movl $0x20, 0xfee00080");
CODE_32(store_rax, "mov %eax, 0xfee00080");
CODE_32(store_base, "mov %eax, 0x80(%ebx)");
CODE_32(pvalidate_32, "pvalidate");
CODE_64(pvalidate_67, ".byte 0x67\n\tpvalidate");
CODE_32(rmpadjust_32, ".byte 0xf3, 0x0f, 0x01, 0xfe");
CODE_64(rmpadjust_67, ".byte 0x67, 0xf3, 0x0f, 0x01, 0xfe");

static u16 word;

static int lmsw(const char *code, u64 selector)
{
	const u64 own = read_cr0(), at = (u64)(uintptr_t)&word;
	struct registers r = { JUNK | at, JUNK | (at - 4), JUNK | 2, JUNK | (at - 4), 0 };
	u64 value;

	word = (u16)own ^ CR0_EM;
	run(&r, code, selector);
	value = read_cr0();
	write_cr0(own);
	return value == (own ^ CR0_EM);
}

/* The task priority, which holds nothing back that this guest waits for. */
static int store(const char *code)
{
	volatile u32 *tpr = (volatile u32 *)(APIC_BASE_DEFAULT + 0x80);
	struct registers r = { JUNK | 0x20, JUNK | APIC_BASE_DEFAULT, 0, 0, 0 };
	u32 value;

	run(&r, code, SEL_CODE32);
	value = *tpr;
	*tpr = 0;
	return value == 0x20;
}

static int test_plain(void)
{
	int done = store(store_direct);

	done += store(store_rax);
	done += store(store_base);
	printf("apic: %d of 3\n", done);
	return 0;
}

static int pvalidate_at(const u8 *page, const char *code, u64 selector, u64 validate)
{
	struct registers r = { JUNK | (u64)(uintptr_t)page, 0, 0, validate, 0 };

	run(&r, code, selector);
	return r.carry ? -1 : (int)r.rax;
}

static int rmpadjust_at(const u8 *page, const char *code, u64 selector)
{
	struct registers r = { JUNK | (u64)(uintptr_t)page, 0, 0, VMPL1_R, 0 };

	run(&r, code, selector);
	return (int)r.rax;
}

static int test_snp(void)
{
	u8 *page = memalign(PAGE_SIZE, PAGE_SIZE);
	int rescinded, validated;

	MUST(page && (u64)(uintptr_t)page >> 32 == 0);
	page[0] = 1; /* it is there */
	rescinded = pvalidate_at(page, pvalidate_32, SEL_CODE32, 0);
	validated = pvalidate_at(page, pvalidate_32, SEL_CODE32, 1);
	printf("pvalidate: %d, %d, ", rescinded, validated);
	rescinded = pvalidate_at(page, pvalidate_67, SEL_CODE64, 0);
	validated = pvalidate_at(page, pvalidate_67, SEL_CODE64, 1);
	printf("by 67: %d, %d\n", rescinded, validated);
	printf("rmpadjust: %d, by 67: %d\n", rmpadjust_at(page, rmpadjust_32, SEL_CODE32),
	       rmpadjust_at(page, rmpadjust_67, SEL_CODE64));
	return 0;
}

static int test(int argc, char **argv)
{
	int done = 0;

	(void)argc, (void)argv;
	done += lmsw(lmsw_base, SEL_CODE32);
	done += lmsw(lmsw_sib, SEL_CODE32);
	done += lmsw(lmsw_cs, SEL_CODE32);
	done += lmsw(lmsw_67, SEL_CODE64);
	printf("lmsw: %d of 4\n", done);
	if (platform.kind == PLATFORM_PLAIN || platform.kind == PLATFORM_KVM)
		return test_plain();
	return platform.kind == PLATFORM_SEV_SNP ? test_snp() : 0;
}

DEFINE_WORKLOAD("test", "runs 32-bit code", test);
