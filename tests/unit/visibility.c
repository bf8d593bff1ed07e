/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Before an SEV or SEV-ES guest changes a page's C-bit, each of its lines is written back, unless
 * CPUID says that both mappings are coherent. The host is told of each change if it offers both
 * features, and only then: of what is shared already first, then that it will hear of everything;
 * a refusal is the caller's to see.
 * RUN: %unit-cc %s -iquote %S/Inputs/sev -o %t
 */
#include <assert.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define clflush clflush_of_processor
#define mfence  mfence_of_processor
#include "lib/cpu.h"
#undef clflush
#undef mfence

static void clflush(const volatile void *p);
static void mfence(void);

#include "../../paravirt/visibility.c"

#define START U64_C(0x200000)
#define BOTH  (BIT(KVM_FEATURE_MIGRATION_CONTROL) | BIT(KVM_FEATURE_HC_MAP_GPA_RANGE))

struct platform platform;

/* What happened, in order: a letter each. */
static char events[16];
static unsigned int event_count;
static u64 lines, next_line;
static u32 sev_eax;
static s64 answer, answer_at_start;
static int migration_answer;
static char said[8][64]; /* the sentences */
static unsigned int said_count;
static u64 told[3];
/* One of them is not shared. */
static const struct memory_claim claims[] = { { 0x5000, 0x6000, "GHCB of cpu 0", true },
					      { 0x6000, 0x7000, "APIC", false },
					      { 0x9000, 0xb000, "another", true } };

static void happened(char what)
{
	assert(event_count < sizeof(events) - 1);
	events[event_count++] = what;
}

static void clflush(const volatile void *p)
{
	assert((u64)(uintptr_t)p == next_line);
	next_line += LINE_SIZE;
	lines++;
}

static void mfence(void) { happened('f'); }

struct cpuid_regs pv_cpuid(u32 leaf, u32 subleaf)
{
	assert(leaf == CPUID_SEV && !subleaf);
	return (struct cpuid_regs){ .eax = sev_eax };
}

int pv_msr_write(u32 msr, u64 value)
{
	assert(msr == MSR_KVM_MIGRATION_CONTROL && value == KVM_MIGRATION_READY);
	happened('m');
	return migration_answer;
}

s64 kvm_hypercall3(u64 nr, u64 a, u64 b, u64 c)
{
	assert(nr == KVM_HC_MAP_GPA_RANGE);
	memcpy(told, (u64[]){ a, b, c }, sizeof(told));
	happened('t');
	return answer;
}

bool memory_map_next_claim(u64 from, struct memory_claim *claim)
{
	for (size_t i = 0; i < array_count(claims); i++) {
		*claim = claims[i];
		if (claim->end > from)
			return true;
	}
	return false;
}

void log_error(const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	vsnprintf(said[said_count++ % 8], sizeof(said[0]), fmt, args);
	va_end(args);
	happened('e');
}

/* What a change of visibility calls: no part of this test. */
noreturn_t panic(const char *fmt, ...) { puts(fmt), abort(); }
void early_pgtable_set_private(va_t s, u64 c, bool p) { (void)s, (void)c, (void)p; }
int memory_map_set_shared(u64 s, u64 size, bool p) { return (void)s, (void)size, (void)p, 0; }
void memory_map_release(u64 s, u64 size) { (void)s, (void)size; }
bool memory_map_claim_of(u64 at, struct memory_claim *c) { return (void)at, (void)c, false; }
int memory_map_claim(u64 s, u64 size, enum memory_place place, const char *user)
{
	return (void)s, (void)size, (void)place, (void)user, 0;
}
int pv_page_enc_status_prepare(va_t s, u64 c, bool p) { return (void)s, (void)c, (void)p, 0; }
int pv_notify_page_enc_status_changed(va_t s, u64 c, bool p)
{
	return (void)s, (void)c, (void)p, 0;
}

static void start(u32 eax, u64 features)
{
	sev_eax = eax;
	platform.kvm_features = (u32)features;
	memset(events, 0, sizeof(events));
	event_count = said_count = 0;
	answer = answer_at_start;
	lines = 0;
	next_line = START;
	sev_pages_init();
}

static bool told_of(u64 gpa, u64 count, bool private)
{
	return told[0] == gpa && told[1] == count && told[2] == (private ? BIT(4) : 0);
}

static void test_caches(void)
{
	start(CPUID_SEV_EAX_SEV, 0);
	assert(!sev_page_enc_status_prepare(va(START), 3, false));
	assert(lines == 3 * PAGE_SIZE / LINE_SIZE && !strcmp(events, "f"));
	next_line = START;
	assert(!sev_page_enc_status_prepare(va(START), 1, true));
	assert(lines == 4 * PAGE_SIZE / LINE_SIZE && !strcmp(events, "ff"));
	start(CPUID_SEV_EAX_SEV | CPUID_SEV_EAX_COHERENT, 0);
	assert(!sev_page_enc_status_prepare(va(START), 3, false) && !lines && !event_count);
}

static void test_not_told(void)
{
	static const u64 features[] = { 0, BIT(KVM_FEATURE_MIGRATION_CONTROL),
					BIT(KVM_FEATURE_HC_MAP_GPA_RANGE) };

	for (unsigned int i = 0; i < 3; i++) {
		start(0, features[i]);
		assert(!map_gpa_notify_page_enc_status_changed(va(START), 3, false));
		assert(!event_count);
	}
}

static void test_told(void)
{
	start(0, BOTH);
	assert(!strcmp(events, "ttm") && told_of(0x9000, 2, false));
	assert(!map_gpa_notify_page_enc_status_changed(va(START), 3, false));
	assert(told_of(START, 3, false));
	assert(!map_gpa_notify_page_enc_status_changed(va(START), 3, true));
	assert(told_of(START, 3, true) && !strcmp(events, "ttmtt"));
	answer = -KVM_EINVAL;
	assert(map_gpa_notify_page_enc_status_changed(va(START), 3, true) == -E_IO);
	assert(!strcmp(events, "ttmttte"));
}

/* A host that offers it and refuses it loses what it wanted, and no more: it is said. */
static void test_refused(void)
{
	answer_at_start = -KVM_EINVAL;
	migration_answer = -E_FAULT;
	start(0, BOTH);
	assert(!strcmp(events, "teeteeme"));
	assert(!strcmp(said[2], "the host refused MAP_GPA_RANGE of 0x9000: -22"));
	assert(!strcmp(said[3], "the host does not know of the page for another"));
	answer_at_start = 0;
	start(0, BOTH);
	assert(!strcmp(events, "ttme") && !strcmp(said[0], "the host refused MIGRATION_CONTROL"));
	migration_answer = 0;
}

int main(void)
{
	test_refused();
	test_caches();
	test_not_told();
	test_told();
	return 0;
}
