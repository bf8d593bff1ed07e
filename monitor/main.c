/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The monitor, from its loader's hand-over to the guest's first instruction: a list of steps.
 */
#include "abi/ghcb.h"
#include "lib/compiler.h"
#include "lib/cpu.h"
#include "lib/log.h"
#include "lib/serial.h"
#include "monitor/machine/ap.h"
#include "monitor/machine/chipset.h"
#include "monitor/machine/end.h"
#include "monitor/machine/entry.h"
#include "monitor/machine/file.h"
#include "monitor/machine/fw_cfg.h"
#include "monitor/machine/machine.h"
#include "monitor/machine/memory.h"
#include "monitor/machine/move.h"
#include "monitor/machine/options.h"
#include "monitor/machine/rtc.h"
#include "monitor/machine/traps.h"
#include "monitor/hardware/hardware.h"
#include "monitor/hardware/state.h"
#include "monitor/host/guest_map.h"
#include "monitor/host/state.h"
#include "monitor/kind.h"
#include "monitor/svm/lie.h"
#include "monitor/svm/npt.h"
#include "monitor/host/processor.h"
#include "monitor/svm/smp.h"
#include "monitor/host/start.h"
#include "monitor/host/start_rom.h"
#include "monitor/svm/svm.h"

#define GUEST_ASID 1 /* 0 is the monitor's */

static struct machine machine __kept;
static struct options options;
static struct payload payload;
static const struct kind *kind;

static const struct serial_io ports = { inb, outb, outsb };

static noreturn_t cannot_run(const char *why)
{
	log_error("cannot run: %s", why);
	end_run(EXIT_CODE_CANNOT_RUN);
}

static noreturn_t no_room(const char *what, const struct file *file)
{
	log_error("cannot run: there is no room for the %s, of %lu KiB", what,
		  align_up(file->source.size, (u64)1024) >> 10);
	end_run(EXIT_CODE_CANNOT_RUN);
}

