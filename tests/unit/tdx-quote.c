/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A quote has every field of the TDREPORT at the offset that DCAP has for it, and three signatures
 * and hashes that hold it together; of a report that is not this processor's there is none. In
 * GetQuote's buffer each end is told by its status, and nothing is written where the host may not.
 * RUN: %monitor-cc -DFIRMWARE='"%build/test-root/firmware.bin"' %s %root/lib/format.c -o %t
 */
#include <stdio.h>

#include "lib/sha256.h"
#include "lib/sha384.h"
#include "monitor/crypto/crypto.h"
#include "tests/unit/Inputs/tdx_machine.h"

#define ERROR   TDX_QUOTE_ERROR
#define SUCCESS TDX_QUOTE_SUCCESS

static u8 firmware[16384], quote[TDX_QUOTE_SIZE_MAX];
static struct tdx_platform root;
static struct tdx_report report;

/* Who sees that it is in flight no more sees all else: nothing comes with the status or behind. */
static int watched_write(void *c, u64 gpa, const void *data, size_t size)
{
	const struct tdx_quote_header *header = (void *)(memory + AT_SHARED), *head = data;

	assert(gpa != AT_SHARED || head->status == TDX_QUOTE_IN_FLIGHT);
	assert(!quote_request.is_pending && header->status == TDX_QUOTE_IN_FLIGHT);
	return fake_write(c, gpa, data, size);
}

static void start(u32 version)
{
	FILE *f = fopen(FIRMWARE, "rb");
	size_t size;

	assert(f);
	size = fread(firmware, 1, sizeof(firmware), f);
	fclose(f);
	setup();
	assert(!tdx_platform_init(&root, firmware, size));
	root.quote_version = version;
	td.platform = &root;
	memset(&report, 0, sizeof(report));
	for (unsigned int i = 0; i < offsetof(struct tdx_td_info, reserved_0x1c0); i++)
		((u8 *)&report.td)[i] = (u8)(i * 7);
	memset(report.mac.report_data, 0x64, 64);
	tdx_report_complete(&root, &report);
}

static int make(size_t room) { return tdx_quote_make(&root, &report, quote, room); }

static u32 get(size_t at, size_t size)
{
	u32 value = 0;

	memcpy(&value, quote + at, size);
	return value;
}

static void has(size_t at, const void *expected, size_t size)
{
	assert(!memcmp(quote + at, expected, size));
}

static bool signed_by(const void *key, size_t from, size_t size, size_t signature)
{
	struct sha256 sha;
	u8 digest[SHA256_SIZE];

	sha256_init(&sha);
	sha256_update(&sha, quote + from, size);
	sha256_final(&sha, digest);
	return p256_verify(key, (const void *)(quote + signature), digest);
}

static void check_head(u32 version)
{
	assert(get(0, 2) == version && get(2, 2) == 2 && get(4, 4) == 0x81 && !get(8, 4));
	has(12, "\x93\x9a\x72\x33\xf7\x9c\x4c\xa9\x94\x0a\x0d\xb3\x95\x7f\x06\x07", 16);
	has(28, "EMULATED by Postern", 20);
}

static void check_body(size_t at)
{
	has(at, root.root.tee_tcb_svn, 16);
	has(at + 16, "EMULATED", 8);
	has(at + 112, &report.tcb.attributes, 8);
	has(at + 120, &report.td.attributes, 8);
	has(at + 128, &report.td.xfam, 8);
	has(at + 136, report.td.mrtd, 48);
	has(at + 184, report.td.mrconfigid, 48);
	has(at + 232, report.td.mrowner, 48);
	has(at + 280, report.td.mrownerconfig, 48);
	has(at + 328, report.td.rtmr, 4 * 48);
	has(at + 520, report.mac.report_data, 64);
}

/* What stands behind the @at bytes that are signed. */
static void check_signatures(size_t at, size_t size)
{
	size_t key = at + 4 + 64, enclave = key + 64 + 6, data = enclave + 384 + 64;
	struct p256_key pck;
	struct sha256 sha;
	u8 bound[SHA256_SIZE];

	assert(get(at, 4) == size - at - 4 && signed_by(quote + key, 0, at, at + 4));
	assert(get(enclave - 6, 2) == 6 && get(enclave - 4, 4) == size - enclave);
	assert(!p256_public(root.pck, &pck) && signed_by(&pck, enclave, 384, enclave + 384));
	assert(get(data, 2) == 32);
	sha256_init(&sha);
	sha256_update(&sha, quote + key, 64);
	sha256_update(&sha, quote + data + 2, 32);
	sha256_final(&sha, bound);
	has(enclave + 320, bound, sizeof(bound));
	has(enclave, root.root.cpu_svn, 16);
	has(enclave + 48, root.root.qe_attributes, 16);
	has(enclave + 64, "EMULATED", 8);
	has(enclave + 128, "EMULATED", 8);
	assert(get(enclave + 256, 2) == root.root.qe_product);
	assert(get(enclave + 258, 2) == root.root.qe_svn);
	assert(get(data + 34, 2) == 5 && get(data + 36, 4) == root.pck_chain.size);
	has(data + 40, root.pck_chain.bytes, root.pck_chain.size);
	assert(size == data + 40 + root.pck_chain.size);
}

