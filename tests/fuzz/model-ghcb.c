/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Nothing that a guest puts into the GHCB page, the GHCB MSR or its code makes the monitor's model
 * read outside of what it was given, accept a request without the fields that it needs, or give a
 * place outside of the shared buffer.
 * The suite's run is short and always the same. A long one: the lines below with
 * `-max_total_time=3600 CORPUS` in place of -runs and -seed.
 *
 * RUN: clang @%build/lists/flags-native -fsanitize=fuzzer %s -o %t
 * RUN: %t -seed=1 -runs=100000 -max_len=512 -len_control=0 -artifact_prefix=%t- 2>&1
 */
#undef NDEBUG
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "../../monitor/hardware/cpuid.c"
#include "../../monitor/hardware/cpuid_page.c"
#include "../../monitor/hardware/cpuid_xstate.c"
#include "../../monitor/host/ghcb_page.c"
#include "../../monitor/svm/insn.c"
#include "../../monitor/svm/insn_group_7.c"
#include "../../monitor/host/kvm_host.c"
#include "../../monitor/host/msr_protocol.c"
#include "../../monitor/host/psc.c"
#include "../../monitor/hardware/page_state.c"
#include "../../monitor/hardware/rmp.c"
#include "../../monitor/hardware/rmp_rules.c"
#include "../../monitor/hardware/sev_pages.c"

#define PAGES 2048
#define GPA   U64_C(0x5000)

int LLVMFuzzerTestOneInput(const u8 *data, size_t size);

static u32 entries[PAGE_STATE_WORDS(PAGES)];
static struct rmp rmp;

static struct cpuid_values fake_cpuid(void *context, u32 leaf, u32 subleaf)
{
	(void)context;
	return (struct cpuid_values){ leaf ? 0x80000020 : 0xd, leaf, subleaf, ~leaf };
}

static const struct cpuid_cpu cpu = { .xcr0 = 1 };

static void try_insn(const u8 *data, size_t size)
{
	size_t count = size < 20 ? size : 20;
	u8 *exact = malloc(count); /* the sanitizer watches its end */

	memcpy(exact, data, count);
	for (int mode = INSN_MODE_16; mode <= INSN_MODE_64; mode++) {
		struct insn insn = insn_identify(exact, count, mode);

		assert(insn.length <= count && insn.length <= INSN_LENGTH_MAX);
		assert((insn.kind == INSN_UNKNOWN) == (insn.length == 0));
		assert(insn.gpr < 16 && insn.special < 16 && insn.port <= INSN_PORT_DX);
		/* the same from exactly its bytes */
		if (insn.length)
			assert(insn_identify(exact, insn.length, mode).kind == insn.kind);
	}
	free(exact);
}

static void try_msr(u64 msr)
{
	struct cpuid_model model;
	struct msr_protocol p = {
		.rmp = &rmp, .cpuid = &model, .cpu = &cpu, .registered_gpa = GPA
	};
	struct msr_protocol_result r;

	cpuid_model_init(&model, fake_cpuid, NULL, 0x1a, 51, 1);
	r = msr_protocol_request(&p, msr);
	assert((r.action == MSR_PROTOCOL_VIOLATION) == (r.violation != VIOLATION_NONE));
	if (r.action ==
	    MSR_PROTOCOL_RESPOND) /* each answer is its request's number, one up or down */
		assert(ghcb_msr_info(r.value) ==
		       (ghcb_msr_info(msr) == 2 ? 1 : ghcb_msr_info(msr) + 1));
	if (r.psc_op)
		assert(r.gpa < (u64)PAGES * PAGE_SIZE);
	if (r.action == MSR_PROTOCOL_PAGE)
		assert(r.gpa == GPA && msr == GPA);
}

static void changed(void *context, u64 gpa, u64 size, bool private)
{
	(void)context;
	(void)private;
	assert(gpa % size == 0 && gpa + size <= (u64)PAGES * PAGE_SIZE);
}

static void try_psc(struct ghcb *ghcb)
{
	struct psc_desc desc = { 0 };
	struct psc_result r;
	u32 offset;
	u64 room;

	if (ghcb_scratch(ghcb, GPA, sizeof(desc.header), &offset))
		return;
	room = GHCB_SHARED_BUFFER_SIZE - offset;
	memcpy(&desc, ghcb->shared_buffer + offset, room);
	r = psc_process(&desc, (unsigned int)((room - 8) / 8), &rmp, changed, NULL);
	assert(r.entries <= PSC_ENTRY_MAX && (!r.violation || r.error));
}

