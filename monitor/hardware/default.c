/* SPDX-License-Identifier: Apache-2.0 */
/*
 * See default.h.
 */
#include "monitor/hardware/default.h"

#include "monitor/svm/inject.h"

void default_intercept(struct vmcb *vmcb) { (void)vmcb; }

void default_launch(struct vcpu *v) { (void)v; }

int default_fill_section(const struct launch_section *section)
{
	(void)section;
	return 0;
}

bool default_write_cr(struct vcpu *v, unsigned int cr, u64 value, const struct insn *insn)
{
	(void)v, (void)cr, (void)value, (void)insn;
	return true;
}

void default_vmmcall(struct vcpu *v, const struct insn *insn)
{
	(void)insn;
	inject_exception(v, VEC_UD);
}

bool default_holds_nmi(const struct vcpu *v)
{
	(void)v;
	return false;
}

void default_state_left(u64 gpa) { (void)gpa; }

bool default_host_takes(u64 gpa, bool gives_back)
{
	(void)gpa, (void)gives_back;
	return false;
}

bool default_is_read_only(u64 gpa)
{
	(void)gpa;
	return false;
}
