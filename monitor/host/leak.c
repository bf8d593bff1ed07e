/* SPDX-License-Identifier: Apache-2.0 */
/*
 * See leak.h.
 */
#include "monitor/host/leak.h"

#include "lib/compiler.h"
#include "lib/log.h"
#include "monitor/machine/end.h"
#include "monitor/svm/hardware_ops.h"
#include "monitor/svm/pages.h"

#define FIRST_REGISTER 12 /* to R15: the entry point's program does not use them itself */

void leak_init(void)
{
	guest.secret = LEAK_SECRET;
	for (unsigned int i = FIRST_REGISTER; i < 16; i++)
		guest.cpus[0].gpr[i] = LEAK_SECRET;
}

static noreturn_t found(const char *where, u64 at, u64 rip)
{
	guest.secret = 0; /* said once */
	end_begin();
	log_error("campaign: leak: private memory's word in %s, at %#lx, rip=%#lx", where, at, rip);
	end_run(EXIT_CODE_PANIC);
}

void leak_look(const struct vcpu *v, const char *where, const volatile u64 *words, u64 count)
{
	for (u64 i = 0; guest.secret && i < count; i++)
		if (words[i] == guest.secret)
			found(where, i * sizeof(u64), v->vmcb->save.rip);
}

static void look_at_page(u64 gpa)
{
	const u64 *words = page_pointer(gpa);

	if (!guest.hardware->is_shared(gpa) || guest.hardware->is_poison(gpa))
		return;
	for (u64 at = 0; at < PAGE_SIZE / sizeof(u64); at++)
		if (READ_ONCE(words[at]) == guest.secret)
			found("shared memory", gpa + at * sizeof(u64), 0);
}

void leak_look_everywhere(void)
{
	const struct hvm_memmap_entry *e = guest.map.entries;

	for (; guest.secret && e < guest.map.entries + guest.map.count; e++)
		for (u64 at = 0; e->type == HVM_MEMMAP_RAM && at < e->size; at += PAGE_SIZE)
			look_at_page(e->addr + at);
}
