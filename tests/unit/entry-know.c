/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What kind of guest a 64-bit entry finds: a TD by CPUID, unless a host answered that; SEV by its
 * MSR, where CPUID promises it. A plain guest of a host that has SEV sees the leaf, and gets #GP.
 * Asked again while it asks, it does not know.
 * RUN: %unit-cc %s -o %t
 */
#include <assert.h>
#include <setjmp.h>
#include <stdio.h>
#include <string.h>

#include "early/entry.h"
#include "lib/cpu.h"

static u32 sev_eax, sev_ebx;
static bool is_td, had_vc, has_status;
static unsigned int asked_again;
static u64 sev_status;
static unsigned int reason;
static jmp_buf over;

static struct cpuid_regs fake_cpuid(u32 leaf, u32 subleaf)
{
	(void)subleaf;
	if (!entry_record.is_known)
		asked_again += !entry_know();
	if (leaf == CPUID_EXT_MAX)
		return (struct cpuid_regs){ .eax = 0x8000001f };
	return (struct cpuid_regs){ .eax = sev_eax, .ebx = sev_ebx };
}

static int fake_rdmsr_safe(u32 msr, u64 *value)
{
	assert(msr == 0xc0010131);
	if (has_status)
		*value = sev_status;
	return !has_status;
}

#define cpuid_raw  fake_cpuid
#define rdmsr_safe fake_rdmsr_safe
#include "../../early/start.c"

bool tdx_is_named_by_cpuid(void) { return is_td; }
bool early_vc_is_seen(void) { return had_vc; }
struct tdx_info tdx_info;
struct percpu percpus[CPU_MAX];
void trap_init(void) {}
void tdx_init(void) {}
void stack_guard_init(void) {}
void early_pgtable_init(u64 private_mask, u64 shared_mask)
{
	(void)private_mask, (void)shared_mask;
}
noreturn_t kernel_main(void) { longjmp(over, 1); }
struct ghcb_msr_sev_info ghcb_msr_sev_info(void)
{
	return (struct ghcb_msr_sev_info){ .cbit = 51 };
}
noreturn_t ghcb_terminate(unsigned int code)
{
	reason = code;
	longjmp(over, 1);
}
noreturn_t fatal(unsigned int code, const char *fmt, ...)
{
	assert(!strcmp(fmt, "the C-bit cannot be bit %u"));
	reason = code;
	longjmp(over, 1);
}
/* The bit, or -1 and why. */
static int find(u32 leaf_eax, u32 leaf_ebx)
{
	entry_record = (struct entry_record){ .loader = ENTRY_LOADER_EFI };
	sev_eax = leaf_eax;
	sev_ebx = leaf_ebx;
	reason = 0;
	if (setjmp(over))
		return -1;
	if (entry_know() && !entry_record.tdx)
		find_cbit(&entry_record);
	return entry_record.private_mask ? __builtin_ctzll(entry_record.private_mask) : 0;
}

/* What the launch's CPUID page says of the C-bit, from where #VC answers by now. */
static int check(u32 page_ebx)
{
	sev_ebx = page_ebx;
	reason = 0;
	if (setjmp(over))
		return -1;
	check_cbit(&entry_record);
	return 0;
}

/* An entry of the page tables has no such bit: bit 31 would be an address's, bit 63 is NX. */
static void test_cbit(void)
{
	sev_status = SEV_STATUS_SEV; /* whose only source is CPUID */
	assert(find(CPUID_SEV_EAX_SEV, CBIT_MIN) == CBIT_MIN);
	assert(find(CPUID_SEV_EAX_SEV, CBIT_MIN - 1) == -1 && reason == TERM_CBIT);
	assert(find(CPUID_SEV_EAX_SEV, CBIT_MAX + 1) == -1 && reason == TERM_CBIT);
	assert(find(CPUID_SEV_EAX_SEV, 51) == 51);
	assert(!check(47)); /* nobody vouches for another */
	sev_status |= SEV_STATUS_SEV_ES | SEV_STATUS_SEV_SNP;
	assert(find(CPUID_SEV_EAX_SEV, 51) == 51 && !check(51));
	assert(check(47) == -1 && reason == TERM_CBIT);
}

int main(void)
{
	assert(!find(0, 0) && entry_record.is_known && !entry_record.tdx);
	assert(!find(CPUID_SEV_EAX_SEV, 51) && !entry_record.sev_status);
	had_vc = true; /* no plain guest has one */
	assert(find(CPUID_SEV_EAX_SEV, 51) == -1 && reason == TERM_CBIT);
	has_status = true;
	sev_status = SEV_STATUS_SEV | SEV_STATUS_SEV_ES;
	is_td = true; /* says the host */
	assert(find(CPUID_SEV_EAX_SEV, 51) == 51 && !entry_record.tdx);
	assert(find(CPUID_SEV_EAX_SEV, 47) == -1 && reason == TERM_CBIT);
	had_vc = false;
	assert(!find(CPUID_SEV_EAX_SEV, 51) && entry_record.tdx && !entry_record.sev_status);
	assert(asked_again);
	is_td = false;
	test_cbit();
	puts("ok");
	return 0;
}
