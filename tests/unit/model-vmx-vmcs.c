/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Each field of a VMCS is found by its encoding and by no other, is as wide as that says, and what
 * exits write nobody else does; what a region holds beyond a field's width nobody sees.
 * RUN: %unit-cc %s -o %t
 */
#include <assert.h>
#include <string.h>

#include "../../monitor/hardware/vmx/vmcs.c"

static struct vmcs v;

/* By the table of the manual, and not by the key of the code. */
static int listed(u32 encoding)
{
	for (size_t i = 0; i < array_count(encodings); i++)
		if (encodings[i] == (encoding & ~1u) &&
		    (!(encoding & 1) || (encoding >> 13 & 3) == VMCS_WIDTH_64))
			return 1;
	return 0;
}

static void test_all_encodings(void)
{
	unsigned int found = 0;
	u64 value;

	for (u32 e = 0; e < 0x20000; e++) {
		int error = vmcs_write(&v, e, ~U64_C(0));

		assert(!listed(e) == (error == -E_NOENT));
		assert(!listed(e) == (vmcs_read(&v, e, &value) == -E_NOENT));
		if (!listed(e))
			continue;
		found++;
		assert((error == -E_PERM) == ((e >> 10 & 3) == 1));
	}
	assert(found > array_count(encodings)); /* with upper halves */
	assert(vmcs_read(&v, BIT(32), &value) == -E_NOENT && !vmcs_read(&v, 0, &value));
	assert(vmcs_read(&v, BIT(32) | VMCS_GUEST_RIP, &value) == -E_NOENT);
	assert(vmcs_read(&v, BIT(12), &value) == -E_NOENT);
	assert(vmcs_index_highest() == 0x15);
}

/* One field alone changes. */
static void test_places(void)
{
	for (size_t i = 0; i < array_count(encodings); i++) {
		u64 changed = 0;

		memset(&v, 0, sizeof(v));
		if (vmcs_write(&v, encodings[i], 1))
			continue;
		for (size_t j = 0; j < array_count(encodings); j++)
			changed += ((u64 *)&v.f)[j];
		assert(changed == 1 && ((u64 *)&v.f)[i] == 1);
	}
}

static u64 read(u64 encoding)
{
	u64 value = 0;

	assert(!vmcs_read(&v, encoding, &value));
	return value;
}

static void test_widths(void)
{
	struct vmcs_fields f;

	memset(&v, 0xff, sizeof(v)); /* by L1, which may not */
	assert(read(VMCS_VPID) == 0xffff && read(VMCS_PIN) == 0xffffffff);
	assert(read(VMCS_EXIT_REASON) == 0xffffffff && read(VMCS_GUEST_RIP) == ~U64_C(0));
	vmcs_take(&v, &f);
	assert(f.vpid == 0xffff && f.cr3_target_count == 0xffffffff && !~f.guest_rip);
	assert(!~f.tsc_offset && f.guest_tr_selector == 0xffff && f.guest_tr_rights == 0xffffffff);

	memset(&v, 0, sizeof(v));
	assert(!vmcs_write(&v, VMCS_VPID, 0x12345) && v.f.vpid == 0x2345);
	assert(!vmcs_write(&v, VMCS_PIN, U64_C(0x123456789)) && v.f.pin == 0x23456789);
	assert(!vmcs_write(&v, VMCS_TSC_OFFSET, U64_C(0x1111222233334444)));
	assert(!vmcs_write(&v, VMCS_TSC_OFFSET | 1, U64_C(0x9999aaaabbbb)));
	assert(v.f.tsc_offset == U64_C(0xaaaabbbb33334444));
	assert(read(VMCS_TSC_OFFSET | 1) == 0xaaaabbbb);
	assert(!vmcs_write(&v, VMCS_TSC_OFFSET, 5) && v.f.tsc_offset == 5);
}

int main(void)
{
	test_all_encodings();
	test_places();
	test_widths();
	return 0;
}
