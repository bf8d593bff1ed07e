/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The firmware of SEV and SEV-ES guests: by handle, in order, and every step out of it refused by
 * its status; with SNP initialised, only in pages that the host gave.
 * RUN: %monitor-cc %s %root/lib/format.c -o %t
 */
#include "Inputs/psp_machine.h"
#include "monitor/crypto/crypto.h"

#define TMR  (4 * M1)
#define DATA (20 * P)
#define ASID 12
#define ES   3

static u32 init(u16 flags, u64 tmr, u32 length)
{
	return ISSUE(0x01, struct sev_cmd_init cmd = {
				   .flags = flags, .tmr_paddr = tmr, .tmr_length = length });
}

static u32 start(u32 policy, u32 shared, u32 *handle)
{
	struct sev_cmd_launch_start cmd = { .handle = shared, .policy = policy };
	u32 status = issue_at(0x30, BUFFER, &cmd, sizeof(cmd));

	*handle = cmd.handle;
	return status;
}

static u32 guest_command(u32 id, u32 handle)
{
	return ISSUE(id, struct sev_cmd_guest cmd = { handle });
}

static u32 activate(u32 handle, u32 asid)
{
	return ISSUE(0x21, struct sev_cmd_activate cmd = { handle, asid });
}

static u32 memory_command(u32 id, u32 handle, u64 pa, u32 length)
{
	return ISSUE(id, struct sev_cmd_memory cmd = { handle, 0, pa, length, 0 });
}

static u8 state_of(u32 handle)
{
	struct sev_cmd_guest_status cmd = { .handle = handle };

	assert(!issue_at(0x23, BUFFER, &cmd, sizeof(cmd)));
	return cmd.state;
}

static u32 launching(u32 policy)
{
	u32 handle;

	machine_reset();
	processors.snp = false;
	assert(!init(SEV_INIT_ES, TMR, M1));
	flush();
	assert(!start(policy, 0, &handle));
	return handle;
}

static void test_init(void)
{
	struct sev_cmd_platform_status s = { 0 };

	machine_reset();
	processors.snp = false;
	processors.mem_encrypt = false;
	assert(init(0, 0, 0) == PSP_HWERROR_PLATFORM);
	processors.mem_encrypt = true;
	assert(init(2, 0, 0) == PSP_INVALID_CONFIG);
	assert(init(SEV_INIT_ES, TMR + P, M1) == PSP_INVALID_ADDRESS);
	assert(init(SEV_INIT_ES, TMR, M1 - P) == PSP_INVALID_LENGTH);
	assert(init(SEV_INIT_ES, RAM, M1) == PSP_INVALID_ADDRESS);
	assert(!issue_at(0x04, BUFFER, &s, sizeof(s)) && s.state == SEV_STATE_UNINIT);
	assert(!psp_command(&psp, 0x03, 0) && !init(SEV_INIT_ES, TMR, M1));
	assert(init(0, 0, 0) == PSP_INVALID_PLATFORM_STATE);
	assert(psp_command(&psp, 0x03, 0) == PSP_INVALID_PLATFORM_STATE);
	assert(!issue_at(0x04, BUFFER, &s, sizeof(s)) && s.state == SEV_STATE_INIT &&
	       s.config == 1);
	assert(!psp_command(&psp, 0x02, 0) && !init(0, 0, 0));
	/* processors with SNP want an RMP first */
	machine_reset();
	assert(init(0, 0, 0) == PSP_INVALID_PLATFORM_STATE);
}

static u32 init_ex(struct sev_cmd_init_ex cmd) { return issue_at(0x0d, BUFFER, &cmd, sizeof(cmd)); }

static void test_init_ex(void)
{
	struct sev_cmd_init_ex good = { .length = 0x24, .nv_paddr = DATA, .nv_length = 0x8000 }, c;

	machine_reset();
	processors.snp = false;
	c = good, c.length--, assert(init_ex(c) == PSP_INVALID_LENGTH);
	c = good, c.reserved_0x14 = 1, assert(init_ex(c) == PSP_INVALID_CONFIG);
	c = good, c.nv_paddr++, assert(init_ex(c) == PSP_INVALID_ADDRESS);
	c = good, c.nv_length--, assert(init_ex(c) == PSP_INVALID_LENGTH);
	c = good, c.flags = 1, c.tmr_paddr = 0, c.tmr_length = M1;
	assert(init_ex(c) == PSP_INVALID_ADDRESS); /* both in one place */
	assert(!init_ex(good));
}

