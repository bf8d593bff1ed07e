/* SPDX-License-Identifier: Apache-2.0 */
/*
 * SVM's own instructions are #UD in a guest, whose EFER has no SVME that counts (APM3 4, each
 * one's exceptions): bare, and behind F2, F3 and 66 too, which the processor below executes alike.
 * RUN: %guest-cc %s -o %t
 * RUN: %run-guest --platform=plain --mode=emulate %t | FileCheck %s
 * RUN: %run-guest --platform=kvm --mode=emulate --vendor=intel %t | FileCheck %s
 * RUN: %run-guest --platform=sev %t | FileCheck %s
 * RUN: %run-guest --platform=sev-es %t | FileCheck %s
 * RUN: %run-guest --platform=snp %t | FileCheck %s
 * RUN: %run-guest --platform=tdx %t | FileCheck %s
 * CHECK: vmrun vmload vmsave stgi clgi skinit invlpga: 28 of 28 undefined
 * CHECK: exit status 0
 */
#include <stdio.h>

#include "abi/x86.h"
#include "kernel/workload.h"
#include "lib/extable.h"

#define FORMS 28

/* 1 where it is #UD. */
#define FORM(prefix, modrm)                                                                        \
	({                                                                                         \
		u64 rax = 0;                                                                       \
                                                                                                   \
		__asm__ volatile("1: .byte " prefix "0x0f, 0x01, " modrm "\n\t"                    \
				 "2:\n\t" EXTABLE("1b", "2b")                                      \
				 : "+a"(rax)                                                       \
				 : "c"((u64)0)                                                     \
				 : "memory");                                                      \
		rax == (EXTABLE_FAULT | VEC_UD);                                                   \
	})

#define FORMS_OF(modrm)                                                                            \
	(FORM("", modrm) + FORM("0xf2, ", modrm) + FORM("0xf3, ", modrm) + FORM("0x66, ", modrm))

static int test(int argc, char **argv)
{
	int undefined = 0;

	(void)argc, (void)argv;
	undefined += FORMS_OF("0xd8"); /* VMRUN */
	undefined += FORMS_OF("0xda"); /* VMLOAD */
	undefined += FORMS_OF("0xdb"); /* VMSAVE */
	undefined += FORMS_OF("0xdc"); /* STGI */
	undefined += FORMS_OF("0xdd"); /* CLGI */
	undefined += FORMS_OF("0xde"); /* SKINIT */
	undefined += FORMS_OF("0xdf"); /* INVLPGA */
	printf("vmrun vmload vmsave stgi clgi skinit invlpga: %d of %d undefined\n", undefined,
	       FORMS);
	return undefined != FORMS;
}

DEFINE_WORKLOAD("test", "SVM's instructions", test);
