/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The record of which pages are visible to the host, and why: filled by whoever shares pages for
 * good, read by demo and by mm, which keeps them shared in its page tables.
 */
#pragma once

#include "lib/addr.h"

#define SHARED_PAGE_RECORDS_MAX 64

struct shared_page_record {
	pa_t address;
	u64 page_count;
	const char *reason; /* "GHCB of cpu 0", "kvmclock" */
};

void shared_pages_note(pa_t address, u64 page_count, const char *reason);
/* They are private again. What is left of a record that they end is kept. */
void shared_pages_forget(pa_t address, u64 page_count);
unsigned int shared_pages_count(void);
const struct shared_page_record *shared_pages_get(unsigned int index);
/* Whether any record covers the page at @address. */
bool shared_pages_has(pa_t address);
