/* SPDX-License-Identifier: Apache-2.0 */
/*
 * All that one instruction reaches through tables without the C-bit is in the shared view at once:
 * it would fault for ever if one of them made another one go. 8 items of a gather, each over the
 * end of a page, each page by tables of its own.
 * RUN: %unit-cc %s -o %t
 */
#include <assert.h>
#include <stdlib.h>

#include "../../monitor/svm/lenient.c"

#define ITEMS  8
#define PLACES (2 * ITEMS + 2) /* both ends of each item, and of the instruction's text */
#define LEVELS 5
#define PAGES  (PLACES * (LEVELS - 1) + 1)
#define FAULTS 1000

static struct vmcb vmcb;
static struct npt npt;
static struct vcpu cpu = { .vmcb = &vmcb, .npt = &npt };
static _Alignas(PAGE_SIZE) u8 pages[PAGES][PAGE_SIZE]; /* the root first */
static bool mapped[PAGES];

struct guest guest;

static u64 page_at(unsigned int i) { return (u64)pages[i]; }

void npt_unmap_shared(struct npt *n, u64 gpa)
{
	(void)n;
	mapped[(gpa - page_at(0)) / PAGE_SIZE] = false;
}

/* Faults on the next page that is not there, in the order in which the processor comes to them. */
static bool faults(void)
{
	for (unsigned int i = 0; i < PAGES; i++)
		if (!mapped[i]) {
			lenient_note(&cpu, page_at(i), ACCESS_WALK);
			mapped[i] = true;
			return true;
		}
	return false;
}

int main(void)
{
	unsigned int count = 0;

	vmcb.save.cr3 = page_at(0);
	vmcb.save.cr4 = CR4_LA57;
	vmcb.save.efer = EFER_LMA;
	vmcb.save.cr0 = CR0_PG;
	while (faults() && count < FAULTS)
		count++;
	assert(count == PAGES && cpu.lenient.count == PAGES);
	lenient_forget(&cpu);
	assert(cpu.lenient.count == 1); /* nothing leads to the others */
	return 0;
}
