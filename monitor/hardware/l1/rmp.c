/* SPDX-License-Identifier: Apache-2.0 */
/*
 * See rmp.h.
 * Does not: see which size L1's own page tables map with, so that a write through a 2M mapping of
 * which another page is a guest's does not fault.
 */
#include "monitor/hardware/l1/rmp.h"

#include "abi/svm.h"
#include "lib/compiler.h"
#include "lib/cpu.h"
#include "monitor/hardware/l1/frame.h"
#include "monitor/hardware/l1/l1.h"
#include "monitor/machine/end.h"
#include "monitor/machine/memory.h"
#include "monitor/machine/options.h"
#include "monitor/svm/exit_context.h"
#include "monitor/svm/inject.h"
#include "monitor/svm/npt.h"
#include "monitor/svm/pages.h"
#include "monitor/svm/walk.h"

static u64 base, size;
static struct rmp_table table;
static bool enabled;

/* Both ends at 2M, or Linux takes what is left of a 2M from the memory map: fixup_e820_tables(). */
void l1_rmp_init(u64 page_count)
{
	u64 memory;

	size = align_up(RMP_BOOKKEEPING_SIZE + page_count * sizeof(struct rmp_raw),
			(u64)PAGE_2M_SIZE);
	memory = (u64)memory_alloc(size + PAGE_2M_SIZE);
	base = align_up(memory, (u64)PAGE_2M_SIZE);
}

void l1_rmp_place(struct l1_msrs *msrs)
{
	msrs->rmp_base = base;
	msrs->rmp_end = base + (guest.inject[INJECT_RMP_SMALL] >= 0 ? size / 2 : size) - 1;
}

int l1_rmp_enable(const struct l1_msrs *msrs)
{
	u64 at = msrs->rmp_base, bytes = msrs->rmp_end + 1 - at;

	if (enabled)
		return 0;
	if (at < base || bytes > size || at - base > size - bytes)
		return -E_INVAL;
	if (rmp_table_init(&table, (void *)at, at, bytes))
		return -E_INVAL;
	enabled = true;
	npt_drop(&guest.npt);
	return 0;
}

struct rmp_table *l1_rmp(void) { return enabled ? &table : NULL; }

bool l1_rmp_has(u64 pa) { return pa - base < size; }

static bool in_kernel(struct vcpu *v)
{
	if (vcpu_is_64bit(v) && !v->vmcb->save.cpl)
		return true;
	inject_exception_error(v, VEC_GP, 0);
	return false;
}

/* EAX, and the flags as of a comparison with 0: APM3 */
static void finish(struct vcpu *v, u32 status)
{
	u64 *rflags = &v->vmcb->save.rflags;

	v->vmcb->save.rax = status;
	*rflags &= ~(u64)(RFLAGS_CF | RFLAGS_PF | RFLAGS_AF | RFLAGS_ZF | RFLAGS_SF | RFLAGS_OF);
	if (!status)
		*rflags |= RFLAGS_ZF | RFLAGS_PF;
	exit_finish(v);
}

/* What is the host's again may be written by devices next, which have no key. */
static void updated(u64 pa, u64 bytes, bool assigned)
{
	l1_frame_forget(pa, bytes);
	if (!assigned)
		(void)l1_host_memory(pa, bytes);
}

static void rmpupdate(struct vcpu *v)
{
	u64 pa = v->vmcb->save.rax & ~L1_ALIAS_BIT, at = v->gpr[REG_RCX], bytes;
	struct rmp_state state;
	u32 error_code, status;

	if (walk_read(v, at, &state, sizeof(state), &error_code)) {
		v->vmcb->save.cr2 = at;
		inject_exception_error(v, VEC_PF, error_code);
		return;
	}
	bytes = state.page_size ? PAGE_2M_SIZE : PAGE_SIZE;
	status = rmp_table_update(&table, pa, &state);
	TRACE(v->id, RMPUPDATE, "pa=%#lx assigned=%u gpa=%#lx asid=%#x size=%#x status=%#x", pa,
	      state.assigned, state.gpa, state.asid, state.page_size, status);
	if (!status)
		updated(align_down(pa, bytes), bytes, state.assigned);
	finish(v, status);
}

static void psmash(struct vcpu *v)
{
	u64 pa = v->vmcb->save.rax & ~L1_ALIAS_BIT;
	u32 status = rmp_table_psmash(&table, pa);

	TRACE(v->id, RMPUPDATE, "pa=%#lx insn=psmash status=%#x", pa, status);
	if (!status)
		l1_frame_forget(align_down(pa, (u64)PAGE_2M_SIZE), PAGE_2M_SIZE);
	finish(v, status);
}

bool l1_rmp_insn(struct vcpu *v, const struct insn *insn)
{
	bool has_snp = l1_of(v)->msrs.syscfg & SYSCFG_SNP_EN;

	if (!has_snp || (insn->kind != INSN_RMPUPDATE && insn->kind != INSN_PSMASH))
		return false;
	if (!in_kernel(v))
		return true;
	if (insn->kind == INSN_RMPUPDATE)
		rmpupdate(v);
	else
		psmash(v);
	return true;
}

/* Whose page it is tells the ASID: the firmware's, and what it has given up, have none. */
static void name_write(const struct vcpu *v, u64 pa)
{
	u64 rip = v->vmcb->save.rip;

	if (rmp_raw_asid(rmp_table_entry(&table, pa)))
		TRACE(v->id, VIOLATION, "name=host-write-guest pa=%#lx rip=%#lx", pa, rip);
	else
		TRACE(v->id, VIOLATION, "name=host-write-firmware pa=%#lx rip=%#lx", pa, rip);
}

/* APM2 15.36.10: P, since the page is there, and RMP */
static void page_fault(struct vcpu *v, u64 info)
{
	u32 code = PF_P | (u32)PF_RMP;

	code |= info & NPF_W ? PF_W : 0;
	code |= v->vmcb->save.cpl == 3 ? PF_U : 0;
	(void)exit_operand(v, info & NPF_W, &v->vmcb->save.cr2);
	name_write(v, v->vmcb->control.exit_info_2);
	inject_exception_error(v, VEC_PF, code);
}

bool l1_rmp_lets_write(u64 pa)
{
	const struct rmp_access access = { .gpa = pa, .shared = true, .kind = ACCESS_WRITE };

	return !enabled || !rmp_table_check(&table, pa, &access);
}

bool l1_rmp_lets_iommu_write(u64 pa)
{
	u64 known = RMP_RAW_GPA | RMP_RAW_ASID | RMP_RAW_VMSA;
	const struct rmp_raw *entry = enabled ? rmp_table_entry(&table, pa) : NULL;

	return l1_rmp_lets_write(pa) || (entry && (entry->lo & known) == RMP_IOMMU_GPA);
}

bool l1_rmp_use(u64 pa) { return !enabled || rmp_table_host_begin(&table, pa); }

void l1_rmp_unuse(u64 pa)
{
	if (enabled)
		rmp_table_host_end(&table, pa);
}

bool l1_rmp_access(struct vcpu *v, u64 pa, u64 info, struct l1_rmp_view *view)
{
	*view = (struct l1_rmp_view){ true, true };
	if (!enabled)
		return true;
	view->write = l1_rmp_lets_write(pa);
	view->large =
		rmp_table_free_2m(&table, pa) &&
		!rmp_table_covers_itself(&table, align_down(pa, (u64)PAGE_2M_SIZE), PAGE_2M_SIZE);
	if (view->write || !(info & NPF_W))
		return true;
	page_fault(v, info);
	return false;
}
