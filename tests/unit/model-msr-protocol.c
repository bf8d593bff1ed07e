/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Each request of the GHCB MSR protocol gets the answer of GHCB 2.3.1; what is no request, or a
 * page used against the rules, is a violation by name.
 * RUN: %unit-cc %s -o %t
 */
#include <assert.h>

#include "../../monitor/hardware/cpuid.c"
#include "../../monitor/hardware/cpuid_page.c"
#include "../../monitor/hardware/cpuid_xstate.c"
#include "../../monitor/host/msr_protocol.c"
#include "../../monitor/hardware/page_state.c"
#include "../../monitor/hardware/rmp.c"
#include "../../monitor/hardware/rmp_rules.c"
#include "../../monitor/hardware/sev_pages.c"

#define PAGES     16
#define PRIVATE   U64_C(0x3000) /* validated */
#define PENDING   U64_C(0x4000) /* private, not validated */
#define SHARED    U64_C(0x5000)
#define NO_MEMORY ((u64)PAGES << PAGE_SHIFT)
#define ALL_ONES  U64_C(0xfffffffffffff000)

static u32 entries[PAGE_STATE_WORDS(PAGES)];
static struct rmp rmp;

/* Every register of every leaf is different. */
static struct cpuid_values fake_cpuid(void *context, u32 leaf, u32 subleaf)
{
	(void)context;
	if (leaf == 0)
		return (struct cpuid_values){ 0x10, 0xb000, 0xc000, 0xd000 };
	return (struct cpuid_values){ leaf + subleaf, 0xb000 + leaf, 0xc000 + leaf, 0xd000 + leaf };
}

static const struct cpuid_model model = { .raw = fake_cpuid, .cpu_count = 1 };
static const struct cpuid_cpu cpu;

static struct msr_protocol protocol(void)
{
	rmp_init(&rmp, entries, PAGES);
	assert(!rmp_assign(&rmp, PRIVATE, PAGE_SIZE, RMP_VALIDATED));
	assert(!rmp_assign(&rmp, PENDING, PAGE_SIZE, 0));
	return (struct msr_protocol){
		.rmp = &rmp,
		.cpuid = &model,
		.cpu = &cpu,
		.version_max = GHCB_PROTOCOL_MAX,
		.features = GHCB_HV_FEATURE_SNP | GHCB_HV_FEATURE_AP_CREATION,
		.cbit = 51,
		.registered_gpa = GHCB_UNREGISTERED,
	};
}

/* The answer to @msr, which must be one that lets the guest go on. */
static u64 answer(u64 msr)
{
	struct msr_protocol p = protocol();
	struct msr_protocol_result r = msr_protocol_request(&p, msr);

	assert(r.action == MSR_PROTOCOL_RESPOND && !r.violation);
	return r.value;
}

static void test_information(void)
{
	assert(answer(GHCB_MSR_SEV_INFO_REQ) == U64_C(0x0002000133000001));
	assert(answer(GHCB_MSR_PREFERRED_GPA_REQ) == (ALL_ONES | 0x011));
	assert(answer(GHCB_MSR_HV_FEATURES_REQ) == 0x3081);
	assert(answer(ghcb_msr_cpuid_req(2, GHCB_CPUID_REG_EAX)) == U64_C(0x0000000200000005));
	assert(answer(ghcb_msr_cpuid_req(2, GHCB_CPUID_REG_EBX)) == U64_C(0x0000b00240000005));
	assert(answer(ghcb_msr_cpuid_req(2, GHCB_CPUID_REG_ECX)) == U64_C(0x0000c00280000005));
	assert(answer(ghcb_msr_cpuid_req(2, GHCB_CPUID_REG_EDX)) == U64_C(0x0000d002c0000005));
}

static void test_page_state(void)
{
	struct msr_protocol p = protocol();
	struct msr_protocol_result r;

	r = msr_protocol_request(&p, ghcb_msr_psc_req(SHARED >> 12, PSC_OP_PRIVATE));
	assert(r.action == MSR_PROTOCOL_RESPOND && r.value == GHCB_MSR_PSC_RESP);
	assert(r.gpa == SHARED && r.psc_op == PSC_OP_PRIVATE && !rmp_is_shared(&rmp, SHARED));
	r = msr_protocol_request(&p, ghcb_msr_psc_req(PENDING >> 12, PSC_OP_SHARED));
	assert(r.value == GHCB_MSR_PSC_RESP && r.gpa == PENDING && r.psc_op == PSC_OP_SHARED);
	assert(rmp_is_shared(&rmp, PENDING));
	r = msr_protocol_request(&p, ghcb_msr_psc_req(PRIVATE >> 12, PSC_OP_SHARED));
	assert(r.action == MSR_PROTOCOL_VIOLATION && r.gpa == PRIVATE);
	assert(r.violation == VIOLATION_PSC_SHARED_VALIDATED && !rmp_is_shared(&rmp, PRIVATE));
	/* refused with the number 1: no memory; operations that the MSR does not have */
	for (unsigned int op = 0; op < 16; op++) {
		u64 gfn = op == PSC_OP_PRIVATE || op == PSC_OP_SHARED ? PAGES : SHARED >> 12;

		r = msr_protocol_request(&p, ghcb_msr_psc_req(gfn, op));
		assert(r.action == MSR_PROTOCOL_RESPOND && r.value == U64_C(0x0000000100000015));
		assert(!r.psc_op);
	}
}

