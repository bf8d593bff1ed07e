/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What an SNP guest's firmware vouches for: a report has the launch's fields and the platform's,
 * each where the specification has it, and is signed by the key that was selected, if there is it;
 * a key is another one for each field that was selected, and the same for those that were not. What
 * asks for more than its VMPL, its image or its TCB may have is refused, by a status in the answer.
 * RUN: %monitor-cc %s -o %t
 */
#include "monitor/hardware/snp_evidence.h"

#include "lib/format.c"
#include "lib/sha384.h"
#include "monitor/crypto/crypto.h"

#undef NDEBUG
#include <assert.h>
#include <stdio.h>
#include <string.h>

/* RFC 6979 A.2.6 */
static const char secret[] = "6b9d3dad2e1b8c1c05b19875b6659f4de23c3b667bf297ba"
			     "9aa47740787137d896d5724e4c70a825f872c9ea60d2edf5";
static const char public_x[] = "ec3a4e415b4e19a4568618029f427fa5da9a8bc4ae92e02e"
			       "06aae5286b300c64def8f0ea9055866064a254515480bc13";
static const char public_y[] = "8015d9b72d7d57244ea8ef9ac0c621896708a59367f9dfb9"
			       "f54ca84b3f1c9db1288b231c3ae0d4fe7344fd2533264720";

#define TCB U64_C(0xd316000000000004)

static struct snp_platform platform;
static struct snp_launch launch;
static u64 bytes[4000 / 8];
static struct snp_payload payload;
static const struct snp_report_response *const answer = (const void *)bytes;
static const struct snp_key_response *const derived = (const void *)bytes;
static struct snp_report_request request;
static struct snp_key_request key_request;

static void unhex(const char *text, u8 *to)
{
	unsigned int byte;

	for (size_t i = 0; text[2 * i]; i++) {
		assert(sscanf(text + 2 * i, "%2x", &byte) == 1);
		to[i] = (u8)byte;
	}
}

static void begin(void)
{
	platform = (struct snp_platform){
		.root = { .chip_id = "EMULATED",
			  .current_tcb = TCB + 2,
			  .reported_tcb = TCB,
			  .committed_tcb = TCB + 1,
			  .launch_tcb = TCB + 3 },
		.reported_tcb = TCB,
		.fms = 0x00a00f11,
		.version = 3,
	};
	unhex(secret, platform.vcek);
	memset(platform.vlek, 0x33, sizeof(platform.vlek));
	launch = (struct snp_launch){ .policy = 0x30000, .id_block = { .guest_svn = 7 } };
	memset(launch.measurement, 0x4d, sizeof(launch.measurement));
	memset(launch.host_data, 0x48, sizeof(launch.host_data));
	memset(launch.report_id, 0x52, sizeof(launch.report_id));
	memset(launch.vmrk, 0x56, sizeof(launch.vmrk));
	memset(launch.id_block.family_id, 0x46, sizeof(launch.id_block.family_id));
	memset(launch.id_block.image_id, 0x49, sizeof(launch.id_block.image_id));
	memset(launch.id_key_digest, 0x4b, sizeof(launch.id_key_digest));
	memset(launch.author_key_digest, 0x41, sizeof(launch.author_key_digest));
	memset(&request, 0, sizeof(request));
	memset(request.data, 0x44, sizeof(request.data));
	memset(&key_request, 0, sizeof(key_request));
	payload = (struct snp_payload){ &platform, &launch, 0, sizeof(request), (u8 *)bytes };
}

static void ask(u32 status)
{
	memset(bytes, 0x5a, sizeof(bytes));
	memcpy(bytes, &request, sizeof(request));
	assert(snp_answer_report(&payload) == PSP_SUCCESS && answer->status == status);
	for (size_t i = sizeof(*answer); i < sizeof(bytes); i++)
		assert(((u8 *)bytes)[i] == 0x5a);
	assert(answer->size == (status ? 0 : 0x4a0));
	if (!status)
		return;
	for (size_t i = 4; i < sizeof(*answer); i++)
		assert(!((u8 *)bytes)[i]);
}

