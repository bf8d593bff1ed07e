/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the host answers in the GHCB page, as the specification says and KVM does: results, errors
 * of malformed requests, exceptions. Seen raw, without the guest's own checks in between.
 * RUN: %guest-cc %s -o %t
 * RUN: %run-guest --platform=snp %t | FileCheck %s
 * RUN: %run-guest --platform=snp --smp=3 --monitor-option=features=apic-id-list %t -- test ids | \
 * RUN:   FileCheck %s --check-prefix=IDS
 * RUN: %run-guest --platform=sev-es --boot=direct %t -- test jump-table | \
 * RUN:   FileCheck %s --check-prefix=TABLE
 *
 * TABLE: jump table within a page: 0x2 0x5
 * TABLE-NEXT: jump table set: 0x0
 * TABLE-NEXT: jump table: 0x0 0x123456000
 * TABLE-NEXT: neither: 0x2 0x5
 * RUN: %run-guest --platform=snp %t -- test scratch | FileCheck %s --check-prefix=SCRATCH
 * RUN: %run-guest --platform=sev-es --monitor-option=ghcb=1 %t -- test version | \
 * RUN:   FileCheck %s --check-prefix=V1
 * RUN: %run-guest --platform=sev-es %t -- test version | FileCheck %s --check-prefix=V2
 * V1: newest version: 1
 * V2: newest version: 2
 *
 * SCRATCH: OK string over pages: 0x0 0x0
 * SCRATCH-NEXT: string read over pages: 0x0 0x0, as before 0, beyond it 0x5a
 * SCRATCH-NEXT: MMIO over pages: 0x0 0x0, id 0x0
 * SCRATCH-NEXT: 16 pages and a byte: 0x2 0x3
 * SCRATCH-NEXT: beyond what is shared: 0x2 0x3
 * SCRATCH-NEXT: private: 0x2 0x3
 * SCRATCH-NEXT: no memory: 0x2 0x3
 * SCRATCH-NEXT: around the end of addresses: 0x2 0x3
 * SCRATCH-NEXT: no scratch: 0x2 0x3
 * SCRATCH-NEXT: PSC elsewhere: 0x2 0x3
 *
 * IDS: features: 0x0 0x13
 * IDS-NEXT: no page: 0x0 rax 0x1
 * IDS-NEXT: private page: 0x2 0x5
 * IDS-NEXT: ids: 0x0 rax 0x1
 * IDS-NEXT: 3 of them: 0 1 2
 * IDS-NEXT: within a page: 0x2 0x5
 * CHECK: features: 0x0 0x3
 * CHECK-NEXT: unknown exit: 0x2 0x6
 * CHECK-NEXT: doorbell: 0x2 0x6
 * CHECK-NEXT: #HV IPI: 0x2 0x6
 * CHECK-NEXT: #HV timer: 0x2 0x6
 * CHECK-NEXT: APIC ids: 0x2 0x6
 * CHECK-NEXT: run VMPL: 0x2 0x6
 * CHECK-NEXT: usage: 0x2 0x2
 * CHECK-NEXT: scratch outside: 0x2 0x3
 * CHECK-NEXT: MMIO at memory: 0x2 0x5
 * CHECK-NEXT: MMIO into the I/O APIC: 0x2 0x5
 * CHECK-NEXT: MMIO into the local APIC: 0x2 0x5
 * CHECK-NEXT: MMIO out of a page: 0x2 0x5
 * CHECK-NEXT: unknown MSR: 0x1 0x80000b0d
 * CHECK-NEXT: KVM MSR misaligned: 0x1 0x80000b0d
 * CHECK-NEXT: MSR written by 2: 0x0 0x0
 * CHECK-NEXT: MSR read: 0x0 rax 0x123
 * CHECK-NEXT: EFER by the host: 0x1 0x80000b0d
 * CHECK-NEXT: local APIC moved: 0x1 0x80000b0d
 * CHECK-NEXT: RDPMC: 0x1 0x80000b0d
 * CHECK-NEXT: guest request: 0x2 0x5
 * CHECK-NEXT: no such hypercall: 0x0 rax 0xfffffffffffffc18
 * CHECK-NEXT: hypercall of CPL 3: 0x0 rax 0xffffffffffffffff
 * CHECK-NEXT: DR7 written and read: 0x0 rax 0x401
 * CHECK-NEXT: AP creation: 0x2
 * CHECK-NEXT: PSC beyond the buffer: 0x0 0x100000001
 */
