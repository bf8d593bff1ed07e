/* SPDX-License-Identifier: Apache-2.0 */
/*
 * See guest_trace.h.
 */
#include "monitor/hardware/nested/guest_trace.h"

#include "abi/ghcb.h"
#include "abi/sev.h"
#include "lib/compiler.h"
#include "lib/errno.h"
#include "lib/string.h"
#include "monitor/hardware/l1/frame.h"
#include "monitor/hardware/l1/l1.h"
#include "monitor/hardware/nested/l1_npt.h"
#include "monitor/machine/end.h"

/* As many as are told apart, of all guests, and how numbers go by ASID: no format has them. */
#define CPU_COUNT 64
#define CPUS_OF   100

struct registers {
	u64 rax, rbx, rcx, rdx, rsi;
	u64 scratch; /* what is there, of a device's register */
};

/* A processor of a guest, and what it waits for. */
struct asking {
	u64 vmcb_pa;
	u64 msr;
	u64 code, info_1, info_2, rip;
	struct registers r;
	u64 private, shared; /* of page state changes */
	u32 entries;
	u32 asid; /* 0: nobody */
	u32 id;
	bool open;
};

static struct asking asking[CPU_COUNT];

void nested_trace_forget(u32 asid)
{
	for (unsigned int i = 0; i < CPU_COUNT; i++)
		if (asking[i].asid == asid)
			asking[i].asid = 0;
}

/* Its place; of too many the last one is taken. */
static struct asking *find(const struct nested *n)
{
	struct asking *free = &asking[CPU_COUNT - 1];
	u32 count = 0;

	for (unsigned int i = CPU_COUNT; i-- > 0;) {
		struct asking *a = &asking[i];

		if (a->asid == n->asid && a->vmcb_pa == n->vmcb_pa)
			return a;
		count += a->asid == n->asid;
		free = a->asid ? free : a;
	}
	*free = (struct asking){ .vmcb_pa = n->vmcb_pa,
				 .asid = n->asid,
				 .id = n->asid * CPUS_OF + count };
	return free;
}

static const struct ghcb *page(const struct nested *n, u64 msr)
{
	u64 gpa = msr & GHCB_MSR_GPA_MASK, pa;

	return l1_npt_peek(n->ncr3, gpa, &pa) && l1_has(pa, PAGE_SIZE) ? l1_frame(pa, 0) : NULL;
}

static bool is_mmio(const struct asking *a)
{
	return a->code == SVM_VMGEXIT_MMIO_READ || a->code == SVM_VMGEXIT_MMIO_WRITE;
}

static void count_changes(struct asking *a, const struct ghcb *g)
{
	const struct psc_desc *desc = (const struct psc_desc *)g->shared_buffer;
	unsigned int end = READ_ONCE(desc->header.end_entry), i = READ_ONCE(desc->header.cur_entry);

	a->private = a->shared = 0;
	for (; i <= end && i < PSC_ENTRY_MAX; i++) {
		u64 entry = READ_ONCE(desc->entries[i]);
		u64 pages = psc_entry_page_size(entry) ? PTE_COUNT : 1;

		a->private += psc_entry_op(entry) == PSC_OP_PRIVATE ? pages : 0;
		a->shared += psc_entry_op(entry) == PSC_OP_SHARED ? pages : 0;
	}
	a->entries = i;
}

/*
 * A guest may have its scratch area elsewhere: then it is not looked at. The size is of the
 * request: the answer has something else there.
 */
static u64 scratch(const struct asking *a, const struct ghcb *g)
{
	u64 offset = g->save.sw_scratch - a->msr - offsetof(struct ghcb, shared_buffer);
	u64 size = a->info_2, value = 0;

	if (size <= sizeof(value) && offset <= sizeof(g->shared_buffer) - sizeof(value))
		memcpy(&value, g->shared_buffer + offset, size);
	return value;
}

static struct registers of_ghcb(const struct asking *a, const struct ghcb *g)
{
	const struct ghcb_save_area *s = &g->save;

	return (struct registers){ s->rax, s->rbx, s->rcx,
				   s->rdx, s->rsi, is_mmio(a) ? scratch(a, g) : 0 };
}

static struct registers of_vcpu(const struct vcpu *v)
{
	return (struct registers){ v->vmcb->save.rax, v->gpr[REG_RBX], v->gpr[REG_RCX],
				   v->gpr[REG_RDX],   v->gpr[REG_RSI], 0 };
}

static void ask_page(struct nested *n, struct asking *a)
{
	const struct ghcb *g = page(n, a->msr);

	if (!g)
		return;
	a->open = true;
	a->code = g->save.sw_exit_code;
	a->info_1 = g->save.sw_exit_info_1;
	a->info_2 = g->save.sw_exit_info_2;
	a->r = of_ghcb(a, g);
	if (a->code == SVM_VMGEXIT_PSC)
		count_changes(a, g);
}

