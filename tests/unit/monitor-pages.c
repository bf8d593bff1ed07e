/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a page held goes through the cipher when it is out of the tables, and out of the TLBs of all
 * who had it: whoever still wrote to it would leave plain text, or spoil what is behind the cipher.
 * RUN: %unit-cc %s -o %t
 */
#include <assert.h>
#include <stdlib.h>

#include "../../monitor/svm/pages.c"

static _Alignas(PAGE_SIZE) u64 memory[2][WORDS];
static bool is_mapped, is_cached, is_due;

/* Nothing was taken by a host. */
void denied_forget(u64 gpa, u64 size) { (void)gpa, (void)size; }

bool denied_has(u64 gpa)
{
	(void)gpa;
	return false;
}

noreturn_t stop_violation(struct vcpu *v, enum violation violation, const char *fmt, ...)
{
	(void)v, (void)violation, (void)fmt;
	abort();
}

void smp_flush(void) { is_cached = is_mapped; }

void npt_unmap(struct npt *npt, u64 gpa, u64 size)
{
	(void)npt, (void)gpa, (void)size;
	is_mapped = false;
}

static bool is_poison(u64 gpa)
{
	(void)gpa;
	return is_due;
}

static void poisoned(u64 gpa, u64 size)
{
	(void)gpa, (void)size;
	if (is_due)
		assert(!is_mapped && !is_cached && memory[0][0] != 1);
}

static bool is_shared(u64 gpa)
{
	(void)gpa;
	assert(!is_cached);
	return true;
}

noreturn_t stop_crashed(struct vcpu *v, const char *why)
{
	(void)v, (void)why;
	abort();
}

u32 memmap_type(const struct memmap *map, u64 addr)
{
	(void)map, (void)addr;
	return HVM_MEMMAP_RAM;
}

bool memmap_is_ram(const struct memmap *map, u64 addr, u64 size)
{
	(void)map, (void)addr, (void)size;
	return true;
}

bool npt_find(const struct npt *npt, enum npt_view view, u64 gpa, bool write, u64 *host)
{
	(void)npt, (void)view, (void)gpa, (void)write, (void)host;
	return false;
}

int main(void)
{
	static const struct hardware_ops ops = {
		.is_cipher = true,
		.is_poison = is_poison,
		.poisoned = poisoned,
		.is_shared = is_shared,
	};
	static struct npt npt;
	struct page_changes changes = { .npt = &npt };

	guest.hardware = &ops;
	is_mapped = is_cached = is_due = true;
	memory[0][0] = memory[1][WORDS - 1] = 1;
	page_changes_add(&changes, (u64)memory[0], PAGE_SIZE, false);
	assert(is_mapped); /* not before all are known */
	page_changes_end(&changes);
	assert(!is_mapped && !is_cached && memory[0][0] != 1 && memory[1][WORDS - 1] == 1);
	return 0;
}
