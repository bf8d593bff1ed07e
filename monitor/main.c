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
#include "monitor/machine/fw_cfg.h"
#include "monitor/machine/machine.h"
#include "monitor/machine/memory.h"
#include "monitor/machine/move.h"
#include "monitor/machine/options.h"
#include "monitor/machine/rtc.h"
#include "monitor/machine/served.h"
#include "monitor/machine/test_root.h"
#include "monitor/machine/traps.h"
#include "monitor/hardware/hardware.h"
#include "monitor/hardware/page_watch.h"
#include "monitor/hardware/state.h"
#include "monitor/host/campaign.h"
#include "monitor/host/guest_map.h"
#include "monitor/host/state.h"
#include "monitor/files.h"
#include "monitor/kind.h"
#include "monitor/platform.h"
#include "monitor/svm/breakpoint.h"
#include "monitor/svm/lie.h"
#include "monitor/svm/npt.h"
#include "monitor/svm/profile.h"
#include "monitor/host/processor.h"
#include "monitor/svm/smp.h"
#include "monitor/host/start.h"
#include "monitor/host/start_rom.h"
#include "monitor/svm/svm.h"

static struct machine machine __kept;
static struct options options;
static struct payload payload;
static const struct kind *kind;
static u8 pic_masks[2] __kept;

static const struct serial_io ports = { inb, outb, outsb };
static struct serial console;

/* SeaBIOS leaves the timer live at vector 8, where our double fault is. */
static void mask_pic(void)
{
	pic_masks[0] = inb(PORT_PIC1_DATA);
	pic_masks[1] = inb(PORT_PIC2_DATA);
	outb(PORT_PIC1_DATA, 0xff);
	outb(PORT_PIC2_DATA, 0xff);
}

/*
 * As the machine's firmware left them, which a guest that is loaded behind it may rely on: one of
 * kvm-unit-tests halts for the timer. Vector 8 is no interrupt where a host's word is looked at;
 * and one that is held has left the PIC, and comes though the guest masks it before it sets IF.
 */
static void unmask_pic(void)
{
	if (guest.hardware->is_encrypted || payload.firmware || options.holds_interrupts)
		return;
	outb(PORT_PIC1_DATA, pic_masks[0]);
	outb(PORT_PIC2_DATA, pic_masks[1]);
}

/* Lets the guest switch its extended state on: XCR0 is shared between monitor and guest. */
static void enable_xsave(void)
{
	if (cpuid_raw(CPUID_FEATURES, 0).ecx & BIT(26))
		write_cr4(read_cr4() | CR4_OSXSAVE);
}

/* From here on no interrupt but through ack_poll(), ack_nmi() and ack_wait(). */
static void enter_svm(unsigned int cpu)
{
	(void)cpu;
	clgi();
	enable_xsave();
}

/* Every processor but the boot processor, which starts them by a kick. */
static void other_main(unsigned int cpu)
{
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

/* The port is the guest's too. */
static void console_write(const char *text, size_t size)
{
	serial_write_amid(&console, text, size);
}

/* The last words come now, of a campaign's driver. */
static void serve(void)
{
	struct options last;
	const char *words;

	if (!options.served)
		return;
	words = served_wait();
	if (!words)
		end_cannot_run("served: nobody says a line at COM2");
	end_served = served_end;
	if (options_parse(&last, words) || campaign_init(&last))
		end_cannot_run("bad monitor options");
}

/* A fault of ours is seen from here on. */
static void console_init(void)
{
	traps_init();
	serial_init(&console, &ports, PORT_COM1);
	log_set_console(console_write);
}

void monitor_first(u32 magic, u64 info)
{
	console_init();
	mask_pic();
	if (machine_init(&machine, magic, info)) /* copies: the loader's memory is used again */
		end_cannot_run("the loader's information is unusable");
	if (machine_init_memory(&machine)) /* not where the loader put modules */
		end_cannot_run("the memory map is too long");
	move_image();
}

void monitor_main(void)
{
	unsigned int cpu_count;
	u64 memory;

	console_init();
	if (options_parse(&options, machine.cmdline))
		end_cannot_run("bad monitor options");
	log_set_quiet(options.quiet);
	if (options.inject[INJECT_CANARY] > 0)
		memory_guard();
	for (unsigned int i = 0; i < options.break_count; i++)
		if (breakpoint_add(options.breaks[i].text, options.breaks[i].length))
			end_cannot_run("bad monitor options");
	if (options.trace || options.break_count)
		trace_init(options.trace, breakpoint_events());
	profiling = tracing && options.trace & ~TRANSCRIPT_USUAL;
	memory = guest_map_memory_end(&machine.map);
	cpu_count = fw_cfg_cpu_count();
	if (cpu_count > AP_MAX)
		end_cannot_run("more processors than the monitor has room for");
	if (ap_start_all(cpu_count) != cpu_count - 1)
		end_cannot_run("a processor does not start");
	if (svm_enable_all(cpu_count, options.inject[INJECT_SVM_REFUSE])) /* all or none */
		end_cannot_run("SVM is not available on every processor");
	smp_init(cpu_count);
	ap_run_all(enter_svm); /* all of them, before a guest can have one kicked */
	enter_svm(0);
	ap_release_all(other_main);
	kind = platform_choose(&options);
	npt_init_tables(memory);
	npt_init(&guest.npt);
	memory = files_firmware(&machine, &payload, memory);
	test_root_init();
	files_test_root(&machine);
	/* The page states, before anything is assigned. */
	guest.hardware->init(memory >> PAGE_SHIFT);
	page_watch_init();
	if (campaign_init(&options))
		end_cannot_run("bad monitor options");
	if (options.inject[INJECT_KVM_HIDE] > 0)
		hardware.cpuid.kvm_features &= ~(u32)options.inject[INJECT_KVM_HIDE];
	acpi_read(&guest.acpi, machine.rsdp ? machine.rsdp : (u64)machine.rsdp_copy);
	chipset_init();
	acpi_hide(&guest.acpi, "MCFG"); /* configuration space is reached by ports alone */
	guest.tsc_khz = rtc_tsc_khz(guest.acpi.pm_timer);
	make_processors();
	files_take(&machine, &payload, options.guest_cmdline);
	files_td_ids(&machine);
	files_snp_launch(&machine);
	if (guest_map_make(&machine))
		end_cannot_run("the memory map is too long");
	payload.rsdp = machine.rsdp;
	if (start_load(&guest.cpus[0], &payload))
		end_cannot_run("the guest cannot be loaded");
	log_start();
	serve();
	start_early();
	unmask_pic();
	campaign_start(&guest.cpus[0]);
	guest.hardware->run(&guest.cpus[0]);
}