static u32 debug(u32 id, u32 handle, u64 source, u64 target, u32 length)
{
	return ISSUE(id, struct sev_cmd_debug cmd = { handle, 0, source, target, length, 0 });
}

static void test_start(void)
{
	u32 handle, other;

	machine_reset();
	processors.snp = false;
	assert(start(1, 0, &handle) == PSP_INVALID_PLATFORM_STATE);
	assert(ISSUE(0x23, struct sev_cmd_guest_status cmd = { .handle = 1 }) ==
	       PSP_INVALID_PLATFORM_STATE);
	assert(debug(0x60, 1, DATA, DATA + P, 16) == PSP_INVALID_PLATFORM_STATE);
	assert(!init(0, 0, 0) && start(SEV_POLICY_ES, 0, &handle) == PSP_UNSUPPORTED);
	assert(guest_command(0x20, 1) == PSP_INVALID_PLATFORM_STATE);
	assert(start(0, 7, &handle) == PSP_INVALID_GUEST && !start(0, 0, &handle));
	assert(state_of(handle) == SEV_GUEST_LUPDATE && state_of(handle + 1) == SEV_GUEST_INVALID);
	assert(start(1, handle, &other) == PSP_POLICY_FAILURE); /* key sharing */
	assert(!start(0, handle, &other) && other != handle);
	assert(ISSUE(0x30, struct sev_cmd_launch_start cmd = { .dh_cert_paddr = DATA }) ==
	       PSP_UNSUPPORTED);
	assert(!guest_command(0x20, handle) && !guest_command(0x20, other));
	assert(guest_command(0x20, handle) == PSP_INVALID_PLATFORM_STATE && psp.sev_state == 1);
	assert(!start(SEV_POLICY_NOKS, 0, &handle));
	assert(start(SEV_POLICY_NOKS, handle, &other) == PSP_POLICY_FAILURE);
}

static void test_handles_run_out(void)
{
	u32 handle;

	machine_reset();
	processors.snp = false;
	assert(!init(0, 0, 0));
	for (unsigned int i = 0; i < PSP_GUEST_COUNT; i++)
		assert(!start(0, 0, &handle));
	assert(start(0, 0, &handle) == PSP_RESOURCE_LIMIT);
}

static void test_activate(void)
{
	u32 handle = launching(0), other;

	assert(activate(handle + 1, ASID) == PSP_INVALID_GUEST);
	assert(activate(handle, 0) == PSP_INVALID_ASID);
	assert(activate(handle, ASIDS + 1) == PSP_INVALID_ASID);
	assert(activate(handle, ES) == PSP_INVALID_ASID); /* one of SEV-ES guests */
	assert(guest_command(0x22, handle) == PSP_INACTIVE && !activate(handle, ASID));
	assert(activate(handle, ASID + 1) == PSP_ACTIVE);
	assert(!start(0, 0, &other) && activate(other, ASID) == PSP_ASID_OWNED);
	assert(guest_command(0x20, handle) == PSP_ACTIVE);
	assert(!guest_command(0x22, handle) && !activate(other, ASID)); /* it never ran */
	machine_reset();
	processors.snp = false;
	assert(!init(0, 0, 0) && !start(0, 0, &handle));
	assert(activate(handle, ASID) == PSP_DF_FLUSH_REQUIRED);
}