static bool find_file(const char *file_name, const char *module_name, struct file *file)
{
	int error = file_find(&machine, file_name, module_name, file);

	if (error == -E_NOSPC)
		no_room(module_name, file);
	return !error;
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

/* ghcb=1, which a guest can live with; or any by inject=ghcb-version, a host that is too old. */
static u16 ghcb_version(void)
{
	if (options.ghcb_1 && guest.hardware != &hardware_sev_es)
		cannot_run("ghcb=1 is for an SEV-ES guest");
	if (options.inject[INJECT_GHCB_VERSION] >= 0)
		return (u16)options.inject[INJECT_GHCB_VERSION];
	return options.ghcb_1 ? GHCB_PROTOCOL_MIN : GHCB_PROTOCOL_MAX;
}

/* What kind of guest, and its alias bit: the highest address bit that nested paging translates. */
static void choose_platform(void)
{
	unsigned int address_bits = cpuid_raw(CPUID_ADDRESS_SIZES, 0).eax & 0xff;
	unsigned int walked_bits = host_levels == 5 ? 52 : 48;
	unsigned int bit = (address_bits < walked_bits ? address_bits : walked_bits) - 1;

	kind = kind_find(options.platform);
	if (!kind) {
		log_error("unknown option 'platform=%s'", options.platform);
		cannot_run("bad monitor options");
	}
	guest.hardware = kind->hardware;
	guest.host = kind->host;
	bit = guest.hardware->alias_bit(bit);
	if (guest.hardware->is_encrypted && !bit)
		cannot_run("the processor's physical addresses are too short for a C-bit");
	if (options.features && guest.hardware != &hardware_snp)
		cannot_run("features= is for an SNP guest");
	guest.features = options.features;
	host.ghcb_version = ghcb_version();
	guest.intercept_rdtsc = options.intercept_rdtsc;
	host.ends_machine = options.ends_machine;
	hardware.strict_map_gpa = options.strict_map_gpa;
	hardware.page_size = options.page_size;
	guest.lenient = options.lenient;
	guest.own_time = options.own_time;
	if (guest.own_time && guest.cpu_count > 1)
		cannot_run("tsc=own: processors would disagree about the time");
	if (options.own_time && options.features & FEATURE_SECURE_TSC)
		cannot_run("tsc=own: with features=secure-tsc the TSC is the firmware's");
	guest.npt.asid = GUEST_ASID;
	guest.npt.alias_is_shared = guest.hardware->alias_is_shared;
	guest.npt.alias_bit = guest.hardware->is_encrypted ? BIT(bit) : 0;
	guest.inject = options.inject;
	for (unsigned int i = 0; i < INJECT_COUNT; i++)
		guest.is_injecting |= options.inject[i] >= 0;
	guest.npt.ignored_bit = lie_ignored_bit();
	hardware.cpuid.raw = raw_cpuid;
}

/* Lets the guest switch its extended state on: XCR0 is shared between monitor and guest. */
static void enable_xsave(void)
{
	if (cpuid_raw(CPUID_FEATURES, 0).ecx & BIT(26))
		write_cr4(read_cr4() | CR4_OSXSAVE);
}

/* From here on no interrupt but through ack_poll(), ack_nmi() and ack_wait(). */
static void enter_svm(void)
{
	clgi();
	enable_xsave();
}

/* Every processor but the boot processor, which starts them by a kick. */
static void other_main(unsigned int cpu)
{
	enter_svm();
	smp_wait_first(&guest.cpus[cpu]);
	guest.hardware->run(&guest.cpus[cpu]);
}

static void make_processors(void)
{
	for (unsigned int i = 0; i < guest.cpu_count; i++)
		processor_init(&guest.cpus[i]);
	if (guest.cpu_count == 1) /* others are the monitor's */
		acpi_hide_processors(&guest.acpi, guest.cpus[0].apic_id);
}

/* Returns the end of memory, a firmware image's pages included. */
static u64 take_firmware(u64 memory)
{
	static struct file file;

	if (!find_file("opt/postern/firmware", "firmware", &file))
		return memory;
	payload.firmware_size = file.source.size;
	payload.firmware = file_load(&file);
	if (!payload.firmware)
		no_room("firmware", &file);
	if (rom_init(payload.firmware, payload.firmware_size))
		cannot_run("the firmware image has a wrong size");
	return memory > U64_C(1) << 32 ? memory : U64_C(1) << 32;
}

/* What the owner of a TD has its launch say of it: MRCONFIGID, MROWNER, MROWNERCONFIG. TDX-ABI */
static void take_td_ids(void)
{
	static struct file file;
	struct tdx_td_info *info = &hardware.td.info;

	if (!find_file("opt/postern/td-ids", "td-ids", &file))
		return;
	if (file.source.size != 3 * TDX_HASH_SIZE)
		cannot_run("the ids of a TD have a wrong size");
	source_read(&file.source, 0, info->mrconfigid, TDX_HASH_SIZE);
	source_read(&file.source, TDX_HASH_SIZE, info->mrowner, TDX_HASH_SIZE);
	source_read(&file.source, 2 * TDX_HASH_SIZE, info->mrownerconfig, TDX_HASH_SIZE);
}

/* The command line is a file too, so that it takes no room from ours, nor ours from it. */
static void take_files(void)
{
	static struct file file;

	if (!find_file("opt/postern/guest", "guest", &payload.image) && !payload.firmware)
		cannot_run("no guest: neither opt/postern/guest nor a module 'guest'");
	(void)find_file("opt/postern/initrd", "initrd", &payload.initrd);
	if (find_file("opt/postern/kernel-hashes", "kernel-hashes", &file)) {
		payload.hashes = file_load(&file);
		payload.hashes_size = file.source.size;
		if (!payload.hashes)
			no_room("kernel-hashes", &file);
	}
	payload.cmdline = options.guest_cmdline;
	if (find_file("opt/postern/cmdline", "cmdline", &file))
		payload.cmdline = file_load(&file);
	if (!payload.cmdline)
		no_room("cmdline", &file);
}

/* A host may start a processor before anybody asks for it. */
static void start_early(void)
{
	int cpu = guest.inject[INJECT_CPU_START_EARLY];

	if (cpu > 0 && (unsigned int)cpu < guest.cpu_count &&
	    startup_on_init(&guest.cpus[cpu].startup) &&
	    startup_on_sipi(&guest.cpus[cpu].startup, 0))
		smp_kick(&guest.cpus[0], &guest.cpus[cpu]);
}

static void log_start(void)
{
	if (guest.hardware->is_encrypted)
		log_info("%s %u, %u-level nested paging, %lu KiB of monitor", kind->description,
			 (unsigned int)__builtin_ctzll(guest.npt.alias_bit), host_levels,
			 (guest.own_high - guest.own_low) >> 10);
	else
		log_info("%s, %u-level nested paging", kind->description, host_levels);
}

/* A fault of ours is seen from here on. */
static void console_init(void)
{
	traps_init();
	serial_init(&ports, PORT_COM1);
	log_set_console(serial_write);
}

void monitor_first(u32 magic, u64 info)
{
	console_init();
	mask_pic();
	if (machine_init(&machine, magic, info)) /* copies: the loader's memory is used again */
		cannot_run("the loader's information is unusable");
	if (machine_init_memory(&machine)) /* not where the loader put modules */
		cannot_run("the memory map is too long");
	move_image();
}

void monitor_main(void)
{
	unsigned int cpu_count;
	u64 memory;

	console_init();
	if (options_parse(&options, machine.cmdline))
		cannot_run("bad monitor options");
	log_set_quiet(options.quiet);
	if (options.inject[INJECT_CANARY] > 0)
		memory_guard();
	if (options.trace)
		trace_init(options.trace);
	memory = guest_map_memory_end(&machine.map);
	cpu_count = fw_cfg_cpu_count();
	if (cpu_count > AP_MAX)
		cannot_run("more processors than the monitor has room for");
	if (ap_start_all(cpu_count) != cpu_count - 1)
		cannot_run("a processor does not start");
	if (svm_enable_all(cpu_count, options.inject[INJECT_SVM_REFUSE])) /* all or none */
		cannot_run("SVM is not available on every processor");
	smp_init(cpu_count);
	ap_release_all(other_main);
	enter_svm();
	choose_platform();
	if (guest.hardware->is_alone && cpu_count > 1)
		cannot_run("an SNP host has one processor here");
	npt_init_tables(memory);
	npt_init(&guest.npt);
	memory = take_firmware(memory);
	/* The page states, before anything is assigned. */
	guest.hardware->init(memory >> PAGE_SHIFT);
	if (options.inject[INJECT_KVM_HIDE] > 0)
		hardware.cpuid.kvm_features &= ~(u32)options.inject[INJECT_KVM_HIDE];
	acpi_read(&guest.acpi, machine.rsdp ? machine.rsdp : (u64)machine.rsdp_copy);
	chipset_init();
	acpi_hide(&guest.acpi, "MCFG"); /* configuration space is reached by ports alone */
	guest.tsc_khz = rtc_tsc_khz(guest.acpi.pm_timer);
	make_processors();
	take_files();
	take_td_ids();
	if (guest_map_make(&machine))
		cannot_run("the memory map is too long");
	payload.rsdp = machine.rsdp;
	if (start_load(&guest.cpus[0], &payload))
		cannot_run("the guest cannot be loaded");
	log_start();
	start_early();
	guest.hardware->run(&guest.cpus[0]);
}
