/* SPDX-License-Identifier: Apache-2.0 */
/*
 * SNP's firmware: each command in each wrong state, with each wrong page, owner, size and
 * parameter is refused by the specification's status, and changes nothing.
 * RUN: %monitor-cc %s %root/lib/format.c -o %t
 */
#include "Inputs/id_block.h"
#include "monitor/crypto/crypto.h"
#include "Inputs/psp_machine.h"

#define GCTX   (16 * P)
#define PAGE   (20 * P)
#define GPA    (M1 * 64)
#define ASID   5
#define POLICY (SNP_POLICY_MBO | SNP_POLICY_SMT | 0x0100 | 55)

static u8 before[RAM];

static void remember(void) { memcpy(before, ram, sizeof(ram)); }
static bool unchanged(void)
{
	memset(before + BUFFER, 0, P);
	memset(ram + BUFFER, 0, P);
	return !memcmp(before, ram, sizeof(ram));
}

static u32 page_command(u32 id, u64 pa) { return ISSUE(id, struct snp_cmd_page cmd = { pa }); }

static u32 start(u64 policy, u32 flags)
{
	return ISSUE(0xa0, struct snp_cmd_launch_start cmd = {
				   .gctx_paddr = GCTX, .policy = policy, .flags = flags });
}

static u32 activate(u32 asid)
{
	return ISSUE(0x91, struct snp_cmd_activate cmd = { GCTX, asid, 0 });
}

static u32 update_page(u64 pa, unsigned int type, bool is_large)
{
	return ISSUE(0xa1, struct snp_cmd_launch_update cmd = {
				   .gctx_paddr = GCTX,
				   .flags = type << 1 | is_large,
				   .page_paddr = pa,
				   .vmpl_permissions = { 3, 1, 0 },
			   });
}

static u32 finish(u64 flags)
{
	return ISSUE(0xa2, struct snp_cmd_launch_finish cmd = {
				   .gctx_paddr = GCTX, .flags = flags, .host_data = { 7 } });
}

static struct snp_guest_status guest_status(void)
{
	struct snp_guest_status s;
	u32 status;

	make_firmware(30 * P);
	status = ISSUE(0x92, struct snp_cmd_guest_status cmd = { GCTX, 30 * P });
	assert(!status);
	memcpy(&s, ram + 30 * P, sizeof(s));
	assert(!page_command(0xc7, 30 * P) && !update(30 * P, (struct rmp_state){ 0 }));
	return s;
}

static void launching(void)
{
	snp_ready();
	make_firmware(GCTX);
	assert(!page_command(0x93, GCTX) && !start(POLICY, 0) && !activate(ASID));
}

static void test_init_wants(void)
{
	bool *wanted[] = { &processors.mem_encrypt, &processors.snp,         &processors.mfdm,
			   &processors.smm_lock,    &processors.hsave_clear, &processors.rmp_same };

	for (size_t i = 0; i < sizeof(wanted) / sizeof(wanted[0]); i++) {
		machine_reset();
		*wanted[i] = false;
		remember();
		assert(psp_command(&psp, 0x81, 0) == PSP_INVALID_CONFIG && unchanged());
	}
	machine_reset();
	assert(!rmp_table_init(&table, ram + RMP, RMP, 2 * M1 - P));
	assert(psp_command(&psp, 0x81, 0) == PSP_INVALID_CONFIG);
	machine_reset();
	table.page_count = 0;
	assert(psp_command(&psp, 0x81, 0) == PSP_INVALID_CONFIG);
}

static void test_init(void)
{
	snp_ready();
	assert(psp_command(&psp, 0x81, 0) == PSP_INVALID_PLATFORM_STATE);
	assert(state_at(0) == PSP_PAGE_HYPERVISOR && state_at(0xa0000) == PSP_PAGE_HV_FIXED);
	assert(state_at(M1) == PSP_PAGE_HYPERVISOR && state_at(RAM) == PSP_PAGE_HV_FIXED);
	assert(state_at(3 * P) == PSP_PAGE_FIRMWARE_IOMMU && state_at(4 * P) == state_at(3 * P));
	assert(state_at(U64_C(1) << 40) == PSP_PAGE_DEFAULT);
	/* the table is its own, entry by entry, and nobody can take it */
	assert(page_command(0xc7, RMP) == PSP_INVALID_PARAM);
	assert(update(RMP, (struct rmp_state){ 0 }) == RMPUPDATE_FAIL_PERMISSION);
	assert(!rmp_table_free_2m(&table, RMP) && rmp_table_free_2m(&table, 4 * M1));
	assert(rmp_table_psmash(&table, RMP) == PSMASH_FAIL_INPUT);
	assert(update(3 * P, (struct rmp_state){ 0 }) == RMPUPDATE_FAIL_PERMISSION);
}

static u32 init_ex(u32 flags, u64 list)
{
	return ISSUE(0x85, struct snp_cmd_init_ex cmd = { .flags = flags, .list_paddr = list });
}

