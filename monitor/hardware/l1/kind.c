/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The kind of guest that L1 is for what loads it: one that has all memory to itself.
 */
#include "monitor/hardware/default.h"
#include "monitor/hardware/hardware.h"
#include "monitor/hardware/l1/frame.h"
#include "monitor/hardware/l1/l1.h"
#include "monitor/svm/stop.h"

static unsigned int l1_alias_bit(unsigned int highest)
{
	(void)highest;
	return 0;
}

static void l1_kind_init(u64 page_count) { l1_init(page_count); }

static int l1_assign(u64 gpa, u64 size, enum launch_memory memory)
{
	(void)gpa, (void)size, (void)memory;
	return 0;
}

static bool l1_access(struct vcpu *v, u64 address, enum access_kind kind)
{
	(void)v, (void)kind;
	if (l1_has(address, 1))
		(void)l1_frame(address, 0);
	return true;
}

static bool yes(u64 gpa)
{
	(void)gpa;
	return true;
}

static bool no(u64 gpa)
{
	(void)gpa;
	return false;
}

static u64 l1_alike(u64 gpa, u64 *size)
{
	*size = PAGE_SIZE;
	return align_down(gpa, (u64)PAGE_SIZE);
}

static void l1_poisoned(u64 gpa, u64 size) { (void)gpa, (void)size; }

/* Its exits are l1_run()'s. */
static noreturn_t never(struct vcpu *v) { stop_crashed(v, "an exit of another kind of guest"); }

static void l1_device_hook(struct vcpu *v, u64 address, u64 info)
{
	(void)address, (void)info;
	never(v);
}

static void l1_msr(struct vcpu *v, const struct msr_access *access)
{
	(void)access;
	never(v);
}

static void l1_insn(struct vcpu *v, const struct insn *insn)
{
	(void)insn;
	never(v);
}

static void l1_host_exit(struct vcpu *v, u64 code)
{
	(void)code;
	never(v);
}

const struct hardware_ops hardware_snp_host = {
	.has_ports = true,
	.is_state_open = true,
	.startup = STARTUP_BY_SIPI,
	.alias_bit = l1_alias_bit,
	.init = l1_kind_init,
	.intercept = default_intercept,
	.launch = l1_launch,
	.assign = l1_assign,
	.fill_section = default_fill_section,
	.access = l1_access,
	.is_shared = yes,
	.is_poison = no,
	.host_access = yes,
	.host_takes = default_host_takes,
	.alike = l1_alike,
	.poisoned = l1_poisoned,
	.is_read_only = no,
	.device = l1_device_hook,
	.msr = l1_msr,
	.write_cr = default_write_cr,
	.vmmcall = l1_insn,
	.undefined = l1_insn,
	.host_exit = l1_host_exit,
	.run = l1_run,
	.holds_nmi = default_holds_nmi,
	.state_left = default_state_left,
};