static void test_update(void)
{
	u32 handle = launching(0);

	assert(memory_command(0x31, handle, DATA, P) == PSP_INACTIVE && !activate(handle, ASID));
	assert(memory_command(0x31, handle, DATA + 8, P) == PSP_INVALID_ADDRESS);
	assert(memory_command(0x31, handle, DATA, 0) == PSP_INVALID_LENGTH);
	assert(memory_command(0x31, handle, DATA, 24) == PSP_INVALID_LENGTH);
	assert(memory_command(0x31, handle, RAM - P, 2 * P) == PSP_INVALID_ADDRESS);
	assert(memory_command(0x32, handle, DATA, P) == PSP_UNSUPPORTED);
	assert(memory_command(0x32, handle, DATA, 16) == PSP_INVALID_LENGTH);
	memset(ram + DATA, 0x11, 3 * P);
	assert(!memory_command(0x31, handle, DATA, 2 * P + 16));
	assert(ram[DATA + 2 * P + 15] == (0x11 ^ key(ASID)) && ram[DATA + 2 * P + 16] == 0x11);
}

static void test_measure(void)
{
	u8 text[56] = { 4, 1, 55, PSP_BUILD }; /* then policy, digest, nonce */
	struct sev_measurement m;
	u8 mac[32], page[PAGE_SIZE];
	u32 handle = launching(0);
	struct sha256 sha;

	assert(!activate(handle, ASID) && guest_command(0x35, handle) == PSP_INVALID_GUEST_STATE);
	/* past the end of RAM nothing was measured: what was is not lost */
	memset(page, 0x11, sizeof(page));
	memcpy(ram + DATA, page, sizeof(page));
	assert(!memory_command(0x31, handle, DATA, P));
	assert(memory_command(0x33, handle, RAM - 8, 48) == PSP_INVALID_ADDRESS);
	{
		struct sev_cmd_memory cmd = { handle, 0, DATA + P, 47, 0 };

		assert(issue_at(0x33, BUFFER, &cmd, sizeof(cmd)) == PSP_INVALID_LENGTH);
		assert(cmd.length == 48);
	}
	assert(!memory_command(0x33, handle, DATA + P, 48));
	memcpy(&m, ram + DATA + P, sizeof(m));
	sha256_init(&sha);
	sha256_update(&sha, page, sizeof(page));
	sha256_final(&sha, text + 8);
	memcpy(text + 40, m.nonce, sizeof(m.nonce));
	hmac_sha256(psp.guests[handle - 1].tik, 16, text, sizeof(text), mac);
	assert(!memcmp(mac, m.measurement, sizeof(mac)));
	assert(memory_command(0x33, handle, DATA + P, 48) == PSP_INVALID_GUEST_STATE);
	assert(memory_command(0x31, handle, DATA, P) == PSP_INVALID_GUEST_STATE);
	assert(!guest_command(0x35, handle) && state_of(handle) == SEV_GUEST_RUNNING);
	assert(guest_command(0x35, handle) == PSP_INVALID_GUEST_STATE);
	assert(psp_guest_of(&psp, ASID) && psp.asids[ASID] == PSP_ASID_IN_USE);
	assert(!guest_command(0x22, handle) && activate(handle, ASID) == PSP_DF_FLUSH_REQUIRED);
}

static u32 secret(u32 handle, u64 guest, u32 length, u32 header)
{
	return ISSUE(0x34, struct sev_cmd_secret cmd = {
				   .handle = handle,
				   .header_paddr = DATA,
				   .header_length = header,
				   .guest_paddr = guest,
				   .guest_length = length,
				   .transport_paddr = DATA + P,
				   .transport_length = length,
			   });
}

static void test_secret(void)
{
	u32 handle = launching(0);

	assert(secret(handle + 1, DATA, 16, 52) == PSP_INVALID_GUEST);
	assert(secret(handle, DATA, 16, 52) == PSP_INVALID_GUEST_STATE);
	assert(!memory_command(0x33, handle, DATA, 48));
	assert(secret(handle, DATA + 8, 16, 52) == PSP_INVALID_ADDRESS);
	assert(secret(handle, DATA, 24, 52) == PSP_INVALID_LENGTH);
	assert(secret(handle, DATA, 0x4010, 52) == PSP_INVALID_LENGTH);
	assert(secret(handle, DATA, 16, 51) == PSP_INVALID_LENGTH);
	assert(secret(handle, DATA, 16, 52) == PSP_INACTIVE && !activate(handle, ASID));
	assert(secret(handle, DATA, 16, 52) == PSP_BAD_MEASUREMENT);
}