static void test_init_ex(void)
{
	struct snp_range_list list = { .count = 1, .ranges = { { 5 * P, 2, 0 } } };
	u32 status;

	machine_reset();
	assert(init_ex(0, 0) == PSP_RMP_INIT_REQUIRED);
	assert(init_ex(SNP_INIT_LIST, 0) == PSP_RMP_INIT_REQUIRED);
	assert(init_ex(4, 0) == PSP_INVALID_PARAM);
	status = ISSUE(0x85, struct snp_cmd_init_ex cmd = { .reserved_0x10[47] = 1 });
	assert(status == PSP_INVALID_PARAM);
	assert(init_ex(SNP_INIT_RMP | SNP_INIT_LIST, RAM) == PSP_INVALID_ADDRESS);
	list.reserved_0x04 = 1;
	memcpy(ram + 10 * P, &list, sizeof(list));
	assert(init_ex(SNP_INIT_RMP | SNP_INIT_LIST, 10 * P) == PSP_RMP_INIT_FAILED);
	list = (struct snp_range_list){ .count = 1, .ranges = { { 5 * P + 1, 2, 0 } } };
	memcpy(ram + 10 * P, &list, sizeof(list));
	assert(init_ex(SNP_INIT_RMP | SNP_INIT_LIST, 10 * P) == PSP_RMP_INIT_FAILED);
	list = (struct snp_range_list){ .count = 1, .ranges = { { 5 * P, 2, 0 } } };
	memcpy(ram + 11 * P - 16, &list, 16); /* the list is longer than its page */
	assert(init_ex(SNP_INIT_RMP | SNP_INIT_LIST, 11 * P - 16) == PSP_INVALID_PARAM);
	memcpy(ram + 10 * P, &list, sizeof(list));
	assert(!init_ex(SNP_INIT_RMP | SNP_INIT_LIST, 10 * P));
	assert(state_at(5 * P) == PSP_PAGE_HV_FIXED && state_at(6 * P) == PSP_PAGE_HV_FIXED);
	assert(state_at(7 * P) == PSP_PAGE_HYPERVISOR);
	flush();
	/* without the IOMMU the table stays as it is, and the next start may take it over */
	assert(!psp_command(&psp, 0x82, 0));
	assert(init_ex(SNP_INIT_LIST, 10 * P) == PSP_INVALID_PARAM && !init_ex(0, 0));
	assert(state_at(5 * P) == PSP_PAGE_HV_FIXED);
}

static u32 shutdown(u32 length, u32 flags)
{
	return ISSUE(0x86, struct snp_cmd_shutdown_ex cmd = { length, flags });
}

static void test_shutdown(void)
{
	machine_reset();
	assert(!psp_command(&psp, 0x82, 0) && !shutdown(8, 1));
	assert(!psp_command(&psp, 0x81, 0));
	assert(psp_command(&psp, 0x82, 0) == PSP_DF_FLUSH_REQUIRED);
	assert(psp_command(&psp, 0x84, 0) == PSP_WBINVD_REQUIRED);
	psp_wbinvd(&psp, 0);
	assert(psp_command(&psp, 0x84, 0) == PSP_WBINVD_REQUIRED);
	psp_wbinvd(&psp, 1);
	assert(!psp_command(&psp, 0x84, 0));
	assert(shutdown(4, 1) == PSP_INVALID_PARAM && shutdown(8, 2) == PSP_INVALID_PARAM);
	assert(!shutdown(8, SNP_SHUTDOWN_IOMMU));
	assert(state_at(3 * P) == PSP_PAGE_RECLAIM);
	assert(!update(3 * P, (struct rmp_state){ 0 }));
	assert(init_ex(0, 0) == PSP_RMP_INIT_REQUIRED);
	/* not while SEV is running */
	snp_ready();
	assert(!ISSUE(0x01, struct sev_cmd_init cmd = { 0 }));
	assert(psp_command(&psp, 0x82, 0) == PSP_INVALID_PLATFORM_STATE);
}

static void test_gctx(void)
{
	machine_reset();
	assert(page_command(0x93, GCTX) == PSP_INVALID_PLATFORM_STATE);
	assert(page_command(0x90, GCTX) == PSP_INVALID_PLATFORM_STATE);
	snp_ready();
	assert(page_command(0x93, GCTX | 8) == PSP_INVALID_PARAM);
	assert(page_command(0x93, GCTX) == PSP_INVALID_PAGE_STATE);
	assert(page_command(0x93, RMP + P) == PSP_INVALID_PARAM);
	assert(page_command(0x90, GCTX) == PSP_INVALID_GUEST);
	assert(page_command(0x90, GCTX | 8) == PSP_INVALID_PARAM);
	assert(!update(4 * M1,
		       (struct rmp_state){ .assigned = 1, .page_size = 1, .immutable = 1 }));
	assert(page_command(0x93, 4 * M1) == PSP_INVALID_PAGE_SIZE);
	make_firmware(GCTX);
	assert(!page_command(0x93, GCTX | machine.cbit));
	assert(state_at(GCTX) == PSP_PAGE_CONTEXT && changed_pa == GCTX && changed_size == P);
	assert(page_command(0x93, GCTX) == PSP_INVALID_PAGE_STATE);
	assert(page_command(0xc7, GCTX) == PSP_INVALID_PAGE_STATE);
	assert(guest_status().state == SNP_GUEST_INIT);
	assert(!page_command(0x90, GCTX) && state_at(GCTX) == PSP_PAGE_FIRMWARE);
	assert(!page_command(0xc7, GCTX) && !update(GCTX, (struct rmp_state){ 0 }));
}