#include <malloc.h>
#include <stdio.h>
#include <string.h>

#include "abi/kvm_para.h"
#include "abi/x86.h"
#include "kernel/workload.h"
#include "lib/cpu.h"
#include "mm/visibility.h"
#include "paravirt/ghcb.h"

struct answer {
	u64 info_1;
	u64 info_2;
	u64 rax;
};

/* What differs from request to request; what is 0 is not marked valid. */
struct question {
	u64 code, info_1, info_2;
	u64 rax, rcx, rdx, scratch;
	u64 elsewhere; /* scratch memory outside of the page */
	u32 usage;
	unsigned int cpl;
	bool no_scratch; /* marked valid, and 0 */
	bool has_cpl, has_rax, has_rcx, has_rdx;
};

static u64 gpa_of(struct ghcb *g) { return (u64)g; }

static struct answer ask(const struct question *q)
{
	struct ghcb_request use = ghcb_begin();
	struct ghcb *g = use.ghcb;
	struct answer answer;

	g->protocol_version = GHCB_PROTOCOL_MAX;
	g->ghcb_usage = q->usage;
	ghcb_set(g, sw_exit_code, q->code);
	ghcb_set(g, sw_exit_info_1, q->info_1);
	ghcb_set(g, sw_exit_info_2, q->info_2);
	if (q->has_rax)
		ghcb_set(g, rax, q->rax);
	if (q->has_rcx)
		ghcb_set(g, rcx, q->rcx);
	if (q->has_rdx)
		ghcb_set(g, rdx, q->rdx);
	if (q->has_cpl)
		ghcb_set(g, cpl, (u8)q->cpl);
	if (q->scratch)
		ghcb_set(g, sw_scratch, gpa_of(g) + q->scratch);
	if (q->elsewhere || q->no_scratch)
		ghcb_set(g, sw_scratch, q->elsewhere);
	/* A page-state change with more entries than any buffer has */
	memset(g->shared_buffer, 0xff, 4);
	memset(g->shared_buffer + 4, 0, 4);
	wrmsr(MSR_GHCB, gpa_of(g));
	vmgexit();
	answer = (struct answer){ g->save.sw_exit_info_1, g->save.sw_exit_info_2, g->save.rax };
	g->ghcb_usage = 0;
	ghcb_end(&use);
	return answer;
}

static void show(const char *what, struct question q)
{
	struct answer a = ask(&q);

	printf("%s: 0x%llx 0x%llx\n", what, (unsigned long long)a.info_1,
	       (unsigned long long)a.info_2);
}

static void show_rax(const char *what, struct question q)
{
	struct answer a = ask(&q);

	printf("%s: 0x%llx rax 0x%llx\n", what, (unsigned long long)a.info_1,
	       (unsigned long long)a.rax);
}

#define Q(...) ((struct question){ __VA_ARGS__ })

static int test_jump_table(void)
{
	const u64 code = SVM_VMGEXIT_AP_JUMP_TABLE, set = GHCB_JUMP_TABLE_SET;

	show("jump table within a page", Q(.code = code, .info_1 = set, .info_2 = 0x123456ffe));
	show("jump table set", Q(.code = code, .info_1 = set, .info_2 = 0x123456000));
	show("jump table", Q(.code = code, .info_1 = GHCB_JUMP_TABLE_GET));
	show("neither", Q(.code = code, .info_1 = 2));
	return 0;
}

static int test_ids(void)
{
	u32 *ids = memalign(PAGE_SIZE, PAGE_SIZE);
	const u64 code = SVM_VMGEXIT_APIC_ID_LIST, at = (u64)ids;

	show("features", Q(.code = SVM_VMGEXIT_HV_FEATURES));
	show_rax("no page", Q(.code = code, .info_1 = at, .has_rax = true));
	show("private page", Q(.code = code, .info_1 = at, .rax = 1, .has_rax = true));
	if (set_memory_decrypted(va_of(ids), 1))
		return 1;
	show_rax("ids", Q(.code = code, .info_1 = at, .rax = 1, .has_rax = true));
	printf("%u of them: %u %u %u\n", ids[0], ids[1], ids[2], ids[3]);
	show("within a page", Q(.code = code, .info_1 = at + 8, .rax = 1, .has_rax = true));
	return 0;
}

