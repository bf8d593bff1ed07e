/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Dispatch of #VC, and the instructions without memory operands.
 */
#include "paravirt/vc.h"

#include "early/ghcb_msr.h"
#include "early/platform.h"
#include "early/trap.h"
#include "lib/compiler.h"
#include "lib/cpu.h"
#include "lib/log.h"
#include "paravirt/snp.h"

#define DR7       7
#define DR7_RESET 0x400

static const u8 register_offsets[16] = {
	TF_RAX, TF_RCX, TF_RDX, TF_RBX, TF_RSP, TF_RBP, TF_RSI, TF_RDI,
	TF_R8,  TF_R9,  TF_R10, TF_R11, TF_R12, TF_R13, TF_R14, TF_R15,
};

/* kernel/postern.ld */
extern const char __text_start[], __text_end[];

/* The hypervisor keeps DR7; an SNP guest keeps its own view of it. */
static u64 dr7 = DR7_RESET;

u64 *vc_register(struct trap_frame *frame, unsigned int number)
{
	return (u64 *)((u8 *)frame + register_offsets[number % 16]);
}

void vc_write_register(u64 *reg, unsigned int size, u64 value)
{
	u64 mask = size >= 4 ? ~U64_C(0) : bits_mask(8 * size);

	*reg = (*reg & ~mask) | (value & bits_mask(8 * size));
}

u64 vc_segment_base(const struct insn *insn)
{
	switch (insn->segment) {
	case INSN_SEGMENT_FS: return rdmsr(MSR_FS_BASE);
	case INSN_SEGMENT_GS: return rdmsr(MSR_GS_BASE);
	default: return 0;
	}
}

void vc_step(const struct vc *vc, u64 *reg, u64 count)
{
	u64 distance = count * vc->insn.memory_size;
	u64 next = vc->frame->rflags & RFLAGS_DF ? *reg - distance : *reg + distance;

	vc_write_register(reg, vc->insn.address_size, next);
}

u64 vc_string_count(const struct vc *vc)
{
	if (!vc->insn.rep)
		return 1;
	return vc->frame->rcx & bits_mask(8 * vc->insn.address_size);
}

void vc_string_done(const struct vc *vc, u64 count)
{
	if (vc->insn.rep)
		vc_write_register(&vc->frame->rcx, vc->insn.address_size, vc->frame->rcx - count);
}

static int handle_cpuid(struct vc *vc)
{
	struct trap_frame *f = vc->frame;
	struct cpuid_regs regs;

	snp_cpuid_now((u32)f->rax, (u32)f->rcx, &regs);
	f->rax = regs.eax;
	f->rbx = regs.ebx;
	f->rcx = regs.ecx;
	f->rdx = regs.edx;
	return 0;
}

static void set_edx_eax(struct trap_frame *f, u64 value)
{
	f->rax = (u32)value;
	f->rdx = value >> 32;
}

static int handle_msr(struct vc *vc)
{
	struct trap_frame *f = vc->frame;
	u64 value = f->rdx << 32 | (u32)f->rax;
	int rc;

	if (vc->insn.kind == INSN_WRMSR)
		return ghcb_msr_write((u32)f->rcx, value, &vc->exception);
	rc = ghcb_msr_read((u32)f->rcx, &value, &vc->exception);
	if (!rc)
		set_edx_eax(f, value);
	return rc;
}

static int handle_tsc(struct vc *vc)
{
	u64 code = vc->insn.kind == INSN_RDTSCP ? SVM_EXIT_RDTSCP : SVM_EXIT_RDTSC, tsc;
	u32 aux = 0;
	int rc = ghcb_tsc(code, &tsc, &aux, &vc->exception);

	if (rc)
		return rc;
	set_edx_eax(vc->frame, tsc);
	if (code == SVM_EXIT_RDTSCP)
		vc->frame->rcx = aux;
	return 0;
}

static int handle_rdpmc(struct vc *vc)
{
	u64 value;
	int rc = ghcb_pmc((u32)vc->frame->rcx, &value, &vc->exception);

	if (!rc)
		set_edx_eax(vc->frame, value);
	return rc;
}

static int handle_simple(struct vc *vc)
{
	return ghcb_simple(vc->frame->error_code, &vc->exception);
}

/* MONITOR and MWAIT may do nothing: so the hypervisor learns no address of ours. */
static int handle_nothing(struct vc *vc)
{
	(void)vc;
	return 0;
}

static int handle_dr7_read(struct vc *vc)
{
	if (vc->insn.reg != DR7)
		return -E_INVAL;
	*vc_register(vc->frame, vc->insn.rm) = dr7;
	return 0;
}

