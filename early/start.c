/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The first C code: traps, the bit that tells private from shared, page tables of our own.
 */
#include "abi/ghcb.h"
#include "abi/sev.h"
#include "early/early_pgtable.h"
#include "early/early_vc.h"
#include "early/entry.h"
#include "early/fatal.h"
#include "early/ghcb_msr.h"
#include "early/percpu.h"
#include "early/stack_guard.h"
#include "early/tdx.h"
#include "early/trap.h"
#include "lib/cpu.h"

struct entry_record entry_record __ro_after_init;

static bool has_sev_leaf(void)
{
	return cpuid_raw(CPUID_EXT_MAX, 0).eax >= CPUID_SEV &&
	       cpuid_raw(CPUID_SEV, 0).eax & CPUID_SEV_EAX_SEV;
}

static u32 cbit_by_cpuid(void) { return cpuid_raw(CPUID_SEV, 0).ebx & CPUID_SEV_EBX_CBIT_MASK; }

bool entry_know(void)
{
	static bool asks;
	struct entry_record *record = &entry_record;

	if (record->is_known || asks)
		return record->is_known;
	asks = true;
	record->tdx = tdx_is_named_by_cpuid() && !early_vc_is_seen();
	if (!record->tdx && has_sev_leaf() && rdmsr_safe(MSR_SEV_STATUS, &record->sev_status))
		record->sev_status = 0; /* another guest of a host that has SEV */
	asks = false;
	record->is_known = true;
	return true;
}

/* As find_cbit in entry32.S, for the entry that comes in long mode. */
static void find_cbit(struct entry_record *record)
{
	u32 cbit;

	if (!(record->sev_status & SEV_STATUS_SEV)) {
		if (early_vc_is_seen())
			ghcb_terminate(TERM_CBIT);
		return;
	}
	cbit = cbit_by_cpuid();
	if (early_vc_is_seen() && ghcb_msr_sev_info().cbit != cbit)
		ghcb_terminate(TERM_CBIT);
	if (cbit < CBIT_MIN || cbit > CBIT_MAX)
		fatal(TERM_CBIT, "the C-bit cannot be bit %u", cbit);
	record->private_mask = BIT(cbit);
}

/*
 * What entry32.S found is the host's word. As an SNP guest #VC now answers from the launch's CPUID
 * page, which the firmware vouched for: the first chance to see a host that lied.
 */
static void check_cbit(const struct entry_record *record)
{
	if (record->sev_status & SEV_STATUS_SEV_SNP && BIT(cbit_by_cpuid()) != record->private_mask)
		ghcb_terminate(TERM_CBIT);
}

/* What the 32-bit entry does by itself. */
static void find_platform(struct entry_record *record)
{
	u64 efer = rdmsr(MSR_EFER);

	if (!(efer & EFER_NXE))
		wrmsr(MSR_EFER, efer | EFER_NXE);
	if (entry_know() && !record->tdx)
		find_cbit(record);
}

static bool is_64_bit_entry(void)
{
	return entry_record.loader == ENTRY_LOADER_MULTIBOOT2_EFI64 ||
	       entry_record.loader == ENTRY_LOADER_EFI;
}

noreturn_t early_start(void)
{
	percpu_load(0);
	write_cr4(read_cr4() | CR4_OSFXSR | CR4_OSXMMEXCPT);
	entry_record.is_known = !is_64_bit_entry();
	trap_init();
	if (is_64_bit_entry())
		find_platform(&entry_record);
	if (entry_record.tdx)
		tdx_init();
	stack_guard_init();
	check_cbit(&entry_record);
	early_pgtable_init(entry_record.private_mask, tdx_info.shared_mask);
	kernel_main();
}