static bool is_all(size_t at, size_t size, u8 value)
{
	const u8 *report = (const u8 *)&answer->report;

	for (size_t i = at; i < at + size; i++)
		if (report[i] != value)
			return false;
	return true;
}

static u64 number(size_t at, size_t size)
{
	u64 value = 0;

	memcpy(&value, (const u8 *)&answer->report + at, size);
	return value;
}

/* By the key of RFC 6979. */
static bool is_signed(void)
{
	struct p384_signature s;
	struct p384_key key;
	u8 digest[SHA384_SIZE];

	unhex(public_x, key.x);
	unhex(public_y, key.y);
	for (unsigned int i = 0; i < 48; i++) {
		s.r[i] = ((const u8 *)&answer->report)[0x2a0 + 47 - i];
		s.s[i] = ((const u8 *)&answer->report)[0x2e8 + 47 - i];
	}
	sha384(&answer->report, 0x2a0, digest);
	return p384_verify(&key, &s, digest);
}

static void test_report(void)
{
	begin();
	request.vmpl = 2;
	ask(0);
	assert(number(0, 4) == 3 && !number(4, 4) && number(8, 8) == 0x30000);
	assert(is_all(0x10, 32, 0) && number(0x30, 4) == 2 && number(0x34, 4) == 1);
	assert(number(0x38, 8) == TCB + 2 && number(0x40, 8) == BIT(5) && !number(0x48, 4));
	assert(is_all(0x50, 64, 0x44) && is_all(0x90, 48, 0x4d) && is_all(0xc0, 32, 0x48));
	assert(is_all(0xe0, 96, 0) && is_all(0x140, 32, 0x52) && is_all(0x160, 32, 0xff));
	assert(number(0x180, 8) == TCB && number(0x188, 3) == 0x010119 && is_all(0x18b, 21, 0));
	assert(!memcmp((const u8 *)&answer->report + 0x1a0, "EMULATED", 8));
	assert(number(0x1e0, 8) == TCB + 1 && number(0x1f0, 8) == TCB + 3);
	assert(number(0x1e8, 4) == (PSP_BUILD | 55 << 8 | 1 << 16));
	assert(number(0x1ec, 4) == number(0x1e8, 4) && is_all(0x1f8, 0x2a0 - 0x1f8, 0));
	assert(is_signed() && is_all(0x2a0 + 48, 24, 0) && is_all(0x2e8 + 48, 0x200 - 0x78, 0));
	platform.version = 2;
	ask(0);
	assert(number(0, 4) == 2 && !number(0x188, 3) && is_signed());
	platform.version = SNP_REPORT_VERSION;
	ask(0);
	assert(number(0, 4) == 5 && number(0x188, 3) == 0x010119 && is_signed());
}

static void test_id_block(void)
{
	begin();
	launch.has_id_block = true;
	ask(0);
	assert(number(4, 4) == 7 && is_all(0x10, 16, 0x46) && is_all(0x20, 16, 0x49));
	assert(is_all(0xe0, 48, 0x4b) && is_all(0x110, 48, 0) && !number(0x48, 4));
	launch.has_author_key = true;
	ask(0);
	assert(is_all(0x110, 48, 0x41) && number(0x48, 4) == 1 && is_signed());
}

static void test_vmpl(void)
{
	for (u32 caller = 0; caller < VMPL_COUNT; caller++)
		for (u32 vmpl = 0; vmpl < 6; vmpl++) {
			begin();
			payload.vmpl = caller;
			request.vmpl = vmpl;
			ask(vmpl >= caller && vmpl < VMPL_COUNT ? 0 : 0x16);
		}
	for (size_t i = 0; i < sizeof(request.reserved_0x48); i++) {
		begin();
		request.reserved_0x48[i] = 1;
		ask(0x16);
	}
}

/* KEY_SEL; whether there is a VLEK, and a VCEK for this guest; who signs, or -1: 0x27. */
static void test_selection(u32 selection, bool vlek, bool no_vcek, int signer)
{
	begin();
	request.key_select = selection;
	platform.has_vlek = vlek;
	launch.vcek_disabled = no_vcek;
	ask(signer < 0 ? 0x27 : 0);
	assert(signer < 0 || number(0x48, 4) == (u32)signer << 2);
	assert(is_signed() == !signer);
}

