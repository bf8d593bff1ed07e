/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A walk of the host's nested tables sets A and D as a processor does: not in a table that the RMP
 * keeps from the host, which is a fault, and not in an entry that the host has changed meanwhile.
 * RUN: %unit-cc %s -o %t
 */
#include <assert.h>
#include <string.h>

#include "../../monitor/hardware/nested/l1_npt.c"

#define TABLE (PTE_P | PTE_W | PTE_U)
#define GPA   U64_C(0x5123)
#define PA    U64_C(0x7000)

static _Alignas(PAGE_SIZE) u64 tables[4][PTE_COUNT];
static struct vmcb vmcb;
static struct vcpu cpu = { .vmcb = &vmcb };
static struct l1 l1 = { .v = &cpu };
static const u64 *closed; /* a table of a guest's */
static u64 *zapped;       /* an entry that the host clears as soon as it has been read */

struct l1 *l1_here(void) { return &l1; }

void *l1_host_memory(u64 pa, u64 size)
{
	(void)size;
	return (u8 *)tables + pa;
}

bool l1_rmp_lets_write(u64 pa)
{
	if (pa == (u64)zapped)
		*zapped = 0;
	return !closed || (const u64 *)align_down(pa, (u64)PAGE_SIZE) != closed;
}

static void make(void)
{
	closed = zapped = NULL;
	memset(tables, 0, sizeof(tables));
	for (u64 i = 0; i < 3; i++)
		tables[i][0] = (i + 1) * PAGE_SIZE | TABLE;
	tables[3][5] = PA | TABLE;
}

static bool walks(u64 *info)
{
	struct l1_npt_leaf leaf;
	bool there = l1_npt_walk(0, GPA, info, &leaf);

	assert(!there || (leaf.pa == (PA | GPA % PAGE_SIZE) && leaf.write == !!(*info & NPF_W)));
	return there;
}

int main(void)
{
	u64 info = 0;

	make();
	assert(walks(&info) && !info && tables[0][0] & PTE_A);
	assert(tables[3][5] == (PA | TABLE | PTE_A));
	info = NPF_W;
	assert(walks(&info) && tables[3][5] == (PA | TABLE | PTE_A | PTE_D));

	closed = tables[3]; /* nothing is to be set any more */
	assert(walks(&info) && info == NPF_W);
	tables[3][5] &= ~(u64)PTE_D;
	assert(!walks(&info) && info == (NPF_W | NPF_P | NPF_RMP));
	info = 0;
	assert(walks(&info) && !info);
	closed = tables[1];
	tables[1][0] &= ~(u64)PTE_A;
	assert(!walks(&info) && info == (NPF_P | NPF_RMP) && !(tables[1][0] & PTE_A));

	make();
	zapped = &tables[3][5];
	info = NPF_W;
	assert(!walks(&info) && info == NPF_W && !tables[3][5]);
	return 0;
}