#define SCRATCH_PAGES 17

/* To COM1, thus the console, and from its line control register. */
static int test_scratch(void)
{
	u8 *area = memalign(PAGE_SIZE, (SCRATCH_PAGES + 1) * PAGE_SIZE);
	const u64 out = (u64)PORT_COM1 << IOIO_PORT_SHIFT | IOIO_TYPE_STR | IOIO_REP | IOIO_DATA_8;
	const u64 in = (u64)(PORT_COM1 + 3) << IOIO_PORT_SHIFT | IOIO_TYPE_STR | IOIO_REP |
		       IOIO_DATA_8 | IOIO_TYPE_IN;
	const u64 code = SVM_EXIT_IOIO, at = (u64)area, end = at + SCRATCH_PAGES * PAGE_SIZE;
	struct answer a;
	int same = 0;

	if (set_memory_decrypted(va_of(area), SCRATCH_PAGES))
		return 1;
	memset(area, 0x5a, SCRATCH_PAGES * PAGE_SIZE);
	memcpy(area + PAGE_SIZE - 2, "OK ", 3);
	show("string over pages",
	     Q(.code = code, .info_1 = out, .info_2 = 3, .elsewhere = at + PAGE_SIZE - 2));
	a = ask(&Q(.code = code, .info_1 = in, .info_2 = 3 * PAGE_SIZE, .elsewhere = at + 100));
	for (u64 i = 100; i < 100 + 3 * PAGE_SIZE; i++)
		same += area[i] == 0x5a;
	printf("string read over pages: 0x%llx 0x%llx, as before %d, beyond it %#x\n",
	       (unsigned long long)a.info_1, (unsigned long long)a.info_2, same,
	       area[100 + 3 * PAGE_SIZE]);
	a = ask(&Q(.code = SVM_VMGEXIT_MMIO_READ, .info_1 = APIC_BASE_DEFAULT + APIC_ID,
		   .info_2 = 4, .elsewhere = at + PAGE_SIZE - 2));
	printf("MMIO over pages: 0x%llx 0x%llx, id 0x%x\n", (unsigned long long)a.info_1,
	       (unsigned long long)a.info_2,
	       (unsigned int)area[PAGE_SIZE - 2] | area[PAGE_SIZE - 1] | area[PAGE_SIZE] |
		       area[PAGE_SIZE + 1]);
	show("16 pages and a byte",
	     Q(.code = code, .info_1 = out, .info_2 = 16 * PAGE_SIZE + 1, .elsewhere = at));
	show("beyond what is shared",
	     Q(.code = code, .info_1 = in, .info_2 = 2, .elsewhere = end - 1));
	show("private", Q(.code = code, .info_1 = in, .info_2 = 1, .elsewhere = end));
	show("no memory",
	     Q(.code = code, .info_1 = in, .info_2 = 1, .elsewhere = APIC_BASE_DEFAULT));
	show("around the end of addresses",
	     Q(.code = code, .info_1 = out, .info_2 = 2, .elsewhere = ~U64_C(0)));
	show("no scratch", Q(.code = code, .info_1 = out, .info_2 = 2, .no_scratch = true));
	show("PSC elsewhere", Q(.code = SVM_VMGEXIT_PSC, .elsewhere = at));
	return 0;
}

static int test_version(void)
{
	u64 own = rdmsr(MSR_GHCB), answer;

	wrmsr(MSR_GHCB, GHCB_MSR_SEV_INFO_REQ);
	vmgexit();
	answer = rdmsr(MSR_GHCB);
	wrmsr(MSR_GHCB, own);
	printf("newest version: %u\n", (unsigned int)(answer >> 48));
	return 0;
}

