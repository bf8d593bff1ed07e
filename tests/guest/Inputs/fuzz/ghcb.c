/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Cases of fuzz.h by GHCB: each exit as a guest asks it, with fields a little or very wrong, by the
 * page and by the MSR.
 */
#include "fuzz.h"

#include "abi/x86.h"
#include "early/platform.h"
#include "kernel/smp.h"
#include "lib/compiler.h"
#include "lib/cpu.h"
#include "paravirt/ghcb.h"

#define EVEN_BYTES U64_C(0xfefefefefefefefe) /* no canary */

static const u64 codes[] = {
	SVM_EXIT_CPUID,
	SVM_EXIT_CPUID,
	SVM_EXIT_MSR,
	SVM_EXIT_MSR,
	SVM_EXIT_MSR,
	SVM_EXIT_IOIO,
	SVM_EXIT_IOIO,
	SVM_EXIT_IOIO,
	SVM_EXIT_VMMCALL,
	SVM_EXIT_VMMCALL,
	SVM_EXIT_RDTSC,
	SVM_EXIT_RDTSCP,
	SVM_EXIT_RDPMC,
	SVM_EXIT_READ_DR7,
	SVM_EXIT_WRITE_DR7,
	SVM_EXIT_WBINVD,
	SVM_EXIT_INVD,
	SVM_EXIT_MONITOR,
	SVM_EXIT_MWAIT,
	SVM_VMGEXIT_MMIO_READ,
	SVM_VMGEXIT_MMIO_READ,
	SVM_VMGEXIT_MMIO_READ,
	SVM_VMGEXIT_MMIO_WRITE,
	SVM_VMGEXIT_MMIO_WRITE,
	SVM_VMGEXIT_MMIO_WRITE,
	SVM_VMGEXIT_NMI_COMPLETE,
	SVM_VMGEXIT_AP_JUMP_TABLE,
	SVM_VMGEXIT_GUEST_REQUEST,
	SVM_VMGEXIT_EXT_GUEST_REQUEST,
	SVM_VMGEXIT_AP_CREATION,
	SVM_VMGEXIT_HV_FEATURES,
	SVM_EXIT_NPF,
	SVM_VMGEXIT_HV_DOORBELL_PAGE,
	SVM_VMGEXIT_HV_IPI,
	SVM_VMGEXIT_APIC_ID_LIST,
	SVM_EXIT_SHUTDOWN,
};

static bool ends(u64 code)
{
	return code == SVM_VMGEXIT_TERM_REQUEST || code == SVM_VMGEXIT_UNSUPPORTED_EVENT ||
	       code == SVM_VMGEXIT_AP_HLT_LOOP || code == SVM_VMGEXIT_PSC; /* is snp.c's */
}

static u64 draw_code(struct fuzz *f)
{
	u64 code = fuzz_pick(f, codes);

	if (fuzz_one_in(f, 32))
		code = fuzz_bend(f, fuzz_one_in(f, 2) ? 0x80000000 + fuzz_below(f, 0x20) : code);
	if (fuzz_rare(f))
		code = SVM_VMGEXIT_AP_HLT_LOOP + fuzz_below(f, 2) * 0xfffa; /* or the end */
	else if (ends(code))
		code = SVM_EXIT_CPUID;
	return code;
}

static u64 ioio_info(struct fuzz *f)
{
	static const u64 sizes[] = { IOIO_DATA_8, IOIO_DATA_16, IOIO_DATA_32 };
	bool in = fuzz_one_in(f, 2);
	u64 info = fuzz_pick(f, sizes) | (in ? IOIO_TYPE_IN : 0);

	if (fuzz_one_in(f, 2))
		info |= IOIO_TYPE_STR | (fuzz_one_in(f, 2) ? IOIO_REP : 0) | IOIO_ADDR_64;
	if (fuzz_one_in(f, 8))
		info ^= BIT(1 + fuzz_below(f, 12));
	if (fuzz_one_in(f, 16))
		info ^= BIT(32 + fuzz_below(f, 32));
	return info | (u64)fuzz_port(f, !(info & IOIO_TYPE_IN)) << IOIO_PORT_SHIFT;
}

