/* SPDX-License-Identifier: Apache-2.0 */
/*
 * See ghcb_exit.h.
 */
#include "monitor/host/ghcb_exit.h"

#include "lib/compiler.h"
#include "lib/cpu.h"
#include "lib/log.h"
#include "lib/string.h"
#include "monitor/host/ap_creation.h"
#include "monitor/host/apic_id_list.h"
#include "monitor/host/doorbell.h"
#include "monitor/host/liar.h"
#include "monitor/machine/end.h"
#include "monitor/machine/options.h"
#include "monitor/host/psc.h"
#include "monitor/host/msr_host.h"
#include "monitor/host/state.h"
#include "monitor/hardware/state.h"
#include "monitor/svm/intr.h"
#include "monitor/host/kvm.h"
#include "monitor/svm/lie.h"
#include "monitor/svm/pages.h"
#include "monitor/host/port.h"
#include "monitor/hardware/snp_message.h"
#include "monitor/svm/stop.h"
#include "monitor/svm/exit_context.h"
#include "monitor/svm/apic_reg.h"
#include "monitor/svm/xapic.h"

/* SW_EXITINFO2 of a guest request, [63:32]: the host has no service for it. */
#define GUEST_REQUEST_GENERIC_ERROR (U64_C(0xffffffff) << 32)

/* The shared buffer at SW_SCRATCH for @size bytes, or NULL after an error reply. */
static u8 *scratch_inside(const struct ghcb_request *r, u64 size)
{
	u32 offset;
	u32 error = ghcb_scratch(r->ghcb, r->gpa, size, &offset);

	if (error) {
		ghcb_reply_error(r->ghcb, error);
		return NULL;
	}
	return r->page->shared_buffer + offset;
}

/* @size bytes at SW_SCRATCH to @data, or from it; false after an error reply. */
static bool scratch_copy(const struct ghcb_request *r, void *data, u64 size, bool to_guest)
{
	if (!ghcb_scratch_is_outside(r->ghcb, r->gpa)) {
		u8 *inside = scratch_inside(r, size);

		if (inside)
			memcpy(to_guest ? inside : data, to_guest ? data : inside, size);
		return inside;
	}
	if (size > GHCB_SCRATCH_MAX ||
	    page_host_copy(r->ghcb->save.sw_scratch, data, size, to_guest)) {
		ghcb_reply_error(r->ghcb, GHCB_ERR_INVALID_SCRATCH);
		return false;
	}
	return true;
}

static void answer_cpuid(struct vcpu *v, struct ghcb *g)
{
	struct cpuid_cpu cpu = {
		.apic_id = v->apic_id,
		.apic_off = !(v->apic_base & APIC_BASE_ENABLE),
		.cr4 = v->vmcb->save.cr4,
		.xcr0 = GHCB_IS_VALID(g, xcr0) ? g->save.xcr0 : 1,
		.xss = GHCB_IS_VALID(g, xss) ? g->save.xss : 0,
	};
	u32 leaf = (u32)g->save.rax, subleaf = (u32)g->save.rcx;
	struct cpuid_values r = cpuid_get(&hardware.cpuid, &cpu, leaf, subleaf);

	if (lie_setup_fails(v)) {
		ghcb_reply_error(g, GHCB_ERR_INVALID_EVENT);
		return;
	}
	TRACE(v->id, CPUID, "leaf=%#x subleaf=%#x eax=%#x ebx=%#x ecx=%#x edx=%#x", leaf, subleaf,
	      r.eax, r.ebx, r.ecx, r.edx);
	ghcb_reply(g);
	GHCB_SET(g, rax, r.eax);
	GHCB_SET(g, rbx, r.ebx);
	GHCB_SET(g, rcx, r.ecx);
	GHCB_SET(g, rdx, r.edx);
}

static void answer_msr(struct vcpu *v, struct ghcb *g)
{
	bool write = g->save.sw_exit_info_1 != GHCB_MSR_EXIT_READ; /* as by KVM */
	u32 msr = (u32)g->save.rcx;
	u64 value = g->save.rdx << 32 | (u32)g->save.rax;
	int error = write ? msr_host_write(v, msr, value) : msr_host_read(v, msr, &value);

	TRACE(v->id, MSR, "dir=%s msr=%#x value=%#lx result=%d", write ? "write" : "read", msr,
	      value, error);
	if (error) {
		ghcb_reply_exception(g, VEC_GP, true, 0);
		return;
	}
	ghcb_reply(g);
	if (!write) {
		GHCB_SET(g, rax, (u32)value);
		GHCB_SET(g, rdx, value >> 32);
	}
}