static void test_contexts_run_out(void)
{
	snp_ready();
	for (unsigned int i = 0; i < PSP_GUEST_COUNT; i++) {
		make_firmware(4 * M1 + i * P);
		assert(!page_command(0x93, 4 * M1 + i * P));
	}
	make_firmware(GCTX);
	assert(page_command(0x93, GCTX) == PSP_RESOURCE_LIMIT);
	assert(!page_command(0x90, 4 * M1) && !page_command(0x93, GCTX));
}

static void test_start(void)
{
	snp_ready();
	assert(start(POLICY, 0) == PSP_INVALID_GUEST);
	make_firmware(GCTX);
	assert(!page_command(0x93, GCTX) && activate(ASID) == PSP_INVALID_GUEST_STATE);
	assert(start(POLICY, 4) == PSP_INVALID_PARAM);
	assert(ISSUE(0x92, struct snp_cmd_guest_status cmd = { GCTX, PAGE - 16 }) ==
	       PSP_INVALID_PARAM);
	assert(ISSUE(0x92, struct snp_cmd_guest_status cmd = { GCTX, PAGE }) ==
	       PSP_INVALID_PAGE_STATE);
	assert(start(POLICY, SNP_LAUNCH_MA) == PSP_UNSUPPORTED);
	assert(start(POLICY & ~SNP_POLICY_MBO, 0) == PSP_POLICY_FAILURE);
	assert(start(POLICY | BIT(40), 0) == PSP_POLICY_FAILURE);
	assert(start(POLICY + 1, 0) == PSP_POLICY_FAILURE); /* a minor version that is newer */
	assert(start((POLICY & ~U64_C(0xffff)) | 0x0200, 0) == PSP_POLICY_FAILURE);
	assert(finish(0) == PSP_INVALID_GUEST_STATE);
	assert(!start(POLICY, 0) && start(POLICY, 0) == PSP_INVALID_GUEST_STATE);
	assert(guest_status().policy == POLICY && guest_status().state == SNP_GUEST_LAUNCH);
	assert(finish(0) == PSP_INACTIVE);
}

static void test_activate(void)
{
	launching();
	assert(guest_status().asid == ASID && psp_guest_of(&psp, ASID) == &psp.guests[0]);
	assert(activate(ASID) == PSP_ASID_OWNED && activate(ASID + 1) == PSP_ACTIVE);
	assert(!page_command(0x90, GCTX) && !page_command(0x93, GCTX) && !start(POLICY, 0));
	assert(activate(0) == PSP_INVALID_ASID && activate(ASIDS + 1) == PSP_INVALID_ASID);
	assert(activate(-1U) == PSP_INVALID_ASID && activate(ES_ASID) == PSP_INVALID_ASID);
	/* what still belongs to an ASID would belong to the new guest */
	assert(!update(PAGE, (struct rmp_state){ .assigned = 1, .asid = ASID, .gpa = GPA }));
	assert(activate(ASID) == PSP_INVALID_CONFIG);
	assert(!update(PAGE, (struct rmp_state){ 0 }) && !activate(ASID));
	/* an ASID that ran is dirty until a flush */
	assert(!finish(0) && !page_command(0x90, GCTX));
	assert(!page_command(0x93, GCTX) && !start(POLICY, 0));
	assert(activate(ASID) == PSP_DF_FLUSH_REQUIRED);
	flush();
	assert(!activate(ASID));
}

static void test_update_refused(void)
{
	launching();
	assert(update_page(PAGE, SNP_PAGE_NORMAL, false) == PSP_INVALID_PAGE_STATE);
	make_pre_guest(PAGE, GPA, ASID, false);
	remember();
	assert(update_page(PAGE | 1, SNP_PAGE_NORMAL, false) == PSP_INVALID_PARAM);
	assert(update_page(PAGE, 0, false) == PSP_INVALID_PARAM);
	assert(update_page(PAGE, 7, false) == PSP_INVALID_PARAM);
	assert(update_page(PAGE, SNP_PAGE_NORMAL, true) == PSP_INVALID_PAGE_SIZE);
	assert(update_page(PAGE, SNP_PAGE_NORMAL | 16, false) == PSP_INVALID_PARAM);
	assert(update_page(PAGE, SNP_PAGE_NORMAL | 8, false) == PSP_UNSUPPORTED);
	psp.guests[0].asid = 0;
	assert(update_page(PAGE, SNP_PAGE_NORMAL, false) == PSP_INACTIVE);
	psp.guests[0].asid = ASID;
	assert(unchanged());
	make_pre_guest(PAGE + P, GPA + P, ASID + 1, false);
	assert(update_page(PAGE + P, SNP_PAGE_NORMAL, false) == PSP_INVALID_PAGE_OWNER);
	make_pre_guest(4 * M1, GPA, ASID, true);
	assert(update_page(4 * M1, SNP_PAGE_NORMAL, false) == PSP_INVALID_PAGE_SIZE);
	assert(update_page(4 * M1, SNP_PAGE_VMSA, true) == PSP_INVALID_PAGE_SIZE);
	assert(update_page(4 * M1, SNP_PAGE_CPUID, true) == PSP_INVALID_PAGE_SIZE);
	assert(update_page(4 * M1 + P, SNP_PAGE_NORMAL, true) == PSP_INVALID_ADDRESS);
	assert(!finish(0));
	assert(update_page(PAGE, SNP_PAGE_NORMAL, false) == PSP_INVALID_GUEST_STATE);
}

