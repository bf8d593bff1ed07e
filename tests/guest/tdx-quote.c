/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A TD asks its host for a quote, and has to wait: it polls, or the vector comes that it set up. A
 * second request meanwhile has to come again later; what is no report of this processor's, and a
 * buffer that is too small, end in an error, and a private one is no buffer.
 * RUN: %guest-cc %s -o %t
 * RUN: %run-guest --platform=tdx --trace %t.trace %t | FileCheck %s
 * RUN: FileCheck %s --check-prefix=TRACE --input-file=%t.trace
 * RUN: %run-guest --platform=tdx --monitor-option=quote=5 %t | FileCheck %s --check-prefix=V5
 * RUN: %run-guest --platform=tdx --monitor-option=inject=quote-absent %t | \
 * RUN:   FileCheck %s --check-prefix=ABSENT
 * RUN: %run-guest --platform=tdx --smp 3 %t | FileCheck %s --check-prefix=THREE
 * RUN: %run-guest --platform=tdx --monitor-option=interrupts=held %t | FileCheck %s
 * CHECK: polled: version 4, success
 * CHECK-NEXT: told: version 4, success, vector came 1 time, to APIC 0, another request: 0x1
 * CHECK-NEXT: 4096 bytes: error
 * CHECK-NEXT: changed: error
 * CHECK-NEXT: private: 0x8000000000000000
 * TRACE: tdvmcall function=0x10002 {{.*}} r10=0x0
 * TRACE: inject quote status=0x0
 * V5: polled: version 5, success
 * ABSENT: polled: unavailable
 * THREE: told: version 4, success, vector came 1 time, to APIC 2, another request: 0x1
 */
#include <malloc.h>
#include <stdio.h>
#include <string.h>

#include "abi/tdx_quote.h"
#include "early/tdx.h"
#include "kernel/apic.h"
#include "kernel/smp.h"
#include "kernel/traps.h"
#include "kernel/workload.h"
#include "lib/compiler.h"
#include "mm/visibility.h"

#define VECTOR 0x51
#define PAGES  4

static struct tdx_report report __attribute__((aligned(TDX_REPORT_SIZE)));
static u8 report_data[TDX_REPORT_DATA_SIZE] __attribute__((aligned(64)));
static u8 *buffer;
static volatile unsigned int told;
static volatile u32 told_apic;

static void tell(struct trap_frame *frame)
{
	(void)frame;
	told_apic = apic_id();
	told++;
	apic_eoi();
}

static u64 call(u64 function, u64 r12, u64 r13)
{
	struct tdx_module_args args = { .r11 = function, .r12 = r12, .r13 = r13 };

	return tdvmcall(&args);
}

static u64 ask(u64 size)
{
	struct tdx_quote_header header = { .version = TDX_QUOTE_VERSION,
					   .in_size = sizeof(report) };

	memcpy(buffer, &header, sizeof(header));
	memcpy(buffer + sizeof(header), &report, sizeof(report));
	return call(TDVMCALL_GET_QUOTE, pa_of(buffer).value | tdx_info.shared_mask, size);
}

/* The last processor alone: it is the one to be told. */
static void set_up(void *refused)
{
	if (apic_id() == smp_count() - 1)
		*(u64 *)refused = call(TDVMCALL_SETUP_EVENT_NOTIFY, VECTOR, 0);
}

static u64 status(void) { return READ_ONCE(((const struct tdx_quote_header *)buffer)->status); }

static const char *poll(void)
{
	while (status() == TDX_QUOTE_IN_FLIGHT)
		cpu_relax();
	switch (status()) {
	case TDX_QUOTE_SUCCESS: return "success";
	case TDX_QUOTE_ERROR: return "error";
	case TDX_QUOTE_UNAVAILABLE: return "unavailable";
	default: return "no status";
	}
}

static void print_quote(void)
{
	u32 size = ((const struct tdx_quote_header *)buffer)->out_size;

	for (u32 at = 0; at < size; at++)
		printf("%s%02x", at % 64 ? "" : "\nquote: ", buffer[24 + at]);
	printf("\n");
}

static void test_told(void)
{
	u64 busy, refused = 1;

	irq_register(VECTOR, tell);
	smp_run(set_up, &refused);
	if (refused || ask(PAGES * PAGE_SIZE))
		printf("refused\n");
	busy = call(TDVMCALL_GET_QUOTE, pa_of(buffer).value | tdx_info.shared_mask, PAGE_SIZE);
	while (!told)
		cpu_relax();
	printf("told: version %u, %s, vector came %u time, to APIC %u, another request: %#llx\n",
	       buffer[24], poll(), told, told_apic, (unsigned long long)busy);
}

static int test(int argc, char **argv)
{
	struct tdx_module_args args = { .rcx = pa_of(&report).value,
					.rdx = pa_of(report_data).value };
	const char *result;

	(void)argc, (void)argv;
	memset(report_data, 0x44, sizeof(report_data));
	tdcall_must(TDG_MR_REPORT, &args);
	buffer = memalign(PAGE_SIZE, PAGES * PAGE_SIZE);
	if (!buffer || set_memory_decrypted(va_of(buffer), PAGES) || ask(PAGES * PAGE_SIZE))
		return 1;
	result = poll();
	if (strcmp(result, "success") != 0) {
		printf("polled: %s\n", result);
		return 0;
	}
	printf("polled: version %u, %s\n", buffer[24], result);
	test_told();
	printf("4096 bytes: %s\n", ask(PAGE_SIZE) ? "refused" : poll());
	report.td.mrtd[0] ^= 1;
	printf("changed: %s\n", ask(PAGES * PAGE_SIZE) ? "refused" : poll());
	report.td.mrtd[0] ^= 1;
	printf("private: %#llx\n",
	       (unsigned long long)call(TDVMCALL_GET_QUOTE, pa_of(&report).value, PAGE_SIZE));
	if (!ask(PAGES * PAGE_SIZE) && !strcmp(poll(), "success"))
		print_quote();
	return set_memory_encrypted(va_of(buffer), PAGES);
}
DEFINE_WORKLOAD("test", "asks for quotes", test);
