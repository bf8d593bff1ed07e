/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Conversions of four pages, of which one is converted already, so that the host makes two requests
 * of KVM; whichever of them is refused, all is as before, contents too.
 */
#include <malloc.h>
#include <stdio.h>

#include "abi/kvm_para.h"
#include "kernel/workload.h"
#include "lib/cpu.h"
#include "paravirt/pv_ops.h"

#define PAGES  4
#define ROUNDS 4
#define ODD    2 /* the page that is converted first */

static u8 *memory;
static bool is_private[PAGES];
static unsigned int refused, wrong;

static void mark(void)
{
	for (unsigned int i = 0; i < PAGES; i++)
		WRITE_ONCE(memory[i * PAGE_SIZE], (u8)(i + 1));
}

/* A page that changed is empty, and any other one holds what it held. */
static void convert(unsigned int first, unsigned int count, bool private)
{
	s64 result;

	mark();
	result =
		kvm_hypercall3(KVM_HC_MAP_GPA_RANGE, (u64)(memory + first * PAGE_SIZE), count,
			       private ? KVM_MAP_GPA_RANGE_ENCRYPTED : KVM_MAP_GPA_RANGE_DECRYPTED);
	refused += result != 0;
	wrong += result && result != -KVM_EFAULT;
	for (unsigned int i = 0; i < PAGES; i++) {
		bool changes =
			!result && i >= first && i < first + count && is_private[i] != private;

		wrong += READ_ONCE(memory[i * PAGE_SIZE]) != (changes ? 0 : i + 1);
		is_private[i] ^= changes;
	}
}

static int test(int argc, char **argv)
{
	(void)argc, (void)argv;
	memory = memalign(PAGE_SIZE, PAGES * PAGE_SIZE);
	for (unsigned int i = 0; i < PAGES; i++)
		is_private[i] = true;
	for (unsigned int round = 0; round < ROUNDS; round++) {
		convert(ODD, 1, false);
		convert(0, PAGES, false);
		convert(0, PAGES, true);
	}
	printf("undo: %u refused, %u wrong\n", refused, wrong);
	return wrong != 0;
}

DEFINE_WORKLOAD("test", "conversions that fail", test);