static void test_update(void)
{
	struct snp_digest digest = { { 0 } };
	const u8 permissions[3] = { 3, 1, 0 };
	u8 page[PAGE_SIZE];

	launching();
	make_pre_guest(PAGE, GPA, ASID, false);
	memset(ram + PAGE, 0xa5, P);
	assert(!update_page(PAGE, SNP_PAGE_NORMAL, false));
	assert(state_at(PAGE) == PSP_PAGE_GUEST_VALID);
	assert(table.entries[PAGE >> 12].hi == 0x0001030f && changed_pa == PAGE);
	/* the host sees the page scrambled, and cannot measure it again */
	assert(ram[PAGE] == (0xa5 ^ key(ASID)));
	assert(update_page(PAGE, SNP_PAGE_NORMAL, false) == PSP_INVALID_PAGE_STATE);
	memset(page, 0xa5, sizeof(page));
	snp_digest_page(&digest, SNP_PAGE_NORMAL, GPA, permissions, page);
	assert(!memcmp(&digest, &psp.guests[0].digest.snp, sizeof(digest)));
	/* a VMSA is one from now on; a page of zeros is, whatever was there */
	make_pre_guest(PAGE + P, SNP_VMSA_GPA & ~BIT(47), ASID, false);
	assert(!update_page(PAGE + P, SNP_PAGE_VMSA, false));
	assert(rmp_table_vmsa_begin(&table, PAGE + P, ASID));
	make_pre_guest(PAGE + 2 * P, GPA, ASID, false);
	memset(ram + PAGE + 2 * P, 1, P);
	assert(!update_page(PAGE + 2 * P, SNP_PAGE_ZERO, false) && ram[PAGE + 2 * P] == key(ASID));
	/* 2M are 512 pages to the digest */
	make_pre_guest(4 * M1, GPA, ASID, true);
	memset(ram + 4 * M1, 0, M2);
	digest = psp.guests[0].digest.snp;
	assert(!update_page(4 * M1, 4, true));
	for (u64 at = 0; at < M2; at += P)
		snp_digest_page(&digest, 4, GPA + at, permissions, NULL);
	assert(!memcmp(&digest, &psp.guests[0].digest.snp, sizeof(digest)));
	assert(state_at(4 * M1 + 5 * P) == PSP_PAGE_GUEST_VALID);
}

static void test_secrets(void)
{
	struct snp_secrets_page page;

	launching();
	make_pre_guest(PAGE, GPA, ASID, false);
	memset(ram + PAGE, 0xff, P);
	assert(!update_page(PAGE, SNP_PAGE_SECRETS, false));
	assert(machine_read(NULL, PAGE, ASID, &page, sizeof(page)));
	assert(page.version == 3 && page.fms == 0x00a00f11 && !page.svsm_size);
	assert(!memcmp(page.vmpck, psp.guests[0].messages.vmpck, sizeof(page.vmpck)) &&
	       page.vmpck[0][0]);
}

static void test_cpuid_page(void)
{
	struct snp_cpuid_page page = { .count = 1, .fn = { { .eax_in = 7, .ebx = 0xffffffff } } };

	launching();
	make_pre_guest(PAGE, GPA, ASID, false);
	memcpy(ram + PAGE, &page, sizeof(page));
	assert(update_page(PAGE, SNP_PAGE_CPUID, false) == PSP_INVALID_PARAM);
	/* the host gets it back as it may be, still its own, and can try again with that */
	assert(state_at(PAGE) == PSP_PAGE_PRE_GUEST);
	memcpy(&page, ram + PAGE, sizeof(page));
	assert(page.fn[0].ebx == machine_cpuid(NULL, 7, 0).ebx);
	assert(!update_page(PAGE, SNP_PAGE_CPUID, false));
}

static void test_finish(void)
{
	launching();
	assert(finish(8) == PSP_INVALID_PARAM);
	assert(psp.asids[ASID] == PSP_ASID_ALLOCATED && !finish(SNP_FINISH_VCEK_DIS));
	assert(psp.asids[ASID] == PSP_ASID_IN_USE &&
	       psp.guests[0].messages.launch.host_data[0] == 7);
	assert(guest_status().flags == 1 && guest_status().state == SNP_GUEST_RUNNING);
	assert(finish(0) == PSP_INVALID_GUEST_STATE && start(POLICY, 0) == PSP_INVALID_GUEST_STATE);
}

