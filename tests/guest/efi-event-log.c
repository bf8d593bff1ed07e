/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A TD that OVMF started, as an EFI application: the words are in the firmware's log (ACPI table
 * CCEL), and what the log makes of zeroes are the registers of the TD's report: firmware extended
 * RTMR 2 by them, and the guest not once more.
 * REQUIRES: ovmf-newer
 * RUN: %guest-cc %s -o %t
 * RUN: %run-guest --platform=tdx --boot=efi --append=a=b --guest=%t --trace=%t.trace \
 * RUN:   --trace-events=tdcall -- test | FileCheck %s
 * RUN: FileCheck %s --check-prefix=TRACE --input-file=%t.trace
 * CHECK: command line "a=b -- test"
 * CHECK: the words are in the log once
 * CHECK-NEXT: RTMR 0: as the log
 * CHECK-NEXT: RTMR 1: as the log
 * CHECK-NEXT: RTMR 2: as the log
 * CHECK-NEXT: RTMR 3: as the log
 * TRACE-NOT: tdcall leaf=0x2 {{.*}}rip=0x2{{[0-9a-f]{5}$}}
 * TRACE: tdcall leaf=0x2 {{.*}}rdx=0x2
 * TRACE-NOT: tdcall leaf=0x2 {{.*}}rip=0x2{{[0-9a-f]{5}$}}
 */
#include <stdio.h>
#include <string.h>

#include "abi/acpi.h"
#include "abi/tdx.h"
#include "early/boot_info.h"
#include "early/memory_map.h"
#include "early/tdcall.h"
#include "kernel/workload.h"
#include "lib/addr.h"
#include "lib/sha384.h"
#include "mm/tables.h"

#define CCEL_LOG_SIZE 40 /* ACPI 6.5, 5.2.34 */
#define CCEL_LOG      48
#define EVENT_IPL     0xd
#define NO_ACTION     3
#define ALG_SHA384    0xc
/* TCG PC Client Platform Firmware Profile 10.2.1: the first event has the digest of SHA-1. */
#define FIRST_EVENT 28

static struct tdx_report report __attribute__((aligned(TDX_REPORT_SIZE)));
static u8 report_data[TDX_REPORT_DATA_SIZE] __attribute__((aligned(64)));
static u8 registers[TDX_RTMR_COUNT][SHA384_SIZE];
static unsigned int found;

static u64 get(const u8 *at, size_t size)
{
	u64 value = 0;

	memcpy(&value, at, size);
	return value;
}

/* What firmware keeps, mapped to be read; NULL where the map has no such thing. */
static const u8 *show(u64 address, u64 size)
{
	for (u64 page = align_down(address, (u64)PAGE_SIZE); page < address + size;
	     page += PAGE_SIZE) {
		struct memory_claim claim;

		if (memory_map_claim_of(page, &claim))
			continue;
		if (memory_map_claim(page, PAGE_SIZE, MEMORY_OF_FIRMWARE, "test") ||
		    tables_map_page(pa(page), true))
			return NULL;
	}
	return (const u8 *)(uintptr_t)address;
}

static const u8 *show_table(u64 address)
{
	const u8 *table = show(address, sizeof(struct acpi_header));

	return table ? show(address, get(table + 4, 4)) : NULL;
}

static const u8 *find_ccel(void)
{
	const u8 *rsdp = show(boot_info.rsdp, sizeof(struct acpi_rsdp));
	const u8 *xsdt = rsdp ? show_table(get(rsdp + 24, 8)) : NULL;

	for (u64 at = sizeof(struct acpi_header); xsdt && at < get(xsdt + 4, 4); at += 8) {
		const u8 *table = show_table(get(xsdt + at, 8));

		if (table && !memcmp(table, "CCEL", 4))
			return table;
	}
	return NULL;
}

static void extend(unsigned int index, const u8 *digest)
{
	u8 both[2 * SHA384_SIZE];

	memcpy(both, registers[index], SHA384_SIZE);
	memcpy(both + SHA384_SIZE, digest, SHA384_SIZE);
	sha384(both, sizeof(both), registers[index]);
}

/* Register, type, one digest, size and data of each: the log ends where no register is named. */
static int replay(const u8 *log, u64 size)
{
	u64 at = FIRST_EVENT + 4 + get(log + FIRST_EVENT, 4);

	while (at + 14 + SHA384_SIZE + 4 <= size) {
		u64 index = get(log + at, 4) - 1, type = get(log + at + 4, 4), length;
		const u8 *digest = log + at + 14, *data = digest + SHA384_SIZE + 4;

		if (index >= TDX_RTMR_COUNT)
			return 0;
		if (get(log + at + 8, 4) != 1 || get(log + at + 12, 2) != ALG_SHA384)
			return -1;
		length = get(digest + SHA384_SIZE, 4);
		if (type != NO_ACTION)
			extend((unsigned int)index, digest);
		if (type == EVENT_IPL && index == 2 && length == strlen(boot_info.cmdline) &&
		    !memcmp(data, boot_info.cmdline, length))
			found++;
		at += 14 + SHA384_SIZE + 4 + length;
	}
	return 0;
}

static int test(int argc, char **argv)
{
	struct tdx_module_args args = { .rcx = pa_of(&report).value,
					.rdx = pa_of(report_data).value };
	const u8 *ccel = find_ccel(), *log = NULL;

	(void)argc, (void)argv;
	if (ccel)
		log = show(get(ccel + CCEL_LOG, 8), get(ccel + CCEL_LOG_SIZE, 8));
	if (!log || replay(log, get(ccel + CCEL_LOG_SIZE, 8))) {
		puts(ccel ? "the log cannot be read" : "there is no log");
		return 1;
	}
	tdcall_must(TDG_MR_REPORT, &args);
	printf("the words are in the log %s\n", found == 1 ? "once" : "not once");
	for (unsigned int i = 0; i < TDX_RTMR_COUNT; i++)
		printf("RTMR %u: %s\n", i,
		       memcmp(report.td.rtmr[i], registers[i], SHA384_SIZE) ? "NOT as the log"
									    : "as the log");
	return 0;
}
DEFINE_WORKLOAD("test", "replays the firmware's log of a TD", test);
