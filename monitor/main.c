/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The monitor, from its loader's hand-over to the guest's first instruction: a list of steps.
 */
#include "lib/compiler.h"
#include "lib/cpu.h"
#include "lib/log.h"
#include "lib/panic.h"
#include "lib/serial.h"
#include "lib/string.h"
#include "monitor/host/ap.h"
#include "monitor/host/end.h"
#include "monitor/host/entry.h"
#include "monitor/host/fw_cfg.h"
#include "monitor/host/machine.h"
#include "monitor/host/memory.h"
#include "monitor/host/options.h"
#include "monitor/host/rtc.h"
#include "monitor/host/traps.h"
#include "monitor/svm/exit.h"
#include "monitor/svm/npt.h"
#include "monitor/svm/start.h"
#include "monitor/svm/svm.h"
#include "monitor/svm/vmcb.h"

/* In the index of the top level of nested tables, and above any memory. */
#define CBIT_MIN 39
#define RSDP_END 0x100000

static struct machine machine;
static struct options options;
static struct payload payload;
static struct vcpu boot_cpu;

static const struct serial_io ports = { inb, outb, outsb };

static noreturn_t cannot_run(const char *why)
{
	log_error("cannot run: %s", why);
	end_run(EXIT_CODE_CANNOT_RUN);
}

/* SeaBIOS leaves the timer live at vector 8, where our double fault is. */
static void mask_pic(void)
{
	outb(PORT_PIC1_DATA, 0xff);
	outb(PORT_PIC2_DATA, 0xff);
}

static struct cpuid_values raw_cpuid(void *context, u32 leaf, u32 subleaf)
{
	struct cpuid_regs r = cpuid_raw(leaf, subleaf);

	(void)context;
	return (struct cpuid_values){ r.eax, r.ebx, r.ecx, r.edx };
}

/* What kind of guest, where its C-bit is: the highest address bit that nested paging translates. */
static void choose_platform(void)
{
	u32 sev = CPUID_SEV_EAX_SEV | CPUID_SEV_EAX_SEV_ES | CPUID_SEV_EAX_SEV_SNP;
	unsigned int address_bits = cpuid_raw(CPUID_ADDRESS_SIZES, 0).eax & 0xff;
	unsigned int walked_bits = host_levels == 5 ? 52 : 48;
	unsigned int cbit = (address_bits < walked_bits ? address_bits : walked_bits) - 1;

	if (options.snp && cbit < CBIT_MIN)
		cannot_run("the processor's physical addresses are too short for a C-bit");
	guest.snp = options.snp;
	guest.intercept_rdtsc = options.intercept_rdtsc;
	guest.cbit_mask = options.snp ? BIT(cbit) : 0;
	cpuid_model_init(&guest.cpuid, raw_cpuid, NULL, options.snp ? sev : 0, cbit, 1);
}

/* The file @file_name of QEMU's, else the loader's module @module_name. */
static const void *take_file(const char *file_name, const char *module_name, u64 *size)
{
	struct fw_cfg_file file;
	void *to;

	if (fw_cfg_find(file_name, &file)) {
		*size = file.size;
		to = memory_alloc(file.size);
		fw_cfg_read(&file, to);
		return to;
	}
	for (unsigned int i = 0; i < machine.module_count; i++) {
		const struct machine_module *m = &machine.modules[i];

		if (strcmp(m->name, module_name))
			continue;
		*size = m->size;
		to = memory_alloc(m->size);
		memcpy(to, (const void *)m->start, m->size);
		return to;
	}
	return NULL;
}

static int set_map(u64 start, u64 end, u32 type)
{
	start = align_down(start, (u64)PAGE_SIZE);
	return memmap_set(&guest.map, start, align_up(end, (u64)PAGE_SIZE) - start, type);
}

/* What firmware reserved right behind RAM is memory too. */
static u64 end_of_low_memory(const struct memmap *map)
{
	u64 end = 0;

	for (unsigned int i = 0; i < map->count; i++) {
		const struct hvm_memmap_entry *e = &map->entries[i];

		if (e->addr + e->size > U64_C(1) << 32)
			break;
		if (e->type == HVM_MEMMAP_RAM || e->addr == end)
			end = e->addr + e->size;
	}
	return end;
}

/* The firmware's memory that ACPI's tables are in. */
static void retype_acpi(void)
{
	for (unsigned int i = 0; i < guest.map.count; i++) {
		struct hvm_memmap_entry *e = &guest.map.entries[i];

		if (guest.acpi.tables - e->addr < e->size && e->type == HVM_MEMMAP_RESERVED)
			e->type = HVM_MEMMAP_ACPI;
	}
}

