/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The record of pages shared for good.
 */
#include "paravirt/shared_pages.h"

#include "lib/compiler.h"
#include "lib/panic.h"

static struct shared_page_record records[SHARED_PAGE_RECORDS_MAX];
static unsigned int count;

void shared_pages_note(pa_t address, u64 page_count, const char *reason)
{
	CHECK(count < array_count(records));
	records[count++] = (struct shared_page_record){ address, page_count, reason };
}

/* A record that begins before @first keeps its head: pages are taken back from its end, or all. */
static u64 kept(const struct shared_page_record *r, u64 first, u64 end)
{
	u64 start = r->address.value;

	if (start >= end || start + r->page_count * PAGE_SIZE <= first)
		return r->page_count;
	return start < first ? (first - start) / PAGE_SIZE : 0;
}

void shared_pages_forget(pa_t address, u64 page_count)
{
	u64 end = address.value + page_count * PAGE_SIZE;
	unsigned int left = 0;

	for (unsigned int i = 0; i < count; i++) {
		struct shared_page_record r = records[i];

		r.page_count = kept(&r, address.value, end);
		if (r.page_count)
			records[left++] = r;
	}
	count = left;
}

unsigned int shared_pages_count(void) { return count; }

const struct shared_page_record *shared_pages_get(unsigned int index)
{
	CHECK(index < count);
	return &records[index];
}

bool shared_pages_has(pa_t address)
{
	for (unsigned int i = 0; i < count; i++) {
		u64 start = records[i].address.value;

		if (address.value >= start &&
		    address.value - start < records[i].page_count * PAGE_SIZE)
			return true;
	}
	return false;
}
