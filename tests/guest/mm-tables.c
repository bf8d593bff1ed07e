/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The final tables, walked: nothing is writable and executable, exactly the text is executable,
 * exactly the pages on record and the devices are shared, and no low memory is mapped.
 * RUN: %guest-cc %s -o %t
 * RUN: %run-guest --platform=plain %t | FileCheck %s
 * RUN: %run-guest --platform=plain --mem 64M %t | FileCheck %s
 * RUN: %run-guest --platform=plain --mem 5G %t | FileCheck %s
 * RUN: %run-guest --platform=snp %t | FileCheck %s
 * RUN: %run-guest --platform=tdx %t | FileCheck %s
 *
 * CHECK: mapped {{.+}} KiB, text {{.+}} KiB, shared {{.+}} pages, devices {{.+}} pages
 * CHECK-NOT: wrong
 */
#include "early/memory_map.h"
#include "kernel/workload.h"
#include "mm/image.h"
#include "mm/mm.h"
#include "mm/pgtable.h"
#include "mm/tables.h"

#include <stdio.h>

#define KIB 1024

struct tally {
	unsigned long wrong, shared, devices;
};

static void expect(struct tally *tally, int ok, const struct pgtable_leaf *leaf, const char *what)
{
	if (ok)
		return;
	tally->wrong++;
	printf("wrong: %s: %#lx, %lu bytes, flags %#x\n", what, leaf->address.value, leaf->size,
	       leaf->flags);
}

static int is_inside(const struct pgtable_leaf *leaf, struct image_part part)
{
	return leaf->address.value >= part.start && leaf->address.value + leaf->size <= part.end;
}

static int is_shared(unsigned long address)
{
	struct memory_claim claim;

	return memory_map_claim_of(address, &claim) && claim.shared;
}

static void visit(const struct pgtable_leaf *leaf, void *context)
{
	struct tally *tally = context;
	unsigned int flags = leaf->flags;
	int is_read_only = is_inside(leaf, image_text()) || is_inside(leaf, image_rodata()) ||
			   is_inside(leaf, image_ro_after_init());

	expect(tally, leaf->address.value == leaf->target.value, leaf, "identity");
	expect(tally, leaf->address.value >= 0x100000, leaf, "low memory");
	expect(tally, !(flags & PGTABLE_X) == !is_inside(leaf, image_text()), leaf, "executable");
	expect(tally, !is_read_only || !(flags & PGTABLE_W), leaf, "writable");
	if (flags & PGTABLE_UNCACHED) {
		tally->devices += leaf->size / PAGE_SIZE;
		expect(tally, flags & PGTABLE_SHARED, leaf, "device");
		return;
	}
	tally->shared += flags & PGTABLE_SHARED ? leaf->size / PAGE_SIZE : 0;
	expect(tally, !(flags & PGTABLE_SHARED) == !is_shared(leaf->target.value), leaf, "shared");
	expect(tally, !(flags & PGTABLE_SHARED) || is_inside(leaf, image_shared()), leaf,
	       "shared apart");
}

/* Where a host may say that something of it lies there is nothing of ours, and it is claimed. */
static unsigned long count_wrong_pages(void)
{
	pa_t ours = pa(image_rodata().start), none = pa(0xfeb00000);
	unsigned long wrong = 0;

	wrong += tables_map_page(ours, true) != -E_INVAL;
	wrong += tables_map_page(ours, false) != -E_INVAL;
	wrong += tables_map_page(none, true) != -E_INVAL;
	wrong += memory_map_claim(none.value, PAGE_SIZE, MEMORY_OF_FIRMWARE, "test") != -E_INVAL;
	wrong += !!memory_map_claim(none.value, PAGE_SIZE, MEMORY_OF_DEVICE, "test");
	wrong += tables_map_page(none, true) || tables_map_page(none, true) != -E_BUSY;
	wrong += tables_map_page(none, false) || tables_map_page(none, true);
	wrong += !!tables_map_page(none, false);
	return wrong;
}

static int workload(int argc, char **argv)
{
	struct pgtable_audit audit = pgtable_audit(mm_pgtable());
	struct image_part text = image_text();
	struct tally tally = { 0 };

	(void)argc, (void)argv;
	pgtable_walk(mm_pgtable(), visit, &tally);
	if (audit.writable_and_executable || audit.shared_and_executable ||
	    audit.executable != text.end - text.start)
		tally.wrong++;
	tally.wrong += count_wrong_pages();
	printf("mapped %lu KiB, text %lu KiB, shared %lu pages, devices %lu pages\n",
	       audit.mapped / KIB, audit.executable / KIB, tally.shared, tally.devices);
	return tally.wrong != 0;
}

DEFINE_WORKLOAD("test", "audits the page tables", workload);