static void test_v4(void)
{
	int size;

	start(TDX_QUOTE_V4);
	size = make(sizeof(quote));
	assert(size > 48 + 584);
	check_head(4);
	check_body(48);
	check_signatures(48 + 584, (size_t)size);
	assert(make((size_t)size + 1) == size && make((size_t)size) == -E_NOSPC);
	for (size_t room = 0; room < (size_t)size; room += 97)
		assert(make(room) == -E_NOSPC);
}

static void test_v5(void)
{
	int size;

	start(TDX_QUOTE_V5);
	size = make(sizeof(quote));
	assert(size > 54 + 648);
	check_head(5);
	assert(get(48, 2) == 3 && get(50, 4) == 648);
	check_body(54);
	has(54 + 584, report.tcb.tee_tcb_svn_2, 16);
	has(54 + 600, report.td.servtd_hash, 48);
	check_signatures(54 + 648, (size_t)size);
}

/* Each byte of a TDREPORT that says something, changed. */
static void test_not_ours(void)
{
	start(TDX_QUOTE_V4);
	for (size_t at = 0; at < sizeof(report); at++) {
		if (at >= 495 && at < 512) /* the gap behind TEE_TCB_INFO */
			continue;
		((u8 *)&report)[at] ^= 0x10;
		assert(make(sizeof(quote)) == -E_PERM);
		((u8 *)&report)[at] ^= 0x10;
	}
	assert(make(sizeof(quote)) > 0);
	memset(root.attestation_key, 0, sizeof(root.attestation_key));
	assert(make(sizeof(quote)) == -E_PERM);
	start(TDX_QUOTE_V4);
	memset(root.pck, 0xff, sizeof(root.pck));
	assert(make(sizeof(quote)) == -E_NOSPC);
}

/* GetQuote of @size bytes; what the buffer says when it is answered. */
static u64 ask_for(u64 size, u32 in_size)
{
	struct tdx_quote_header *header = (void *)(memory + AT_SHARED);
	struct tdx_machine watched;

	memset(memory + AT_SHARED, 0xa5, 2 * TDX_QUOTE_SIZE_MAX);
	*header = (struct tdx_quote_header){ .version = 1, .in_size = in_size };
	memcpy(header + 1, &report, sizeof(report));
	gpr[TDX_RAX] = TDG_VP_VMCALL;
	gpr[TDX_RCX] = TDVMCALL_EXPOSE_REGS_MASK;
	gpr[TDX_R10] = TDVMCALL_STANDARD;
	gpr[TDX_R11] = TDVMCALL_GET_QUOTE;
	gpr[TDX_R12] = AT_SHARED | SHARED;
	gpr[TDX_R13] = size;
	assert(!tdx_vmcall(&call, &host).status && quote_request.is_pending);
	assert(header->status == TDX_QUOTE_IN_FLIGHT && !header->out_size);
	assert(quote_request.due == 77);
	memset(header + 1, 0, sizeof(report)); /* it is read once */
	watched = machine;
	watched.write = watched_write;
	td.machine = &watched;
	tdx_quote_answer(&td, &context, &quote_request);
	td.machine = &machine;
	assert(!quote_request.is_pending && header->version == 1 && header->in_size == in_size);
	return header->status;
}

static void test_answers(void)
{
	struct tdx_quote_header *header = (void *)(memory + AT_SHARED);
	u64 pages;
	int size;

	start(TDX_QUOTE_V4);
	size = make(sizeof(quote));
	pages = ((u64)size + sizeof(*header) + PAGE_SIZE - 1) / PAGE_SIZE;
	assert(ask_for(TDX_QUOTE_SIZE_MAX, 1024) == SUCCESS && header->out_size == (u32)size);
	assert(!memcmp(header + 1, quote, (size_t)size - root.pck_chain.size));
	assert(((u8 *)(header + 1))[size] == 0xa5); /* and not a byte more */
	assert(ask_for(pages * PAGE_SIZE, 1024) == SUCCESS);
	assert(ask_for((pages - 1) * PAGE_SIZE, 1024) == ERROR && !header->out_size);
	assert(ask_for(TDX_QUOTE_SIZE_MAX, 1023) == ERROR);
	assert(ask_for(TDX_QUOTE_SIZE_MAX, 0) == ERROR);
	report.mac.mac[0] ^= 1;
	assert(ask_for(TDX_QUOTE_SIZE_MAX, 1024) == ERROR && !header->out_size);
	assert(((u8 *)(header + 1))[1024] == 0xa5);
}

/* The guest takes its buffer back before there is an answer; the host's memory fails. */
static void test_lost(void)
{
	u8 *bytes = memory + AT_SHARED;

	start(TDX_QUOTE_V4);
	(void)ask_for(TDX_QUOTE_SIZE_MAX, 1024);
	quote_request.is_pending = true;
	memset(bytes, 0x77, TDX_QUOTE_SIZE_MAX);
	assert(!sept_convert(&td.sept, AT_SHARED + PAGE_SIZE, PAGE_SIZE, true));
	tdx_quote_answer(&td, &context, &quote_request);
	for (unsigned int i = 0; i < TDX_QUOTE_SIZE_MAX; i++)
		assert(bytes[i] == 0x77);
	assert(!quote_request.is_pending);
	start(TDX_QUOTE_V4);
	(void)ask_for(TDX_QUOTE_SIZE_MAX, 1024);
	machine_fails = true;
	tdx_quote_answer(&td, &context, &quote_request);
	assert(quote_request.header.status == ERROR);
}

int main(void)
{
	test_v4();
	test_v5();
	test_not_ours();
	test_answers();
	test_lost();
	return 0;
}
