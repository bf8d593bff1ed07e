/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the hardware asks of the host above it: the exits that a processor or the TDX module leaves
 * to it. One const table, guest.host; every member is there. Hardware knows a host by this alone.
 */
#pragma once

#include "lib/errno.h"
#include "monitor/svm/insn.h"
#include "monitor/svm/vcpu.h"

struct tdx_call;

struct host_ops {
	/* An exit of a guest whose registers the host sees. */
	void (*exit)(struct vcpu *v, u64 code);
	/* VMMCALL at @insn, of such a guest. */
	void (*vmmcall)(struct vcpu *v, const struct insn *insn);
	/* RDMSR or WRMSR of such a guest; -E_INVAL: #GP. */
	must_check int (*msr)(struct vcpu *v, struct msr_access *access);
	/* VMGEXIT of an SEV-ES or SNP guest; RIP is behind it. */
	void (*vmgexit)(struct vcpu *v);
	/*
	 * With restricted injection: whether the host has a place to tell events. Tells those that
	 * wait, and that an #HV is due; true: there are some that the guest has not taken.
	 */
	bool (*can_tell)(const struct vcpu *v);
	bool (*tell)(struct vcpu *v);
	/* TDG.VP.VMCALL of a TD; moves RIP. */
	void (*tdvmcall)(struct vcpu *v, struct tdx_call *call);
	/* A write in the range of guarded.h, of a guest whose instructions can be read. */
	void (*mmio_write)(struct vcpu *v, u64 gpa, unsigned int size, u64 value);
	/* Sets the bits of ports that a guest which has ports has not, in the I/O map for VMCBs. */
	void (*close_ports)(u8 *iopm);
};
