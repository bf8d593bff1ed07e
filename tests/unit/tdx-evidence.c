/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A processor with TDX is what the test root's firmware.bin says; one that lacks a part, or has one
 * of another size, is none. A report names its module and has hashes of its parts, and only the
 * processor that made it takes it for its own.
 * RUN: %monitor-cc -DFIRMWARE='"%build/test-root/firmware.bin"' %s %root/lib/format.c -o %t
 */
#include <assert.h>
#include <stdio.h>
#include <string.h>

#include "monitor/hardware/tdx_evidence.h"

static u8 firmware[16384];
static size_t firmware_size;
static struct tdx_platform platform, other;

static void read_root(void)
{
	FILE *f = fopen(FIRMWARE, "rb");

	assert(f);
	firmware_size = fread(firmware, 1, sizeof(firmware), f);
	assert(firmware_size && firmware_size < sizeof(firmware));
	fclose(f);
}

static void test_root(void)
{
	static const char begin[] = "-----BEGIN CERTIFICATE-----\n";

	assert(!tdx_platform_init(&platform, firmware, firmware_size));
	assert(!memcmp(platform.root.mr_seam, "EMULATED", 8));
	assert(!memcmp(platform.root.qe_mrsigner, "EMULATED", 8));
	assert(!memcmp(platform.root.qe_mrenclave, "EMULATED", 8));
	assert(platform.root.tee_tcb_svn[1] == 1 && platform.root.qe_svn);
	assert(!memcmp(platform.pck_chain.bytes, begin, strlen(begin)));
	assert(memcmp(platform.report_key, platform.attestation_key, TDX_REPORT_KEY_SIZE));
	assert(platform.has_service && platform.quote_version == 4);
}

/* Of each entry its GUID, then its size. */
static void test_bad_root(void)
{
	static const char *const guids[] = { GUID_TEST_PCK, GUID_TEST_TDX, GUID_TEST_PCK_CHAIN };

	for (unsigned int i = 0; i < 3; i++) {
		struct guid_data data;
		struct guid_entry *entry = (void *)firmware;

		assert(!guid_table_find(firmware, firmware_size, guids[i], &data));
		while (entry->offset != (size_t)(data.bytes - firmware))
			entry++;
		entry->guid[0] ^= 1;
		assert(tdx_platform_init(&other, firmware, firmware_size) == -E_INVAL);
		entry->guid[0] ^= 1;
		entry->length += i == 2 ? 0x10000 : 1;
		assert(tdx_platform_init(&other, firmware, firmware_size) == -E_INVAL);
		entry->length -= i == 2 ? 0x10000 : 1;
	}
	assert(!tdx_platform_init(&other, firmware, firmware_size));
}

static void test_report(void)
{
	struct tdx_report report = { .td.attributes = TDX_ATTR_SEPT_VE_DISABLE,
				     .mac.report_data = { 7 } };

	tdx_report_complete(&platform, &report);
	assert(report.mac.type == TDX_REPORT_TYPE && report.mac.report_data[0] == 7);
	assert(!memcmp(report.tcb.mr_seam, platform.root.mr_seam, sizeof(report.tcb.mr_seam)));
	assert(!memcmp(report.tcb.tee_tcb_svn, platform.root.tee_tcb_svn, 16));
	assert(!memcmp(report.mac.cpu_svn, platform.root.cpu_svn, 16));
	assert(tdx_report_verify(&platform, &report.mac) == TDX_SUCCESS);
	assert(tdx_report_verify(&other, &report.mac) == TDX_SUCCESS);
	/* another root has another key; a microcode update has another SVN */
	other.report_key[31] ^= 0x80;
	assert(tdx_report_verify(&other, &report.mac) == TDX_INVALID_REPORTMACSTRUCT);
	other.root.cpu_svn[0]++;
	assert(tdx_report_verify(&other, &report.mac) == TDX_INVALID_CPUSVN);
	/* the MAC of what is no TD's report */
	report.mac.type = 0;
	assert(tdx_report_verify(&platform, &report.mac) == TDX_INVALID_REPORTMACSTRUCT);
}

int main(void)
{
	read_root();
	test_root();
	test_bad_root();
	test_report();
	return 0;
}
