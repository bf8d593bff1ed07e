/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Quotes as the monitor's quoting service writes them, of one TD: each a line `NAME HEX`. The TD is
 * what monitor_quotes.py has too.
 * Built with FIRMWARE, the path of a test root's firmware.bin.
 */
#include "monitor/host/tdx_quote.h"

#include "lib/format.c"

#undef NDEBUG
#include <assert.h>
#include <stdio.h>
#include <string.h>

static u64 firmware[0x10000 / 8];

static void init(struct tdx_platform *platform)
{
	FILE *file = fopen(FIRMWARE, "rb");
	size_t size;

	assert(file);
	size = fread(firmware, 1, sizeof(firmware), file);
	fclose(file);
	assert(!tdx_platform_init(platform, firmware, size));
}

static void write_quote(const struct tdx_platform *platform, const struct tdx_report *report)
{
	static u8 quote[TDX_QUOTE_SIZE_MAX];
	int size = tdx_quote_make(platform, report, quote, sizeof(quote));

	assert(size > 0);
	printf("v%u ", platform->quote_version);
	for (int i = 0; i < size; i++)
		printf("%02x", quote[i]);
	printf("\n");
}

int main(void)
{
	static struct tdx_platform platform;
	static struct tdx_report report;

	init(&platform);
	report.td.attributes = TDX_ATTR_SEPT_VE_DISABLE;
	report.td.xfam = 0xe7;
	memset(report.td.mrtd, 'M', sizeof(report.td.mrtd));
	memset(report.td.mrconfigid, 'C', sizeof(report.td.mrconfigid));
	memset(report.td.mrowner, 'O', sizeof(report.td.mrowner));
	memset(report.td.mrownerconfig, 'W', sizeof(report.td.mrownerconfig));
	for (unsigned int i = 0; i < TDX_RTMR_COUNT; i++)
		memset(report.td.rtmr[i], '0' + (int)i, sizeof(report.td.rtmr[i]));
	memset(report.mac.report_data, 'D', sizeof(report.mac.report_data));
	tdx_report_complete(&platform, &report);
	for (u32 version = TDX_QUOTE_V4; version <= TDX_QUOTE_V5; version++) {
		platform.quote_version = version;
		write_quote(&platform, &report);
	}
	return 0;
}
