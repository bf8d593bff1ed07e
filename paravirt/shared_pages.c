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