static int handle_dr7_write(struct vc *vc)
{
	u64 value = *vc_register(vc->frame, vc->insn.rm) | DR7_RESET;
	int rc;

	if (vc->insn.reg != DR7 || value >> 32)
		return -E_INVAL;
	rc = ghcb_dr7_write(value, &vc->exception);
	if (!rc)
		dr7 = value;
	return rc;
}

static int handle_vmmcall(struct vc *vc)
{
	struct trap_frame *f = vc->frame;
	const u64 args[4] = { f->rbx, f->rcx, f->rdx, f->rsi };

	return ghcb_vmmcall(f->rax, args, &f->rax, &vc->exception);
}

/* A reason, the instructions that can have it (a range of kinds), and who answers. */
static const struct vc_exit {
	u64 code;
	enum insn_kind first, last;
	int (*handle)(struct vc *vc);
} exits[] = {
	{ SVM_EXIT_READ_DR7, INSN_MOV_FROM_DR, INSN_MOV_FROM_DR, handle_dr7_read },
	{ SVM_EXIT_WRITE_DR7, INSN_MOV_TO_DR, INSN_MOV_TO_DR, handle_dr7_write },
	{ SVM_EXIT_RDTSC, INSN_RDTSC, INSN_RDTSC, handle_tsc },
	{ SVM_EXIT_RDPMC, INSN_RDPMC, INSN_RDPMC, handle_rdpmc },
	{ SVM_EXIT_CPUID, INSN_CPUID, INSN_CPUID, handle_cpuid },
	{ SVM_EXIT_INVD, INSN_INVD, INSN_INVD, handle_simple },
	{ SVM_EXIT_IOIO, INSN_IN, INSN_OUTS, vc_io },
	{ SVM_EXIT_MSR, INSN_RDMSR, INSN_WRMSR, handle_msr },
	{ SVM_EXIT_VMMCALL, INSN_VMMCALL, INSN_VMMCALL, handle_vmmcall },
	{ SVM_EXIT_RDTSCP, INSN_RDTSCP, INSN_RDTSCP, handle_tsc },
	{ SVM_EXIT_WBINVD, INSN_WBINVD, INSN_WBINVD, handle_simple },
	{ SVM_EXIT_MONITOR, INSN_MONITOR, INSN_MONITOR, handle_nothing },
	{ SVM_EXIT_MWAIT, INSN_MWAIT, INSN_MWAIT, handle_nothing },
	{ SVM_EXIT_NPF, INSN_LOAD, INSN_STOS, vc_mmio },
};

static noreturn_t refuse(const struct trap_frame *frame, const char *why, unsigned int reason)
{
	log_error("#VC %#lx at %#lx: %s", frame->error_code, frame->rip, why);
	ghcb_msr_terminate(GHCB_TERM_SET_POSTERN, reason);
}

static const struct vc_exit *find_exit(u64 code)
{
	for (size_t i = 0; i < array_count(exits); i++) {
		if (exits[i].code == code)
			return &exits[i];
	}
	return NULL;
}

/* The bytes at RIP, which can only be code of ours: read where that is all there is to read. */
static int fetch(struct vc *vc)
{
	u64 rip = vc->frame->rip, end = (u64)(uintptr_t)__text_end;

	if (rip < (u64)(uintptr_t)__text_start || rip >= end)
		return -E_FAULT;
	return insn_decode(&vc->insn, (const u8 *)(uintptr_t)rip, end - rip);
}

/* As if the instruction itself had raised what the hypervisor answered. */
static void reflect(const struct vc *vc)
{
	struct trap_frame *frame = vc->frame;

	frame->vector = vc->exception.vector;
	frame->error_code = vc->exception.has_error_code ? vc->exception.error_code : 0;
	if (!trap_fixup(frame))
		trap_panic(frame);
}

void vc_handle(struct trap_frame *frame)
{
	const struct vc_exit *exit = find_exit(frame->error_code);
	struct vc vc = { .frame = frame };

	if (!exit || frame->cs & 3)
		refuse(frame, "exit reason not supported", GHCB_TERM_UNSUPPORTED_VC);
	if (fetch(&vc))
		refuse(frame, "instruction not understood", GHCB_TERM_DECODE);
	if (vc.insn.kind < exit->first || vc.insn.kind > exit->last)
		refuse(frame, "instruction cannot exit like this", GHCB_TERM_DECODE);
	switch (exit->handle(&vc)) {
	case 0: frame->rip += vc.insn.length; break;
	case -E_FAULT: reflect(&vc); break;
	default: refuse(frame, "operands not supported", GHCB_TERM_DECODE);
	}
}