/*
 * The string goes through our own buffer: the guest could change its copy meanwhile. What is to be
 * filled is looked at before the port is read.
 */
static void answer_string(struct vcpu *v, const struct ghcb_request *r, u16 port, unsigned int size)
{
	static u8 buffer[GHCB_SCRATCH_MAX];
	struct ghcb *g = r->ghcb;
	u64 info = g->save.sw_exit_info_1, count = g->save.sw_exit_info_2;

	if (!(info & IOIO_REP))
		count = 1;
	if (count > sizeof(buffer) / size) {
		ghcb_reply_error(g, GHCB_ERR_INVALID_SCRATCH);
		return;
	}
	if (!scratch_copy(r, buffer, count * size, false))
		return;
	if (!(info & IOIO_TYPE_IN)) {
		port_out_string(v, port, size, buffer, count);
		ghcb_reply(g);
		return;
	}
	port_in_string(v, port, size, buffer, count);
	if (scratch_copy(r, buffer, count * size, true))
		ghcb_reply(g);
}

static void answer_ioio(struct vcpu *v, const struct ghcb_request *r)
{
	struct ghcb *g = r->ghcb;
	u64 info = g->save.sw_exit_info_1;
	u16 port = (u16)(info >> IOIO_PORT_SHIFT);
	unsigned int size = info & IOIO_DATA_8 ? 1 : info & IOIO_DATA_16 ? 2 : 4;
	u32 value;

	if (liar_refuses_ports()) {
		ghcb_reply_exception(g, VEC_GP, true, 0);
		return;
	}
	if (!(info & (IOIO_DATA_8 | IOIO_DATA_16 | IOIO_DATA_32))) {
		ghcb_reply_error(g, GHCB_ERR_INVALID_INPUT);
	} else if (info & IOIO_TYPE_STR) {
		answer_string(v, r, port, size);
	} else if (info & IOIO_TYPE_IN) {
		value = port_in(v, port, size);
		ghcb_reply(g);
		GHCB_SET(g, rax, value);
	} else {
		port_out(v, port, size, (u32)g->save.rax);
		ghcb_reply(g);
	}
}

static void answer_mmio(struct vcpu *v, const struct ghcb_request *r)
{
	struct ghcb *g = r->ghcb;
	bool write = g->save.sw_exit_code == SVM_VMGEXIT_MMIO_WRITE;
	u64 gpa = g->save.sw_exit_info_1, size = g->save.sw_exit_info_2, value = 0;
	int error;

	if (size > sizeof(value)) {
		ghcb_reply_error(g, GHCB_ERR_INVALID_INPUT);
		return;
	}
	if (!scratch_copy(r, &value, size, false))
		return;
	if (!write)
		value = 0;
	error = write ? mmio_write(v, gpa, (unsigned int)size, value)
		      : mmio_read(v, gpa, (unsigned int)size, &value);
	TRACE(v->id, MMIO, "dir=%s gpa=%#lx size=%#lx value=%#lx result=%d",
	      write ? "write" : "read", gpa, size, value, error);
	if (error) {
		ghcb_reply_error(g, GHCB_ERR_INVALID_INPUT);
		return;
	}
	if (write || scratch_copy(r, &value, size, true))
		ghcb_reply(g);
}

static void psc_changed(void *context, u64 gpa, u64 size, bool private)
{
	page_changes_add(context, gpa, size, private);
}

static void answer_psc(struct vcpu *v, const struct ghcb_request *r)
{
	static struct psc_desc desc;
	struct page_changes changes = { .npt = v->npt };
	struct psc_result result;
	u8 *data = scratch_inside(r, sizeof(desc.header)); /* GHCB 4.1.6: there alone */
	u64 room, size;

	if (!data)
		return;
	room = (u64)(r->page->shared_buffer + GHCB_SHARED_BUFFER_SIZE - data);
	memcpy(&desc.header, data, sizeof(desc.header));
	if (desc.header.reserved && !(guest.lenient & LENIENT_PSC))
		stop_violation(v, VIOLATION_PSC_RESERVED, "reserved=%#x", desc.header.reserved);
	size = sizeof(desc.header) + (desc.header.end_entry + U64_C(1)) * sizeof(u64);
	if (size <= room)
		memcpy(desc.entries, data + sizeof(desc.header), size - sizeof(desc.header));
	result = psc_process(&desc, (unsigned int)((room - sizeof(desc.header)) / sizeof(u64)),
			     &hardware.rmp, psc_changed, &changes);
	if (result.violation)
		stop_violation(v, result.violation, "gpa=%#lx entry=%#x", result.gpa,
			       result.entries);
	page_changes_end(&changes);
	if (size <= room)
		memcpy(data, &desc, size);
	TRACE(v->id, VMGEXIT, "entries=%u private=%lu shared=%lu", result.entries,
	      result.private_count, result.shared_count);
	ghcb_reply(r->ghcb);
	GHCB_SET(r->ghcb, sw_exit_info_2, result.error);
}

