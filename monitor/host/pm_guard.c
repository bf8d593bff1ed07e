/* SPDX-License-Identifier: Apache-2.0 */
/*
 * See pm_guard.h. Spec: Intel 82371AB (PIIX4) 7.3, ICH9 13.8, ACPI 6.5 4.8.3, as QEMU has them.
 */
#include "monitor/host/pm_guard.h"

#include "lib/cpu.h"
#include "lib/log.h"
#include "monitor/host/state.h"
#include "monitor/machine/chipset.h"
#include "monitor/machine/end.h"
#include "monitor/machine/ports.h"
#include "monitor/svm/pages.h"
#include "monitor/svm/stop.h"

#define PM1_CNT    4
#define PM_TMR     8
#define SCI_EN     BIT(0)
#define PM_SMI     0x30 /* ICH9: SMI_EN, SMI_STS */
#define PM_SMI_END 0x38
/* ICH9's TCO: its watchdog resets the machine, and TCO_DAT_IN asks for an SMI past SMI_EN. */
#define PM_TCO_RLD 0x60
#define PM_TCO_IN  0x62
#define PM_TCO_CNT 0x68
#define PM_TCO_END 0x6a
#define TCO_HALT   BIT(11) /* of TCO1_CNT */
#define SLP_TYP_S5 0       /* QEMU's \_S5 package */

static u16 pm_base; /* 0: nowhere */

u16 pm_guard_base(void) { return pm_base; }

void pm_guard_find(void) { pm_base = chipset_pm_base(); }

void pm_guard_set_sci(bool on)
{
	u16 value;

	if (!pm_base)
		return;
	value = inw(pm_base + PM1_CNT) & (u16)~SCI_EN;
	outw(pm_base + PM1_CNT, on ? value | (u16)SCI_EN : value);
}

/* Off is how a run ends well. From S3 the machine's firmware comes back to where the guest says. */
static void sleep_out(struct vcpu *v, u32 value)
{
	if (PM1_CNT_SLP_TYP(value) != SLP_TYP_S5)
		stop_crashed(v, "it suspended the machine, which the monitor would not survive");
	log_info("the guest powered off");
	if (!host.ends_machine || !pm_base)
		end_run(EXIT_CODE_SUCCESS);
	end_close();
	outw(pm_base + PM1_CNT, (u16)value);
	end_wait();
}

/* No reload, no data in, and the timer stays halted: QEMU has TCO1_CNT by its first byte. */
static void tco_out(u16 port, unsigned int size, u32 value)
{
	for (unsigned int i = 0; i < size; i++, value >>= 8) {
		unsigned int offset = port + i - pm_base;

		if (offset == PM_TCO_CNT)
			machine_port_out((u16)(port + i), 2, (value & 0xffff) | (u32)TCO_HALT);
		else if (offset < PM_TCO_RLD || offset > PM_TCO_CNT + 1 ||
			 (offset > PM_TCO_IN && offset < PM_TCO_CNT))
			machine_port_out((u16)(port + i), 1, value & 0xff);
	}
}

void pm_guard_out(struct vcpu *v, u16 port, unsigned int size, u32 value)
{
	unsigned int offset = port - pm_base;
	u32 control = offset == PM1_CNT + 1 ? value << 8 : value;
	bool is_ich9 = chipset_has_smi_enable();

	if ((offset == PM1_CNT || offset == PM1_CNT + 1) && control & PM1_CNT_SLP_EN)
		sleep_out(v, control);
	if (is_ich9 && offset < PM_TCO_END && offset + size > PM_TCO_RLD)
		tco_out(port, size, value);
	else if (!is_ich9 || offset < PM_SMI || offset >= PM_SMI_END)
		machine_port_out(port, size, value);
}

/*
 * The registers as ACPI's tables have them, which were made for the machine's own firmware. The
 * guest's may have moved them since, as OVMF does on `pc`, and its system looks here: GRUB's clock
 * waits for the timer for ever. 0: the tables have none.
 */
u16 pm_guard_tables_base(void) { return guest.acpi.pm_timer ? guest.acpi.pm_timer - PM_TMR : 0; }

static u16 moved(u16 port) { return (u16)(port - pm_guard_tables_base() + pm_base); }

u32 pm_guard_tables_in(u16 port, unsigned int size)
{
	return machine_port_in(pm_base ? moved(port) : port, size);
}

void pm_guard_tables_out(struct vcpu *v, u16 port, unsigned int size, u32 value)
{
	u16 offset = port - pm_guard_tables_base();
	u32 control = offset == PM1_CNT + 1 ? value << 8 : value;

	if (pm_base)
		pm_guard_out(v, moved(port), size, value);
	else if ((offset == PM1_CNT || offset == PM1_CNT + 1) && control & PM1_CNT_SLP_EN)
		sleep_out(v, control);
}
