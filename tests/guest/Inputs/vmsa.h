/* SPDX-License-Identifier: Apache-2.0 */
/*
 * For tests of AP creation: a VMSA like the processor that makes it, and the request.
 */
#pragma once

#include "abi/ghcb.h"
#include "abi/sev.h"
#include "abi/vmcb.h"
#include "lib/cpu.h"
#include "lib/string.h"
#include "paravirt/ghcb.h"

/* In @page: 64-bit mode at @start, with the tables in use and interrupts off. */
static inline struct vmsa *vmsa_make(u64 page, void (*start)(void), u64 stack)
{
	struct vmsa *s = (struct vmsa *)page;
	const struct vmcb_seg data = { .attrib = SEG_ATTRIB_DATA, .limit = ~0U };

	memset(s, 0, PAGE_SIZE);
	s->cs = (struct vmcb_seg){ .selector = 8, .attrib = SEG_ATTRIB_CODE64, .limit = ~0U };
	s->ds = s->es = s->fs = s->gs = s->ss = data;
	s->ldtr.attrib = SEG_ATTRIB_LDT;
	s->tr = (struct vmcb_seg){ .attrib = SEG_ATTRIB_TSS64, .limit = 0x67 };
	s->efer = rdmsr(MSR_EFER) | EFER_SVME;
	s->cr0 = read_cr0();
	s->cr3 = read_cr3();
	s->cr4 = read_cr4();
	s->dr6 = 0xffff0ff0;
	s->dr7 = 0x400;
	s->rflags = RFLAGS_FIXED;
	s->rip = (u64)start;
	s->rsp = stack - 8;
	s->g_pat = U64_C(0x0007040600070406);
	s->sev_features = SEV_FEATURES_SNP_ACTIVE;
	s->xcr0 = 1;
	s->mxcsr = 0x1f80;
	return s;
}

static inline u32 vmsa_adjust(u64 page, bool vmsa)
{
	return rmpadjust(page, RMP_PG_SIZE_4K, 1 | (vmsa ? RMPADJUST_VMSA : 0));
}

/* SW_EXITINFO1 and 2 of the answer. */
static inline u64 vmsa_request(u64 info_1, u64 gpa, u64 features)
{
	struct ghcb_request use = ghcb_begin();
	struct ghcb *g = use.ghcb;
	u64 answer;

	g->protocol_version = GHCB_PROTOCOL_MAX;
	g->ghcb_usage = GHCB_USAGE_STANDARD;
	ghcb_set(g, sw_exit_code, SVM_VMGEXIT_AP_CREATION);
	ghcb_set(g, sw_exit_info_1, info_1);
	ghcb_set(g, sw_exit_info_2, gpa);
	ghcb_set(g, rax, features);
	wrmsr(MSR_GHCB, (u64)g);
	vmgexit();
	answer = g->save.sw_exit_info_1 << 32 | (u32)g->save.sw_exit_info_2;
	ghcb_end(&use);
	return answer;
}

static inline u64 vmsa_create(u32 apic_id, u64 gpa)
{
	return vmsa_request((u64)apic_id << 32 | SVM_VMGEXIT_AP_CREATE, gpa,
			    SEV_FEATURES_SNP_ACTIVE);
}
