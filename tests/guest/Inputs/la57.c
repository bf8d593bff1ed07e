/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Which processors have 5 levels of page tables, when each has used memory of all kinds.
 */
#include <stdio.h>
#include <stdlib.h>

#include "early/percpu.h"
#include "kernel/smp.h"
#include "kernel/workload.h"
#include "lib/compiler.h"
#include "lib/cpu.h"
#include "mm/visibility.h"

static u32 count;

static void look(void *context)
{
	(void)context;
	if (read_cr4() & CR4_LA57)
		__atomic_add_fetch(&count, 1, __ATOMIC_SEQ_CST);
}

static int test(int argc, char **argv)
{
	static __aligned_page char page[PAGE_SIZE];
	char *memory = malloc(8 << 20);

	(void)argc, (void)argv;
	memory[(8 << 20) - 1] = 1;
	if (set_memory_decrypted(va_of(memory + PAGE_SIZE - (u64)(uintptr_t)memory % PAGE_SIZE),
				 1) ||
	    set_memory_encrypted(va_of(memory + PAGE_SIZE - (u64)(uintptr_t)memory % PAGE_SIZE), 1))
		return 1;
	page[0] = 1;
	smp_run(look, NULL);
	printf("with 5 levels: %s\n", count == smp_count() ? "all" : "some");
	free(memory);
	return 0;
}

DEFINE_WORKLOAD("test", "5 levels", test);