static void test_keys(void)
{
	test_selection(0, false, false, 0);
	test_selection(0, true, false, 1);
	test_selection(0, false, true, -1);
	test_selection(0, true, true, 1);
	test_selection(1, false, false, 0);
	test_selection(1, true, false, 0);
	test_selection(1, true, true, -1);
	test_selection(2, false, false, -1);
	test_selection(2, true, false, 1);
	test_selection(2, true, true, 1);
	begin();
	request.key_select = 3;
	ask(0x16);
	request.key_select = 0x10000;
	ask(0x16);
}

/* What a host sets: SNP_CONFIG */
static void test_config(void)
{
	begin();
	platform.config = SNP_STATUS_MASK_CHIP_ID;
	ask(0);
	assert(is_all(0x1a0, 64, 0) && is_signed() && !number(0x48, 4));
	platform.config = SNP_STATUS_MASK_CHIP_KEY;
	ask(0);
	assert(number(0x48, 4) == (2 | 7 << 2) && is_all(0x2a0, 0x200, 0));
	platform.has_vlek = true;
	ask(0);
	assert(number(0x48, 4) == (2 | 1 << 2) && !is_all(0x2a0, 48, 0));
	begin();
	platform.reported_tcb = TCB - 1;
	ask(0);
	assert(number(0x180, 8) == TCB - 1 && !is_signed()); /* no certificate is for that key */
}

/* A root whose key is none. */
static void test_bad_root(void)
{
	begin();
	memset(platform.vcek, 0, sizeof(platform.vcek));
	memcpy(bytes, &request, sizeof(request));
	assert(snp_answer_report(&payload) == PSP_HWERROR_PLATFORM);
}

static void derive(u32 status)
{
	memset(bytes, 0x5a, sizeof(bytes));
	memcpy(bytes, &key_request, sizeof(key_request));
	payload.size = SNP_KEY_REQUEST_SIZE;
	assert(snp_answer_key(&payload) == PSP_SUCCESS && derived->status == status);
	for (size_t i = 4; i < sizeof(*derived); i++)
		assert(!(status || i < 32) || !((u8 *)bytes)[i]);
}

/* Whether a change of @size bytes at @field makes another key when @selected, and only then. */
static void test_field(u64 selected, void *field, size_t size)
{
	for (u64 fields = 0; fields <= SNP_KEY_FIELD_TCB_VERSION * 2 - 1; fields++) {
		u8 before[32], saved[64];

		key_request.field_select = fields;
		derive(0);
		memcpy(before, derived->key, sizeof(before));
		memcpy(saved, field, size);
		((u8 *)field)[0] ^= 1;
		derive(0);
		assert(!memcmp(before, derived->key, 32) ==
		       !(selected == ~U64_C(0) || fields & selected));
		memcpy(field, saved, size);
	}
}

static void test_fields(void)
{
	begin();
	launch.has_id_block = true;
	key_request.guest_svn = 6;
	key_request.tcb_version = TCB;
	test_field(SNP_KEY_FIELD_POLICY, &launch.policy, 8);
	test_field(SNP_KEY_FIELD_IMAGE_ID, launch.id_block.image_id, 16);
	test_field(SNP_KEY_FIELD_FAMILY_ID, launch.id_block.family_id, 16);
	test_field(SNP_KEY_FIELD_MEASUREMENT, launch.measurement, 48);
	test_field(SNP_KEY_FIELD_GUEST_SVN, &key_request.guest_svn, 4);
	test_field(SNP_KEY_FIELD_TCB_VERSION, &key_request.tcb_version, 8);
	test_field(~U64_C(0), &key_request.vmpl, 4); /* always */
	test_field(0, launch.report_id, 32);
	test_field(0, launch.vmrk, 32);
	test_field(~U64_C(0), platform.vcek + 40, 8);
}

