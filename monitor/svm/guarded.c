/* SPDX-License-Identifier: Apache-2.0 */
/*
 * See guarded.h.
 */
#include "monitor/svm/guarded.h"

#include "abi/x86.h"
#include "lib/compiler.h"
#include "monitor/machine/end.h"
#include "monitor/svm/exit_context.h"
#include "monitor/svm/host_ops.h"
#include "monitor/svm/hardware_ops.h"
#include "monitor/svm/inject.h"
#include "monitor/svm/npt.h"
#include "monitor/svm/stop.h"
#include "monitor/svm/xapic.h"

/* What a processor finds where no register is. */
static __aligned_page const u8 nothing[PAGE_SIZE] = { [0 ... PAGE_SIZE - 1] = 0xff };

/* An SEV guest may have its C-bit set on a device. */
static enum npt_view view_of(const struct vcpu *v, u64 address)
{
	return guest.hardware->is_encrypted && !kind_is_shared(v, address) ? NPT_PRIVATE
									   : NPT_SHARED;
}

/* Reading is free: within the APIC's page aliases read what they alias. */
static void map(struct vcpu *v, u64 address)
{
	u64 gpa = align_down(address & ~v->npt->alias_bit, (u64)PAGE_SIZE);
	bool is_hole = xapic_is_window(gpa) && (gpa != APIC_BASE_DEFAULT || !xapic_is_any_on());

	npt_map(v->npt, view_of(v, address), gpa, is_hole ? (u64)nothing : gpa, PAGE_SIZE, false,
		false);
}

/* The page before is a device's that the guest has to itself: there is no fault where it begins. */
static bool begins_before(struct vcpu *v, u64 gpa)
{
	u64 linear;

	return exit_operand(v, true, &linear) && (linear - gpa) % PAGE_SIZE;
}

static noreturn_t refuse(struct vcpu *v)
{
	stop_crashed(v, "it wrote an interrupt controller other than by a plain store");
}

void guarded_fault(struct vcpu *v, u64 address, u64 info)
{
	u64 gpa = address & ~v->npt->alias_bit, value;
	const struct insn *insn;
	unsigned int size;

	if (!(info & NPF_W)) {
		map(v, address);
		return;
	}
	insn = exit_insn(v);
	if (insn->kind == INSN_LOCKED) { /* QEMU looks at the prefix too late */
		inject_exception(v, VEC_UD);
		return;
	}
	if (info & NPF_TABLE_WALK || /* a table's bits, a frame: not its own */
	    v->vmcb->control.exit_int_info & EVENT_VALID)
		refuse(v);
	if (insn->kind != INSN_STORE || begins_before(v, gpa)) {
		if (!exit_anew(v))
			refuse(v);
		return;
	}
	size = insn->operand_size;
	value = exit_store_value(v);
	TRACE(v->id, MMIO, "dir=write gpa=%#lx size=%#x value=%#lx", gpa, size, value);
	exit_finish(v);
	guest.host->mmio_write(v, gpa, size, value);
}