#define BLOCK (50 * P)
#define AUTH  (51 * P)

static struct snp_id_block block;
static struct snp_id_auth auth;

static void good_block(void)
{
	launching();
	block = signed_block;
	memset(&auth, 0, sizeof(auth));
	auth.id_key_algorithm = auth.author_key_algorithm = SNP_ECDSA_P384_SHA384;
	auth.id_key.curve = auth.author_key.curve = SNP_CURVE_P384;
	memcpy(auth.id_key.x, id_key_x, sizeof(id_key_x));
	memcpy(auth.id_key.y, id_key_y, sizeof(id_key_y));
	memcpy(auth.author_key.x, author_key_x, sizeof(author_key_x));
	memcpy(auth.author_key.y, author_key_y, sizeof(author_key_y));
	memcpy(auth.block_signature.r, block_r, sizeof(block_r));
	memcpy(auth.block_signature.s, block_s, sizeof(block_s));
	memcpy(auth.id_key_signature.r, id_key_r, sizeof(id_key_r));
	memcpy(auth.id_key_signature.s, id_key_s, sizeof(id_key_s));
}

static u32 finish_by(u64 flags)
{
	memcpy(ram + BLOCK, &block, sizeof(block));
	memcpy(ram + AUTH, &auth, sizeof(auth));
	return ISSUE(0xa2, struct snp_cmd_launch_finish cmd = { .gctx_paddr = GCTX,
								.id_block_paddr = BLOCK,
								.id_auth_paddr = AUTH,
								.flags = flags });
}

static void test_id_block(void)
{
	const u64 both = SNP_FINISH_ID_BLOCK | SNP_FINISH_AUTHOR_KEY;

	good_block();
	block.launch_digest[0] = 1;
	assert(finish_by(both) == PSP_BAD_MEASUREMENT);
	good_block();
	block.policy ^= SNP_POLICY_SMT;
	assert(finish_by(both) == PSP_POLICY_FAILURE);
	good_block();
	auth.id_key_algorithm = 0;
	assert(finish_by(both) == PSP_INVALID_PARAM);
	good_block();
	auth.author_key_algorithm = 0;
	assert(finish_by(both) == PSP_INVALID_PARAM);
	good_block();
	block.guest_svn++;
	assert(finish_by(both) == PSP_BAD_SIGNATURE);
	good_block();
	auth.id_key.curve = 1;
	assert(finish_by(both) == PSP_BAD_SIGNATURE);
	good_block();
	auth.block_signature.r[SNP_NUMBER_SIZE - 1] = 1; /* a longer number */
	assert(finish_by(both) == PSP_BAD_SIGNATURE);
	good_block();
	auth.id_key_signature.s[0] ^= 1;
	assert(finish_by(both) == PSP_BAD_SIGNATURE);
	assert(guest_status().state == SNP_GUEST_LAUNCH &&
	       !psp.guests[0].messages.launch.has_id_block);
	assert(!finish_by(SNP_FINISH_ID_BLOCK)); /* nobody looks at the author's */
	assert(psp.guests[0].messages.launch.has_id_block &&
	       !psp.guests[0].messages.launch.has_author_key);
	good_block();
	assert(!finish_by(both) && psp.guests[0].messages.launch.has_author_key);
	assert(psp.guests[0].messages.launch.id_block.guest_svn == 7 &&
	       psp.guests[0].messages.launch.id_key_digest[0]);
	assert(memcmp(psp.guests[0].messages.launch.id_key_digest,
		      psp.guests[0].messages.launch.author_key_digest, 48));
	good_block();
	assert(ISSUE(0xa2, struct snp_cmd_launch_finish cmd = { .gctx_paddr = GCTX,
								.id_block_paddr = RAM,
								.flags = both }) ==
	       PSP_INVALID_ADDRESS);
}

#define ANSWER (52 * P)
#define ASKED  (53 * P)

/* A request for a report under the key of VMPL 1, number @sequence, as it goes to the host. */
static void put_message(u64 sequence)
{
	struct snp_message *m = (void *)(ram + ASKED);
	u8 iv[12] = { 0 };
	struct gcm_text text = {
		psp.guests[0].messages.vmpck[1], iv, (u8 *)m + 0x30, 0x30, m->payload, 96
	};

	memset(m, 0, sizeof(*m));
	m->header = (struct snp_message_header){ .sequence = sequence,
						 .algorithm = 1,
						 .header_version = 1,
						 .header_size = 0x60,
						 .type = SNP_MSG_REPORT_REQ,
						 .version = 1,
						 .size = 96,
						 .vmpck = 1 };
	m->payload[0x40] = 1; /* VMPL */
	memcpy(iv, &sequence, sizeof(sequence));
	gcm_encrypt(&text, m->header.auth_tag);
}

static u32 carry(u64 gctx, u64 request, u64 response)
{
	return ISSUE(0x94, struct snp_cmd_guest_request cmd = { gctx, request, response });
}