static int test(int argc, char **argv)
{
	if (argc > 1 && !strcmp(argv[1], "scratch"))
		return test_scratch();
	if (argc > 1 && !strcmp(argv[1], "version"))
		return test_version();
	if (argc > 1 && !strcmp(argv[1], "ids"))
		return test_ids();
	if (argc > 1 && !strcmp(argv[1], "jump-table"))
		return test_jump_table();
	show("features", Q(.code = SVM_VMGEXIT_HV_FEATURES));
	show("unknown exit", Q(.code = 0x12345));
	show("doorbell", Q(.code = SVM_VMGEXIT_HV_DOORBELL_PAGE, .info_1 = HV_DOORBELL_QUERY));
	show("#HV IPI", Q(.code = SVM_VMGEXIT_HV_IPI, .info_1 = 0x4051));
	show("#HV timer", Q(.code = SVM_VMGEXIT_HV_TIMER));
	show("APIC ids", Q(.code = SVM_VMGEXIT_APIC_ID_LIST, .has_rax = true));
	show("run VMPL", Q(.code = SVM_VMGEXIT_SNP_RUN_VMPL));
	show("usage", Q(.code = SVM_EXIT_WBINVD, .usage = 1));
	show("scratch outside", Q(.code = SVM_VMGEXIT_MMIO_READ, .info_1 = APIC_BASE_DEFAULT,
				  .info_2 = 4, .scratch = 0xffc));
	show("MMIO at memory",
	     Q(.code = SVM_VMGEXIT_MMIO_READ, .info_1 = 0x200000, .info_2 = 4, .scratch = 0x800));
	show("MMIO into the I/O APIC", Q(.code = SVM_VMGEXIT_MMIO_WRITE, .info_1 = 0xfebffffc,
					 .info_2 = 8, .scratch = 0x800));
	show("MMIO into the local APIC", Q(.code = SVM_VMGEXIT_MMIO_WRITE, .info_1 = 0xfedffffc,
					   .info_2 = 8, .scratch = 0x800));
	show("MMIO out of a page",
	     Q(.code = SVM_VMGEXIT_MMIO_READ, .info_1 = 0xfec00ffd, .info_2 = 4, .scratch = 0x800));
	show("unknown MSR", Q(.code = SVM_EXIT_MSR, .rcx = 0x12345678, .has_rcx = true));
	show("KVM MSR misaligned",
	     Q(.code = SVM_EXIT_MSR, .info_1 = 1, .rcx = MSR_KVM_STEAL_TIME, .rax = 0x1003,
	       .has_rax = true, .has_rcx = true, .has_rdx = true));
	show("MSR written by 2",
	     Q(.code = SVM_EXIT_MSR, .info_1 = 2, .rcx = MSR_TSC_AUX, .rax = 0x123, .has_rax = true,
	       .has_rcx = true, .has_rdx = true));
	show_rax("MSR read", Q(.code = SVM_EXIT_MSR, .rcx = MSR_TSC_AUX, .has_rcx = true));
	show("EFER by the host", Q(.code = SVM_EXIT_MSR, .info_1 = 1, .rcx = MSR_EFER, .rax = 0xff,
				   .has_rax = true, .has_rcx = true, .has_rdx = true));
	show("local APIC moved",
	     Q(.code = SVM_EXIT_MSR, .info_1 = 1, .rcx = MSR_APIC_BASE, .rax = 0xfed00900,
	       .has_rax = true, .has_rcx = true, .has_rdx = true));
	show("RDPMC", Q(.code = SVM_EXIT_RDPMC, .has_rcx = true));
	show("guest request", Q(.code = SVM_VMGEXIT_GUEST_REQUEST));
	show_rax("no such hypercall",
		 Q(.code = SVM_EXIT_VMMCALL, .rax = 999, .has_rax = true, .has_cpl = true));
	show_rax("hypercall of CPL 3", Q(.code = SVM_EXIT_VMMCALL, .rax = KVM_HC_VAPIC_POLL_IRQ,
					 .has_rax = true, .cpl = 3, .has_cpl = true));
	ask(&Q(.code = SVM_EXIT_WRITE_DR7, .rax = 0x401, .has_rax = true));
	show_rax("DR7 written and read", Q(.code = SVM_EXIT_READ_DR7));
	show("AP creation", Q(.code = SVM_VMGEXIT_AP_CREATION, .info_1 = 1, .has_rax = true));
	show("PSC beyond the buffer", Q(.code = SVM_VMGEXIT_PSC, .scratch = 0x800));
	return 0;
}

DEFINE_WORKLOAD("test", "asks the host", test);
