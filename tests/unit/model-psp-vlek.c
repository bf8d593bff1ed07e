/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A VLEK comes wrapped for its chip and for one TCB: what was changed, or is for another, is not
 * loaded, and takes nothing away. It goes with another reported TCB, and with SNP_SHUTDOWN.
 * RUN: %monitor-cc %s %root/lib/format.c -o %t
 */
#include "Inputs/psp_machine.h"
#include "monitor/crypto/crypto.h"

#define STICK (20 * P + 100)
#define TCB   test_platform.root.current_tcb

/* AES-256-GCM by the key that @vcek stands for; whose VLEK is all @number. */
static struct snp_vlek_hashstick wrap(const u8 *vcek, u64 tcb, u8 number)
{
	struct snp_vlek_hashstick s = { .iv = { 1, 2, 3 }, .tcb_version = tcb };
	u8 key[HMAC_SHA384_SIZE];
	struct gcm_text text = { key, s.iv, &s.tcb_version, 16, s.wrapped, sizeof(s.wrapped) };

	memset(s.wrapped, number, 48);
	hmac_sha384(vcek, 48, "VLEK wrapping key", 17, key);
	gcm_encrypt(&text, s.auth_tag);
	return s;
}

static u32 load(const struct snp_vlek_hashstick *s)
{
	memcpy(ram + STICK, s, sizeof(*s));
	return ISSUE(0xcd, struct snp_cmd_vlek_load cmd = { 16, 0, { 0 }, STICK });
}

/* The VLEK's first byte; 0: none. */
static u8 loaded(void)
{
	struct snp_platform_status s;

	if (state_at(24 * P) != PSP_PAGE_FIRMWARE)
		make_firmware(24 * P);
	assert(!ISSUE(0x83, struct snp_cmd_page cmd = { 24 * P }));
	memcpy(&s, ram + 24 * P, sizeof(s));
	assert(!(s.features & SNP_STATUS_VLEK_EN) == !psp.platform.has_vlek);
	return psp.platform.has_vlek ? psp.platform.vlek[0] : 0;
}

static void test_command(void)
{
	struct snp_vlek_hashstick good = wrap(test_platform.vcek, TCB, 7);

	machine_reset();
	assert(load(&good) == PSP_INVALID_PLATFORM_STATE);
	snp_ready();
	assert(!loaded());
	memcpy(ram + STICK, &good, sizeof(good));
	assert(ISSUE(0xcd, struct snp_cmd_vlek_load cmd = { 15, 0, { 0 }, STICK }) ==
	       PSP_INVALID_PARAM);
	assert(ISSUE(0xcd, struct snp_cmd_vlek_load cmd = { 16, 1, { 0 }, STICK }) ==
	       PSP_INVALID_PARAM);
	assert(ISSUE(0xcd, struct snp_cmd_vlek_load cmd = { 16, 0, { 0, 0, 1 }, STICK }) ==
	       PSP_INVALID_PARAM);
	assert(ISSUE(0xcd, struct snp_cmd_vlek_load cmd = { 16, 0, { 0 }, RAM - 431 }) ==
	       PSP_INVALID_ADDRESS);
	assert(!loaded());
	assert(!load(&good) && loaded() == 7);
	assert(!memcmp(ram + STICK, &good, sizeof(good))); /* the host never has it unwrapped */
}

static void test_changed(void)
{
	struct snp_vlek_hashstick good = wrap(test_platform.vcek, TCB, 7), s;
	const u8 other[48] = { 9 };

	snp_ready();
	assert(!load(&good));
	for (size_t i = 0; i < sizeof(s); i++) {
		s = good;
		((u8 *)&s)[i] ^= 1;
		assert(load(&s) == (i - 12 < 4 ? PSP_SUCCESS : PSP_BAD_MEASUREMENT));
		assert(loaded() == 7);
	}
	s = wrap(other, TCB, 8);
	assert(load(&s) == PSP_BAD_MEASUREMENT && loaded() == 7);
	s = wrap(test_platform.vcek, TCB - 1, 8);
	assert(load(&s) == PSP_INVALID_PARAM && loaded() == 7);
	s = wrap(test_platform.vcek, TCB, 8);
	assert(!load(&s) && loaded() == 8);
}

static u32 report(u64 tcb)
{
	return ISSUE(0xc9, struct snp_cmd_config cmd = { .reported_tcb = tcb });
}

static void test_end(void)
{
	struct snp_vlek_hashstick s = wrap(test_platform.vcek, TCB, 7);

	snp_ready();
	assert(!load(&s) && !report(TCB) && !report(0) && loaded() == 7);
	assert(report(TCB + 1) == PSP_INVALID_PARAM && loaded() == 7);
	assert(!report(TCB - 1) && !loaded() && load(&s) == PSP_INVALID_PARAM);
	s = wrap(test_platform.vcek, TCB - 1, 6);
	assert(!load(&s) && loaded() == 6);
	assert(!ISSUE(0xcb, struct snp_cmd_length cmd = { 4 }) && !loaded());
	s = wrap(test_platform.vcek, TCB, 7);
	assert(!load(&s) && !ISSUE(0xcb, struct snp_cmd_length cmd = { 4 }) && loaded() == 7);
	assert(!psp_command(&psp, 0x82, 0) && !psp_command(&psp, 0x81, 0) && !loaded());
}

int main(void)
{
	test_command();
	test_changed();
	test_end();
	return 0;
}
