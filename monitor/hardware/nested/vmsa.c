/* SPDX-License-Identifier: Apache-2.0 */
/*
 * See vmsa.h. Does not: masks of debug addresses, which QEMU's processor has not.
 */
#include "monitor/hardware/nested/vmsa.h"

#include "abi/sev.h"
#include "lib/compiler.h"
#include "lib/cpu.h"
#include "monitor/hardware/l1/frame.h"
#include "monitor/hardware/l1/l1.h"
#include "monitor/hardware/l1/rmp.h"
#include "monitor/hardware/nested/x87.h"
#include "monitor/hardware/vmsa.h"

/* What VMCB and VMSA have in common: table B-2 */
#define COMMON_SIZE 0x2a0

static void copy(void *to, const void *from, size_t size)
{
	u64 *t = to;
	const u64 *f = from;

#pragma clang loop unroll_count(12)
	for (size_t i = 0; i < size / sizeof(u64); i++)
		t[i] = f[i];
}

static bool is_ours(const struct nested *n, u64 features)
{
	features &= ~(u64)SEV_FEATURES_DEBUG_SWAP;
	if (n->mode == NESTED_SNP)
		return features == SEV_FEATURES_SNP_ACTIVE &&
		       rmp_table_vmsa_begin(l1_rmp(), n->vmsa_pa, n->asid);
	return features == 0 && l1_rmp_use(n->vmsa_pa);
}

static void give_back(const struct nested *n)
{
	if (n->mode == NESTED_SNP)
		rmp_table_vmsa_end(l1_rmp(), n->vmsa_pa);
	else
		l1_rmp_unuse(n->vmsa_pa);
}

static void load_gprs(u64 *gpr, const struct vmsa *s)
{
	const u64 values[16] = { s->rax, s->rcx, s->rdx, s->rbx, s->rsp, s->rbp, s->rsi, s->rdi,
				 s->r8,  s->r9,  s->r10, s->r11, s->r12, s->r13, s->r14, s->r15 };

	copy(gpr, values, sizeof(values));
}

static void store_gprs(struct vmsa *s, const u64 *gpr)
{
	s->rcx = gpr[1];
	s->rdx = gpr[2];
	s->rbx = gpr[3];
	s->rbp = gpr[5];
	s->rsi = gpr[6];
	s->rdi = gpr[7];
	copy(&s->r8, gpr + 8, 8 * sizeof(u64));
}

static void load_debug(const u64 *dr)
{
	write_dr0(dr[0]);
	write_dr1(dr[1]);
	write_dr2(dr[2]);
	write_dr3(dr[3]);
}

static void store_debug(u64 *dr)
{
	dr[0] = read_dr0();
	dr[1] = read_dr1();
	dr[2] = read_dr2();
	dr[3] = read_dr3();
}

/* PKRU is the guest's or L1's, as the processor's CR4 in the monitor lets it be reached. */
static bool has_keys(void) { return read_cr4() & CR4_PKE; }

void nested_vmsa_init(void)
{
	if (cpuid_raw(CPUID_STRUCTURED, 0).ecx & CPUID_STRUCTURED_ECX_PKU)
		write_cr4(read_cr4() | CR4_PKE);
}

bool nested_vmsa_load(struct nested *n)
{
	struct vmsa *save = &n->l2.vmcb->save;
	const struct vmsa *s;
	u64 xcr0, features;

	if (n->vmsa_pa % PAGE_SIZE || !l1_has(n->vmsa_pa, PAGE_SIZE) ||
	    !l1_has(n->host->msrs.hsave_pa, PAGE_SIZE))
		return false;
	s = l1_frame(n->vmsa_pa, n->asid);
	features = READ_ONCE(s->sev_features);
	n->mode = features & SEV_FEATURES_SNP_ACTIVE && l1_rmp() ? NESTED_SNP : NESTED_SEV_ES;
	if (!is_ours(n, features))
		return false;
	copy(save, s, COMMON_SIZE);
	xcr0 = READ_ONCE(s->xcr0);
	if (vmsa_state_refusal(save) || !x87_is_legal(xcr0)) {
		give_back(n);
		return false;
	}
	n->vmpl = save->vmpl;
	n->swaps_debug = features & SEV_FEATURES_DEBUG_SWAP;
	if (n->swaps_debug)
		load_debug(save->dr);
	load_gprs(n->l2.gpr, s);
	vmload((u64)n->l2.vmcb);
	x87_load(s, xcr0);
	if (has_keys())
		wrpkru(s->pkru);
	return true;
}

void nested_vmsa_store(struct nested *n)
{
	const struct vmcb *hsave = l1_frame(n->host->msrs.hsave_pa, 0);
	const u64 xcr0 = READ_ONCE(hsave->save.xcr0);
	struct vmsa *s = l1_frame(n->vmsa_pa, n->asid);
	const struct vmcb *kept;

	vmsave((u64)n->l2.vmcb);
	if (n->swaps_debug)
		store_debug(n->l2.vmcb->save.dr);
	copy(s, &n->l2.vmcb->save, COMMON_SIZE);
	store_gprs(s, n->l2.gpr);
	x87_store(s, xcr0);
	if (has_keys())
		s->pkru = rdpkru();
	give_back(n);
	kept = l1_frame(n->host->msrs.hsave_pa, 0);
	load_gprs(n->host->v->gpr, &kept->save); /* RAX and RSP are in L1's VMCB */
	vmload((u64)kept);
	if (n->swaps_debug)
		load_debug(kept->save.dr);
	if (has_keys())
		wrpkru(kept->save.pkru);
}