/* Of the hypercalls, with what is no memory that this guest needs. */
static void hypercall(struct fuzz *f, struct ghcb_save_area *s)
{
	static const u64 numbers[] = { 1, 5, 9, 10, 11, 11, 13, 0 };

	s->rax = fuzz_one_in(f, 8) ? fuzz_number(f) | BIT(40) : fuzz_pick(f, numbers);
	s->rbx = fuzz_one_in(f, 2) ? fuzz_gpa(f, fuzz_page(f)) + fuzz_below(f, PAGE_SIZE)
				   : fuzz_device(f);
	s->rcx = fuzz_number(f);
	s->rdx = fuzz_number(f);
	s->rsi = fuzz_device_value(f, APIC_BASE_DEFAULT, fuzz_number(f));
	s->cpl = fuzz_one_in(f, 8) ? 3 : 0;
}

/* A processor that there is not, as a rule: this guest's own are at work. */
static u64 creation(struct fuzz *f)
{
	u64 id = fuzz_rare(f) ? 0 : smp_count() + fuzz_below(f, 300);

	return fuzz_bend(f, id) << 32 | fuzz_below(f, 4) | (fuzz_one_in(f, 8) ? BIT(16) : 0);
}

static void operands(struct fuzz *f, struct ghcb_save_area *s)
{
	s->rax = fuzz_number(f);
	s->rbx = fuzz_number(f);
	s->rcx = fuzz_number(f);
	s->rdx = fuzz_number(f);
	s->rsi = fuzz_number(f);
	s->xcr0 = fuzz_one_in(f, 4) ? fuzz_number(f) : 7;
	s->cpl = 0;
	s->sw_exit_info_1 = fuzz_number(f);
	s->sw_exit_info_2 = fuzz_one_in(f, 2) ? fuzz_below(f, 2100) : fuzz_number(f);
	switch (s->sw_exit_code) {
	case SVM_EXIT_CPUID:
		s->rax = fuzz_below(f, 0x20) | (u64)fuzz_below(f, 3) << 30;
		s->rcx = fuzz_below(f, 8);
		break;
	case SVM_EXIT_MSR:
		s->sw_exit_info_1 = fuzz_one_in(f, 16) ? fuzz_number(f) : fuzz_below(f, 2);
		s->rcx = fuzz_msr(f);
		s->rax = (u32)fuzz_msr_value(f, (u32)s->rcx, 0);
		s->rdx = fuzz_one_in(f, 2) ? 0 : fuzz_msr_value(f, (u32)s->rcx, 0) >> 32;
		break;
	case SVM_EXIT_IOIO: s->sw_exit_info_1 = ioio_info(f); break;
	case SVM_EXIT_VMMCALL: hypercall(f, s); break;
	case SVM_VMGEXIT_MMIO_READ:
	case SVM_VMGEXIT_MMIO_WRITE:
		s->sw_exit_info_1 = fuzz_one_in(f, 16) ? fuzz_number(f) : fuzz_device(f);
		s->sw_exit_info_2 = fuzz_one_in(f, 8) ? fuzz_number(f) : fuzz_size(f);
		break;
	case SVM_VMGEXIT_AP_JUMP_TABLE: s->sw_exit_info_1 = fuzz_below(f, 3); break;
	case SVM_VMGEXIT_AP_CREATION: s->sw_exit_info_1 = creation(f); break;
	case SVM_VMGEXIT_HV_DOORBELL_PAGE:
		s->sw_exit_info_1 = fuzz_below(f, 5);
		s->sw_exit_info_2 = fuzz_bend(f, fuzz_gpa(f, fuzz_page(f)));
		break;
	case SVM_VMGEXIT_HV_IPI:
		s->sw_exit_info_1 = fuzz_device_value(f, APIC_BASE_DEFAULT, fuzz_number(f));
		break;
	case SVM_VMGEXIT_APIC_ID_LIST:
		s->sw_exit_info_1 = fuzz_one_in(f, 2) ? fuzz_gpa(f, fuzz_page(f)) : fuzz_device(f);
		s->rax = fuzz_one_in(f, 4) ? fuzz_number(f) : fuzz_below(f, 3);
		break;
	default: break;
	}
}