static void check_report(void)
{
	struct snp_message *m = (void *)(ram + ANSWER);
	u8 iv[12] = { 2 };
	struct gcm_text text = {
		psp.guests[0].messages.vmpck[1],   iv, (u8 *)m + 0x30, 0x30, m->payload,
		sizeof(struct snp_report_response)
	};
	struct snp_report_response response;

	assert(m->header.sequence == 2 && m->header.type == SNP_MSG_REPORT_REQ + 1);
	assert(!gcm_decrypt(&text, m->header.auth_tag));
	memcpy(&response, m->payload, sizeof(response));
	assert(!response.status && response.report.vmpl == 1 && response.report.policy == POLICY);
	assert(!memcmp(response.report.measurement, psp.guests[0].digest.snp.bytes, 48));
	assert(response.report.host_data[0] == 7 && response.report.guest_svn == 0);
}

static void test_guest_request(void)
{
	launching();
	put_message(1);
	make_firmware(ANSWER);
	assert(carry(GCTX, ASKED, ANSWER) == PSP_INVALID_GUEST_STATE && !finish(0));
	assert(carry(GCTX + 8, ASKED, ANSWER) == PSP_INVALID_PARAM);
	assert(carry(GCTX + P, ASKED, ANSWER) == PSP_INVALID_GUEST);
	assert(carry(GCTX, ASKED + 16, ANSWER) == PSP_INVALID_PARAM);
	assert(carry(GCTX, ASKED, ANSWER + 16) == PSP_INVALID_PARAM);
	assert(carry(GCTX, ASKED, ASKED) == PSP_INVALID_PAGE_STATE);
	assert(carry(GCTX, RAM, ANSWER) == PSP_INVALID_ADDRESS);
	put_message(2);
	assert(carry(GCTX, ASKED, ANSWER) == PSP_INVALID_PARAM); /* not the next number */
	put_message(1);
	ram[ASKED + 0x60] ^= 1;
	assert(carry(GCTX, ASKED, ANSWER) == PSP_BAD_MEASUREMENT);
	ram[ASKED + 0x60] ^= 1;
	assert(!ram[ANSWER] && !ram[ANSWER + 0x20]);
	assert(!carry(GCTX, ASKED, ANSWER) && state_at(ANSWER) == PSP_PAGE_FIRMWARE);
	check_report();
	assert(carry(GCTX, ASKED, ANSWER) == PSP_INVALID_PARAM); /* replayed */
}

static void test_reclaim(void)
{
	machine_reset();
	assert(page_command(0xc7, PAGE) == PSP_INVALID_PLATFORM_STATE);
	launching();
	assert(!page_command(0xc7, PAGE)); /* the host's already */
	assert(page_command(0xc7, PAGE | 2) == PSP_INVALID_PARAM);
	assert(page_command(0xc7, U64_C(1) << 40) == PSP_INVALID_PAGE_STATE);
	assert(page_command(0xc7, 3 * P) == PSP_INVALID_PAGE_STATE);
	make_pre_guest(PAGE, GPA, ASID, false);
	assert(page_command(0xc7, PAGE | SNP_RECLAIM_2M) == PSP_INVALID_PAGE_SIZE);
	assert(!page_command(0xc7, PAGE) && state_at(PAGE) == PSP_PAGE_GUEST_INVALID);
	make_pre_guest(4 * M1, GPA, ASID, true);
	assert(page_command(0xc7, 4 * M1) == PSP_INVALID_PAGE_SIZE);
	assert(page_command(0xc7, (4 * M1 + P) | SNP_RECLAIM_2M) == PSP_INVALID_ADDRESS);
	assert(!page_command(0xc7, 4 * M1 | SNP_RECLAIM_2M));
	assert(state_at(4 * M1 + 9 * P) == PSP_PAGE_GUEST_INVALID);
}

static void test_unsmash(void)
{
	const u64 pages = M2 / P;

	machine_reset();
	assert(page_command(0xc8, 4 * M1) == PSP_INVALID_PLATFORM_STATE);
	launching();
	assert(page_command(0xc8, 4 * M1 + P) == PSP_INVALID_PARAM);
	assert(page_command(0xc8, RMP) == PSP_INVALID_ADDRESS);
	assert(page_command(0xc8, U64_C(1) << 40) == PSP_INVALID_PAGE_STATE);
	for (u64 i = 0; i < pages; i++)
		make_pre_guest(4 * M1 + i * P, GPA + i * P, ASID, false);
	table.entries[(4 * M1 >> 12) + 7].hi = 1;
	assert(page_command(0xc8, 4 * M1) == PSP_INVALID_PAGE_STATE);
	table.entries[(4 * M1 >> 12) + 7].hi = 0xf;
	assert(!page_command(0xc8, 4 * M1) && changed_size == M2);
	assert(rmp_table_word(&table, 4 * M1 + 7 * P) & RMP_LARGE);
	assert(table.asid_pages[ASID] == pages);
	assert(!page_command(0xc7, 4 * M1 | SNP_RECLAIM_2M));
	assert(!rmp_table_psmash(&table, 4 * M1));
	assert(page_command(0xc8, 4 * M1) == PSP_INVALID_PAGE_STATE); /* not immutable */
}

