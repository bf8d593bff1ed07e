/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The machine's processors as the host tells of them, copied once: from ACPI's MADT, or, where our
 * own ROM was the loader, from fw_cfg. A claim, not a fact: who does not answer is not there.
 */
#pragma once

#include "early/boot_info.h"
#include "early/percpu.h"

struct boot_cpus {
	u32 count;             /* 0: the host tells nothing, there is this one */
	u32 left_out;          /* beyond CPU_MAX */
	u32 apic_ids[CPU_MAX]; /* the boot processor's among them, no two the same */
	/* ACPI 5.2.12.19: where processors wait to be woken; 0: none */
	u64 mailbox;
};

/* After boot_info_init() and boot_info_ask(). A refusal is one processor, and a sentence. */
void boot_cpus_init(void);
const char *boot_cpus_error(void);
extern struct boot_cpus boot_cpus;
