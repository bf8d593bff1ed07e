/* SPDX-License-Identifier: Apache-2.0 */
/*
 * 2 MiB go to shared and back in one entry and one PVALIDATE each way; when a single page of them
 * made the way alone, the host's 2M page is in pieces, and PVALIDATE falls back to 4K.
 * RUN: %guest-cc %s -o %t
 * RUN: %run-guest --platform=snp --trace=%t.trace %t | FileCheck %s -check-prefix=OUT
 * RUN: FileCheck %s < %t.trace
 * OUT: block at [[AT:0x[0-9a-f]+]]
 * OUT: whole
 * OUT: pieces
 *
 * The marks are writes of an MSR.
 * CHECK: dir=write msr=0x1b
 * CHECK: pvalidate gpa=[[AT:0x[0-9a-f]+]] size=0x1 validate=0x0 status=0x0 unchanged=0
 * CHECK-NEXT: vmgexit code=0x80000010 info1=0x0 info2=0x0 entries=1 private=0 shared=512 result=0x0
 * CHECK: vmgexit code=0x80000010 info1=0x0 info2=0x0 entries=1 private=512 shared=0 result=0x0
 * CHECK: pvalidate gpa=[[AT]] size=0x1 validate=0x1 status=0x0 unchanged=0
 * CHECK: dir=write msr=0x1b
 * CHECK: pvalidate gpa=[[AT]] size=0x0 validate=0x0 status=0x0 unchanged=0
 * CHECK-NEXT: vmgexit code=0x80000010 info1=0x0 info2=0x0 entries=1 private=0 shared=1 result=0x0
 * CHECK: vmgexit code=0x80000010 info1=0x0 info2=0x0 entries=1 private=1 shared=0 result=0x0
 * CHECK: pvalidate gpa=[[AT]] size=0x0 validate=0x1 status=0x0 unchanged=0
 * CHECK: pvalidate gpa=[[AT]] size=0x1 validate=0x0 status=0x6
 * CHECK-NEXT: pvalidate gpa=[[AT]] size=0x0 validate=0x0 status=0x0 unchanged=0
 * CHECK: vmgexit code=0x80000010 info1=0x0 info2=0x0 entries=1 private=0 shared=512 result=0x0
 */
#include <stdio.h>
#include <string.h>

#include "kernel/workload.h"
#include "lib/cpu.h"
#include "mm/phys.h"
#include "mm/visibility.h"
#include "paravirt/pv_ops.h"

#define M2_ORDER 9
#define M2_PAGES 512

static int mark(void)
{
	u64 base;

	return pv_msr_read(MSR_APIC_BASE, &base) || pv_msr_write(MSR_APIC_BASE, base);
}

/* To shared, written there, to private, written there. */
static int round_trip(va_t start, u64 page_count)
{
	if (set_memory_decrypted(start, page_count))
		return 1;
	memset(va_ptr(start), 0x5a, page_count * PAGE_SIZE);
	if (set_memory_encrypted(start, page_count))
		return 1;
	memset(va_ptr(start), 0xa5, page_count * PAGE_SIZE);
	return 0;
}

static int test(int argc, char **argv)
{
	pa_t block;

	(void)argc, (void)argv;
	if (phys_alloc(M2_ORDER, &block))
		return 1;
	printf("block at %#lx\n", block.value);
	if (mark() || round_trip(pa_to_va(block), M2_PAGES))
		return 1;
	puts("whole");
	if (mark() || round_trip(pa_to_va(block), 1) || round_trip(pa_to_va(block), M2_PAGES))
		return 1;
	puts("pieces");
	return 0;
}

DEFINE_WORKLOAD("test", "visibility of 2M and of its pieces", test);
