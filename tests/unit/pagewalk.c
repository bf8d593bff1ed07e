/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The page walk of #VC finds 4K, 2M and 1G pages with their offsets, says who may see them, and
 * refuses what is not mapped.
 * RUN: %unit-cc %s -o %t
 */
#include <assert.h>
#include <stdio.h>

#include "abi/x86.h"
#include "../../paravirt/emulate/pagewalk.c"

#define CBIT BIT(51)

static u64 tables[5][512] __attribute__((aligned(4096)));

static u64 link(unsigned int table) { return (u64)(uintptr_t)tables[table] | PTE_P | CBIT; }

static void expect(unsigned int levels, u64 address, u64 physical, bool private)
{
	unsigned int root = levels == 5 ? 4 : 3;
	struct pagewalk w;

	assert(!pagewalk(pa(link(root) & ~(u64)PTE_P), levels, CBIT, 0, va(address), &w));
	assert(w.address.value == physical && w.private == private);
}

static void expect_none(u64 address)
{
	struct pagewalk w;

	assert(pagewalk(pa(link(3)), 4, CBIT, 0, va(address), &w) == -E_FAULT);
}

int main(void)
{
	tables[4][0] = link(3);
	tables[3][1] = link(2);
	tables[2][2] = link(1);
	tables[2][3] = 0x40000000 | PTE_P | PTE_PS | PTE_NX;
	tables[1][3] = link(0);
	tables[1][4] = 0x8601000 | PTE_P | PTE_PS | CBIT; /* with its PAT bit */
	tables[0][5] = 0xfee00000 | PTE_P | PTE_NX;

	u64 base = U64_C(1) << 39 | U64_C(2) << 30;

	expect(4, base + 0x605123, 0xfee00123, false);
	expect(5, base + 0x605123, 0xfee00123, false);
	expect(4, base + 0x800000 + 0x123456, 0x8600000 + 0x123456, true);
	expect(4, (U64_C(1) << 39 | U64_C(3) << 30) + 0x12345678, 0x40000000 + 0x12345678, false);
	expect_none(base + 0x606123);
	expect_none(base + 0xa00000);
	expect_none(0x1000);
	puts("ok");
	return 0;
}