static void test_set_state(void)
{
	struct snp_range_list list = { .count = 1, .ranges = { { 4 * M1, 2, 0 } } };
	const u64 at = 10 * P;

	machine_reset();
	assert(ISSUE(0xc6, struct snp_cmd_list cmd = { 16, 0, at }) == PSP_INVALID_PLATFORM_STATE);
	snp_ready();
	list.ranges[0].base += P;
	memcpy(ram + at, &list, sizeof(list));
	assert(ISSUE(0xc6, struct snp_cmd_list cmd = { 16, 0, at }) == PSP_INVALID_PARAM);
	list.ranges[0].base -= P;
	list.count = 256;
	memcpy(ram + at, &list, sizeof(list));
	assert(ISSUE(0xc6, struct snp_cmd_list cmd = { 16, 0, at }) == PSP_INVALID_PARAM);
	list.count = 1;
	memcpy(ram + at, &list, sizeof(list));
	assert(ISSUE(0xc6, struct snp_cmd_list cmd = { 16, 0, RAM }) == PSP_INVALID_ADDRESS);
	assert(ISSUE(0xc6, struct snp_cmd_list cmd = { 8, 0, at }) == PSP_INVALID_LENGTH);
	assert(ISSUE(0xc6, struct snp_cmd_list cmd = { 16, 1, at }) == PSP_INVALID_PARAM);
	assert(ISSUE(0xc6, struct snp_cmd_list cmd = { 16, 0, at }) == PSP_INVALID_PAGE_STATE);
	make_firmware(4 * M1);
	make_firmware(4 * M1 + P);
	assert(!ISSUE(0xc6, struct snp_cmd_list cmd = { 16, 0, at }));
	assert(state_at(4 * M1) == PSP_PAGE_HV_FIXED && state_at(4 * M1 + P) == PSP_PAGE_HV_FIXED);
	assert(update(4 * M1, (struct rmp_state){ 0 }) == RMPUPDATE_FAIL_PERMISSION);
	list.ranges[0] = (struct snp_range){ U64_C(1) << 40, ~0U, 0 }; /* no RMP entry: nothing */
	memcpy(ram + at, &list, sizeof(list));
	assert(!ISSUE(0xc6, struct snp_cmd_list cmd = { 16, 0, at }));
	list.ranges[0] = (struct snp_range){ RMP, 1, 0 };
	memcpy(ram + at, &list, sizeof(list));
	assert(ISSUE(0xc6, struct snp_cmd_list cmd = { 16, 0, at }) == PSP_INVALID_ADDRESS);
}

static u32 debug(u32 id, u64 source, u64 target)
{
	return ISSUE(id, struct snp_cmd_debug cmd = { GCTX, source, target });
}

static void test_debug(void)
{
	const u64 out = 40 * P;

	launching();
	make_pre_guest(PAGE, GPA, ASID, false);
	memset(ram + PAGE, 0xa5, P);
	assert(!update_page(PAGE, SNP_PAGE_NORMAL, false));
	assert(debug(0xb0, PAGE, out) == PSP_POLICY_FAILURE);
	psp.guests[0].policy |= SNP_POLICY_DEBUG;
	assert(debug(0xb0, PAGE, out) == PSP_INVALID_PAGE_STATE);
	make_firmware(out);
	assert(debug(0xb0, PAGE | 1, out) == PSP_INVALID_PARAM);
	assert(debug(0xb0, out, out) == PSP_INVALID_PAGE_STATE);
	assert(!debug(0xb0, PAGE, out) && ram[out] == 0xa5);
	assert(debug(0xb1, out, PAGE) == PSP_INVALID_PAGE_STATE); /* the guest's own by now */
	make_pre_guest(PAGE + P, GPA + P, ASID + 1, false);
	assert(debug(0xb1, out, PAGE + P) == PSP_INVALID_PAGE_OWNER);
	make_pre_guest(PAGE + 2 * P, GPA + P, ASID, false);
	assert(!debug(0xb1, out, PAGE + 2 * P) && ram[PAGE + 2 * P] == (0xa5 ^ key(ASID)));
}

