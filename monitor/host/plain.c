/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The plain guest: all memory is the host's too, and the host answers every exit at once. As kvm it
 * is shown AMD's processor or Intel's, each with its own hypercall instruction and not the other's.
 */
#include "monitor/host/plain.h"

#include "lib/cpu.h"
#include "monitor/machine/end.h"
#include "monitor/host/msr_host.h"
#include "monitor/hardware/msr.h"
#include "monitor/svm/inject.h"
#include "monitor/svm/intr.h"
#include "monitor/svm/kind.h"
#include "monitor/svm/lie.h"
#include "monitor/host/kvm.h"
#include "monitor/host/port.h"
#include "monitor/svm/stop.h"

static unsigned int plain_alias_bit(unsigned int highest)
{
	(void)highest;
	return 0;
}

static void plain_init(u64 page_count)
{
	(void)page_count;
	cpuid_model_init(&guest.cpuid, guest.cpuid.raw, NULL, 0, 0, guest.cpu_count);
	lie_about_sev_leaf();
}

static void intel_init(u64 page_count)
{
	plain_init(page_count);
	guest.cpuid.intel = true;
}

static void plain_intercept(struct vmcb *vmcb) { (void)vmcb; }

static void plain_launch(struct vcpu *v) { (void)v; }

static int plain_assign(u64 gpa, u64 size, enum launch_memory memory)
{
	(void)gpa, (void)size, (void)memory;
	return 0;
}

static int plain_fill_section(const struct launch_section *section)
{
	(void)section;
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

	if (!exit_is(v, SVM_EXIT_MSR))
		return;
	msr_finish(v, &a, a.msr == MSR_EFER ? msr_efer(v, &a) : msr_host(v, &a));
}

static bool plain_write_cr(struct vcpu *v, unsigned int cr, u64 value, const struct insn *insn)
{
	(void)v, (void)cr, (void)value, (void)insn;
	return true;
}

static void hypercall(struct vcpu *v)
{
	struct kvm_hypercall call = {
		.nr = v->vmcb->save.rax,
		.args = { v->gpr[REG_RBX], v->gpr[REG_RCX], v->gpr[REG_RDX], v->gpr[REG_RSI] },
		.cpl = v->vmcb->save.cpl,
		.is_64bit = vcpu_long_mode(v),
	};

	v->vmcb->save.rax = kvm_hypercall(v, &call);
	exit_finish(v);
}

void plain_vmmcall(struct vcpu *v, const struct insn *insn)
{
	TRACE_OPEN(v->id, VMMCALL, "insn=0x%06lx", exit_opcode(v));
	hypercall(v);
	TRACE_CLOSE("length=%u", insn->length);
}

/* AMD's instruction: an Intel processor has none. */
static void intel_vmmcall(struct vcpu *v, const struct insn *insn)
{
	(void)insn;
	inject_exception(v, VEC_UD);
}

/* The proof of a choice needs a host that does not mend a wrong one. */
static void amd_undefined(struct vcpu *v, const struct insn *insn)
{
	(void)insn;
	inject_exception(v, VEC_UD);
}

/* Intel's own; of an AMD guest KVM would patch VMCALL into VMMCALL. */
static void plain_undefined(struct vcpu *v, const struct insn *insn)
{
	if (insn->kind != INSN_VMCALL) {
		inject_exception(v, VEC_UD);
		return;
	}
	TRACE_OPEN(v->id, VMCALL, "insn=0x%06lx", exit_opcode(v));
	hypercall(v);
	TRACE_CLOSE("length=%u", insn->length);
}

static void cpuid_exit(struct vcpu *v)
{
	struct cpuid_cpu cpu = {
		.apic_id = v->apic_id,
		.apic_off = !(v->apic_base & APIC_BASE_ENABLE),
		.cr4 = v->vmcb->save.cr4,
		.xcr0 = xgetbv(0), /* live in the processor */
	};
	u64 *rax = &v->vmcb->save.rax;
	u32 leaf = (u32)*rax, subleaf = (u32)v->gpr[REG_RCX];
	struct cpuid_values r;

	r = cpuid_get(&guest.cpuid, &cpu, leaf, subleaf);
	TRACE(v->id, CPUID, "leaf=%#x subleaf=%#x eax=%#x ebx=%#x ecx=%#x edx=%#x", leaf, subleaf,
	      r.eax, r.ebx, r.ecx, r.edx);
	*rax = r.eax;
	v->gpr[REG_RBX] = r.ebx;
	v->gpr[REG_RCX] = r.ecx;
	v->gpr[REG_RDX] = r.edx;
	exit_finish(v);
}

static void tsc_exit(struct vcpu *v)
{
	u64 tsc = vcpu_tsc(v);

	v->vmcb->save.rax = (u32)tsc;
	v->gpr[REG_RDX] = tsc >> 32;
	if (exit_insn(v)->kind == INSN_RDTSCP)
		v->gpr[REG_RCX] = (u32)v->msr_tsc_aux;
	exit_finish(v);
}

void plain_host_exit(struct vcpu *v, u64 code)
{
	if (!exit_is(v, code))
		return;
	switch (code) {
	case SVM_EXIT_CPUID: cpuid_exit(v); return;
	case SVM_EXIT_IOIO: port_exit(v); return;
	case SVM_EXIT_RDTSC:
	case SVM_EXIT_RDTSCP: tsc_exit(v); return;
	case SVM_EXIT_RDPMC: inject_exception_error(v, VEC_GP, 0); return;
	case SVM_EXIT_HLT: intr_halt_exit(v); return;
	case SVM_EXIT_INVD:
	case SVM_EXIT_WBINVD:
	case SVM_EXIT_MONITOR:
	case SVM_EXIT_MWAIT: exit_finish(v); return;
	default: stop_crashed(v, "an exit that nobody handles");
	}
}

/* What kinds of plain guest have in common: all but which hypercall instruction there is. */
#define PLAIN_KIND                                                                                 \
	.alias_is_shared = false, .has_ports = true, .has_cc_blob = false,                         \
	.has_nmi_complete = false, .is_state_open = true, .is_cipher = false, .is_zeroed = false,  \
	.has_hole_memory = false, .is_encrypted = false, .startup = STARTUP_BY_SIPI,               \
	.alias_bit = plain_alias_bit, .intercept = plain_intercept, .launch = plain_launch,        \
	.assign = plain_assign, .fill_section = plain_fill_section, .access = plain_access,        \
	.is_shared = plain_true, .host_access = plain_true, .alike = plain_alike,                  \
	.is_poison = plain_false, .poisoned = plain_poisoned, .device = plain_device,              \
	.msr = plain_msr, .write_cr = plain_write_cr, .host_exit = plain_host_exit

const struct guest_kind kind_plain = {
	.name = "plain",
	.description = "plain guest",
	.init = plain_init,
	.vmmcall = plain_vmmcall,
	.undefined = plain_undefined,
	PLAIN_KIND,
};

const struct guest_kind kind_kvm_amd = {
	.name = "kvm",
	.description = "KVM guest on AMD",
	.init = plain_init,
	.vmmcall = plain_vmmcall,
	.undefined = amd_undefined,
	PLAIN_KIND,
};

const struct guest_kind kind_kvm_intel = {
	.name = "kvm-intel",
	.description = "KVM guest on Intel",
	.init = intel_init,
	.vmmcall = intel_vmmcall,
	.undefined = plain_undefined,
	PLAIN_KIND,
};
