/* SPDX-License-Identifier: Apache-2.0 */
/*
 * See psp.h.
 */
#include "monitor/hardware/l1/psp.h"

#include "abi/svm.h"
#include "lib/cpu.h"
#include "lib/string.h"
#include "monitor/hardware/l1/cpuid.h"
#include "monitor/hardware/l1/frame.h"
#include "monitor/hardware/l1/iommu.h"
#include "monitor/hardware/l1/l1.h"
#include "monitor/hardware/l1/pci.h"
#include "monitor/hardware/l1/rmp.h"
#include "monitor/hardware/psp/mailbox.h"
#include "monitor/hardware/snp_root.h"
#include "monitor/machine/end.h"
#include "monitor/machine/memory.h"
#include "monitor/machine/options.h"
#include "monitor/svm/smp.h"
#include "monitor/svm/vmcb.h"

#define VENDOR  0x1022
#define DEVICE  0x14ca
#define CLASS   0x108000
#define BAR     2
#define MSI     0x48
#define RAM_MAX MEMMAP_MAX

/* SNP-FW 8.5 */
#define SNP_SHUTDOWN    0x82
#define SNP_SHUTDOWN_EX 0x86

static struct pci_function function;
static struct psp psp;
static struct psp_mailbox mailbox;
static struct rmp_table no_table;
static struct psp_range ram[RAM_MAX];
static struct psp_machine machine;
static struct snp_platform platform;
static u64 seed, due; /* when the command is answered that waits; 0: none does */
static u16 id;

/* splitmix64: nobody but our own guests depends on these keys. */
static u64 next_random(void)
{
	u64 z = seed += U64_C(0x9e3779b97f4a7c15);

	z = (z ^ z >> 30) * U64_C(0xbf58476d1ce4e5b9);
	z = (z ^ z >> 27) * U64_C(0x94d049bb133111eb);
	return z ^ z >> 31;
}

static void random_bytes(void *context, void *buffer, u64 size)
{
	(void)context;
	for (u64 i = 0; i < size; i++)
		((u8 *)buffer)[i] = (u8)next_random();
}

/* A copy between @buffer and memory as the one with @asid has it. */
static bool copy(u64 pa, u32 asid, u8 *buffer, u64 size, bool to_memory)
{
	if (!l1_has(pa, size))
		return false;
	for (u64 end = pa + size, step; pa < end; pa += step, buffer += step) {
		u64 offset = pa % PAGE_SIZE;
		u8 *memory = (u8 *)l1_frame(pa, asid) + offset;

		step = PAGE_SIZE - offset < end - pa ? PAGE_SIZE - offset : end - pa;
		memcpy(to_memory ? memory : buffer, to_memory ? buffer : memory, step);
	}
	return true;
}

static bool read_memory(void *context, u64 pa, u32 asid, void *buffer, u64 size)
{
	(void)context;
	return copy(pa, asid, buffer, size, false);
}

static bool write_memory(void *context, u64 pa, u32 asid, const void *buffer, u64 size)
{
	(void)context;
	return copy(pa, asid, (void *)(uintptr_t)buffer, size, true);
}

static void set_key(void *context, u32 asid, u32 key)
{
	(void)context;
	l1_frame_key(asid, key);
}

static void processors(void *context, struct psp_processors *p)
{
	const struct l1_msrs *first = &l1_of(&guest.cpus[0])->msrs;

	(void)context;
	*p = (struct psp_processors){ true, true, true, true, true, true };
	for (unsigned int i = 0; i < guest.cpu_count; i++) {
		const struct l1_msrs *m = &l1_of(&guest.cpus[i])->msrs;

		p->mem_encrypt &= !!(m->syscfg & SYSCFG_MEM_ENCRYPT);
		p->snp &= m->syscfg & SYSCFG_SNP_EN && m->syscfg & SYSCFG_VMPL_EN;
		p->mfdm &= !!(m->syscfg & SYSCFG_MFDM);
		p->smm_lock &= !!(m->hwcr & HWCR_SMMLOCK);
		p->hsave_clear &= !m->hsave_pa;
		p->rmp_same &= m->rmp_base == first->rmp_base && m->rmp_end == first->rmp_end;
	}
}

static struct cpuid_values cpuid(void *context, u32 leaf, u32 subleaf)
{
	const struct l1_cpuid state = { L1_CBIT, 0, l1_asid_count(), l1_sev_asid_first() };
	struct cpuid_regs raw = cpuid_raw(leaf, subleaf);

	(void)context;
	return l1_cpuid_get(&state, leaf,
			    (struct cpuid_values){ raw.eax, raw.ebx, raw.ecx, raw.edx });
}

static void rmp_changed(void *context, u64 pa, u64 size)
{
	(void)context;
	l1_frame_forget(pa, size);
	smp_flush(); /* before any processor sees that the command has ended */
}

static unsigned int iommu_ranges(void *context, struct psp_range ranges[PSP_IOMMU_RANGES])
{
	unsigned int i = 0;

	(void)context;
	while (i < PSP_IOMMU_RANGES && l1_iommu_own_memory(i, &ranges[i].base, &ranges[i].size))
		i++;
	return i;
}