static void ask(struct nested *n, struct asking *a, u64 code)
{
	const struct vcpu *v = &n->l2;

	a->rip = v->vmcb->save.rip;
	a->msr = n->ghcb_msr;
	a->open = false;
	if (n->mode < NESTED_SEV_ES) {
		a->open = code == SVM_EXIT_CPUID || code == SVM_EXIT_MSR || code == SVM_EXIT_IOIO ||
			  code == SVM_EXIT_VMMCALL || code == SVM_EXIT_HLT;
		a->r = of_vcpu(v);
		a->code = code;
		a->info_1 = v->vmcb->control.exit_info_1;
	} else if (code == SVM_EXIT_VMGEXIT && ghcb_msr_info(a->msr)) {
		a->open = true;
		if (ghcb_msr_info(a->msr) == GHCB_MSR_TERMINATE_REQ)
			TRACE(a->id, GHCB_MSR, "request=%#lx response=0x0", a->msr);
	} else if (code == SVM_EXIT_VMGEXIT) {
		ask_page(n, a);
	}
}

static void tell_msr(const struct asking *a, const struct registers *now, bool failed)
{
	bool write = a->info_1 & 1;
	const struct registers *r = write ? &a->r : now;

	TRACE(a->id, MSR, "dir=%s msr=%#x value=%#lx result=%d", write ? "write" : "read",
	      (u32)a->r.rcx, failed && !write ? 0 : r->rdx << 32 | (u32)r->rax,
	      failed ? -E_INVAL : 0);
}

static void tell_port(const struct asking *a, const struct registers *now)
{
	u64 info = a->info_1;
	u16 port = (u16)(info >> IOIO_PORT_SHIFT);
	u32 size = info & IOIO_DATA_8 ? 1 : info & IOIO_DATA_16 ? 2 : 4;
	bool in = info & IOIO_TYPE_IN;

	if (info & IOIO_TYPE_STR)
		TRACE(a->id, IOIO, "dir=%s port=%#x size=%#x count=%#lx", in ? "ins" : "outs", port,
		      size, info & IOIO_REP ? a->info_2 : 1);
	else
		TRACE(a->id, IOIO, "dir=%s port=%#x size=%#x value=%#x", in ? "in" : "out", port,
		      size, (u32)((in ? now->rax : a->r.rax) & bits_mask(8 * size)));
}

static void tell_call(const struct asking *a, const struct registers *now)
{
	const struct registers *r = &a->r;

	TRACE(a->id, VMMCALL, "nr=%#lx a0=%#lx a1=%#lx a2=%#lx a3=%#lx result=%#lx rip=%#lx",
	      r->rax, r->rbx, r->rcx, r->rdx, r->rsi, now->rax, a->rip);
}

static void tell_mmio(const struct asking *a, const struct registers *now, bool failed)
{
	bool write = a->code == SVM_VMGEXIT_MMIO_WRITE;

	TRACE(a->id, MMIO, "dir=%s gpa=%#lx size=%#lx value=%#lx result=%d",
	      write ? "write" : "read", a->info_1, a->info_2, write ? a->r.scratch : now->scratch,
	      failed ? -E_INVAL : 0);
}

static void tell(const struct asking *a, const struct registers *now, bool failed)
{
	switch (a->code) {
	case SVM_EXIT_CPUID:
		TRACE(a->id, CPUID, "leaf=%#x subleaf=%#x eax=%#x ebx=%#x ecx=%#x edx=%#x",
		      (u32)a->r.rax, (u32)a->r.rcx, (u32)now->rax, (u32)now->rbx, (u32)now->rcx,
		      (u32)now->rdx);
		return;
	case SVM_EXIT_MSR: tell_msr(a, now, failed); return;
	case SVM_EXIT_IOIO: tell_port(a, now); return;
	case SVM_EXIT_VMMCALL: tell_call(a, now); return;
	case SVM_VMGEXIT_MMIO_READ:
	case SVM_VMGEXIT_MMIO_WRITE: tell_mmio(a, now, failed); return;
	case SVM_EXIT_HLT: TRACE(a->id, HLT, "rip=%#lx", a->rip); return;
	case SVM_VMGEXIT_PSC:
		TRACE(a->id, VMGEXIT, "entries=%u private=%lu shared=%lu", a->entries, a->private,
		      a->shared);
		return;
	default: return;
	}
}

static void tell_page(const struct nested *n, const struct asking *a)
{
	const struct ghcb *g = page(n, a->msr);
	struct registers now = a->r;

	if (g)
		now = of_ghcb(a, g);
	TRACE_OPEN(a->id, VMGEXIT, "code=%#lx info1=%#lx info2=%#lx", a->code, a->info_1,
		   a->info_2);
	tell(a, &now, g && (u32)g->save.sw_exit_info_1);
	TRACE_CLOSE("result=%#lx value=%#lx", g ? g->save.sw_exit_info_1 : 0,
		    g ? g->save.sw_exit_info_2 : 0);
}

void nested_trace_exit(struct nested *n)
{
	if (tracing)
		ask(n, find(n), n->l2.vmcb->control.exit_code);
}

void nested_trace_entry(struct nested *n)
{
	struct asking *a;
	struct registers now;

	if (!tracing)
		return;
	a = find(n);
	n->l2.id = a->id;
	if (!a->open)
		return;
	a->open = false;
	now = of_vcpu(&n->l2);
	if (n->mode < NESTED_SEV_ES)
		tell(a, &now, n->l2.vmcb->save.rip == a->rip);
	else if (!ghcb_msr_info(a->msr))
		tell_page(n, a);
	else
		TRACE(a->id, GHCB_MSR, "request=%#lx response=%#lx", a->msr, n->ghcb_msr);
}