static void answer_hypercall(struct vcpu *v, struct ghcb *g)
{
	struct kvm_hypercall call = {
		.nr = g->save.rax,
		.args = { g->save.rbx, g->save.rcx, g->save.rdx, g->save.rsi },
		.cpl = g->save.cpl,
		.is_64bit = true,
	};
	u64 result = kvm_hypercall(v, &call);

	TRACE(v->id, VMGEXIT, "insn=0x%lx", exit_opcode(v));
	ghcb_reply(g);
	GHCB_SET(g, rax, result);
}

static void answer_tsc(const struct vcpu *v, struct ghcb *g, bool with_aux)
{
	u64 tsc = vcpu_tsc(v);
	u32 aux = 0;

	if (with_aux)
		rdtscp(&aux);
	ghcb_reply(g);
	GHCB_SET(g, rax, (u32)tsc);
	GHCB_SET(g, rdx, tsc >> 32);
	if (with_aux)
		GHCB_SET(g, rcx, aux);
}

static void answer_dr7(struct vcpu *v, struct ghcb *g)
{
	bool write = g->save.sw_exit_code == SVM_EXIT_WRITE_DR7;

	/* Kept, never loaded: the host's debug registers are not the guest's. */
	if (write)
		v->host->dr7 = g->save.rax;
	ghcb_reply(g);
	if (!write)
		GHCB_SET(g, rax, v->host->dr7);
}

/* GHCB 4.1.5: where an SEV-ES guest's processors start; kept for the guest, and by it. */
static void answer_jump_table(struct ghcb *g)
{
	u64 gpa = g->save.sw_exit_info_2;

	switch (g->save.sw_exit_info_1) {
	case GHCB_JUMP_TABLE_SET:
		if (!is_aligned(gpa, PAGE_SIZE))
			break;
		host.ap_jump_table = gpa;
		ghcb_reply(g);
		return;
	case GHCB_JUMP_TABLE_GET:
		ghcb_reply(g);
		GHCB_SET(g, sw_exit_info_2, liar_jump_table());
		return;
	}
	ghcb_reply_error(g, GHCB_ERR_INVALID_INPUT);
}

/* GHCB 4.3.2: whoever reads the answer has been started again. */
static void answer_reset_hold(struct vcpu *v, struct ghcb *g)
{
	ghcb_reply(g);
	GHCB_SET(g, sw_exit_info_2, 1);
	startup_hold(&v->startup);
}

static void answer_ap_creation(struct vcpu *v, struct ghcb *g)
{
	u32 error = ap_creation(v, g);

	if (error)
		ghcb_reply_error(g, error);
	else
		ghcb_reply(g);
}

/* Both pages are the host's to read and write, or there is no request. */
static void answer_guest_request(struct ghcb *g)
{
	u64 from = g->save.sw_exit_info_1, to = g->save.sw_exit_info_2;
	const struct snp_message *request = page_of_host(from, PAGE_SIZE);
	struct snp_message *response = page_of_host(to, PAGE_SIZE);
	u32 status;

	if (!is_aligned(from, (u64)PAGE_SIZE) || !is_aligned(to, (u64)PAGE_SIZE) || from == to ||
	    !request || !response) {
		ghcb_reply_error(g, GHCB_ERR_INVALID_INPUT);
		return;
	}
	status = snp_message_request(request, response);
	ghcb_reply(g);
	GHCB_SET(g, sw_exit_info_2, status);
}

static void answer_doorbell(struct vcpu *v, struct ghcb *g)
{
	u64 gpa;

	if (doorbell_request(v, g->save.sw_exit_info_1, g->save.sw_exit_info_2, &gpa)) {
		ghcb_reply_error(g, GHCB_ERR_INVALID_INPUT);
		return;
	}
	ghcb_reply(g);
	GHCB_SET(g, sw_exit_info_2, gpa);
}

static void answer_ipi(struct vcpu *v, struct ghcb *g)
{
	u64 icr = g->save.sw_exit_info_1;

	if (!x2apic_is_writable(APIC_ICR_LOW, icr)) {
		ghcb_reply_error(g, GHCB_ERR_INVALID_INPUT);
		return;
	}
	xapic_command_x2(v, icr);
	ghcb_reply(g);
}

