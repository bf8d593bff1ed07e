/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The early tables: identity [0,4G) in 2M entries, except [2M,8M), where the image lies, in 4K
 * entries, so that single pages of it can be shared. No write protection yet. Firmware may have
 * left us 5 levels, of which nobody can get out in long mode (APM2 5.1.4): then one more table.
 * Spec: APM2 5.3.
 */
#include "early/early_pgtable.h"
#include "early/early_vc.h"
#include "early/entry.h"
#include "early/ghcb_msr.h"
#include "abi/x86.h"
#include "lib/compiler.h"
#include "lib/cpu.h"
#include "lib/panic.h"

#define MAPPED_GIGABYTES 4
#define FINE_START       U64_C(0x200000)
#define FINE_END         U64_C(0x800000)
#define FINE_TABLES      ((FINE_END - FINE_START) / PAGE_2M_SIZE)

static __aligned_page u64 pml5[PTE_COUNT]; /* only where the entry found LA57 */
static __aligned_page u64 pml4[PTE_COUNT];
static __aligned_page u64 pdpt[PTE_COUNT];
static __aligned_page u64 pd[MAPPED_GIGABYTES * PTE_COUNT];
static __aligned_page u64 pt[FINE_TABLES * PTE_COUNT];
static u64 private_mask, shared_mask;
static u64 canary;

extern const char __image_start[], __image_end[];

static u64 table_entry(const u64 *table)
{
	return (u64)(uintptr_t)table | private_mask | PTE_P | PTE_W;
}

static void fill_coarse(void)
{
	for (u64 i = 0; i < array_count(pd); i++) {
		u64 address = i * PAGE_2M_SIZE;
		u64 mask = address < EARLY_PGTABLE_MMIO_START ? private_mask : shared_mask;

		pd[i] = address | mask | PTE_P | PTE_W | PTE_PS | PTE_NX;
	}
}

static void fill_fine(void)
{
	for (u64 i = 0; i < array_count(pt); i++)
		pt[i] = (FINE_START + i * PAGE_SIZE) | private_mask | PTE_P | PTE_W;
	for (u64 i = 0; i < FINE_TABLES; i++)
		pd[FINE_START / PAGE_2M_SIZE + i] = table_entry(&pt[i * PTE_COUNT]);
}

/* Where there is no C-bit it may be that the host said so: as plant_canary in entry32.S. */
static u64 canary_value(void)
{
	u64 value = 0;
	bool has_rdrand;

	if (private_mask)
		return rdrand();
	if (shared_mask)
		return 0;
	has_rdrand = cpuid_raw(CPUID_FEATURES, 0).ecx & CPUID_FEATURES_ECX_RDRAND;
	if (early_vc_is_seen()) /* no plain guest has one: the host hid SEV, and now RDRAND */
		ghcb_terminate(TERM_CBIT);
	if (!has_rdrand)
		return 0;
	return rdrand_bounded(&value) ? value : 0;
}

void early_pgtable_init(u64 new_private_mask, u64 new_shared_mask)
{
	CHECK((u64)(uintptr_t)__image_end <= FINE_END);
	private_mask = new_private_mask;
	shared_mask = new_shared_mask;
	fill_coarse();
	fill_fine();
	for (u64 i = 0; i < MAPPED_GIGABYTES; i++)
		pdpt[i] = table_entry(&pd[i * PTE_COUNT]);
	pml4[0] = table_entry(pdpt);
	pml5[0] = table_entry(pml4);
	early_load_tables((u64)(uintptr_t)(read_cr4() & CR4_LA57 ? pml5 : pml4) | private_mask,
			  &canary, canary_value());
}

void early_pgtable_set_private(va_t start, u64 page_count, bool private)
{
	CHECK(is_aligned(start.value, PAGE_SIZE));
	CHECK(start.value >= (u64)(uintptr_t)__image_start);
	CHECK(page_count <= ((u64)(uintptr_t)__image_end - start.value) / PAGE_SIZE);
	for (u64 i = 0; i < page_count; i++) {
		u64 address = start.value + i * PAGE_SIZE;
		u64 *entry = &pt[(address - FINE_START) / PAGE_SIZE];
		u64 plain = *entry & ~(private_mask | shared_mask);

		*entry = plain | (private ? private_mask : shared_mask);
		invlpg(address);
	}
}