static void test_registration(void)
{
	struct msr_protocol p = protocol();
	struct msr_protocol_result r;

	r = msr_protocol_request(&p, SHARED);
	assert(r.action == MSR_PROTOCOL_VIOLATION && r.violation == VIOLATION_GHCB_UNREGISTERED);
	assert(r.gpa == SHARED);
	assert(msr_protocol_request(&p, 0).violation == VIOLATION_GHCB_UNREGISTERED);
	r = msr_protocol_request(&p, ghcb_msr_register_gpa_req(NO_MEMORY));
	assert(r.action == MSR_PROTOCOL_RESPOND && r.value == (ALL_ONES | 0x013));
	assert(p.registered_gpa == GHCB_UNREGISTERED);
	r = msr_protocol_request(&p, ghcb_msr_register_gpa_req(SHARED));
	assert(r.action == MSR_PROTOCOL_RESPOND && r.value == (SHARED | 0x013));
	r = msr_protocol_request(&p, SHARED);
	assert(r.action == MSR_PROTOCOL_PAGE && r.gpa == SHARED && !r.violation);
	assert(msr_protocol_request(&p, SHARED + PAGE_SIZE).violation ==
	       VIOLATION_GHCB_UNREGISTERED);
	assert(!rmp_make_private(&rmp, SHARED, false));
	assert(msr_protocol_request(&p, SHARED).violation == VIOLATION_GHCB_PRIVATE);
}

static void test_end(void)
{
	struct msr_protocol p = protocol();
	struct msr_protocol_result r = msr_protocol_request(&p, ghcb_msr_terminate_req(1, 0x42));

	assert(r.action == MSR_PROTOCOL_TERMINATE && r.term_set == 1 && r.term_code == 0x42);
	r = msr_protocol_request(&p, GHCB_MSR_AP_RESET_HOLD_REQ);
	assert(r.action == MSR_PROTOCOL_HOLD && ghcb_msr_info(r.value) == 0x007);
	assert(ghcb_msr_data(r.value) != 0);
	p.version_max = 1; /* which has no more than the page, SEV_INFO, CPUID and the end */
	r = msr_protocol_request(&p, GHCB_MSR_AP_RESET_HOLD_REQ);
	assert(r.violation == VIOLATION_GHCB_MSR_REQUEST);
	r = msr_protocol_request(&p, GHCB_MSR_HV_FEATURES_REQ);
	assert(r.violation == VIOLATION_GHCB_MSR_REQUEST);
}

/* Every other GHCBInfo, responses included, is no request. */
static void test_unknown(void)
{
	static const u16 known[] = {
		0x000, 0x002, 0x004, 0x006, 0x010, 0x012, 0x014, 0x080, 0x100
	};

	for (u32 info = 0; info <= GHCB_MSR_INFO_MASK; info++) {
		struct msr_protocol p = protocol();
		struct msr_protocol_result r = msr_protocol_request(&p, info);
		bool is_known = false;

		for (unsigned int i = 0; i < array_count(known); i++)
			is_known |= known[i] == info;
		assert((r.violation == VIOLATION_GHCB_MSR_REQUEST) == !is_known);
	}
}

/* An SEV-ES guest registers nothing, and KVM ends it where it asks for what is SNP's. */
static void test_without_snp(void)
{
	static const u64 snp_only[] = { GHCB_MSR_PREFERRED_GPA_REQ,
					SHARED | GHCB_MSR_REGISTER_GPA_REQ, GHCB_MSR_PSC_REQ };
	static u32 memory[PAGE_STATE_WORDS(PAGES)];
	struct sev_pages pages;
	struct msr_protocol p = protocol();
	struct msr_protocol_result r;

	p.rmp = NULL;
	p.pages = &pages;
	sev_pages_init(&pages, memory, PAGES);
	for (unsigned int i = 0; i < array_count(snp_only); i++) {
		r = msr_protocol_request(&p, snp_only[i]);
		assert(r.action == MSR_PROTOCOL_VIOLATION);
		assert(r.violation == VIOLATION_GHCB_MSR_REQUEST);
	}
	r = msr_protocol_request(&p, SHARED);
	assert(r.violation == VIOLATION_GHCB_PRIVATE && r.gpa == SHARED);
	assert(sev_pages_use(&pages, SHARED, true));
	r = msr_protocol_request(&p, SHARED);
	assert(r.action == MSR_PROTOCOL_PAGE && r.gpa == SHARED);
	r = msr_protocol_request(&p, NO_MEMORY);
	assert(r.violation == VIOLATION_GHCB_PRIVATE);
}

int main(void)
{
	test_without_snp();
	test_information();
	test_page_state();
	test_registration();
	test_end();
	test_unknown();
	return 0;
}
