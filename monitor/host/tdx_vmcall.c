/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The host's side of TDG.VP.VMCALL: see tdx_vmcall.h.
 */
#include "monitor/host/tdx_vmcall.h"
#include "lib/compiler.h"
#include "lib/string.h"
#include "monitor/host/tdx_vmcall_host.h"

#define VECTOR_FIRST 32
#define VECTOR_LAST  255

static void do_cpuid(struct host_call *h)
{
	struct cpuid_values v =
		h->host->cpuid(h->call->context, (u32)h->gpr[TDX_R12], (u32)h->gpr[TDX_R13]);

	h->gpr[TDX_R12] = v.eax;
	h->gpr[TDX_R13] = v.ebx;
	h->gpr[TDX_R14] = v.ecx;
	h->gpr[TDX_R15] = v.edx;
}

static void do_halt(struct host_call *h)
{
	h->r->action = TDX_VMCALL_HALT;
	h->r->irq_blocked = h->gpr[TDX_R12] & 1;
}

static void do_io(struct host_call *h)
{
	u64 size = h->gpr[TDX_R12], direction = h->gpr[TDX_R13], value = h->gpr[TDX_R15];
	u16 port = (u16)h->gpr[TDX_R14];

	if ((size != 1 && size != 2 && size != 4) || direction > TDVMCALL_WRITE) {
		refuse(h);
		return;
	}
	value &= bits_mask(8 * (unsigned int)size);
	if (direction == TDVMCALL_WRITE)
		h->host->port_out(h->call->context, port, (unsigned int)size, (u32)value);
	else
		set_value(h, h->host->port_in(h->call->context, port, (unsigned int)size));
}

static void do_rdmsr(struct host_call *h)
{
	u32 msr = (u32)h->gpr[TDX_R12];
	u64 value;

	if (!tdx_vmcall_has_msr(h->call->td, msr, false) ||
	    h->host->msr_read(h->call->context, msr, &value))
		refuse(h);
	else
		set_value(h, value);
}

static void do_wrmsr(struct host_call *h)
{
	u32 msr = (u32)h->gpr[TDX_R12];

	if (!tdx_vmcall_has_msr(h->call->td, msr, true) ||
	    h->host->msr_write(h->call->context, msr, h->gpr[TDX_R13]))
		refuse(h);
}

static int mmio(struct host_call *h, u64 gpa, unsigned int size, bool write, u64 *value)
{
	if (write)
		return h->host->mmio_write(h->call->context, gpa, size, *value);
	return h->host->mmio_read(h->call->context, gpa, size, value);
}

static void do_mmio(struct host_call *h)
{
	u64 size = h->gpr[TDX_R12], direction = h->gpr[TDX_R13], gpa = h->gpr[TDX_R14];
	u64 value = h->gpr[TDX_R15];

	if ((size != 1 && size != 2 && size != 4 && size != 8) || direction > TDVMCALL_WRITE ||
	    !tdx_gpa_valid(h->call->td, gpa, size) || is_private(h, gpa)) {
		refuse(h);
		return;
	}
	if (mmio(h, without_shared(h, gpa), (unsigned int)size, direction == TDVMCALL_WRITE,
		 &value))
		refuse(h);
	else if (direction == TDVMCALL_READ)
		set_value(h, value);
}

static void do_call_info(struct host_call *h)
{
	u64 leaf = h->gpr[TDX_R12];

	if (leaf > 1 || h->call->vcpu->no_call_info) {
		refuse(h);
		return;
	}
	for (unsigned int reg = TDX_R11; reg <= TDX_R14; reg++)
		h->gpr[reg] = 0;
	set_value(h, leaf ? TDVMCALL_INFO_EVENT_NOTIFY : 0);
}

static void do_event_notify(struct host_call *h)
{
	u64 vector = h->gpr[TDX_R12];

	if (vector < VECTOR_FIRST || vector > VECTOR_LAST)
		refuse(h);
	else {
		h->call->td->event_vector = (u32)vector;
		h->call->td->event_apic_id = h->call->vcpu->apic_id;
	}
}

static void do_standard(struct host_call *h)
{
	switch (h->gpr[TDX_R11]) {
	case TDVMCALL_CPUID: do_cpuid(h); break;
	case TDVMCALL_HLT: do_halt(h); break;
	case TDVMCALL_IO: do_io(h); break;
	case TDVMCALL_RDMSR: do_rdmsr(h); break;
	case TDVMCALL_WRMSR: do_wrmsr(h); break;
	case TDVMCALL_MMIO: do_mmio(h); break;
	case TDVMCALL_GET_TD_VM_CALL_INFO: do_call_info(h); break;
	case TDVMCALL_MAP_GPA: do_map_gpa(h); break;
	case TDVMCALL_GET_QUOTE: do_get_quote(h); break;
	case TDVMCALL_REPORT_FATAL_ERROR: do_fatal(h); break;
	case TDVMCALL_SETUP_EVENT_NOTIFY: do_event_notify(h); break;
	default: set_status(h, TDVMCALL_STATUS_SUBFUNC_UNSUPPORTED);
	}
}

static void do_hypercall(struct host_call *h)
{
	const struct kvm_hypercall hypercall = {
		.nr = h->gpr[TDX_R10],
		.args = { h->gpr[TDX_R11], h->gpr[TDX_R12], h->gpr[TDX_R13], h->gpr[TDX_R14] },
		.is_64bit = true,
	};

	h->r->action = TDX_VMCALL_HYPERCALL;
	h->r->function = hypercall.nr;
	memcpy(h->r->args, hypercall.args, sizeof(h->r->args));
	set_status(h, (u64)h->host->hypercall(h->call->context, &hypercall));
}

static bool mask_valid(const struct tdx_td *td, u64 mask)
{
	u64 forbidden = TDVMCALL_FORBIDDEN_MASK;

	if (td->config_flags & TDCS_CONFIG_NO_RBP_MOD)
		forbidden |= TDVMCALL_REG_RBP;
	return !(mask & forbidden);
}

struct tdx_vmcall tdx_vmcall(struct tdx_call *call, const struct tdx_host *host)
{
	u64 mask = call->gpr[TDX_RCX];
	struct tdx_vmcall r = { .rax = TDX_SUCCESS };
	struct host_call h = { .call = call, .host = host, .r = &r };

	if (!mask_valid(call->td, mask)) {
		r.rax = call->gpr[TDX_RAX] = TDX_OPERAND_INVALID | TDX_OPERAND_RCX;
		return r;
	}
	for (unsigned int i = TDX_RDX; i < TDX_GPR_COUNT; i++)
		h.gpr[i] = mask & BIT(i) ? call->gpr[i] : 0;
	if (h.gpr[TDX_R10] == TDVMCALL_STANDARD) {
		r.function = h.gpr[TDX_R11];
		memcpy(r.args, &h.gpr[TDX_R12], sizeof(r.args));
		do_standard(&h);
	} else {
		do_hypercall(&h);
	}
	r.status = h.gpr[TDX_R10];
	call->gpr[TDX_RAX] = TDX_SUCCESS;
	for (unsigned int i = TDX_RDX; i < TDX_GPR_COUNT; i++)
		if (mask & BIT(i))
			call->gpr[i] = h.gpr[i];
	return r;
}
