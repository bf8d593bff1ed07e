/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Hardware that keeps nothing from the host: all memory is the host's too, which answers every exit
 * at once. The processor is shown as AMD's or as Intel's; each has its own hypercall instruction
 * and not the other's.
 */
#include "monitor/hardware/default.h"
#include "monitor/hardware/exit.h"
#include "monitor/hardware/hardware.h"
#include "monitor/hardware/msr.h"
#include "monitor/hardware/state.h"
#include "monitor/machine/options.h"
#include "monitor/svm/exit_context.h"
#include "monitor/svm/host_ops.h"
#include "monitor/svm/inject.h"
#include "monitor/svm/stop.h"

static unsigned int plain_alias_bit(unsigned int highest)
{
	(void)highest;
	return 0;
}

#define CBIT_OF_HOST 51 /* with inject=sev-leaf */

/* A plain guest's: the leaf is the processor's, and SEV_STATUS is not to be had. */
static void lie_about_sev_leaf(void)
{
	if (guest.inject[INJECT_SEV_LEAF] < 0)
		return;
	hardware.cpuid.sev_eax = CPUID_SEV_EAX_SEV;
	hardware.cpuid.cbit = CBIT_OF_HOST;
}

static void amd_init(u64 page_count)
{
	(void)page_count;
	cpuid_model_init(&hardware.cpuid, hardware.cpuid.raw, NULL, 0, 0, guest.cpu_count);
	lie_about_sev_leaf();
}

static void intel_init(u64 page_count)
{
	amd_init(page_count);
	hardware.cpuid.intel = true;
}

static int plain_assign(u64 gpa, u64 size, enum launch_memory memory)
{
	(void)gpa, (void)size, (void)memory;
	return 0;
}

static bool plain_access(struct vcpu *v, u64 address, enum access_kind kind)
{
	(void)v, (void)address, (void)kind;
	return true;
}

static bool plain_true(u64 gpa)
{
	(void)gpa;
	return true;
}

static u64 plain_alike(u64 gpa, u64 *size)
{
	*size = PAGE_SIZE;
	return align_down(gpa, (u64)PAGE_SIZE);
}

static bool plain_false(u64 gpa)
{
	(void)gpa;
	return false;
}

static void plain_poisoned(u64 gpa, u64 size) { (void)gpa, (void)size; }

static void plain_device(struct vcpu *v, u64 address, u64 info)
{
	(void)address, (void)info;
	stop_crashed(v, "a device of a guest that has them all");
}

static void plain_msr(struct vcpu *v, const struct msr_access *access)
{
	struct msr_access a = *access;

	msr_finish(v, &a, a.msr == MSR_EFER ? msr_efer(v, &a) : guest.host->msr(v, &a));
}

static void amd_vmmcall(struct vcpu *v, const struct insn *insn) { guest.host->vmmcall(v, insn); }

/* Intel's instruction: of an AMD guest a host may mend it. */
static void amd_undefined(struct vcpu *v, const struct insn *insn)
{
	guest.host->undefined(v, insn);
}

static void intel_undefined(struct vcpu *v, const struct insn *insn)
{
	if (insn->kind == INSN_VMCALL)
		guest.host->vmmcall(v, insn);
	else
		inject_exception(v, VEC_UD);
}

static void plain_host_exit(struct vcpu *v, u64 code) { guest.host->exit(v, code); }

/* What both have in common: all but whose processor it is. */
#define PLAIN                                                                                      \
	.alias_is_shared = false, .has_ports = true, .has_cc_blob = false,                         \
	.has_tsc_deadline = false, .has_nmi_complete = false, .is_state_open = true,               \
	.is_cipher = false, .is_zeroed = false, .has_hole_memory = false, .is_encrypted = false,   \
	.startup = STARTUP_BY_SIPI, .alias_bit = plain_alias_bit, .intercept = default_intercept,  \
	.launch = default_launch, .assign = plain_assign, .fill_section = default_fill_section,    \
	.access = plain_access, .is_shared = plain_true, .host_access = plain_true,                \
	.host_takes = default_host_takes, .alike = plain_alike, .is_poison = plain_false,          \
	.poisoned = plain_poisoned, .is_read_only = default_is_read_only, .device = plain_device,  \
	.msr = plain_msr, .write_cr = default_write_cr, .host_exit = plain_host_exit,              \
	.run = exit_loop, .holds_nmi = default_holds_nmi, .state_left = default_state_left

const struct hardware_ops hardware_amd = {
	.is_intel = false,
	.init = amd_init,
	.vmmcall = amd_vmmcall,
	.undefined = amd_undefined,
	PLAIN,
};

const struct hardware_ops hardware_intel = {
	.is_intel = true,
	.init = intel_init,
	.vmmcall = default_vmmcall,
	.undefined = intel_undefined,
	PLAIN,
};