static void try_hypercall(const struct ghcb *ghcb)
{
	const struct kvm_hypercall call = { .nr = ghcb->save.rax,
					    .args = { ghcb->save.rbx, ghcb->save.rcx,
						      ghcb->save.rdx, ghcb->save.rsi },
					    .cpl = ghcb->save.cpl,
					    .is_64bit = ghcb->save.rbp & 1 };
	struct kvm_hypercall_result r = kvm_hypercall_decode(&call, ~0U);
	u32 id;
	int count = 0;

	if (r.action == KVM_ACTION_SEND_IPI) {
		int asked = __builtin_popcountll(r.ipi_low) + __builtin_popcountll(r.ipi_high);

		while (kvm_ipi_next(&r, &id))
			count++;
		assert(!r.ret && count == asked);
	}
	if (r.action == KVM_ACTION_MAP_GPA)
		assert(r.gpa % PAGE_SIZE == 0 && r.page_count);
}

static void try_page(struct ghcb *ghcb)
{
	struct ghcb_verdict verdict = ghcb_check(ghcb, GHCB_PROTOCOL_MAX);
	u64 size = ghcb->save.sw_exit_info_2;
	u32 offset;

	assert(!verdict.violation || (verdict.field && !verdict.error));
	assert(verdict.error <= GHCB_ERR_INVALID_EVENT);
	if (!ghcb_scratch(ghcb, GPA, size, &offset))
		assert(offset < GHCB_SHARED_BUFFER_SIZE &&
		       size <= GHCB_SHARED_BUFFER_SIZE - offset);
	if (verdict.violation || verdict.error)
		return;
	assert(GHCB_IS_VALID(ghcb, sw_exit_code) && ghcb->protocol_version == 2);
	if (ghcb->save.sw_exit_code == SVM_VMGEXIT_PSC)
		try_psc(ghcb);
	if (ghcb->save.sw_exit_code == SVM_EXIT_VMMCALL)
		try_hypercall(ghcb);
	ghcb_reply(ghcb);
	assert(GHCB_IS_VALID(ghcb, sw_exit_info_1) && !GHCB_IS_VALID(ghcb, rax));
}

/* The head of an input; what follows it lies at the scratch address. */
struct input {
	u64 msr;
	u8 exit;
	u8 flags; /* 1: a field is not valid; 2: a wrong version; 4: scratch anywhere */
	u16 scratch;
	u32 missing;
	u64 info[2];
	u64 regs[6];
};

static void make_page(struct ghcb *ghcb, const struct input *in, const u8 *rest, size_t size)
{
	static const u32 codes[] = { SVM_VMGEXIT_PSC,        SVM_EXIT_VMMCALL,
				     SVM_EXIT_IOIO,          SVM_EXIT_CPUID,
				     SVM_EXIT_MSR,           SVM_VMGEXIT_MMIO_READ,
				     SVM_VMGEXIT_AP_CREATION };
	const u64 buffer = offsetof(struct ghcb, shared_buffer);
	u64 at = in->scratch % (GHCB_SHARED_BUFFER_SIZE + 16);

	memset(ghcb, 0, sizeof(*ghcb));
	memset(ghcb->save.valid_bitmap, 0xff, sizeof(ghcb->save.valid_bitmap));
	if (in->flags & 1)
		ghcb->save.valid_bitmap[in->missing % 16] = (u8)(in->missing >> 8);
	ghcb->protocol_version = in->flags & 2 ? in->scratch : 2;
	ghcb->save.sw_exit_code = in->exit < array_count(codes) ? codes[in->exit] : in->exit;
	ghcb->save.sw_exit_info_1 = in->info[0];
	ghcb->save.sw_exit_info_2 = in->info[1];
	ghcb->save.sw_scratch = in->flags & 4 ? in->regs[5] : GPA + buffer - 8 + at;
	ghcb->save.rax = in->regs[0];
	ghcb->save.rbx = in->regs[1];
	ghcb->save.rcx = in->regs[2];
	ghcb->save.rdx = in->regs[3];
	ghcb->save.rsi = in->regs[4];
	ghcb->save.rbp = in->regs[5];
	if (size > sizeof(*ghcb) - (buffer - 8 + at))
		size = sizeof(*ghcb) - (buffer - 8 + at);
	memcpy((u8 *)ghcb + buffer - 8 + at, rest, size);
}

int LLVMFuzzerTestOneInput(const u8 *data, size_t size)
{
	struct input in = { 0 };
	size_t head = size < sizeof(in) ? size : sizeof(in);
	struct ghcb *ghcb = malloc(sizeof(*ghcb));

	rmp_init(&rmp, entries, PAGES);
	assert(!rmp_assign(&rmp, 0x200000, 0x200000, RMP_VALIDATED));
	memcpy(&in, data, head);
	try_insn(data, size);
	try_msr(in.msr);
	try_msr(GPA);
	make_page(ghcb, &in, data + head, size - head);
	try_page(ghcb);
	free(ghcb);
	return 0;
}
