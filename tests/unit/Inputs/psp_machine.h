/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A machine for the PSP's tests: RAM with an RMP at its end, in which a guest's memory is scrambled
 * by its ASID, as far as a host without that ASID can see.
 */
#pragma once

#undef NDEBUG
#include <assert.h>
#include <string.h>

#include "monitor/hardware/psp/firmware.h"

#define M1 U64_C(0x100000)
#define M2 U64_C(0x200000)
#define P  ((u64)PAGE_SIZE)
#ifndef RAM
#define RAM      (16 * M1)
#define RMP      (14 * M1)
#define RMP_SIZE (2 * M1)
#endif
#define ASIDS   20
#define ES_ASID 9 /* ASIDs below are of SEV-ES and SNP guests */
#define CPUS    2

static _Alignas(PAGE_SIZE) u8 ram[RAM];
static struct rmp_table table;
static struct psp psp;
static struct psp_processors processors;
static struct psp_range iommu_page = { 3 * P, 2 * P };
static u64 changed_pa, changed_size;
static unsigned int random_calls;

/* The RMP's own memory is not the host's to give: nobody else reads or writes it. */
static bool fits(u64 pa, u64 size)
{
	return pa < RAM && size <= RAM - pa && (pa >= RMP + RMP_SIZE || pa + size <= RMP);
}

static u32 asid_keys[PSP_ASID_COUNT];

/* What an address of @asid is enciphered with; the host's is not. */
static u8 key(u32 asid) { return asid ? (u8)(asid * 37 + asid_keys[asid] * 3 + 1) : 0; }

static void machine_key(void *context, u32 asid, u32 number)
{
	(void)context;
	asid_keys[asid] = number;
}

static bool machine_read(void *context, u64 pa, u32 asid, void *buffer, u64 size)
{
	(void)context;
	if (!fits(pa, size))
		return false;
	for (u64 i = 0; i < size; i++)
		((u8 *)buffer)[i] = ram[pa + i] ^ key(asid);
	return true;
}

static bool machine_write(void *context, u64 pa, u32 asid, const void *buffer, u64 size)
{
	(void)context;
	if (!fits(pa, size))
		return false;
	for (u64 i = 0; i < size; i++)
		ram[pa + i] = ((const u8 *)buffer)[i] ^ key(asid);
	return true;
}

static void machine_processors(void *context, struct psp_processors *p)
{
	(void)context;
	*p = processors;
}

static struct cpuid_values machine_cpuid(void *context, u32 leaf, u32 subleaf)
{
	(void)context;
	switch (leaf) {
	case 0: return (struct cpuid_values){ 0x10, 1, 2, 3 };
	case 1: return (struct cpuid_values){ 0x00a00f11, 0x000208ff, 0x76f8320b, 0x178bfbff };
	case 7: return (struct cpuid_values){ subleaf ? 0 : 1, 0x209c01a9, 0x00400004, 0 };
	case 0xd:
		if (subleaf == 0)
			return (struct cpuid_values){ 0x7, 0x340, 0x340, 0 };
		if (subleaf == 1)
			return (struct cpuid_values){ 0xf, 0x340, 0, 0 };
		if (subleaf == 2)
			return (struct cpuid_values){ 0x100, 0x240, 0, 0 };
		break;
	case 0x80000000: return (struct cpuid_values){ 0x80000021, 1, 2, 3 };
	case 0x80000001: return (struct cpuid_values){ 0x00a00f11, 0, 0x75c237ff, 0x2fd3fbff };
	case 0x80000008: return (struct cpuid_values){ 0x00003030, 0x111ed205, 0x1001, 0x10000 };
	case 0x8000001f: return (struct cpuid_values){ 0x1a, 0x000040b3, ASIDS, ES_ASID };
	}
	return (struct cpuid_values){ 0, 0, 0, 0 };
}

static void machine_random(void *context, void *buffer, u64 size)
{
	(void)context;
	memset(buffer, (int)++random_calls, size);
}

static void machine_rmp_changed(void *context, u64 pa, u64 size)
{
	(void)context;
	changed_pa = pa;
	changed_size = size;
}

static unsigned int machine_iommu(void *context, struct psp_range ranges[PSP_IOMMU_RANGES])
{
	(void)context;
	ranges[0] = iommu_page;
	return 1;
}

static const struct psp_range all_ram[] = { { 0, 0xa0000 }, { M1, RAM - M1 } };

static const struct snp_platform test_platform = {
	.root = { .chip_id = "EMULATED",
		  .current_tcb = U64_C(0xd316000000000004),
		  .reported_tcb = U64_C(0xd316000000000004),
		  .committed_tcb = U64_C(0xd316000000000004),
		  .launch_tcb = U64_C(0xd316000000000004) },
	.vcek = { 1, 2, 3 },
	.vlek = { 4, 5, 6 },
	.reported_tcb = U64_C(0xd316000000000004),
	.fms = 0x00a00f11,
	.version = 3,
};

static const struct psp_machine machine = {
	.read = machine_read,
	.write = machine_write,
	.key = machine_key,
	.processors = machine_processors,
	.cpuid = machine_cpuid,
	.random = machine_random,
	.rmp_changed = machine_rmp_changed,
	.iommu_ranges = machine_iommu,
	.rmp = &table,
	.ram = all_ram,
	.ram_count = 2,
	.cbit = BIT(47),
	.asid_count = ASIDS,
	.sev_asid_first = ES_ASID,
	.cpu_count = CPUS,
	.platform = &test_platform,
};

/* A machine whose processors have SNP enabled, with nothing initialised. */
static inline void machine_reset(void)
{
	memset(ram, 0, sizeof(ram));
	assert(!rmp_table_init(&table, ram + RMP, RMP, RMP_SIZE));
	processors = (struct psp_processors){ true, true, true, true, true, true };
	random_calls = 0;
	psp_init(&psp, &machine);
}

/* By a buffer at @at, which the host has given to the firmware where the command wants that. */
static inline u32 issue_at(u32 id, u64 at, void *cmd, u64 size)
{
	u32 status;

	memcpy(ram + at, cmd, size);
	status = psp_command(&psp, id, at);
	memcpy(cmd, ram + at, size);
	return status;
}

#define BUFFER (8 * P)
#define ISSUE(id, ...)                                                                             \
	({                                                                                         \
		__VA_ARGS__;                                                                       \
		issue_at(id, BUFFER, &cmd, sizeof(cmd));                                           \
	})

static inline u32 update(u64 pa, struct rmp_state state)
{
	return rmp_table_update(&table, pa, &state);
}

static inline void make_firmware(u64 pa)
{
	assert(!update(pa, (struct rmp_state){ .assigned = 1, .immutable = 1 }));
}

static inline void make_pre_guest(u64 pa, u64 gpa, u32 asid, bool large)
{
	assert(!update(pa, (struct rmp_state){ .gpa = gpa,
					       .assigned = 1,
					       .page_size = large,
					       .immutable = 1,
					       .asid = asid }));
}

static inline enum psp_page_state state_at(u64 pa)
{
	struct psp_page page;

	assert(!psp_page_get(&psp, pa, &page));
	return page.state;
}

static inline void flush(void)
{
	for (unsigned int cpu = 0; cpu < CPUS; cpu++)
		psp_wbinvd(&psp, cpu);
	assert(!psp_command(&psp, 0x0a, 0));
}

static inline void snp_ready(void)
{
	machine_reset();
	assert(!psp_command(&psp, 0x81, 0));
	flush();
}
