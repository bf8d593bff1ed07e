/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The SEV guest: memory has a C-bit, and the host sees every register.
 * Spec: APM2 15.34.
 */
#include "abi/sev.h"
#include "lib/compiler.h"
#include "monitor/svm/exit_context.h"
#include "monitor/svm/npt.h"
#include "monitor/svm/pages.h"
#include "monitor/svm/host_ops.h"
#include "monitor/hardware/default.h"
#include "monitor/hardware/hardware.h"
#include "monitor/hardware/msr.h"
#include "monitor/hardware/sev_memory.h"
#include "monitor/svm/stop.h"
#include "monitor/svm/vmcb.h"
#include "monitor/svm/guarded.h"

static void sev_init(u64 page_count) { sev_memory_init(page_count, CPUID_SEV_EAX_SEV); }

static void sev_intercept(struct vmcb *vmcb) { (void)vmcb; }

static void sev_device(struct vcpu *v, u64 address, u64 info)
{
	u64 gpa = address & ~v->npt->alias_bit;
	bool large = page_class_is_uniform_2m(gpa, PAGE_DEVICE);
	u64 size = large ? PAGE_2M_SIZE : PAGE_SIZE;
	enum npt_view view = kind_is_shared(v, address) ? NPT_SHARED : NPT_PRIVATE;

	if (page_is_own(gpa))
		stop_crashed(v, "it touched the monitor's memory");
	if (!npt_reaches(v->npt, gpa)) /* KVM could not read the instruction, to answer for it */
		stop_crashed(v, "it touched an address that no machine has");
	if (guarded_has(gpa)) {
		guarded_fault(v, address, info);
		return;
	}
	npt_map(v->npt, view, align_down(gpa, size), align_down(gpa, size), size, true, false);
}

static void sev_msr(struct vcpu *v, const struct msr_access *access)
{
	struct msr_access a = *access;

	switch (a.msr) {
	case MSR_EFER: msr_finish(v, &a, msr_efer(v, &a)); return;
	case MSR_SEV_STATUS:
		a.value = SEV_STATUS_SEV;
		msr_finish(v, &a, a.write ? -E_INVAL : 0);
		return;
	default: msr_finish(v, &a, guest.host->msr(v, &a)); return;
	}
}

static void sev_vmmcall(struct vcpu *v, const struct insn *insn) { guest.host->vmmcall(v, insn); }

/* KVM emulates string I/O with the guest's memory, of which it would see ciphertext. */
static void sev_host_exit(struct vcpu *v, u64 code)
{
	u64 info = v->vmcb->control.exit_info_1;

	if (code == SVM_EXIT_IOIO && info & IOIO_TYPE_STR)
		stop_violation(v, VIOLATION_STRING_IO, "port=%#lx", info >> IOIO_PORT_SHIFT);
	guest.host->exit(v, code);
}

const struct hardware_ops hardware_sev = {
	.has_nmi_complete = false,
	.is_state_open = true,
	.has_tsc_deadline = false,
	.startup = STARTUP_BY_SIPI,
	.init = sev_init,
	.intercept = sev_intercept,
	.launch = default_launch,
	.device = sev_device,
	.msr = sev_msr,
	.vmmcall = sev_vmmcall,
	.host_exit = sev_host_exit,
	SEV_MEMORY,
};
