/* SPDX-License-Identifier: Apache-2.0 */
/*
 * See denied.h.
 */
#include "monitor/svm/denied.h"

#include "abi/x86.h"
#include "lib/compiler.h"

struct denied {
	u64 gpa;
	bool astray;
};

static struct denied pages[DENIED_MAX];
static unsigned int count, next;

void denied_note(u64 gpa, bool astray)
{
	gpa = align_down(gpa, (u64)PAGE_SIZE);
	denied_forget(gpa, PAGE_SIZE);
	pages[next] = (struct denied){ gpa, astray };
	next = (next + 1) % DENIED_MAX;
	if (count < DENIED_MAX)
		count++;
}

static bool is_in(const struct denied *page, u64 gpa, u64 size) { return page->gpa - gpa < size; }

/* An address that no page has */
#define NOWHERE ~U64_C(0)

void denied_forget(u64 gpa, u64 size)
{
	for (unsigned int i = 0; i < count; i++)
		if (is_in(&pages[i], gpa, size))
			pages[i].gpa = NOWHERE;
}

bool denied_has(u64 gpa)
{
	for (unsigned int i = 0; i < count; i++)
		if (is_in(&pages[i], align_down(gpa, (u64)PAGE_SIZE), PAGE_SIZE))
			return true;
	return false;
}

bool denied_is_astray(u64 gpa)
{
	for (unsigned int i = 0; i < count; i++)
		if (pages[i].astray && is_in(&pages[i], align_down(gpa, (u64)PAGE_SIZE), PAGE_SIZE))
			return true;
	return false;
}