static void answer_apic_ids(struct ghcb *g)
{
	u64 pages = g->save.rax;

	if (apic_id_list(g->save.sw_exit_info_1, &pages)) {
		ghcb_reply_error(g, GHCB_ERR_INVALID_INPUT);
		return;
	}
	ghcb_reply(g);
	GHCB_SET(g, rax, pages);
}

/* Requests that not every guest has: those of one kind, and those of a feature. */
static bool is_not_offered(const struct msr_protocol *p, u64 code)
{
	bool is_snp = p->rmp;

	switch (code) {
	case SVM_VMGEXIT_HV_DOORBELL_PAGE:
	case SVM_VMGEXIT_HV_IPI:
		return !is_snp || !(p->features & GHCB_HV_FEATURE_RESTRICTED_INJECTION);
	case SVM_VMGEXIT_APIC_ID_LIST:
		return !is_snp || !(p->features & GHCB_HV_FEATURE_APIC_ID_LIST);
	case SVM_VMGEXIT_PSC:
	case SVM_VMGEXIT_AP_CREATION:
	case SVM_VMGEXIT_GUEST_REQUEST:
	case SVM_VMGEXIT_EXT_GUEST_REQUEST: return !is_snp;
	case SVM_VMGEXIT_AP_JUMP_TABLE: return is_snp;
	default: return false;
	}
}

void ghcb_exit(struct vcpu *v, const struct ghcb_request *r)
{
	struct ghcb *g = r->ghcb;

	if (is_not_offered(&v->host->protocol, g->save.sw_exit_code)) {
		ghcb_reply_error(g, GHCB_ERR_INVALID_EVENT);
		return;
	}
	switch (g->save.sw_exit_code) {
	case SVM_EXIT_CPUID: answer_cpuid(v, g); return;
	case SVM_EXIT_MSR: answer_msr(v, g); return;
	case SVM_EXIT_IOIO: answer_ioio(v, r); return;
	case SVM_EXIT_VMMCALL: answer_hypercall(v, g); return;
	case SVM_EXIT_RDTSC: answer_tsc(v, g, false); return;
	case SVM_EXIT_RDTSCP: answer_tsc(v, g, true); return;
	case SVM_EXIT_READ_DR7:
	case SVM_EXIT_WRITE_DR7: answer_dr7(v, g); return;
	case SVM_VMGEXIT_MMIO_READ:
	case SVM_VMGEXIT_MMIO_WRITE: answer_mmio(v, r); return;
	case SVM_VMGEXIT_PSC: answer_psc(v, r); return;
	case SVM_VMGEXIT_AP_JUMP_TABLE: answer_jump_table(g); return;
	case SVM_VMGEXIT_AP_HLT_LOOP: answer_reset_hold(v, g); return;
	case SVM_EXIT_RDPMC: ghcb_reply_exception(g, VEC_GP, true, 0); return;
	case SVM_EXIT_WBINVD:
	case SVM_EXIT_INVD:
	case SVM_EXIT_MONITOR:
	case SVM_EXIT_MWAIT: ghcb_reply(g); return;
	case SVM_VMGEXIT_NMI_COMPLETE:
		v->nmi_blocked = false;
		ghcb_reply(g);
		return;
	case SVM_VMGEXIT_HV_FEATURES:
		ghcb_reply(g);
		GHCB_SET(g, sw_exit_info_2, v->host->protocol.features);
		return;
	case SVM_VMGEXIT_GUEST_REQUEST: answer_guest_request(g); return;
	case SVM_VMGEXIT_EXT_GUEST_REQUEST:
		ghcb_reply(g);
		GHCB_SET(g, sw_exit_info_2, GUEST_REQUEST_GENERIC_ERROR);
		return;
	case SVM_VMGEXIT_TERM_REQUEST:
		stop_terminated(v, bits_get(g->save.sw_exit_info_1, 3, 0),
				bits_get(g->save.sw_exit_info_1, 11, 4));
	case SVM_VMGEXIT_UNSUPPORTED_EVENT:
		stop_crashed(v, "it reported a #VC that it does not support");
	case SVM_VMGEXIT_AP_CREATION: answer_ap_creation(v, g); return;
	case SVM_VMGEXIT_HV_DOORBELL_PAGE: answer_doorbell(v, g); return;
	case SVM_VMGEXIT_HV_IPI: answer_ipi(v, g); return;
	case SVM_VMGEXIT_APIC_ID_LIST: answer_apic_ids(g); return;
	default: ghcb_reply_error(g, GHCB_ERR_INVALID_EVENT); return;
	}
}
