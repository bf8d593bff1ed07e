/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A conversion is done, or undone, or said to be half-done, whichever request fails; what we think
 * that KVM was told is what it was told; and nobody ever sees what a side held before.
 * RUN: %unit-cc %s -o %t
 */
#include "../../host/sys.c"
#include "../../host/convert.c"
#include "../../host/layout.c"
#include "../../host/memory.c"
#include "../../host/why.c"
#include "../../model/memmap.c"
#include "Inputs/fake-kvm.h"

#define BYTES (U64_C(64) << 20)
#define PAGES (BYTES / PAGE_SIZE)
#define VM    200

static struct memory memory;
static struct why why;
static u64 private_side[PAGES]; /* what each page holds there */
static bool kept[PAGES];

static struct memory_slot *slot(void) { return &memory.slots[0]; }

static void punched(u64 offset, u64 size)
{
	memset((u8 *)private_side + offset / PAGE_SIZE * sizeof(u64), 0,
	       size / PAGE_SIZE * sizeof(u64));
}

static u64 *guest_page(u64 page)
{
	return fake.private[page] ? &private_side[page]
				  : (u64 *)((u8 *)slot()->shared + page * PAGE_SIZE);
}

static void start(void)
{
	if (memory.slot_count)
		memory_release(&memory);
	fake_reset();
	fake_punched = punched;
	memset(private_side, 0, sizeof(private_side));
	assert(!memory_init(&memory, &fake_sys, BYTES, &why));
	assert(!memory_add_private(&memory, slot(), VM, &why));
}

static int convert(u64 page, u64 count, bool private, enum policy_other_side policy)
{
	const struct gpa_range range = { page * PAGE_SIZE, count, private, CONVERT_HYPERCALL };
	int error;

	error = convert_range(&memory, VM, &range, policy, &why);
	for (u64 i = 0; i < PAGES; i++)
		assert(bit_get(slot()->private, i) == fake.private[i]);
	return error;
}

static void write_all(u64 first, u64 count)
{
	for (u64 i = first; i < first + count; i++)
		*guest_page(i) = i + 1;
}

/* Every conversion shows zeroes, whatever either side held. */
static void test_content(enum policy_other_side policy)
{
	start();
	for (unsigned int round = 0; round < 6; round++) {
		write_all(0, 40);
		assert(!convert(3, 30, !(round & 1), policy));
		for (u64 i = 0; i < 40; i++)
			assert(*guest_page(i) == (i >= 3 && i < 33 ? 0 : i + 1));
	}
}

/* With the policy `punch` the other side's memory is gone at once, with `keep` later. */
static void test_give_back(void)
{
	start();
	write_all(0, 8);
	assert(!convert(0, 8, true, POLICY_PUNCH));
	assert(!*(u64 *)slot()->shared && !slot()->stale[0]);
	write_all(0, 8);
	assert(!convert(0, 8, false, POLICY_KEEP));
	assert(private_side[7] && slot()->stale[0] == 0xff);
	assert(!convert(0, 4, true, POLICY_KEEP));
	assert(!private_side[3] && private_side[7] && slot()->stale[0] == 0xff);
}

/* Pages that are as wanted keep their content, and KVM is not asked. */
static void test_same(void)
{
	start();
	write_all(0, 8);
	fake.used = 0;
	assert(!convert(0, 8, false, POLICY_PUNCH));
	assert(!fake.used && *guest_page(5) == 6);
	assert(!convert(2, 2, true, POLICY_PUNCH));
	write_all(2, 2);
	fake.used = 0;
	assert(!convert(0, 8, true, POLICY_PUNCH));
	assert(!strncmp(fake.log, "KVM_SET_MEMORY_ATTRIBUTES KVM_SET_MEMORY_ATTRIBUTES discard",
			59));
	assert(*guest_page(2) == 3 && *guest_page(3) == 4 && !*guest_page(4));
}

/* A checkerboard in [0, 12), each call failing in turn, once or for good. */
static int fail_one(int call, bool for_good)
{
	int error;

	start();
	for (u64 page = 0; page < 12; page += 4)
		assert(!convert(page, 2, true, POLICY_KEEP));
	write_all(0, 12);
	memcpy(kept, fake.private, sizeof(kept));
	fake.calls = 0;
	if (for_good)
		fake.fail_from = call;
	else
		fake.fail_at = call;
	error = convert(0, 12, true, POLICY_PUNCH);
	if (error == -E_AGAIN) {
		assert(!memcmp(kept, fake.private, sizeof(kept)));
		for (u64 i = 0; i < 12; i++)
			assert(*guest_page(i) == i + 1);
	}
	return error;
}

static void test_failures(void)
{
	int call, half_done = 0, undone = 0;

	for (call = 1; fail_one(call, false) || fake.calls >= call; call++) {
		assert(!why.text[0] || call <= fake.calls);
		undone++;
	}
	assert(undone >= 3);
	for (call = 1; fail_one(call, true) || fake.calls >= call; call++) {
		int error = fail_one(call, true);

		if (error == -E_IO) {
			assert(strstr(why.text, "undoing failed too"));
			half_done++;
		}
	}
	assert(half_done >= 2);
}

static void write_changed(u64 first, u64 end) { write_all(first, end - first); }

/* What another processor wrote into a page while it was converted, and before that was undone. */
static void test_meanwhile(void)
{
	start();
	assert(!convert(2, 2, true, POLICY_PUNCH));
	fake_changed = write_changed;
	fake.fail_at = fake.calls + 2; /* of two runs the second */
	assert(convert(0, 8, true, POLICY_PUNCH) == -E_AGAIN);
	fake_changed = NULL;
	assert(private_side[0] == 1 && !fake.private[0]);
	assert(!convert(0, 2, true, POLICY_PUNCH) && !private_side[0]);
}

/* What could not be given back is when the page comes back, or it does not come back. */
static void test_late(void)
{
	start();
	assert(!convert(0, 4, true, POLICY_PUNCH));
	write_all(0, 4);
	fake.calls = 0;
	fake.fail_from = 2; /* the hole */
	assert(!convert(0, 4, false, POLICY_PUNCH));
	assert(private_side[2] == 3 && slot()->stale[0] == 0xf);
	assert(convert(0, 4, true, POLICY_PUNCH) == -E_AGAIN);
	assert(!fake.private[0] && strstr(why.text, "old content"));
	fake.fail_from = 0;
	assert(!convert(0, 4, true, POLICY_PUNCH) && !private_side[2]);
}

int main(void)
{
	struct gpa_range nowhere = { BYTES, 1, true, CONVERT_HYPERCALL };

	test_content(POLICY_PUNCH);
	test_content(POLICY_KEEP);
	test_give_back();
	test_same();
	test_failures();
	test_late();
	test_meanwhile();
	assert(convert_range(&memory, VM, &nowhere, POLICY_PUNCH, &why) == -E_AGAIN);
	memory_release(&memory);
	assert(!fake.fds && !fake.maps);
	return 0;
}