static void test_debug(void)
{
	u32 handle = launching(SEV_POLICY_NODBG);

	assert(debug(0x60, handle, DATA, DATA + P, 16) == PSP_POLICY_FAILURE);
	assert(!start(0, 0, &handle) && debug(0x60, handle, DATA, DATA + P, 16) == PSP_INACTIVE);
	assert(!activate(handle, ASID));
	assert(debug(0x60, handle, DATA + 8, DATA + P, 16) == PSP_INVALID_ADDRESS);
	assert(debug(0x60, handle, DATA, DATA + P, 8) == PSP_INVALID_LENGTH);
	assert(debug(0x60, handle + 1, DATA, DATA + P, 16) == PSP_INVALID_GUEST);
	ram[DATA] = 0x33 ^ key(ASID);
	assert(!debug(0x60, handle, DATA, DATA + P, P + 16) && ram[DATA + P] == 0x33);
	assert(!debug(0x61, handle, DATA + P, DATA, 16) && ram[DATA] == (0x33 ^ key(ASID)));
	assert(debug(0x60, handle, DATA, RAM - P, 2 * P) == PSP_INVALID_ADDRESS);
}

static void test_es(void)
{
	u32 handle = launching(SEV_POLICY_ES);

	assert(activate(handle, ES_ASID) == PSP_INVALID_ASID && !activate(handle, ES));
	assert(!memory_command(0x32, handle, DATA, P));
}

/* Beside SNP: what the firmware writes, the host must have given to it. */
static void test_beside_snp(void)
{
	struct sev_cmd_launch_start cmd = { .policy = 0 };
	u32 handle;

	snp_ready();
	assert(!init(0, 0, 0));
	make_firmware(9 * P);
	assert(!issue_at(0x30, 9 * P, &cmd, sizeof(cmd)) && state_at(9 * P) == PSP_PAGE_RECLAIM);
	handle = cmd.handle;
	assert(!activate(handle, ASID));
	assert(memory_command(0x31, handle, DATA, 2 * P) == PSP_INVALID_PAGE_STATE);
	make_firmware(DATA);
	assert(memory_command(0x31, handle, DATA, 2 * P) == PSP_INVALID_PAGE_STATE);
	make_firmware(DATA + P);
	assert(!memory_command(0x31, handle, DATA, 2 * P));
	assert(debug(0x60, handle, DATA, DATA + 2 * P, 16) == PSP_INVALID_PAGE_STATE);
	/* its end is not SNP's */
	assert(!psp_command(&psp, 0x02, 0) && psp.snp_state == SNP_STATE_INIT);
	assert(psp.asids[ASID] == PSP_ASID_CLEAN && !psp_guest_of(&psp, ASID));
	assert(init(SEV_INIT_ES, TMR, M1) == PSP_INVALID_LENGTH); /* twice as much is wanted now */
	assert(init(SEV_INIT_ES, TMR, 2 * M1) == PSP_INVALID_PAGE_STATE);
}

static void test_get_id(void)
{
	struct sev_cmd_buffer cmd = { DATA, 1, 0 };

	machine_reset();
	assert(issue_at(0x0c, BUFFER, &cmd, sizeof(cmd)) == PSP_INVALID_LENGTH && cmd.length == 64);
	cmd.length = 64; /* as snphost asks: the machine has one socket */
	assert(!issue_at(0x0c, BUFFER, &cmd, sizeof(cmd)) && ram[DATA] == 'e');
	cmd.length = 128;
	assert(!issue_at(0x0c, BUFFER, &cmd, sizeof(cmd)) && cmd.length == 64);
	cmd.paddr = RAM - 64;
	assert(issue_at(0x0c, BUFFER, &cmd, sizeof(cmd)) == PSP_INVALID_ADDRESS);
}

int main(void)
{
	test_init();
	test_init_ex();
	test_start();
	test_handles_run_out();
	test_activate();
	test_update();
	test_measure();
	test_secret();
	test_debug();
	test_es();
	test_beside_snp();
	test_get_id();
	return 0;
}
