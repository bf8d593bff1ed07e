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
	/* What was #UD, at @insn: a host may execute it instead. */
	void (*undefined)(struct vcpu *v, const struct insn *insn);
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

	/* Whether the guest has said that it tells of each page that it shares. */
	bool (*is_told)(const struct vcpu *v);
	/* A TD touches the page at @gpa. */
	void (*touched)(struct vcpu *v, u64 gpa);
	/* A nested page fault of memory; true: the page is away, and the guest is told so. */
	bool (*page_fault)(struct vcpu *v, u64 gpa, u64 info);
	/* @vector is about to be injected. */
	void (*interrupt)(struct vcpu *v, unsigned int vector);
	/* Starts and stops @v, on its own processor, as was asked; returns when it is to run. */
	void (*ready)(struct vcpu *v);
	/* Before an entry where v->host_is_due; may wait without the lock. */
	void (*enter)(struct vcpu *v);
	/* v->steps instructions are done. */
	void (*stepped)(struct vcpu *v);
	/* In HLT: whether something comes at @tsc at the latest. And after each look at it. */
	bool (*is_due)(const struct vcpu *v, u64 *tsc);
	void (*woke)(struct vcpu *v);
};