static void test_status_and_config(void)
{
	struct snp_platform_status s;
	u64 tcb = 0;

	machine_reset();
	assert(page_command(0x83, 9 * P - 16) == PSP_INVALID_PARAM);
	assert(page_command(0x83, RAM) == PSP_INVALID_ADDRESS && !page_command(0x83, PAGE));
	memcpy(&s, ram + PAGE, sizeof(s));
	assert(s.api_major == 1 && s.api_minor == 55 && !s.state);
	assert(s.memory == SNP_STATUS_MEMORY_NO_ALIASES);
	tcb = s.current_tcb;
	assert(tcb && s.reported_tcb == tcb);
	launching();
	assert(page_command(0x83, PAGE) == PSP_INVALID_PAGE_STATE);
	make_firmware(PAGE);
	assert(ISSUE(0xc9, struct snp_cmd_config cmd = { tcb + 1, 0, { 0 } }) == PSP_INVALID_PARAM);
	assert(ISSUE(0xc9, struct snp_cmd_config cmd = { tcb, 4, { 0 } }) == PSP_INVALID_PARAM);
	assert(!ISSUE(0xc9, struct snp_cmd_config cmd = { tcb - 1, 1, { 0 } }));
	assert(!page_command(0x83, PAGE));
	memcpy(&s, ram + PAGE, sizeof(s));
	assert(s.state == SNP_STATE_INIT && s.guest_count == 1);
	assert(s.memory & SNP_STATUS_MEMORY_RMP_INITIALIZED);
	assert(s.reported_tcb == tcb - 1 && s.features & SNP_STATUS_MASK_CHIP_ID);
	assert(ISSUE(0xcb, struct snp_cmd_length cmd = { 8 }) == PSP_INVALID_PARAM);
	psp.platform.root.committed_tcb = tcb - 1;
	assert(ISSUE(0xcb, struct snp_cmd_length cmd = { 0 }) == PSP_INVALID_PARAM);
	assert(psp.platform.reported_tcb == tcb - 1);
	assert(!ISSUE(0xcb, struct snp_cmd_length cmd = { 4 }));
	assert(psp.platform.root.committed_tcb == tcb && psp.platform.reported_tcb == tcb);
}

static void test_feature_info(void)
{
	struct snp_feature_info info;

	machine_reset();
	assert(ISSUE(0xce, struct snp_cmd_feature_info cmd = { 8, 0, PAGE }) == PSP_INVALID_PARAM);
	assert(ISSUE(0xce, struct snp_cmd_feature_info cmd = { 16, 0, PAGE + 2 }) ==
	       PSP_INVALID_ADDRESS);
	assert(ISSUE(0xce, struct snp_cmd_feature_info cmd = { 16, 0, PAGE - 4 }) ==
	       PSP_INVALID_ADDRESS);
	assert(ISSUE(0xce, struct snp_cmd_feature_info cmd = { 16, 2, PAGE }) == PSP_INVALID_PARAM);
	assert(!ISSUE(0xce, struct snp_cmd_feature_info cmd = { 16, 0, PAGE }));
	memcpy(&info, ram + PAGE, sizeof(info));
	assert(info.eax == 1 && info.ebx == 1 && !info.ecx);
	snp_ready();
	assert(ISSUE(0xce, struct snp_cmd_feature_info cmd = { 16, 0, PAGE }) ==
	       PSP_INVALID_PAGE_STATE);
}

static void test_dispatch(void)
{
	static const u32 unsupported[] = { 0x05, 0x06, 0x07, 0x08, 0x09, 0x0b, 0x24, 0x25,
					   0x36, 0x40, 0x41, 0x42, 0x43, 0x44, 0x50, 0x51,
					   0x52, 0x53, 0x95, 0xc0, 0xc1, 0xc2, 0xc3, 0xca };

	snp_ready();
	remember();
	for (size_t i = 0; i < sizeof(unsupported) / sizeof(unsupported[0]); i++) {
		assert(psp_command(&psp, unsupported[i], BUFFER) == PSP_UNSUPPORTED);
		assert(psp_command_name(unsupported[i]));
	}
	assert(psp_command(&psp, 0, BUFFER) == PSP_INVALID_COMMAND);
	assert(psp_command(&psp, 0xcf, BUFFER) == PSP_INVALID_COMMAND && !psp_command_name(0xcf));
	assert(psp_command(&psp, 0xa1, RAM - 8) == PSP_INVALID_ADDRESS);
	assert(!psp_command(&psp, 0x0e, 0) && unchanged());
	/* behind the table are pages that nobody can give, and behind RAM is nothing */
	assert(psp_command(&psp, 0x04, U64_C(1) << 40) == PSP_INVALID_ADDRESS);
	assert(psp_command(&psp, 0x04, -U64_C(4)) == PSP_INVALID_ADDRESS);
	assert(psp_writable(&psp, 0, 0) == PSP_INVALID_ADDRESS);
	/* a buffer that is written must have been given, and is given back */
	assert(psp_command(&psp, 0x04, BUFFER) == PSP_INVALID_PAGE_STATE);
	make_firmware(BUFFER);
	assert(psp_command(&psp, 0x04, BUFFER + P - 4) == PSP_INVALID_PAGE_STATE);
	assert(state_at(BUFFER) == PSP_PAGE_FIRMWARE);
	assert(!psp_command(&psp, 0x04, BUFFER) && state_at(BUFFER) == PSP_PAGE_RECLAIM);
}

int main(void)
{
	test_init_wants();
	test_init();
	test_init_ex();
	test_shutdown();
	test_gctx();
	test_contexts_run_out();
	test_start();
	test_activate();
	test_update_refused();
	test_update();
	test_secrets();
	test_cpuid_page();
	test_finish();
	test_id_block();
	test_guest_request();
	test_reclaim();
	test_unsmash();
	test_set_state();
	test_debug();
	test_status_and_config();
	test_feature_info();
	test_dispatch();
	return 0;
}