/* Where firmware has no RSDP in its own memory (UEFI), the loader's copy gets a page. */
static int place_rsdp(void)
{
	if (machine.rsdp)
		return set_map(machine.rsdp, machine.rsdp + 1, HVM_MEMMAP_ACPI);
	if (!machine.rsdp_size)
		return 0;
	if (memmap_find_low(&guest.map, PAGE_SIZE, PAGE_SIZE, PAGE_SIZE, RSDP_END, &machine.rsdp))
		return -E_NOMEM;
	memcpy((void *)machine.rsdp, machine.rsdp_copy, machine.rsdp_size);
	return set_map(machine.rsdp, machine.rsdp + 1, HVM_MEMMAP_ACPI);
}

/*
 * The map that the guest is told: ACPI's tables in memory of that type, which Linux maps as
 * private; the monitor cut out.
 */
static int make_guest_map(void)
{
	int error;

	guest.map = machine.map;
	guest.ram_end_low = end_of_low_memory(&machine.map);
	guest.own_low = memory_low();
	guest.own_high = memory_high();
	retype_acpi(); /* first: reserved ranges that touch become one */
	error = place_rsdp();
	if (!error)
		error = set_map((u64)monitor_start, (u64)monitor_end, HVM_MEMMAP_RESERVED);
	return error ? error : set_map(guest.own_low, guest.own_high, HVM_MEMMAP_RESERVED);
}

static u64 memory_end(const struct memmap *map)
{
	u64 high = memmap_ram_end(map), low = end_of_low_memory(map);

	return high > low ? high : low;
}

/* Lets the guest switch its extended state on: XCR0 is shared between monitor and guest. */
static void enable_xsave(void)
{
	if (cpuid_raw(CPUID_FEATURES, 0).ecx & BIT(26))
		write_cr4(read_cr4() | CR4_OSXSAVE);
}

static void make_boot_cpu(void)
{
	struct vcpu *v = &boot_cpu;

	v->apic_id = cpuid_raw(CPUID_FEATURES, 0).ebx >> 24;
	v->protocol = (struct msr_protocol){
		.rmp = &guest.rmp,
		.cpuid = &guest.cpuid,
		.features = GHCB_HV_FEATURE_SNP | GHCB_HV_FEATURE_AP_CREATION,
		.cbit = guest.cpuid.cbit,
		.registered_gpa = GHCB_UNREGISTERED,
	};
}

static void log_start(void)
{
	if (options.snp)
		log_info("SEV-SNP emulated, C-bit %u, %u-level nested paging, %lu KiB of monitor",
			 guest.cpuid.cbit, host_levels,
			 (guest.own_high - guest.own_low + (u64)(monitor_end - monitor_start)) >>
				 10);
	else
		log_info("plain guest, %u-level nested paging", host_levels);
}

void monitor_main(u32 magic, u64 info)
{
	unsigned int cpu_count;
	u64 memory;

	traps_init(); /* a fault of ours is seen from here on */
	serial_init(&ports, PORT_COM1);
	log_set_console(serial_write);
	mask_pic();
	if (machine_init(&machine, magic, info)) /* copies: the loader's memory is used again */
		cannot_run("the loader's information is unusable");
	if (options_parse(&options, machine.cmdline))
		cannot_run("bad monitor options");
	log_set_quiet(options.quiet);
	if (options.trace)
		trace_init();
	memory_init(&machine.map);
	memory = memory_end(&machine.map);
	cpu_count = fw_cfg_cpu_count();
	if (cpu_count > AP_MAX || ap_start_all(cpu_count) != cpu_count - 1)
		cannot_run("a processor does not start");
	if (svm_enable_all(cpu_count, options.refuse_svm)) /* all or none */
		cannot_run("SVM is not available on every processor");
	ap_park_all(); /* the guest has one processor so far */
	clgi();        /* from here on no interrupt but through ack_poll() and ack_wait() */
	enable_xsave();
	choose_platform();
	boot_cpu.vmcb = memory_alloc(PAGE_SIZE);
	npt_init(memory);
	if (guest.snp) /* the page table of states, before anything is assigned */
		rmp_init(&guest.rmp, memory_alloc(rmp_entries_size(memory >> PAGE_SHIFT)),
			 memory >> PAGE_SHIFT);
	guest.tsc_khz = rtc_tsc_khz();
	acpi_read(&guest.acpi, machine.rsdp ? machine.rsdp : (u64)machine.rsdp_copy);
	vmcb_init(&boot_cpu);
	make_boot_cpu();
	acpi_hide_processors(&guest.acpi, boot_cpu.apic_id);
	payload.image = take_file("opt/postern/guest", "guest", &payload.image_size);
	payload.initrd = take_file("opt/postern/initrd", "initrd", &payload.initrd_size);
	payload.cmdline = options.guest_cmdline;
	if (!payload.image)
		cannot_run("no guest: neither opt/postern/guest nor a module 'guest'");
	if (make_guest_map())
		cannot_run("the memory map is too long");
	payload.rsdp = machine.rsdp;
	if (start_load(&boot_cpu, &payload))
		cannot_run("the guest cannot be loaded");
	log_start();
	exit_loop(&boot_cpu);
}
