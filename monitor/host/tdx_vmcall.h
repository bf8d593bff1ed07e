/* SPDX-License-Identifier: Apache-2.0 */
/*
 * TDG.VP.VMCALL: the registers that the guest exposes, and the host's answers as KVM and QEMU give
 * them.
 * Spec: TDX-ABI 5.5 (TDG.VP.VMCALL), GHCI 3 (sub-functions).
 */
#pragma once

#include "monitor/hardware/tdx_td.h"
#include "monitor/host/kvm_host.h"
#include "monitor/host/tdx_quote.h"

#define TDX_MESSAGE_MAX 256

enum tdx_vmcall_action {
	TDX_VMCALL_DONE,      /* registers are set; RIP goes behind the instruction */
	TDX_VMCALL_HALT,      /* the same, once an interrupt is there: see irq_blocked */
	TDX_VMCALL_FATAL,     /* the guest ends itself: fatal_code and message */
	TDX_VMCALL_HYPERCALL, /* DONE, of KVM's: `function` is its number */
};

/* What was asked and answered, for the transcript. */
struct tdx_vmcall {
	enum tdx_vmcall_action action;
	u64 rax;          /* TDX_OPERAND_INVALID: the mask was refused, no host saw the call */
	u64 function;     /* R11; or R10, of a hypercall */
	u64 args[4];      /* R12 to R15; of a hypercall R11 to R14 */
	u64 status;       /* R10 on return */
	bool irq_blocked; /* HALT: R12 said that interrupts are off */
	/* FATAL */
	u64 fatal_code;
	char message[TDX_MESSAGE_MAX]; /* printable, ends in NUL */
	/* MapGPA: what was converted, of what was asked */
	u64 mapped_gpa;
	u64 mapped_size;
	bool mapped_private;
};

/* What a host has for a TD, as struct tdx_machine. */
struct tdx_host {
	/* MapGPA changed [gpa, gpa + size): map it anew. */
	void (*converted)(void *context, u64 gpa, u64 size, bool private);
	struct cpuid_values (*cpuid)(void *context, u32 leaf, u32 subleaf);
	u32 (*port_in)(void *context, u16 port, unsigned int size);
	void (*port_out)(void *context, u16 port, unsigned int size, u32 value);
	int (*msr_read)(void *context, u32 msr, u64 *value);
	int (*msr_write)(void *context, u32 msr, u64 value);
	int (*mmio_read)(void *context, u64 gpa, unsigned int size, u64 *value);
	int (*mmio_write)(void *context, u64 gpa, unsigned int size, u64 value);
	/* Where a request waits for the quoting service; NULL: no more may. */
	struct tdx_quote_request *(*quote)(void *context);
	s64 (*hypercall)(void *context, const struct kvm_hypercall *call);
};

/* For the outcome TDX_OUTCOME_VMCALL of tdx_tdcall(). */
struct tdx_vmcall tdx_vmcall(struct tdx_call *call, const struct tdx_host *host);

/* Whether the host reads or writes @msr for the TD at all. */
bool tdx_vmcall_has_msr(const struct tdx_td *td, u32 msr, bool write);
