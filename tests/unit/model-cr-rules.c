/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What CR0 and CR4 refuse by the state that the processor is in: PCIDs begin in long mode with
 * CR3's low bits 0, and paging does not end while there are any. TCG has no PCID to try it on.
 * RUN: %unit-cc %s -o %t
 */
#include <assert.h>

#include "abi/x86.h"

#include "../../monitor/hardware/cr_rules.c"

#define OFFERED (CR4_PAE | CR4_PGE | CR4_PCIDE)

static struct vmsa s;

static bool cr4(u64 value) { return cr4_is_legal(&s, value, OFFERED); }

static void to_long_mode(void)
{
	s = (struct vmsa){ .cr0 = CR0_PE | CR0_PG, .cr4 = CR4_PAE, .efer = EFER_LME | EFER_LMA };
}

static void test_pcide(void)
{
	to_long_mode();
	s.cr3 = 0x5000;
	assert(cr4(CR4_PAE | CR4_PCIDE) && !cr4_is_legal(&s, CR4_PAE | CR4_PCIDE, CR4_PAE));
	for (unsigned int bit = 0; bit < 12; bit++) {
		s.cr3 = 0x5000 | BIT(bit);
		assert(!cr4(CR4_PAE | CR4_PCIDE) && cr4(CR4_PAE | CR4_PGE));
	}
	s.cr4 |= CR4_PCIDE; /* it is on: CR3 may hold one now */
	assert(cr4(CR4_PAE | CR4_PCIDE | CR4_PGE) && cr4(CR4_PAE));
	s = (struct vmsa){ .cr0 = CR0_PE, .cr4 = CR4_PAE, .efer = EFER_LME };
	assert(!cr4(CR4_PAE | CR4_PCIDE) && cr4(CR4_PAE | CR4_PGE));
}

/* From compatibility mode, where paging can be left at all. */
static void test_paging(void)
{
	to_long_mode();
	assert(cr0_is_legal(&s, CR0_PE));
	s.cr4 |= CR4_PCIDE;
	assert(!cr0_is_legal(&s, CR0_PE) && cr0_is_legal(&s, CR0_PE | CR0_PG | CR0_WP));
	s.cr4 = CR4_PAE;
	s.cs.attrib = SEG_ATTRIB_CODE64;
	assert(!cr0_is_legal(&s, CR0_PE));
}

static void test_rest(void)
{
	to_long_mode();
	assert(!cr4(0) && !cr4(CR4_PAE | CR4_SMEP) && !cr4(CR4_PAE | BIT(63)));
	assert(!cr0_is_legal(&s, CR0_PG) && !cr0_is_legal(&s, CR0_PE | CR0_PG | CR0_NW));
	assert(!cr0_is_legal(&s, CR0_PE | CR0_PG | BIT(32)));
	s = (struct vmsa){ .cr0 = CR0_PE, .efer = EFER_LME };
	assert(!cr0_is_legal(&s, CR0_PE | CR0_PG) && cr4(0)); /* without PAE */
}

int main(void)
{
	test_pcide();
	test_paging();
	test_rest();
	return 0;
}