static struct psp_machine machine = {
	.read = read_memory,
	.write = write_memory,
	.key = set_key,
	.processors = processors,
	.cpuid = cpuid,
	.random = random_bytes,
	.rmp_changed = rmp_changed,
	.iommu_ranges = iommu_ranges,
	.rmp = &no_table,
	.ram = ram,
	.cbit = L1_ALIAS_BIT,
};

/* RAM as L1 is told, which is known once L1 is loaded. The RMP itself must lie in RAM. */
static void find_ram(void)
{
	machine.ram_count = 0;
	for (unsigned int i = 0; i < guest.map.count && machine.ram_count < RAM_MAX; i++) {
		const struct hvm_memmap_entry *e = &guest.map.entries[i];

		if (e->type == HVM_MEMMAP_RAM)
			ram[machine.ram_count++] = (struct psp_range){ e->addr, e->size };
	}
}

static void interrupt(void *context)
{
	(void)context;
	l1_pci_interrupt(&function);
}

/*
 * A page that nobody can use as it is: a guest's, whom nobody runs, or the firmware's, which nobody
 * reclaims. The I/O MMU's stay so unless the shutdown says otherwise, and so do the table's own.
 */
static bool is_left(u64 pa, const struct rmp_raw *entry)
{
	u64 lo = entry->lo;

	if (!(lo & RMP_RAW_ASSIGNED))
		return false;
	if (rmp_raw_asid(entry))
		return true;
	return lo & RMP_RAW_IMMUTABLE && rmp_raw_gpa(entry) != RMP_IOMMU_GPA &&
	       !rmp_table_covers_itself(machine.rmp, pa, PAGE_SIZE);
}

static void name_leftovers(void)
{
	u64 left = 0;

	for (u64 i = 0; i < machine.rmp->page_count; i++)
		left += is_left(i << PAGE_SHIFT, &machine.rmp->entries[i]);
	if (left)
		TRACE(smp_here()->id, VIOLATION, "name=rmp-left-assigned entries=%#lx", left);
}

static void trace(void *context, u32 command, u64 address, u32 status)
{
	const char *name = psp_command_name(command);

	(void)context;
	TRACE(smp_here()->id, PSP, "command=%s id=%#x address=%#lx status=%#x",
	      name ? name : "none", command, address, status);
	if (tracing && !status && (command == SNP_SHUTDOWN || command == SNP_SHUTDOWN_EX))
		name_leftovers();
}

/* inject=psp-fail, psp-silent: the commands are counted from 1. */
static bool fate(void *context, u32 *status)
{
	static int count;
	int silent = guest.inject[INJECT_PSP_SILENT];

	(void)context;
	if (++count == guest.inject[INJECT_PSP_FAIL])
		*status = PSP_HWERROR_UNSAFE;
	return silent < 0 || count < silent;
}

static bool is_late(void *context)
{
	int ms = guest.inject[INJECT_PSP_LATE];

	(void)context;
	if (ms > 0)
		due = rdtsc() + guest.tsc_khz * (u64)ms;
	return due;
}

void l1_psp_ready(struct vcpu *v)
{
	if (guest.inject[INJECT_PSP_LATE] <= 0)
		return;
	if (due && rdtsc() >= due) {
		due = 0;
		psp_mailbox_answer(&mailbox);
	}
	vmcb_intercept(v->vmcb, VMCB_INTERCEPT_HLT, due);
}

static void write(u64 offset, unsigned int size, u64 value)
{
	if (!machine.ram_count)
		find_ram();
	if (l1_rmp())
		machine.rmp = l1_rmp();
	psp_mailbox_write(&mailbox, offset, size, value);
}

static void written(void) { l1_pci_place(&l1_psp_device, &function, BAR, PSP_BAR_SIZE); }

static void init(void)
{
	seed = rdtsc();
	machine.cpu_count = guest.cpu_count;
	machine.asid_count = l1_asid_count();
	machine.sev_asid_first = l1_sev_asid_first();
	snp_root_platform(&platform);
	platform.fms = cpuid_raw(CPUID_FEATURES, 0).eax;
	machine.platform = &platform;
	psp_init(&psp, &machine);
	mailbox = (struct psp_mailbox){
		.registers = memory_alloc(PSP_BAR_SIZE),
		.psp = &psp,
		.interrupt = interrupt,
		.fate = fate,
		.is_late = is_late,
		.trace = trace,
	};
	psp_mailbox_init(&mailbox);
	l1_psp_device.memory = mailbox.registers;
	pci_function_init(&function, VENDOR, DEVICE, CLASS);
	pci_function_add_bar(&function, BAR, PSP_BAR_SIZE);
	pci_function_add_msi(&function, MSI);
	id = l1_pci_add(&function, written);
}

struct l1_device l1_psp_device = {
	.write = write,
	.init = init,
};

u16 l1_psp_id(void) { return id; }

bool l1_psp_guards_iommu(void) { return psp.rmp_initialized; }

void l1_psp_wbinvd(unsigned int cpu) { psp_wbinvd(&psp, cpu); }
