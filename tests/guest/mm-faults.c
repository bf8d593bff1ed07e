/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What nobody may do to memory ends in a panic that names the address, and nothing else happens.
 * RUN: %guest-cc %s -o %t -DSHOW_STATE=1 --replace=early/fatal_state.c=early/fatal_state.c
 * RUN: %run-guest --status=5 --platform=plain %t -- test text | FileCheck %s -check-prefix=WRITE
 * RUN: %run-guest --status=5 --platform=plain %t -- test rodata | FileCheck %s -check-prefix=WRITE
 * RUN: %run-guest --status=5 --platform=plain %t -- test sealed | FileCheck %s -check-prefix=WRITE
 * RUN: %run-guest --status=5 --platform=plain %t -- test null | FileCheck %s -check-prefix=NONE
 * RUN: %run-guest --status=5 --platform=plain %t -- test low | FileCheck %s -check-prefix=NONE
 * RUN: %run-guest --status=5 --platform=plain %t -- test guard | FileCheck %s -check-prefix=NONE
 * RUN: %run-guest --status=5 --platform=plain %t -- test overflow | FileCheck %s -check-prefix=DEEP
 * RUN: %run-guest --status=5 --platform=plain %t -- test data | FileCheck %s -check-prefix=EXEC
 * RUN: %run-guest --status=5 --platform=plain %t -- test heap | FileCheck %s -check-prefix=EXEC
 * RUN: %run-guest --status=5 --platform=plain %t -- test poke | FileCheck %s -check-prefix=POKE
 * RUN: %run-guest --platform=plain %t -- test mmio | FileCheck %s -check-prefix=MMIO
 * RUN: %run-guest --status=5 --platform=snp %t -- test text | FileCheck %s -check-prefix=WRITE
 * RUN: %run-guest --status=5 --platform=tdx %t -- test text | FileCheck %s -check-prefix=WRITE
 * RUN: %run-guest --status=5 --platform=snp %t -- test sealed | FileCheck %s -check-prefix=WRITE
 * RUN: %run-guest --status=5 --platform=snp %t -- test guard | FileCheck %s -check-prefix=NONE
 * RUN: %run-guest --status=5 --platform=snp %t -- test overflow | FileCheck %s -check-prefix=DEEP
 * RUN: %run-guest --status=5 --platform=plain %t -- test unused | FileCheck %s -check-prefix=NONE
 * RUN: %run-guest --status=5 --platform=snp %t -- test unused | FileCheck %s -check-prefix=NONE
 * RUN: %run-guest --status=5 --platform=snp %t -- test secrets | FileCheck %s -check-prefix=WRITE
 * RUN: %run-guest --status=5 --platform=snp %t -- test ghcb | FileCheck %s -check-prefix=NONE
 * RUN: %run-guest --status=5 --platform=snp %t -- test shared | FileCheck %s -check-prefix=NONE
 * RUN: %run-guest --status=5 --platform=plain %t -- test tss | FileCheck %s -check-prefix=NONE
 * RUN: %run-guest --status=5 --platform=snp %t -- test heap | FileCheck %s -check-prefix=EXEC
 *
 * WRITE: touching [[AT:0x[0-9a-f]+]]
 * WRITE: panic: #PF at {{.*}}, address [[AT]], error code 0x3
 * WRITE-NOT: survived
 * NONE: touching [[AT:0x[0-9a-f]+]]
 * NONE: panic: #PF at {{.*}}, address [[AT]], error code 0
 * NONE-NOT: survived
 * DEEP: panic: #DF
 * DEEP-NOT: survived
 * EXEC: executing [[AT:0x[0-9a-f]+]]
 * EXEC: panic: #PF at [[AT]], address [[AT]], error code 0x11
 * EXEC-NOT: survived
 * POKE: panic: {{.*}}seal_is_done
 * POKE-NOT: survived
 * MMIO: survived mmio: refused
 * MMIO-NOT: survived
 */
#include "early/launch_pages.h"
#include "early/stacks.h"
#include "kernel/workload.h"
#include "mm/heap.h"
#include "mm/image.h"
#include "mm/mm.h"
#include "paravirt/pv_ops.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const volatile char constant[16] = "constant";
static volatile char code[16] = { (char)0xc3 };

static int workload(int argc, char **argv);

static void write_to(uintptr_t address)
{
	printf("touching 0x%lx\n", address);
	*(volatile char *)address = 0;
}

static void read_from(uintptr_t address)
{
	printf("touching 0x%lx\n", address);
	(void)*(volatile char *)address;
}

static void execute(uintptr_t address)
{
	*(volatile unsigned char *)address = 0xc3; /* ret */
	printf("executing %#lx\n", address);
	((void (*)(void))address)();
}

static __attribute__((noinline)) int overflow(int depth)
{
	volatile char frame[1024];

	frame[0] = (char)depth;
	return depth < 0 ? 0 : overflow(depth + 1) + frame[0];
}

static int workload(int argc, char **argv)
{
	const char *what = argc > 1 ? argv[1] : "";

	if (!strcmp(what, "text"))
		write_to((uintptr_t)workload);
	if (!strcmp(what, "rodata"))
		write_to((uintptr_t)constant);
	if (!strcmp(what, "sealed"))
		write_to((uintptr_t)&pv_ops);
	if (!strcmp(what, "null"))
		read_from(0);
	if (!strcmp(what, "low"))
		read_from(0xff000);
	if (!strcmp(what, "unused"))
		read_from((uintptr_t)heap_grow(0) + 2 * PAGE_2M_SIZE);
	if (!strcmp(what, "guard"))
		read_from((uintptr_t)stacks[STACK_BOOT].guard);
	if (!strcmp(what, "secrets"))
		write_to((uintptr_t)&launch_secrets_page);
	if (!strcmp(what, "ghcb"))
		read_from(image_shared().start - 1);
	if (!strcmp(what, "shared"))
		read_from(image_shared().end);
	if (!strcmp(what, "tss"))
		read_from(image_guarded().end);
	if (!strcmp(what, "overflow"))
		printf("%d\n", overflow(0));
	if (!strcmp(what, "data"))
		execute((uintptr_t)code);
	if (!strcmp(what, "heap"))
		execute((uintptr_t)malloc(16));
	if (!strcmp(what, "poke"))
		mm_poke_text((void *)workload, "\xcc", 1);
	if (!strcmp(what, "mmio"))
		what = mmio_map(pa_of(malloc(16)), 1) ? "mmio" : "mmio: refused";
	printf("survived %s\n", what);
	return 0;
}

DEFINE_WORKLOAD("test", "touches memory that must not be touched", workload);