/* Of another root it is another key; what names the same root otherwise gives the same. */
static void test_roots(void)
{
	u8 vcek[32];

	begin();
	derive(0);
	memcpy(vcek, derived->key, 32);
	key_request.key_select = SNP_KEY_SEL_VCEK << 1;
	derive(0);
	assert(!memcmp(vcek, derived->key, 32));
	key_request.key_select = SNP_KEY_SEL_VLEK << 1;
	derive(0x27);
	platform.has_vlek = true;
	derive(0);
	assert(memcmp(vcek, derived->key, 32));
	key_request.key_select = 3 << 1;
	derive(0x16);
	key_request.key_select = SNP_KEY_ROOT_VMRK;
	derive(0);
	assert(memcmp(vcek, derived->key, 32));
	begin();
	platform.config = SNP_STATUS_MASK_CHIP_KEY;
	derive(0x27);
	key_request.key_select = SNP_KEY_ROOT_VMRK;
	derive(0);
	begin();
	launch.vcek_disabled = true;
	derive(0x27);
}

#define REFUSED(change)                                                                            \
	do {                                                                                       \
		begin();                                                                           \
		launch.has_id_block = true;                                                        \
		change;                                                                            \
		derive(0x16);                                                                      \
	} while (0)

static void test_key_limits(void)
{
	begin();
	launch.has_id_block = true;
	key_request.guest_svn = 7;
	key_request.tcb_version = TCB + 1;
	key_request.vmpl = 3;
	derive(0);
	REFUSED(key_request.guest_svn = 8);
	REFUSED(launch.has_id_block = false; key_request.guest_svn = 1);
	REFUSED(key_request.tcb_version = TCB + 2);
	REFUSED(key_request.tcb_version = TCB + 0x100);
	REFUSED(key_request.vmpl = VMPL_COUNT);
	REFUSED(payload.vmpl = 2; key_request.vmpl = 1);
	REFUSED(key_request.key_select = 8);
	REFUSED(key_request.reserved_0x4 = 1);
	REFUSED(key_request.field_select = 0x80);
	begin(); /* longer: with a vector of mitigations, of which there are none; the rest */
	key_request.launch_mit_vector = 1;
	memcpy(bytes, &key_request, sizeof(key_request));
	payload.size = sizeof(key_request);
	assert(!snp_answer_key(&payload) && derived->status == 0x16);
	begin();
	key_request.reserved_0x28[471] = 1;
	memcpy(bytes, &key_request, sizeof(key_request));
	payload.size = sizeof(key_request);
	assert(!snp_answer_key(&payload) && derived->status == 0x16);
}

/* A firmware.bin that lacks a part, or has one of another size. */
static void test_root_file(void)
{
	u8 table[3 * 24 + 24 + 48 + 48 + 0x68];
	static const char *const guids[] = { GUID_TEST_VCEK, GUID_TEST_VLEK, GUID_TEST_SNP };
	const u32 sizes[] = { 48, 48, 0x68 };
	u32 offset = 4 * 24;

	memset(table, 0, sizeof(table));
	for (unsigned int i = 0; i < 3; i++) {
		unsigned int at = 24 * i, digits = 0;
		unsigned int byte;

		for (const char *c = guids[i]; *c; c += 2) {
			c += *c == '-';
			assert(sscanf(c, "%2x", &byte) == 1);
			table[at + digits++] = (u8)byte;
		}
		memcpy(table + at + 16, &offset, 4);
		memcpy(table + at + 20, &sizes[i], 4);
		memset(table + offset, 0x10 + (int)i, sizes[i]);
		offset += sizes[i];
	}
	assert(!snp_platform_init(&platform, table, sizeof(table)));
	assert(platform.vcek[47] == 0x10 && platform.vlek[0] == 0x11 && platform.fms == 0x12121212);
	assert(platform.reported_tcb == platform.root.reported_tcb && platform.version == 3);
	assert(!platform.has_vlek && !platform.config);
	for (unsigned int i = 0; i < 3; i++) {
		table[24 * i + 20]++;
		assert(snp_platform_init(&platform, table, sizeof(table)) == -E_INVAL);
		table[24 * i + 20]--;
		table[24 * i] ^= 1;
		assert(snp_platform_init(&platform, table, sizeof(table)) == -E_INVAL);
		table[24 * i] ^= 1;
	}
}

int main(void)
{
	test_report();
	test_id_block();
	test_vmpl();
	test_keys();
	test_config();
	test_bad_root();
	test_fields();
	test_roots();
	test_key_limits();
	test_root_file();
	return 0;
}