static u64 scratch(struct fuzz *f, const struct ghcb *g)
{
	u64 at = (u64)(uintptr_t)g->shared_buffer;

	switch (fuzz_below(f, 8)) {
	case 0: return at + fuzz_below(f, GHCB_SHARED_BUFFER_SIZE + 32) - 16;
	case 1: return at + GHCB_SHARED_BUFFER_SIZE - fuzz_below(f, 16);
	case 2: return fuzz_number(f);
	default: return at;
	}
}

static void all_valid(struct fuzz *f, struct ghcb *g)
{
	for (unsigned int i = 0; i < 16; i++)
		g->save.valid_bitmap[i] = 0xff;
	if (fuzz_rare(f))
		g->save.valid_bitmap[fuzz_below(f, 16)] ^= 1 << fuzz_below(f, 8);
}

static u64 request(struct ghcb *g, u64 gpa)
{
	u64 old = rdmsr(MSR_GHCB);

	wrmsr(MSR_GHCB, gpa);
	vmgexit();
	fuzz_look_at(g, sizeof(*g));
	wrmsr(MSR_GHCB, old);
	return READ_ONCE(g->save.sw_exit_info_1);
}

void fuzz_ghcb(struct fuzz *f)
{
	struct ghcb_request r = ghcb_begin();
	struct ghcb *g = r.ghcb;
	u16 version = g->protocol_version;

	for (u64 i = 0; i < GHCB_SHARED_BUFFER_SIZE / sizeof(u64); i++)
		((u64 *)g->shared_buffer)[i] =
			fuzz_device_value(f, APIC_BASE_DEFAULT, fuzz_random(f) & EVEN_BYTES);
	g->save.sw_exit_code = draw_code(f);
	operands(f, &g->save);
	g->save.sw_scratch = scratch(f, g);
	if (fuzz_one_in(f, 32))
		g->ghcb_usage = (u32)fuzz_number(f);
	if (fuzz_one_in(f, 64))
		g->protocol_version = (u16)fuzz_bend(f, version);
	all_valid(f, g);
	request(g, pa_of(g).value);
	g->ghcb_usage = GHCB_USAGE_STANDARD;
	g->protocol_version = version;
	ghcb_end(&r);
	f->exits++;
}

static u64 msr_request(struct fuzz *f)
{
	static const u64 requests[] = { GHCB_MSR_SEV_INFO_REQ, GHCB_MSR_CPUID_REQ,
					GHCB_MSR_HV_FEATURES_REQ };
	static const u64 snp_requests[] = { GHCB_MSR_PREFERRED_GPA_REQ, GHCB_MSR_REGISTER_GPA_REQ };
	u64 data = fuzz_number(f) & GHCB_MSR_GPA_MASK;

	if (fuzz_rare(f)) /* unknown, or the end */
		return fuzz_number(f);
	if (platform.kind == PLATFORM_SEV_SNP && fuzz_one_in(f, 3))
		return fuzz_pick(f, snp_requests) | data;
	return fuzz_pick(f, requests) | data;
}

void fuzz_ghcb_msr(struct fuzz *f)
{
	u64 old = rdmsr(MSR_GHCB), value = msr_request(f), answer;

	wrmsr(MSR_GHCB, value);
	vmgexit();
	answer = rdmsr(MSR_GHCB);
	fuzz_look(answer);
	if (ghcb_msr_info(value) == GHCB_MSR_REGISTER_GPA_REQ) {
		wrmsr(MSR_GHCB, old | GHCB_MSR_REGISTER_GPA_REQ);
		vmgexit();
		f->exits++;
	}
	wrmsr(MSR_GHCB, old);
	f->exits++;
}
